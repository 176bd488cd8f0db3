//! What passes the dispatcher untouched.

use crate::support::Fixture;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HEAD: &str = "Host: x\r\nx-customer-id: customer-a\r\nx-script-id: echo\r\n";

const ECHO: &str = "export default { async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/method') return new Response(null, { headers: { 'x-method': request.method } });
    if (pathname === '/empty') return new Response(null, { status: 204 });
    if (pathname === '/unchanged') return new Response(null, { status: 304, headers: { etag: '\"v1\"' } });
    if (pathname === '/cookies') {
        const headers = new Headers({ 'x-got': request.headers.get('x-repeated') });
        headers.append('set-cookie', 'a=1');
        headers.append('set-cookie', 'b=2, c');
        return new Response('ok', { headers });
    }
    if (pathname === '/text') return new Response([request.headers.get('trailer'), await request.text()].join(' '));
    if (pathname === '/length') {
        let length = 0;
        for await (const chunk of request.body) length += chunk.byteLength;
        return new Response(String(length));
    }
    if (pathname === '/large') {
        const chunk = new Uint8Array(1 << 20).fill(120);
        let left = 100;
        return new Response(new ReadableStream({ pull(out) { if (left-- > 0) out.enqueue(chunk); else out.close(); } }));
    }
    if (pathname === '/endless') {
        const { readable, writable } = new IdentityTransformStream();
        const writer = writable.getWriter();
        (async () => {
            for (let written = 0; ; written++) {
                await writer.write(new Uint8Array(1 << 20));
                await fetch(`https://written.example/${written}`);
            }
        })();
        return new Response(readable);
    }
    if (request.headers.get('upgrade') === 'websocket') {
        const [client, server] = Object.values(new WebSocketPair());
        server.accept();
        server.binaryType = 'arraybuffer';
        server.addEventListener('message', ({ data }) => {
            if (data === 'close') server.close(4001, 'as asked');
            else server.send(data);
        });
        return new Response(null, { status: 101, webSocket: client });
    }
    return new Response('echo');
} }";

async fn fixture() -> Fixture {
    let fixture = Fixture::start().await;
    fixture.publish("customer-a-echo", ECHO, json!([])).await;
    fixture
}

async fn connect(fixture: &Fixture) -> TcpStream {
    let address = fixture.platform.dispatcher_url().trim_start_matches("http://");
    TcpStream::connect(address).await.expect("connects")
}

/// Sends a request and reads until the connection closes.
async fn exchange(fixture: &Fixture, request: &str) -> String {
    let mut stream = connect(fixture).await;
    stream.write_all(request.as_bytes()).await.expect("writes");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("reads");
    String::from_utf8_lossy(&answer).into_owned()
}

async fn asked(fixture: &Fixture, method: &str, path: &str, more: &str) -> String {
    exchange(fixture, &format!("{method} {path} HTTP/1.1\r\n{HEAD}Connection: close\r\n{more}\r\n")).await
}

#[tokio::test]
async fn methods_and_answers_without_a_body() {
    let fixture = fixture().await;
    for method in ["GET", "HEAD", "OPTIONS", "DELETE", "PROPFIND", "REPORT", "PURGE", "QUERY"] {
        let answer = asked(&fixture, method, "/method", "").await;
        assert!(answer.contains(&format!("x-method: {method}\r\n")), "{method}: {answer}");
    }
    let empty = asked(&fixture, "POST", "/empty", "Content-Length: 0\r\n").await;
    assert!(empty.starts_with("HTTP/1.1 204 "), "{empty}");
    let unchanged = asked(&fixture, "GET", "/unchanged", "").await;
    assert!(unchanged.starts_with("HTTP/1.1 304 ") && unchanged.to_lowercase().contains("etag: \"v1\""), "{unchanged}");
}

#[tokio::test]
async fn a_sender_that_waits_for_a_go_ahead_gets_it_and_trailers_are_left_out() {
    let fixture = fixture().await;
    let mut stream = connect(&fixture).await;
    let head =
        format!("POST /text HTTP/1.1\r\n{HEAD}Connection: close\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("writes");
    let mut interim = [0; 25];
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_exact(&mut interim)).await;
    read.expect("nothing is sent before it").expect("reads");
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"hello").await.expect("writes");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("reads");
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n hello"), "{answer}");

    let chunked = "Trailer: x-sum\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 1\r\n";
    let answer = asked(&fixture, "POST", "/text", chunked).await;
    // The runtime does not read them: the body is whole, and the connection ends with the answer.
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(" hello"), "{answer}");
}

