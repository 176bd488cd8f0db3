//! Uploads: what becomes live, and what does not.

use crate::support::{Fixture, NAMESPACE, answering};
use http::Method;
use serde_json::json;

const ES_MODULE: &str = "application/javascript+module";

#[tokio::test]
async fn what_does_not_start_is_10021_and_the_old_version_keeps_serving() {
    let fixture = Fixture::start().await;
    fixture.publish("customer-a-notion", &answering("old"), json!([])).await;
    let boom = "\n\n  missing.call();\nexport default { fetch() {} }";
    let thrown = "function start() { throw new TypeError('no') }\nstart();\nexport default { fetch() {} }";
    for (source, message) in [
        ("export default { fetch( }", "Uncaught SyntaxError: Unexpected token '}'\n  at index.js:1:24\n"),
        (boom, "Uncaught ReferenceError: missing is not defined\n  at index.js:3:3\n"),
        (thrown, "Uncaught TypeError: no\n  at index.js:1:26 in start\n  at index.js:2:1\n"),
        (
            "import './gone.js'; export default { fetch() {} }",
            "Uncaught Error: No such module \"gone.js\".\n  imported from \"index.js\"",
        ),
    ] {
        let refused = fixture.upload("customer-a-notion", source, json!([])).await.refusal();
        assert_eq!(refused, (400, 10021, message.to_owned()));
        assert_eq!(fixture.deliver("customer-a", "notion", &[], "").await.text(), "old");
    }
    let none =
        fixture.upload("customer-a-notion", "export const nothing = undefined; export default {}", json!([])).await;
    assert_eq!(none.status, 200, "a named export may be an entry point");
    let none = fixture.upload("customer-a-notion", "export default {}", json!([])).await.refusal();
    assert_eq!((none.0, none.1), (400, 10068));
}

#[tokio::test]
async fn a_script_that_never_finishes_its_start_is_refused_and_harms_nobody() {
    let fixture = Fixture::start().await;
    fixture.publish("customer-a-notion", &answering("old"), json!([])).await;
    let looping = fixture.upload("customer-a-notion", "for (;;) {} export default { fetch() {} }", json!([]));
    let source = answering("b");
    let (looping, other) = tokio::join!(looping, fixture.upload("customer-b-notion", &source, json!([])));
    assert_eq!(looping.refusal(), (400, 10021, "Script startup exceeded CPU time limit.".into()));
    assert_eq!(other.status, 200, "an upload beside it is not blamed: {}", other.text());
    assert_eq!(fixture.deliver("customer-a", "notion", &[], "").await.text(), "old");
    fixture.publish("customer-a-notion", &answering("new"), json!([])).await;
    assert_eq!(fixture.deliver("customer-a", "notion", &[], "").await.text(), "new");
}

#[tokio::test]
async fn a_start_up_error_does_not_quote_a_secret() {
    let fixture = Fixture::start().await;
    let canary = ["canary", "start-up"].join("-");
    let bindings = json!([{ "name": "TOKEN", "type": "secret_text", "text": canary }]);
    let source = "import { env } from 'cloudflare:workers'; throw new Error(`bad token ${env.TOKEN}`); export default { fetch() {} }";
    let (_, _, message) = fixture.upload("customer-a-notion", source, bindings).await.refusal();
    assert!(message.contains("bad token <redacted:TOKEN>"), "{message}");
}

