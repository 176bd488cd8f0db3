//! patchbay-webhooks
