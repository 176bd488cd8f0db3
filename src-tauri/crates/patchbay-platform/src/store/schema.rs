//! The tables of the store, and the way from each earlier version of them to this one.

use super::sealing::Sealing;
use crate::error::PlatformError;
use patchbay_database::Format;
use rusqlite::{Connection, OptionalExtension};
use std::path::Path;

/// The store's steps. To change the tables, add the next numbered file to `steps/`, append it here, and put the rows that
/// show what it does to an older store into `tests/it/upgrades.rs`. A released step is never changed. What a step may
/// contain is said at [`Format`].
pub(crate) const FORMAT: Format = Format {
    name: "platform's database",
    restore: "patchbay restore",
    steps: &[include_str!("steps/0001_scripts_and_routing.sql"), include_str!("steps/0002_assets.sql")],
};

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
