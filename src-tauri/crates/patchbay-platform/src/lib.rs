//! patchbay-platform
