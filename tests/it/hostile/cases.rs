//! Requests that break careless adapters, by the case that they are of.

use super::sender::Sender;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_core::HttpRequest;
use serde_json::Value;
use std::fmt::Write as _;
use std::io::Write as _;
use time::{Duration, OffsetDateTime};

/// What has to become of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// It is the event all the same.
    Taken,
    /// It is answered without any call to an upstream.
    Refused,
    /// Either of them.
    Answered,
}

/// A request of a case.
pub struct Attempt {
    pub case: &'static str,
    pub request: HttpRequest,
    pub expected: Expected,
}

/// The attempts of every case that this sender can make.
pub fn attempts(sender: &Sender<'_>) -> Vec<Attempt> {
    let mut all = Vec::new();
    for (case, expected, headers, change) in bodies() {
        if let Some(request) = sender.event_with(change, headers) {
            all.push(Attempt { case, request, expected });
        }
    }
    let mut add = |case, expected, request| all.push(Attempt { case, request, expected });
    for method in ["GET", "HEAD", "OPTIONS", "PUT"] {
        let mut request = sender.event();
        request.method = method.into();
        add("methods", Expected::Refused, request);
    }
    headers(sender, &mut add);
    if !sender.signs_with_own_keys() {
        signatures(sender, &mut add);
        times(sender, &mut add);
    }
    all
}

type Change = Box<dyn FnOnce(&str) -> Vec<u8>>;
type Body = (&'static str, Expected, &'static [(&'static str, &'static str)], Change);

