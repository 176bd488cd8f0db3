//! HAR 1.2, as browsers' developer tools and proxies read it: a page per delivery, an entry for the webhook and for each
//! outbound call. What has no place in the format stands under names with an underscore, as it allows.
//!
//! <http://www.softwareishard.com/blog/har-12-spec/>

use super::moments::timestamp;
use crate::trace::{Trace, TracedBody, TracedCall, TracedRequest, TracedResponse};
use reqwest::{StatusCode, Url};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::fmt::Write as _;

/// The version that every entry names: the platform speaks HTTP/1.1 to senders and upstreams alike.
const HTTP_VERSION: &str = "HTTP/1.1";

/// The traces as one HAR document.
pub fn har(traces: &[Trace]) -> Value {
    json!({
        "log": {
            "version": "1.2",
            "creator": { "name": "Patchbay", "version": env!("CARGO_PKG_VERSION") },
            "pages": traces.iter().map(page).collect::<Vec<_>>(),
            "entries": traces.iter().flat_map(entries).collect::<Vec<_>>(),
        },
    })
}

fn page(trace: &Trace) -> Value {
    let sample = trace.sample.as_deref().unwrap_or(&trace.provider);
    json!({
        "startedDateTime": timestamp(trace, 0.0),
        "id": trace.id,
        "title": format!("{}/{} · {sample}", trace.tenant, trace.adapter),
        "pageTimings": { "onLoad": trace.total_ms },
    })
}

fn entries(trace: &Trace) -> Vec<Value> {
    let mut entries = vec![ingress(trace)];
    entries.extend(trace.outbound.iter().map(|call| outbound(trace, call)));
    entries
}

fn ingress(trace: &Trace) -> Value {
    let wait = trace.first_byte_ms.unwrap_or(trace.total_ms).min(trace.total_ms);
    let run = trace.adapter_run.as_ref();
    let mut entry = json!({
        "pageref": trace.id,
        "startedDateTime": timestamp(trace, 0.0),
        "time": trace.total_ms,
        "request": request(&trace.request),
        "response": trace.response.as_ref().map_or_else(nothing, response),
        "cache": {},
        "timings": timings(None, wait, trace.total_ms - wait),
        "_kind": "webhook",
        "_provider": trace.provider,
        "_against": trace.against.to_string(),
        "_rule": trace.rule,
        "_servedBy": run.map(|run| &run.served_by),
        "_logs": run.map(|run| &run.logs),
        "_exceptions": run.map(|run| &run.exceptions),
        "_visibility": trace.visibility,
    });
    if let Some(reason) = &trace.no_answer {
        entry["comment"] = format!("No answer: {reason}").into();
    }
    entry
}

fn outbound(trace: &Trace, call: &TracedCall) -> Value {
    let wait = (call.duration_ms - call.pacing_ms.unwrap_or(0.0)).max(0.0);
    let blocked = call.pacing_ms.map(|pacing| pacing.min(call.duration_ms));
    let mut entry = json!({
        "pageref": trace.id,
        "startedDateTime": timestamp(trace, call.at_ms),
        "time": call.duration_ms,
        "request": request(&call.request),
        "response": if call.response.status == 0 { nothing() } else { response(&call.response) },
        "cache": {},
        "timings": timings(blocked, wait, 0.0),
        "_kind": "outbound",
        "_answeredBy": call.answered_by.as_str(),
        "_attempt": call.attempt,
    });
    if let Some(interruption) = &call.interruption {
        entry["comment"] = format!("The connection broke off: {interruption}").into();
    }
    entry
}

/// In HAR -1 says that a time does not apply, and the times of an entry add up to its whole.
fn timings(blocked: Option<f64>, wait: f64, receive: f64) -> Value {
    let blocked = blocked.map_or_else(|| json!(-1), |pacing| json!(pacing));
    json!({ "blocked": blocked, "dns": -1, "connect": -1, "ssl": -1, "send": 0, "wait": wait, "receive": receive })
}

fn request(request: &TracedRequest) -> Value {
    let url = address(&request.url);
    let query: Vec<Value> = Url::parse(&request.url)
        .map(|url| url.query_pairs().map(|(name, value)| json!({ "name": name, "value": value })).collect())
        .unwrap_or_default();
    let mut shown = json!({
        "method": request.method,
        "url": url,
        "httpVersion": HTTP_VERSION,
        "cookies": cookies(&request.headers, "cookie"),
        "headers": headers(&request.headers),
        "queryString": query,
        "headersSize": -1,
        "bodySize": request.body.bytes,
    });
    if !request.body.text.is_empty() {
        shown["postData"] = json!({ "mimeType": content_type(&request.headers), "text": request.body.text });
        if request.body.base64 {
            shown["postData"]["_encoding"] = "base64".into();
        }
    }
    shown
}

fn response(response: &TracedResponse) -> Value {
    let reason = StatusCode::from_u16(response.status).ok().and_then(|status| status.canonical_reason());
    let location = first(&response.headers, "location").unwrap_or_default();
    json!({
        "status": response.status,
        "statusText": reason.unwrap_or_default(),
        "httpVersion": HTTP_VERSION,
        "cookies": cookies(&response.headers, "set-cookie"),
        "headers": headers(&response.headers),
        "content": content(&response.body, &response.headers),
        "redirectURL": location,
        "headersSize": -1,
        "bodySize": response.body.bytes,
    })
}

/// The entry's answer where there was none; browsers write the same.
fn nothing() -> Value {
    json!({
        "status": 0,
        "statusText": "",
        "httpVersion": "",
        "cookies": [],
        "headers": [],
        "content": { "size": 0, "mimeType": "x-unknown" },
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    })
}

fn content(body: &TracedBody, headers: &[(String, String)]) -> Value {
    let mut content = json!({ "size": body.bytes, "mimeType": content_type(headers), "text": body.text });
    if body.base64 {
        content["encoding"] = "base64".into();
    }
    content
}

fn content_type(headers: &[(String, String)]) -> &str {
    first(headers, "content-type").unwrap_or("application/octet-stream")
}

fn first<'a>(headers: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.as_str())
}

fn headers(headers: &[(String, String)]) -> Vec<Value> {
    headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

/// Names and values; attributes of `Set-Cookie` stand among the headers.
fn cookies(headers: &[(String, String)], header: &str) -> Vec<Value> {
    let lines = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(header)).map(|(_, value)| value.as_str());
    let pairs = lines.flat_map(|line| line.split(';').take(if header == "cookie" { usize::MAX } else { 1 }));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect()
}

/// The URL with what a URL cannot hold percent-encoded: the marks of redacted values have angle brackets.
fn address(url: &str) -> Cow<'_, str> {
    let fits = |character: char| {
        character.is_ascii_graphic() && !matches!(character, '<' | '>' | '"' | '\\' | '^' | '`' | '{' | '|' | '}')
    };
    if url.chars().all(fits) {
        return Cow::Borrowed(url);
    }
    let mut written = String::with_capacity(url.len() + 16);
    for character in url.chars() {
        if fits(character) {
            written.push(character);
        } else {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(written, "%{byte:02X}");
            }
        }
    }
    Cow::Owned(written)
}
