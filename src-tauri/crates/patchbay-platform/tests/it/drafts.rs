//! Drafts: versions that serve only the deliveries that are registered for them, beside what is live.

use crate::support::{Fixture, NAMESPACE, answering, figures, files};
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use patchbay_platform::local_api::{LoadedDraft, Observations, RegisteredDelivery};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A draft with the connection that keeps it.
struct Held {
    id: String,
    _body: Incoming,
}

/// Loads one module as a draft; what the platform says when it refuses.
async fn load(fixture: &Fixture, script: &str, source: &str, more: Value) -> Result<Held, (u16, Value)> {
    let tenant = script.rsplit_once('-').map_or(script, |(tenant, _)| tenant);
    let mut metadata =
        json!({ "main_module": "index.js", "compatibility_date": "2026-06-01", "tags": [format!("tenant:{tenant}")] });
    metadata.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{metadata}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"index.js\"; filename=\"index.js\"\r\n\
         Content-Type: application/javascript+module\r\n\r\n{source}\r\n--b--\r\n"
    );
    let origin = fixture.platform.api_url().trim_end_matches("/client/v4").trim_start_matches("http://").to_owned();
    let stream = tokio::net::TcpStream::connect(&origin).await.expect("connects");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("speaks");
    tokio::spawn(connection);
    let request = Request::post(format!("/patchbay/v1/drafts/{NAMESPACE}/{script}"))
        .header("host", &origin)
        .header("authorization", fixture.bearer())
        .header("content-type", "multipart/form-data; boundary=b")
        .body(Full::<bytes::Bytes>::from(body))
        .expect("a request");
    let answer = sender.send_request(request).await.expect("an answer");
    let status = answer.status().as_u16();
    let mut body = answer.into_body();
    if status != 200 {
        let whole = body.collect().await.expect("a body").to_bytes();
        return Err((status, serde_json::from_slice(&whole).expect("JSON")));
    }
    let line = body.frame().await.expect("a line").expect("arrives").into_data().expect("data");
    let LoadedDraft { draft } = serde_json::from_slice(&line).expect("a draft");
    Ok(Held { id: draft, _body: body })
}

async fn register(fixture: &Fixture, draft: &str) -> RegisteredDelivery {
    let answer = fixture.local(Method::POST, "/deliveries", json!({ "draft": draft }).to_string()).await;
    serde_json::from_value(answer.json()).expect("a delivery")
}

async fn answered_by_draft(fixture: &Fixture, draft: &str, tenant: &str, adapter: &str) -> (String, Observations) {
    let delivery = register(fixture, draft).await;
    let answer = fixture.deliver(tenant, adapter, &[(&delivery.header, &delivery.value)], "{}").await;
    let path = format!("/deliveries/{}/observations?wait_ms=20000&answered=true", delivery.delivery);
    let seen = fixture.local(Method::GET, &path, "").await.json();
    (answer.text(), serde_json::from_value(seen).expect("observations"))
}

