//! Static assets of a script: what an upload says about them, and the form in which the asset worker takes it.
//!
//! How assets are served is not decided here: that is Cloudflare's own asset worker (`src/asset_worker`), which gets a
//! configuration, a manifest, and something that hands out files by their hash. Which requests it gets is decided by
//! `src/runtime_js/assets.js`.

mod config;
mod headers;
mod lines;
mod manifest;
mod redirects;

pub(crate) use config::{AssetsConfig, AssetsConfigError, Routing, VersionAssets};
pub(crate) use manifest::encoded;

/// Cloudflare's asset worker.
pub(crate) const ASSET_WORKER: &str = include_str!("../asset_worker/asset-worker.js");
