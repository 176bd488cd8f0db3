//! A traced message in the form in which it is compared: URLs with their query apart, forms by field, the headers that
//! somebody chose.

use crate::expect::{body, headers};
use crate::trace::{TracedBody, TracedCall, TracedRequest, TracedResponse};
use reqwest::Url;
use serde_json::{Map, Value, json};

/// Headers that a connection, a runtime or a clock writes.
const NOBODYS: [&str; 16] = [
    "accept-encoding",
    "age",
    "alt-svc",
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "host",
    "keep-alive",
    "server",
    "te",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "vary",
    "via",
];
/// The same, by how they begin or end.
const NOBODYS_BEGIN: [&str; 4] = ["cf-", "x-patchbay-", "x-forwarded-", "x-ratelimit-"];
/// Made anew for each request from the time and the body.
const SIGNATURE: &str = "signature";
const REQUEST_ID: &str = "request-id";

/// What an outbound call said. Its method and the URL without its query are its address.
pub fn call(call: &TracedCall) -> Value {
    let (base, query) = address(&call.request.url);
    let mut said = json!({ "method": call.request.method, "url": base });
    if let Some(query) = query {
        said["query"] = query;
    }
    said["headers"] = chosen(&call.request.headers);
    said["body"] = message_body(&call.request.headers, &call.request.body);
    said["status"] = call.response.status.into();
    said["answered_by"] = call.answered_by.as_str().into();
    said["interruption"] = call.interruption.clone().into();
    said
}

/// What an outbound call is called, for people.
pub fn name(call: &TracedCall) -> String {
    format!("{} {}", call.request.method, address(&call.request.url).0)
}

/// What the sender got.
pub fn answer(response: &TracedResponse) -> Value {
    json!({
        "status": response.status,
        "headers": chosen(&response.headers),
        "body": message_body(&response.headers, &response.body),
    })
}

/// What the adapter was sent. Headers are the sender's business: what they sign is new each time.
pub fn webhook(request: &TracedRequest) -> Value {
    let path = Url::parse(&request.url).map_or_else(|_| request.url.clone(), |url| url.path().to_owned());
    json!({
        "method": request.method,
        "path": path,
        "body": message_body(&request.headers, &request.body),
    })
}

fn address(url: &str) -> (&str, Option<Value>) {
    match url.split_once('?') {
        Some((base, query)) => (base, Some(fields(query))),
        None => (url, None),
    }
}

/// The fields of a query or a form; one that is given more than once has a list.
fn fields(encoded: &str) -> Value {
    let Ok(mut url) = Url::parse("http://localhost/") else { return encoded.into() };
    url.set_query(Some(encoded));
    let mut fields = Map::new();
    for (name, value) in url.query_pairs() {
        let value = Value::from(value.as_ref());
        match fields.get_mut(name.as_ref()) {
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = json!([first.clone(), value]),
            None => drop(fields.insert(name.into_owned(), value)),
        }
    }
    Value::Object(fields)
}

fn message_body(headers: &[(String, String)], sent: &TracedBody) -> Value {
    let is_form = headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("content-type") && value.starts_with("application/x-www-form-urlencoded")
    });
    if is_form && !sent.base64 { fields(&sent.text) } else { body(sent) }
}

fn chosen(sent: &[(String, String)]) -> Value {
    let mut all = headers(sent);
    if let Some(fields) = all.as_object_mut() {
        fields.retain(|name, _| {
            let is_nobodys = NOBODYS.contains(&name.as_str())
                || NOBODYS_BEGIN.iter().any(|begin| name.starts_with(begin))
                || name.contains(SIGNATURE)
                || name.ends_with(REQUEST_ID);
            !is_nobodys
        });
    }
    all
}
