//! patchbay-secrets
