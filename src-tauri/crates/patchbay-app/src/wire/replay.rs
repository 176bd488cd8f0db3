//! Replays and traces.

use super::error::WireError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `replay_run`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ReplayRequest {
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// Sample name.
    pub sample: String,
    /// `production`, …
    pub environment: String,
    /// What breaks during this replay, `notion#2:429:retry-after=1`.
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub faults: Vec<String>,
}

/// `replay_start`: a run of one or many webhooks.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ReplayStartRequest {
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// `production`, …
    pub environment: String,
    /// What is sent, one after another.
    pub webhooks: ReplaySelection,
    /// Which code serves it.
    #[serde(default)]
    #[ts(as = "Option<ReplayAgainst>", optional)]
    pub against: ReplayAgainst,
    /// A dispatcher elsewhere, in the place of the embedded platform's. Its answers are all that is seen of it.
    #[serde(default)]
    #[ts(optional)]
    pub remote: Option<RemoteDispatcher>,
    /// What breaks during each webhook, `notion#2:429:retry-after=1`.
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub faults: Vec<String>,
    /// What the sender does beyond sending each once: `duplicate`, `reordered`, `stale`, `stale=SECONDS`, `bad-signature`,
    /// `retries`.
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub sender: Vec<String>,
    /// Seconds by which the sender's clock is ahead; negative ones are behind.
    #[serde(default)]
    #[ts(optional)]
    pub clock_skew: Option<i32>,
}

/// Which webhooks.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReplaySelection {
    /// The adapter's most telling sample.
    First,
    /// Every sample of the adapter, the most telling one first.
    All,
    /// Samples by name.
    Samples(Vec<String>),
    /// A run, or one delivery, of the history: signed as of now, every byte of the bodies as it was.
    From(String),
    /// The adapter's last deliveries, oldest first.
    Last(ReplayLast),
    /// Texts that somebody gives.
    Texts(Vec<ReplayText>),
}

/// The last deliveries.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ReplayLast {
    /// At most so many.
    pub count: u32,
    /// Only ones that were sent then or later: RFC 3339, a date, or `10m`, `2h`, `3d` ago.
    #[serde(default)]
    #[ts(optional)]
    pub since: Option<String>,
}

/// A sample, a curl command, a raw HTTP request or a HAR.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ReplayText {
    /// The file's name; standard input has none.
    #[serde(default)]
    #[ts(optional)]
    pub name: Option<String>,
    /// The exact bytes.
    pub content_base64: String,
}

impl ReplayText {
    /// The exact bytes of a file, or of standard input where there is no name.
    pub fn new(name: Option<String>, content: &[u8]) -> Self {
        Self { name, content_base64: STANDARD.encode(content) }
    }
}

/// Which code serves a run.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReplayAgainst {
    /// What is live.
    #[default]
    Live,
    /// The adapter's files as they stand on disk, loaded beside what is live.
    Draft,
    /// A kept version, by its number or id.
    Version(String),
}

/// A dispatcher elsewhere.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct RemoteDispatcher {
    /// Its URL; redirects are not followed.
    pub url: String,
    /// Headers for every request.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
}

/// A run that goes on; its traces and its end come as events.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ReplayStarted {
    /// Job id, to cancel it.
    pub job: String,
    /// Run id, `run-…`, which every delivery of it bears.
    pub run: String,
    /// Webhooks that it sends.
    pub webhooks: u32,
}

/// A delivery of a run that is kept now.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ReplayProgress {
    /// Job id.
    pub job: String,
    /// Run id.
    pub run: String,
    /// Deliveries that were made until now.
    pub sent: u32,
    /// Webhooks that the run sends.
    pub webhooks: u32,
    /// The delivery.
    pub delivery: DeliverySummary,
}

/// A run that is over.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ReplayFinished {
    /// Job id.
    pub job: String,
    /// Run id.
    pub run: String,
    /// Deliveries that were made.
    pub sent: u32,
    /// Whether somebody cancelled it.
    pub cancelled: bool,
    /// Why it ended early. What was sent before is kept.
    pub error: Option<WireError>,
}

/// A run with its traces.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ReplayRun {
    /// Run id, `run-…`.
    pub run: String,
    /// In the order in which they were sent.
    pub deliveries: Vec<Trace>,
}

/// `replay_list`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ReplayListRequest {
    /// Only this tenant.
    pub tenant: Option<String>,
    /// Only this adapter of it.
    pub adapter: Option<String>,
    /// At most so many, newest first.
    pub limit: u32,
}

/// `replay_show`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ReplayShowRequest {
    /// Delivery id.
    pub delivery: String,
}

/// Deliveries, newest first.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ReplayList {
    /// Newest first.
    pub deliveries: Vec<DeliverySummary>,
}

