//! The observation JSON of the platform. Headers stand in it as pairs, bodies as `{"text": …}` or `{"base64": …}`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use patchbay_core::observation::{
    AnsweredBy, ConsoleLine, ExceptionReport, Interruption, OutboundCall, ServedBy, TailEvent,
};
use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse};
use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
pub struct Observations {
    complete: bool,
    tail: Vec<Tail>,
    outbound: Vec<Outbound>,
}

#[derive(Deserialize)]
pub struct Tail {
    served_by: Served,
    #[serde(default)]
    delivery: Option<String>,
    outcome: String,
    #[serde(default)]
    request: Option<(String, String)>,
    #[serde(default)]
    status: Option<u16>,
    started_ms: f64,
    wall_ms: f64,
    #[serde(default)]
    cpu_ms: Option<f64>,
    logs: Vec<Log>,
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
struct Served {
    namespace: String,
    script: String,
    version: String,
}

#[derive(Deserialize)]
struct Log {
    level: String,
    message: String,
    at_ms: f64,
}

#[derive(Deserialize)]
struct Exception {
    name: String,
    message: String,
    #[serde(default)]
    stack: String,
    at_ms: f64,
}

#[derive(Deserialize)]
struct Outbound {
    served_by: Served,
    #[serde(default)]
    delivery: Option<String>,
    request: Request,
    response: Response,
    answered_by: Answerer,
    #[serde(default)]
    interruption: Option<BrokenOff>,
    started_ms: f64,
    duration_ms: f64,
    #[serde(default)]
    pacing_ms: Option<f64>,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    #[serde(deserialize_with = "bytes")]
    body: Bytes,
}

#[derive(Deserialize)]
struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    #[serde(deserialize_with = "bytes")]
    body: Bytes,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answerer {
    Simulated,
    Live,
    Refused,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum BrokenOff {
    CutOff,
    Reset,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Body {
    Text(String),
    Base64(String),
}

fn bytes<'de, D: Deserializer<'de>>(value: D) -> Result<Bytes, D::Error> {
    match Body::deserialize(value)? {
        Body::Text(text) => Ok(text.into()),
        Body::Base64(text) => STANDARD.decode(text).map(Bytes::from).map_err(serde::de::Error::custom),
    }
}

impl From<Observations> for super::Observations {
    fn from(seen: Observations) -> Self {
        Self {
            complete: seen.complete,
            tails: seen.tail.into_iter().map(TailEvent::from).collect(),
            outbound: seen.outbound.into_iter().map(OutboundCall::from).collect(),
        }
    }
}

impl From<Served> for ServedBy {
    fn from(served: Served) -> Self {
        Self { namespace: served.namespace, script: served.script, version: served.version }
    }
}

impl From<Tail> for TailEvent {
    fn from(tail: Tail) -> Self {
        let console = |log: Log| ConsoleLine { level: log.level, message: log.message, at_ms: log.at_ms };
        let report = |exception: Exception| ExceptionReport {
            name: exception.name,
            message: exception.message,
            stack: exception.stack,
            at_ms: exception.at_ms,
        };
        Self {
            served_by: tail.served_by.into(),
            delivery: tail.delivery,
            outcome: tail.outcome,
            request: tail.request,
            status: tail.status,
            started_ms: tail.started_ms,
            wall_ms: tail.wall_ms,
            cpu_ms: tail.cpu_ms,
            logs: tail.logs.into_iter().map(console).collect(),
            exceptions: tail.exceptions.into_iter().map(report).collect(),
        }
    }
}

impl From<Outbound> for OutboundCall {
    fn from(call: Outbound) -> Self {
        let Request { method, url, headers, body } = call.request;
        let request = HttpRequest { method, url, headers: HttpMessageHeaders(headers), body };
        let Response { status, headers, body } = call.response;
        Self {
            served_by: call.served_by.into(),
            delivery: call.delivery,
            request,
            response: HttpResponse { status, headers: HttpMessageHeaders(headers), body },
            answered_by: match call.answered_by {
                Answerer::Simulated => AnsweredBy::Simulated,
                Answerer::Live => AnsweredBy::Live,
                Answerer::Refused => AnsweredBy::Refused,
            },
            interruption: call.interruption.map(|interruption| match interruption {
                BrokenOff::CutOff => Interruption::CutOff,
                BrokenOff::Reset => Interruption::Reset,
            }),
            started_ms: call.started_ms,
            duration_ms: call.duration_ms,
            pacing_ms: call.pacing_ms,
        }
    }
}
