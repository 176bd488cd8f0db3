//! What can go wrong with the embedded platform.

use patchbay_core::Hints;
use patchbay_database::DatabaseError;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Why the platform does not start, or cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// One platform per state folder.
    #[error("An embedded platform already runs on this workspace (process {pid} at {api_url})")]
    AlreadyRunning {
        /// Process that runs it; 0 when it has not said so yet.
        pid: u32,
        /// Its v4 API; empty when it has not said so yet.
        api_url: String,
    },
    /// Somebody else listens there.
    #[error("Port {} on {} is in use", address.port(), address.ip())]
    PortInUse {
        /// The address that was asked for.
        address: SocketAddr,
        /// `API` or `dispatcher`.
        purpose: &'static str,
    },
    /// The address cannot be listened on.
    #[error("Cannot listen on {address}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Only loopback addresses are served.
    #[error("{address} is not a loopback address")]
    NotLoopback {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// There is no runtime at the path.
    #[error("The Workers runtime is not at `{}`", path.display())]
    RuntimeMissing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The runtime could not be run.
    #[error("The Workers runtime cannot be started")]
    RuntimeSpawn {
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The runtime went away while it started.
    #[error("The Workers runtime ended while it started the {role}: {status}\n{stderr}")]
    RuntimeDied {
        /// `dispatcher`, `validator` or `tenant`.
        role: &'static str,
        /// Exit status in words.
        status: String,
        /// The last lines it wrote.
        stderr: String,
    },
    /// The runtime did not come up, or does not answer.
    #[error("The Workers runtime of the {role} did not answer within {seconds} s")]
    RuntimeSilent {
        /// `dispatcher`, `validator` or `tenant`.
        role: &'static str,
        /// How long was waited.
        seconds: u64,
    },
    /// A conversation with the runtime broke off.
    #[error("The conversation with the {role} broke off")]
    RuntimeLost {
        /// `dispatcher`, `validator` or `tenant`.
        role: &'static str,
        /// What the connection said.
        detail: String,
    },
    /// More tenants than the dispatcher has slots.
    #[error("More than {slots} tenants cannot run at once")]
    TooManyTenants {
        /// How many can.
        slots: usize,
    },
    /// The main module of a platform worker is missing.
    #[error("The {worker} worker has no module to start with")]
    WorkerWithoutModule {
        /// `dispatcher`, `outbound` or `explain`.
        worker: &'static str,
    },
    /// A file or folder cannot be used.
    #[error("Cannot {action} `{}`", path.display())]
    File {
        /// `create`, `read`, `write`, `lock`.
        action: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// No room.
    #[error("The disk that holds `{}` is full", path.display())]
    DiskFull {
        /// The file that could not grow.
        path: PathBuf,
    },
    /// No permission to write.
    #[error("`{}` cannot be written to", path.display())]
    ReadOnly {
        /// The file or folder.
        path: PathBuf,
    },
    /// The store's database cannot be used: damaged, missing, of a newer Patchbay, …
    #[error(transparent)]
    Database(DatabaseError),
    /// A row that this program cannot have written.
    #[error("The platform's database holds {what} that cannot be read")]
    Unreadable {
        /// `a binding`, `the details of a version`, …
        what: &'static str,
    },
    /// The key does not open what the store holds.
    #[error("The secrets in the platform's database were sealed with another key")]
    WrongSealingKey,
    /// A background task ended early, which only a panic or the end of the process does.
    #[error("A task of the platform ended early")]
    TaskEnded,
}

impl PlatformError {
    /// An I/O failure on a path, told apart where a person does something different about it.
    pub(crate) fn file(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::DiskFull { path: path.into() },
            std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied => {
                Self::ReadOnly { path: path.into() }
            }
            _ => Self::File { action, path: path.into(), source },
        }
    }

    /// A failure of the database in that file.
    pub(crate) fn database(path: &Path, source: rusqlite::Error) -> Self {
        DatabaseError::of_sqlite(&crate::store::FORMAT, path, source).into()
    }
}

impl From<DatabaseError> for PlatformError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::DiskFull { path } => Self::DiskFull { path },
            DatabaseError::ReadOnly { path } => Self::ReadOnly { path },
            other => Self::Database(other),
        }
    }
}

impl Hints for PlatformError {
    fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::AlreadyRunning { .. } => "Use the running platform, or stop that process first",
            Self::PortInUse { purpose: "API", .. } => "Choose another port with `--api-port`, or 0 for any free one",
            Self::PortInUse { .. } => "Choose another port with `--dispatcher-port`, or 0 for any free one",
            Self::NotLoopback { .. } => "Use 127.0.0.1 or ::1",
            Self::RuntimeMissing { .. } | Self::RuntimeSpawn { .. } => {
                "Run `make setup`, which installs the npm package `workerd`, or set `PATCHBAY_WORKERD` to the program"
            }
            Self::DiskFull { .. } => "Make room on that disk; what was published before is kept",
            Self::ReadOnly { .. } => "Check who owns the folder and whether its file system is mounted read-only",
            Self::Database(error) => {
                let mut hints = error.hints();
                if matches!(
                    error,
                    DatabaseError::Damaged { .. } | DatabaseError::Missing { .. } | DatabaseError::NoBackup { .. }
                ) {
                    hints.push("The workspace still has the adapters: publish those again that changed since".into());
                }
                return hints;
            }
            Self::WrongSealingKey => {
                "Restore the key in the keychain, or remove the platform's database and publish the adapters again"
            }
            _ => return Vec::new(),
        };
        vec![hint.into()]
    }
}
