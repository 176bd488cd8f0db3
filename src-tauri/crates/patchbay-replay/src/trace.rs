//! A trace: everything known of one delivery, in the form in which it is stored.
//!
//! Offsets and durations are milliseconds; offsets count from the moment the request was sent.

mod body;

pub use body::TracedBody;

use crate::expect::Difference;
use serde::{Deserialize, Serialize};
use std::fmt;
use time::OffsetDateTime;

/// One delivery from ingress to answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Delivery id.
    pub id: String,
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// The run that it belongs to, `run-…`.
    #[serde(default)]
    pub run: Option<String>,
    /// Sample that was sent.
    pub sample: Option<String>,
    /// Where the webhook came from.
    #[serde(default)]
    pub origin: Origin,
    /// Which code was to serve it.
    #[serde(default)]
    pub against: Against,
    /// The provider's id of the event, where it gives one.
    #[serde(default)]
    pub event_id: Option<String>,
    /// What the sender did beyond sending it once, for people: `duplicate 2 of 2`.
    #[serde(default)]
    pub sender: Option<String>,
    /// Provider that the request imitates.
    pub provider: String,
    /// When the request was sent.
    #[serde(with = "time::serde::rfc3339")]
    pub started: OffsetDateTime,
    /// Environment, `production`.
    pub environment: String,
    /// Region, `eu`.
    pub region: String,
    /// How the request was signed, for people.
    pub signing: Option<String>,
    /// Rule of the dispatcher that matched, where the platform can be asked to explain the request.
    pub rule: Option<String>,
    /// What was sent.
    pub request: TracedRequest,
    /// What came back; absent when the connection ended or the wait did.
    pub response: Option<TracedResponse>,
    /// Why there is no answer.
    pub no_answer: Option<String>,
    /// Until the answer was complete, or until it was given up.
    pub total_ms: f64,
    /// Until the answer's headers were there.
    pub first_byte_ms: Option<f64>,
    /// What the runtime reported of the adapter; absent when no adapter was reached or nobody could look inside.
    pub adapter_run: Option<AdapterRun>,
    /// Calls the adapter made, in the order of their start.
    pub outbound: Vec<TracedCall>,
    /// How much of the inside was visible.
    pub visibility: Visibility,
    /// Whether the sender would have had its answer in time.
    pub deadline: DeadlineVerdict,
    /// Differences from the sample's expectation; `None` when it has none, empty when it is met.
    pub differences: Option<Vec<Difference>>,
}

/// Where a webhook came from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The sample that the trace names.
    #[default]
    Sample,
    /// An earlier delivery.
    Delivery(String),
    /// A file.
    File(String),
    /// Standard input.
    Stdin,
    /// Somebody sent it to this machine.
    Inbox,
}

/// Which code a delivery was sent to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// What is live.
    #[default]
    Live,
    /// The adapter's files as they stood on disk, unpublished.
    Draft,
    /// A kept version, by its id.
    Version(String),
}

impl fmt::Display for Origin {
    /// In the words of the command line: `sample`, `delivery ID`, `file PATH`, `stdin`, `inbox`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sample => formatter.write_str("sample"),
            Self::Delivery(id) => write!(formatter, "delivery {id}"),
            Self::File(path) => write!(formatter, "file {path}"),
            Self::Stdin => formatter.write_str("stdin"),
            Self::Inbox => formatter.write_str("inbox"),
        }
    }
}

impl fmt::Display for Against {
    /// In the words of the command line: `live`, `draft`, `version ID`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Live => formatter.write_str("live"),
            Self::Draft => formatter.write_str("draft"),
            Self::Version(id) => write!(formatter, "version {id}"),
        }
    }
}

/// Which script served a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracedScript {
    /// Dispatch namespace.
    pub namespace: String,
    /// Script name.
    pub script: String,
    /// Version id.
    pub version: String,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracedRequest {
    /// Method.
    pub method: String,
    /// Absolute URL.
    pub url: String,
    /// Names and values in order.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: TracedBody,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracedResponse {
    /// Status.
    pub status: u16,
    /// Names and values in order.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: TracedBody,
}

