//! patchbay-app
