//! Requests through the dispatcher to an adapter and back.

use crate::support::{Fixture, NAMESPACE, answering};
use http::Method;
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn a_request_reaches_the_adapter_and_its_answer_comes_back() {
    let fixture = Fixture::start().await;
    let source = "export default { async fetch(request, env) {
        return Response.json({ method: request.method, url: request.url, body: await request.text(), greeting: env.GREETING,
            conf: env.CONF, cf: request.cf, customer: request.headers.get('x-customer-id') }, { status: 202, headers: { 'x-own': 'kept' } });
    } }";
    let bindings = json!([{ "name": "GREETING", "type": "plain_text", "text": "hi" },
        { "name": "CONF", "type": "json", "json": { "a": [1, null] } }]);
    fixture.publish("customer-a-notion", source, bindings).await;
    let answer = fixture.deliver("customer-a", "notion", &[("host", "gateway.do")], "größe").await;
    assert_eq!(answer.status, 202);
    assert_eq!(answer.headers["x-own"], "kept");
    assert_eq!(
        answer.json(),
        json!({ "method": "POST", "url": "http://gateway.do/hook?a=1", "body": "größe", "greeting": "hi",
            "conf": { "a": [1, null] }, "cf": {}, "customer": "customer-a" }),
        "the request arrives untouched, and nothing of the platform with it"
    );
}

#[tokio::test]
async fn a_missing_script_throws_with_cloudflares_words() {
    let fixture = Fixture::start().await;
    let answer = fixture.deliver("customer-a", "nothing", &[], "").await;
    let thrown = answer.json();
    assert!(thrown["thrown"].as_str().is_some_and(|text| text.starts_with("Worker not found")), "{thrown}");
    assert_eq!(thrown["environment"], "production");
}

#[tokio::test]
async fn an_exception_of_the_adapter_reaches_the_dispatcher_as_one() {
    let fixture = Fixture::start().await;
    let source = "export default { fetch() { throw new TypeError('no such page') } }";
    fixture.publish("customer-a-broken", source, json!([])).await;
    let answer = fixture.deliver("customer-a", "broken", &[], "").await;
    assert_eq!(answer.json()["thrown"], "no such page");
    assert_eq!(answer.json()["name"], "TypeError");
}

#[tokio::test]
async fn a_publish_is_live_on_the_very_next_request() {
    let fixture = Fixture::start().await;
    for round in 0..12 {
        let text = format!("version {round}");
        fixture.publish("customer-a-notion", &answering(&text), json!([])).await;
        assert_eq!(fixture.deliver("customer-a", "notion", &[], "").await.text(), text);
    }
    let deleted = fixture.script(Method::DELETE, "customer-a-notion", "").await;
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    assert!(fixture.deliver("customer-a", "notion", &[], "").await.text().contains("Worker not found"));
    fixture.publish("customer-a-notion", &answering("again"), json!([])).await;
    assert_eq!(
        fixture.deliver("customer-a", "notion", &[], "").await.text(),
        "again",
        "a script that was missing a moment ago must not stay missing"
    );
}

#[tokio::test]
async fn a_publish_under_traffic_never_leaves_an_old_version_behind() {
    let fixture = std::sync::Arc::new(Fixture::start().await);
    fixture.publish("customer-a-notion", &answering("0"), json!([])).await;
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let traffic: Vec<_> = (0..4)
        .map(|_| {
            let (fixture, stop) = (std::sync::Arc::clone(&fixture), std::sync::Arc::clone(&stop));
            tokio::spawn(async move {
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    assert_eq!(fixture.deliver("customer-a", "notion", &[], "").await.status, 200);
                }
            })
        })
        .collect();
    for round in 1..15 {
        fixture.publish("customer-a-notion", &answering(&round.to_string()), json!([])).await;
        assert_eq!(fixture.deliver("customer-a", "notion", &[], "").await.text(), round.to_string());
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    for task in traffic {
        task.await.expect("no request failed");
    }
}

