//! Scripts in service-worker syntax: uploaded bare or as a `body_part`, and run.

use crate::support::{Fixture, NAMESPACE};
use http::Method;
use serde_json::json;

const SCRIPT: &str = "application/javascript";

/// Sloppy mode, globals, the runtime's own event, and work that goes on after the answer.
const LISTENING: &str = "var greeting = 'hello'; undeclared = 1;
addEventListener('fetch', event => {
  event.waitUntil(Promise.resolve());
  event.respondWith(answer(event));
});
async function answer(event) {
  const { exports } = new WebAssembly.Instance(ADD);
  return new Response(JSON.stringify([greeting, typeof undeclared, event.constructor.name, event.request.method,
    NAME, LIST, TOKEN, TEXT, [...new Uint8Array(DATA)], exports.answer(), this === globalThis, await event.request.text()]));
}";

#[tokio::test]
async fn a_script_in_service_worker_syntax_runs_with_its_bindings_as_globals() {
    let fixture = Fixture::start().await;
    let wasm: &[u8] = &[
        0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 10, 1, 6, 97, 110, 115, 119, 101, 114, 0,
        0, 10, 6, 1, 4, 0, 65, 42, 11,
    ];
    // No compatibility date: the oldest behaviour there is.
    let metadata = json!({ "body_part": "script", "tags": ["tenant:customer-a"], "bindings": [
        { "name": "NAME", "type": "plain_text", "text": "eu" },
        { "name": "LIST", "type": "json", "json": [1] },
        { "name": "TOKEN", "type": "secret_text", "text": "hidden" },
        { "name": "TEXT", "type": "text_blob", "part": "text" },
        { "name": "DATA", "type": "data_blob", "part": "data" },
        { "name": "ADD", "type": "wasm_module", "part": "add" },
    ] });
    let files: [(&str, &str, &[u8]); 4] = [
        ("text", "text/plain", b"text of a part"),
        ("data", "application/octet-stream", &[0, 255]),
        ("add", "application/wasm", wasm),
        ("script", SCRIPT, LISTENING.as_bytes()),
    ];
    let uploaded = fixture.upload_parts(&format!("{NAMESPACE}/scripts/customer-a-old"), &metadata, &files).await;
    assert_eq!(uploaded.status, 200, "{}", uploaded.text());
    let script = uploaded.json()["result"].clone();
    assert_eq!((&script["has_modules"], &script["handlers"]), (&json!(false), &json!(["fetch"])), "{script}");
    let expected = json!([
        "hello",
        "number",
        "FetchEvent",
        "POST",
        "eu",
        [1],
        "hidden",
        "text of a part",
        [0, 255],
        42,
        true,
        "größe"
    ]);
    let answer = fixture.deliver("customer-a", "old", &[], "größe").await;
    assert_eq!(answer.json(), expected);

    let content = fixture.script(Method::GET, "customer-a-old/content", "").await;
    assert_eq!(content.headers["content-type"], SCRIPT);
    assert_eq!(content.text(), LISTENING, "the script comes back as it is, not as a form");
    let secret = json!({ "name": "TOKEN", "text": "changed", "type": "secret_text" }).to_string();
    assert_eq!(fixture.script(Method::PUT, "customer-a-old/secrets", secret).await.status, 200);
    assert_eq!(fixture.deliver("customer-a", "old", &[], "").await.json()[6], "changed");
}

