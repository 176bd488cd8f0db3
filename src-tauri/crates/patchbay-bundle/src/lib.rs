//! patchbay-bundle
