//! Every answer of every operation against Cloudflare's own description of it.
//!
//! `fixtures/wfp-openapi.json` is the subset of Cloudflare's `OpenAPI` document that Workers for Platforms needs.

use crate::support::{Answer, Fixture, NAMESPACE, answering, send};
use http::Method;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const NAMESPACES: &str = "/accounts/{account_id}/workers/dispatch/namespaces";

/// Operations of the document that the platform has no use for: it has one user, one account and no Workers beside
/// those of namespaces.
const OUTSIDE: [&str; 6] = [
    "PATCH /user",
    "POST /accounts",
    "GET /accounts/{account_id}",
    "PUT /accounts/{account_id}",
    "DELETE /accounts/{account_id}",
    "PUT /accounts/{account_id}/workers/scripts/{script_name}/secrets",
];
/// Operations whose successes are checked with the assets, and one that never succeeds.
const ELSEWHERE: [&str; 3] = [
    "POST /accounts/{account_id}/workers/dispatch/namespaces/{dispatch_namespace}/scripts/{script_name}/assets-upload-session",
    "POST /accounts/{account_id}/workers/assets/upload",
    "GET /accounts/{account_id}/workers/scripts/{script_name}/secrets",
];

/// The document, in today's dialect of JSON Schema.
struct Contract {
    document: Value,
    accepted: BTreeSet<String>,
    refused: BTreeSet<String>,
}

impl Contract {
    fn load() -> Self {
        let text = include_str!("../fixtures/wfp-openapi.json");
        let mut document: Value = serde_json::from_str(text).expect("a document");
        modernise(&mut document);
        Self { document, accepted: BTreeSet::new(), refused: BTreeSet::new() }
    }

    fn operations(&self) -> BTreeSet<String> {
        let paths = self.document["paths"].as_object().expect("paths");
        let methods = ["get", "put", "post", "patch", "delete"];
        let named = |(path, item): (&String, &Value)| {
            let of_path = |method: &&str| item.get(*method).map(|_| format!("{} {path}", method.to_uppercase()));
            methods.iter().filter_map(of_path).collect::<Vec<_>>()
        };
        paths.iter().flat_map(named).filter(|operation| !OUTSIDE.contains(&operation.as_str())).collect()
    }

    /// What is wrong with an answer, by the document.
    fn complaints(&self, method: &Method, path: &str, status: &str, answer: &Value) -> Vec<String> {
        let method = method.as_str().to_lowercase();
        let schema = &self.document["paths"][path][method.as_str()]["responses"][status]["content"]["application/json"]
            ["schema"];
        let mut root: Map<String, Value> =
            schema.as_object().unwrap_or_else(|| panic!("{method} {path} {status}")).clone();
        root.insert("components".into(), self.document["components"].clone());
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .build(&Value::Object(root))
            .expect("a schema");
        validator.iter_errors(answer).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    fn accepts(&mut self, method: &Method, path: &str, answer: &Answer) {
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text());
        let body = answer.json();
        assert!(body["messages"].is_array() && body["errors"] == json!([]), "all four keys are always there: {body}");
        assert_eq!(self.complaints(method, path, "200", &body), Vec::<String>::new(), "{method} {path}: {body}");
        self.accepted.insert(format!("{method} {path}"));
    }

    fn refuses(&mut self, method: &Method, path: &str, answer: &Answer) {
        answer.refusal();
        let body = answer.json();
        assert_eq!(self.complaints(method, path, "4XX", &body), Vec::<String>::new(), "{method} {path}: {body}");
        self.refused.insert(format!("{method} {path}"));
    }
}

/// `OpenAPI` 3.0 says `nullable` where JSON Schema lists `null` among the types.
fn modernise(value: &mut Value) {
    match value {
        Value::Array(entries) => entries.iter_mut().for_each(modernise),
        Value::Object(object) => {
            object.values_mut().for_each(modernise);
            if object.remove("nullable") == Some(Value::Bool(true)) {
                if let Some(values) = object.get_mut("enum").and_then(Value::as_array_mut)
                    && !values.contains(&Value::Null)
                {
                    values.push(Value::Null);
                }
                if let Some(kind) = object.get("type").cloned() {
                    object.insert("type".into(), json!([kind, "null"]));
                } else {
                    *value = json!({ "anyOf": [Value::Object(std::mem::take(object)), { "type": "null" }] });
                }
            }
        }
        _ => {}
    }
}

