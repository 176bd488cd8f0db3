//! OpenTelemetry: OTLP's JSON encoding of `TracesData`, with the HTTP semantic conventions (stable since 1.23) and what has
//! no convention under `patchbay.`.
//!
//! <https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>: ids are hexadecimal, 64-bit numbers are strings,
//! enumerations are numbers.

use super::moments::nanoseconds;
use crate::trace::{AdapterRun, Trace, TracedBody, TracedCall, TracedException};
use reqwest::Url;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// Kinds of spans, as the protocol numbers them.
const INTERNAL: u8 = 1;
const SERVER: u8 = 2;
const CLIENT: u8 = 3;
/// Status of a span that failed, as the protocol numbers it.
const ERROR: u8 = 2;
/// Methods that a span may be named by; a name must not have endless values.
const KNOWN_METHODS: [&str; 10] =
    ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"];

/// The traces as one `TracesData` document; each delivery is a trace of its own.
pub fn otel(traces: &[Trace]) -> Value {
    json!({ "resourceSpans": traces.iter().map(resource_spans).collect::<Vec<_>>() })
}

fn resource_spans(trace: &Trace) -> Value {
    let mut resource = Attributes::default();
    resource.text("service.name", &format!("{}-{}", trace.tenant, trace.adapter));
    resource.text("service.namespace", &trace.tenant);
    if let Some(run) = &trace.adapter_run {
        resource.text("service.version", &run.served_by.version);
    }
    resource.text("deployment.environment.name", &trace.environment);
    resource.text("patchbay.region", &trace.region);
    json!({
        "resource": { "attributes": resource.0 },
        "scopeSpans": [{
            "scope": { "name": "patchbay", "version": env!("CARGO_PKG_VERSION") },
            "spans": spans(trace),
        }],
    })
}

fn spans(trace: &Trace) -> Vec<Value> {
    let ids = Ids::of(trace);
    let mut spans = vec![delivery(trace, &ids)];
    let mut caller = ids.span(0);
    if let Some(run) = &trace.adapter_run {
        let dispatcher = ids.span(1);
        spans.push(dispatch(trace, run, &ids));
        caller = ids.span(2);
        spans.push(adapter(trace, run, &ids, &dispatcher));
    }
    spans.extend(trace.outbound.iter().enumerate().map(|(index, call)| outbound(trace, call, &ids, index, &caller)));
    spans
}

/// The delivery as the dispatcher's side served it.
fn delivery(trace: &Trace, ids: &Ids) -> Value {
    let request = &trace.request;
    let mut attributes = Attributes::default();
    let name = attributes.method(&request.method);
    if let Ok(url) = Url::parse(&request.url) {
        attributes.text("url.scheme", url.scheme());
        attributes.text("url.path", url.path());
        attributes.known("url.query", url.query());
        attributes.known("server.address", url.host_str());
        attributes.whole("server.port", url.port_or_known_default().map(u64::from));
    }
    attributes.whole("http.request.body.size", Some(request.body.bytes));
    attributes.headers("http.request.header", &request.headers);
    let mut problem = trace.no_answer.clone().map(|reason| ("no_answer".to_owned(), reason));
    if let Some(response) = &trace.response {
        attributes.answer(response.status, &response.headers, &response.body);
        if response.status >= 500 {
            problem = Some((response.status.to_string(), String::new()));
        }
    }
    attributes.text("patchbay.delivery", &trace.id);
    attributes.known("patchbay.run", trace.run.as_deref());
    attributes.text("patchbay.provider", &trace.provider);
    attributes.known("patchbay.sample", trace.sample.as_deref());
    attributes.text("patchbay.origin", &trace.origin.to_string());
    attributes.text("patchbay.against", &trace.against.to_string());
    attributes.known("patchbay.event_id", trace.event_id.as_deref());
    attributes.known("patchbay.sender", trace.sender.as_deref());
    attributes.known("patchbay.signing", trace.signing.as_deref());
    attributes.text("patchbay.visibility", trace.visibility.as_str());
    if let Some(differences) = &trace.differences {
        attributes.whole("patchbay.differences", Some(differences.len() as u64));
    }
    let span = Span { name: &name, kind: SERVER, start_ms: 0.0, end_ms: trace.total_ms, attributes, problem };
    span.json(trace, ids, &ids.span(0), None, &[])
}

