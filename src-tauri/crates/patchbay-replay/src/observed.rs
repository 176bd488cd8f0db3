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
        body: TracedBody::of(&request.headers, &request.body, redactor),
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
                name: redactor.text(&exception.name),
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
    let attempts = attempts(&ordered);
    ordered
        .into_iter()
        .zip(attempts)
        .map(|(call, attempt)| TracedCall {
            request: request(&call.request, redactor),
            response: TracedResponse {
                status: call.response.status,
                headers: headers(&call.response.headers, redactor),
                body: TracedBody::of(&call.response.headers, &call.response.body, redactor),
            },
            answered_by: match call.answered_by {
                AnsweredBy::Simulated => TracedAnswerer::Simulated,
                AnsweredBy::Live => TracedAnswerer::Live,
                AnsweredBy::Refused => TracedAnswerer::Refused,
            },
            interruption: call.interruption.map(|interruption| interruption.as_str().to_owned()),
            at_ms: (call.started_ms - started_ms).max(0.0),
            duration_ms: call.duration_ms,
            pacing_ms: call.pacing_ms,
            attempt,
        })
        .collect()
}

/// Which attempt each call is, the first being 1: the same call after one that failed and was over by then.
fn attempts(ordered: &[&OutboundCall]) -> Vec<u32> {
    let mut attempts: Vec<u32> = Vec::with_capacity(ordered.len());
    for (index, call) in ordered.iter().enumerate() {
        let is_same = |earlier: &OutboundCall| {
            earlier.request.method == call.request.method
                && earlier.request.url == call.request.url
                && earlier.request.body == call.request.body
        };
        let before = ordered[..index].iter().zip(&attempts).rev().find(|(earlier, _)| is_same(earlier));
        let attempt = before
            .filter(|(earlier, _)| has_failed(earlier) && earlier.started_ms + earlier.duration_ms <= call.started_ms)
            .map_or(1, |(_, attempt)| attempt + 1);
        attempts.push(attempt);
    }
    attempts
}

/// Whether a caller has a reason to call again.
fn has_failed(call: &OutboundCall) -> bool {
    call.interruption.is_some() || call.response.status >= 400
}

/// Names and values as they may be shown.
pub fn headers(headers: &HttpMessageHeaders, redactor: &Redactor) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (redactor.text(name), redactor.text(value))).collect()
}

/// Names and values of an answer; bytes that are not UTF-8 are replaced.
pub fn received(headers: &HeaderMap) -> HttpMessageHeaders {
    let text = |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::attempts;
    use patchbay_core::observation::{AnsweredBy, Interruption, OutboundCall, ServedBy};
    use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse};

    fn call(body: &'static str, status: u16, started_ms: f64) -> OutboundCall {
        OutboundCall {
            served_by: ServedBy { namespace: "n".into(), script: "s".into(), version: "v".into() },
            delivery: None,
            request: HttpRequest {
                method: "POST".into(),
                url: "https://api.notion.com/v1/pages".into(),
                headers: HttpMessageHeaders::default(),
                body: body.into(),
            },
            response: HttpResponse { status, headers: HttpMessageHeaders::default(), body: "".into() },
            answered_by: AnsweredBy::Simulated,
            interruption: (status == 0).then_some(Interruption::Reset),
            started_ms,
            duration_ms: 10.0,
            pacing_ms: None,
        }
    }

    fn counted(calls: &[OutboundCall]) -> Vec<u32> {
        attempts(&calls.iter().collect::<Vec<_>>())
    }

    #[test]
    fn the_same_call_after_a_failure_counts_up() {
        let calls = [call("a", 429, 0.0), call("a", 0, 20.0), call("b", 200, 30.0), call("a", 200, 40.0)];
        assert_eq!(counted(&calls), [1, 2, 1, 3]);
    }

    #[test]
    fn the_same_call_after_a_success_or_beside_the_first_is_another() {
        assert_eq!(counted(&[call("a", 200, 0.0), call("a", 200, 20.0)]), [1, 1]);
        assert_eq!(counted(&[call("a", 500, 0.0), call("a", 500, 5.0)]), [1, 1], "sent before the first had failed");
    }
}
