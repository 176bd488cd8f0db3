//! Whether a file is what was written.

use crate::error::{Damage, DatabaseError};
use crate::format::Format;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// Findings that an error carries. One broken page has hundreds.
const FINDINGS: usize = 3;

/// Reads every page of a file, on a connection of its own: how the pages hang together, whether the tables are those
/// of the format, and whether every reference holds. Takes about a second for 500 MB. Writers are not held up.
pub fn check(path: &Path, format: &Format) -> Result<(), DatabaseError> {
    let failed = |source| DatabaseError::of_sqlite(format, path, source);
    let length = std::fs::metadata(path).map_err(|source| DatabaseError::of_file("read", path, source))?.len();
    if length == 0 {
        return Err(DatabaseError::damaged(format, path, Damage::Empty));
    }
    // A reader of a WAL file takes part in its shared memory, for which it has to be able to write.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(crate::open::BUSY_TIMEOUT).map_err(failed)?;
    format.version_of(&connection, path)?;
    check_pages(&connection, path, format)
}

/// The same on an open connection, without a look at the tables' names.
pub(crate) fn check_pages(connection: &Connection, path: &Path, format: &Format) -> Result<(), DatabaseError> {
    let failed = |source| DatabaseError::of_sqlite(format, path, source);
    let inconsistent = |findings| DatabaseError::damaged(format, path, Damage::Inconsistent { findings });
    let findings = texts(connection, &format!("PRAGMA quick_check({FINDINGS})")).map_err(failed)?;
    if findings != ["ok"] {
        return Err(inconsistent(findings));
    }
    check_references(connection, path, format)
}

/// Whether every row that is referred to is there.
pub(crate) fn check_references(connection: &Connection, path: &Path, format: &Format) -> Result<(), DatabaseError> {
    let dangling = texts(
        connection,
        &format!("SELECT 'a row of ' || \"table\" || ' refers to a missing row of ' || parent FROM pragma_foreign_key_check LIMIT {FINDINGS}"),
    )
    .map_err(|source| DatabaseError::of_sqlite(format, path, source))?;
    if dangling.is_empty() {
        return Ok(());
    }
    Err(DatabaseError::damaged(format, path, Damage::Inconsistent { findings: dangling }))
}

fn texts(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}
