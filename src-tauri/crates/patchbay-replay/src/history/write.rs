//! Writing a delivery, in the caller's transaction.

use super::head::Head;
use super::query::{PER_MILLISECOND, first_sequence, milliseconds};
use super::{Retention, contents, text};
use crate::error::ReplayError;
use crate::trace::Trace;
use rusqlite::{OptionalExtension as _, Transaction, params};

/// Deliveries or contents that one more delivery may push out. More than one, so that a history which has to become
/// smaller does; few, so that no delivery waits for it.
const PUSHED_OUT: i64 = 4;

/// Pages of the index that one delivery merges. A delivery's words fill one page, which is merged some five times until it
/// is in the largest list.
const MERGED: i64 = 8;

/// A delivery in the form in which it is written. Made before the file is locked.
pub(super) struct Prepared {
    head: Head,
    first_sequence: i64,
    started_ms: i64,
    contents: Vec<u8>,
    words: String,
}

impl Prepared {
    pub(super) fn new(trace: &Trace, answered: bool) -> Result<Self, ReplayError> {
        let not_written = |source| ReplayError::StoredTrace { delivery: trace.id.clone(), source };
        let json = serde_json::to_vec(trace).map_err(not_written)?;
        Ok(Self {
            head: Head::of(trace, answered),
            first_sequence: first_sequence(trace.started),
            started_ms: milliseconds(trace.started),
            contents: contents::pack(&json)
                .map_err(|source| ReplayError::StoredBytes { delivery: trace.id.clone(), source })?,
            words: text::of(trace, answered),
        })
    }
}

/// Writes a delivery; one with the same id is replaced.
pub(super) fn write(transaction: &Transaction<'_>, prepared: &Prepared, keep: Retention) -> rusqlite::Result<()> {
    let head = &prepared.head;
    let earlier: Option<(i64, i64)> = transaction
        .prepare_cached("SELECT sequence, started_ms FROM deliveries WHERE id = ?")?
        .query_row([&head.summary.id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((sequence, _)) = earlier {
        remove(transaction, sequence)?;
    }
    let sequence = match earlier {
        Some((sequence, started_ms)) if started_ms == prepared.started_ms => sequence,
        _ => free_sequence(transaction, prepared.first_sequence)?,
    };
    let kept_bytes = i64::try_from(prepared.contents.len()).unwrap_or(i64::MAX);
    insert_head(transaction, sequence, prepared, kept_bytes)?;
    transaction
        .prepare_cached("INSERT INTO contents (sequence, trace) VALUES (?, ?)")?
        .execute(params![sequence, prepared.contents])?;
    transaction
        .prepare_cached("INSERT INTO words (rowid, word) VALUES (?, ?)")?
        .execute(params![sequence, prepared.words])?;
    transaction.prepare_cached("INSERT INTO words (words, rank) VALUES ('merge', ?)")?.execute([MERGED])?;
    add_to_totals(transaction, 1, kept_bytes)?;
    push_out(transaction, keep)
}

fn insert_head(
    transaction: &Transaction<'_>,
    sequence: i64,
    prepared: &Prepared,
    kept_bytes: i64,
) -> rusqlite::Result<()> {
    let Head { summary, .. } = &prepared.head;
    let head = &prepared.head;
    let word = |value: serde_json::Result<String>| {
        value.map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
    };
    let (origin, against) = (word(serde_json::to_string(&head.origin))?, word(serde_json::to_string(&head.against))?);
    transaction
        .prepare_cached(
            "INSERT INTO deliveries (sequence, id, tenant, adapter, run, started_ms, answered, status, outcome,
                 as_expected, event_id, sample, origin, against, sender, provider, environment, region, method,
                 duration_ms, outbound_calls, request_bytes, answer_bytes, kept_bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                 ?22, ?23, ?24)",
        )?
        .execute(params![
            sequence,
            summary.id,
            summary.tenant,
            summary.adapter,
            head.run,
            prepared.started_ms,
            head.answered,
            summary.status,
            head.outcome,
            summary.as_expected,
            head.event_id,
            summary.sample,
            origin,
            against,
            head.sender,
            summary.provider,
            summary.environment,
            head.region,
            head.method,
            summary.total_ms,
            summary.outbound_calls,
            head.request_bytes,
            head.answer_bytes,
            kept_bytes,
        ])
        .map(drop)
}

/// The next sequence at a time. Where a millisecond is full, the search widens until there is room.
fn free_sequence(transaction: &Transaction<'_>, first: i64) -> rusqlite::Result<i64> {
    let mut statement =
        transaction.prepare_cached("SELECT max(sequence) FROM deliveries WHERE sequence >= ? AND sequence < ?")?;
    let mut room = PER_MILLISECOND;
    loop {
        let last: Option<i64> = statement.query_row([first, first + room], |row| row.get(0))?;
        match last {
            None => return Ok(first),
            Some(last) if last + 1 < first + room => return Ok(last + 1),
            Some(_) => room *= 2,
        }
    }
}

/// Removes everything that is known of a delivery.
pub(super) fn remove(transaction: &Transaction<'_>, sequence: i64) -> rusqlite::Result<()> {
    let dropped = drop_contents(transaction, sequence)?;
    transaction.prepare_cached("DELETE FROM words WHERE rowid = ?")?.execute([sequence])?;
    let removed = transaction.prepare_cached("DELETE FROM deliveries WHERE sequence = ?")?.execute([sequence])?;
    add_to_totals(transaction, -i64::try_from(removed).unwrap_or_default(), -dropped)
}

/// Removes a delivery's contents; how many bytes they were.
fn drop_contents(transaction: &Transaction<'_>, sequence: i64) -> rusqlite::Result<i64> {
    let bytes: Option<i64> = transaction
        .prepare_cached("DELETE FROM contents WHERE sequence = ? RETURNING length(trace)")?
        .query_row([sequence], |row| row.get(0))
        .optional()?;
    Ok(bytes.unwrap_or_default())
}

fn add_to_totals(transaction: &Transaction<'_>, deliveries: i64, content_bytes: i64) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "UPDATE totals SET deliveries = deliveries + ?, content_bytes = content_bytes + ? WHERE only = 1",
        )?
        .execute([deliveries, content_bytes])
        .map(drop)
}

