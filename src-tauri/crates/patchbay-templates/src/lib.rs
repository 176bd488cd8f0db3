//! The catalogue embedded from `templates/`: adapters to start from, the platform's own Workers as TypeScript sources,
//! and route tables to begin with.
//!
//! Nothing here writes a file, compiles, or knows a workspace: it hands out names and bytes.
#![warn(missing_docs)]

mod adapters;
mod error;
mod platform;
mod routes;

pub use adapters::{Need, SetUp, Template, catalogue, files_of, template, upstream_documents_of};
pub use error::TemplateError;
pub use platform::{PLATFORM_COMPATIBILITY_DATE, PlatformSources, PlatformWorker, platform_worker};
pub use routes::{ROUTES_SCHEMA, routes_preset, routes_preset_names};
