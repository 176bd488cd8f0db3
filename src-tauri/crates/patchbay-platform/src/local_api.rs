//! The JSON of Patchbay's own routes under `/patchbay/v1`, for whoever serves or reads them, and the record of a
//! running platform.
//!
//! The observations of `patchbay-core` are not serialisable on purpose; these are their mirror images.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use patchbay_core::Environment;
use patchbay_core::message::{HttpMessageHeaders, HttpRequest, HttpResponse};
use patchbay_core::observation::{self, AnsweredBy, Interruption};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Body of `PUT /routing`: everything that the dispatcher's `ROUTING` binding serves.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routing {
    /// The route table, served as `routes`.
    #[serde(default)]
    pub routes: Value,
    /// Settings by tenant, served as `tenant:<id>`.
    #[serde(default)]
    pub tenants: Map<String, Value>,
    /// Routing keys, served as `key:<host name or path token>`.
    #[serde(default)]
    pub keys: Map<String, Value>,
}

/// First line of the answer of `POST /drafts/{namespace}/{script}`, whose body is an upload. The answer does not end: the
/// draft is there as long as its connection is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadedDraft {
    /// Names the draft in `POST /deliveries`, and stands where the id of a version would.
    pub draft: String,
}

/// Answer of `POST /deliveries`. A request that carries the header is recorded; the value cannot be guessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredDelivery {
    /// Names the delivery in later questions.
    pub delivery: String,
    /// Name of the header to send to the dispatcher.
    pub header: String,
    /// Its value.
    pub value: String,
}

/// Answer of `GET /deliveries/{id}/observations`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observations {
    /// Whether everything the adapter did is here. `false` when the time was over first, or its process ended.
    pub complete: bool,
    /// What the runtime reported, one entry for each request that reached an adapter.
    pub tail: Vec<TailEvent>,
    /// Calls the adapter made, in the order in which they began.
    pub outbound: Vec<OutboundCall>,
}

/// Body of `POST /explain`; the answer is the dispatcher's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Absolute URL.
    pub url: String,
    /// Headers of the request in question.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The environment in question; that of the platform's first dispatcher when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
}

/// Answer of `GET /status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformStatus {
    /// Process that runs the platform.
    pub pid: u32,
    /// Its children.
    pub processes: Vec<ProcessStatus>,
}

/// One runtime process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessStatus {
    /// `dispatcher`, `validator` or `tenant`.
    pub role: String,
    /// Whose scripts it runs: `tenant:<id>`, or `script:<namespace>/<name>` for a script that belongs to no tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Absent while it is being started.
    pub pid: Option<u32>,
    /// RFC 3339, UTC.
    pub started: String,
    /// How often it had to be started again.
    pub restarts: u32,
    /// Resident memory in bytes, where the system tells it.
    pub rss: Option<u64>,
}

/// Mirror of [`observation::ServedBy`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "documented on the mirrored type")]
pub struct ServedBy {
    pub namespace: String,
    pub script: String,
    pub version: String,
}

/// Mirror of [`observation::ConsoleLine`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "documented on the mirrored type")]
pub struct ConsoleLine {
    pub level: String,
    pub message: String,
    pub at_ms: f64,
}

/// Mirror of [`observation::ExceptionReport`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "documented on the mirrored type")]
pub struct ExceptionReport {
    pub name: String,
    pub message: String,
    pub stack: String,
    pub at_ms: f64,
}

/// Mirror of [`observation::TailEvent`]; also one line of `GET /tail`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "documented on the mirrored type")]
pub struct TailEvent {
    pub served_by: ServedBy,
    #[serde(default)]
    pub delivery: Option<String>,
    pub outcome: String,
    #[serde(default)]
    pub request: Option<(String, String)>,
    #[serde(default)]
    pub status: Option<u16>,
    pub started_ms: f64,
    pub wall_ms: f64,
    #[serde(default)]
    pub cpu_ms: Option<f64>,
    pub logs: Vec<ConsoleLine>,
    pub exceptions: Vec<ExceptionReport>,
}

/// Mirror of [`observation::OutboundCall`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "documented on the mirrored type")]
pub struct OutboundCall {
    pub served_by: ServedBy,
    #[serde(default)]
    pub delivery: Option<String>,
    pub request: RequestMessage,
    pub response: ResponseMessage,
    /// `simulated`, `live` or `refused`.
    pub answered_by: Answerer,
    /// `cut_off` or `reset`, where the answer broke off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interruption: Option<BrokenOff>,
    pub started_ms: f64,
    pub duration_ms: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pacing_ms: Option<f64>,
}

/// Mirror of [`AnsweredBy`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "documented on the mirrored type")]
pub enum Answerer {
    Simulated,
    Live,
    Refused,
}

/// Mirror of [`Interruption`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "documented on the mirrored type")]
pub enum BrokenOff {
    CutOff,
    Reset,
}

/// Mirror of [`HttpRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "documented on the mirrored type")]
pub struct RequestMessage {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: BodyContent,
}

/// Mirror of [`HttpResponse`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "documented on the mirrored type")]
pub struct ResponseMessage {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: BodyContent,
}

/// Bytes in JSON: `{"text": …}` where they are UTF-8, else `{"base64": …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BodyContent {
    /// UTF-8.
    Text(String),
    /// Anything else.
    Base64(String),
}