#[test]
fn the_checker_notices_what_is_wrong() {
    let contract = Contract::load();
    let path = format!("{NAMESPACES}/{{dispatch_namespace}}");
    let good = json!({ "success": true, "errors": [], "messages": [], "result": { "namespace_name": "a", "script_count": 0 } });
    assert!(contract.complaints(&Method::GET, &path, "200", &good).is_empty());
    for (pointer, bad) in [
        ("/success", json!(false)),
        ("/errors", json!(null)),
        ("/result/script_count", json!("0")),
        ("/result", json!({ "created_on": "yesterday" })),
    ] {
        let mut answer = good.clone();
        *answer.pointer_mut(pointer).expect("there") = bad;
        assert_eq!(contract.complaints(&Method::GET, &path, "200", &answer).len(), 1, "{pointer}");
    }
}

/// A script with most that a script can have.
async fn upload(fixture: &Fixture, name: &str) -> Answer {
    let source = "import { DurableObject } from 'cloudflare:workers';
        export class Room extends DurableObject { fetch() {} } export const answer = 42;
        export default { fetch() {}, scheduled() {} }";
    let metadata = json!({
        "main_module": "index.js", "compatibility_date": "2026-06-01", "compatibility_flags": ["nodejs_compat"],
        "tags": ["one", "two"], "limits": { "cpu_ms": 50, "subrequests": 5 }, "logpush": true, "usage_model": "standard",
        "observability": { "enabled": true, "head_sampling_rate": 0.5 }, "placement": {}, "cache_options": { "enabled": false },
        "tail_consumers": [{ "service": "tail" }], "code_update_strategy": { "mode": "deferred", "max_delay": 300 },
        "annotations": { "workers/message": "first", "workers/tag": "v1" }, "a_key_of_tomorrow": { "is": "accepted" },
        "bindings": [
            { "name": "TEXT", "type": "plain_text", "text": "" }, { "name": "JSON", "type": "json", "json": { "a": [1.5, null] } },
            { "name": "SECRET", "type": "secret_text", "text": "canary" }, { "name": "VERSION", "type": "version_metadata" },
        ],
    });
    let path = format!("{NAMESPACE}/scripts/{name}?excludeScript=true&bindings_inherit=strict");
    fixture.upload_parts(&path, &metadata, &[("index.js", "application/javascript+module", source.as_bytes())]).await
}

