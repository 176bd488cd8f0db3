//! Past deliveries as commands ask for them.

use crate::app::OpenWorkspace;
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::history::{HistoryExported, HistorySearchRequest};
use patchbay_replay::history::{Exported, since, until};
use patchbay_replay::{HistoryQuery, Kept, ReplayError, Retention, Trace};
use patchbay_workspace::settings::HistorySettings;
use std::io::Write;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Deliveries in a list where nobody says how many.
const PAGE: u32 = 50;

/// A search as the history takes it.
pub fn query(request: HistorySearchRequest) -> Result<HistoryQuery, WireError> {
    let now = OffsetDateTime::now_utc();
    Ok(HistoryQuery {
        tenant: request.tenant,
        adapter: request.adapter,
        status: request.status.map(|status| status.parse()).transpose()?,
        since: request.since.map(|given| since(&given, now)).transpose()?,
        until: request.until.map(|given| until(&given, now)).transpose()?,
        event_id: request.event,
        text: request.text,
        run: request.run,
        before: request.before,
        limit: request.limit,
    })
}

/// The same for a list, which has an end.
pub(crate) fn page_query(request: HistorySearchRequest) -> Result<HistoryQuery, WireError> {
    let limit = request.limit.unwrap_or(PAGE);
    Ok(HistoryQuery { limit: Some(limit), ..query(request)? })
}

/// A kept delivery with its contents.
///
/// # Errors
/// There is none of that id, or only its head is left.
pub fn trace(open: &OpenWorkspace, delivery: &str) -> Result<Trace, WireError> {
    match open.history()?.show(delivery)? {
        Some(Kept::Whole(trace)) => Ok(*trace),
        None => Err(ReplayError::UnknownDelivery { delivery: delivery.to_owned() }.into()),
        Some(Kept::Head(head)) => {
            let summary = &head.summary;
            let answer = summary.status.map_or_else(|| "no answer".to_owned(), |status| format!("status {status}"));
            let started = summary.started.format(&Rfc3339).unwrap_or_default();
            Err(WireError::new(
                ErrorCode::ReplayContentsDropped,
                format!(
                    "Only the head of delivery `{delivery}` is kept ({}/{}, {started}, {answer}, {:.1} ms): its contents were dropped to keep the history within its size",
                    summary.tenant, summary.adapter, summary.total_ms
                ),
            )
            .with_hint("To keep more, write `bodies = \"4 GiB\"` under `[history]` in patchbay.toml"))
        }
    }
}

/// How much is kept, by `patchbay.toml`.
pub(crate) fn retention(settings: &HistorySettings) -> Retention {
    let default = Retention::default();
    Retention {
        deliveries: settings.keep.unwrap_or(default.deliveries),
        content_bytes: settings.bodies.map_or(default.content_bytes, |size| size.0),
    }
}

/// Writes deliveries to an open stream.
pub fn export(
    open: &OpenWorkspace,
    search: HistorySearchRequest,
    output: &mut dyn Write,
) -> Result<HistoryExported, WireError> {
    Ok(exported(open.history()?.export(&query(search)?, output)?, None))
}

/// What an export came to, on the wire.
pub(crate) fn exported(exported: Exported, output: Option<String>) -> HistoryExported {
    let count = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    HistoryExported {
        output,
        deliveries: count(exported.deliveries),
        without_contents: count(exported.without_contents),
        bytes: exported.bytes,
    }
}
