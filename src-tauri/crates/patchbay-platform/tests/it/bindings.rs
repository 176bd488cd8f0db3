//! Native bindings: what a script does with each, from its upload to what it finds in `env`.

use crate::support::{Fixture, NAMESPACE};
use base64::Engine as _;
use http::Method;
use patchbay_platform::local_api::{Observations, RegisteredDelivery};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::time::Duration;

/// Uploads a script with any metadata beside the usual, and expects that it becomes live.
pub(crate) async fn publish(fixture: &Fixture, script: &str, source: &str, bindings: Value, more: Value) {
    let tenant = script.rsplit_once('-').map_or(script, |(tenant, _)| tenant);
    let mut metadata = json!({ "main_module": "index.js", "compatibility_date": "2026-06-01", "bindings": bindings,
        "tags": [format!("tenant:{tenant}")] });
    for (key, value) in more.as_object().expect("an object") {
        metadata[key] = value.clone();
    }
    let path = format!("{NAMESPACE}/scripts/{script}");
    let files = [("index.js", "application/javascript+module", source.as_bytes())];
    let answer = fixture.upload_parts(&path, &metadata, &files).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// What `acme-{adapter}` answers.
pub(crate) async fn ask(fixture: &Fixture, adapter: &str, body: &str) -> Value {
    let answer = fixture.deliver("acme", adapter, &[], body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Asks until there is an answer.
pub(crate) async fn until<T>(mut answer: impl AsyncFnMut() -> Option<T>) -> T {
    let asked = async {
        loop {
            if let Some(found) = answer().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), asked).await.expect("in time")
}

pub(crate) fn kill(pid: u32) {
    let pid = Pid::from_raw(pid.try_into().expect("a pid")).expect("a pid");
    kill_process(pid, Signal::KILL).expect("kills");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kv_namespace_keeps_values_metadata_and_expiry_for_every_script_that_names_it() {
    let fixture = Fixture::start().await;
    let writer = "export default { async fetch(request, env) {
        await env.STORE.put('größe/1', 'one', { metadata: { color: 'red' }, expirationTtl: 3600 });
        await env.STORE.put('größe/2', new Uint8Array(200_000));
        await env.STORE.put('gone', 'x');
        await env.STORE.delete('gone');
        return Response.json({ written: true });
    } }";
    let reader = "export default { async fetch(request, env) {
        const one = await env.STORE.getWithMetadata('größe/1');
        const list = await env.STORE.list({ prefix: 'größe/' });
        return Response.json({ value: one.value, metadata: one.metadata,
            keys: list.keys.map(({ name }) => name), expires: list.keys[0].expiration > Date.now() / 1000 + 3000,
            large: (await env.STORE.get('größe/2', 'arrayBuffer')).byteLength, gone: await env.STORE.get('gone'),
            elsewhere: await env.OTHER.get('größe/1') });
    } }";
    let store = json!({ "name": "STORE", "type": "kv_namespace", "namespace_id": "0f2ac74b498b48028cb68387c421e279" });
    let other = json!({ "name": "OTHER", "type": "kv_namespace", "namespace_id": "another" });
    publish(&fixture, "acme-writer", writer, json!([store]), json!({})).await;
    publish(&fixture, "acme-reader", reader, json!([store, other]), json!({})).await;
    assert_eq!(ask(&fixture, "writer", "").await, json!({ "written": true }));
    let expected = json!({ "value": "one", "metadata": { "color": "red" }, "keys": ["größe/1", "größe/2"],
        "expires": true, "large": 200_000, "gone": null, "elsewhere": null });
    assert_eq!(ask(&fixture, "reader", "").await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_d1_database_prepares_binds_batches_and_rolls_back() {
    let fixture = Fixture::start().await;
    let source = "export default { async fetch(request, env) {
        await env.DB.exec('CREATE TABLE IF NOT EXISTS hooks (id INTEGER PRIMARY KEY, name TEXT)');
        const insert = env.DB.prepare('INSERT INTO hooks (name) VALUES (?)');
        const written = await env.DB.batch([insert.bind('a'), insert.bind('b')]);
        let refused;
        try { await env.DB.batch([insert.bind('c'), env.DB.prepare('INSERT INTO absent VALUES (1)')]) }
        catch (error) { refused = error.message }
        const { results } = await env.DB.prepare('SELECT name FROM hooks WHERE id > ? ORDER BY id').bind(0).all();
        return Response.json({ changes: written.map(({ meta }) => meta.changes), names: results.map(({ name }) => name),
            first: await env.DB.prepare('SELECT count(*) AS n FROM hooks').first('n'), refused });
    } }";
    let database = json!([{ "name": "DB", "type": "d1", "id": "7f3c5a5c-9a3e-4f0f-8a3e-000000000001" }]);
    publish(&fixture, "acme-data", source, database, json!({})).await;
    let found = ask(&fixture, "data", "").await;
    assert_eq!(
        (&found["changes"], &found["names"], &found["first"]),
        (&json!([1, 1]), &json!(["a", "b"]), &json!(2)),
        "{found}"
    );
    assert!(found["refused"].as_str().expect("refused").contains("no such table: absent"), "{found}");
}

