//! Webhooks are stored before they are dispatched, whole, and once.

use crate::support::{Answer, Fixture, Letterbox, answering, module, options, send};
use http::Method;
use patchbay_platform::local_api::RegisteredDelivery;
use patchbay_platform::{Destination, Outcome, Received, Report, Unkept};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const ECHO: &str = "export default { async fetch(request) {
    if (request.headers.has('x-throw')) throw new Error('as asked');
    const headers = { 'x-seen': JSON.stringify([...request.headers]), 'content-type': 'application/octet-stream' };
    return new Response(request.body, { status: 201, headers });
} }";

async fn fixture() -> (Fixture, Arc<Letterbox>) {
    let folder = tempfile::tempdir().expect("a folder");
    let inbox = Arc::new(Letterbox::default());
    let mut options = options(folder.path());
    options.inbox = Some(Arc::<Letterbox>::clone(&inbox));
    let fixture = Fixture::start_with(options, folder).await.expect("the platform starts");
    fixture.publish("customer-a-echo", ECHO, json!([])).await;
    (fixture, inbox)
}

const ADAPTER: [(&str, &str); 2] = [("x-customer-id", "customer-a"), ("x-script-id", "echo")];

async fn deliver(fixture: &Fixture, method: Method, more: &[(&str, &str)], body: impl Into<bytes::Bytes>) -> Answer {
    let headers: Vec<_> = ADAPTER.iter().chain(more).copied().collect();
    send(method, &format!("{}/hook/a%20b?c=1&d=%2F", fixture.platform.dispatcher_url()), &headers, body).await
}

fn received(inbox: &Letterbox) -> Vec<Received> {
    inbox.received.lock().expect("not poisoned").clone()
}

/// Reports of answers, which come after the answers.
async fn outcomes(inbox: &Letterbox, wanted: usize) -> Vec<Report> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let reports = inbox.reports.lock().expect("not poisoned").clone();
        if reports.len() >= wanted {
            return reports;
        }
        assert!(Instant::now() < deadline, "{wanted} reports did not come: {reports:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_webhook_is_stored_byte_for_byte_and_reaches_the_adapter_unchanged() {
    let (fixture, inbox) = fixture().await;
    let binary: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    // The bytes need not be gzip: nobody on the way may look inside.
    let sent = [b"{\"a\": \"\xc3\xa4\"}\n".to_vec(), Vec::new(), b"\x1f\x8b\x08\x00rest".to_vec(), binary];
    for (index, body) in sent.iter().enumerate() {
        let more = [("content-encoding", "gzip"), ("x-note", "caf\u{e9}"), ("authorization", "Basic eDp5")];
        let more = if index == 2 { &more[..] } else { &more[1..] };
        let answer = deliver(&fixture, Method::POST, more, body.clone()).await;
        assert_eq!((answer.status, &answer.body[..]), (201, &body[..]));
        let stored = &received(&inbox)[index];
        assert_eq!((stored.request.method.as_str(), &stored.request.body[..]), ("POST", &body[..]));
        assert!(stored.request.url.ends_with("/hook/a%20b?c=1&d=%2F"), "{}", stored.request.url);
        assert_eq!(stored.unkept, None);
        let mut seen: Vec<(String, String)> =
            serde_json::from_slice(answer.headers["x-seen"].as_bytes()).expect("headers");
        // The runtime states the length of a body that is not there.
        seen.retain(|(name, value)| (name.as_str(), value.as_str()) != ("content-length", "0"));
        assert_eq!(stored.request.headers.0, seen, "the adapter sees the headers that are stored");
    }
    let reports = outcomes(&inbox, sent.len()).await;
    let ids: Vec<&str> = reports.iter().map(|report| report.id.as_str()).collect();
    assert_eq!(ids, ["1", "2", "3", "4"]);
    let webhook = &received(&inbox)[0];
    let Some(Destination { namespace, script, version, owner }) = &webhook.destination else {
        panic!("it is known who gets it: {webhook:?}")
    };
    assert_eq!((namespace.as_str(), script.as_str()), ("demo-production", "customer-a-echo"));
    assert_eq!(owner.as_deref(), Some("tenant:customer-a"));
    assert!(version.as_ref().is_some_and(|version| version.len() == 32), "{version:?}");
    assert_eq!(reports[0].outcome, Outcome::Answered(201));
    assert!(reports[0].duration_ms < 20_000.0);
}

