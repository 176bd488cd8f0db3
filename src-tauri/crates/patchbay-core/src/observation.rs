//! What the platform saw of one delivery. The platform reports these, replay keeps and shows them.
//!
//! Times are milliseconds since the Unix epoch, durations milliseconds; both as `f64` with microsecond precision.

use crate::message::{HttpRequest, HttpResponse};

/// Which script served a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedBy {
    /// Dispatch namespace.
    pub namespace: String,
    /// Script name.
    pub script: String,
    /// Version id (the upload's `deployment_id`, 32 hex digits).
    pub version: String,
}

/// One line that the adapter wrote to its console.
#[derive(Debug, Clone, PartialEq)]
pub struct ConsoleLine {
    /// `log`, `info`, `warn`, `error` or `debug`.
    pub level: String,
    /// The arguments, each as text (objects as JSON), joined by a space.
    pub message: String,
    /// When it was written.
    pub at_ms: f64,
}

/// An exception that left the adapter.
#[derive(Debug, Clone, PartialEq)]
pub struct ExceptionReport {
    /// `TypeError`, …
    pub name: String,
    /// Its message.
    pub message: String,
    /// The runtime's stack text, as it came; positions are those of the uploaded modules.
    pub stack: String,
    /// When it was thrown.
    pub at_ms: f64,
}

/// What the runtime's tail reported of one request to an adapter.
#[derive(Debug, Clone, PartialEq)]
pub struct TailEvent {
    /// Who served it.
    pub served_by: ServedBy,
    /// The recorded delivery it belongs to; absent for traffic nobody recorded.
    pub delivery: Option<String>,
    /// `ok`, `exception`, `exceededCpu`, `canceled`, …
    pub outcome: String,
    /// Method and URL as the adapter saw them.
    pub request: Option<(String, String)>,
    /// Status that the adapter answered.
    pub status: Option<u16>,
    /// When the request reached the adapter.
    pub started_ms: f64,
    /// Time inside the adapter, waits included.
    pub wall_ms: f64,
    /// CPU time of the process that it ran in, known where that did nothing else meanwhile.
    pub cpu_ms: Option<f64>,
    /// Console output in order.
    pub logs: Vec<ConsoleLine>,
    /// Exceptions in order.
    pub exceptions: Vec<ExceptionReport>,
}

/// Who answered an outbound call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnsweredBy {
    /// A simulated upstream.
    Simulated,
    /// The real one.
    Live,
    /// The outbound worker, which refused the call (egress list, region, limits).
    Refused,
}

/// How an answer ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interruption {
    /// The connection closed in the middle of the body.
    CutOff,
    /// The connection closed before there was an answer.
    Reset,
}

impl Interruption {
    /// The word in files and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CutOff => "cut_off",
            Self::Reset => "reset",
        }
    }
}

/// One `fetch()` that an adapter made.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboundCall {
    /// Who made it.
    pub served_by: ServedBy,
    /// The recorded delivery it belongs to; absent for traffic nobody recorded.
    pub delivery: Option<String>,
    /// What was sent.
    pub request: HttpRequest,
    /// What came back. After a reset nothing did: the status is 0.
    pub response: HttpResponse,
    /// Who answered.
    pub answered_by: AnsweredBy,
    /// Whether the answer broke off.
    pub interruption: Option<Interruption>,
    /// When the call left the adapter.
    pub started_ms: f64,
    /// Until the answer was complete.
    pub duration_ms: f64,
    /// How much of that the call waited for its turn in the tenant's pace; absent where the tenant has none or nobody knows.
    pub pacing_ms: Option<f64>,
}
