//! Cases of the wire contract that are about the server alone.

use crate::support::{Fixture, NAMESPACE, answering, send};
use http::Method;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const ES_MODULE: &str = "application/javascript+module";
const SHOWS_ENV: &str = "export default { fetch(request, env) { return Response.json(env) } }";

#[tokio::test]
async fn keep_bindings_decides_what_an_upload_leaves() {
    let fixture = Fixture::start().await;
    let upload = async |metadata: Value| {
        let mut all = json!({ "main_module": "index.js", "tags": ["tenant:customer-a"] });
        let given = metadata.as_object().expect("an object").clone();
        all.as_object_mut().expect("an object").extend(given);
        let path = format!("{NAMESPACE}/scripts/customer-a-keep");
        let answer = fixture.upload_parts(&path, &all, &[("index.js", ES_MODULE, SHOWS_ENV.as_bytes())]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        fixture.deliver("customer-a", "keep", &[], "").await.json()
    };
    let both = json!([{ "name": "V", "type": "plain_text", "text": "v" }, { "name": "J", "type": "json", "json": 1 },
        { "name": "S", "type": "secret_text", "text": "s" }]);
    let fresh = async || upload(json!({ "bindings": both, "keep_bindings": [] })).await;
    assert_eq!(fresh().await, json!({ "V": "v", "J": 1, "S": "s" }));
    assert_eq!(upload(json!({})).await, json!({ "S": "s" }), "absent: secrets stay");
    assert_eq!(upload(json!({ "keep_bindings": [] })).await, json!({}), "an empty list: they go");
    fresh().await;
    let secrets = json!({ "keep_bindings": ["secret_text", "secret_key"] });
    assert_eq!(upload(secrets).await, json!({ "S": "s" }), "as wrangler sends it");
    fresh().await;
    let all = json!({ "keep_bindings": ["secret_text", "plain_text", "json"], "bindings": [{ "name": "V", "type": "plain_text", "text": "new" }] });
    assert_eq!(upload(all).await, json!({ "V": "new", "J": 1, "S": "s" }), "--keep-vars; a new value wins");

    let first =
        fixture.script(Method::GET, "customer-a-keep", "").await.json()["result"]["script"]["deployment_id"].clone();
    upload(json!({ "keep_bindings": [] })).await;
    let inherit = json!([{ "name": "OLD", "type": "inherit", "old_name": "S", "version_id": first }, { "name": "GONE", "type": "inherit" }]);
    assert_eq!(upload(json!({ "bindings": inherit })).await, json!({ "OLD": "s" }), "from a version that is named");
}

#[tokio::test]
async fn names_are_decoded_once_and_what_cannot_be_a_name_is_refused() {
    let fixture = Fixture::start().await;
    let source = answering("x");
    let put = async |path: &str| {
        let files = [("index.js", ES_MODULE, source.as_bytes())];
        fixture
            .upload_parts(&format!("{NAMESPACE}/scripts/{path}"), &json!({ "main_module": "index.js" }), &files)
            .await
    };
    let long = "x".repeat(255);
    for (path, name) in [
        ("a%20b", "a b"),
        ("gr%C3%B6%C3%9Fe", "größe"),
        ("Tenant.With_UPPER", "Tenant.With_UPPER"),
        ("a%2520b", "a%20b"),
        ("a?b=c", "a"),
        (&long, &long),
    ] {
        let answer = put(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(answer.json()["result"]["id"], *name, "{path}");
        assert_eq!(fixture.script(Method::GET, path, "").await.json()["result"]["script"]["id"], *name, "{path}");
    }
    let too_long = "x".repeat(256);
    for (path, expected) in [
        ("a%2Fb", (400, 10016)),
        ("a%00b", (400, 10016)),
        ("%ff", (400, 10016)),
        ("%2e%2e", (400, 10016)),
        (&too_long, (400, 10016)),
        ("a/b", (404, 7003)),
        ("", (404, 7003)),
    ] {
        let (status, code, text) = put(path).await.refusal();
        assert_eq!((status, code), expected, "{path:?}: {text}");
    }
    let method = fixture.script(Method::POST, "a", "").await.refusal();
    assert_eq!((method.0, method.1), (405, 10000));

    fixture.publish("customer-a-odd", SHOWS_ENV, json!([])).await;
    for name in ["a/b", "50%", "a%2Fc"] {
        let secret = json!({ "name": name, "text": "x", "type": "secret_text" }).to_string();
        assert_eq!(fixture.script(Method::PUT, "customer-a-odd/secrets", secret).await.status, 200);
    }
    for (path, name) in [
        ("a%2Fb", Some("a/b")),
        ("a%2Fb?url_encoded=true", Some("a/b")),
        ("a%252Fb?url_encoded=true", Some("a/b")),
        ("a%252Fb", None),
        ("50%25?url_encoded=true", Some("50%")),
        ("a%252Fc?url_encoded=true", Some("a%2Fc")),
    ] {
        let answer = fixture.script(Method::GET, &format!("customer-a-odd/secrets/{path}"), "").await;
        match name {
            Some(name) => assert_eq!(answer.json()["result"]["name"], name, "{path}"),
            None => assert_eq!(answer.refusal().1, 10056, "{path}"),
        }
    }
    let gone = fixture.script(Method::DELETE, "customer-a-odd/secrets/a%252Fb?url_encoded=true", "").await;
    assert_eq!(gone.status, 200, "{}", gone.text());
    let left = fixture.deliver("customer-a", "odd", &[], "").await.json();
    assert_eq!(left, json!({ "50%": "x", "a%2Fc": "x" }));
}

#[tokio::test]
async fn a_chunked_upload_is_understood() {
    let fixture = Fixture::start().await;
    let address =
        fixture.platform.api_url().trim_start_matches("http://").split('/').next().expect("an address").to_owned();
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{{\"main_module\":\"index.js\"}}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"index.js\"; filename=\"index.js\"\r\nContent-Type: {ES_MODULE}\r\n\r\n{}\r\n--b--\r\n",
        answering("chunks")
    );
    let mut request = format!(
        "PUT /client/v4/accounts/{}/workers/dispatch/namespaces/{NAMESPACE}/scripts/customer-a-chunks HTTP/1.1\r\nHost: {address}\r\n\
         Authorization: {}\r\nContent-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
        fixture.platform.account_id(),
        fixture.bearer()
    );
    // Small chunks cut headers, boundaries and lines.
    for chunk in body.as_bytes().chunks(7) {
        let chunk = String::from_utf8_lossy(chunk);
        let _ = write!(request, "{:x}\r\n{chunk}\r\n", chunk.len());
    }
    request.push_str("0\r\n\r\n");
    let mut stream = tokio::net::TcpStream::connect(&address).await.expect("connects");
    stream.write_all(request.as_bytes()).await.expect("writes");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("reads");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(fixture.deliver("customer-a", "chunks", &[], "").await.text(), "chunks");
}

#[tokio::test]
async fn lists_and_deletes_stop_at_their_limit() {
    let fixture = Fixture::start().await;
    for name in ["a", "b", "c"] {
        fixture.publish(&format!("customer-{name}"), &answering(name), json!([])).await;
        let tags = if name == "c" { json!(["kept"]) } else { json!(["gone", "x:y"]) };
        fixture.script(Method::PUT, &format!("customer-{name}/tags"), tags.to_string()).await;
    }
    let path = format!("/workers/dispatch/namespaces/{NAMESPACE}/scripts");
    let ids = async |query: &str| {
        let listed = fixture.api(Method::GET, &format!("{path}{query}"), "").await.json();
        let ids =
            listed["result"].as_array().expect("a list").iter().map(|entry| entry["id"].clone()).collect::<Vec<_>>();
        (json!(ids), listed["result_info"]["cursor"].clone())
    };
    assert_eq!(ids("?limit=2").await, (json!(["customer-a", "customer-b"]), json!("customer-b")));
    assert_eq!(ids("?limit=2&cursor=customer-b").await, (json!(["customer-c"]), json!(null)));
    assert_eq!(ids("?tags=x:y:yes,kept:no").await.0, json!(["customer-a", "customer-b"]), "a tag may hold a colon");
    for bad in ["?limit=0", "?limit=1001", "?limit=many", "?tags=gone", "?tags=gone:maybe"] {
        assert_eq!(fixture.api(Method::GET, &format!("{path}{bad}"), "").await.refusal().1, 10026, "{bad}");
    }
    let all = fixture.api(Method::DELETE, &path, "").await.refusal();
    assert_eq!(all.1, 10026, "a delete without tags deletes nothing: {}", all.2);
    let delete = async || {
        fixture.api(Method::DELETE, &format!("{path}?tags=gone:yes&limit=1"), "").await.json()["result"].clone()
    };
    assert_eq!(delete().await, json!({ "deleted": [{ "id": "customer-a" }], "deleted_count": 1, "has_more": true }));
    assert_eq!(delete().await, json!({ "deleted": [{ "id": "customer-b" }], "deleted_count": 1, "has_more": false }));
    assert_eq!(delete().await, json!({ "deleted": [], "deleted_count": 0, "has_more": false }));
    assert_eq!(ids("").await.0, json!(["customer-c"]));
}

#[tokio::test]
async fn tags_have_rules_and_a_change_counts_what_is_there() {
    let fixture = Fixture::start().await;
    fixture.publish("customer-a-tags", &answering("x"), json!([])).await;
    let put = async |tags: Value| fixture.script(Method::PUT, "customer-a-tags/tags", tags.to_string()).await;
    assert_eq!(put(json!(["a", "b", "a"])).await.json()["result"], json!(["a", "b"]), "a tag is there once");
    assert_eq!(put(json!(["ö".repeat(1024)])).await.status, 200, "characters count, not bytes");
    for bad in [json!(["x".repeat(1025)]), json!([""]), json!(["1", "2", "3", "4", "5", "6", "7", "8", "9"])] {
        assert_eq!(put(bad).await.refusal().1, 10021);
    }
    assert_eq!(put(json!({ "a": "b" })).await.refusal().1, 10026);
    assert_eq!(put(json!(null)).await.json()["result"], json!([]));
    let added: Vec<_> = (0..9).map(|number| format!("customer-a-tags/tags/t{number}")).collect();
    let all = added.iter().map(|path| fixture.script(Method::PUT, path, ""));
    let refused = futures_util::future::join_all(all).await.iter().filter(|answer| answer.status == 400).count();
    assert_eq!(refused, 1, "nine at once are one too many");
    let tags = fixture.script(Method::GET, "customer-a-tags/tags", "").await.json()["result"].clone();
    assert_eq!(tags.as_array().map(Vec::len), Some(8));
}

#[tokio::test]
async fn content_names_its_entry_in_the_metadata_or_in_a_header() {
    let fixture = Fixture::start().await;
    fixture
        .publish("customer-a-content", SHOWS_ENV, json!([{ "name": "S", "type": "secret_text", "text": "s" }]))
        .await;
    let url = format!(
        "{}/accounts/{}/workers/dispatch/namespaces/{NAMESPACE}/scripts/customer-a-content/content",
        fixture.platform.api_url(),
        fixture.platform.account_id()
    );
    let bearer = fixture.bearer();
    let body = |source: &str| {
        format!(
            "--b\r\nContent-Disposition: form-data; name=\"files[]\"; filename=\"w.js\"\r\nContent-Type: application/javascript\r\n\r\n{source}\r\n--b--\r\n"
        )
    };
    let put = async |header: (&str, &str), source: &str| {
        let headers = [("authorization", bearer.as_str()), ("content-type", "multipart/form-data; boundary=b"), header];
        send(Method::PUT, &url, &headers, body(source)).await
    };
    let module = SHOWS_ENV.replace("(env)", "(['module', env.S])");
    let answer = put(("CF-WORKER-MAIN-MODULE-PART", "w.js"), &module).await;
    assert_eq!((answer.status, &answer.json()["result"]["entry_point"]), (200, &json!("w.js")), "{}", answer.text());
    assert_eq!(fixture.deliver("customer-a", "content", &[], "").await.json(), json!(["module", "s"]));
    let script = "addEventListener('fetch', event => event.respondWith(new Response('script ' + S)))";
    let answer = put(("CF-WORKER-BODY-PART", "w.js"), script).await;
    assert_eq!((answer.status, &answer.json()["result"]["has_modules"]), (200, &json!(false)), "{}", answer.text());
    assert_eq!(fixture.deliver("customer-a", "content", &[], "").await.text(), "script s");
    assert_eq!(put(("x-nothing", "w.js"), script).await.refusal().2, "could not read content for part metadata");
}

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_secret_is_in_no_answer_no_error_and_no_log() {
    // Everything that this process logs, whichever test makes it do so.
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE).with_writer(|| Log);
    let _ = subscriber.try_init();
    let canary = ["canary", "of", "the", "log"].join("-");
    let fixture = Fixture::start().await;
    let secret = |name: &str| json!({ "name": name, "type": "secret_text", "text": canary });
    let mut answers = vec![fixture.upload("customer-a-quiet", SHOWS_ENV, json!([secret("A")])).await];
    // Uploads and changes that are refused while they carry the value.
    for metadata in [
        json!({ "main_module": "index.js", "bindings": [secret("A"), secret("A")] }),
        json!({ "main_module": "gone.js", "bindings": [secret("A")] }),
        json!({ "main_module": "index.js", "bindings": [secret("A")], "limits": "canary" }),
        json!({ "main_module": "index.js", "bindings": { "A": canary } }),
        json!({ "main_module": "index.js", "bindings": [{ "name": "A", "type": "secret_text", "text": [canary] }] }),
        json!({ "main_module": "index.js", "bindings": [{ "name": "A", "type": "secret_text", "text": canary.repeat(400) }] }),
    ] {
        let files = [("index.js", ES_MODULE, SHOWS_ENV.as_bytes())];
        let answer = fixture.upload_parts(&format!("{NAMESPACE}/scripts/customer-a-quiet"), &metadata, &files).await;
        assert_eq!(answer.status, 400, "{metadata}");
        answers.push(answer);
    }
    for (method, path, body) in [
        (Method::PUT, "/secrets", secret("B").to_string()),
        (Method::PUT, "/secrets", format!("{{\"name\":\"B\",\"text\":\"{canary}\",")),
        (Method::PUT, "/secrets", json!({ "name": "B", "type": "secret_text", "text": { "a": canary } }).to_string()),
        (Method::PUT, "/secrets", json!({ "name": "", "type": "secret_text", "text": canary }).to_string()),
        (Method::PUT, "/secrets", json!({ "name": "B", "type": "plain_text", "text": canary }).to_string()),
        (
            Method::PUT,
            "/secrets",
            json!({ "name": "B", "type": "secret_key", "format": "raw", "key_base64": canary }).to_string(),
        ),
        (Method::PATCH, "/secrets-bulk", json!({ "secrets": { "C": secret("C"), "A": null } }).to_string()),
        (Method::PATCH, "/secrets-bulk", json!({ "secrets": { "C": canary } }).to_string()),
        (Method::GET, "", String::new()),
        (Method::GET, "/settings", String::new()),
        (Method::GET, "/bindings", String::new()),
        (Method::GET, "/secrets", String::new()),
        (Method::GET, "/secrets/B", String::new()),
        (Method::GET, "/content", String::new()),
    ] {
        answers.push(fixture.script(method, &format!("customer-a-quiet{path}"), body).await);
    }
    assert_eq!(fixture.deliver("customer-a", "quiet", &[], "").await.json()["C"], json!(canary), "the script has it");
    for answer in answers {
        assert!(!answer.text().contains(&canary), "{}", answer.text());
    }
    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(!log.is_empty(), "something was logged");
    assert!(!String::from_utf8_lossy(&log).contains(&canary), "a secret is in the log");
}