impl From<&Bytes> for BodyContent {
    fn from(bytes: &Bytes) -> Self {
        std::str::from_utf8(bytes)
            .map_or_else(|_| Self::Base64(STANDARD.encode(bytes)), |text| Self::Text(text.to_owned()))
    }
}

impl From<BodyContent> for Bytes {
    /// Text that claims to be base64 and is not is taken as it stands.
    fn from(content: BodyContent) -> Self {
        match content {
            BodyContent::Text(text) => text.into(),
            BodyContent::Base64(text) => STANDARD.decode(&text).map_or_else(|_| text.into(), Self::from),
        }
    }
}

fn pairs(headers: &HttpMessageHeaders) -> Vec<(String, String)> {
    headers.0.clone()
}

impl From<&HttpRequest> for RequestMessage {
    fn from(request: &HttpRequest) -> Self {
        Self {
            method: request.method.clone(),
            url: request.url.clone(),
            headers: pairs(&request.headers),
            body: (&request.body).into(),
        }
    }
}

impl From<RequestMessage> for HttpRequest {
    fn from(message: RequestMessage) -> Self {
        let RequestMessage { method, url, headers, body } = message;
        Self { method, url, headers: HttpMessageHeaders(headers), body: body.into() }
    }
}

impl From<&HttpResponse> for ResponseMessage {
    fn from(response: &HttpResponse) -> Self {
        Self { status: response.status, headers: pairs(&response.headers), body: (&response.body).into() }
    }
}

impl From<ResponseMessage> for HttpResponse {
    fn from(message: ResponseMessage) -> Self {
        let ResponseMessage { status, headers, body } = message;
        Self { status, headers: HttpMessageHeaders(headers), body: body.into() }
    }
}

/// Two structs of the same fields, each made from the other.
macro_rules! mirror {
    ($name:ident { $($field:ident),* }) => {
        impl From<observation::$name> for $name {
            fn from(value: observation::$name) -> Self {
                let observation::$name { $($field),* } = value;
                Self { $($field),* }
            }
        }
        impl From<$name> for observation::$name {
            fn from(value: $name) -> Self {
                let $name { $($field),* } = value;
                Self { $($field),* }
            }
        }
    };
}

mirror!(ServedBy { namespace, script, version });
mirror!(ConsoleLine { level, message, at_ms });
mirror!(ExceptionReport { name, message, stack, at_ms });

impl From<observation::TailEvent> for TailEvent {
    fn from(event: observation::TailEvent) -> Self {
        Self {
            served_by: event.served_by.into(),
            delivery: event.delivery,
            outcome: event.outcome,
            request: event.request,
            status: event.status,
            started_ms: event.started_ms,
            wall_ms: event.wall_ms,
            cpu_ms: event.cpu_ms,
            logs: event.logs.into_iter().map(Into::into).collect(),
            exceptions: event.exceptions.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<TailEvent> for observation::TailEvent {
    fn from(event: TailEvent) -> Self {
        Self {
            served_by: event.served_by.into(),
            delivery: event.delivery,
            outcome: event.outcome,
            request: event.request,
            status: event.status,
            started_ms: event.started_ms,
            wall_ms: event.wall_ms,
            cpu_ms: event.cpu_ms,
            logs: event.logs.into_iter().map(Into::into).collect(),
            exceptions: event.exceptions.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<AnsweredBy> for Answerer {
    fn from(by: AnsweredBy) -> Self {
        match by {
            AnsweredBy::Simulated => Self::Simulated,
            AnsweredBy::Live => Self::Live,
            AnsweredBy::Refused => Self::Refused,
        }
    }
}

impl From<Answerer> for AnsweredBy {
    fn from(by: Answerer) -> Self {
        match by {
            Answerer::Simulated => Self::Simulated,
            Answerer::Live => Self::Live,
            Answerer::Refused => Self::Refused,
        }
    }
}

impl From<Interruption> for BrokenOff {
    fn from(interruption: Interruption) -> Self {
        match interruption {
            Interruption::CutOff => Self::CutOff,
            Interruption::Reset => Self::Reset,
        }
    }
}

impl From<BrokenOff> for Interruption {
    fn from(interruption: BrokenOff) -> Self {
        match interruption {
            BrokenOff::CutOff => Self::CutOff,
            BrokenOff::Reset => Self::Reset,
        }
    }
}

impl From<observation::OutboundCall> for OutboundCall {
    fn from(call: observation::OutboundCall) -> Self {
        Self {
            served_by: call.served_by.into(),
            delivery: call.delivery,
            request: (&call.request).into(),
            response: (&call.response).into(),
            answered_by: call.answered_by.into(),
            interruption: call.interruption.map(Into::into),
            started_ms: call.started_ms,
            duration_ms: call.duration_ms,
            pacing_ms: call.pacing_ms,
        }
    }
}

impl From<OutboundCall> for observation::OutboundCall {
    fn from(call: OutboundCall) -> Self {
        Self {
            served_by: call.served_by.into(),
            delivery: call.delivery,
            request: call.request.into(),
            response: call.response.into(),
            answered_by: call.answered_by.into(),
            interruption: call.interruption.map(Into::into),
            started_ms: call.started_ms,
            duration_ms: call.duration_ms,
            pacing_ms: call.pacing_ms,
        }
    }
}
