//! Cloudflare's v4 API for Workers for Platforms: the wire types that client and server share, and the client.
//!
//! The client speaks to Cloudflare and to the embedded platform alike. It knows nothing of workspaces, bundling or
//! vaults: the app hands it names, modules and secrets. The server is in `patchbay-platform`.
#![warn(missing_docs)]

mod answer;
pub mod client;
mod content;
pub mod error;
mod identity;
pub mod multipart;
mod namespaces;
pub mod retry;
pub mod scripts;
mod secrets;
mod settings;
pub mod wire;

pub use client::Client;
pub use content::ScriptContent;
pub use error::{CloudflareError, Refusal};
pub use retry::Retries;