#[tokio::test]
async fn calls_pass_the_outbound_worker_and_arrive_unchanged() {
    let fixture = Fixture::start().await;
    let routing =
        json!({ "tenants": { "customer-a": { "region": "eu", "egress": ["api.notion.com", "direct.example"] } } });
    assert_eq!(fixture.local(Method::PUT, "/routing", routing.to_string()).await.status, 204);
    let source = "import { connect } from 'cloudflare:sockets';
    export default { async fetch(request, env) {
        const host = await request.text();
        if (host === 'socket') {
            try { const socket = connect('api.notion.com:443'); await socket.opened; return new Response('opened'); }
            catch (error) { return new Response('refused'); }
        }
        const answer = await fetch(`https://${host}/v1/pages?x=%20y`, { method: 'PATCH', body: 'b', headers: { Authorization: 'Bearer t', 'Notion-Version': '2026' } });
        return Response.json({ status: answer.status, upstream: answer.headers.get('x-upstream'), body: await answer.json() });
    } }";
    fixture.publish("customer-a-notion", source, json!([])).await;
    let answer = fixture.deliver("customer-a", "notion", &[], "api.notion.com").await.json();
    assert_eq!(answer["status"], 201);
    assert_eq!(answer["upstream"], "yes");
    assert_eq!(answer["body"]["url"], "https://api.notion.com/v1/pages?x=%20y");
    assert_eq!(answer["body"]["method"], "PATCH");
    assert_eq!(fixture.deliver("customer-a", "notion", &[], "direct.example").await.json()["status"], 201);
    let refused = fixture.deliver("customer-a", "notion", &[], "evil.example").await.json();
    assert_eq!(refused["body"], json!({ "refused": "evil.example" }));
    assert_eq!(fixture.deliver("customer-a", "notion", &[], "socket").await.text(), "refused");
    let unnamed = fixture.deliver("customer-a", "notion", &[("x-no-outbound", "1")], "any.example").await.json();
    assert_eq!(unnamed["status"], 201, "without parameters the outbound worker stands in between all the same");

    let calls = fixture.gateway.calls.lock().expect("not poisoned");
    let (context, request) = &calls[0];
    assert_eq!(calls.len(), 3, "refused calls do not arrive");
    assert_eq!(context.served_by.script, "customer-a-notion");
    assert_eq!(context.served_by.namespace, NAMESPACE);
    assert_eq!(context.served_by.version.len(), 32);
    assert_eq!(context.tenant, "tenant:customer-a");
    assert_eq!(context.delivery, None);
    assert_eq!(request.headers.get("notion-version"), Some("2026"));
    assert_eq!(request.headers.get("authorization"), Some("Bearer t"));
    assert!(!request.headers.iter().any(|(name, _)| name.starts_with("x-patchbay")), "{:?}", request.headers);
}

#[tokio::test]
async fn the_routing_table_is_live_on_the_next_request() {
    let fixture = Fixture::start().await;
    let route = |key: &'static str| {
        let fixture = &fixture;
        async move { fixture.deliver("a", "b", &[("x-route", key)], "").await.json() }
    };
    assert_eq!(route("key:abc").await, json!(null));
    for round in 1..4 {
        let routing =
            json!({ "routes": { "round": round }, "keys": { "abc": { "tenant": "customer-a", "round": round } } });
        assert_eq!(fixture.local(Method::PUT, "/routing", routing.to_string()).await.status, 204);
        assert_eq!(route("routes").await, json!({ "round": round }));
        assert_eq!(route("key:abc").await["round"], round);
    }
    assert_eq!(fixture.local(Method::PUT, "/routing", "{}").await.status, 204);
    assert_eq!(route("key:abc").await, json!(null), "a key that is gone must not stay");
    let question = json!({ "url": "http://gateway.do/x", "headers": [["a", "b"]] });
    let decision = fixture.local(Method::POST, "/explain", question.to_string()).await;
    assert_eq!(decision.json(), json!({ "url": "http://gateway.do/x", "headers": [["a", "b"]], "routes": null }));
}

#[tokio::test]
async fn scripts_of_different_tenants_run_in_different_processes() {
    let fixture = Fixture::start().await;
    let source =
        "globalThis.count = (globalThis.count ?? 0) + 1; export default { fetch() { return new Response('ok') } }";
    for script in ["customer-a-one", "customer-a-two", "customer-b-one"] {
        fixture.publish(script, source, json!([])).await;
    }
    for (tenant, adapter) in [("customer-a", "one"), ("customer-a", "two"), ("customer-b", "one")] {
        assert_eq!(fixture.deliver(tenant, adapter, &[], "").await.text(), "ok");
    }
    let mut tenants: Vec<String> = fixture.processes().await.into_iter().filter_map(|process| process.tenant).collect();
    tenants.sort();
    assert_eq!(tenants, ["tenant:customer-a", "tenant:customer-b"]);
}