const COUNTER: &str = "import { DurableObject } from 'cloudflare:workers';
    export class Counter extends DurableObject {
        async next() { const n = (await this.ctx.storage.get('n') ?? 0) + 1; await this.ctx.storage.put('n', n); return n }
        async fetch(request) { return new Response('object ' + new URL(request.url).pathname) }
        async soon() { await this.ctx.storage.setAlarm(Date.now() + 50) }
        async alarm() { await this.ctx.storage.put('rang', true) }
        rang() { return this.ctx.storage.get('rang') }
    }
    export default { async fetch(request, env) {
        const counter = env.COUNTER.getByName('one');
        const what = await request.text();
        if (what === 'soon') { await counter.soon(); return Response.json({}) }
        return Response.json({ n: await counter.next(), rang: await counter.rang() ?? false,
            said: await (await counter.fetch('http://object/path')).text(), version: VERSION });
    } }";

fn counter() -> Value {
    json!([{ "name": "COUNTER", "type": "durable_object_namespace", "class_name": "Counter" }])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_durable_object_keeps_its_state_over_a_new_version_a_kill_and_a_restart() {
    let fixture = Fixture::start().await;
    let migrations = json!({ "migrations": { "new_tag": "v1", "steps": [{ "new_sqlite_classes": ["Counter"] }] } });
    publish(&fixture, "acme-count", &COUNTER.replace("VERSION", "1"), counter(), migrations).await;
    assert_eq!(
        ask(&fixture, "count", "").await,
        json!({ "n": 1, "rang": false, "said": "object /path", "version": 1 })
    );
    assert_eq!(ask(&fixture, "count", "").await["n"], 2);

    publish(&fixture, "acme-count", &COUNTER.replace("VERSION", "2"), counter(), json!({})).await;
    let found = ask(&fixture, "count", "").await;
    assert_eq!((&found["n"], &found["version"]), (&json!(3), &json!(2)), "{found}");

    let process = fixture.processes().await.into_iter().find(|process| process.role == "tenant").expect("runs");
    kill(process.pid.expect("a pid"));
    let found = until(async || {
        let answer = fixture.deliver("acme", "count", &[], "").await;
        (answer.status == 200).then(|| answer.json())
    })
    .await;
    assert_eq!(found["n"], 4);

    ask(&fixture, "count", "soon").await;
    until(async || ask(&fixture, "count", "").await["rang"].as_bool().filter(|rang| *rang)).await;
    let before = ask(&fixture, "count", "").await["n"].as_u64().expect("a number");

    let fixture = Fixture::start_in(fixture.stop().await).await.expect("starts again");
    assert_eq!(ask(&fixture, "count", "").await["n"], before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_go_with_their_script() {
    let fixture = Fixture::start().await;
    let migrations = json!({ "migrations": { "new_tag": "v1", "steps": [{ "new_sqlite_classes": ["Counter"] }] } });
    let source = COUNTER.replace("VERSION", "1");
    publish(&fixture, "acme-count", &source, counter(), migrations.clone()).await;
    assert_eq!(ask(&fixture, "count", "").await["n"], 1);
    assert_eq!(fixture.script(Method::DELETE, "acme-count", "").await.status, 200);
    let folder = fixture.folder.path().join("objects");
    assert_eq!(std::fs::read_dir(folder).expect("a folder").count(), 0, "nothing of the script is left");
    publish(&fixture, "acme-count", &source, counter(), migrations).await;
    assert_eq!(ask(&fixture, "count", "").await["n"], 1, "a new script of the name has objects of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_a_queue_wait_where_they_can_be_seen() {
    let fixture = Fixture::start().await;
    let source = "export default { async fetch(request, env) {
        await env.JOBS.send({ job: 1 });
        await env.JOBS.sendBatch([{ body: 'a' }, { body: 'b' }]);
        return Response.json({});
    } }";
    publish(
        &fixture,
        "acme-send",
        source,
        json!([{ "name": "JOBS", "type": "queue", "queue_name": "jobs" }]),
        json!({}),
    )
    .await;
    ask(&fixture, "send", "").await;
    let seen = fixture.local(Method::GET, "/queues", "").await.json();
    assert_eq!((&seen[0]["queue"], &seen[0]["messages"]), (&json!("jobs"), &json!(3)), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_of_one_tenant_call_each_other_and_nobody_elses() {
    let fixture = Fixture::start().await;
    let callee = "export default { async fetch(request) {
        if (new URL(request.url).pathname === '/throw') throw new TypeError('on purpose');
        return new Response(request.method + ' ' + request.url + ' ' + await request.text(), { status: 207 });
    } }";
    fixture.publish("acme-callee", callee, json!([])).await;
    fixture.publish("rival-callee", callee, json!([])).await;
    let source = "export default { async fetch(request, env) {
        const said = async (call) => { try { const answer = await call(); return answer.status + ' ' + await answer.text() }
            catch (error) { return error.name + ': ' + error.message } };
        const post = { method: 'PUT', body: 'body' };
        return Response.json([
            await said(() => env.CALLEE.fetch('https://callee/path?a=1', post)),
            await said(() => env.CALLEE.fetch('https://callee/throw')),
            await said(() => env.RIVAL.fetch('https://callee/')),
            await said(() => env.SCRIPTS.get('acme-callee').fetch('https://callee/b', post)),
            await said(() => env.SCRIPTS.get('rival-callee').fetch('https://callee/')),
            await said(() => env.SCRIPTS.get('nobody').fetch('https://callee/')),
        ]);
    } }";
    let bindings = json!([{ "name": "CALLEE", "type": "service", "service": "acme-callee" },
        { "name": "RIVAL", "type": "service", "service": "rival-callee" },
        { "name": "SCRIPTS", "type": "dispatch_namespace", "namespace": NAMESPACE }]);
    publish(&fixture, "acme-caller", source, bindings, json!({})).await;
    let expected = json!([
        "207 PUT https://callee/path?a=1 body",
        "TypeError: on purpose",
        "Error: Worker not found: rival-callee",
        "207 PUT https://callee/b body",
        "Error: Worker not found: rival-callee",
        "Error: Worker not found: nobody"
    ]);
    assert_eq!(ask(&fixture, "caller", "").await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_key_signs_cannot_be_exported_and_stands_in_no_file_and_no_argument() {
    let fixture = Fixture::start().await;
    let source = "export default { async fetch(request, env) {
        const signature = await crypto.subtle.sign('HMAC', env.KEY, new TextEncoder().encode('message'));
        let exported;
        try { exported = await crypto.subtle.exportKey('raw', env.KEY) } catch (error) { exported = error.name }
        return Response.json({ signature: new Uint8Array(signature).toHex(), exported, token: env.TOKEN.length });
    } }";
    // The test vector of RFC 4231, section 4.2, has the same key and another text; this one is computed by OpenSSL.
    let key = "canary-key-canary-key-canary-key";
    let encoded = base64::engine::general_purpose::STANDARD.encode(key);
    let bindings = json!([{ "name": "KEY", "type": "secret_key", "format": "raw", "key_base64": encoded,
            "algorithm": { "name": "HMAC", "hash": "SHA-256" }, "usages": ["sign"] },
        { "name": "TOKEN", "type": "secret_text", "text": "canary-token-canary" }]);
    publish(&fixture, "acme-sign", source, bindings, json!({})).await;
    let found = ask(&fixture, "sign", "").await;
    assert_eq!(found["exported"], "InvalidAccessError", "{found}");
    assert_eq!((found["signature"].as_str().map(str::len), &found["token"]), (Some(64), &json!(19)), "{found}");

    for process in fixture.processes().await {
        let pid = process.pid.expect("runs");
        let arguments = std::fs::read(format!("/proc/{pid}/cmdline")).expect("arguments");
        assert!(!String::from_utf8_lossy(&arguments).contains("canary"), "no argument");
    }
    let run_folder = std::fs::read_to_string(fixture.folder.path().join("run-folder")).expect("a folder");
    for folder in [fixture.folder.path(), std::path::Path::new(&run_folder)] {
        for (path, content) in crate::support::files(folder) {
            let text = String::from_utf8_lossy(&content);
            assert!(!text.contains("canary") && !text.contains(&encoded), "{}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn modules_of_every_kind_reach_a_script_with_native_bindings() {
    let fixture = Fixture::start().await;
    // (module (func (export "answer") (result i32) i32.const 42))
    let wasm = [
        0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 7, 10, 1, 6, b'a', b'n', b's', b'w',
        b'e', b'r', 0, 0, 10, 6, 1, 4, 0, 0x41, 42, 0x0b,
    ];
    let source = "import text from './text.txt'; import data from './data.bin'; import wasm from './answer.wasm';
        export default { async fetch(request, env) {
            const { exports } = await WebAssembly.instantiate(wasm);
            await env.STORE.put('answer', String(exports.answer()));
            return Response.json({ text, data: [...new Uint8Array(data)], wasm: await env.STORE.get('answer'), version: env.VERSION.id.length });
        } }";
    let metadata = json!({ "main_module": "index.js", "compatibility_date": "2026-06-01", "tags": ["tenant:acme"],
        "bindings": [{ "name": "STORE", "type": "kv_namespace", "namespace_id": "n" }, { "name": "VERSION", "type": "version_metadata" }] });
    let files: [(&str, &str, &[u8]); 4] = [
        ("index.js", "application/javascript+module", source.as_bytes()),
        ("text.txt", "text/plain", "größe \"quoted\"\n".as_bytes()),
        ("data.bin", "application/octet-stream", &[0, 255, 10]),
        ("answer.wasm", "application/wasm", &wasm),
    ];
    let answer = fixture.upload_parts(&format!("{NAMESPACE}/scripts/acme-modules"), &metadata, &files).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let expected = json!({ "text": "größe \"quoted\"\n", "data": [0, 255, 10], "wasm": "42", "version": 32 });
    assert_eq!(ask(&fixture, "modules", "").await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_deliveries_of_a_script_with_native_bindings_keep_apart_what_is_seen_of_them() {
    let fixture = Fixture::start().await;
    let routing = json!({ "tenants": { "acme": { "egress": ["api.notion.com"] } } });
    fixture.local(Method::PUT, "/routing", routing.to_string()).await;
    let source = "export default { async fetch(request, env) {
        const number = await request.text();
        console.log('delivery', number);
        await env.STORE.put(number, number);
        await fetch('https://api.notion.com/v1/' + number, { method: 'POST', body: number });
        return Response.json(await env.STORE.get(number, 'json'));
    } }";
    let bindings = json!([{ "name": "STORE", "type": "kv_namespace", "namespace_id": "n" }]);
    publish(&fixture, "acme-record", source, bindings, json!({})).await;
    // More at once than there are lanes, beside requests that are not recorded.
    let deliveries = futures_util::future::join_all((0..8).map(|number| {
        let fixture = &fixture;
        async move {
            let ordinary = format!("10{number}");
            let plain = ask(fixture, "record", &ordinary);
            let registered: RegisteredDelivery =
                serde_json::from_value(fixture.local(Method::POST, "/deliveries", "").await.json())
                    .expect("a delivery");
            let body = number.to_string();
            let headers = [(registered.header.as_str(), registered.value.as_str())];
            let (answer, plain) = tokio::join!(fixture.deliver("acme", "record", &headers, &body), plain);
            assert_eq!((answer.json(), plain), (json!(number), json!(100 + number)));
            let path = format!("/deliveries/{}/observations?wait_ms=20000", registered.delivery);
            let seen: Observations =
                serde_json::from_value(fixture.local(Method::GET, &path, "").await.json()).expect("observations");
            (number, seen)
        }
    }))
    .await;
    for (number, seen) in deliveries {
        assert!(seen.complete);
        let [tail] = &seen.tail[..] else { panic!("one request, one report: {:?}", seen.tail) };
        assert_eq!(
            tail.logs.iter().map(|line| line.message.as_str()).collect::<Vec<_>>(),
            [format!("delivery {number}")]
        );
        let [call] = &seen.outbound[..] else { panic!("one call: {:?}", seen.outbound) };
        assert_eq!(call.request.url, format!("https://api.notion.com/v1/{number}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_was_uploaded_into_a_trusted_namespace_sees_what_the_dispatcher_knows_of_the_request() {
    let fixture = Fixture::start().await;
    let source = "export default { fetch: (request) => Response.json(request.cf ?? null) }";
    fixture.publish("acme-facts", source, json!([])).await;
    assert_eq!(ask(&fixture, "facts", "").await, json!({}), "nothing for a script that is not trusted");
    let path = format!("/workers/dispatch/namespaces/{NAMESPACE}");
    let body = json!({ "name": NAMESPACE, "trusted_workers": true }).to_string();
    assert_eq!(fixture.api(Method::PUT, &path, body).await.status, 200);
    assert_eq!(ask(&fixture, "facts", "").await, json!({}), "nor before it is uploaded again");
    fixture.publish("acme-facts", source, json!([])).await;
    let seen = ask(&fixture, "facts", "").await;
    assert!(seen["clientIp"].as_str().is_some_and(|ip| ip.starts_with("127.0.0.1")), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_keeps_objects_for_scripts_that_name_it() {
    let fixture = Fixture::start().await;
    let source = "export default { async fetch(request, env) {
        const put = await env.FILES.put('a/b', 'content', { httpMetadata: { contentType: 'text/plain' }, customMetadata: { k: 'v' } });
        const found = await env.FILES.get('a/b');
        const { objects } = await env.FILES.list({ prefix: 'a/' });
        return Response.json({ text: await found.text(), type: found.httpMetadata.contentType, custom: found.customMetadata,
            same: put.etag === found.etag, keys: objects.map(({ key }) => key), elsewhere: await env.OTHER.head('a/b') });
    } }";
    let bindings = json!([{ "name": "FILES", "type": "r2_bucket", "bucket_name": "files" },
        { "name": "OTHER", "type": "r2_bucket", "bucket_name": "other-files" }]);
    publish(&fixture, "acme-files", source, bindings, json!({})).await;
    let expected = json!({ "text": "content", "type": "text/plain", "custom": { "k": "v" }, "same": true, "keys": ["a/b"],
        "elsewhere": null });
    assert_eq!(ask(&fixture, "files", "").await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_served_of_a_binding_is_refused_by_name() {
    let fixture = Fixture::start().await;
    fixture.publish("acme-callee", "export default { fetch() { return new Response() } }", json!([])).await;
    let source = "export default { fetch() { return new Response() } }";
    for (binding, says) in [
        (json!({ "name": "B", "type": "r2_bucket", "bucket_name": "No_Bucket" }), "bucket_name"),
        (json!({ "name": "B", "type": "hyperdrive", "id": "x" }), "hyperdrive"),
    ] {
        let (status, _, message) = fixture.upload("acme-caller", source, json!([binding])).await.refusal();
        assert!(status == 400 && message.contains("'B'") && message.contains(says), "{message}");
    }
    let wrong = json!([{ "name": "B", "type": "dispatch_namespace", "namespace": "nowhere" }]);
    let (status, code, _) = fixture.upload("acme-caller", source, wrong).await.refusal();
    assert_eq!((status, code), (404, 100_119));
}