#[tokio::test]
async fn what_is_no_webhook_is_not_stored() {
    let (fixture, inbox) = fixture().await;
    for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
        assert_eq!(deliver(&fixture, method, &[], "").await.status, 201);
    }
    let register = |body: &'static str| fixture.local(Method::POST, "/deliveries", body);
    let replay: RegisteredDelivery = serde_json::from_value(register("").await.json()).expect("a delivery");
    let load: RegisteredDelivery = serde_json::from_value(register("{\"load\": true}").await.json()).expect("a mark");
    for registered in [&replay, &load, &load, &load] {
        let answer = deliver(&fixture, Method::POST, &[(&registered.header, &registered.value)], "x").await;
        assert_eq!(answer.status, 201);
        let seen = answer.headers["x-seen"].to_str().expect("text");
        assert!(!seen.contains("x-patchbay"), "the adapter does not see that it is no webhook: {seen}");
    }
    assert_eq!(received(&inbox).len(), 0);
    assert_eq!(register("{\"lode\": true}").await.status, 400);
}

#[tokio::test]
async fn a_mark_that_nobody_gave_out_hides_nothing() {
    let (fixture, inbox) = fixture().await;
    let load = fixture.local(Method::POST, "/deliveries", "{\"load\":true}").await.json();
    let guessed = format!("load.{}.{}", load["delivery"].as_str().expect("an id"), "0".repeat(32));
    for mark in ["", "1", "load.1.2", &guessed] {
        let answer = deliver(&fixture, Method::POST, &[("x-patchbay-delivery", mark)], "x").await;
        assert_eq!(answer.status, 201);
        let seen = answer.headers["x-seen"].to_str().expect("text");
        assert!(!seen.contains("x-patchbay"), "{seen}");
    }
    assert_eq!(received(&inbox).len(), 4);
}

#[tokio::test]
async fn a_webhook_that_nobody_takes_is_stored() {
    let (fixture, inbox) = fixture().await;
    let url = format!("{}/nowhere", fixture.platform.dispatcher_url());
    let answer = send(Method::DELETE, &url, &[("x-customer-id", "customer-a"), ("x-script-id", "gone")], "").await;
    assert_eq!(answer.status, 500);
    let [webhook] = &received(&inbox)[..] else { panic!("one webhook") };
    assert_eq!((webhook.request.method.as_str(), webhook.request.url.as_str()), ("DELETE", url.as_str()));
    let [report] = &outcomes(&inbox, 1).await[..] else { panic!("one report") };
    assert_eq!(report.outcome, Outcome::Answered(500));
    let destination = webhook.destination.as_ref().expect("the dispatcher asked for a script");
    assert_eq!((destination.script.as_str(), &destination.version), ("customer-a-gone", &None));
}

#[tokio::test]
async fn a_sender_is_told_to_come_back_when_its_webhook_cannot_be_stored() {
    let (fixture, inbox) = fixture().await;
    inbox.full.store(true, Ordering::Relaxed);
    let refused = deliver(&fixture, Method::POST, &[], "x").await;
    assert_eq!((refused.status, &refused.headers["retry-after"]), (503, &"30".parse().expect("a header")));
    assert_eq!(refused.json()["error"], "Inbox unavailable");
    assert_eq!(deliver(&fixture, Method::GET, &[], "").await.status, 201, "what is not stored passes");
    inbox.full.store(false, Ordering::Relaxed);
    assert_eq!(deliver(&fixture, Method::POST, &[], "x").await.status, 201);
}

#[tokio::test]
async fn many_at_once_are_each_stored_once_and_answered_with_their_own() {
    let (fixture, inbox) = fixture().await;
    // A process that is only being started has no room for so many to wait.
    assert_eq!(deliver(&fixture, Method::GET, &[], "").await.status, 201);
    let senders = (0..200).map(|number| {
        let fixture = &fixture;
        async move {
            let body = format!("webhook {number}");
            assert_eq!(deliver(fixture, Method::POST, &[], body.clone()).await.text(), body);
        }
    });
    futures_util::future::join_all(senders).await;
    let mut bodies: Vec<_> = received(&inbox).into_iter().map(|webhook| webhook.request.body).collect();
    bodies.sort();
    bodies.dedup();
    assert_eq!(bodies.len(), 200);
    let mut ids: Vec<_> = outcomes(&inbox, 200).await.into_iter().map(|report| report.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 200);
}