fn bodies() -> Vec<Body> {
    use Expected::{Answered, Refused, Taken};
    const NONE: &[(&str, &str)] = &[];
    let whole = |text: &'static str| -> Change { Box::new(move |_| text.into()) };
    let beside =
        |fields: String| -> Change { Box::new(move |body| body.replacen('{', &format!("{{{fields},"), 1).into()) };
    let in_texts = |text: &'static str| -> Change { Box::new(move |body| with_text(body, text)) };
    let keys = (0..10_000).fold(String::new(), |mut keys, number| {
        let _ = write!(keys, ",\"k{number}\":0");
        keys
    });
    let mut all: Vec<Body> = vec![
        ("bom", Taken, NONE, Box::new(|body| format!("\u{feff}{body}").into())),
        ("invalid-utf8", Refused, NONE, Box::new(|_| vec![0x22, 0xff, 0x22])),
        ("nul", Answered, NONE, in_texts("a\0b")),
        ("emoji-zwj", Taken, NONE, in_texts("👨‍👩‍👧‍👦 🇪🇺 👍🏽 e\u{301} \u{202e}abc")),
        ("latin1-charset", Taken, &[("Content-Type", "application/json; charset=iso-8859-1")], in_texts("ñ")),
        (
            "utf16-charset",
            Refused,
            &[("Content-Type", "application/json; charset=utf-16")],
            Box::new(|body| body.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ),
        ("empty", Refused, NONE, whole("")),
        ("dup-keys", Taken, NONE, Box::new(with_keys_twice)),
        (
            "odd-keys",
            Taken,
            NONE,
            beside(r#""":0,"then":1,"toString":1,"hasOwnProperty":1,"__proto__":{"x":1}"#.into()),
        ),
        ("odd-keys", Taken, NONE, beside(format!("\"{}\":1", "k".repeat(10_000)))),
        ("deep-10k", Taken, NONE, beside(format!("\"deep\":{}{}", "[".repeat(10_000), "]".repeat(10_000)))),
        ("int-2p53", Taken, NONE, beside(r#""large":9007199254740993"#.into())),
        ("num-extreme", Taken, NONE, beside(r#""huge":1e400,"zero":-0,"n":1E2,"d":0.1000,"small":1e-400"#.into())),
        ("size-1mb", Taken, NONE, beside(format!("\"large\":\"{}\"", "x".repeat(1024 * 1024)))),
        ("size-25mb", Refused, NONE, beside(format!("\"large\":\"{}\"", "x".repeat(25 * 1024 * 1024)))),
        ("wide", Taken, NONE, beside(format!("\"wide\":[{}0]{keys}", "0,".repeat(100_000)))),
        ("gzip", Refused, &[("Content-Encoding", "gzip")], Box::new(|body| gzipped(body.as_bytes()))),
        ("new-fields", Taken, NONE, beside(r#""new":{"kind":"never_seen_before"}"#.into())),
        ("inj-slack", Taken, NONE, in_texts("<!channel> <@U1> & < >")),
        ("inj-soql", Taken, NONE, in_texts("' OR Name LIKE '%")),
        ("inj-sheet", Taken, NONE, in_texts("=HYPERLINK(\"https://example.com\")")),
    ];
    for scalar in ["null", "42", "\"x\"", "true"] {
        all.push(("scalar-root", Refused, NONE, whole(scalar)));
    }
    for text in ["<html>", "{\"a\":NaN}", "{\"a\":1,}", "{/* a */\"a\":1}", "{\"a\":1}\n{\"a\":1}"] {
        all.push(("not-json", Refused, NONE, whole(text)));
    }
    all
}

fn headers(sender: &Sender<'_>, add: &mut impl FnMut(&'static str, Expected, HttpRequest)) {
    let signed_by = sender.signature_headers();
    let mut request = sender.event();
    for name in &signed_by {
        let value = request.headers.get(name).unwrap_or_default().to_owned();
        request.headers.append(name, value);
    }
    add("hdr-dup", Expected::Answered, request);
    let mut request = sender.event();
    for (name, _) in &mut request.headers.0 {
        *name = name
            .chars()
            .map(|sign| if sign.is_ascii_lowercase() { sign.to_ascii_uppercase() } else { sign.to_ascii_lowercase() })
            .collect();
    }
    add("hdr-case", Expected::Taken, request);
    let mut request = sender.event();
    for name in &signed_by {
        request.headers.remove(name);
    }
    add("hdr-missing", Expected::Refused, request);
    let id = ["X-Event-Id", "webhook-id", "X-GitHub-Delivery", "X-Webhook-Id", "X-Slack-Retry-Reason"];
    if let Some(name) = id.into_iter().find(|name| sender.sample.header_list().get(name).is_some()) {
        let mut request = sender.event();
        request.headers.set(name, "zażółć-🪑");
        if !sender.signs_with_own_keys() {
            sender.sign(&mut request, &sender.secret, OffsetDateTime::now_utc());
        }
        add("hdr-nonlatin", Expected::Answered, request);
    }
    if sender.signs_with_own_keys() {
        let mut request = sender.event();
        request.headers.set("PAYPAL-CERT-URL", "https://evil.example/v1/notifications/certs/CERT-example");
        add("sig-paypal-cert-host", Expected::Refused, request);
    }
}

fn signatures(sender: &Sender<'_>, add: &mut impl FnMut(&'static str, Expected, HttpRequest)) {
    let names = sender.signature_headers();
    let changed = |change: &dyn Fn(&str) -> String| {
        let mut request = sender.event();
        for name in &names {
            let value = change(request.headers.get(name).unwrap_or_default());
            request.headers.set(name, value);
        }
        request
    };
    add(
        "sig-upper-hex",
        Expected::Answered,
        changed(&|value| {
            let (prefix, digest) = value.rsplit_once('=').unwrap_or(("", value));
            if prefix.is_empty() { digest.to_uppercase() } else { format!("{prefix}={}", digest.to_uppercase()) }
        }),
    );
    add(
        "sig-10k",
        Expected::Answered,
        changed(&|value| {
            let other =
                value.rsplit([',', ' ']).next().unwrap_or_default().replace(|sign: char| sign.is_ascii_digit(), "0");
            let separator = if value.contains("v1,") { " " } else { "," };
            vec![other; 10_000].join(separator)
        }),
    );
    let mut downgraded = changed(&|value| match value {
        value if value.contains("v1") => value.replacen("v1", "v0", 1),
        value => value.replace("v0=", "v1=").replace("sha256=", "sha1=").replace("HMAC ", "MD5 "),
    });
    downgraded.headers.remove("X-Hub-Signature-256");
    downgraded.headers.remove("X-HubSpot-Signature-v3");
    add("sig-downgrade", Expected::Refused, downgraded);
    let now = OffsetDateTime::now_utc();
    let secret = &sender.secret;
    let encoded = STANDARD.encode(secret);
    let wrong = match sender.provider.id() {
        // Its secret is base64 already: the key would be the text.
        "standard-webhooks" => format!("whsec_{encoded}"),
        _ => encoded,
    };
    let mut request = sender.event();
    sender.sign(&mut request, &wrong, now);
    add("sig-b64-key", Expected::Refused, request);
    if sender.provider.id() == "stripe" {
        let mut request = sender.event();
        let other = secret.strip_prefix("whsec_").map_or_else(|| format!("whsec_{secret}"), str::to_owned);
        sender.sign(&mut request, &other, now);
        add("sig-prefix", Expected::Refused, request);
    }
}

/// Names of headers that hold the time.
const TIMES: [&str; 3] = ["X-Slack-Request-Timestamp", "X-HubSpot-Request-Timestamp", "webhook-timestamp"];

pub fn has_time(sender: &Sender<'_>) -> bool {
    sender.provider.id() == "stripe" || TIMES.iter().any(|name| sender.sample.header_list().get(name).is_some())
}

fn times(sender: &Sender<'_>, add: &mut impl FnMut(&'static str, Expected, HttpRequest)) {
    if !has_time(sender) {
        return;
    }
    let now = OffsetDateTime::now_utc();
    add("ts-301", Expected::Refused, sender.event_at(now - Duration::seconds(360)));
    for (case, times) in [("ts-ms", &["1790000000000"][..]), ("ts-nan", &["abc", "-1", "", "1e9", "0001760000000"][..])]
    {
        for time in times {
            let mut request = sender.event();
            if let Some(name) = TIMES.into_iter().find(|name| request.headers.get(name).is_some()) {
                // HubSpot counts in milliseconds.
                let time = if case == "ts-ms" && name.starts_with("X-Hub") { "1790000000" } else { time };
                request.headers.set(name, time);
                sender.sign(&mut request, &sender.secret, now);
            } else {
                let value = request.headers.get("Stripe-Signature").unwrap_or_default().to_owned();
                let rest = value.split_once(',').map_or("", |(_, rest)| rest);
                request.headers.set("Stripe-Signature", format!("t={time},{rest}"));
            }
            add(case, Expected::Refused, request);
        }
    }
}

/// Puts a text after each text that a person wrote: those with a space.
fn with_text(body: &str, text: &str) -> Vec<u8> {
    fn walk(value: &mut Value, text: &str) {
        match value {
            Value::String(held) if held.contains(' ') => {
                held.push(' ');
                held.push_str(text);
            }
            Value::Array(items) => items.iter_mut().for_each(|item| walk(item, text)),
            Value::Object(fields) => fields.values_mut().for_each(|field| walk(field, text)),
            _ => {}
        }
    }
    let mut body: Value = serde_json::from_str(body).expect("the usual event is JSON");
    walk(&mut body, text);
    body.to_string().into()
}

/// Every key of the event twice, first with null.
fn with_keys_twice(body: &str) -> Vec<u8> {
    let value: Value = serde_json::from_str(body).expect("the usual event is JSON");
    let event = value.get(0).unwrap_or(&value).as_object().expect("an event is an object");
    let first: String = event.keys().fold(String::new(), |mut keys, key| {
        let _ = write!(keys, "{}:null,", Value::from(key.as_str()));
        keys
    });
    body.replacen('{', &format!("{{{first}"), 1).into()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}
