//! The embedded platform: Workers for Platforms on this machine.
//!
//! It owns the v4 API server, the store behind it, and the supervised `workerd` processes that run the dispatcher, the
//! outbound worker and the adapters. It speaks Cloudflare's protocol to clients and hands every call of an adapter to
//! an [`UpstreamGateway`], which its user provides. It knows nothing of workspaces, manifests or bundling.
#![warn(missing_docs)]

mod api;
mod assets;
mod cache;
mod config;
mod error;
mod gateway;
mod guard;
mod inbox;
pub mod local_api;
mod platform;
mod r2;
mod recovery;
mod running;
mod runtime;
mod store;
mod workerd;

pub use config::{ApiRate, ApiRateError, NamespaceBinding, PlatformOptions, PlatformWorkers, RuntimeLimits};
pub use error::PlatformError;
pub use gateway::{CallContext, UpstreamAnswer, UpstreamGateway};
pub use inbox::{Destination, Inbox, NotStored, Outcome, Received, Report, Unkept};
pub use patchbay_database::{Backup, DatabaseError, Replacement, Restored};
pub use platform::Platform;
pub use recovery::{Kept, examine_store, replace_store};
pub use running::RunningPlatform;
