//! A workspace on disk: `patchbay.toml`, tenants, adapters, samples, expectations and version records.
//!
//! People read, diff and commit these files, so writing keeps their comments and the keys that nobody here knows, and
//! is whole or not at all. Reading trusts nothing: ids, paths, sizes and links are checked, and a broken file is an
//! error with its place that breaks only what it belongs to.
//!
//! Not here: secret values (they are never in a workspace), what a manifest's words mean to a target, and which rule of
//! the route table takes a request (the dispatcher decides).
#![warn(missing_docs)]

pub mod adapter_files;
pub mod adapters;
pub mod byte_size;
pub mod error;
mod error_hints;
mod files;
pub mod import;
mod json_file;
mod json_place;
mod keys;
pub mod mapping;
mod paths;
pub mod provider_settings;
pub mod routes;
mod samples;
pub mod settings;
pub mod tenants;
mod toml_file;
mod toml_text;
pub mod unfinished;
mod upstream_documents;
pub mod versions;
pub mod workspace;

pub use adapter_files::{AdapterFiles, Expected, FileContent, Revision};
pub use adapters::{AdapterEntry, AdapterFile};
pub use error::WorkspaceError;
pub use import::{ImportedFiles, collect_import};
pub use keys::FileWarning;
pub use mapping::{MappingEntry, MappingTable};
pub use provider_settings::binding_of_setting;
pub use routes::RoutesFile;
pub use samples::{SampleEntry, SampleFile};
pub use settings::WorkspaceSettings;
pub use tenants::{TenantEntry, TenantFile};
pub use unfinished::UnfinishedVersion;
pub use upstream_documents::UpstreamDocuments;
pub use versions::{VersionBinding, VersionEntry, VersionModule, VersionRecord};
pub use workspace::Workspace;
