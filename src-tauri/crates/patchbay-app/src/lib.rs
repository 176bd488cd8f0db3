//! The use cases of Patchbay and the only serialised types between it and a window, a bridge or a terminal.
//!
//! Engines do their own work and know nothing of each other; this crate composes them. A handler parses, calls an
//! engine and converts; anything longer has a module of its own here (`publishing`, `replaying`, `importing`, …).
#![warn(missing_docs)]

mod app;
mod bindings;
mod comparing;
mod convert;
pub mod demo;
pub mod doctor;
mod exporting;
pub mod handlers;
pub mod history;
mod importing;
pub mod linting;
mod loading;
mod mapping;
mod options;
mod platform_host;
pub mod publishing;
pub mod raw_request;
mod receiving;
mod replaying;
mod resilience;
pub mod restoring;
mod route_presets;
mod routing;
mod samples;
mod senders;
mod signatures;
mod signing;
pub mod tailing;
mod typings;
pub mod upstream_server;
mod upstreams;
pub mod wire;
mod workspaces;

pub use app::App;
pub use convert::errors::id_error;
pub use options::AppOptions;
pub use patchbay_platform::ApiRate;
pub use platform_host::Serving;
pub use wire::commands::{COMMANDS, dispatch};
