//! A replay against a real HTTP server that stands for dispatcher and platform.

use bytes::Bytes;
use patchbay_core::{AdapterId, Environment, Hints, HttpMessageHeaders, HttpRequest, Region, Secret, TenantId};
use patchbay_replay::trace::{Against, DeadlineVerdict, Origin, TracedAnswerer, Visibility};
use patchbay_replay::{PlatformLink, ReplayError, ReplayTarget, Run, run_once};
use patchbay_testkit::{RecordedRequest, Reply, ScriptedServer};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const CANARY: &str = "example-signing-canary";

fn target(server: &ScriptedServer, watched: bool) -> ReplayTarget {
    let link = PlatformLink::new(&server.url(), Secret::new("example-platform-token")).expect("a link");
    ReplayTarget::new(&server.url(), watched.then_some(link), Environment::Production, Region::new("eu"))
        .expect("a target")
}

fn run(server: &ScriptedServer) -> Run {
    Run {
        tenant: TenantId::new("customer-a").expect("an id"),
        adapter: AdapterId::new("echo").expect("an id"),
        run: None,
        sample: Some("message".into()),
        origin: Origin::Sample,
        against: Against::Live,
        event_id: None,
        sender: None,
        provider: "slack".into(),
        request: HttpRequest {
            method: "POST".into(),
            url: format!("{}/hook?x=1", server.url()),
            headers: HttpMessageHeaders::from_iter([
                ("x-customer-id", "customer-a"),
                ("x-script-id", "echo"),
                ("Content-Length", "99999"),
            ]),
            body: Bytes::from(r#"{"text":"größe"}"#),
        },
        signing: Some("signed".into()),
        deadline: Some(Duration::from_secs(3)),
        secrets: vec![("SLACK_SIGNING_SECRET".into(), Secret::new(CANARY))],
    }
}

fn now_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs_f64() * 1000.0
}

fn observations(complete: bool) -> Value {
    let served_by = json!({ "namespace": "prod-eu", "script": "customer-a-echo", "version": "ab" });
    let now = now_ms();
    json!({
        "complete": complete,
        "tail": [{
            "served_by": served_by, "delivery": "dlv-1", "outcome": "ok",
            "request": ["POST", "http://127.0.0.1/hook"], "status": 200,
            "started_ms": now, "wall_ms": 12.5, "cpu_ms": null,
            "logs": [{ "level": "log", "message": format!("secret is {CANARY}"), "at_ms": now + 1.0 }],
            "exceptions": [{ "name": "Error", "message": CANARY, "stack": format!("at {CANARY}"), "at_ms": now }]
        }],
        "outbound": [
            { "served_by": served_by, "delivery": "dlv-1", "answered_by": "refused", "started_ms": now + 5.0, "duration_ms": 1.0,
              "request": { "method": "GET", "url": "https://example.com/", "headers": [], "body": { "text": "" } },
              "response": { "status": 403, "headers": [], "body": { "base64": "/wA=" } } },
            { "served_by": served_by, "delivery": "dlv-1", "answered_by": "simulated", "started_ms": now + 2.0, "duration_ms": 3.5,
              "request": { "method": "POST", "url": format!("https://api.notion.com/v1/pages?key={CANARY}"),
                           "headers": [["authorization", format!("Bearer {CANARY}")]], "body": { "text": "{\"a\":1}" } },
              "response": { "status": 200, "headers": [], "body": { "text": "{}" } } }
        ]
    })
}

