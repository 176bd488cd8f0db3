//! Offsets within a trace as points in time.

use crate::trace::Trace;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, UtcOffset};

/// The moment that lies so many milliseconds after the request was sent.
pub(super) fn moment(trace: &Trace, after_ms: f64) -> OffsetDateTime {
    trace.started + Duration::seconds_f64(after_ms.max(0.0) / 1000.0)
}

/// Nanoseconds since the Unix epoch, as OTLP's JSON writes them.
pub(super) fn nanoseconds(trace: &Trace, after_ms: f64) -> String {
    moment(trace, after_ms).unix_timestamp_nanos().to_string()
}

/// RFC 3339 with milliseconds, in UTC.
pub(super) fn timestamp(trace: &Trace, after_ms: f64) -> String {
    let moment = moment(trace, after_ms).to_offset(UtcOffset::UTC);
    let whole = moment.replace_nanosecond(moment.nanosecond() / 1_000_000 * 1_000_000).unwrap_or(moment);
    whole.format(&Rfc3339).unwrap_or_default()
}