async fn connect(fixture: &Fixture, head: &str) -> TcpStream {
    let address = fixture.platform.dispatcher_url().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("connects");
    let head = format!(
        "POST /x HTTP/1.1\r\nHost: x\r\nx-customer-id: customer-a\r\nx-script-id: echo\r\nConnection: close\r\n{head}\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("writes");
    stream
}

#[tokio::test]
async fn a_body_of_unknown_length_is_stored_when_it_ends_soon_and_streams_when_it_does_not() {
    let (fixture, inbox) = fixture().await;
    let mut short = connect(&fixture, "Transfer-Encoding: chunked\r\n").await;
    short.write_all(b"5\r\nhello\r\n4\r\n you\r\n0\r\n\r\n").await.expect("writes");
    let mut answer = String::new();
    short.read_to_string(&mut answer).await.expect("reads");
    assert!(
        answer.contains("hello") && answer.contains("transfer-encoding") && !answer.contains("content-length\\\""),
        "{answer}"
    );
    let [webhook] = &received(&inbox)[..] else { panic!("one webhook") };
    assert_eq!((&webhook.request.body[..], webhook.unkept), (&b"hello you"[..], None));

    // The adapter echoes: it answers the first piece while the sender has not sent the second.
    let mut long = connect(&fixture, "Transfer-Encoding: chunked\r\n").await;
    long.write_all(b"5\r\nfirst\r\n").await.expect("writes");
    let mut answer = Vec::new();
    while !answer.ends_with(b"first") && !answer.ends_with(b"first\r\n") {
        let byte = tokio::time::timeout(Duration::from_secs(20), long.read_u8()).await;
        answer.push(byte.expect("the answer begins before the request ends").expect("reads"));
    }
    long.write_all(b"6\r\nsecond\r\n0\r\n\r\n").await.expect("writes");
    let mut rest = String::new();
    long.read_to_string(&mut rest).await.expect("reads");
    assert!(rest.contains("second"), "{rest}");
    let webhook = &received(&inbox)[1];
    assert_eq!((webhook.request.body.len(), webhook.unkept), (0, Some(Unkept::Stream { at_least: 5 })));
}

#[tokio::test]
async fn a_body_that_is_too_large_passes_and_only_its_head_is_stored() {
    let (fixture, inbox) = fixture().await;
    let total: usize = 100 << 20;
    for (head, chunked) in
        [(format!("Content-Length: {total}\r\n"), false), ("Transfer-Encoding: chunked\r\n".into(), true)]
    {
        let stream = connect(&fixture, &head).await;
        let (mut reader, mut writer) = stream.into_split();
        let writing = tokio::spawn(async move {
            let piece = vec![b'x'; 1 << 20];
            for _ in 0..100 {
                if chunked {
                    writer.write_all(b"100000\r\n").await.expect("writes");
                }
                writer.write_all(&piece).await.expect("writes");
                if chunked {
                    writer.write_all(b"\r\n").await.expect("writes");
                }
            }
            if chunked {
                writer.write_all(b"0\r\n\r\n").await.expect("writes");
            }
            writer
        });
        let mut answer = Vec::new();
        reader.read_to_end(&mut answer).await.expect("reads");
        writing.await.expect("the whole body was taken");
        let body = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
        let came_back: usize = answer[body..].split(|byte| *byte != b'x').map(<[u8]>::len).sum();
        assert_eq!(came_back, total, "nothing is missing");
        let stored = received(&inbox).pop().expect("a webhook");
        assert_eq!(stored.request.body.len(), 0);
        match stored.unkept {
            Some(Unkept::TooLarge { bytes }) => assert_eq!((chunked, bytes), (false, total as u64)),
            Some(Unkept::Stream { at_least }) => assert!(chunked && at_least > 0),
            None => panic!("the body is not kept"),
        }
    }
}

#[tokio::test]
async fn an_adapter_gets_nothing_that_is_not_stored_yet() {
    let (fixture, inbox) = fixture().await;
    let source = "export default { fetch: () => new Promise((_, no) => setTimeout(no, 60_000)) }";
    fixture.publish("customer-a-slow", source, json!([])).await;
    let headers = [("x-customer-id", "customer-a"), ("x-script-id", "slow")];
    let sending = send(Method::POST, fixture.platform.dispatcher_url(), &headers, "x");
    let stored = async {
        while received(&inbox).is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        answer = sending => panic!("no answer was to come: {}", answer.status),
        () = stored => {}
    }
    let webhook = &received(&inbox)[0];
    assert_eq!(webhook.destination.as_ref().map(|to| to.script.as_str()), Some("customer-a-slow"));
    assert_eq!(*inbox.reports.lock().expect("not poisoned"), [], "nobody claims that it was answered");
}

#[tokio::test]
async fn the_inbox_knows_the_secrets_of_whoever_gets_the_webhook() {
    let (fixture, inbox) = fixture().await;
    let canary = ["canary", "in", "a", "webhook"].join("-");
    let bindings = json!([{ "name": "TOKEN", "type": "secret_text", "text": canary }]);
    fixture.publish("customer-a-echo", ECHO, bindings).await;
    assert_eq!(deliver(&fixture, Method::POST, &[], canary.clone()).await.text(), canary);
    let redactor = received(&inbox)[0].redactor.clone().expect("the version is known");
    assert_eq!(redactor.text(&canary), "<redacted:TOKEN>");
}

/// What an operator may export: an object with more than `fetch`, a class, an instance with private fields.
#[tokio::test]
async fn every_form_of_a_dispatcher_works_behind_the_inbox() {
    let object = "const own = { word: 'object', async fetch(request, env, ctx) {
        ctx.waitUntil(Promise.resolve()); return new Response(this.word + (await request.text()) + typeof env.PRODUCTION.get); } };
        export default own;";
    let class = "import { WorkerEntrypoint } from 'cloudflare:workers';
        export default class Own extends WorkerEntrypoint { #word = 'class';
        async fetch(request) { return new Response(this.#word + (await request.text()) + typeof this.env.PRODUCTION.get); } }
        export class Other extends WorkerEntrypoint { fetch() { return new Response('other'); } }";
    let instance = "class Own { #word = 'instance'; fetch = async (request, env) =>
        new Response(this.#word + (await request.text()) + typeof env.PRODUCTION.get); }
        export default new Own();";
    for (word, source) in [("object", object), ("class", class), ("instance", instance)] {
        let folder = tempfile::tempdir().expect("a folder");
        let inbox = Arc::new(Letterbox::default());
        let mut options = options(folder.path());
        options.inbox = Some(Arc::<Letterbox>::clone(&inbox));
        options.workers.dispatcher = vec![module("dispatcher.js", source)];
        let fixture = Fixture::start_with(options, folder).await.expect("the platform starts");
        for (method, stored) in [(Method::POST, 1), (Method::PUT, 2)] {
            let answer = send(method, fixture.platform.dispatcher_url(), &[], "-body-").await;
            assert_eq!(answer.text(), format!("{word}-body-function"));
            assert_eq!(received(&inbox).len(), stored);
        }
        assert_eq!(outcomes(&inbox, 2).await[0].outcome, Outcome::Answered(200));
        assert!(received(&inbox).iter().all(|webhook| webhook.destination.is_none()), "it answered by itself");
    }
}

#[tokio::test]
async fn a_dispatcher_that_throws_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let inbox = Arc::new(Letterbox::default());
    let mut options = options(folder.path());
    options.inbox = Some(Arc::<Letterbox>::clone(&inbox));
    options.workers.dispatcher =
        vec![module("dispatcher.js", "export default { fetch() { throw new Error('lost its way'); } }")];
    let fixture = Fixture::start_with(options, folder).await.expect("the platform starts");
    assert_eq!(send(Method::POST, fixture.platform.dispatcher_url(), &[], "x").await.status, 500);
    assert_eq!(outcomes(&inbox, 1).await[0].outcome, Outcome::Thrown("lost its way".into()));
}

#[tokio::test]
async fn nothing_is_stored_without_an_inbox() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut options = options(folder.path());
    options.inbox = None;
    let fixture = Fixture::start_with(options, folder).await.expect("the platform starts");
    fixture.publish("customer-a-plain", &answering("plain"), json!([])).await;
    assert_eq!(fixture.deliver("customer-a", "plain", &[], "x").await.text(), "plain");
    let load = fixture.local(Method::POST, "/deliveries", "{\"load\":true}").await.json();
    let mark = load["value"].as_str().expect("a mark").to_owned();
    assert_eq!(fixture.deliver("customer-a", "plain", &[("x-patchbay-delivery", &mark)], "x").await.text(), "plain");
}