/// Dispatcher and platform in one; `answer` is what the adapter answers.
fn platform(answer: Reply, observed: Value) -> ScriptedServer {
    ScriptedServer::answering(move |request: &RecordedRequest| match request.target.as_str() {
        "/patchbay/v1/deliveries" => {
            Reply::json(200, r#"{"delivery":"dlv-1","header":"x-patchbay-delivery","value":"dlv-1.mark"}"#)
        }
        target if target.starts_with("/patchbay/v1/deliveries/dlv-1/observations?wait_ms=") => {
            Reply::json(200, &observed.to_string())
        }
        target if target.starts_with("/hook") => answer.clone(),
        _ => Reply::json(404, r#"{"error":{"code":"test.missing","message":"No such route"}}"#),
    })
}

#[tokio::test]
async fn a_watched_delivery_becomes_a_trace_without_secrets() {
    let answer = Reply::json(200, &json!({ "token": CANARY }).to_string()).with_header("x-own", CANARY);
    let server = platform(answer, observations(true));
    let trace = run_once(&target(&server, true), run(&server)).await.expect("a trace");

    assert_eq!((trace.id.as_str(), trace.visibility), ("dlv-1", Visibility::Complete));
    assert_eq!(trace.deadline, DeadlineVerdict::InTime { deadline_ms: 3000.0 });
    let response = trace.response.as_ref().expect("an answer");
    assert_eq!((response.status, response.body.text.as_str()), (200, r#"{"token":"<redacted:SLACK_SIGNING_SECRET>"}"#));
    let adapter = trace.adapter_run.as_ref().expect("a run");
    assert_eq!((adapter.served_by.script.as_str(), adapter.outcome.as_str()), ("customer-a-echo", "ok"));
    let calls: Vec<_> = trace.outbound.iter().map(|call| (call.request.url.as_str(), call.answered_by)).collect();
    assert_eq!(
        calls,
        [
            ("https://api.notion.com/v1/pages?key=<redacted:SLACK_SIGNING_SECRET>", TracedAnswerer::Simulated),
            ("https://example.com/", TracedAnswerer::Refused)
        ],
        "calls should stand in the order of their start"
    );
    assert_eq!(trace.outbound[0].request.body.text, r#"{"a":1}"#);
    assert!(trace.outbound[1].response.body.base64, "bytes that are no text are kept as base64");
    assert!(trace.total_ms > 0.0 && trace.first_byte_ms.is_some_and(|first| first <= trace.total_ms));
    let stored = serde_json::to_string(&trace).expect("JSON");
    assert!(!stored.contains(CANARY), "{stored}");
    assert!(!patchbay_replay::render::tree(&trace).contains(CANARY));

    let requests = server.requests();
    let sent = requests.iter().find(|request| request.target == "/hook?x=1").expect("the webhook");
    assert_eq!(sent.header("x-patchbay-delivery"), Some("dlv-1.mark"));
    assert_eq!(sent.header("content-length"), Some("18"), "the connection's own headers are not the sample's");
    assert_eq!(sent.text(), r#"{"text":"größe"}"#);
    assert_eq!(requests[0].header("authorization"), Some("Bearer example-platform-token"));
    assert_eq!(sent.header("authorization"), None, "the platform's token must not reach an adapter");
}

#[tokio::test]
async fn what_cannot_be_seen_is_said() {
    let server = platform(Reply::json(200, "{}"), observations(false));
    let partial = run_once(&target(&server, true), run(&server)).await.expect("a trace");
    assert_eq!(partial.visibility, Visibility::Partial);

    let outside = run_once(&target(&server, false), run(&server)).await.expect("a trace");
    assert_eq!((outside.visibility, outside.adapter_run, outside.outbound.len()), (Visibility::AnswerOnly, None, 0));
    assert!(!outside.id.is_empty());
    let sent = server.requests().into_iter().rfind(|request| request.target == "/hook?x=1").expect("the webhook");
    assert_eq!(sent.header("x-patchbay-delivery"), None);
}

#[tokio::test]
async fn an_adapter_that_breaks_or_dawdles_is_a_trace() {
    let cut = Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhalf".to_vec());
    for (answer, reason) in [
        (Reply::Close, "the connection ended without an answer"),
        (cut, "the connection ended in the middle of the answer"),
    ] {
        let server = platform(answer, observations(true));
        let trace = run_once(&target(&server, true), run(&server)).await.expect("a trace");
        assert_eq!((trace.response.is_none(), trace.no_answer.as_deref()), (true, Some(reason)));
        assert_eq!(trace.deadline, DeadlineVerdict::Late { deadline_ms: 3000.0 });
    }
    let server = platform(Reply::json(200, "{}"), observations(true));
    let late = Run { deadline: Some(Duration::ZERO), ..run(&server) };
    let trace = run_once(&target(&server, true), late).await.expect("a trace");
    assert_eq!(trace.deadline, DeadlineVerdict::Late { deadline_ms: 0.0 });
    let none = Run { deadline: None, ..run(&server) };
    let trace = run_once(&target(&server, true), none).await.expect("a trace");
    assert_eq!(trace.deadline, DeadlineVerdict::NoDeadline);
}

#[tokio::test]
async fn a_large_answer_is_counted_and_cut() {
    let large = Reply::Answer { status: 200, headers: vec![], body: vec![b'x'; 3 * 1024 * 1024] };
    let server = platform(large, observations(true));
    let without = Run { secrets: Vec::new(), ..run(&server) };
    let trace = run_once(&target(&server, true), without).await.expect("a trace");
    let body = trace.response.expect("an answer").body;
    assert_eq!((body.bytes, body.text.len()), (3 * 1024 * 1024, 1024 * 1024));
    // Where a secret may be cut in half, its beginning goes, too.
    let trace = run_once(&target(&server, true), run(&server)).await.expect("a trace");
    let body = trace.response.expect("an answer").body;
    assert_eq!(body.bytes, 3 * 1024 * 1024);
    assert!(body.text.len() < 1024 * 1024 && body.text.len() > 1000 * 1024, "{}", body.text.len());
}

#[tokio::test]
async fn what_prevents_a_replay_is_an_error_with_a_hint() {
    let gone = ScriptedServer::replying(vec![]).url();
    let server =
        ScriptedServer::answering(|_| Reply::json(401, r#"{"error":{"code":"x","message":"The token is wrong"}}"#));
    let mut elsewhere = run(&server);
    elsewhere.request.url = format!("{gone}/hook");
    let at = |url: &str| ReplayTarget::new(url, None, Environment::Production, Region::new("eu"));

    let error = run_once(&at(&gone).expect("a target"), elsewhere).await.expect_err("nobody listens");
    assert_eq!(error.to_string(), format!("Failed to connect to the dispatcher at `{gone}`"));
    let error = run_once(&target(&server, true), run(&server)).await.expect_err("a wrong token");
    assert_eq!(error.to_string(), "Failed to register the delivery: The token is wrong (status 401)");
    assert_eq!(error.hints(), ["The token of the running platform has changed; run the command again"]);
    let page = ScriptedServer::answering(|_| Reply::json(200, "<html>"));
    let error = run_once(&target(&page, true), run(&page)).await.expect_err("a web page");
    assert!(matches!(error, ReplayError::PlatformAnswer { .. }), "{error:?}");
    assert!(matches!(at("nonsense"), Err(ReplayError::Url { .. })));

    let mut broken = run(&server);
    broken.request.headers.append("X-Broken", "two\nlines");
    let error = run_once(&target(&server, false), broken).await.expect_err("a header that cannot be sent");
    assert_eq!(error.to_string(), "The header `X-Broken` of the sample cannot be sent");
}

#[tokio::test]
async fn the_tail_is_read_line_by_line() {
    let tails = observations(true)["tail"][0].to_string();
    let body = format!("\n{tails}\n{tails}\nnot json\n");
    let server =
        ScriptedServer::answering(move |_| Reply::Answer { status: 200, headers: vec![], body: body.clone().into() });
    let link = PlatformLink::new(&server.url(), Secret::new("example-platform-token")).expect("a link");
    let mut tail = link.tail(Some("customer-a-echo")).await.expect("a tail");
    for _ in 0..2 {
        let event = tail.next().await.expect("an event").expect("readable");
        assert_eq!((event.outcome.as_str(), event.logs.len()), ("ok", 1));
    }
    let error = tail.next().await.expect("a line").expect_err("no JSON");
    assert!(matches!(error, ReplayError::PlatformAnswer { .. }), "{error:?}");
    assert!(tail.next().await.is_none(), "the platform has stopped");
    assert_eq!(server.requests()[0].target, "/patchbay/v1/tail?script=customer-a-echo");
    let debug = format!("{link:?}");
    assert!(!debug.contains("example-platform-token"), "{debug}");
}

#[tokio::test]
async fn the_other_routes_send_and_read_what_the_platform_defines() {
    let server = ScriptedServer::answering(|request| match request.method.as_str() {
        "PUT" => Reply::Answer { status: 204, headers: vec![], body: vec![] },
        _ => Reply::json(200, r#"{"ok":true}"#),
    });
    let link = PlatformLink::new(&server.url(), Secret::new("example-platform-token")).expect("a link");
    let routing = patchbay_replay::platform_link::Routing {
        routes: json!({ "rules": [] }),
        tenants: serde_json::Map::new(),
        keys: serde_json::Map::new(),
    };
    link.put_routing(&routing).await.expect("set");
    assert_eq!(link.status().await.expect("a status")["ok"], true);
    let headers = [("x-customer-id".to_owned(), "customer-a".to_owned())];
    link.explain("http://localhost/", &headers, None).await.expect("an explanation");
    link.explain("http://localhost/", &[], Some(Environment::Staging)).await.expect("an explanation");
    let sent: Vec<_> = server.requests().iter().map(|r| format!("{} {} {}", r.method, r.target, r.text())).collect();
    assert_eq!(
        sent,
        [
            r#"PUT /patchbay/v1/routing {"routes":{"rules":[]},"tenants":{},"keys":{}}"#,
            "GET /patchbay/v1/status ",
            r#"POST /patchbay/v1/explain {"url":"http://localhost/","headers":[["x-customer-id","customer-a"]]}"#,
            r#"POST /patchbay/v1/explain {"url":"http://localhost/","headers":[],"environment":"staging"}"#
        ]
    );
}
