//! patchbay-cloudflare
pub mod wire;