#[tokio::test]
async fn concurrent_uploads_of_one_script_never_mix() {
    let fixture = Fixture::start().await;
    let upload = |number: usize| {
        let source = format!(
            "import {{ number }} from './part.js'; export default {{ fetch(request, env) {{ return Response.json([{number}, number, env.NUMBER]) }} }}"
        );
        let part = format!("export const number = {number};");
        let metadata = json!({ "main_module": "index.js", "compatibility_date": "2026-06-01", "tags": ["tenant:customer-a"],
            "bindings": [{ "name": "NUMBER", "type": "json", "json": number }], "keep_bindings": [] });
        let path = format!("{NAMESPACE}/scripts/customer-a-notion");
        let fixture = &fixture;
        async move {
            let files = [("index.js", ES_MODULE, source.as_bytes()), ("part.js", ES_MODULE, part.as_bytes())];
            let answer = fixture.upload_parts(&path, &metadata, &files).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
    };
    for round in 0..5 {
        let four = [0, 1, 2, 3].map(|number| upload(round * 10 + number));
        futures_util::future::join_all(four).await;
        let answer = fixture.deliver("customer-a", "notion", &[], "").await.json();
        assert_eq!(answer[0], answer[1], "modules of two uploads: {answer}");
        assert_eq!(answer[0], answer[2], "bindings of another upload: {answer}");
    }
}

#[tokio::test]
async fn every_kind_of_module_works_and_content_comes_back() {
    let fixture = Fixture::start().await;
    // (module (func (export "answer") (result i32) i32.const 42))
    let wasm: &[u8] = &[
        0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 10, 1, 6, 97, 110, 115, 119, 101, 114, 0,
        0, 10, 6, 1, 4, 0, 65, 42, 11,
    ];
    let source = "import text from './a.txt'; import data from './a.bin'; import wasm from './a.wasm'; import json from './a.json';
        import common from './a.cjs'; import { deep } from './lib/deep.js';
        export default { fetch() { const { exports } = new WebAssembly.Instance(wasm);
            return Response.json([text, [...new Uint8Array(data)], exports.answer(), json, common.name, deep]); } }";
    let metadata =
        json!({ "main_module": "index.js", "compatibility_date": "2026-06-01", "tags": ["tenant:customer-a"] });
    let files: [(&str, &str, &[u8]); 8] = [
        ("a.txt", "text/plain", b"gr\xc3\xb6\xc3\x9fe"),
        ("a.bin", "application/octet-stream", &[0, 255, 13, 10]),
        ("a.wasm", "application/wasm", wasm),
        ("a.json", "application/json", b"{\"a\":1}"),
        ("a.cjs", "application/javascript", b"module.exports = { name: 'common' }"),
        ("lib/deep.js", ES_MODULE, b"export const deep = true"),
        ("index.js.map", "application/source-map", b"{}"),
        // The entry comes last and is labelled as Cloudflare's own examples label it.
        ("index.js", "application/javascript", source.as_bytes()),
    ];
    let path = format!("{NAMESPACE}/scripts/customer-a-kinds");
    let uploaded = fixture.upload_parts(&path, &metadata, &files).await;
    assert_eq!(uploaded.status, 200, "{}", uploaded.text());
    let expected = json!(["größe", [0, 255, 13, 10], 42, { "a": 1 }, "common", true]);
    assert_eq!(fixture.deliver("customer-a", "kinds", &[], "").await.json(), expected);

    let content = fixture.script(Method::GET, "customer-a-kinds/content", "").await;
    assert_eq!(content.headers["cf-entrypoint"], "index.js");
    let text = content.text();
    for name in ["index.js", "lib/deep.js", "index.js.map"] {
        assert!(text.contains(&format!("name=\"{name}\"")), "{name} should come back");
    }
    assert!(content.body.windows(wasm.len()).any(|window| window == wasm), "bytes come back as they went in");
}

#[tokio::test]
async fn what_is_not_served_is_refused_and_not_ignored() {
    let fixture = Fixture::start().await;
    let good = [("index.js", ES_MODULE, "export default { fetch() {} }".as_bytes())];
    let path = format!("{NAMESPACE}/scripts/customer-a-notion");
    let refusal = async |metadata: serde_json::Value| fixture.upload_parts(&path, &metadata, &good).await.refusal();
    let ai = json!({ "main_module": "index.js", "bindings": [{ "name": "MODEL", "type": "ai" }] });
    let (status, code, message) = refusal(ai).await;
    assert_eq!((status, code), (400, 10021));
    assert_eq!(message, "Binding 'MODEL' has the type ai, which is not served by the embedded platform.");
    assert_eq!(refusal(json!({ "main_module": "index.js", "assets": { "jwt": "x" } })).await.1, 10021);
    let module_as_script = refusal(json!({ "body_part": "index.js" })).await;
    assert_eq!(module_as_script.1, 10021);
    assert!(module_as_script.2.contains("Unexpected token 'export'"), "{}", module_as_script.2);
    assert_eq!(refusal(json!({ "main_module": "other.js" })).await.2, "No such module \"other.js\".");
    assert_eq!(
        refusal(json!({ "main_module": "index.js", "bindings": [{ "type": "plain_text", "text": "" }] })).await.1,
        10052
    );
    let large = "x".repeat(6000);
    assert_eq!(
        refusal(
            json!({ "main_module": "index.js", "bindings": [{ "name": "A", "type": "plain_text", "text": large }] })
        )
        .await
        .1,
        10054
    );
    let many: Vec<_> = (0..9).map(|number| format!("t{number}")).collect();
    assert_eq!(refusal(json!({ "main_module": "index.js", "tags": many })).await.1, 10021);
    assert_eq!(refusal(json!({ "main_module": "index.js", "compatibility_flags": ["no_such_flag"] })).await.1, 10021);
    let experimental = json!({ "main_module": "index.js", "compatibility_flags": ["experimental"] });
    assert_eq!(refusal(experimental).await.1, 10021, "adapters get nothing that Cloudflare keeps to itself");
    let inherit = json!({ "main_module": "index.js", "bindings": [{ "name": "A", "type": "inherit" }] });
    let strict = fixture.upload_parts(&format!("{path}?bindings_inherit=strict"), &inherit, &good).await.refusal();
    assert_eq!((strict.0, strict.1), (400, 10057));
    let metadata = json!({ "main_module": "index.js" });
    let odd = [("index.js", "image/png", "x".as_bytes())];
    assert_eq!(fixture.upload_parts(&path, &metadata, &odd).await.refusal().1, 10021);
    let outside = [("index.js", ES_MODULE, "export default {}".as_bytes()), ("../x.js", ES_MODULE, b"")];
    assert_eq!(fixture.upload_parts(&path, &metadata, &outside).await.refusal().1, 10021);
    let nowhere = fixture.upload_parts("no-such-namespace/scripts/a", &metadata, &good).await.refusal();
    assert_eq!((nowhere.0, nowhere.1), (404, 100_119));
}

#[tokio::test]
async fn an_upload_may_say_no_more_than_its_entry() {
    let fixture = Fixture::start().await;
    let files = [(
        "worker.mjs",
        "text/javascript+module",
        "export default { fetch() { return new Response('ok') } }".as_bytes(),
    )];
    let metadata = json!({ "main_module": "worker.mjs" });
    let uploaded = fixture.upload_parts(&format!("{NAMESPACE}/scripts/Tenant.With_UPPER-x"), &metadata, &files).await;
    assert_eq!(uploaded.status, 200, "{}", uploaded.text());
    assert_eq!(uploaded.json()["result"].get("compatibility_date"), None, "what is unknown is left out");
    assert_eq!(fixture.deliver("Tenant.With_UPPER", "x", &[], "").await.text(), "ok");
}

#[tokio::test]
async fn a_source_that_is_too_large_is_10027() {
    let fixture = Fixture::start().await;
    // Digits that gzip cannot squeeze below the limit.
    let mut state = 1_u64;
    let noise: String = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b' ' + u8::try_from((state >> 33) % 94).expect("below 94"))
    })
    .take(30 << 20)
    .collect();
    let metadata = json!({ "main_module": "index.js" });
    let files = [
        ("index.js", ES_MODULE, "export default { fetch() {} }".as_bytes()),
        ("noise.txt", "text/plain", noise.as_bytes()),
    ];
    let refused =
        fixture.upload_parts(&format!("{NAMESPACE}/scripts/customer-a-large"), &metadata, &files).await.refusal();
    assert_eq!((refused.0, refused.1), (400, 10027), "{}", refused.2);
}

#[tokio::test]
async fn only_the_last_fifty_versions_and_their_contents_are_kept() {
    let fixture = Fixture::start().await;
    for round in 0..55 {
        fixture.publish("customer-a-notion", &answering(&format!("version {round}")), json!([])).await;
    }
    let database = rusqlite::Connection::open(fixture.folder.path().join("platform.sqlite")).expect("opens");
    let count = |table: &str| {
        database.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0)).expect("counts")
    };
    assert_eq!((count("versions"), count("modules"), count("contents")), (50, 50, 50));
    fixture.publish("customer-a-notion", &answering("version 54"), json!([])).await;
    assert_eq!(count("contents"), 49, "the same bytes are stored once");
}
