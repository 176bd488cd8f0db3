//! What the platform keeps: namespaces, scripts, their versions, and the routing table, in one `SQLite` database.
//!
//! Every change is one transaction, durable when it returns. Secret values are sealed before they are written.

pub(crate) mod assets;
pub(crate) mod details;
pub(crate) mod namespaces;
pub(crate) mod placement;
pub(crate) mod routing;
mod schema;
pub(crate) mod scripts;
pub(crate) mod sealing;
pub(crate) mod versions;

pub(crate) use schema::FORMAT;

use crate::error::PlatformError;
use patchbay_database::DatabaseError;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use sealing::Sealing;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use time::OffsetDateTime;
use time::macros::format_description;

/// The database and the key for its secrets.
pub(crate) struct Store {
    connection: Mutex<Connection>,
    sealing: Sealing,
    path: PathBuf,
    /// What a look at the whole file found after it was opened. Nothing is read or written any more then.
    damage: OnceLock<DatabaseError>,
}

/// A change in progress.
pub(crate) struct Change<'a> {
    pub(crate) transaction: Transaction<'a>,
    pub(crate) sealing: &'a Sealing,
}

/// The database of a state folder.
pub(crate) fn file(state_dir: &Path) -> PathBuf {
    state_dir.join("platform.sqlite")
}

impl Store {
    /// Opens the database, or makes it.
    pub(crate) fn open(folder: &Path, key: &[u8; 32]) -> Result<Self, PlatformError> {
        let path = file(folder);
        let connection = patchbay_database::open(&path, &FORMAT)?;
        let sealing = Sealing::new(key);
        schema::check_key(&connection, &path, &sealing)?;
        Ok(Self { connection: Mutex::new(connection), sealing, path, damage: OnceLock::new() })
    }

    /// Reads the whole file, on a connection of its own. What it finds is answered here, and from now on to everybody
    /// who asks the store for something.
    pub(crate) fn check(&self) -> Result<(), DatabaseError> {
        let Err(error) = patchbay_database::check(&self.path, &FORMAT) else { return Ok(()) };
        if let Some(damage) = error.again() {
            let _ = self.damage.set(damage);
        }
        Err(error)
    }

    /// Runs work that reads or changes, in one transaction that is committed only when the work succeeds.
    pub(crate) async fn change<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Change<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, PlatformError> {
        let store = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            let mut connection = store.connection.lock().unwrap_or_else(PoisonError::into_inner);
            store.run(&mut connection, work)
        })
        .await
        .map_err(|_| PlatformError::TaskEnded)?
    }

    fn run<T>(
        &self,
        connection: &mut Connection,
        work: impl FnOnce(&Change<'_>) -> Result<T, StoreError>,
    ) -> Result<T, PlatformError> {
        if let Some(damaged) = self.damage.get().and_then(DatabaseError::again) {
            return Err(damaged.into());
        }
        let failed = |source| PlatformError::database(&self.path, source);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred).map_err(failed)?;
        let change = Change { transaction, sealing: &self.sealing };
        match work(&change) {
            Ok(value) => {
                change.transaction.commit().map_err(failed)?;
                Ok(value)
            }
            Err(StoreError::Database(source)) => Err(failed(source)),
            Err(StoreError::Unreadable(what)) => Err(PlatformError::Unreadable { what }),
            Err(StoreError::WrongKey) => Err(PlatformError::WrongSealingKey),
        }
    }
}

/// Failures inside a transaction, before the database's path is known.
#[derive(Debug)]
pub(crate) enum StoreError {
    Database(rusqlite::Error),
    Unreadable(&'static str),
    WrongKey,
}

impl From<rusqlite::Error> for StoreError {
    fn from(source: rusqlite::Error) -> Self {
        Self::Database(source)
    }
}

/// Now, as the API writes times: RFC 3339, UTC, microseconds.
pub(crate) fn timestamp() -> String {
    timestamp_before(Duration::ZERO)
}

/// The time so long ago, in the same form, which sorts as it passes.
pub(crate) fn timestamp_before(age: Duration) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
    (OffsetDateTime::now_utc() - age).format(format).unwrap_or_default()
}

/// A new id of 32 hex digits.
pub(crate) fn new_id() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}

#[cfg(test)]
mod tests {
    use super::Store;
    use crate::error::PlatformError;
    use std::sync::Arc;

    async fn refusal_with(pragma: &str) -> PlatformError {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Arc::new(Store::open(folder.path(), &[7; 32]).expect("opens"));
        store.connection.lock().expect("not poisoned").execute_batch(pragma).expect("sets");
        let name = "x".repeat(1 << 20);
        let refused = store.change(move |change| change.create_namespace(&name)).await.expect_err("cannot be written");
        let after = store.change(|change| change.namespaces("account")).await.expect("can still be read");
        assert_eq!(after.len(), 0, "nothing of a failed change is left");
        refused
    }

    #[tokio::test]
    async fn a_full_disk_and_a_read_only_file_are_told_apart() {
        // The database may not grow, which SQLite reports exactly as it reports a disk without room.
        let full = refusal_with("PRAGMA max_page_count = 1").await;
        assert!(matches!(full, PlatformError::DiskFull { .. }), "{full:?}");
        let read_only = refusal_with("PRAGMA query_only = ON").await;
        assert!(matches!(read_only, PlatformError::ReadOnly { .. }), "{read_only:?}");
    }
}
