//! Heads of requests that are too large, or that two programs would read in two ways.

use crate::support::{Fixture, answering, send};
use http::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends bytes as they are and reads until the other side is done.
async fn raw(address: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    // The other side may hang up while this side still writes.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let reading = async {
        let mut piece = [0; 4096];
        while let Ok(read @ 1..) = stream.read(&mut piece).await {
            answer.extend_from_slice(&piece[..read]);
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), reading).await.expect("an end of the connection");
    String::from_utf8_lossy(&answer).into_owned()
}

fn statuses(answer: &str) -> Vec<&str> {
    answer.split("HTTP/1.1 ").skip(1).map(|rest| &rest[..3]).collect()
}

#[tokio::test]
async fn a_limit_that_is_passed_is_named() {
    let fixture = Fixture::start().await;
    let bearer = fixture.bearer();
    let base = format!("{}/accounts", fixture.platform.api_url());
    let names: Vec<String> = (0..120).map(|number| format!("x-header-{number}")).collect();
    let many: Vec<(&str, &str)> =
        names.iter().map(|name| (name.as_str(), "x")).chain([("authorization", bearer.as_str())]).collect();
    let (status, code, message) = send(Method::GET, &base, &many, "").await.refusal();
    assert_eq!((status, code), (431, 6003));
    assert!(message.contains("at most 100"), "{message}");
    let long = "x".repeat(40_000);
    let (status, code, message) =
        send(Method::GET, &base, &[("authorization", &bearer), ("x-long", &long)], "").await.refusal();
    assert_eq!((status, code), (431, 6003));
    assert!(message.contains("at most 32768"), "{message}");
    let long = format!("{base}?page={}", "1".repeat(10_000));
    let (status, code, message) = send(Method::GET, &long, &[("authorization", &bearer)], "").await.refusal();
    assert_eq!((status, code), (414, 7003));
    assert!(message.contains("at most 8192"), "{message}");
    for (encoding, body) in [("gzip", "x"), ("deflate, gzip", "x"), ("br", "x")] {
        let headers = [("authorization", bearer.as_str()), ("content-encoding", encoding)];
        let url = format!("{base}/{}/workers/dispatch/namespaces", fixture.platform.account_id());
        let (status, code, message) = send(Method::POST, &url, &headers, body).await.refusal();
        assert_eq!((status, code), (415, 10026), "{message}");
    }
}

#[tokio::test]
async fn requests_of_two_meanings_are_not_served() {
    let fixture = Fixture::start().await;
    let address =
        fixture.platform.api_url().trim_start_matches("http://").split('/').next().expect("a host").to_owned();
    let path = format!("/client/v4/accounts/{}/workers/dispatch/namespaces", fixture.platform.account_id());
    let bearer = fixture.bearer();
    let smuggled = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {bearer}\r\n\r\n");
    let chunked = format!("0\r\n\r\n{smuggled}");
    for (what, headers, body) in [
        ("two lengths", "Content-Length: 0\r\nContent-Length: 5\r\n".to_owned(), smuggled.clone()),
        ("a list of lengths", "Content-Length: 0, 5\r\n".into(), smuggled.clone()),
        ("a signed length", "Content-Length: +0\r\n".into(), smuggled.clone()),
        (
            "a length and chunks",
            format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n", chunked.len()),
            chunked.clone(),
        ),
        ("a blank before the colon", "Transfer-Encoding : chunked\r\n".into(), chunked.clone()),
        ("a folded header", "X-A: b\r\n Transfer-Encoding: chunked\r\n".into(), chunked.clone()),
        ("chunks of another kind", "Transfer-Encoding: xchunked\r\n".into(), chunked.clone()),
        ("two hosts", "Host: evil.example\r\n".into(), String::new()),
        ("two tokens", "Authorization: Bearer x\r\n".into(), String::new()),
        ("a bare line feed in a chunk's size", "Transfer-Encoding: chunked\r\n".into(), format!("0\n\n{smuggled}")),
        ("a chunk's size beyond any number", "Transfer-Encoding: chunked\r\n".into(), "fffffffffffffffff\r\nx".into()),
    ] {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {bearer}\r\nConnection: close\r\n{headers}\r\n{body}"
        );
        let answer = raw(&address, request.as_bytes()).await;
        let statuses = statuses(&answer);
        assert!(statuses.len() <= 1, "{what}: the body was taken for a second request: {answer}");
        assert!(statuses.iter().all(|status| status.starts_with('4')), "{what}: {answer}");
    }
    // The request line may name a host as well.
    for target in
        [format!("http://evil.example{path}"), "evil.example:443".into(), "*".into(), format!("//evil.example{path}")]
    {
        for method in ["GET", "CONNECT", "OPTIONS", "TRACE", "PRI"] {
            let request = format!(
                "{method} {target} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {bearer}\r\nConnection: close\r\n\r\n"
            );
            let answer = raw(&address, request.as_bytes()).await;
            assert!(statuses(&answer).iter().all(|status| status.starts_with('4')), "{method} {target}: {answer}");
        }
    }
    let served = raw(&address, smuggled.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").as_bytes()).await;
    assert_eq!(statuses(&served), ["200"], "the request itself is fine");
}

