//! Copies of a file in the folder `backups` beside it, numbered as they are made.

use crate::check::check;
use crate::error::DatabaseError;
use crate::format::Format;
use crate::open::{BUSY_TIMEOUT, UNFINISHED, private_file, sync};
use rusqlite::{Connection, OpenFlags};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Backups that are kept. Beyond them, the newest one of each earlier version stays.
const KEPT: usize = 7;

/// A copy of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// The file.
    pub path: PathBuf,
    /// Counts up from 1. Backups are in this order whatever the clock said.
    pub number: u32,
    /// Version of the format that it has.
    pub version: i64,
    /// When it was made, by the clock of that moment.
    pub made: SystemTime,
}

/// The backups of a database, newest first.
pub fn backups(path: &Path) -> Vec<Backup> {
    let Ok(entries) = std::fs::read_dir(folder(path)) else { return Vec::new() };
    let mut found: Vec<Backup> = entries
        .flatten()
        .filter_map(|entry| {
            let (number, version) = parse(path, &entry.file_name())?;
            Some(Backup { path: entry.path(), number, version, made: entry.metadata().ok()?.modified().ok()? })
        })
        .collect();
    found.sort_by_key(|backup| std::cmp::Reverse(backup.number));
    found
}

/// Path of the newest backup of a version that is not above another.
pub(crate) fn newest_backup(path: &Path, known: i64) -> Option<PathBuf> {
    backups(path).into_iter().find(|backup| backup.version <= known).map(|backup| backup.path)
}

/// Copies a database that others may be writing to, as of one moment, and brings the copy to the disk. The oldest
/// backups go.
///
/// # Errors
/// A damaged database is not backed up: its copy would push out good ones.
pub fn back_up(path: &Path, format: &Format) -> Result<Backup, DatabaseError> {
    let failed = |source| DatabaseError::of_sqlite(format, path, source);
    // Not after the copy only: copying makes the indexes anew and would hide that the old ones are broken.
    check(path, format)?;
    let folder = folder(path);
    let not_made = |source| DatabaseError::of_file("create", &folder, source);
    private_folder(&folder).map_err(not_made)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    let copy = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&folder).map_err(not_made)?;
    let target = copy.path().to_str().ok_or_else(|| not_made(std::io::ErrorKind::InvalidFilename.into()))?;
    connection
        .execute("VACUUM INTO ?1", [target])
        .map_err(|source| DatabaseError::of_sqlite(format, copy.path(), source))?;
    copy.as_file().sync_all().map_err(not_made)?;
    let written = Connection::open_with_flags(copy.path(), OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
    let version = format.version_of(&written, copy.path())?;
    drop(written);
    let backup = give_number(path, copy, version).map_err(not_made)?;
    sync(&folder).map_err(not_made)?;
    remove_oldest(path);
    Ok(backup)
}

/// Backs up when there is no backup or the newest one is older than `age`, or from a future that the clock has left.
pub fn back_up_regularly(path: &Path, format: &Format, age: Duration) -> Result<Option<Backup>, DatabaseError> {
    let is_recent = |backup: &Backup| backup.made.elapsed().is_ok_and(|elapsed| elapsed < age);
    if backups(path).first().is_some_and(is_recent) {
        return Ok(None);
    }
    back_up(path, format).map(Some)
}

/// Changes what a backup holds: a changed copy without free pages takes its place, under its name and with its time.
///
/// # Errors
/// The backup is as it was.
pub fn amend(
    backup: &Backup,
    format: &Format,
    change: impl FnOnce(&Connection) -> rusqlite::Result<()>,
) -> Result<(), DatabaseError> {
    let path = &backup.path;
    let failed = |source| DatabaseError::of_sqlite(format, path, source);
    let not_made = |source| DatabaseError::of_file("write", path, source);
    let folder = path.parent().unwrap_or(Path::new("."));
    let unfinished = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(folder).map_err(not_made)?;
    let copy = unfinished.path().join("database");
    let file = private_file(&copy).map_err(not_made)?;
    let mut source = std::fs::File::open(path).map_err(not_made)?;
    std::io::copy(&mut source, &mut &file).map_err(not_made)?;
    let connection = Connection::open(&copy).map_err(failed)?;
    change(&connection).map_err(failed)?;
    connection.execute_batch("VACUUM").map_err(failed)?;
    connection.close().map_err(|(_, source)| failed(source))?;
    file.set_modified(backup.made).and_then(|()| file.sync_all()).map_err(not_made)?;
    std::fs::rename(&copy, path).and_then(|()| sync(folder)).map_err(not_made)
}

/// Names a finished copy by the next free number. Two processes that back up at once get different ones.
fn give_number(path: &Path, mut copy: tempfile::NamedTempFile, version: i64) -> std::io::Result<Backup> {
    let mut number = backups(path).first().map_or(0, |newest| newest.number);
    loop {
        number += 1;
        let target = folder(path).join(format!("{}-{number:05}-version-{version}.sqlite", stem(path)));
        match copy.persist_noclobber(&target) {
            Ok(file) => return Ok(Backup { path: target, number, version, made: file.metadata()?.modified()? }),
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => copy = error.file,
            Err(error) => return Err(error.error),
        }
    }
}

/// Removes all but the newest [`KEPT`] and the newest of each version.
fn remove_oldest(path: &Path) {
    let mut versions = Vec::new();
    for (position, backup) in backups(path).into_iter().enumerate() {
        let is_first_of_version = !versions.contains(&backup.version);
        versions.push(backup.version);
        if position >= KEPT && !is_first_of_version {
            // A copy too many does no harm, and the next backup tries again.
            let _ = std::fs::remove_file(&backup.path);
        }
    }
}

fn folder(path: &Path) -> PathBuf {
    path.with_file_name("backups")
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Number and version from the name of a backup of that database.
fn parse(path: &Path, name: &OsStr) -> Option<(u32, i64)> {
    let rest = name.to_str()?.strip_prefix(&stem(path))?.strip_prefix('-')?.strip_suffix(".sqlite")?;
    let (number, version) = rest.split_once("-version-")?;
    Some((number.parse().ok()?, version.parse().ok()?))
}

fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
