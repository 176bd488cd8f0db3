//! Opening a file, making a new one, and bringing an older one up to date.

use crate::backup::{back_up, newest_backup};
use crate::check::{check_pages, check_references};
use crate::error::{Damage, DatabaseError};
use crate::format::Format;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

/// Another process holds a write for milliseconds; one that holds it longer than this is stuck.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Prefix of what is not finished yet. Nothing reads it.
pub(crate) const UNFINISHED: &str = ".new-";

/// Opens the file of a format for reading and writing, in write-ahead mode with every commit synced to the disk and
/// foreign keys held. An older one is brought up to date, after a backup; where there is none, it is made, readable by
/// its owner only. Several processes may do this at once.
///
/// # Errors
/// A file that is empty, damaged, of another program or of a newer Patchbay is refused and left as it is. So is a
/// missing file that has backups.
pub fn open(path: &Path, format: &Format) -> Result<Connection, DatabaseError> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => match newest_backup(path, i64::MAX) {
            Some(backup) => {
                return Err(DatabaseError::Missing {
                    name: format.name,
                    path: path.into(),
                    backup,
                    restore: format.restore,
                });
            }
            None => create(path, format)?,
        },
        Err(source) => return Err(DatabaseError::of_file("read", path, source)),
        Ok(found) if found.len() == 0 => return Err(DatabaseError::damaged(format, path, Damage::Empty)),
        Ok(_) => {}
    }
    let failed = |source| DatabaseError::of_sqlite(format, path, source);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    let version = format.version_of(&connection, path)?;
    if version == 0 && newest_backup(path, i64::MAX).is_some() {
        return Err(DatabaseError::damaged(format, path, Damage::Empty));
    }
    write_ahead(&connection).map_err(failed)?;
    if version < format.newest() {
        upgrade(&mut connection, path, format, version)?;
    }
    // Only now, because foreign keys are off while steps are taken and cannot be turned on inside a transaction.
    connection.pragma_update(None, "foreign_keys", true).map_err(failed)?;
    Ok(connection)
}

/// Makes a new file under another name and gives it its own name when it is whole, so that an empty file is never ours.
pub(crate) fn create(path: &Path, format: &Format) -> Result<(), DatabaseError> {
    let failed = |source| DatabaseError::of_sqlite(format, path, source);
    let not_made = |source| DatabaseError::of_file("create", path, source);
    let folder = path.parent().unwrap_or(Path::new("."));
    let unfinished = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(folder).map_err(not_made)?;
    let fresh = unfinished.path().join("database");
    // Made here for its mode; SQLite gives the files beside it the same.
    private_file(&fresh).map_err(not_made)?;
    let connection = Connection::open(&fresh).map_err(failed)?;
    write_ahead(&connection).map_err(failed)?;
    let transaction = connection.unchecked_transaction().map_err(failed)?;
    format.take_steps(&transaction, 0).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    connection.close().map_err(|(_, source)| failed(source))?;
    sync(&fresh).map_err(not_made)?;
    match tempfile::TempPath::try_from_path(fresh).map_err(not_made)?.persist_noclobber(path) {
        // Another process made it at the same time.
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(not_made(error.error)),
        Ok(()) => sync(folder).map_err(not_made),
    }
}

fn upgrade(connection: &mut Connection, path: &Path, format: &Format, found: i64) -> Result<(), DatabaseError> {
    let failed = |source| DatabaseError::of_sqlite(format, path, source);
    check_pages(connection, path, format)?;
    if found > 0 {
        back_up(path, format)?;
    }
    connection.pragma_update(None, "foreign_keys", false).map_err(failed)?;
    // Two processes that find the same old file take the steps once: the second waits here and then sees the result.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let found = format.version_of(&transaction, path)?;
    if found < format.newest() {
        format.take_steps(&transaction, found).map_err(failed)?;
        check_references(&transaction, path, format)?;
    }
    transaction.commit().map_err(failed)
}

/// Switches to write-ahead logging with a sync at every commit. `SQLite` does not wait for other processes in the first
/// step, so we do.
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let give_up = Instant::now() + BUSY_TIMEOUT;
    loop {
        match connection.pragma_update(None, "journal_mode", "wal") {
            Err(error)
                if matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
                    && Instant::now() < give_up =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            result => break result?,
        }
    }
    // `FULL` syncs the log before a commit returns. On macOS a sync reaches the disk itself only with `fullfsync`.
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;")
}

/// Makes an empty file that only its owner reads.
pub(crate) fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Brings a file or a folder's list of files to the disk.
pub(crate) fn sync(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}
