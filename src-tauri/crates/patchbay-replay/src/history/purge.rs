//! Removing everything that is known of a tenant, so that its bytes are in no file any more.

use super::query::HistoryQuery;
use super::write::remove;
use super::{FORMAT, History, in_transaction, lock, read};
use crate::error::ReplayError;
use patchbay_database::backups;
use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// Deliveries of one transaction: others may write between two.
const AT_ONCE: i64 = 200;

/// What was removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Purged {
    /// Deliveries.
    pub deliveries: u64,
    /// Backups that were written anew without the tenant.
    pub backups: Vec<PathBuf>,
    /// Files that `patchbay restore` set aside. They may be damaged and are left as they are.
    pub set_aside: Vec<PathBuf>,
}

impl History {
    /// Removes all deliveries of a tenant, from the backups as well, and writes the files anew: what was removed stands
    /// neither in free pages nor in the log. Takes minutes where a million are kept; others may write in between.
    ///
    /// # Errors
    /// After one, some deliveries may be gone already; another purge goes on from there.
    pub fn purge(&self, tenant: &str) -> Result<Purged, ReplayError> {
        let mut connection = lock(&self.writer);
        let mut deliveries = 0;
        loop {
            let removed = remove_some(&mut connection, tenant)?;
            if removed == 0 {
                break;
            }
            deliveries += removed;
        }
        in_transaction(&mut connection, |transaction| {
            transaction.execute("DELETE FROM carried WHERE tenant = ?", [tenant])?;
            transaction.execute("DELETE FROM results WHERE tenant = ?", [tenant])?;
            // The index keeps a removed delivery's words until its lists are merged.
            transaction.execute("INSERT INTO words (words) VALUES ('optimize')", []).map(drop)
        })?;
        write_anew(&connection)?;
        let mut purged = Purged { deliveries, set_aside: set_aside(&self.path), ..Purged::default() };
        for backup in backups(&self.path) {
            patchbay_database::amend(&backup, &FORMAT, |connection| remove_all(connection, tenant))?;
            purged.backups.push(backup.path);
        }
        Ok(purged)
    }
}

fn remove_some(connection: &mut Connection, tenant: &str) -> Result<u64, ReplayError> {
    let query = HistoryQuery { tenant: Some(tenant.to_owned()), ..HistoryQuery::default() };
    let found = read::heads(connection, &query, None, AT_ONCE)?;
    in_transaction(connection, |transaction| {
        found.iter().try_for_each(|(sequence, _)| remove(transaction, *sequence))
    })?;
    Ok(found.len() as u64)
}

/// Removes a tenant from a backup of any version.
fn remove_all(connection: &Connection, tenant: &str) -> rusqlite::Result<()> {
    let has = |table: &str| {
        connection.query_row("SELECT count(*) FROM sqlite_schema WHERE name = ?", [table], |row| row.get::<_, bool>(0))
    };
    if has("words")? {
        for statement in [
            "DELETE FROM words WHERE rowid IN (SELECT sequence FROM deliveries WHERE tenant = ?)",
            "DELETE FROM contents WHERE sequence IN (SELECT sequence FROM deliveries WHERE tenant = ?)",
            "DELETE FROM carried WHERE tenant = ?",
            "DELETE FROM results WHERE tenant = ?",
        ] {
            connection.execute(statement, [tenant])?;
        }
        connection.execute("INSERT INTO words (words) VALUES ('optimize')", [])?;
    }
    connection.execute("DELETE FROM deliveries WHERE tenant = ?", [tenant])?;
    if has("totals")? {
        connection.execute_batch(
            "UPDATE totals SET deliveries = (SELECT count(*) FROM deliveries),
                 content_bytes = (SELECT coalesce(sum(length(trace)), 0) FROM contents)",
        )?;
    }
    Ok(())
}

/// Copies what is left into fresh pages and empties the log.
fn write_anew(connection: &Connection) -> Result<(), ReplayError> {
    let failed = |source| ReplayError::History { operation: "write", source };
    connection.execute_batch("VACUUM").map_err(failed)?;
    let is_held: bool =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(failed)?;
    if is_held { Err(ReplayError::HistoryHeld) } else { Ok(()) }
}

/// What `patchbay restore` set aside beside the history.
fn set_aside(path: &Path) -> Vec<PathBuf> {
    let Some((folder, name)) = path.parent().zip(path.file_name()) else { return Vec::new() };
    let prefix = format!("{}.set-aside-", name.to_string_lossy());
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}