#[tokio::test]
async fn every_answer_is_what_cloudflares_schema_says() {
    let fixture = Fixture::start().await;
    let mut contract = Contract::load();
    let one = format!("{NAMESPACES}/{{dispatch_namespace}}");
    let scripts = format!("{one}/scripts");
    let script = format!("{scripts}/{{script_name}}");
    let below = |rest: &str| format!("{script}{rest}");
    let here = format!("/workers/dispatch/namespaces/{NAMESPACE}");
    let there = "/workers/dispatch/namespaces/other";
    let at = |rest: &str| format!("{here}/scripts/customer-a-full{rest}");

    for (method, path, url, body) in [
        (Method::POST, NAMESPACES, "/workers/dispatch/namespaces".to_owned(), json!({ "name": "other" })),
        (Method::GET, NAMESPACES, "/workers/dispatch/namespaces?page=1".to_owned(), json!(null)),
        (Method::GET, &one, there.to_owned(), json!(null)),
        (Method::PATCH, &one, there.to_owned(), json!({ "trusted_workers": true })),
        (Method::PUT, &one, there.to_owned(), json!({ "name": "renamed" })),
        (Method::DELETE, &one, "/workers/dispatch/namespaces/renamed".to_owned(), json!(null)),
    ] {
        let answer = fixture.api(method.clone(), &url, body.to_string()).await;
        contract.accepts(&method, path, &answer);
    }

    contract.accepts(&Method::PUT, &script, &upload(&fixture, "customer-a-full").await);
    let settings = "--b\r\nContent-Disposition: form-data; name=\"settings\"\r\n\r\n{\"logpush\":false}\r\n--b--\r\n";
    let url = format!("{NAMESPACE}/scripts/customer-a-full/settings");
    let patched = fixture.send_as(Method::PATCH, &url, "multipart/form-data; boundary=b", settings).await;
    contract.accepts(&Method::PATCH, &below("/settings"), &patched);
    let source = answering("changed");
    let files = [("index.js", "application/javascript+module", source.as_bytes())];
    let url = format!("{NAMESPACE}/scripts/customer-a-full/content");
    let changed = fixture.upload_parts(&url, &json!({ "main_module": "index.js" }), &files).await;
    contract.accepts(&Method::PUT, &below("/content"), &changed);
    let content = fixture.api(Method::GET, &at("/content"), "").await;
    assert!(content.headers["content-type"].to_str().expect("text").starts_with("multipart/form-data"));
    contract.accepted.insert(format!("GET {}", below("/content")));

    let secret = json!({ "name": "TOKEN", "text": "canary", "type": "secret_text" });
    for (method, path, url, body) in [
        (Method::GET, script.clone(), at(""), json!(null)),
        (Method::GET, below("/settings"), at("/settings"), json!(null)),
        (Method::GET, below("/bindings"), at("/bindings"), json!(null)),
        (Method::PUT, below("/secrets"), at("/secrets"), secret.clone()),
        (Method::GET, below("/secrets"), at("/secrets"), json!(null)),
        (Method::GET, below("/secrets/{secret_name}"), at("/secrets/TOKEN?url_encoded=true"), json!(null)),
        (Method::PATCH, below("/secrets-bulk"), at("/secrets-bulk"), json!({ "secrets": { "OTHER": secret } })),
        (Method::DELETE, below("/secrets/{secret_name}"), at("/secrets/TOKEN"), json!(null)),
        (Method::PUT, below("/tags"), at("/tags"), json!(["three"])),
        (Method::GET, below("/tags"), at("/tags"), json!(null)),
        (Method::PUT, below("/tags/{tag}"), at("/tags/four"), json!(null)),
        (Method::DELETE, below("/tags/{tag}"), at("/tags/three"), json!(null)),
        (Method::GET, scripts.clone(), format!("{here}/scripts?tags=four:yes"), json!(null)),
        (Method::DELETE, script.clone(), at("?force=true"), json!(null)),
    ] {
        let answer = fixture.api(method.clone(), &url, body.to_string()).await;
        assert!(!answer.text().contains("canary"), "{method} {url} shows a secret");
        contract.accepts(&method, &path, &answer);
    }
    upload(&fixture, "customer-a-full").await;
    let deleted = fixture.api(Method::DELETE, &format!("{here}/scripts?tags=one:yes&limit=1"), "").await;
    contract.accepts(&Method::DELETE, &scripts, &deleted);
    assert_eq!(
        contract.complaints(&Method::DELETE, &scripts, "200", &deleted.json()["result"]),
        Vec::<String>::new(),
        "the schema has the result without its envelope"
    );

    let bearer = fixture.bearer();
    let account = fixture.platform.account_id();
    let identity =
        ["/user", "/user/tokens/verify", "/accounts", "/memberships", "/accounts/{account_id}/tokens/verify"];
    for path in identity {
        let url = format!("{}{}", fixture.platform.api_url(), path.replace("{account_id}", account));
        let answer = send(Method::GET, &url, &[("authorization", &bearer)], "").await;
        contract.accepts(&Method::GET, path, &answer);
    }

    let mut operations = contract.operations();
    for operation in operations.clone() {
        let (method, path) = operation.split_once(' ').expect("a method");
        let method: Method = method.parse().expect("a method");
        let url = path
            .replace("{account_id}", account)
            .replace("{dispatch_namespace}", "missing")
            .replace("{script_name}", "missing")
            .replace("{secret_name}", "missing")
            .replace("{tag}", "missing");
        let url = format!("{}{url}", fixture.platform.api_url());
        let stranger = send(method.clone(), &url, &[], "").await;
        contract.refuses(&method, path, &stranger);
        if path.contains("{dispatch_namespace}") {
            let nowhere = send(method.clone(), &url, &[("authorization", &bearer)], "[]").await;
            contract.refuses(&method, path, &nowhere);
        }
    }
    assert_eq!(contract.refused, operations, "every operation refuses in the same form");
    operations.retain(|operation| !ELSEWHERE.contains(&operation.as_str()));
    assert_eq!(contract.accepted, operations, "no operation is forgotten");
    assert_eq!((contract.accepted.len(), contract.refused.len()), (30, 33));
}
