//! The runtime's tail reports, read into the words of `patchbay-core`.

use crate::local_api::ServedBy;
use patchbay_core::observation::{ConsoleLine, ExceptionReport, TailEvent};
use serde::Deserialize;
use serde_json::Value;

/// What the router module sends.
#[derive(Deserialize)]
pub(crate) struct TailReport {
    pub(crate) caller: ServedBy,
    pub(crate) lane: Option<u32>,
    pub(crate) events: Vec<RawEvent>,
}

/// An event as the runtime reports it. Its `wallTime` and `cpuTime` are always 0 in workerd 1.20261117.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RawEvent {
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    event_timestamp: Option<f64>,
    #[serde(default)]
    event: Option<RawHandler>,
    #[serde(default)]
    logs: Vec<RawLog>,
    #[serde(default)]
    exceptions: Vec<RawException>,
}

#[derive(Deserialize)]
struct RawHandler {
    request: Option<RawRequest>,
    response: Option<RawResponse>,
}

#[derive(Deserialize)]
struct RawRequest {
    url: String,
    method: String,
}

#[derive(Deserialize)]
struct RawResponse {
    status: u16,
}

#[derive(Deserialize)]
struct RawLog {
    level: String,
    message: Value,
    timestamp: f64,
}

#[derive(Deserialize)]
struct RawException {
    #[serde(default)]
    name: String,
    #[serde(default)]
    message: Value,
    #[serde(default)]
    stack: Option<String>,
    timestamp: f64,
}

impl RawEvent {
    /// The event, with the time from its begin to `arrived_ms` as the best known duration.
    pub(crate) fn into_event(self, served_by: &ServedBy, delivery: Option<&str>, arrived_ms: f64) -> TailEvent {
        let started_ms = self.event_timestamp.unwrap_or(arrived_ms);
        let (request, response) = self.event.map_or((None, None), |event| (event.request, event.response));
        TailEvent {
            served_by: served_by.clone().into(),
            delivery: delivery.map(str::to_owned),
            outcome: self.outcome,
            request: request.map(|request| (request.method, request.url)),
            status: response.map(|response| response.status),
            started_ms,
            wall_ms: (arrived_ms - started_ms).max(0.0),
            cpu_ms: None,
            logs: self.logs.into_iter().map(RawLog::into_line).collect(),
            exceptions: self.exceptions.into_iter().map(RawException::into_report).collect(),
        }
    }
}

impl RawLog {
    fn into_line(self) -> ConsoleLine {
        let message = match self.message {
            Value::Array(arguments) => arguments.iter().map(text).collect::<Vec<_>>().join(" "),
            other => text(&other),
        };
        ConsoleLine { level: self.level, message, at_ms: self.timestamp }
    }
}

impl RawException {
    fn into_report(self) -> ExceptionReport {
        ExceptionReport {
            name: self.name,
            message: text(&self.message),
            stack: self.stack.unwrap_or_default(),
            at_ms: self.timestamp,
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
