//! patchbay-upstream