fn dispatch(trace: &Trace, run: &AdapterRun, ids: &Ids) -> Value {
    let mut attributes = Attributes::default();
    attributes.known("patchbay.rule", trace.rule.as_deref());
    attributes.text("patchbay.namespace", &run.served_by.namespace);
    attributes.text("patchbay.script", &run.served_by.script);
    attributes.text("patchbay.version", &run.served_by.version);
    attributes.text("patchbay.region", &trace.region);
    let end_ms = trace.total_ms.max(run.at_ms + run.wall_ms);
    let span = Span { name: "dispatcher", kind: INTERNAL, start_ms: 0.0, end_ms, attributes, problem: None };
    span.json(trace, ids, &ids.span(1), Some(&ids.span(0)), &[])
}

fn adapter(trace: &Trace, run: &AdapterRun, ids: &Ids, parent: &str) -> Value {
    let mut attributes = Attributes::default();
    attributes.text("patchbay.outcome", &run.outcome);
    attributes.whole("http.response.status_code", run.status.map(u64::from));
    if let Some(cpu_ms) = run.cpu_ms {
        attributes.number("patchbay.cpu_ms", cpu_ms);
    }
    let logs = run.logs.iter().map(|log| {
        let mut said = Attributes::default();
        said.text("log.severity", &log.level);
        said.text("log.message", &log.message);
        event(trace, "log", log.at_ms, &said)
    });
    let events: Vec<Value> = logs.chain(run.exceptions.iter().map(|exception| thrown(trace, exception))).collect();
    let problem = (run.outcome != "ok").then(|| {
        let first = run.exceptions.first();
        let kind = first.map_or_else(|| run.outcome.clone(), |exception| exception.name.clone());
        (kind, first.map(|exception| exception.message.clone()).unwrap_or_default())
    });
    let end_ms = run.at_ms + run.wall_ms;
    let span = Span { name: "adapter", kind: INTERNAL, start_ms: run.at_ms, end_ms, attributes, problem };
    span.json(trace, ids, &ids.span(2), Some(parent), &events)
}

fn outbound(trace: &Trace, call: &TracedCall, ids: &Ids, index: usize, parent: &str) -> Value {
    let mut attributes = Attributes::default();
    let name = attributes.method(&call.request.method);
    attributes.text("url.full", &call.request.url);
    if let Ok(url) = Url::parse(&call.request.url) {
        attributes.known("server.address", url.host_str());
        attributes.whole("server.port", url.port_or_known_default().map(u64::from));
    }
    attributes.whole("http.request.body.size", Some(call.request.body.bytes));
    attributes.headers("http.request.header", &call.request.headers);
    if call.attempt > 1 {
        attributes.whole("http.request.resend_count", Some(u64::from(call.attempt) - 1));
    }
    if call.response.status > 0 {
        attributes.answer(call.response.status, &call.response.headers, &call.response.body);
    }
    attributes.text("patchbay.answered_by", call.answered_by.as_str());
    if let Some(pacing_ms) = call.pacing_ms {
        attributes.number("patchbay.pacing_ms", pacing_ms);
    }
    let problem = match &call.interruption {
        Some(interruption) => Some((interruption.clone(), "the connection broke off".to_owned())),
        None if call.response.status >= 400 => Some((call.response.status.to_string(), String::new())),
        None => None,
    };
    let end_ms = call.at_ms + call.duration_ms;
    let span = Span { name: &name, kind: CLIENT, start_ms: call.at_ms, end_ms, attributes, problem };
    span.json(trace, ids, &ids.span(3 + index), Some(parent), &[])
}

fn thrown(trace: &Trace, exception: &TracedException) -> Value {
    let mut said = Attributes::default();
    said.text("exception.type", &exception.name);
    said.text("exception.message", &exception.message);
    said.text("exception.stacktrace", &exception.stack);
    event(trace, "exception", exception.at_ms, &said)
}

