//! Static assets: their upload, and the answers that they give.

use crate::support::{Answer, Fixture, NAMESPACE, send};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use patchbay_platform::local_api::{Observations, RegisteredDelivery};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// A file to upload: path, content type, content.
type File<'a> = (&'a str, &'a str, &'a str);

const ADAPTER: &str = "export default { async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/bound') return env.ASSETS.fetch('http://x/about');
    return Response.json({ adapter: pathname, cf: request.cf });
} }";

fn hash(file: &File) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    file.hash(&mut hasher);
    format!("{:032x}", hasher.finish())
}

async fn session(fixture: &Fixture, script: &str, files: &[File<'_>]) -> Answer {
    let manifest: serde_json::Map<String, Value> =
        files.iter().map(|file| (file.0.to_owned(), json!({ "hash": hash(file), "size": file.2.len() }))).collect();
    let body = json!({ "manifest": manifest }).to_string();
    fixture.script(Method::POST, &format!("{script}/assets-upload-session"), body).await
}

async fn send_files(fixture: &Fixture, jwt: &str, files: &[(String, &str, String)]) -> Answer {
    let mut body = String::new();
    for (hash, content_type, text) in files {
        let _ = write!(
            body,
            "--b\r\nContent-Disposition: form-data; name=\"{hash}\"; filename=\"{hash}\"\r\nContent-Type: {content_type}\r\n\r\n{text}\r\n"
        );
    }
    body.push_str("--b--\r\n");
    let url = format!(
        "{}/accounts/{}/workers/assets/upload?base64=true",
        fixture.platform.api_url(),
        fixture.platform.account_id()
    );
    let bearer = format!("Bearer {jwt}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "multipart/form-data; boundary=b")];
    send(Method::POST, &url, &headers, body).await
}

fn encoded<'a>(file: &File<'a>) -> (String, &'a str, String) {
    (hash(file), file.1, STANDARD.encode(file.2))
}

/// Uploads files as clients do and returns the token with which a script claims them.
async fn uploaded(fixture: &Fixture, script: &str, files: &[File<'_>]) -> String {
    let started = session(fixture, script, files).await;
    assert_eq!(started.status, 200, "{}", started.text());
    let result = started.json()["result"].clone();
    let mut jwt = result["jwt"].as_str().expect("a token").to_owned();
    let upload = jwt.clone();
    for bucket in result["buckets"].as_array().expect("buckets") {
        let wanted: Vec<&str> = bucket.as_array().expect("hashes").iter().filter_map(Value::as_str).collect();
        let chosen: Vec<_> = files.iter().map(encoded).filter(|file| wanted.contains(&file.0.as_str())).collect();
        let answer = send_files(fixture, &upload, &chosen).await;
        if let Some(completed) = answer.json()["result"]["jwt"].as_str() {
            assert_eq!(answer.status, 201);
            completed.clone_into(&mut jwt);
        } else {
            assert_eq!(answer.status, 202, "{}", answer.text());
        }
    }
    jwt
}

async fn put(fixture: &Fixture, script: &str, mut metadata: Value, source: Option<&str>) -> Answer {
    metadata["compatibility_date"] = "2026-06-01".into();
    let tenant = script.rsplit_once('-').map_or(script, |(tenant, _)| tenant);
    metadata["tags"] = json!([format!("tenant:{tenant}")]);
    let path = format!("{NAMESPACE}/scripts/{script}");
    match source {
        Some(source) => {
            metadata["main_module"] = "index.js".into();
            let file = ("index.js", "application/javascript+module", source.as_bytes());
            fixture.upload_parts(&path, &metadata, &[file]).await
        }
        None => fixture.upload_parts(&path, &metadata, &[]).await,
    }
}

/// Publishes a script with assets and a binding to them.
async fn publish(fixture: &Fixture, script: &str, files: &[File<'_>], config: Value, source: Option<&str>) {
    let jwt = uploaded(fixture, script, files).await;
    let bindings = if source.is_some() { json!([{ "name": "ASSETS", "type": "assets" }]) } else { json!([]) };
    let answer =
        put(fixture, script, json!({ "assets": { "jwt": jwt, "config": config }, "bindings": bindings }), source).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let result = &answer.json()["result"];
    assert_eq!(result["has_assets"], true);
    assert_eq!(result["has_modules"], source.is_some());
}

async fn ask(fixture: &Fixture, method: Method, script: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let (tenant, adapter) = script.rsplit_once('-').expect("a tenant and an adapter");
    let mut all = vec![("x-customer-id", tenant), ("x-script-id", adapter)];
    all.extend_from_slice(headers);
    send(method, &format!("{}{path}", fixture.platform.dispatcher_url()), &all, "").await
}

async fn get(fixture: &Fixture, script: &str, path: &str) -> (u16, String, String) {
    let answer = ask(fixture, Method::GET, script, path, &[]).await;
    let location = answer.headers.get("location").map_or("", |value| value.to_str().expect("text")).to_owned();
    (answer.status, location, answer.text())
}

const SITE: [File; 5] = [
    ("/index.html", "text/html; charset=utf-8", "home"),
    ("/about.html", "text/html; charset=utf-8", "about"),
    ("/docs/index.html", "text/html; charset=utf-8", "docs"),
    ("/404.html", "text/html; charset=utf-8", "nothing here"),
    ("/größe.txt", "text/plain", ""),
];

#[tokio::test]
async fn paths_of_html_are_handled_in_four_ways() {
    let fixture = Fixture::start().await;
    let found = |text: &str| (200, String::new(), text.to_owned());
    let moved = |to: &str| (307, to.to_owned(), String::new());
    let missing = (404, String::new(), String::new());
    let table = [
        ("auto-trailing-slash", [found("about"), moved("/about"), moved("/docs/"), found("docs"), moved("/docs/")]),
        ("force-trailing-slash", [moved("/about/"), moved("/about/"), moved("/docs/"), found("docs"), moved("/docs/")]),
        ("drop-trailing-slash", [found("about"), moved("/about"), found("docs"), moved("/docs"), moved("/docs")]),
        ("none", [missing.clone(), found("about"), missing.clone(), missing.clone(), found("docs")]),
    ];
    for (mode, expected) in table {
        let script = format!("site-{}", mode.replace('-', ""));
        publish(&fixture, &script, &SITE, json!({ "html_handling": mode }), None).await;
        let paths = ["/about", "/about.html", "/docs", "/docs/", "/docs/index.html"];
        for (path, expected) in paths.into_iter().zip(expected) {
            assert_eq!(get(&fixture, &script, path).await, expected, "{mode} {path}");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_answered_as_the_script_chose() {
    let fixture = Fixture::start().await;
    for (mode, expected) in
        [("none", (404, "")), ("404-page", (404, "nothing here")), ("single-page-application", (200, "home"))]
    {
        let script = format!("missing-{}", mode.replace('-', ""));
        publish(&fixture, &script, &SITE, json!({ "not_found_handling": mode }), None).await;
        let (status, _, text) = get(&fixture, &script, "/no/such/page").await;
        assert_eq!((status, text.as_str()), expected, "{mode}");
    }
}

#[tokio::test]
async fn files_have_types_etags_and_no_body_for_head() {
    let fixture = Fixture::start().await;
    publish(&fixture, "site-files", &SITE, json!({}), None).await;
    let answer = ask(&fixture, Method::GET, "site-files", "/about", &[]).await;
    let etag = answer.headers["etag"].to_str().expect("text").to_owned();
    assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(answer.headers["cache-control"], "public, max-age=0, must-revalidate");
    assert_eq!(etag, format!("\"{}\"", hash(&SITE[1])));
    let same = ask(&fixture, Method::GET, "site-files", "/about", &[("if-none-match", &etag)]).await;
    assert_eq!((same.status, same.text().as_str()), (304, ""));
    let head = ask(&fixture, Method::HEAD, "site-files", "/about", &[]).await;
    assert_eq!(
        (head.status, head.text().as_str(), &head.headers["content-type"]),
        (200, "", &answer.headers["content-type"])
    );
    let post = ask(&fixture, Method::POST, "site-files", "/about", &[]).await;
    assert_eq!(post.status, 405);
    let empty = ask(&fixture, Method::GET, "site-files", "/gr%C3%B6%C3%9Fe.txt", &[]).await;
    assert_eq!(
        (empty.status, empty.text().as_str(), &empty.headers["content-type"]),
        (200, "", &"text/plain".parse().expect("a value"))
    );
}

#[tokio::test]
async fn the_adapter_answers_where_no_asset_does_or_where_it_goes_first() {
    let fixture = Fixture::start().await;
    let adapter = |path: &str| json!({ "adapter": path, "cf": {} });
    let json = |text: String| serde_json::from_str::<Value>(&text).unwrap_or(Value::String(text));
    let table = [
        ("behind", json!({}), [json!("about"), adapter("/api/x"), adapter("/api/docs")]),
        ("first", json!({ "run_worker_first": true }), [adapter("/about"), adapter("/api/x"), adapter("/api/docs")]),
        (
            "rules",
            json!({ "run_worker_first": ["/api/*", "!/api/docs"] }),
            [json!("about"), adapter("/api/x"), json!("")],
        ),
    ];
    for (name, config, expected) in table {
        let script = format!("route-{name}");
        publish(&fixture, &script, &SITE, config, Some(ADAPTER)).await;
        for (path, expected) in ["/about", "/api/x", "/api/docs"].into_iter().zip(expected) {
            assert_eq!(json(get(&fixture, &script, path).await.2), expected, "{name} {path}");
        }
        assert_eq!(get(&fixture, &script, "/bound").await.2, "about", "the binding reaches the assets");
    }
}

#[tokio::test]
async fn the_adapter_gets_the_body_of_a_request_that_no_asset_answers() {
    let fixture = Fixture::start().await;
    let echo = "export default { async fetch(request) { return new Response(await request.text()); } }";
    publish(&fixture, "customer-a-echo", &SITE, json!({}), Some(echo)).await;
    for body in ["", "what was sent"] {
        let headers = [("x-customer-id", "customer-a"), ("x-script-id", "echo")];
        let url = format!("{}/no-asset", fixture.platform.dispatcher_url());
        let answer = send(Method::POST, &url, &headers, body).await;
        assert_eq!((answer.status, answer.text()), (200, body.to_owned()));
    }
}

#[tokio::test]
async fn headers_and_redirects_follow_their_files() {
    let fixture = Fixture::start().await;
    let config = json!({ "_headers": "/*\n  X-Frame-Options: DENY\n/about\n  ! cache-control\n",
        "_redirects": "/old /about 301\n/blog/* /docs/?was=:splat\n/proxied /about 200\n" });
    publish(&fixture, "site-rules", &SITE, config, None).await;
    let answer = ask(&fixture, Method::GET, "site-rules", "/about", &[]).await;
    assert_eq!(answer.headers["x-frame-options"], "DENY");
    assert_eq!(answer.headers.get("cache-control"), None);
    assert_eq!(get(&fixture, "site-rules", "/old").await, (301, "/about".into(), String::new()));
    assert_eq!(get(&fixture, "site-rules", "/blog/a").await, (302, "/docs/?was=a".into(), String::new()));
    assert_eq!(get(&fixture, "site-rules", "/proxied").await, (200, String::new(), "about".into()));

    let jwt = uploaded(&fixture, "site-rules", &SITE).await;
    let bad = json!({ "assets": { "jwt": jwt, "config": { "_redirects": "/a /b 200\n/a\n" } } });
    let (status, code, text) = put(&fixture, "site-rules", bad, None).await.refusal();
    assert_eq!((status, code), (400, 100_324));
    assert!(text.contains("Line 2: expected exactly 2 or 3"), "{text}");
}

#[tokio::test]
async fn a_file_is_uploaded_once_for_a_namespace_and_goes_with_its_last_version() {
    let fixture = Fixture::start().await;
    publish(&fixture, "site-one", &SITE, json!({}), None).await;
    let again = session(&fixture, "site-two", &SITE).await.json()["result"].clone();
    assert_eq!(again["buckets"], json!([]), "the namespace has the files already");
    let jwt = again["jwt"].as_str().expect("a token");
    let answer = put(&fixture, "site-two", json!({ "assets": { "jwt": jwt } }), None).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(get(&fixture, "site-two", "/about").await.2, "about");

    // Kept by an upload that says so, and by one that changes something else; gone with one that says nothing.
    let kept = put(&fixture, "site-two", json!({ "keep_assets": true }), Some(ADAPTER)).await;
    assert_eq!((kept.status, &kept.json()["result"]["has_assets"]), (200, &json!(true)), "{}", kept.text());
    let secret = json!({ "name": "TOKEN", "text": "t", "type": "secret_text" }).to_string();
    assert_eq!(fixture.script(Method::PUT, "site-two/secrets", secret).await.status, 200);
    assert_eq!(get(&fixture, "site-two", "/about").await.2, "about");
    let dropped = put(&fixture, "site-two", json!({}), Some(ADAPTER)).await;
    assert_eq!(dropped.json()["result"]["has_assets"], false);
    assert!(get(&fixture, "site-two", "/about").await.2.contains("adapter"));
}

#[tokio::test]
async fn uploads_that_do_not_fit_are_refused() {
    let fixture = Fixture::start().await;
    let file: File = ("/a.txt", "text/plain", "a");
    let refused = |answer: Answer, says: &str| {
        let (status, _, text) = answer.refusal();
        assert!(text.contains(says), "{status}: {text}");
        status
    };
    for (manifest, says) in [
        (json!({ "a": { "hash": "0".repeat(32), "size": 1 } }), "should begin with `/`"),
        (json!({ "/a": { "hash": "0", "size": 1 } }), "32 hex digits"),
        (json!({ "/a": { "hash": "0".repeat(32), "size": (25 << 20) + 1 } }), "25 MiB"),
    ] {
        let body = json!({ "manifest": manifest }).to_string();
        refused(fixture.script(Method::POST, "site-bad/assets-upload-session", body).await, says);
    }
    let started = session(&fixture, "site-bad", &[file]).await.json()["result"].clone();
    let jwt = started["jwt"].as_str().expect("a token");
    let (own, text) = (hash(&file), STANDARD.encode("a"));
    for (name, content, says) in [
        ("f".repeat(32), text.clone(), "no file with the hash"),
        (own.clone(), "*".into(), "is not base64"),
        (own.clone(), STANDARD.encode("ab"), "has 2 bytes; the manifest says 1"),
    ] {
        assert_eq!(refused(send_files(&fixture, jwt, &[(name, "text/plain", content)]).await, says), 400);
    }
    for bad in [String::new(), "x.y.z".into(), fixture.bearer().replace("Bearer ", "")] {
        assert_eq!(refused(send_files(&fixture, &bad, &[encoded(&file)]).await, "not one of an upload"), 403);
    }
    let early = put(&fixture, "site-bad", json!({ "assets": { "jwt": jwt } }), None).await;
    refused(early, "another stage");
    let completed = uploaded(&fixture, "site-bad", &[file]).await;
    refused(send_files(&fixture, &completed, &[encoded(&file)]).await, "another stage");
    refused(put(&fixture, "site-other", json!({ "assets": { "jwt": completed } }), None).await, "another script");
    let first = json!({ "assets": { "jwt": completed, "config": { "run_worker_first": true } } });
    refused(put(&fixture, "site-bad", first, None).await, "no script that could run");
    refused(put(&fixture, "site-bad", json!({ "keep_assets": true }), Some(ADAPTER)).await, "the script has no assets");
    let bound = json!({ "bindings": [{ "name": "ASSETS", "type": "assets" }] });
    refused(put(&fixture, "site-bad", bound, Some(ADAPTER)).await, "the script has no assets");
}

#[tokio::test]
async fn a_recorded_delivery_ends_whether_an_asset_or_the_adapter_answers() {
    let fixture = Fixture::start().await;
    publish(&fixture, "site-lane", &SITE, json!({}), Some(ADAPTER)).await;
    for (path, status) in [("/about", 200), ("/api/x", 200), ("/bound", 200)] {
        let delivery: RegisteredDelivery =
            serde_json::from_value(fixture.local(Method::POST, "/deliveries", "").await.json()).expect("a delivery");
        let answer = ask(&fixture, Method::GET, "site-lane", path, &[(&delivery.header, &delivery.value)]).await;
        assert_eq!(answer.status, status);
        let observations = format!("/deliveries/{}/observations?wait_ms=20000", delivery.delivery);
        let seen: Observations =
            serde_json::from_value(fixture.local(Method::GET, &observations, "").await.json()).expect("observations");
        assert!(seen.complete, "{path}");
        let [tail] = &seen.tail[..] else { panic!("{path}: one request, one report: {:?}", seen.tail) };
        assert_eq!((tail.served_by.script.as_str(), tail.outcome.as_str()), ("site-lane", "ok"), "{path}");
    }
}