/// One delivery in a list.
#[derive(Debug, Clone, Serialize, TS)]
pub struct DeliverySummary {
    /// Delivery id.
    pub delivery: String,
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// The run that it belongs to, `run-…`.
    pub run: Option<String>,
    /// Sample it was made from.
    pub sample: Option<String>,
    /// Where the webhook came from: `sample`, `delivery ID`, `file NAME`, `stdin`, `inbox`.
    pub origin: String,
    /// Which code was to serve it: `live`, `draft`, `version ID`.
    pub against: String,
    /// The provider's id of the event.
    pub event: Option<String>,
    /// What the sender did beyond sending it once.
    pub sender: Option<String>,
    /// RFC 3339.
    pub started_at: String,
    /// Status that the sender saw; `null` when there was no answer.
    pub status: Option<u16>,
    /// Until the whole answer was there.
    pub duration_ms: f64,
    /// Whether it met its expectation; `null` without one.
    pub as_expected: Option<bool>,
    /// Outbound calls made.
    pub outbound_calls: u32,
}

/// A delivery from ingress to answer. Secrets are redacted by value.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Trace {
    /// Head of the trace.
    pub summary: DeliverySummary,
    /// Provider that signed the sample.
    pub provider: String,
    /// Rule of the dispatcher that matched; `null` where none did or nobody can say.
    pub rule: Option<String>,
    /// Environment, `production`.
    pub environment: String,
    /// Region, `eu`.
    pub region: String,
    /// Script, namespace and version that served it; `null` when no script was reached.
    pub served_by: Option<ServedBy>,
    /// What the sender sent.
    pub request: WireRequest,
    /// What the sender got; `null` when there was no answer.
    pub response: Option<WireResponse>,
    /// Spans for the waterfall, the whole delivery first.
    pub spans: Vec<Span>,
    /// Console output in order.
    pub logs: Vec<LogLine>,
    /// Exceptions, with the author's line where a source map tells it.
    pub exceptions: Vec<WireException>,
    /// Outbound calls in order.
    pub outbound: Vec<WireOutboundCall>,
    /// Differences from the expectation.
    pub differences: Vec<Difference>,
    /// Sentences a person should read: deadline missed, tail not complete, …
    pub remarks: Vec<String>,
    /// The same as text, for people.
    pub text: String,
}

/// Which script served a delivery.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ServedBy {
    /// Dispatch namespace.
    pub namespace: String,
    /// Script name.
    pub script: String,
    /// Version id.
    pub version: String,
}

/// A request with its body as text.
#[derive(Debug, Clone, Serialize, TS)]
pub struct WireRequest {
    /// Method.
    pub method: String,
    /// Absolute URL.
    pub url: String,
    /// Names and values in order.
    pub headers: Vec<(String, String)>,
    /// Body as text, or base64.
    pub body: WireBody,
}

/// An answer with its body as text.
#[derive(Debug, Clone, Serialize, TS)]
pub struct WireResponse {
    /// Status.
    pub status: u16,
    /// Names and values in order.
    pub headers: Vec<(String, String)>,
    /// Body as text, or base64.
    pub body: WireBody,
}

/// A body.
#[derive(Debug, Clone, Serialize, TS)]
pub struct WireBody {
    /// The text, or the base64 of bytes that are not UTF-8.
    pub text: String,
    /// Whether `text` is base64.
    pub base64: bool,
    /// Bytes on the wire.
    pub bytes: u32,
}

/// A bar of the waterfall.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Span {
    /// `delivery`, `dispatch`, `adapter`, `outbound`.
    pub kind: String,
    /// What to write beside it.
    pub label: String,
    /// Depth in the tree, from 0.
    pub depth: u32,
    /// Start, milliseconds after the delivery's start.
    pub start_ms: f64,
    /// Length in milliseconds.
    pub duration_ms: f64,
}

/// One console line.
#[derive(Debug, Clone, Serialize, TS)]
pub struct LogLine {
    /// `log`, `info`, `warn`, `error`, `debug`.
    pub level: String,
    /// Text.
    pub message: String,
    /// Milliseconds after the delivery's start.
    pub at_ms: f64,
}

/// An exception.
#[derive(Debug, Clone, Serialize, TS)]
pub struct WireException {
    /// `TypeError`.
    pub name: String,
    /// Message.
    pub message: String,
    /// Author's file, where known.
    pub file: Option<String>,
    /// Author's line, from 1.
    pub line: Option<u32>,
    /// Author's column, from 1.
    pub column: Option<u32>,
    /// Stack text with the author's positions where known.
    pub stack: String,
}

/// One outbound call.
#[derive(Debug, Clone, Serialize, TS)]
pub struct WireOutboundCall {
    /// What the adapter sent.
    pub request: WireRequest,
    /// What it got.
    pub response: WireResponse,
    /// `simulated`, `live`, `refused`.
    pub answered_by: String,
    /// `cut_off` or `reset`, where the answer broke off. After a reset the status is 0.
    pub interruption: Option<String>,
    /// 1 for a first try; the same call made again after a failure counts up.
    pub attempt: u32,
    /// Milliseconds for which it waited for its turn in the tenant's pace; `null` where the tenant has none.
    pub pacing_ms: Option<f64>,
    /// Milliseconds after the delivery's start.
    pub start_ms: f64,
    /// Length in milliseconds.
    pub duration_ms: f64,
}

/// Something that is not as the expectation says.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Difference {
    /// JSON path, `answer.page_id`.
    pub path: String,
    /// What was expected.
    pub expected: serde_json::Value,
    /// What was there.
    pub actual: serde_json::Value,
}
