//! Webhooks that arrive from outside while the embedded platform runs.

use serde::Serialize;
use ts_rs::TS;

/// A webhook of the inbox. `deliveries show` has the rest.
#[derive(Debug, Clone, Serialize, TS)]
pub struct InboxWebhook {
    /// Delivery id.
    pub delivery: String,
    /// Whose dispatcher it came to: `production`, …
    pub environment: String,
    /// Tenant id; empty where the dispatcher found none.
    pub tenant: String,
    /// Adapter id; empty where the dispatcher found none.
    pub adapter: String,
    /// Who sent it, as far as that can be told; `custom` otherwise.
    pub provider: String,
    /// The provider's id of the event.
    pub event_id: Option<String>,
    /// Method.
    pub method: String,
    /// URL without its query.
    pub url: String,
    /// Bytes of the body.
    pub bytes: u32,
    /// What people should know: `body not kept: 100 MB`.
    pub note: Option<String>,
    /// RFC 3339.
    pub received_at: String,
    /// Status of the answer; `null` while there is none.
    pub status: Option<u16>,
    /// From its arrival to the head of the answer.
    pub duration_ms: Option<f64>,
}

/// A webhook that could not be stored. Its sender was told to come back.
#[derive(Debug, Clone, Serialize, TS)]
pub struct InboxRefusal {
    /// Method and URL without its query.
    pub request: String,
    /// Why.
    pub message: String,
}
