//! What a list shows of a delivery, and the row it stands in.

use crate::trace::{Against, Origin, Trace, TraceSummary};
use rusqlite::Row;
use rusqlite::types::Type;
use time::OffsetDateTime;

/// A delivery without its contents.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// What every list shows.
    pub summary: TraceSummary,
    /// The run that it belongs to.
    pub run: Option<String>,
    /// Where the webhook came from.
    pub origin: Origin,
    /// Which code was to serve it.
    pub against: Against,
    /// The provider's id of the event.
    pub event_id: Option<String>,
    /// What the sender did beyond sending it once, for people.
    pub sender: Option<String>,
    /// Region, `eu`.
    pub region: String,
    /// Method of the request.
    pub method: String,
    /// What the runtime said of the adapter: `ok`, `exception`, …
    pub outcome: Option<String>,
    /// Whether it is over. One that was received and not answered yet is not.
    pub answered: bool,
    /// Bytes of the request's body on the wire.
    pub request_bytes: u64,
    /// Bytes of the answer's body on the wire.
    pub answer_bytes: Option<u64>,
    /// Whether the contents are kept; they are dropped before their head is.
    pub has_contents: bool,
}

impl Head {
    /// The head of a trace whose contents are kept.
    pub fn of(trace: &Trace, answered: bool) -> Self {
        Self {
            summary: trace.summary(),
            run: trace.run.clone(),
            origin: trace.origin.clone(),
            against: trace.against.clone(),
            event_id: trace.event_id.clone(),
            sender: trace.sender.clone(),
            region: trace.region.clone(),
            method: trace.request.method.clone(),
            outcome: trace.adapter_run.as_ref().map(|run| run.outcome.clone()),
            answered,
            request_bytes: trace.request.body.bytes,
            answer_bytes: trace.response.as_ref().map(|response| response.body.bytes),
            has_contents: true,
        }
    }
}

/// Columns of `deliveries`, in the order in which [`read`] takes them.
pub(super) const COLUMNS: &str = "d.sequence, d.id, d.tenant, d.adapter, d.run, d.started_ms, d.answered, d.status, \
     d.outcome, d.as_expected, d.event_id, d.sample, d.origin, d.against, d.sender, d.provider, d.environment, \
     d.region, d.method, d.duration_ms, d.outbound_calls, d.request_bytes, d.answer_bytes, d.kept_bytes";

/// Sequence and head of a row with [`COLUMNS`].
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<(i64, Head)> {
    let milliseconds: i64 = row.get(5)?;
    let started = OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(5, Type::Integer, Box::new(error)))?;
    let kept: Option<i64> = row.get(23)?;
    let summary = TraceSummary {
        id: row.get(1)?,
        tenant: row.get(2)?,
        adapter: row.get(3)?,
        sample: row.get(11)?,
        provider: row.get(15)?,
        environment: row.get(16)?,
        started,
        status: row.get(7)?,
        total_ms: row.get(19)?,
        outbound_calls: row.get(20)?,
        as_expected: row.get(9)?,
    };
    let head = Head {
        summary,
        run: row.get(4)?,
        origin: word(row, 12)?,
        against: word(row, 13)?,
        event_id: row.get(10)?,
        sender: row.get(14)?,
        region: row.get(17)?,
        method: row.get(18)?,
        outcome: row.get(8)?,
        answered: row.get(6)?,
        request_bytes: row.get(21)?,
        answer_bytes: row.get(22)?,
        has_contents: kept.is_some(),
    };
    Ok((row.get(0)?, head))
}

/// An enumeration from its JSON.
fn word<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}
