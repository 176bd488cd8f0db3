//! The database of buckets: which objects there are and which files hold them.

use super::refusal::{BucketError, InTransaction};
use crate::error::PlatformError;
use patchbay_database::{DatabaseError, Format};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The index's steps. What a step may contain is said at [`Format`].
pub(crate) const FORMAT: Format = Format {
    name: "index of the buckets",
    restore: "patchbay restore buckets",
    steps: &[include_str!("steps/0001_objects_and_uploads.sql")],
};

/// The database in the folder of the buckets.
pub(super) fn file(folder: &Path) -> PathBuf {
    folder.join("buckets.sqlite")
}

/// The database.
pub(super) struct Index {
    connection: Mutex<Connection>,
    path: PathBuf,
}

impl Index {
    pub(super) fn open(folder: &Path) -> Result<Self, PlatformError> {
        let path = file(folder);
        let connection = patchbay_database::open(&path, &FORMAT)?;
        Ok(Self { connection: Mutex::new(connection), path })
    }

    /// Runs work in one transaction that is committed only when the work succeeds.
    pub(super) async fn change<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, InTransaction> + Send + 'static,
    ) -> Result<T, BucketError> {
        let index = Arc::clone(self);
        tokio::task::spawn_blocking(move || index.change_now(work)).await.map_err(|_| PlatformError::TaskEnded)?
    }

    /// The same, on this thread.
    pub(super) fn change_now<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, InTransaction>,
    ) -> Result<T, BucketError> {
        let failed = |source| BucketError::Failed(DatabaseError::of_sqlite(&FORMAT, &self.path, source).into());
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        match work(&transaction) {
            Ok(value) => transaction.commit().map(|()| value).map_err(failed),
            Err(InTransaction::Refused(error)) => Err(error),
            Err(InTransaction::Database(source)) => Err(failed(source)),
        }
    }
}