/// Removes the oldest deliveries beyond the number that is kept, and the oldest contents beyond their budget.
fn push_out(transaction: &Transaction<'_>, keep: Retention) -> rusqlite::Result<()> {
    let (deliveries, content_bytes): (i64, i64) = transaction
        .prepare_cached("SELECT deliveries, content_bytes FROM totals WHERE only = 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let beyond = deliveries - i64::try_from(keep.deliveries).unwrap_or(i64::MAX);
    for sequence in oldest(transaction, "deliveries", beyond.min(PUSHED_OUT))? {
        remove(transaction, sequence)?;
    }
    let mut surplus = content_bytes - i64::try_from(keep.content_bytes).unwrap_or(i64::MAX);
    if surplus > 0 {
        for sequence in oldest(transaction, "contents", PUSHED_OUT)? {
            if surplus <= 0 {
                break;
            }
            let dropped = drop_contents(transaction, sequence)?;
            transaction
                .prepare_cached("UPDATE deliveries SET kept_bytes = NULL WHERE sequence = ?")?
                .execute([sequence])?;
            add_to_totals(transaction, 0, -dropped)?;
            surplus -= dropped;
        }
    }
    Ok(())
}

fn oldest(transaction: &Transaction<'_>, table: &str, limit: i64) -> rusqlite::Result<Vec<i64>> {
    if limit <= 0 {
        return Ok(Vec::new());
    }
    transaction
        .prepare_cached(&format!("SELECT sequence FROM {table} ORDER BY sequence LIMIT ?"))?
        .query_map([limit], |row| row.get(0))?
        .collect()
}
