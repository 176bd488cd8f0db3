//! Why a file cannot be used, and what to do about it.

use crate::backup::newest_backup;
use crate::format::Format;
use patchbay_core::Hints;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why a database cannot be opened, upgraded, backed up or restored.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// A file or folder beside the database cannot be used.
    #[error("Cannot {action} `{}`", path.display())]
    File {
        /// `create`, `read`, `write`, `move`.
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
        /// The file.
        path: PathBuf,
    },
    /// The file is not what was written.
    #[error("The {name} `{}` is damaged", path.display())]
    Damaged {
        /// What the file is.
        name: &'static str,
        /// The file.
        path: PathBuf,
        /// In what way.
        #[source]
        damage: Arc<Damage>,
        /// The newest backup, if there is one.
        backup: Option<PathBuf>,
        /// The command that restores it.
        restore: &'static str,
    },
    /// The file is gone, its backups are not.
    #[error("The {name} `{}` is missing, although it has backups", path.display())]
    Missing {
        /// What the file is.
        name: &'static str,
        /// The file.
        path: PathBuf,
        /// The newest backup.
        backup: PathBuf,
        /// The command that restores it.
        restore: &'static str,
    },
    /// Written by a newer Patchbay.
    #[error("The {name} `{}` has version {found}, this Patchbay knows {known}", path.display())]
    TooNew {
        /// What the file is.
        name: &'static str,
        /// The file.
        path: PathBuf,
        /// The version it has.
        found: i64,
        /// The newest version known here.
        known: i64,
        /// The newest backup that this Patchbay can read, if there is one.
        backup: Option<PathBuf>,
        /// The command that restores it.
        restore: &'static str,
    },
    /// There is nothing to restore from.
    #[error("There is no backup of the {name} `{}`", path.display())]
    NoBackup {
        /// What the file is.
        name: &'static str,
        /// The file.
        path: PathBuf,
        /// The command that restores it.
        restore: &'static str,
    },
    /// Any other failure of the database.
    #[error("The {name} `{}` failed", path.display())]
    Failed {
        /// What the file is.
        name: &'static str,
        /// The file.
        path: PathBuf,
        /// What the database says.
        #[source]
        source: rusqlite::Error,
    },
}

/// In what way a file is not what was written.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// No bytes, or no tables.
    #[error("It is empty")]
    Empty,
    /// `SQLite` cannot read it.
    #[error(transparent)]
    Unreadable(rusqlite::Error),
    /// `SQLite` can read it, and finds what cannot be.
    #[error("{}", findings.join("; "))]
    Inconsistent {
        /// Sentences of `SQLite`, at most a few.
        findings: Vec<String>,
    },
    /// Another program's database.
    #[error("It has the tables and indexes {found:?} where {expected:?} belong")]
    OtherTables {
        /// What it has.
        found: Vec<String>,
        /// What belongs there.
        expected: Vec<String>,
    },
}

impl DatabaseError {
    /// The same finding once more, for everybody who asks for a database that was found damaged.
    pub fn again(&self) -> Option<Self> {
        let Self::Damaged { name, path, damage, backup, restore } = self else { return None };
        let (path, damage, backup) = (path.clone(), Arc::clone(damage), backup.clone());
        Some(Self::Damaged { name, path, damage, backup, restore })
    }

    /// An I/O failure on a path, told apart where a person does something different about it.
    pub(crate) fn of_file(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        use std::io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        match source.kind() {
            StorageFull | QuotaExceeded => Self::DiskFull { path: path.into() },
            ReadOnlyFilesystem | PermissionDenied => Self::ReadOnly { path: path.into() },
            _ => Self::File { action, path: path.into(), source },
        }
    }

    /// A failure of `SQLite` on the file of a format, told apart in the same way.
    pub fn of_sqlite(format: &Format, path: &Path, source: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseCorrupt, DiskFull, NotADatabase, PermissionDenied, ReadOnly, SystemIoFailure,
        };
        match source.sqlite_error_code() {
            Some(DiskFull) => Self::DiskFull { path: path.into() },
            Some(ReadOnly | PermissionDenied | CannotOpen) => Self::ReadOnly { path: path.into() },
            Some(DatabaseCorrupt | NotADatabase) => Self::damaged(format, path, Damage::Unreadable(source)),
            // SQLite reports a short write on a full disk as an I/O error when it happens in the WAL's shared memory.
            Some(SystemIoFailure) if source.to_string().contains("disk full") => Self::DiskFull { path: path.into() },
            _ => Self::Failed { name: format.name, path: path.into(), source },
        }
    }

    pub(crate) fn damaged(format: &Format, path: &Path, damage: Damage) -> Self {
        let backup = newest_backup(path, i64::MAX);
        Self::Damaged {
            name: format.name,
            path: path.into(),
            damage: Arc::new(damage),
            backup,
            restore: format.restore,
        }
    }

    pub(crate) fn too_new(format: &Format, path: &Path, found: i64) -> Self {
        let known = format.newest();
        Self::TooNew {
            name: format.name,
            path: path.into(),
            found,
            known,
            backup: newest_backup(path, known),
            restore: format.restore,
        }
    }
}

impl Hints for DatabaseError {
    fn hints(&self) -> Vec<String> {
        let back =
            |restore: &str, backup: &Path| format!("Run `{restore}` to go back to the backup `{}`", backup.display());
        let empty =
            |restore: &str| format!("Run `{restore} --empty` to start with an empty one; the old file is kept aside");
        match self {
            Self::Damaged { backup: Some(backup), restore, .. } | Self::Missing { backup, restore, .. } => {
                vec![back(restore, backup), empty(restore)]
            }
            Self::Damaged { backup: None, restore, .. } | Self::NoBackup { restore, .. } => vec![empty(restore)],
            Self::TooNew { backup, restore, .. } => {
                let older = backup.as_deref().map(|backup| back(restore, backup));
                std::iter::once("Use the Patchbay that wrote it, or a newer one".to_owned()).chain(older).collect()
            }
            Self::DiskFull { .. } => vec!["Make room on that disk; what was written before is kept".into()],
            Self::ReadOnly { .. } => {
                vec!["Check who owns the folder and whether its file system is mounted read-only".into()]
            }
            Self::File { .. } | Self::Failed { .. } => Vec::new(),
        }
    }
}