#[tokio::test]
async fn streams_and_websockets_pass() {
    let fixture = Fixture::start().await;
    let source = "export default { async fetch(request) {
        if (request.headers.get('upgrade') === 'websocket') {
            const [client, server] = Object.values(new WebSocketPair());
            server.accept();
            server.addEventListener('message', (event) => server.send(`echo ${event.data}`));
            return new Response(null, { status: 101, webSocket: client });
        }
        const { readable, writable } = new TransformStream();
        const writer = writable.getWriter();
        const parts = request.body.getReader();
        (async () => {
            for (;;) {
                const { done, value } = await parts.read();
                if (done) break;
                await writer.write(value);
            }
            await writer.close();
        })();
        return new Response(readable);
    } }";
    fixture.publish("customer-a-stream", source, json!([])).await;
    let address = fixture.platform.dispatcher_url().trim_start_matches("http://").to_owned();
    let head = "Host: x\r\nx-customer-id: customer-a\r\nx-script-id: stream\r\n";

    // A chunk comes back before the next one is sent: nothing on the way waits for the whole body.
    let mut stream = tokio::net::TcpStream::connect(&address).await.expect("connects");
    let open = format!("POST /echo HTTP/1.1\r\n{head}Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
    stream.write_all(open.as_bytes()).await.expect("writes");
    read_until(&mut stream, "first").await;
    stream.write_all(b"6\r\nsecond\r\n0\r\n\r\n").await.expect("writes");
    read_until(&mut stream, "second").await;

    let mut socket = tokio::net::TcpStream::connect(&address).await.expect("connects");
    let open = format!(
        "GET /ws HTTP/1.1\r\n{head}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    );
    socket.write_all(open.as_bytes()).await.expect("writes");
    read_until(&mut socket, "101 Switching Protocols").await;
    // A masked text frame `hi` with a mask of zeros.
    socket.write_all(&[0x81, 0x82, 0, 0, 0, 0, b'h', b'i']).await.expect("writes");
    read_until(&mut socket, "echo hi").await;
}

async fn read_until(stream: &mut tokio::net::TcpStream, wanted: &str) {
    let mut seen = Vec::new();
    let reading = async {
        while !String::from_utf8_lossy(&seen).contains(wanted) {
            let mut buffer = [0; 4096];
            let read = stream.read(&mut buffer).await.expect("reads");
            assert_ne!(read, 0, "closed after {}", String::from_utf8_lossy(&seen));
            seen.extend_from_slice(&buffer[..read]);
        }
    };
    let read = tokio::time::timeout(Duration::from_secs(20), reading).await;
    assert!(read.is_ok(), "`{wanted}` did not come, but: {}", String::from_utf8_lossy(&seen));
}

#[tokio::test]
async fn arguments_of_get_are_taken_whatever_they_are_and_are_no_options() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut options = crate::support::options(folder.path());
    let dispatcher = "export default { async fetch(request, env) {
        const outbound = { tenant: 'customer-a' };
        const given = [undefined, null, {}, { anything: [1, { at: 'all' }] }, { limits: { subRequests: 0 }, outbound: { tenant: 'x' } }];
        const answers = given.map((args) => env.PRODUCTION.get('customer-a-echo', args, { outbound, limits: { subRequests: 1 } }));
        answers.push(env.PRODUCTION.get('customer-a-echo'));
        return Response.json(await Promise.all(answers.map(async (script) => (await script.fetch(request.url)).json())));
    } };";
    options.workers.dispatcher = vec![crate::support::module("dispatcher.js", dispatcher)];
    let fixture = Fixture::start_with(options, folder).await.expect("starts");
    let echo = "export default { async fetch() {
        const call = async () => { try { return (await fetch('https://api.example/')).status } catch (error) { return error.message } };
        return Response.json([await call(), await call()]);
    } }";
    fixture.publish("customer-a-echo", echo, json!([])).await;
    let answer = fixture.deliver("customer-a", "echo", &[], "").await;
    let (limited, free) = (json!([201, "Too many subrequests."]), json!([201, 201]));
    assert_eq!(answer.json(), json!([limited, limited, limited, limited, limited, free]));
}
