//! patchbay-cloudflare