#[tokio::test]
async fn no_head_ends_the_dispatcher() {
    let fixture = Fixture::start().await;
    fixture.publish("customer-a-notion", &answering("served"), json!([])).await;
    let dispatcher = fixture.process("dispatcher").await.pid;
    let address = fixture.platform.dispatcher_url().trim_start_matches("http://").to_owned();
    let script = "x-customer-id: customer-a\r\nx-script-id: notion\r\nConnection: close\r\n";
    let many: String = (0..3000).map(|number| format!("x-{number}: y\r\n")).collect();
    let long = format!("x-long: {}\r\n", "x".repeat(2_000_000));
    for (what, request) in [
        ("a long header", format!("GET / HTTP/1.1\r\nHost: x\r\n{script}{long}\r\n")),
        ("a long path", format!("GET /{} HTTP/1.1\r\nHost: x\r\n{script}\r\n", "a/".repeat(500_000))),
        ("a long host", format!("GET / HTTP/1.1\r\nHost: {}\r\n{script}\r\n", "a.".repeat(10_000))),
        ("many headers", format!("GET / HTTP/1.1\r\nHost: x\r\n{script}{many}\r\n")),
        ("a host that is none", format!("GET / HTTP/1.1\r\nHost: a b:c\r\n{script}\r\n")),
        ("no host", format!("GET / HTTP/1.1\r\n{script}\r\n")),
        (
            "a length and chunks",
            format!(
                "POST / HTTP/1.1\r\nHost: x\r\n{script}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n"
            ),
        ),
        (
            "two lengths",
            format!("POST / HTTP/1.1\r\nHost: x\r\n{script}Content-Length: 1\r\nContent-Length: 9\r\n\r\nxGET / HT"),
        ),
        ("a negative length", format!("POST / HTTP/1.1\r\nHost: x\r\n{script}Content-Length: -1\r\n\r\n")),
        ("no HTTP", "\0\u{1}\u{2}\r\n\r\n".into()),
        ("a tunnel", format!("CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n{script}\r\n")),
        (
            "a foreign upgrade",
            format!("GET / HTTP/1.1\r\nHost: x\r\n{script}Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n"),
        ),
    ] {
        let answer = raw(&address, request.as_bytes()).await;
        assert!(statuses(&answer).len() <= 1, "{what} was taken for two requests: {answer}");
        let served = fixture.deliver("customer-a", "notion", &[], "").await;
        assert_eq!(served.text(), "served", "after {what}");
    }
    assert_eq!(fixture.process("dispatcher").await.pid, dispatcher);
}
