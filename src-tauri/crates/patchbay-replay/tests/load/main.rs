//! Load runs against real servers.

mod failures;
mod server;
mod timing;

use patchbay_core::redact::Redactor;
use patchbay_core::{HttpMessageHeaders, HttpRequest};
use patchbay_replay::load::{LoadError, LoadPlan, LoadReport, LoadTarget, LoadWebhook, run_load};
use server::{Reply, Server, answer};
use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;

/// So many deliveries from so many senders, as fast as they are answered.
fn plan(count: u64, concurrency: u32) -> LoadPlan {
    LoadPlan::new(Some(count), None, Some(concurrency), None, None).expect("a plan")
}

/// A webhook to a path, whose body is the number of the event.
fn webhook(server: &Server, path: &str) -> LoadWebhook {
    let url = format!("{}/{path}", server.url());
    LoadWebhook::new(path, move |_, event| {
        Ok(HttpRequest {
            method: "POST".into(),
            url: url.clone(),
            headers: HttpMessageHeaders::default(),
            body: event.to_string().into(),
        })
    })
}

async fn load(server: &Server, plan: &LoadPlan, webhooks: Vec<LoadWebhook>) -> LoadReport {
    load_until(server, plan, webhooks, &CancellationToken::new()).await
}

async fn load_until(
    server: &Server,
    plan: &LoadPlan,
    webhooks: Vec<LoadWebhook>,
    cancel: &CancellationToken,
) -> LoadReport {
    let target = LoadTarget::resolve(server.url()).await.expect("an address");
    run_load(&target, plan, webhooks, Redactor::default(), cancel, &|_| {}).await.expect("a report")
}

#[tokio::test]
async fn every_delivery_arrives_once_and_is_another_event() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&seen);
    let server = Server::start(move |request| {
        keep.lock().expect("not poisoned").push(request.body.parse::<u64>().expect("an event"));
        answer(200, "application/json", "{}")
    })
    .await;
    let report = load(&server, &plan(500, 8), vec![webhook(&server, "fine")]).await;
    let mut seen = seen.lock().expect("not poisoned").clone();
    seen.sort_unstable();
    assert_eq!(seen, (0..500).collect::<Vec<u64>>());
    assert_eq!((report.sent, report.succeeded, report.failed, report.abandoned), (500, 500, 0, 0), "{report:?}");
    assert_eq!(report.statuses.get(&200), Some(&500));
    assert_eq!(report.connections, 8, "senders keep their connections");
    assert_eq!(report.waits.count, 500);
    assert!(!report.is_partial && report.per_second > 0.0 && report.bytes_sent > 500 * 50, "{report:?}");
}

#[tokio::test]
async fn webhooks_are_sent_as_often_as_their_weights_say() {
    let server = Server::start(|_| answer(200, "application/json", "{}")).await;
    let weighted = |path, weight| {
        let mut webhook = webhook(&server, path);
        webhook.weight = weight;
        webhook
    };
    let webhooks = vec![weighted("a", 5), weighted("b", 1), weighted("c", 1)];
    let report = load(&server, &plan(70, 4), webhooks).await;
    let counts: Vec<_> = report.webhooks.iter().map(|webhook| (webhook.name.as_str(), webhook.ended)).collect();
    assert_eq!(counts, [("a", 50), ("b", 10), ("c", 10)]);
}

#[tokio::test]
async fn a_server_that_ends_connections_is_connected_to_again() {
    let server = Server::start(|_| Reply::AnswerAndClose).await;
    let report = load(&server, &plan(40, 4), vec![webhook(&server, "close")]).await;
    assert_eq!((report.succeeded, report.failed), (40, 0), "{report:?}");
    assert!(report.connections >= 40, "{report:?}");
}

#[tokio::test]
async fn a_target_that_is_down_is_an_error_and_not_a_report() {
    let server = Server::start(|_| answer(200, "application/json", "{}")).await;
    let webhooks = vec![webhook(&server, "x")];
    let target = LoadTarget::resolve(server.url()).await.expect("an address");
    drop(server);
    let cancel = CancellationToken::new();
    let error = run_load(&target, &plan(10, 1), webhooks, Redactor::default(), &cancel, &|_| {}).await;
    assert!(matches!(error, Err(LoadError::Unreachable { .. })), "{error:?}");
}

#[tokio::test]
async fn a_run_that_is_cancelled_reports_what_it_did() {
    let server = Server::start(|_| answer(200, "application/json", "{}")).await;
    let target = LoadTarget::resolve(server.url()).await.expect("an address");
    let endless = LoadPlan::new(None, Some(600.0), Some(4), None, None).expect("a plan");
    let cancel = CancellationToken::new();
    let enough = |progress: patchbay_replay::load::LoadProgress| {
        if progress.ended >= 10 {
            cancel.cancel();
        }
    };
    let report = run_load(&target, &endless, vec![webhook(&server, "x")], Redactor::default(), &cancel, &enough).await;
    let report = report.expect("a partial report is one");
    assert!(report.is_partial, "it says so");
    assert!(report.succeeded >= 10, "{report:?}");
    assert_eq!(report.sent, report.succeeded + report.failed + report.abandoned, "each delivery is accounted for");
    assert_eq!(report.abandoned, 0, "answers on their way are awaited");
    assert!(report.remarks().iter().any(|remark| remark.contains("ended before its time")));
}

#[tokio::test]
async fn what_has_no_answer_when_a_run_is_cancelled_is_neither_success_nor_failure() {
    let cancel = CancellationToken::new();
    let cancels = cancel.clone();
    let server = Server::start(move |_| {
        cancels.cancel();
        Reply::Silence
    })
    .await;
    let report = load_until(&server, &plan(3, 3), vec![webhook(&server, "x")], &cancel).await;
    assert!(report.is_partial && (1..=3).contains(&report.abandoned), "{report:?}");
    assert_eq!((report.succeeded, report.failed), (0, 0), "{report:?}");
    assert_eq!(report.sent, report.abandoned);
}
