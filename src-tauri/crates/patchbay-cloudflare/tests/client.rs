//! The client against a real server that answers as Cloudflare does, and as nobody should.

use bytes::Bytes;
use patchbay_cloudflare::wire::binding::Binding;
use patchbay_cloudflare::wire::codes::ApiCode;
use patchbay_cloudflare::wire::metadata::Metadata;
use patchbay_cloudflare::wire::script::{Limits, Settings};
use patchbay_cloudflare::{Client, CloudflareError, Retries};
use patchbay_core::{Hints, Module, ModuleKind, Secret};
use patchbay_testkit::{Reply, ScriptedServer};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const TOKEN: &str = "example-token-canary";

fn client(server: &ScriptedServer) -> Client {
    let retries = Retries { attempts: 3, first_wait: Duration::from_millis(5), longest_wait: Duration::from_secs(2) };
    Client::new(&format!("{}/client/v4/", server.url()), "acc1", Secret::new(TOKEN))
        .expect("a client")
        .with_retries(retries)
}

fn ok(result: &Value) -> Reply {
    Reply::json(200, &json!({ "success": true, "errors": [], "messages": [], "result": result }).to_string())
}

fn failed(status: u16, code: u32, message: &str) -> Reply {
    let body =
        json!({ "success": false, "errors": [{ "code": code, "message": message }], "messages": [], "result": null });
    Reply::json(status, &body.to_string())
}

fn targets(server: &ScriptedServer) -> Vec<String> {
    server.requests().iter().map(|request| format!("{} {}", request.method, request.target)).collect()
}

