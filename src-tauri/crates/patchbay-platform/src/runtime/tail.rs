//! The runtime's tail reports, read into the words of `patchbay-core`.

use crate::local_api::ServedBy;
use patchbay_core::observation::{ConsoleLine, ExceptionReport, TailEvent};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::fmt;

/// What the router module sends.
#[derive(Deserialize)]
pub(crate) struct TailReports {
    pub(crate) reports: Vec<TailReport>,
}

/// What the runtime says about a script.
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
    message: Shown,
    timestamp: f64,
}

#[derive(Deserialize)]
struct RawException {
    #[serde(default)]
    name: Shown,
    #[serde(default)]
    message: Shown,
    #[serde(default)]
    stack: Option<Shown>,
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
        ConsoleLine { level: self.level, message: self.message.0, at_ms: self.timestamp }
    }
}

impl RawException {
    fn into_report(self) -> ExceptionReport {
        ExceptionReport {
            name: self.name.0,
            message: self.message.0,
            stack: self.stack.unwrap_or_default().0,
            at_ms: self.timestamp,
        }
    }
}

/// What an adapter logged or threw, as text; the arguments of a console call are joined by blanks.
///
/// It is not parsed as a JSON value: an adapter can nest deeper than the parser goes and write half of a surrogate
/// pair, and neither may cost the whole report.
#[derive(Default)]
pub(super) struct Shown(pub(super) String);

impl<'de> Deserialize<'de> for Shown {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let arguments = serde_json::from_str::<Vec<&RawValue>>(raw.get());
        Ok(Self(match arguments {
            Ok(arguments) => arguments.into_iter().map(text).collect::<Vec<_>>().join(" "),
            Err(_) => text(&raw),
        }))
    }
}

/// A JSON string as it reads, anything else as JSON.
fn text(raw: &RawValue) -> String {
    serde_json::from_str::<Unescaped>(raw.get()).map_or_else(|_| raw.get().to_owned(), |text| text.0)
}

/// A JSON string in which what is not Unicode is replaced.
struct Unescaped(String);

impl<'de> Deserialize<'de> for Unescaped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Unescaped;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Unescaped, E> {
                Ok(Unescaped(String::from_utf8_lossy(bytes).into_owned()))
            }
        }
        // As bytes, `serde_json` hands out a lone surrogate instead of refusing the string.
        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{RawLog, TailReport};

    fn line(message: &str) -> String {
        let log = format!(r#"{{"level":"log","message":{message},"timestamp":1}}"#);
        serde_json::from_str::<RawLog>(&log).expect("reads").into_line().message
    }

    #[test]
    fn arguments_of_a_console_call_stand_side_by_side() {
        assert_eq!(line(r#"["a\nb", 1, {"c": null}, "größe"]"#), "a\nb 1 {\"c\": null} größe");
        assert_eq!(line(r#""alone""#), "alone");
    }

    #[test]
    fn what_no_parser_takes_does_not_cost_the_report() {
        let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
        assert_eq!(line(&format!("[{deep}]")), deep);
        assert_eq!(line(r#"["\ud800 \udc00\ud83d\ude00"]"#), "\u{fffd}\u{fffd}\u{fffd} \u{fffd}\u{fffd}\u{fffd}😀");
        let thrown = r#"{"caller":{"namespace":"n","script":"s","version":"v"},"lane":null,"events":[{"exceptions":
            [{"name":"\udfff","message":"\ud800","stack":null,"timestamp":1}]}]}"#;
        assert_eq!(serde_json::from_str::<TailReport>(thrown).expect("reads").events.len(), 1);
    }
}
