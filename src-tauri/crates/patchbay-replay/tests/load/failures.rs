//! What goes wrong is told apart, counted, and shown once.

use super::server::{Reply, Server, answer, read_request, write};
use super::{load, plan, webhook};
use patchbay_core::Secret;
use patchbay_core::redact::Redactor;
use patchbay_replay::load::{FailureKind, LoadPlan, LoadReport, LoadTarget, LoadWebhook, run_load};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

fn failed(report: &LoadReport, kind: FailureKind) -> (u64, &str) {
    let found = report.failures.iter().find(|failure| failure.kind == kind);
    found.map_or((0, ""), |failure| (failure.count, failure.example.as_str()))
}

#[tokio::test]
async fn failures_are_counted_by_kind_with_an_example_of_each() {
    let server = Server::start(|request| match request.path.as_str() {
        "fine" => answer(202, "application/json", "{}"),
        "html" => answer(200, "text/html; charset=utf-8", "<h1>Sign in</h1>"),
        "moved" => Reply::Answer(302, "text/plain", Some(("location", "https://example.com/in")), String::new()),
        "refused" => answer(401, "application/json", r#"{"error":"bad signature"}"#),
        "broken" => answer(502, "application/json", r#"{"error":"no script"}"#),
        "late" => Reply::Later(Duration::from_millis(60), Box::new(answer(200, "application/json", "{}"))),
        _ => Reply::Silence,
    })
    .await;
    let names = ["fine", "html", "moved", "refused", "broken", "late", "silent"];
    let mut webhooks: Vec<LoadWebhook> = names.iter().map(|name| webhook(&server, name)).collect();
    webhooks[5].deadline = Some(Duration::from_millis(20));
    let plan = LoadPlan { timeout: Duration::from_millis(400), ..plan(7 * 3, 7) };
    let report = load(&server, &plan, webhooks).await;
    assert_eq!((report.succeeded, report.failed), (3, 18), "{report:?}");
    for (kind, shown) in [
        (FailureKind::Html, "Sign in"),
        (FailureKind::Redirect, "https://example.com/in"),
        (FailureKind::ClientError, "bad signature"),
        (FailureKind::ServerError, "no script"),
        (FailureKind::Late, "the sender waits 0.02 s"),
        (FailureKind::Timeout, "no whole answer within 0.4 s"),
    ] {
        let (count, example) = failed(&report, kind);
        assert_eq!(count, 3, "{kind:?} in {report:?}");
        assert!(example.contains(shown), "{kind:?} shows `{example}`");
    }
    assert_eq!(report.waits.count, 21, "who waited in vain waited, too");
    assert!(report.waits.max_ms >= 400.0, "{report:?}");
}

#[tokio::test]
async fn connections_that_end_and_what_is_not_http_are_told_apart() {
    for (sent, kind, shown) in [
        (b"".as_slice(), FailureKind::Reset, "without an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{", FailureKind::Reset, "in the middle of the answer"),
        (b"SSH-2.0-OpenSSH_9.9\r\n\r\n", FailureKind::NotHttp, "not one of HTTP/1.1"),
    ] {
        let server = Server::raw(move |mut stream| async move {
            if read_request(&mut stream).await {
                write(&mut stream, sent).await;
            }
        })
        .await;
        let report = load(&server, &plan(6, 2), vec![webhook(&server, "x")]).await;
        let (count, example) = failed(&report, kind);
        assert_eq!((count, report.succeeded), (6, 0), "{kind:?} in {report:?}");
        assert!(example.contains(shown), "{kind:?} shows `{example}`");
        assert_eq!(report.waits.count, 0, "a connection that broke says nothing about how long answers take");
    }
}

#[tokio::test]
async fn a_server_that_goes_away_leaves_deliveries_without_a_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has ports");
    let url = format!("http://127.0.0.1:{}", listener.local_addr().expect("bound").port());
    let serving = tokio::spawn(async move {
        let mut listener = Some(listener);
        let mut left = 5;
        while let Some(open) = &listener {
            let (mut stream, _) = open.accept().await.expect("a connection");
            // The first one only looks whether somebody is there.
            if read_request(&mut stream).await {
                left -= 1;
                if left == 0 {
                    listener = None;
                }
                write(&mut stream, b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").await;
            }
        }
    });
    let target = LoadTarget::resolve(&url).await.expect("an address");
    let path = format!("{url}/x");
    let webhook = LoadWebhook::new("x", move |_, _| {
        Ok(patchbay_core::HttpRequest {
            method: "POST".into(),
            url: path.clone(),
            headers: patchbay_core::HttpMessageHeaders::default(),
            body: "{}".into(),
        })
    });
    let cancel = CancellationToken::new();
    let report = run_load(&target, &plan(12, 1), vec![webhook], Redactor::default(), &cancel, &|_| {}).await;
    let report = report.expect("a report");
    serving.await.expect("no panic");
    assert_eq!((report.succeeded, failed(&report, FailureKind::Connect).0), (5, 7), "{report:?}");
}

#[tokio::test]
async fn a_status_that_a_sample_expects_is_a_success_and_its_absence_is_not() {
    let server =
        Server::start(|request| answer(if request.path == "refused" { 401 } else { 200 }, "application/json", "{}"))
            .await;
    let expecting = |path| {
        let mut webhook = webhook(&server, path);
        webhook.expected_status = Some(401);
        webhook
    };
    let report = load(&server, &plan(8, 2), vec![expecting("refused"), expecting("let-in")]).await;
    assert_eq!(report.succeeded, 4, "{report:?}");
    let (count, example) = failed(&report, FailureKind::Unexpected);
    assert_eq!(count, 4, "{report:?}");
    assert!(example.contains("401 was expected"), "{example}");
}

#[tokio::test]
async fn secrets_do_not_reach_the_example_of_a_failure() {
    let secret = "example-signing-secret-0123456789";
    // Once whole, and once where the kept part of the body ends.
    let body = Arc::new(format!("{secret} {}{secret}", "x".repeat(16 * 1024 - secret.len() - 1 - 9)));
    let server = Server::start(move |_| answer(500, "text/plain", &body)).await;
    let target = LoadTarget::resolve(server.url()).await.expect("an address");
    let value = Secret::new(secret);
    let redactor = Redactor::new([("SIGNING_SECRET", &value)]);
    let cancel = CancellationToken::new();
    let report = run_load(&target, &plan(2, 1), vec![webhook(&server, "x")], redactor, &cancel, &|_| {}).await;
    let kept = serde_json::to_string(&report.expect("a report")).expect("JSON");
    assert!(kept.contains("<redacted:SIGNING_SECRET>"), "{kept}");
    assert!(!kept.contains("example-s"), "{kept}");
}
