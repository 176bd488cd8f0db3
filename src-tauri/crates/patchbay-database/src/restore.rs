//! Going back to a backup, or to nothing, without losing the file that is there.

use crate::backup::newest_backup;
use crate::check::check;
use crate::error::DatabaseError;
use crate::format::Format;
use crate::open::{UNFINISHED, create, sync};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What to put in the place of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replacement {
    /// The newest backup that this Patchbay can read.
    NewestBackup,
    /// This backup.
    Backup(PathBuf),
    /// Nothing but the tables.
    Empty,
}

/// Replaces a database, which is kept under another name. Nobody may have it open, which the caller ensures.
pub fn replace(path: &Path, format: &Format, by: &Replacement) -> Result<Restored, DatabaseError> {
    match by {
        Replacement::NewestBackup => restore(path, format, None),
        Replacement::Backup(backup) => restore(path, format, Some(backup)),
        Replacement::Empty => start_empty(path, format),
    }
}

/// What was put back, and where the file is that was there before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The backup; `None` where an empty database was asked for.
    pub from: Option<PathBuf>,
    /// The file that was there, with its new name.
    pub kept_aside: Option<PathBuf>,
}

/// Puts a backup in the place of a database: the given file, else the newest backup that this Patchbay can read. The
/// file that is there is renamed. Nobody may have it open, which the caller ensures.
pub fn restore(path: &Path, format: &Format, backup: Option<&Path>) -> Result<Restored, DatabaseError> {
    let newest = || newest_backup(path, format.newest());
    let no_backup = || DatabaseError::NoBackup { name: format.name, path: path.into(), restore: format.restore };
    let backup = backup.map(Path::to_owned).or_else(newest).ok_or_else(no_backup)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let not_copied = |source| DatabaseError::of_file("write", path, source);
    let unfinished = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(folder).map_err(not_copied)?;
    let copy = unfinished.path().join("database");
    let copied = crate::open::private_file(&copy).and_then(|mut file| {
        let mut source = std::fs::File::open(&backup)?;
        std::io::copy(&mut source, &mut file)?;
        file.sync_all()
    });
    copied.map_err(|source| DatabaseError::of_file("read", &backup, source))?;
    check(&copy, format).map_err(|error| named_as(error, &backup))?;
    let kept_aside = set_aside(path)?;
    std::fs::rename(&copy, path).and_then(|()| sync(folder)).map_err(not_copied)?;
    Ok(Restored { from: Some(backup), kept_aside })
}

/// Puts an empty database in the place of the one that is there, which is renamed. Nobody may have it open.
pub fn start_empty(path: &Path, format: &Format) -> Result<Restored, DatabaseError> {
    let kept_aside = set_aside(path)?;
    create(path, format)?;
    Ok(Restored { from: None, kept_aside })
}

/// Renames a database and the files beside it, to a name that nothing has yet.
fn set_aside(path: &Path) -> Result<Option<PathBuf>, DatabaseError> {
    let with = |path: &Path, suffix: &str| {
        let mut name = OsString::from(path.as_os_str());
        name.push(suffix);
        PathBuf::from(name)
    };
    let suffixes = ["", "-wal", "-shm"];
    let mut number = 1;
    let mut target = with(path, ".set-aside-1");
    while suffixes.iter().any(|suffix| with(&target, suffix).exists()) {
        number += 1;
        target = with(path, &format!(".set-aside-{number}"));
    }
    let mut moved = None;
    for suffix in suffixes {
        // The database goes first: a log without its database is never taken for one of the next.
        match std::fs::rename(with(path, suffix), with(&target, suffix)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(DatabaseError::of_file("move", &with(path, suffix), error)),
            Ok(()) if suffix.is_empty() => moved = Some(target.clone()),
            Ok(()) => {}
        }
    }
    Ok(moved)
}

/// The error of a copy as one of the file that it was copied from.
fn named_as(error: DatabaseError, original: &Path) -> DatabaseError {
    match error {
        DatabaseError::Damaged { name, damage, restore, .. } => {
            DatabaseError::Damaged { name, path: original.into(), damage, backup: None, restore }
        }
        DatabaseError::TooNew { name, found, known, restore, .. } => {
            DatabaseError::TooNew { name, path: original.into(), found, known, backup: None, restore }
        }
        other => other,
    }
}