/// Waits until the platform has forgotten a draft, for at most ten seconds.
async fn forgotten(fixture: &Fixture, draft: &str) {
    let body = json!({ "draft": draft }).to_string();
    let until = Instant::now() + Duration::from_secs(10);
    while fixture.local(Method::POST, "/deliveries", body.clone()).await.status == 200 {
        assert!(Instant::now() < until, "the draft is still there");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_draft_serves_its_own_deliveries_and_nobody_else() {
    let fixture = Fixture::start().await;
    let live = fixture.publish("customer-a-notion", &answering("live"), json!([])).await;
    let source = "export default { async fetch(request, env) { console.log('drafted', env.TOKEN); \
        await fetch('https://api.notion.com/' + env.TOKEN); return new Response('draft'); } }";
    let canary = ["canary", "draft"].join("-");
    let bindings = json!({ "bindings": [{ "name": "TOKEN", "type": "secret_text", "text": canary }] });
    let routing = json!({ "tenants": { "customer-a": { "egress": ["api.notion.com"] } } });
    fixture.local(Method::PUT, "/routing", routing.to_string()).await;
    let held = load(&fixture, "customer-a-notion", source, bindings).await.expect("loads");
    for round in 0..10 {
        let (of_draft, of_others) = tokio::join!(
            answered_by_draft(&fixture, &held.id, "customer-a", "notion"),
            fixture.deliver("customer-a", "notion", &[], "{}"),
        );
        let (answer, seen) = of_draft;
        assert_eq!((answer.as_str(), of_others.text().as_str()), ("draft", "live"), "round {round}");
        assert!(seen.complete);
        assert_eq!(seen.tail[0].served_by.version, held.id);
        assert_eq!(seen.tail[0].logs[0].message, "drafted <redacted:TOKEN>");
        assert_eq!(seen.outbound[0].request.url, "https://api.notion.com/<redacted:TOKEN>");
        assert!(!serde_json::to_string(&seen).expect("serialises").contains(&canary));
    }
    let listed = fixture.script(Method::GET, "customer-a-notion", "").await.text();
    assert!(listed.contains(&live) && !listed.contains("draft"), "{listed}");
    for (path, content) in files(fixture.folder.path()) {
        let has = |text: &str| content.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!has(&canary) && !has("drafted"), "nothing of a draft is stored, but {}", path.display());
    }
}

#[tokio::test]
async fn a_draft_goes_with_its_connection_and_is_never_replaced_by_what_is_live() {
    let fixture = Fixture::start().await;
    fixture.publish("customer-a-notion", &answering("live"), json!([])).await;
    fixture.deliver("customer-a", "notion", &[], "{}").await;
    let held = load(&fixture, "customer-a-notion", &answering("draft"), json!({})).await.expect("loads");
    let running = fixture.processes().await.len();
    let id = held.id.clone();
    let late = register(&fixture, &id).await;
    drop(held);
    forgotten(&fixture, &id).await;
    let answer = fixture.deliver("customer-a", "notion", &[(&late.header, &late.value)], "{}").await;
    assert_eq!(answer.status, 500, "{}", answer.text());
    assert!(answer.text().contains("the draft that it is for has gone"), "{}", answer.text());
    assert_eq!(fixture.deliver("customer-a", "notion", &[], "{}").await.text(), "live");
    let until = Instant::now() + Duration::from_secs(20);
    while fixture.processes().await.len() >= running {
        assert!(Instant::now() < until, "the process of the draft goes, too");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_adapter_that_was_never_published_has_a_draft() {
    let fixture = Fixture::start().await;
    let held = load(&fixture, "customer-a-notion", &answering("draft"), json!({})).await.expect("loads");
    assert_eq!(answered_by_draft(&fixture, &held.id, "customer-a", "notion").await.0, "draft");
    let others = fixture.deliver("customer-a", "notion", &[], "{}").await;
    assert_eq!(others.json()["thrown"], "Worker not found: customer-a-notion");
    // A delivery for a draft of one script says nothing about another one.
    fixture.publish("customer-b-notion", &answering("theirs"), json!([])).await;
    assert_eq!(answered_by_draft(&fixture, &held.id, "customer-b", "notion").await.0, "theirs");
}

#[tokio::test]
async fn a_draft_that_spins_costs_what_is_live_nothing() {
    let fixture = Fixture::with_limits(|limits| limits.cpu = Duration::from_millis(300)).await;
    fixture.publish("customer-a-notion", &answering("live"), json!([])).await;
    fixture.deliver("customer-a", "notion", &[], "{}").await;
    let before = fixture.process("tenant").await;
    let source = "export default { fetch() { for (;;) {} } }";
    let held = load(&fixture, "customer-a-notion", source, json!({})).await.expect("loads");
    let spinning = answered_by_draft(&fixture, &held.id, "customer-a", "notion");
    let live = async {
        let mut served = 0;
        for _ in 0..50 {
            assert_eq!(fixture.deliver("customer-a", "notion", &[], "{}").await.text(), "live");
            served += 1;
        }
        served
    };
    let ((answer, _), served) = tokio::join!(spinning, live);
    assert!(answer.contains("Worker exceeded CPU time limit."), "{answer}");
    assert_eq!(served, 50);
    let processes = fixture.processes().await;
    assert!(processes.iter().any(|process| process.pid == before.pid && process.restarts == before.restarts));
}

#[tokio::test]
async fn a_draft_with_native_bindings_runs_beside_the_live_version() {
    let fixture = Fixture::start().await;
    let bindings =
        json!([{ "name": "KV", "type": "kv_namespace", "namespace_id": "00000000000000000000000000000001" }]);
    let source = |word: &str| {
        format!(
            "export default {{ async fetch(request, env) {{ await env.KV.put('by', '{word}'); \
             return new Response('{word} ' + await env.KV.get('by')); }} }}"
        )
    };
    fixture.publish("customer-a-notion", &source("live"), bindings.clone()).await;
    assert_eq!(fixture.deliver("customer-a", "notion", &[], "{}").await.text(), "live live");
    let live = fixture.process("tenant").await;
    let held = load(&fixture, "customer-a-notion", &source("draft"), json!({ "bindings": bindings })).await;
    let held = held.expect("loads");
    let (answer, seen) = answered_by_draft(&fixture, &held.id, "customer-a", "notion").await;
    assert_eq!((answer.as_str(), seen.tail[0].served_by.version.as_str()), ("draft draft", held.id.as_str()));
    assert_eq!(fixture.deliver("customer-a", "notion", &[], "{}").await.text(), "live live");
    let processes = fixture.processes().await;
    assert!(processes.iter().any(|process| process.pid == live.pid), "the live version kept its process");
}

#[tokio::test]
async fn what_cannot_be_a_draft_is_refused_with_the_reason() {
    let fixture = Fixture::start().await;
    let objects = json!({ "bindings": [{ "name": "ROOM", "type": "durable_object_namespace", "class_name": "Room" }] });
    let migrations = json!({ "migrations": { "new_tag": "v1", "new_sqlite_classes": ["Room"] } });
    for (source, more, says) in [
        (answering("x"), objects, "cannot have Durable Objects of its own"),
        (answering("x"), migrations, "cannot have `migrations`"),
        ("export default {".to_owned(), json!({}), "SyntaxError"),
    ] {
        let (status, refusal) = load(&fixture, "customer-a-notion", &source, more).await.err().expect(says);
        assert_eq!((status, &refusal["errors"][0]["code"]), (400, &json!(10021)), "{refusal}");
        assert!(refusal["errors"][0]["message"].as_str().expect("a text").contains(says), "{refusal}");
    }
    let unknown = fixture.local(Method::POST, "/deliveries", json!({ "draft": "draft-1" }).to_string()).await;
    assert_eq!(unknown.status, 404, "{}", unknown.text());
}

#[tokio::test]
async fn loading_and_replaying_a_draft_costs_little() {
    let fixture = Fixture::start().await;
    fixture.publish("customer-a-notion", &answering("live"), json!([])).await;
    fixture.deliver("customer-a", "notion", &[], "{}").await;
    let since = Instant::now();
    let held = load(&fixture, "customer-a-notion", &answering("draft"), json!({})).await.expect("loads");
    let loading = since.elapsed();
    let median = async |draft: Option<&str>| {
        let mut took = Vec::new();
        for _ in 0..41 {
            let body = draft.map_or_else(String::new, |draft| json!({ "draft": draft }).to_string());
            let since = Instant::now();
            let registered = fixture.local(Method::POST, "/deliveries", body).await.json();
            let delivery: RegisteredDelivery = serde_json::from_value(registered).expect("a delivery");
            fixture.deliver("customer-a", "notion", &[(&delivery.header, &delivery.value)], "{}").await;
            took.push(since.elapsed());
        }
        took.sort();
        took[20]
    };
    let (live, draft) = (median(None).await, median(Some(&held.id)).await);
    figures(&format!("load a draft {loading:?}; recorded delivery, median: live {live:?}, draft {draft:?}"));
    assert!(draft < live * 2, "a replay of a draft takes {draft:?}, one of what is live {live:?}");
}
