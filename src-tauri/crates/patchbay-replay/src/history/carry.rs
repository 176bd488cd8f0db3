//! Reads the deliveries that a file of version 1 has into the present tables.

use super::write::{Prepared, write};
use super::{Retention, in_transaction};
use crate::error::ReplayError;
use crate::trace::Trace;
use rusqlite::{Connection, Transaction};

/// Deliveries of one transaction: others that have the file open may write between two.
const AT_ONCE: u32 = 200;

/// Carries over what waits. What a killed process left is carried over by the next; two at once share the work. A delivery that
/// cannot be read stays where it is.
pub(super) fn over(connection: &mut Connection, keep: Retention) -> Result<(), ReplayError> {
    let mut after = 0;
    while let Some(last) = next(connection, after, keep)? {
        after = last;
    }
    Ok(())
}

/// Carries the next ones over; the last sequence looked at, `None` when there is none.
fn next(connection: &mut Connection, after: i64, keep: Retention) -> Result<Option<i64>, ReplayError> {
    if waiting(connection, after).map_err(|source| ReplayError::History { operation: "read", source })?.is_empty() {
        return Ok(None);
    }
    in_transaction(connection, |transaction| {
        let mut last = None;
        for (sequence, text) in waiting(transaction, after)? {
            last = Some(sequence);
            let Ok(trace) = serde_json::from_str::<Trace>(&text) else { continue };
            if let Ok(prepared) = Prepared::new(&trace, true) {
                carry(transaction, sequence, &prepared, keep)?;
            }
        }
        Ok(last)
    })
}

fn carry(transaction: &Transaction<'_>, sequence: i64, prepared: &Prepared, keep: Retention) -> rusqlite::Result<()> {
    write(transaction, prepared, keep)?;
    transaction.prepare_cached("DELETE FROM carried WHERE sequence = ?")?.execute([sequence]).map(drop)
}

fn waiting(connection: &Connection, after: i64) -> rusqlite::Result<Vec<(i64, String)>> {
    connection
        .prepare_cached("SELECT sequence, trace FROM carried WHERE sequence > ? ORDER BY sequence LIMIT ?")?
        .query_map([after, i64::from(AT_ONCE)], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}
