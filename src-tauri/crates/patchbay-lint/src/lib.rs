//! patchbay-lint
