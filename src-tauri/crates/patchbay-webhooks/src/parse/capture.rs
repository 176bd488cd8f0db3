//! A captured request on its way to a sample file.

use super::error::SampleTextError;
use super::recognise::{event_of, provider_of};
use crate::body;
use patchbay_core::HttpMessageHeaders;
use patchbay_core::sample::{Sample, WireStyle};
use serde_json::{Map, Value};

/// A sample and what was not taken over.
#[derive(Debug, Clone, PartialEq)]
pub struct Pasted {
    /// The sample, ready to be kept.
    pub sample: Sample,
    /// Names of headers and options with credentials of the captured request: a sample file must hold none.
    pub left_out: Vec<String>,
}

/// One request as somebody captured it.
pub struct Capture {
    pub method: String,
    pub url: String,
    pub headers: HttpMessageHeaders,
    pub body: Vec<u8>,
    pub left_out: Vec<String>,
}

/// Headers that belong to one connection, or that are computed anew for every request.
const OF_THE_CONNECTION: [&str; 10] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Header (in lower case) → what a sample has instead, so that it can be sent at any time.
const RENEWED: [(&str, &str); 18] = [
    ("paypal-transmission-id", "{{uuid}}"),
    ("paypal-transmission-sig", "{{signature}}"),
    ("paypal-transmission-time", "{{iso_seconds}}"),
    ("stripe-signature", "t={{unix_ts}},v1={{signature}}"),
    ("webhook-id", "msg_{{uuid}}"),
    ("webhook-signature", "{{signature}}"),
    ("webhook-timestamp", "{{unix_ts}}"),
    ("x-github-delivery", "{{uuid}}"),
    ("x-hub-signature", "sha1={{signature_sha1}}"),
    ("x-hub-signature-256", "sha256={{signature}}"),
    ("x-hubspot-request-timestamp", "{{unix_ms}}"),
    ("x-hubspot-signature-v3", "{{signature}}"),
    ("x-pagerduty-signature", "v1={{signature}}"),
    ("x-slack-request-timestamp", "{{unix_ts}}"),
    ("x-slack-signature", "{{signature}}"),
    ("x-webhook-id", "{{uuid}}"),
    ("x-event-id", "{{uuid}}"),
    ("x-request-timestamp", "{{unix_ts}}"),
];

impl Capture {
    /// The sample of this request.
    pub fn into_sample(self) -> Result<Pasted, SampleTextError> {
        let url = url::Url::parse(&self.url).map_err(SampleTextError::Url)?;
        let text = String::from_utf8(self.body)
            .map_err(|error| SampleTextError::NotUtf8 { offset: error.utf8_error().valid_up_to() })?;
        let provider = provider_of(&self.headers, &url, &text);
        let event = event_of(provider, &self.headers, &text);
        let mut left_out = self.left_out;
        let headers = headers(&self.headers, &mut left_out);
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut sample = Sample {
            provider: provider.to_owned(),
            event,
            description: String::new(),
            method: self.method,
            path: (path != "/").then(|| path.to_owned()),
            headers,
            body: None,
            body_text: None,
            body_bytes: None,
            wire: WireStyle::Compact,
        };
        put_body(&mut sample, without_session(text, &mut left_out));
        Ok(Pasted { sample, left_out })
    }
}

/// Whether a header, in lower case, belongs to one connection.
pub fn is_of_the_connection(lower: &str) -> bool {
    OF_THE_CONNECTION.contains(&lower)
}

fn headers(captured: &HttpMessageHeaders, left_out: &mut Vec<String>) -> Map<String, Value> {
    let mut headers: Map<String, Value> = Map::new();
    for (name, value) in captured.iter() {
        let lower = name.to_ascii_lowercase();
        if lower.starts_with(':') || is_of_the_connection(&lower) {
            continue;
        }
        let Some(value) = renewed(&lower, value, captured) else {
            left_out.push(name.to_owned());
            continue;
        };
        let existing = headers.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        match existing {
            // A renewed value stands for all entries; other repeated headers are one list (RFC 9110, section 5.3).
            Some(existing) if *existing == value => {}
            Some(existing) => *existing = format!("{}, {value}", existing.as_str().unwrap_or_default()).into(),
            None => {
                headers.insert(name.to_owned(), value.into());
            }
        }
    }
    headers
}

/// What the sample has for a header; `None` for a credential.
pub fn renewed(lower: &str, value: &str, all: &HttpMessageHeaders) -> Option<String> {
    if let Some((_, placeholder)) = RENEWED.iter().find(|(name, _)| *name == lower) {
        return Some((*placeholder).to_owned());
    }
    match lower {
        "authorization" if value.starts_with("HMAC ") => return Some("{{signature}}".into()),
        "x-hubspot-signature" => {
            let version = all.get("x-hubspot-signature-version").unwrap_or("v1");
            return Some(format!("{{{{signature_{version}}}}}"));
        }
        _ => {}
    }
    if lower.contains("signature") && !lower.contains("version") && !lower.contains("algo") {
        return Some("{{signature}}".into());
    }
    let credential = ["authorization", "cookie", "token", "secret", "api-key", "apikey", "password", "credential"];
    if credential.iter().any(|word| lower.contains(word)) { None } else { Some(value.to_owned()) }
}

/// A session id of Salesforce is a live credential.
fn without_session(text: String, left_out: &mut Vec<String>) -> String {
    let (open, close) = ("<SessionId>", "</SessionId>");
    let Some(start) = text.find(open) else { return text };
    let Some(length) = text[start..].find(close) else { return text };
    left_out.push("SessionId".into());
    format!("{}<SessionId>example-session</SessionId>{}", &text[..start], &text[start + length + close.len()..])
}

/// As JSON where a wire style gives back the same bytes, else as it is.
fn put_body(sample: &mut Sample, text: String) {
    if text.is_empty() {
        return;
    }
    if let Ok(value) = serde_json::from_str::<Value>(&text) {
        for wire in [WireStyle::Compact, WireStyle::SlackEscaped, WireStyle::Pretty2] {
            if body::in_style(&value, wire) == text {
                sample.body = Some(value);
                sample.wire = wire;
                return;
            }
        }
    }
    sample.body_text = Some(text);
    sample.wire = WireStyle::Raw;
}