#[tokio::test]
async fn namespaces_are_listed_created_read_and_deleted() {
    let namespace =
        json!({ "namespace_id": "6446f71d", "namespace_name": "prod", "script_count": 2, "trusted_workers": false });
    let server = ScriptedServer::replying(vec![
        ok(&json!([namespace])),
        ok(&namespace),
        ok(&namespace),
        ok(&Value::Null),
        Reply::Answer { status: 204, headers: vec![], body: vec![] },
    ]);
    let client = client(&server);
    assert_eq!(client.list_namespaces().await.expect("a list")[0].namespace_name, "prod");
    assert_eq!(client.create_namespace("prod").await.expect("a namespace").namespace_id, "6446f71d");
    assert_eq!(client.namespace("prod/eu ß").await.expect("a namespace").script_count, 2);
    client.delete_namespace("prod").await.expect("deleted, answered with null");
    client.delete_namespace("prod").await.expect("deleted, answered without a body");
    let base = "/client/v4/accounts/acc1/workers/dispatch/namespaces";
    assert_eq!(
        targets(&server),
        [
            format!("GET {base}"),
            format!("POST {base}"),
            format!("GET {base}/prod%2Feu%20%C3%9F"),
            format!("DELETE {base}/prod"),
            format!("DELETE {base}/prod"),
        ]
    );
    let created = &server.requests()[1];
    assert_eq!(created.text(), r#"{"name":"prod"}"#);
    assert_eq!(created.header("content-type"), Some("application/json"));
    assert_eq!(created.header("authorization"), Some("Bearer example-token-canary"));
}

#[tokio::test]
async fn an_upload_is_one_multipart_put_that_keeps_secrets() {
    let server = ScriptedServer::replying(vec![ok(&json!({
        "id": "customer-a-echo", "etag": "e", "startup_time_ms": 7, "deployment_id": "191499ef00114ba88cb105ea3bc7aef1"
    }))]);
    let metadata = Metadata {
        main_module: Some("index.js".into()),
        bindings: Some(vec![Binding::secret_text("TOKEN", &Secret::new("example-value"))]),
        compatibility_date: Some("2026-06-01".into()),
        tags: Some(Some(vec!["tenant:customer-a".into()])),
        limits: Some(Limits { cpu_ms: Some(50), subrequests: None }),
        ..Metadata::default()
    };
    let modules = [
        Module { name: "index.js".into(), kind: ModuleKind::EsModule, content: Bytes::from("export default {}") },
        Module { name: "lib/data.bin".into(), kind: ModuleKind::Data, content: Bytes::from(vec![0, 255, 13, 10]) },
    ];
    let script = client(&server).upload_script("prod", "customer-a-echo", metadata, &modules).await.expect("an upload");
    assert_eq!(script.deployment_id.as_deref(), Some("191499ef00114ba88cb105ea3bc7aef1"));

    let request = &server.requests()[0];
    assert_eq!(request.method, "PUT");
    assert_eq!(
        request.target,
        "/client/v4/accounts/acc1/workers/dispatch/namespaces/prod/scripts/customer-a-echo?excludeScript=true&bindings_inherit=strict"
    );
    let content_type = request.header("content-type").expect("a content type");
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").expect("a boundary");
    let metadata = r#"{"main_module":"index.js","bindings":[{"name":"TOKEN","type":"secret_text","text":"example-value"}],"compatibility_date":"2026-06-01","keep_bindings":["secret_text","secret_key"],"tags":["tenant:customer-a"],"limits":{"cpu_ms":50}}"#;
    let mut expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{metadata}\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"index.js\"; filename=\"index.js\"\r\n\
         Content-Type: application/javascript+module\r\n\r\nexport default {{}}\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"lib/data.bin\"; filename=\"lib/data.bin\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    expected.extend_from_slice(&[0, 255, 13, 10]);
    expected.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    assert_eq!(String::from_utf8_lossy(&request.body), String::from_utf8_lossy(&expected));
    assert_eq!(request.body, expected);
}

#[tokio::test]
async fn scripts_are_listed_over_pages_in_either_shape() {
    let server = ScriptedServer::replying(vec![
        Reply::json(
            200,
            r#"{"success":true,"errors":[],"messages":[],"result":[{"id":"a-one","startup_time_ms":1}],"result_info":{"cursor":"next"}}"#,
        ),
        ok(&json!([{ "script": { "id": "a-two", "startup_time_ms": 1 }, "dispatch_namespace": "prod" }])),
        failed(404, 10092, "workers.api.error.environment_not_found"),
        ok(&Value::Null),
    ]);
    let client = client(&server);
    let scripts = client.list_scripts("prod", &["tenant:a", "adapter:x"]).await.expect("a list");
    assert_eq!(scripts.iter().map(|script| script.id.as_str()).collect::<Vec<_>>(), ["a-one", "a-two"]);
    assert!(
        targets(&server)[0].ends_with("/scripts?tags=tenant%3Aa%3Ayes%2Cadapter%3Ax%3Ayes"),
        "{:?}",
        targets(&server)
    );
    assert!(targets(&server)[1].ends_with("&cursor=next"));
    let missing = client.script("prod", "a-three").await.expect_err("no such script");
    assert_eq!(missing.api_code(), Some(ApiCode::EnvironmentNotFound));
    client.delete_script("prod", "a-one").await.expect("deleted");
}

#[tokio::test]
async fn secrets_settings_tags_and_content_have_their_own_shapes() {
    let multipart = "--b\r\nContent-Disposition: form-data; name=\"index.js\"\r\n\r\nexport {}\r\n--b\r\nContent-Disposition: form-data; name=\"x\"; filename=\"lib/x.txt\"\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b--\r\n";
    let content = Reply::Answer {
        status: 200,
        headers: vec![
            ("content-type".into(), "multipart/form-data; boundary=b".into()),
            ("cf-entrypoint".into(), "index.js".into()),
        ],
        body: multipart.as_bytes().to_vec(),
    };
    let server = ScriptedServer::replying(vec![
        ok(&json!([{ "name": "TOKEN", "type": "secret_text" }])),
        ok(&json!({ "name": "a/b", "type": "secret_text" })),
        ok(&Value::Null),
        ok(&json!({ "TOKEN": { "name": "TOKEN", "type": "secret_text" } })),
        ok(&json!({ "bindings": [], "usage_model": "standard" })),
        ok(&json!({ "limits": { "cpu_ms": 10 } })),
        ok(&json!(["tenant:a"])),
        ok(&json!(["tenant:a", "version:2"])),
        content,
        failed(404, 10007, "This Worker does not exist on your account."),
    ]);
    let client = client(&server);
    let secret = Secret::new("example-value");
    assert_eq!(client.list_secrets("prod", "a-x").await.expect("a list")[0].name, "TOKEN");
    client.put_secret("prod", "a-x", "a/b", &secret).await.expect("set");
    client.delete_secret("prod", "a-x", "a/b").await.expect("deleted");
    client.change_secrets("prod", "a-x", &[("TOKEN", Some(&secret)), ("OLD", None)]).await.expect("changed");
    assert_eq!(client.script_settings("prod", "a-x").await.expect("settings").other["usage_model"], "standard");
    let change = Settings { limits: Some(Limits { cpu_ms: Some(10), subrequests: None }), ..Settings::default() };
    client.change_settings("prod", "a-x", &change).await.expect("changed");
    assert_eq!(client.script_tags("prod", "a-x").await.expect("tags"), ["tenant:a"]);
    client.put_script_tags("prod", "a-x", &["tenant:a".into(), "version:2".into()]).await.expect("tags");
    let content = client.script_content("prod", "a-x").await.expect("content");
    assert_eq!(content.main_module.as_deref(), Some("index.js"));
    assert_eq!(
        content.modules.iter().map(|module| (module.name.as_str(), module.kind)).collect::<Vec<_>>(),
        [("index.js", ModuleKind::EsModule), ("lib/x.txt", ModuleKind::Text)]
    );
    let gone = client.script_content("prod", "a-x").await.expect_err("no such script");
    assert_eq!(gone.api_code(), Some(ApiCode::ScriptNotFound));

    let requests = server.requests();
    assert_eq!(requests[1].text(), r#"{"name":"a/b","type":"secret_text","text":"example-value"}"#);
    assert!(requests[2].target.ends_with("/scripts/a-x/secrets/a%2Fb?url_encoded=true"), "{}", requests[2].target);
    assert_eq!(
        requests[3].text(),
        r#"{"secrets":{"TOKEN":{"name":"TOKEN","type":"secret_text","text":"example-value"},"OLD":null}}"#
    );
    assert!(
        requests[5].text().contains("name=\"settings\"\r\n\r\n{\"limits\":{\"cpu_ms\":10}}"),
        "{}",
        requests[5].text()
    );
    assert_eq!(requests[7].text(), r#"["tenant:a","version:2"]"#);
}

#[tokio::test]
async fn the_token_is_verified_for_users_and_for_accounts() {
    let active = json!({ "id": "t1", "status": "active" });
    let server = ScriptedServer::replying(vec![
        ok(&active),
        failed(401, 1000, "Invalid API Token"),
        ok(&active),
        failed(403, 10000, "Authentication error"),
        failed(403, 10000, "Authentication error"),
    ]);
    let client = client(&server);
    assert_eq!(client.verify_token().await.expect("a status").status, "active");
    assert_eq!(client.verify_token().await.expect("a status").id, "t1");
    let refused = client.verify_token().await.expect_err("a wrong token");
    assert_eq!((refused.status(), refused.api_code()), (Some(403), Some(ApiCode::Authentication)));
    assert!(refused.hints()[0].contains("API token"), "{:?}", refused.hints());
    assert_eq!(targets(&server)[2], "GET /client/v4/accounts/acc1/tokens/verify");
}

#[tokio::test]
async fn refusals_keep_code_chain_and_meta_and_name_the_next_step() {
    let body = json!({
        "success": false, "messages": [], "result": null,
        "errors": [
            { "code": 100_119, "message": "The specified dispatch namespace does not exist on this account.",
              "error_chain": [{ "code": 6111, "message": format!("Invalid format: Bearer {TOKEN}") }],
              "meta": { "sent": TOKEN, "text": "example-value" } },
            { "code": 10_013, "message": "Second" }
        ]
    });
    let server = ScriptedServer::replying(vec![Reply::json(404, &body.to_string())]);
    let metadata = Metadata {
        bindings: Some(vec![Binding::secret_text("KEY", &Secret::new("example-value"))]),
        ..Metadata::default()
    };
    let error = client(&server).upload_script("prod", "a-x", metadata, &[]).await.expect_err("no namespace");
    assert_eq!(
        error.to_string(),
        "Failed to upload the script: The specified dispatch namespace does not exist on this account (code 100119)"
    );
    assert_eq!(error.hints(), ["Create the namespace: `patchbay provision`"]);
    assert!(!error.is_retryable());
    let refusal = error.refusal().expect("a refusal");
    assert_eq!(refusal.causes(), ["Invalid format: Bearer <redacted:token> (code 6111)", "Second (code 10013)"]);
    assert_eq!(refusal.meta(), Some(&json!({ "sent": "<redacted:token>", "text": "<redacted:KEY>" })));
    let everything = format!("{error:?} {error}");
    assert!(!everything.contains(TOKEN) && !everything.contains("example-value"), "{everything}");
}

#[tokio::test]
async fn a_throttled_or_failing_server_is_asked_again_within_bounds() {
    let server = ScriptedServer::replying(vec![
        failed(429, 971, "Please wait").with_header("retry-after", "1"),
        failed(500, 10013, "An unknown error has occurred."),
        ok(&json!([])),
    ]);
    let started = Instant::now();
    assert!(client(&server).list_namespaces().await.expect("a list").is_empty());
    assert!(started.elapsed() >= Duration::from_secs(1), "Retry-After must be waited for: {:?}", started.elapsed());
    assert_eq!(server.requests().len(), 3);

    let server = ScriptedServer::answering(|_| failed(503, 10013, "Unavailable"));
    let error = client(&server).script("prod", "a-x").await.expect_err("it never gets better");
    assert_eq!((error.status(), error.is_retryable()), (Some(503), true));
    assert_eq!(server.requests().len(), 3, "three attempts and no more");

    let server = ScriptedServer::answering(|_| failed(429, 971, "Please wait").with_header("retry-after", "300"));
    let error = client(&server).list_namespaces().await.expect_err("five minutes are too long");
    assert_eq!(error.retry_after(), Some(Duration::from_mins(5)));
    assert_eq!(server.requests().len(), 1);

    let server = ScriptedServer::answering(|_| failed(500, 10013, "Unknown"));
    client(&server).create_namespace("prod").await.expect_err("a POST that failed");
    assert_eq!(server.requests().len(), 1, "a POST may have been executed");
    let server = ScriptedServer::answering(|_| failed(404, 10007, "No"));
    client(&server).script("prod", "a-x").await.expect_err("a plain refusal");
    assert_eq!(server.requests().len(), 1, "a refusal does not change by asking again");
}

#[tokio::test]
async fn answers_that_are_not_the_apis_have_their_own_errors() {
    let one = |reply: Reply| ScriptedServer::answering(move |_| reply.clone());
    let page = Reply::Answer {
        status: 503,
        headers: vec![("content-type".into(), "text/html; charset=UTF-8".into())],
        body: b"<!DOCTYPE html><title>Error 1015</title>".to_vec(),
    };
    let error = client(&one(page)).list_namespaces().await.expect_err("a web page");
    assert!(matches!(error, CloudflareError::Html { status: 503, .. }), "{error:?}");
    assert_eq!(error.to_string(), "Expected JSON and got a web page with status 503: list the dispatch namespaces");

    let error = client(&one(Reply::json(200, ""))).list_namespaces().await.expect_err("nothing");
    assert!(matches!(error, CloudflareError::Empty { status: 200, .. }), "{error:?}");

    let error = client(&one(Reply::json(200, "{\"success\":tr"))).list_namespaces().await.expect_err("half a JSON");
    assert!(matches!(error, CloudflareError::Malformed { status: 200, .. }), "{error:?}");

    let error = client(&one(ok(&json!({ "other": 1 })))).list_namespaces().await.expect_err("another shape");
    assert!(matches!(error, CloudflareError::UnexpectedResult { .. }), "{error:?}");

    let cut = Reply::Raw(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"success\":true".to_vec(),
    );
    let error = client(&one(cut)).list_namespaces().await.expect_err("a cut body");
    assert!(matches!(error, CloudflareError::Interrupted { .. }), "{error:?}");
    assert!(error.is_retryable());

    let error = client(&one(Reply::Close)).create_namespace("prod").await.expect_err("a closed connection");
    assert!(matches!(error, CloudflareError::Interrupted { .. }), "{error:?}");

    let silent = one(Reply::Silence);
    let impatient = client(&silent).with_timeout(Duration::from_millis(80));
    let error = impatient.create_namespace("prod").await.expect_err("no answer");
    assert!(matches!(error, CloudflareError::Timeout { .. }), "{error:?}");

    let closed = {
        let server = ScriptedServer::replying(vec![]);
        server.url()
    };
    let error = Client::new(&closed, "acc1", Secret::new(TOKEN))
        .expect("a client")
        .with_retries(Retries { attempts: 1, ..Retries::default() })
        .list_namespaces()
        .await
        .expect_err("nobody listens");
    assert!(matches!(error, CloudflareError::Connect { .. }), "{error:?}");
    assert!(error.to_string().starts_with("Failed to connect to `127.0.0.1:"), "{error}");
}

#[tokio::test]
async fn names_urls_and_tokens_that_cannot_work_are_refused_before_sending() {
    let server = ScriptedServer::replying(vec![]);
    for name in ["", ".", "..", "a\nb"] {
        let error = client(&server).script("prod", name).await.expect_err("a name that a URL would lose");
        assert!(matches!(error, CloudflareError::Name { kind: "script", .. }), "{error:?}");
    }
    assert!(server.requests().is_empty());
    for base in ["", "api.cloudflare.com", "ftp://example.com", "https://user:pass@example.com/client/v4"] {
        let error = Client::new(base, "acc1", Secret::new(TOKEN)).expect_err("not a base URL");
        assert!(matches!(error, CloudflareError::BaseUrl { .. }), "{error:?}");
    }
    let error = Client::new("http://127.0.0.1:1", "acc1", Secret::new("two\nlines")).expect_err("a broken token");
    assert!(!format!("{error:?} {error}").contains("lines"));
    let debug = format!("{:?}", client(&server));
    assert!(!debug.contains(TOKEN), "{debug}");
}
