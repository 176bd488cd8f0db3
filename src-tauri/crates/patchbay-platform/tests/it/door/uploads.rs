//! Uploads beyond their limits: each is refused with the limit's name, and what was live stays.

use crate::support::{Fixture, NAMESPACE, answering, send};
use http::Method;
use serde_json::{Value, json};

const ES_MODULE: &str = "application/javascript+module";

#[tokio::test]
async fn an_upload_beyond_a_limit_is_refused_and_changes_nothing() {
    let fixture = Fixture::start().await;
    fixture.publish("customer-a-notion", &answering("kept"), json!([])).await;
    let source = answering("new");
    let path = format!("{NAMESPACE}/scripts/customer-a-notion");
    let with = |key: &str, value: Value| {
        let mut metadata = json!({ "main_module": "index.js", "compatibility_date": "2026-06-01" });
        metadata[key] = value;
        metadata
    };
    let variables = |count: usize| {
        (0..count)
            .map(|number| json!({ "name": format!("V{number}"), "type": "plain_text", "text": "x" }))
            .collect::<Value>()
    };
    let variable = |name: String| json!([{ "name": name, "type": "plain_text", "text": "x" }]);
    let mut deep = Value::Null;
    for _ in 0..200 {
        deep = json!([deep]);
    }
    for (limit, metadata) in [
        ("128", with("bindings", variables(129))),
        ("128", with("bindings", variables(20_000))),
        ("5 KB", with("bindings", json!([{ "name": "V", "type": "plain_text", "text": "x".repeat(6000) }]))),
        ("255", with("bindings", variable("n".repeat(300)))),
        ("control", with("bindings", variable("a\nb".into()))),
        ("__proto__", with("bindings", variable("__proto__".into()))),
        ("tags", with("tags", (0..9).map(|number| json!(number.to_string())).collect())),
        ("1024", with("tags", json!(["t".repeat(1025)]))),
        ("64", with("compatibility_flags", (0..65).map(|number| json!(format!("flag_{number}"))).collect())),
        ("255", with("compatibility_flags", json!(["f".repeat(256)]))),
        ("metadata", with("observability", deep.clone())),
        ("2 MB", with("annotations", json!({ "workers/message": "m".repeat(3 << 20) }))),
        ("module", with("main_module", json!("m".repeat(100_000)))),
    ] {
        let answer = fixture.upload_parts(&path, &metadata, &[("index.js", ES_MODULE, source.as_bytes())]).await;
        let (status, code, message) = answer.refusal();
        assert_eq!(status, 400, "{limit}: {message}");
        assert!(code >= 10000, "{limit}: {code}");
        assert!(message.contains(limit), "{limit}: {message}");
        assert!(message.len() < 1000, "{limit}: the message does not repeat all that was sent");
    }
    let metadata = json!({ "main_module": "index.js" });
    let names: Vec<String> = (0..2100).map(|number| format!("m{number}.txt")).collect();
    let many: Vec<(&str, &str, &[u8])> =
        names.iter().map(|name| (name.as_str(), "text/plain", b"x".as_slice())).collect();
    let (status, _, message) = fixture.upload_parts(&path, &metadata, &many).await.refusal();
    assert!(status == 400 && message.contains("2000 parts"), "{message}");
    let long = "n".repeat(1100);
    let files = [("index.js", ES_MODULE, source.as_bytes()), (long.as_str(), "text/plain", b"x".as_slice())];
    let (status, _, message) = fixture.upload_parts(&path, &metadata, &files).await.refusal();
    assert!(status == 400 && message.contains("1024"), "{message}");

    assert_eq!(fixture.deliver("customer-a", "notion", &[], "").await.text(), "kept");
}

#[tokio::test]
async fn json_is_bounded_in_size_and_depth() {
    let fixture = Fixture::start().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let (status, code, _) = fixture.script(Method::PUT, "customer-a-notion/tags", deep.clone()).await.refusal();
    assert_eq!((status, code), (400, 10026));
    let routes = format!("{{\"routes\":{deep}}}");
    assert_eq!(fixture.local(Method::PUT, "/routing", routes).await.refusal().0, 400);
    let large = format!("\"{}\"", "x".repeat(17 << 20));
    let (status, code, message) = fixture.script(Method::PUT, "customer-a-notion/secrets", large).await.refusal();
    assert_eq!((status, code), (413, 10026));
    assert!(message.contains("16 MB"), "{message}");
}

#[tokio::test]
async fn names_with_a_meaning_in_javascript_are_only_names() {
    let fixture = Fixture::start().await;
    let source = "import * as own from './__proto__'; export default { fetch(request, env) {
        return Response.json({ own: own.default, names: Object.getOwnPropertyNames(env).sort(), polluted: ({}).polluted ?? null }) } }";
    let bindings: Vec<Value> = ["constructor", "toString", "hasOwnProperty"]
        .map(|name| json!({ "name": name, "type": "plain_text", "text": "x" }))
        .into();
    let metadata = json!({ "main_module": "index.js", "compatibility_date": "2026-06-01", "bindings": bindings });
    let body = [("index.js", ES_MODULE, source.as_bytes()), ("__proto__", "text/plain", b"module".as_slice())];
    let answer = fixture.upload_parts(&format!("{NAMESPACE}/scripts/customer-a-names"), &metadata, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let seen = fixture.deliver("customer-a", "names", &[], "").await.json();
    let names = json!(["constructor", "hasOwnProperty", "toString"]);
    assert_eq!(seen, json!({ "own": "module", "names": names, "polluted": null }));
}

#[tokio::test]
async fn a_body_that_is_not_what_it_says_is_refused() {
    let fixture = Fixture::start().await;
    let bearer = fixture.bearer();
    let url = format!(
        "{}/accounts/{}/workers/dispatch/namespaces/{NAMESPACE}/scripts/customer-a-notion",
        fixture.platform.api_url(),
        fixture.platform.account_id()
    );
    for (content_type, body) in [
        ("multipart/form-data", "--b\r\n"),
        ("multipart/form-data; boundary=", "--\r\n"),
        ("multipart/form-data; boundary=b", ""),
        ("multipart/form-data; boundary=b", "--b--"),
        ("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{}"),
        ("multipart/form-data; boundary=b", "--b\r\n\r\n\r\n--b--"),
        ("multipart/mixed; boundary=b", "--b--"),
        ("application/x-www-form-urlencoded", "metadata=%7B%7D"),
        ("", ""),
    ] {
        let headers = [("authorization", bearer.as_str()), ("content-type", content_type)];
        let (status, code, message) = send(Method::PUT, &url, &headers, body).await.refusal();
        assert!(status == 400 && code >= 10000, "{content_type} {body:?}: {status} {code} {message}");
    }
}
