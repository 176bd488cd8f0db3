//! What can go wrong with a workspace.

use patchbay_core::position::Position;
use patchbay_core::{AdapterRef, Environment, IdError, Region, TenantId};
use std::io;
use std::path::PathBuf;

/// Why something in a workspace could not be read or written. What to do about each: its `Hints`.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// The folder has no `patchbay.toml`.
    #[error("{} is not a workspace: it has no patchbay.toml", path.display())]
    NotAWorkspace {
        /// The folder.
        path: PathBuf,
    },
    /// The folder is a workspace already.
    #[error("{} is a workspace already", path.display())]
    AlreadyAWorkspace {
        /// The folder.
        path: PathBuf,
    },
    /// A file does not say what it should.
    #[error("{}:{}:{}: {problem}", path.display(), position.line, position.column)]
    Broken {
        /// The file.
        path: PathBuf,
        /// Where in it.
        position: Position,
        /// What is wrong there.
        problem: String,
        /// What to write instead.
        fix: Option<String>,
    },
    /// A text file has bytes that are not UTF-8.
    #[error("{} is not UTF-8 text", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// An id breaks the grammar or the owner rule.
    #[error(transparent)]
    Id(#[from] IdError),
    /// No namespace is named for this environment and region.
    #[error("{} names no dispatch namespace for {environment} in region `{region}`", path.display())]
    NoNamespace {
        /// `patchbay.toml`.
        path: PathBuf,
        /// The environment.
        environment: Environment,
        /// The region.
        region: Region,
    },
    /// The region is neither built in nor in `patchbay.toml`.
    #[error("The region `{region}` is not known")]
    UnknownRegion {
        /// The region.
        region: Region,
        /// Those that are.
        known: Vec<String>,
    },
    /// There is no such tenant.
    #[error("The tenant `{tenant}` does not exist")]
    TenantMissing {
        /// The tenant.
        tenant: TenantId,
        /// Those that do.
        known: Vec<String>,
    },
    /// The tenant is there already.
    #[error("The tenant `{tenant}` exists already")]
    TenantExists {
        /// The tenant.
        tenant: TenantId,
    },
    /// There is no such adapter.
    #[error("The adapter `{adapter}` does not exist")]
    AdapterMissing {
        /// The adapter.
        adapter: AdapterRef,
        /// Those that the tenant has.
        known: Vec<String>,
    },
    /// The adapter is there already.
    #[error("The adapter `{adapter}` exists already")]
    AdapterExists {
        /// The adapter.
        adapter: AdapterRef,
    },
    /// The adapter has no such file.
    #[error("The adapter `{adapter}` has no file `{path}`")]
    FileMissing {
        /// The adapter.
        adapter: AdapterRef,
        /// The path in its folder.
        path: String,
    },
    /// The adapter has no such sample.
    #[error("The adapter `{adapter}` has no sample `{name}`")]
    SampleMissing {
        /// The adapter.
        adapter: AdapterRef,
        /// The sample's name.
        name: String,
        /// Those that it has.
        known: Vec<String>,
    },
    /// There is no record of this version.
    #[error("The adapter `{adapter}` has no version `{version}` in {environment}")]
    VersionMissing {
        /// The adapter.
        adapter: AdapterRef,
        /// The environment.
        environment: Environment,
        /// Id or number.
        version: String,
    },
    /// A version record would hold a secret's value.
    #[error("The binding `{name}` is a secret; a version record may hold only its name")]
    SecretInRecord {
        /// The binding.
        name: String,
    },
    /// A path leaves its folder, or could not be a file name.
    #[error("The path `{path}` is not allowed: {reason}")]
    PathRefused {
        /// What was given, printable.
        path: String,
        /// Which rule it breaks.
        reason: &'static str,
    },
    /// The file is larger than any source has reason to be.
    #[error("{} has {} MB, {} MB are allowed", path.display(), bytes.div_ceil(1_000_000), max / 1_000_000)]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
        /// The largest allowed.
        max: u64,
    },
    /// A folder has more files, or more in them, than an adapter has reason to have.
    #[error("{} holds more than {max}", path.display())]
    TooMuch {
        /// The folder.
        path: PathBuf,
        /// What was exceeded, for example `2000 files`.
        max: &'static str,
    },
    /// The file is not the one that the writer had read.
    #[error("{} was changed by somebody else since it was read", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// There is no such setting.
    #[error("`{key}` is not a setting of {file}")]
    UnknownSetting {
        /// `tenant.toml` or `adapter.toml`.
        file: &'static str,
        /// What was given.
        key: String,
        /// The setting with the most similar name.
        nearest: Option<String>,
        /// All settings.
        known: Vec<String>,
    },
    /// The value does not fit the setting.
    #[error("`{value}` does not fit the setting `{key}`: {expected} was expected")]
    InvalidSetting {
        /// The setting.
        key: String,
        /// What was given.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A value has no form in TOML.
    #[error("The settings cannot be written as TOML")]
    Unwritable {
        /// What the writer said.
        #[source]
        source: toml_edit::ser::Error,
    },
    /// There is nothing to import at this path.
    #[error("{} has no .ts, .mts, .js or .mjs file to import", path.display())]
    NothingToImport {
        /// The file or folder.
        path: PathBuf,
    },
    /// Several files could be the entry.
    #[error("{} has several files that could be the entry", path.display())]
    EntryUnclear {
        /// The folder.
        path: PathBuf,
        /// The files.
        candidates: Vec<String>,
    },
    /// A source imports a file that lies outside of what is imported.
    #[error("{} imports `{specifier}`, which lies outside its folder", path.display())]
    ImportOutside {
        /// The source.
        path: PathBuf,
        /// What it imports.
        specifier: String,
    },
    /// Another process has been writing for longer than a write takes.
    #[error("Another Patchbay{} is writing to this workspace", holder.as_deref().map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    Busy {
        /// The lock file.
        path: PathBuf,
        /// The process that holds it.
        holder: Option<String>,
    },
    /// The disk is full.
    #[error("The disk is full: {} could not be written", path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file system takes no writes.
    #[error("{} is on a read-only file system", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file or folder belongs to somebody else.
    #[error("No permission to {action} {}", path.display())]
    Permission {
        /// `read`, `write` or `remove`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Any other trouble with a file.
    #[error("Could not {action} {}", path.display())]
    File {
        /// `read`, `write` or `remove`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl WorkspaceError {
    /// Sorts a file error by what a person can do about it.
    pub(crate) fn of_file(action: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path, source },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path, source },
            io::ErrorKind::PermissionDenied => Self::Permission { action, path, source },
            _ => Self::File { action, path, source },
        }
    }
}
