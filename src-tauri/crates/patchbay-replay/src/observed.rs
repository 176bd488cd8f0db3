//! From the platform's observations to a trace: offsets instead of clock times, redacted once more.
//!
//! The platform has redacted already. Doing it again costs microseconds and keeps a mistake there from being stored.

use crate::trace::{
    AdapterRun, TracedAnswerer, TracedBody, TracedCall, TracedException, TracedLog, TracedRequest, TracedResponse,
    TracedScript,
};
use patchbay_core::observation::{AnsweredBy, OutboundCall, TailEvent};
use patchbay_core::redact::Redactor;
use patchbay_core::{HttpMessageHeaders, HttpRequest};
use reqwest::header::HeaderMap;

/// A request as it was sent.
pub fn request(request: &HttpRequest, redactor: &Redactor) -> TracedRequest {
    TracedRequest {
        method: request.method.clone(),
        url: redactor.text(&request.url),
        headers: headers(&request.headers, redactor),
        body: TracedBody::new(&request.body, redactor),
    }
}

/// What the adapter did.
pub fn run(tail: &TailEvent, started_ms: f64, redactor: &Redactor) -> AdapterRun {
    let offset = |at_ms: f64| (at_ms - started_ms).max(0.0);
    AdapterRun {
        served_by: TracedScript {
            namespace: tail.served_by.namespace.clone(),
            script: tail.served_by.script.clone(),
            version: tail.served_by.version.clone(),
        },
        outcome: tail.outcome.clone(),
        status: tail.status,
        at_ms: offset(tail.started_ms),
        wall_ms: tail.wall_ms,
        cpu_ms: tail.cpu_ms,
        logs: tail
            .logs
            .iter()
            .map(|line| TracedLog {
                level: line.level.clone(),
                message: redactor.text(&line.message),
                at_ms: offset(line.at_ms),
            })
            .collect(),
        exceptions: tail
            .exceptions
            .iter()
            .map(|exception| TracedException {
                name: exception.name.clone(),
                message: redactor.text(&exception.message),
                stack: redactor.text(&exception.stack),
                at_ms: offset(exception.at_ms),
                frames: Vec::new(),
            })
            .collect(),
    }
}

/// Outbound calls in the order of their start.
pub fn calls(calls: &[OutboundCall], started_ms: f64, redactor: &Redactor) -> Vec<TracedCall> {
    // By the clock that the platform used; the offsets below are cut at zero and may tie.
    let mut ordered: Vec<&OutboundCall> = calls.iter().collect();
    ordered.sort_by(|left, right| left.started_ms.total_cmp(&right.started_ms));
    ordered
        .into_iter()
        .map(|call| TracedCall {
            request: request(&call.request, redactor),
            response: TracedResponse {
                status: call.response.status,
                headers: headers(&call.response.headers, redactor),
                body: TracedBody::new(&call.response.body, redactor),
            },
            answered_by: match call.answered_by {
                AnsweredBy::Simulated => TracedAnswerer::Simulated,
                AnsweredBy::Live => TracedAnswerer::Live,
                AnsweredBy::Refused => TracedAnswerer::Refused,
            },
            interruption: call.interruption.map(|interruption| interruption.as_str().to_owned()),
            at_ms: (call.started_ms - started_ms).max(0.0),
            duration_ms: call.duration_ms,
            pacing_ms: None,
            attempt: 1,
        })
        .collect()
}

fn headers(headers: &HttpMessageHeaders, redactor: &Redactor) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.to_owned(), redactor.text(value))).collect()
}

/// Names and values of an answer; bytes that are not UTF-8 are replaced.
pub fn header_texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}