#[tokio::test]
async fn repeated_headers_stay_apart() {
    let fixture = fixture().await;
    let answer = asked(&fixture, "GET", "/cookies", "X-Repeated: 1\r\nX-Repeated: 2\r\n").await.to_lowercase();
    assert!(answer.contains("set-cookie: a=1\r\n") && answer.contains("set-cookie: b=2, c\r\n"), "{answer}");
    assert!(answer.contains("x-got: 1, 2\r\n"), "{answer}");
}

#[tokio::test]
async fn connect_is_refused() {
    let fixture = fixture().await;
    let answer = exchange(&fixture, &format!("CONNECT api.notion.com:443 HTTP/1.1\r\n{HEAD}\r\n")).await;
    let status: u16 = answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_default();
    assert!((400..600).contains(&status), "{answer}");
}

#[tokio::test]
async fn a_hundred_megabytes_pass_both_ways() {
    let fixture = fixture().await;
    let mut stream = connect(&fixture).await;
    let total = 100 << 20;
    let head = format!("POST /length HTTP/1.1\r\n{HEAD}Connection: close\r\nContent-Length: {total}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("writes");
    let chunk = vec![b'x'; 1 << 20];
    for _ in 0..100 {
        stream.write_all(&chunk).await.expect("writes");
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("reads");
    assert!(answer.contains(&total.to_string()), "{answer}");

    let mut stream = connect(&fixture).await;
    let request = format!("GET /large HTTP/1.1\r\n{HEAD}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("writes");
    let mut body = Vec::new();
    stream.read_to_end(&mut body).await.expect("reads");
    // Around it are only the lengths of its pieces, which have no such letter.
    let of_the_script = body.split(|byte| *byte != b'x').map(<[u8]>::len).sum::<usize>();
    assert!(of_the_script >= total && of_the_script < total + 64, "the answer is whole: {of_the_script}");
}

/// Calls of the script to a host.
fn calls(fixture: &Fixture, host: &str) -> usize {
    let calls = fixture.gateway.calls.lock().expect("not poisoned");
    calls.iter().filter(|(_, call)| call.url.starts_with(&format!("https://{host}/"))).count()
}

#[tokio::test]
async fn a_sender_that_does_not_read_holds_the_script_and_one_that_leaves_ends_it() {
    let fixture = fixture().await;
    let mut stream = connect(&fixture).await;
    stream.write_all(format!("GET /endless HTTP/1.1\r\n{HEAD}\r\n").as_bytes()).await.expect("writes");
    let mut first = [0; 1024];
    stream.read_exact(&mut first).await.expect("reads");
    let since = Instant::now();
    let mut held = (0, Instant::now());
    while held.1.elapsed() < Duration::from_secs(1) {
        let written = calls(&fixture, "written.example");
        if written != held.0 {
            held = (written, Instant::now());
        }
        assert!(written < 64 && since.elapsed() < Duration::from_secs(20), "nothing holds the script: {written} MiB");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stream.read_exact(&mut vec![0; 32 << 20]).await.expect("reads");
    drop(stream);
    let mut ended = (calls(&fixture, "written.example"), Instant::now());
    assert!(ended.0 > held.0, "it went on while somebody read");
    while ended.1.elapsed() < Duration::from_secs(1) {
        let written = calls(&fixture, "written.example");
        if written != ended.0 {
            ended = (written, Instant::now());
        }
        assert!(since.elapsed() < Duration::from_secs(40), "the script goes on although nobody is there");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_websocket_carries_text_bytes_and_close_codes() {
    let fixture = fixture().await;
    let mut socket = connect(&fixture).await;
    let open = format!(
        "GET /ws HTTP/1.1\r\n{HEAD}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    );
    socket.write_all(open.as_bytes()).await.expect("writes");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.expect("reads"));
    }
    assert!(head.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&head));
    for (kind, payload) in [(1, &b"hi"[..]), (2, &[0, 255, 1]), (1, b"close")] {
        // Masked with zeros.
        let length = u8::try_from(payload.len()).expect("short");
        let mut frame = vec![0x80 | kind, 0x80 | length, 0, 0, 0, 0];
        frame.extend_from_slice(payload);
        socket.write_all(&frame).await.expect("writes");
        let (opcode, length) = (socket.read_u8().await.expect("reads"), socket.read_u8().await.expect("reads"));
        let mut content = vec![0; length.into()];
        socket.read_exact(&mut content).await.expect("reads");
        if payload == b"close" {
            assert_eq!((opcode, &content[..2], &content[2..]), (0x88, &4001_u16.to_be_bytes()[..], &b"as asked"[..]));
        } else {
            assert_eq!((opcode, &content[..]), (0x80 | kind, payload));
        }
    }
}
