//! Past deliveries: finding, exporting and purging them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `history_search`. Every condition that is given has to hold.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct HistorySearchRequest {
    /// Only this tenant.
    pub tenant: Option<String>,
    /// Only this adapter.
    pub adapter: Option<String>,
    /// `404`, `4xx`, `none` for no answer, `received` for not answered yet.
    pub status: Option<String>,
    /// Sent then or later: RFC 3339, a date, or `10m`, `2h`, `3d` ago.
    pub since: Option<String>,
    /// Sent then or earlier, in the same forms; a date belongs to it.
    pub until: Option<String>,
    /// The provider's id of the event.
    pub event: Option<String>,
    /// Words that stand in its URLs, bodies, console lines, exceptions and ids. `creat*` is the beginning of a word.
    pub text: Option<String>,
    /// Only this run.
    pub run: Option<String>,
    /// The `next` of the page before.
    pub before: Option<String>,
    /// At most so many, newest first.
    pub limit: Option<u32>,
}

/// A page of past deliveries.
#[derive(Debug, Clone, Serialize, TS)]
pub struct HistoryPage {
    /// Newest first.
    pub deliveries: Vec<HistoryDelivery>,
    /// Where there are more: the `before` of the next page.
    pub next: Option<String>,
}

/// One past delivery in a list.
#[derive(Debug, Clone, Serialize, TS)]
pub struct HistoryDelivery {
    /// Delivery id.
    pub delivery: String,
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// The run that it belongs to.
    pub run: Option<String>,
    /// Sample it was made from.
    pub sample: Option<String>,
    /// `sample`, `delivery ID`, `file NAME`, `stdin`, `inbox`.
    pub origin: String,
    /// `live`, `draft`, `version ID`.
    pub against: String,
    /// Provider that sent it or was imitated.
    pub provider: String,
    /// The provider's id of the event.
    pub event: Option<String>,
    /// What the sender did beyond sending it once.
    pub sender: Option<String>,
    /// `production`, …
    pub environment: String,
    /// `eu`, …
    pub region: String,
    /// RFC 3339.
    pub started_at: String,
    /// Whether it is over. One that was received and not answered yet is not.
    pub answered: bool,
    /// Status that the sender saw; `null` when there was no answer.
    pub status: Option<u16>,
    /// `ok`, `exception`, …; `null` where the adapter was not seen.
    pub outcome: Option<String>,
    /// Until the whole answer was there.
    pub duration_ms: f64,
    /// Whether it met its expectation; `null` without one.
    pub as_expected: Option<bool>,
    /// Outbound calls made.
    pub outbound_calls: u32,
    /// Bytes of the request's body.
    pub request_bytes: u32,
    /// Bytes of the answer's body.
    pub answer_bytes: Option<u32>,
    /// Whether more than this is kept.
    pub has_contents: bool,
}

/// `history_export`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct HistoryExportRequest {
    /// Which deliveries.
    pub search: HistorySearchRequest,
    /// The file to write. One that is there is replaced when the new one is whole.
    pub output: String,
}

/// What was exported.
#[derive(Debug, Clone, Serialize, TS)]
pub struct HistoryExported {
    /// The file; `null` for standard output.
    pub output: Option<String>,
    /// Lines: one for each delivery.
    pub deliveries: u32,
    /// Of those, lines with the head only, because the contents had been dropped.
    pub without_contents: u32,
    /// Bytes.
    #[ts(type = "number")]
    pub bytes: u64,
}

/// `history_purge`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct HistoryPurgeRequest {
    /// Tenant id.
    pub tenant: String,
}

/// What was purged.
#[derive(Debug, Clone, Serialize, TS)]
pub struct HistoryPurged {
    /// Tenant id.
    pub tenant: String,
    /// Deliveries that were removed from the history.
    pub deliveries: u32,
    /// Backups of the history that were written anew without the tenant.
    pub backups: Vec<String>,
    /// Files that `patchbay restore` set aside. They may still hold the tenant's deliveries.
    pub set_aside: Vec<String>,
}
