//! Rates, stalls, TLS.

use super::server::{Reply, Server, answer, serve};
use super::{load, webhook};
use patchbay_core::redact::Redactor;
use patchbay_replay::load::{LoadError, LoadPlan, LoadTarget, Loop, run_load};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, crypto};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn no_delivery_is_sent_before_it_is_due_and_all_of_them_are() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&seen);
    let server = Server::start(move |request| {
        let event: u64 = request.body.parse().expect("an event");
        keep.lock().expect("not poisoned").push((event, Instant::now()));
        answer(200, "application/json", "{}")
    })
    .await;
    let plan = LoadPlan::new(Some(120), None, Some(4), Some(200.0), Some(0.4)).expect("a plan");
    let report = load(&server, &plan, vec![webhook(&server, "x")]).await;
    let seen = seen.lock().expect("not poisoned");
    assert_eq!((seen.len(), report.succeeded, report.timing), (120, 120, Loop::Open), "{report:?}");
    let first = seen.iter().map(|(_, at)| *at).min().expect("deliveries");
    for (event, at) in seen.iter() {
        let due = plan.due(*event).expect("a rate");
        // The first one may itself have come late; then the others are measured against a later beginning.
        let since_first = at.duration_since(first) + Duration::from_millis(50);
        assert!(since_first >= due, "event {event} came {since_first:?} after the first, it was due after {due:?}");
    }
    let least = plan.due(119).expect("a rate").as_secs_f64();
    assert!(report.seconds >= least, "{} s are too few for this schedule ({least} s)", report.seconds);
}

#[tokio::test]
async fn a_duration_with_a_rate_makes_exactly_what_is_due_in_it() {
    let server = Server::start(|_| answer(200, "application/json", "{}")).await;
    let plan = LoadPlan::new(None, Some(0.5), Some(8), Some(100.0), None).expect("a plan");
    let report = load(&server, &plan, vec![webhook(&server, "x")]).await;
    assert_eq!(report.sent + report.unsent, 50, "{report:?}");
    assert!(!report.is_partial);
}

#[tokio::test]
async fn a_stall_of_the_server_shows_in_the_latencies_of_what_was_due_meanwhile() {
    let stalled = Arc::new(Mutex::new(0));
    let server = Server::start(move |_| {
        let mut count = stalled.lock().expect("not poisoned");
        *count += 1;
        let fine = || answer(200, "application/json", "{}");
        if *count == 100 { Reply::Later(Duration::from_secs(1), Box::new(fine())) } else { fine() }
    })
    .await;
    let plan = LoadPlan::new(Some(300), None, Some(1), Some(150.0), None).expect("a plan");
    let report = load(&server, &plan, vec![webhook(&server, "x")]).await;
    assert_eq!(report.succeeded, 300, "{report:?}");
    // 150 deliveries were due in that second, half of all; each waited for what remained of it.
    assert!(report.latency.p99_ms > 900.0 && report.latency.p90_ms > 600.0, "{:?}", report.latency);
    let slow = report.waits.max_ms;
    assert!(slow >= 1000.0, "the one that stalled: {:?}", report.waits);
    assert!(
        report.waits.p90_ms < report.latency.p90_ms / 2.0,
        "the others had their answer at once: {:?}",
        report.waits
    );
}

#[tokio::test]
async fn a_target_that_does_not_keep_up_leaves_deliveries_unsent_and_says_so() {
    let server =
        Server::start(|_| Reply::Later(Duration::from_millis(100), Box::new(answer(200, "application/json", "{}"))))
            .await;
    let plan = LoadPlan::new(None, Some(0.6), Some(1), Some(200.0), None).expect("a plan");
    let report = load(&server, &plan, vec![webhook(&server, "x")]).await;
    assert!(report.sent <= 7, "one sender and 100 ms for each: {report:?}");
    assert_eq!(report.sent + report.unsent, 120, "{report:?}");
    assert!(report.remarks().iter().any(|remark| remark.contains("did not keep up")), "{report:?}");
}

#[tokio::test]
async fn load_goes_over_tls_to_who_can_prove_its_name() {
    let certified = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let authority = certified.cert.der().clone();
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![authority.clone()], key)
        .expect("a certificate with its key");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let decide = Arc::new(|_| answer(200, "application/json", "{}"));
    let server = Server::listening("https", move |stream| {
        let (acceptor, decide) = (acceptor.clone(), Arc::clone(&decide));
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                serve(stream, decide).await;
            }
        }
    })
    .await;
    let plan = LoadPlan::new(Some(100), None, Some(4), None, None).expect("a plan");
    let cancel = CancellationToken::new();
    let trusting = LoadTarget::resolve_trusting(server.url(), &[authority]).await.expect("an address");
    let webhooks = || vec![webhook(&server, "x")];
    let report = run_load(&trusting, &plan, webhooks(), Redactor::default(), &cancel, &|_| {}).await.expect("a report");
    assert_eq!((report.succeeded, report.connections), (100, 4), "{report:?}");

    let strict = LoadTarget::resolve(server.url()).await.expect("an address");
    let error = run_load(&strict, &plan, webhooks(), Redactor::default(), &cancel, &|_| {}).await;
    assert!(matches!(error, Err(LoadError::Unreachable { .. })), "nobody vouches for it: {error:?}");
}
