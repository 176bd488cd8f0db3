//! patchbay-workspace
