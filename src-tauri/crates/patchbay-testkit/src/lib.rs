//! patchbay-testkit
