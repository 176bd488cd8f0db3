//! The tables, and the way from each earlier version of them to this one.

use super::sealing::Sealing;
use crate::error::PlatformError;
use rusqlite::{Connection, OptionalExtension};
use std::path::Path;

/// One step per version of the database; `user_version` counts the steps that were taken.
const STEPS: &[&str] = &["
    CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
    CREATE TABLE namespaces (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        trusted INTEGER NOT NULL DEFAULT 0,
        created_on TEXT NOT NULL,
        modified_on TEXT NOT NULL
    ) STRICT;
    CREATE TABLE scripts (
        id INTEGER PRIMARY KEY,
        namespace_id TEXT NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        tag TEXT NOT NULL UNIQUE,
        tags TEXT NOT NULL,
        live_version TEXT NOT NULL,
        created_on TEXT NOT NULL,
        modified_on TEXT NOT NULL,
        UNIQUE (namespace_id, name)
    ) STRICT;
    CREATE TABLE versions (
        id TEXT PRIMARY KEY,
        script_id INTEGER NOT NULL REFERENCES scripts (id) ON DELETE CASCADE,
        sequence INTEGER NOT NULL,
        entry TEXT NOT NULL,
        etag TEXT NOT NULL,
        bindings TEXT NOT NULL,
        details TEXT NOT NULL,
        created_on TEXT NOT NULL,
        UNIQUE (script_id, sequence)
    ) STRICT;
    CREATE TABLE contents (hash TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT;
    CREATE TABLE modules (
        version_id TEXT NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        hash TEXT NOT NULL REFERENCES contents (hash),
        PRIMARY KEY (version_id, position)
    ) STRICT;
    CREATE INDEX modules_by_hash ON modules (hash);
    CREATE TABLE routing (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"];

/// Brings an older or empty database to the newest version.
pub(super) fn upgrade(connection: &mut Connection, path: &Path) -> Result<(), PlatformError> {
    let failed = |source| PlatformError::database(path, source);
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    if version > known {
        return Err(PlatformError::TooNew { path: path.into(), found: version, known });
    }
    for (number, step) in (1_i64..).zip(STEPS).skip(usize::try_from(version).unwrap_or_default()) {
        let transaction = connection.transaction().map_err(failed)?;
        transaction.execute_batch(step).map_err(failed)?;
        transaction.pragma_update(None, "user_version", number).map_err(failed)?;
        transaction.commit().map_err(failed)?;
    }
    Ok(())
}

/// Refuses a key that does not open this database's secrets, before anything new is sealed with it.
pub(super) fn check_key(connection: &Connection, path: &Path, sealing: &Sealing) -> Result<(), PlatformError> {
    const NAME: &str = "sealing_check";
    let failed = |source| PlatformError::database(path, source);
    let sealed: Option<Vec<u8>> = connection
        .query_row("SELECT value FROM facts WHERE name = ?1", [NAME], |row| row.get(0))
        .optional()
        .map_err(failed)?;
    if let Some(sealed) = sealed {
        return sealing.open(NAME, &sealed).map(drop).ok_or(PlatformError::WrongSealingKey);
    }
    let sealed = sealing.seal(NAME, NAME.as_bytes());
    connection.execute("INSERT INTO facts VALUES (?1, ?2)", (NAME, sealed)).map_err(failed)?;
    Ok(())
}
