//! Finding and reading deliveries.

use super::contents;
use super::head::{COLUMNS, Head, read};
use super::query::{HistoryQuery, Question};
use crate::error::ReplayError;
use crate::trace::Trace;
use rusqlite::{Connection, OptionalExtension as _, params_from_iter};

/// A page of a list, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryPage {
    /// The deliveries.
    pub deliveries: Vec<Head>,
    /// Where there are more: what the next query has as its `before`.
    pub next: Option<String>,
}

/// A delivery as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub enum Kept {
    /// All of it.
    Whole(Box<Trace>),
    /// Its contents were dropped to keep the history within its size.
    Head(Box<Head>),
}

/// Heads with their sequences, newest first; at most `limit`.
pub(super) fn heads(
    connection: &Connection,
    query: &HistoryQuery,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<(i64, Head)>, ReplayError> {
    let Question { from, mut values } = Question::new(connection, query, before)?;
    values.push(limit.into());
    let rows = |connection: &Connection| -> rusqlite::Result<Vec<(i64, Head)>> {
        let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM {from} LIMIT ?"))?;
        statement.query_map(params_from_iter(values), read)?.collect()
    };
    rows(connection).map_err(failed)
}

/// A page, and whether there is more behind it.
pub(super) fn page(connection: &Connection, query: &HistoryQuery) -> Result<HistoryPage, ReplayError> {
    let before = query.before.as_deref().map(|id| sequence_of(connection, id)).transpose()?;
    // One more than asked for tells whether there are more. SQLite reads a negative limit as none.
    let limit = query.limit.map_or(-1, |limit| i64::from(limit) + 1);
    let mut deliveries: Vec<Head> =
        heads(connection, query, before, limit)?.into_iter().map(|(_, head)| head).collect();
    let mut next = None;
    if let Some(limit) = query.limit.and_then(|limit| usize::try_from(limit).ok())
        && deliveries.len() > limit
    {
        deliveries.truncate(limit);
        next = deliveries.last().map(|head| head.summary.id.clone());
    }
    Ok(HistoryPage { deliveries, next })
}

/// The place of a delivery that a query names.
pub(super) fn sequence_of(connection: &Connection, id: &str) -> Result<i64, ReplayError> {
    let found = connection
        .prepare_cached("SELECT sequence FROM deliveries WHERE id = ?")
        .and_then(|mut statement| statement.query_row([id], |row| row.get(0)).optional())
        .map_err(failed)?;
    found.ok_or_else(|| ReplayError::UnknownDelivery { delivery: id.to_owned() })
}

/// One delivery by its id.
pub(super) fn show(connection: &Connection, id: &str) -> Result<Option<Kept>, ReplayError> {
    let found = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM deliveries d WHERE d.id = ?"))
        .and_then(|mut statement| statement.query_row([id], read).optional())
        .map_err(failed)?;
    let Some((sequence, head)) = found else { return Ok(None) };
    Ok(Some(match contents(connection, sequence, id)? {
        Some(json) => Kept::Whole(Box::new(decode(id, &json)?)),
        None => Kept::Head(Box::new(head)),
    }))
}

/// The JSON of a delivery's trace, unless it was dropped.
pub(super) fn contents(connection: &Connection, sequence: i64, id: &str) -> Result<Option<Vec<u8>>, ReplayError> {
    let stored: Option<Vec<u8>> = connection
        .prepare_cached("SELECT trace FROM contents WHERE sequence = ?")
        .and_then(|mut statement| statement.query_row([sequence], |row| row.get(0)).optional())
        .map_err(failed)?;
    let Some(stored) = stored else { return Ok(None) };
    contents::unpack(&stored).map(Some).map_err(|source| ReplayError::StoredBytes { delivery: id.to_owned(), source })
}

/// A trace from its JSON.
pub(super) fn decode(id: &str, json: &[u8]) -> Result<Trace, ReplayError> {
    serde_json::from_slice(json).map_err(|source| ReplayError::StoredTrace { delivery: id.to_owned(), source })
}

fn failed(source: rusqlite::Error) -> ReplayError {
    ReplayError::History { operation: "read", source }
}
