//! Past replays, in `SQLite` under the workspace's `.patchbay/`. Several processes may write at once.

use crate::error::ReplayError;
use crate::trace::{Trace, TraceSummary};
use patchbay_database::{Format, Replacement, Restored};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, named_params};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Traces that are kept; each new one pushes the oldest out.
pub const KEPT_TRACES: u32 = 10_000;
/// The history's steps; what a step may contain is said at [`Format`].
const FORMAT: Format = Format {
    name: "history",
    restore: "patchbay restore history",
    steps: &[include_str!("history/0001_deliveries.sql")],
};

/// Which traces to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// Only this tenant's.
    pub tenant: Option<String>,
    /// Only this adapter's.
    pub adapter: Option<String>,
    /// At most so many; `None` for all.
    pub limit: Option<u32>,
}

/// The history of one workspace. Calls block for milliseconds.
pub struct History {
    connection: Mutex<Connection>,
    kept: u32,
}

impl History {
    /// Opens or makes the file, and brings an older one to the current format.
    pub fn open(path: &Path) -> Result<Self, ReplayError> {
        Self::open_keeping(path, KEPT_TRACES)
    }

    /// As [`History::open`], with another number of traces to keep.
    pub fn open_keeping(path: &Path, kept: u32) -> Result<Self, ReplayError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|source| ReplayError::HistoryFile { path: path.to_owned(), source })?;
        }
        let connection = patchbay_database::open(path, &FORMAT)?;
        Ok(Self { connection: Mutex::new(connection), kept })
    }

    /// Reads the whole history beside its writers, and answers how many backups there are. `None` where there is none yet.
    pub fn examine(path: &Path) -> Result<Option<usize>, ReplayError> {
        let backups = patchbay_database::backups(path).len();
        if !path.exists() && backups == 0 {
            return Ok(None);
        }
        patchbay_database::check(path, &FORMAT)?;
        Ok(Some(backups))
    }

    /// Puts a backup (the newest where none is named), or an empty history, in the place of the one that is there, which
    /// is kept under another name. Nobody may have it open.
    pub fn replace(path: &Path, by: &Replacement) -> Result<Restored, ReplayError> {
        Ok(patchbay_database::replace(path, &FORMAT, by)?)
    }

    /// Keeps a trace; one with the same id is replaced.
    pub fn append(&self, trace: &Trace) -> Result<(), ReplayError> {
        let text = serde_json::to_string(trace)
            .map_err(|source| ReplayError::StoredTrace { delivery: trace.id.clone(), source })?;
        let failed = |source| ReplayError::History { operation: "write", source };
        let mut connection = self.lock();
        // Immediate: a transaction that starts reading and then writes could fail although it waited.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        write(&transaction, trace, &text, self.kept).map_err(failed)?;
        transaction.commit().map_err(failed)
    }

    /// Traces, newest first.
    pub fn list(&self, filter: &HistoryFilter) -> Result<Vec<TraceSummary>, ReplayError> {
        let rows = self.rows(filter).map_err(|source| ReplayError::History { operation: "read", source })?;
        rows.into_iter().map(|(delivery, text)| Ok(stored(delivery, &text)?.summary())).collect()
    }

    /// One trace.
    pub fn show(&self, id: &str) -> Result<Option<Trace>, ReplayError> {
        let text: Option<String> = self
            .lock()
            .query_row("SELECT trace FROM deliveries WHERE id = ?1", [id], |row| row.get(0))
            .optional()
            .map_err(|source| ReplayError::History { operation: "read", source })?;
        text.map(|text| stored(id.to_owned(), &text)).transpose()
    }

    fn rows(&self, filter: &HistoryFilter) -> rusqlite::Result<Vec<(String, String)>> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT id, trace FROM deliveries
             WHERE (:tenant IS NULL OR tenant = :tenant) AND (:adapter IS NULL OR adapter = :adapter)
             ORDER BY sequence DESC LIMIT :limit",
        )?;
        // SQLite reads a negative limit as none.
        let limit = filter.limit.map_or(-1, i64::from);
        let parameters = named_params! { ":tenant": filter.tenant, ":adapter": filter.adapter, ":limit": limit };
        statement.query_map(parameters, |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // SQLite rolls an unfinished transaction back, so a panic elsewhere leaves nothing half-written.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stored(delivery: String, text: &str) -> Result<Trace, ReplayError> {
    serde_json::from_str(text).map_err(|source| ReplayError::StoredTrace { delivery, source })
}

fn write(transaction: &Transaction<'_>, trace: &Trace, text: &str, kept: u32) -> rusqlite::Result<()> {
    let started_ms = i64::try_from(trace.started.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX);
    let status = trace.response.as_ref().map(|response| response.status);
    transaction.execute(
        "INSERT OR REPLACE INTO deliveries (id, tenant, adapter, started_ms, status, trace) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (&trace.id, &trace.tenant, &trace.adapter, started_ms, status, text),
    )?;
    transaction.execute(
        "DELETE FROM deliveries WHERE sequence <=
         (SELECT sequence FROM deliveries ORDER BY sequence DESC LIMIT 1 OFFSET ?1)",
        [kept],
    )?;
    Ok(())
}