fn event(trace: &Trace, name: &str, at_ms: f64, attributes: &Attributes) -> Value {
    json!({ "timeUnixNano": nanoseconds(trace, at_ms), "name": name, "attributes": attributes.0 })
}

struct Span<'a> {
    name: &'a str,
    kind: u8,
    start_ms: f64,
    end_ms: f64,
    attributes: Attributes,
    /// `error.type`, and words for people.
    problem: Option<(String, String)>,
}

impl Span<'_> {
    fn json(mut self, trace: &Trace, ids: &Ids, id: &str, parent: Option<&str>, events: &[Value]) -> Value {
        let mut status = Map::new();
        if let Some((kind, message)) = &self.problem {
            self.attributes.text("error.type", kind);
            status.insert("code".into(), ERROR.into());
            if !message.is_empty() {
                status.insert("message".into(), message.as_str().into());
            }
        }
        let mut span = json!({
            "traceId": ids.trace,
            "spanId": id,
            "name": self.name,
            "kind": self.kind,
            "startTimeUnixNano": nanoseconds(trace, self.start_ms),
            "endTimeUnixNano": nanoseconds(trace, self.end_ms.max(self.start_ms)),
            "attributes": self.attributes.0,
            "events": events,
            "status": status,
        });
        if let Some(parent) = parent {
            span["parentSpanId"] = parent.into();
        }
        span
    }
}

/// Ids that are the same whenever the trace is exported.
struct Ids {
    delivery: String,
    trace: String,
}

impl Ids {
    fn of(trace: &Trace) -> Self {
        // A delivery id of the platform is a UUID, which has the form of a trace id.
        let bare: String = trace.id.chars().filter(|character| *character != '-').collect();
        let is_uuid = bare.len() == 32 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
        let id = if is_uuid { bare.to_ascii_lowercase() } else { hashed(&trace.id, 16) };
        Self { delivery: trace.id.clone(), trace: id }
    }

    fn span(&self, number: usize) -> String {
        hashed(&format!("{}#{number}", self.delivery), 8)
    }
}

fn hashed(text: &str, bytes: usize) -> String {
    Sha256::digest(text).iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}

/// Key-value pairs in the protocol's form.
#[derive(Default)]
struct Attributes(Vec<Value>);

impl Attributes {
    fn push(&mut self, key: &str, value: &Value) {
        self.0.push(json!({ "key": key, "value": value }));
    }

    fn text(&mut self, key: &str, text: &str) {
        self.push(key, &json!({ "stringValue": text }));
    }

    fn known(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(key, text);
        }
    }

    fn whole(&mut self, key: &str, number: Option<u64>) {
        if let Some(number) = number {
            self.push(key, &json!({ "intValue": number.to_string() }));
        }
    }

    fn number(&mut self, key: &str, number: f64) {
        self.push(key, &json!({ "doubleValue": number }));
    }

    /// The method, as the conventions want it; answers the span's name.
    fn method(&mut self, method: &str) -> String {
        if KNOWN_METHODS.contains(&method) {
            self.text("http.request.method", method);
            return method.to_owned();
        }
        self.text("http.request.method", "_OTHER");
        self.text("http.request.method_original", method);
        "HTTP".to_owned()
    }

    /// Names in lower case, each with all its values.
    fn headers(&mut self, prefix: &str, headers: &[(String, String)]) {
        let mut names: Vec<String> = Vec::new();
        for (name, _) in headers {
            let name = name.to_ascii_lowercase();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        for name in names {
            let values: Vec<Value> = headers
                .iter()
                .filter(|(other, _)| other.eq_ignore_ascii_case(&name))
                .map(|(_, value)| json!({ "stringValue": value }))
                .collect();
            self.push(&format!("{prefix}.{name}"), &json!({ "arrayValue": { "values": values } }));
        }
    }

    fn answer(&mut self, status: u16, headers: &[(String, String)], body: &TracedBody) {
        self.whole("http.response.status_code", Some(status.into()));
        self.whole("http.response.body.size", Some(body.bytes));
        self.headers("http.response.header", headers);
    }
}
