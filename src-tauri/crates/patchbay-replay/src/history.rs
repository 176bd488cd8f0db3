//! Past deliveries, in `SQLite` under the workspace's `.patchbay/`. Several processes may write at once.
//!
//! A delivery is a *head*, which lists show, and its *contents*, the whole trace. The newest deliveries are kept, and of
//! those the newest contents: a head outlives its contents. What a delivery is found by stands in [`text`].

mod carry;
mod contents;
mod export;
mod head;
mod moment;
mod purge;
mod query;
mod read;
mod results;
mod text;
mod write;

pub use export::Exported;
pub use head::Head;
pub use moment::{since, until};
pub use purge::Purged;
pub use query::{HistoryQuery, StatusFilter};
pub use read::{HistoryPage, Kept};
pub use results::RunResult;

use crate::error::ReplayError;
use crate::trace::Trace;
use patchbay_database::{Format, Replacement, Restored};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use write::Prepared;

/// The history's steps; what a step may contain is said at [`Format`].
const FORMAT: Format = Format {
    name: "history",
    restore: "patchbay restore history",
    steps: &[include_str!("history/0001_deliveries.sql"), include_str!("history/0002_search.sql")],
};
/// How often a write asks again while another process writes, a millisecond apart: for ten seconds.
const TRIES: i32 = 10_000;

/// How much is kept. The oldest go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Deliveries.
    pub deliveries: u64,
    /// Bytes of contents, as they are stored: compressed.
    pub content_bytes: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self { deliveries: 1_000_000, content_bytes: 1024 * 1024 * 1024 }
    }
}

/// The history of one workspace. Calls block for milliseconds, except [`History::export`] and [`History::purge`].
pub struct History {
    path: PathBuf,
    writer: Mutex<Connection>,
    /// Beside the writer, so that nothing is found more slowly while a run is recorded, nor recorded while one looks.
    reader: Mutex<Connection>,
    keep: Retention,
}

impl History {
    /// Opens or makes the file, and brings an older one to the current format.
    pub fn open(path: &Path) -> Result<Self, ReplayError> {
        Self::open_keeping(path, Retention::default())
    }

    /// As [`History::open`], with another measure of what to keep.
    pub fn open_keeping(path: &Path, keep: Retention) -> Result<Self, ReplayError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|source| ReplayError::HistoryFile { path: path.to_owned(), source })?;
        }
        let failed = |source| ReplayError::History { operation: "open", source };
        let mut writer = patchbay_database::open(path, &FORMAT)?;
        let reader = patchbay_database::open(path, &FORMAT)?;
        for connection in [&writer, &reader] {
            connection.busy_handler(Some(ask_again)).map_err(failed)?;
            connection.set_prepared_statement_cache_capacity(64);
        }
        // Pages of the log that are written back at once: rarely enough that it is not one delivery in a hundred that waits.
        writer.pragma_update(None, "wal_autocheckpoint", 4_000).map_err(failed)?;
        // The index's own list of its words. It is nowhere but here.
        reader
            .execute_batch("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, words, row)")
            .map_err(failed)?;
        carry::over(&mut writer, keep)?;
        Ok(Self { path: path.to_owned(), writer: Mutex::new(writer), reader: Mutex::new(reader), keep })
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

    /// Keeps a delivery that is over; one with the same id is replaced.
    pub fn append(&self, trace: &Trace) -> Result<(), ReplayError> {
        self.append_all(std::slice::from_ref(trace))
    }

    /// Keeps several deliveries, all or none: one commit to the disk is what takes long.
    pub fn append_all(&self, traces: &[Trace]) -> Result<(), ReplayError> {
        self.keep_all(traces, true)
    }

    /// Keeps a delivery that was received and is not answered yet. [`History::append`] of a trace with the same id
    /// completes it; until then lists show it as received, and it is there after a crash.
    pub fn begin(&self, received: &Trace) -> Result<(), ReplayError> {
        self.begin_all(std::slice::from_ref(received))
    }

    /// The same for several deliveries, all or none.
    pub fn begin_all(&self, received: &[Trace]) -> Result<(), ReplayError> {
        self.keep_all(received, false)
    }

    /// Deliveries without their contents, newest first.
    ///
    /// # Errors
    /// `before` names no delivery that is kept; `text` has no word.
    pub fn search(&self, query: &HistoryQuery) -> Result<HistoryPage, ReplayError> {
        read::page(&lock(&self.reader), query)
    }

    /// One delivery; `None` where there is none of that id.
    pub fn show(&self, id: &str) -> Result<Option<Kept>, ReplayError> {
        read::show(&lock(&self.reader), id)
    }

    /// The deliveries of a run whose contents are kept, in the order in which they were sent.
    pub fn run(&self, run: &str) -> Result<Vec<Trace>, ReplayError> {
        let query = HistoryQuery { run: Some(run.to_owned()), ..HistoryQuery::default() };
        let connection = lock(&self.reader);
        let mut traces = Vec::new();
        for (sequence, head) in read::heads(&connection, &query, None, -1)?.into_iter().rev() {
            if let Some(json) = read::contents(&connection, sequence, &head.summary.id)? {
                traces.push(read::decode(&head.summary.id, &json)?);
            }
        }
        Ok(traces)
    }

    fn keep_all(&self, traces: &[Trace], answered: bool) -> Result<(), ReplayError> {
        let prepared: Vec<Prepared> =
            traces.iter().map(|trace| Prepared::new(trace, answered)).collect::<Result<_, _>>()?;
        let mut connection = lock(&self.writer);
        in_transaction(&mut connection, |transaction| {
            prepared.iter().try_for_each(|prepared| write::write(transaction, prepared, self.keep))
        })
    }
}

/// Runs a change as a whole or not at all.
fn in_transaction<T>(
    connection: &mut Connection,
    change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
) -> Result<T, ReplayError> {
    let failed = |source| ReplayError::History { operation: "write", source };
    // Immediate: a transaction that starts reading and then writes could fail although it waited.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let changed = change(&transaction).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    Ok(changed)
}

fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    // SQLite rolls an unfinished transaction back, so a panic elsewhere leaves nothing half-written.
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `SQLite`'s own wait grows to a tenth of a second; another writer is done within milliseconds.
fn ask_again(tries: i32) -> bool {
    std::thread::sleep(Duration::from_millis(1));
    tries < TRIES
}
