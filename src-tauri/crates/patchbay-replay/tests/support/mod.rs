//! A trace as a replay of `slack-to-notion` leaves it.

use patchbay_replay::Trace;
use patchbay_replay::trace::{
    AdapterRun, Against, DeadlineVerdict, Origin, TracedAnswerer, TracedBody, TracedCall, TracedException, TracedFrame,
    TracedLog, TracedRequest, TracedResponse, TracedScript, Visibility,
};
use time::macros::datetime;

pub fn body(text: &str) -> TracedBody {
    TracedBody { text: text.into(), base64: false, bytes: text.len() as u64 }
}

fn call(method: &str, url: &str, sent: &str, status: u16, got: &str, at_ms: f64) -> TracedCall {
    TracedCall {
        request: TracedRequest { method: method.into(), url: url.into(), headers: Vec::new(), body: body(sent) },
        response: TracedResponse { status, headers: Vec::new(), body: body(got) },
        answered_by: TracedAnswerer::Simulated,
        interruption: None,
        at_ms,
        duration_ms: 4.25,
        pacing_ms: None,
        attempt: 1,
    }
}

pub fn trace() -> Trace {
    Trace {
        id: "dlv-1".into(),
        tenant: "customer-a".into(),
        adapter: "slack-to-notion".into(),
        run: None,
        sample: Some("message".into()),
        origin: Origin::Sample,
        against: Against::Live,
        event_id: None,
        sender: None,
        provider: "slack".into(),
        started: datetime!(2026-11-21 08:30:00.25 UTC),
        environment: "production".into(),
        region: "eu".into(),
        signing: Some("signed".into()),
        rule: Some("headers".into()),
        request: TracedRequest {
            method: "POST".into(),
            url: "http://127.0.0.1:8787/".into(),
            headers: vec![("Content-Type".into(), "application/json".into())],
            body: TracedBody { bytes: 1234, ..body("{\"type\":\"event_callback\"}") },
        },
        response: Some(TracedResponse {
            status: 200,
            headers: vec![("content-type".into(), "application/json".into())],
            body: body(r#"{"status":"created","page_id":"5f0e3c1a-0000-4000-8000-000000000001"}"#),
        }),
        no_answer: None,
        total_ms: 47.31,
        first_byte_ms: Some(46.0),
        adapter_run: Some(AdapterRun {
            served_by: TracedScript {
                namespace: "prod-eu".into(),
                script: "customer-a-slack-to-notion".into(),
                version: "191499ef00114ba88cb105ea3bc7aef1".into(),
            },
            outcome: "ok".into(),
            status: Some(200),
            at_ms: 2.04,
            wall_ms: 43.9,
            cpu_ms: Some(3.1),
            logs: vec![TracedLog { level: "log".into(), message: "created\npage".into(), at_ms: 30.0 }],
            exceptions: Vec::new(),
        }),
        outbound: vec![
            call(
                "POST",
                "https://api.notion.com/v1/data_sources/11111111-2222-4333-8444-555555555555/query",
                "{}",
                200,
                "{\"results\":[]}",
                5.0,
            ),
            call(
                "POST",
                "https://api.notion.com/v1/pages",
                r#"{"properties":{"Title":"Hello","Count":1}}"#,
                200,
                "{}",
                12.0,
            ),
        ],
        visibility: Visibility::Complete,
        deadline: DeadlineVerdict::InTime { deadline_ms: 3000.0 },
        differences: None,
    }
}

pub fn failed() -> Trace {
    let mut failed = trace();
    let run = failed.adapter_run.as_mut().expect("a run");
    run.outcome = "exception".into();
    run.cpu_ms = None;
    run.logs.clear();
    run.exceptions.push(TracedException {
        name: "TypeError".into(),
        message: "Cannot read properties of undefined (reading 'id')".into(),
        stack: "at fetch (adapter.js:1:200)".into(),
        at_ms: 40.0,
        frames: vec![TracedFrame {
            function: Some("fetch".into()),
            file: "src/adapter.ts".into(),
            line: 12,
            column: 7,
        }],
    });
    failed.outbound[1].response = TracedResponse {
        status: 429,
        headers: Vec::new(),
        body: body(r#"{"object":"error","status":429,"code":"rate_limited"}"#),
    };
    failed.response = None;
    failed.no_answer = Some("the connection ended without an answer".into());
    failed.visibility = Visibility::Partial;
    failed.deadline = DeadlineVerdict::Late { deadline_ms: 3000.0 };
    failed
}