#[tokio::test]
async fn a_bare_body_is_a_script_in_service_worker_syntax() {
    let fixture = Fixture::start().await;
    let source = "addEventListener('fetch', event => event.respondWith(new Response('bare')))";
    let path = format!("{NAMESPACE}/scripts/customer-a-bare");
    for content_type in ["application/javascript", "text/javascript; charset=utf-8", "text/plain"] {
        let uploaded = fixture.send_as(Method::PUT, &path, content_type, source).await;
        assert_eq!(uploaded.status, 200, "{content_type}: {}", uploaded.text());
        assert_eq!(uploaded.json()["result"]["entry_point"], "worker.js");
        assert_eq!(fixture.deliver("customer-a", "bare", &[], "").await.text(), "bare");
    }
    let changed = source.replace("bare", "changed");
    let put = fixture.send_as(Method::PUT, &format!("{path}/content"), SCRIPT, changed).await;
    assert_eq!(put.status, 200, "{}", put.text());
    assert_eq!(fixture.deliver("customer-a", "bare", &[], "").await.text(), "changed");

    let refused = async |content_type: &str, body: &str| {
        fixture.send_as(Method::PUT, &path, content_type, body.to_owned()).await.refusal()
    };
    let unknown = refused("application/json", "{}").await;
    assert_eq!((unknown.0, unknown.1), (400, 10001));
    assert_eq!(refused(SCRIPT, "const nothing = 1").await.1, 10068, "nothing listens");
    let broken = refused(SCRIPT, "\n  boom();").await;
    assert_eq!(broken, (400, 10021, "Uncaught ReferenceError: boom is not defined\n  at worker.js:2:3\n".into()));
    // What the npm SDK 7.0 to 7.3 sends: a multipart body that is labelled as a script.
    let mislabelled =
        refused(SCRIPT, "------formdata-1\r\nContent-Disposition: form-data; name=\"metadata[main_module]\"\r\n").await;
    assert_eq!(mislabelled.1, 10021);
    assert!(
        mislabelled.2.starts_with(
            "Uncaught SyntaxError: Invalid left-hand side expression in prefix operation\n  at worker.js:1"
        ),
        "{}",
        mislabelled.2
    );
    assert_eq!(fixture.deliver("customer-a", "bare", &[], "").await.text(), "changed", "what was live stays");
}

#[tokio::test]
async fn blobs_are_for_service_workers_and_modules_import_them() {
    let fixture = Fixture::start().await;
    let metadata =
        json!({ "main_module": "index.js", "bindings": [{ "name": "TEXT", "type": "text_blob", "part": "a.txt" }] });
    let files: [(&str, &str, &[u8]); 2] = [
        ("index.js", "application/javascript+module", b"export default { fetch() {} }"),
        ("a.txt", "text/plain", b"text"),
    ];
    let path = format!("{NAMESPACE}/scripts/customer-a-blob");
    let refused = fixture.upload_parts(&path, &metadata, &files).await.refusal();
    assert_eq!(refused.1, 10021);
    assert!(refused.2.contains("import the file as a module"), "{}", refused.2);
    let missing =
        json!({ "body_part": "index.js", "bindings": [{ "name": "TEXT", "type": "text_blob", "part": "b.txt" }] });
    let refused = fixture.upload_parts(&path, &missing, &files).await.refusal();
    assert!(refused.2.contains("the part \"b.txt\", which is not in the upload"), "{}", refused.2);
}

#[tokio::test]
async fn a_script_in_service_worker_syntax_has_native_bindings_as_globals() {
    let fixture = Fixture::start().await;
    let source = "addEventListener('fetch', event => event.respondWith(answer(event.request)));
        async function answer(request) {
            await STORE.put('key', await request.text());
            const cache = await caches.open('own');
            return new Response([await STORE.get('key'), await cache.match('https://cached.example/')].join());
        }";
    let metadata = json!({ "body_part": "script", "tags": ["tenant:customer-a"],
        "bindings": [{ "name": "STORE", "type": "kv_namespace", "namespace_id": "n" }] });
    let files = [("script", SCRIPT, source.as_bytes())];
    let uploaded = fixture.upload_parts(&format!("{NAMESPACE}/scripts/customer-a-old"), &metadata, &files).await;
    assert_eq!(uploaded.status, 200, "{}", uploaded.text());
    assert_eq!(fixture.deliver("customer-a", "old", &[], "kept").await.text(), "kept,");
}