/// What the adapter did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdapterRun {
    /// Who served it.
    pub served_by: TracedScript,
    /// `ok`, `exception`, `exceededCpu`, …
    pub outcome: String,
    /// Status that the adapter answered.
    pub status: Option<u16>,
    /// When the request reached it.
    pub at_ms: f64,
    /// Time inside it, waits included.
    pub wall_ms: f64,
    /// CPU time of the process that it ran in, the platform's own share included; known where the process did nothing else
    /// meanwhile and no isolate had to be started.
    pub cpu_ms: Option<f64>,
    /// Console output in order.
    pub logs: Vec<TracedLog>,
    /// Exceptions in order.
    pub exceptions: Vec<TracedException>,
}

/// A console line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TracedLog {
    /// `log`, `info`, `warn`, `error`, `debug`.
    pub level: String,
    /// Text.
    pub message: String,
    /// When it was written.
    pub at_ms: f64,
}

/// An exception that left the adapter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TracedException {
    /// `TypeError`.
    pub name: String,
    /// Its message.
    pub message: String,
    /// The runtime's stack, with positions of the uploaded modules.
    pub stack: String,
    /// When it was thrown.
    pub at_ms: f64,
    /// The stack in the author's files, outermost last. Filled by whoever has the source maps.
    #[serde(default)]
    pub frames: Vec<TracedFrame>,
}

/// A place in the author's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracedFrame {
    /// Function, where it has a name.
    pub function: Option<String>,
    /// File, relative to the adapter's folder.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

/// An outbound call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TracedCall {
    /// What the adapter sent.
    pub request: TracedRequest,
    /// What it got.
    pub response: TracedResponse,
    /// Who answered.
    pub answered_by: TracedAnswerer,
    /// `cut_off` or `reset`, where the answer broke off. After a reset the status is 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interruption: Option<String>,
    /// When the call left the adapter.
    pub at_ms: f64,
    /// Until its answer was complete.
    pub duration_ms: f64,
    /// How long the call waited for its turn in the tenant's pace, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pacing_ms: Option<f64>,
    /// 1 for a first try; the same call made again after a failure counts up.
    #[serde(default = "first_attempt")]
    pub attempt: u32,
}

fn first_attempt() -> u32 {
    1
}

/// Who answered an outbound call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TracedAnswerer {
    /// A simulated upstream.
    Simulated,
    /// The real one.
    Live,
    /// The outbound worker, which refused the call.
    Refused,
}

impl TracedAnswerer {
    /// The word, as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Simulated => "simulated",
            Self::Live => "live",
            Self::Refused => "refused",
        }
    }
}

/// How much of the inside was visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Logs and outbound calls are all here.
    Complete,
    /// The platform did not report the end of the delivery in time; something may be missing.
    Partial,
    /// A dispatcher that reports nothing: only request and answer are known.
    AnswerOnly,
}

impl Visibility {
    /// The word, as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::AnswerOnly => "answer_only",
        }
    }
}

/// Whether the sender would have had its answer in time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineVerdict {
    /// Within the deadline.
    InTime {
        /// The sender's deadline.
        deadline_ms: f64,
    },
    /// After it; a sender that retries would have.
    Late {
        /// The sender's deadline.
        deadline_ms: f64,
    },
    /// The provider publishes none.
    NoDeadline,
}

/// A trace in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TraceSummary {
    /// Delivery id.
    pub id: String,
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// Sample that was sent.
    pub sample: Option<String>,
    /// Provider.
    pub provider: String,
    /// Environment.
    pub environment: String,
    /// When it was sent.
    #[serde(with = "time::serde::rfc3339")]
    pub started: OffsetDateTime,
    /// Status of the answer, if there was one.
    pub status: Option<u16>,
    /// Until the answer was complete.
    pub total_ms: f64,
    /// Outbound calls made.
    pub outbound_calls: u32,
    /// Whether it met its expectation; `None` without one.
    pub as_expected: Option<bool>,
}

impl Trace {
    /// What a list shows.
    pub fn summary(&self) -> TraceSummary {
        TraceSummary {
            id: self.id.clone(),
            tenant: self.tenant.clone(),
            adapter: self.adapter.clone(),
            sample: self.sample.clone(),
            provider: self.provider.clone(),
            environment: self.environment.clone(),
            started: self.started,
            status: self.response.as_ref().map(|response| response.status),
            total_ms: self.total_ms,
            outbound_calls: u32::try_from(self.outbound.len()).unwrap_or(u32::MAX),
            as_expected: self.differences.as_ref().map(Vec::is_empty),
        }
    }

    /// Compares with an expectation and keeps the differences.
    pub fn expect(&mut self, expectation: &serde_json::Value) {
        self.differences = Some(crate::expect::compare(expectation, self));
    }
}
