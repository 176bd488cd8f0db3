//! What runs as a whole came to.

use super::{History, in_transaction, lock};
use crate::error::ReplayError;
use rusqlite::{OptionalExtension as _, Row, params};

/// Results that are kept, of all kinds and adapters.
const KEPT: u32 = 1_000;

/// What a run came to, such as the figures of a load run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunResult {
    /// The run, `run-…`.
    pub run: String,
    /// What kind of result, for its reader: `load`.
    pub kind: String,
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// A JSON document in the form of its kind.
    pub result: String,
}

impl History {
    /// Keeps the result of a run; an earlier one of the same run is replaced.
    pub fn keep_result(&self, result: &RunResult) -> Result<(), ReplayError> {
        in_transaction(&mut lock(&self.writer), |transaction| {
            transaction.execute(
                "INSERT OR REPLACE INTO results (run, kind, tenant, adapter, result) VALUES (?, ?, ?, ?, ?)",
                params![result.run, result.kind, result.tenant, result.adapter, result.result],
            )?;
            transaction
                .execute("DELETE FROM results WHERE sequence <= (SELECT max(sequence) FROM results) - ?", [KEPT])
                .map(drop)
        })
    }

    /// The newest result of a kind for an adapter.
    pub fn last_result(&self, kind: &str, tenant: &str, adapter: &str) -> Result<Option<RunResult>, ReplayError> {
        let read = |row: &Row<'_>| {
            Ok(RunResult {
                run: row.get(0)?,
                kind: row.get(1)?,
                tenant: row.get(2)?,
                adapter: row.get(3)?,
                result: row.get(4)?,
            })
        };
        lock(&self.reader)
            .query_row(
                "SELECT run, kind, tenant, adapter, result FROM results
                 WHERE tenant = ?1 AND adapter = ?2 AND kind = ?3 ORDER BY sequence DESC LIMIT 1",
                [tenant, adapter, kind],
                read,
            )
            .optional()
            .map_err(|source| ReplayError::History { operation: "read", source })
    }
}
