//! The Cloudflare API v4 as it stands on the wire, for Workers for Platforms: what our client sends and reads, and
//! what our embedded platform reads and sends. One file a noun. No I/O and no opinion about transport.

pub mod assets;
pub mod binding;
pub mod codes;
pub mod envelope;
pub mod identity;
pub mod metadata;
pub mod module;
pub mod namespace;
pub mod script;
