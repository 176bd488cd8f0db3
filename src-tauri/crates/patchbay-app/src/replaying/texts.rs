//! Webhooks from files and from standard input: samples, curl commands, raw requests, HTTP archives.

use super::plan::{Webhook, WebhookContent};
use crate::raw_request;
use crate::wire::error::{ErrorCode, WireError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_core::sample::Sample;
use patchbay_core::{AdapterManifest, HttpMessageHeaders};
use patchbay_replay::trace::Origin;
use patchbay_webhooks::parse::{self, har};
use patchbay_webhooks::{Credentials, Pasted, RecordedRequest, SampleTextError};
use serde_json::Value;

/// Who sends it, where nothing tells.
const UNKNOWN_PROVIDER: &str = "custom";

/// The webhooks that a text is: one, or each entry of an archive.
pub(super) fn webhooks(origin: &Origin, content: &[u8], manifest: &AdapterManifest) -> Result<Vec<Webhook>, WireError> {
    let samples = samples(content, manifest).map_err(|error| in_place(origin, error))?;
    let webhook = |sample: Sample| Webhook {
        origin: origin.clone(),
        sample: None,
        content: WebhookContent::Sample(Box::new(sample)),
        expectation: None,
    };
    Ok(samples.into_iter().map(webhook).collect())
}

fn samples(content: &[u8], manifest: &AdapterManifest) -> Result<Vec<Sample>, WireError> {
    let Ok(text) = std::str::from_utf8(content) else { return raw_bytes(content, manifest).map(|sample| vec![sample]) };
    let pasted = |pasted: Pasted| of_provider(pasted.sample, manifest);
    let refused = |error: &SampleTextError| WireError::from_error(ErrorCode::ReplayInvalidSample, error);
    if !text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).starts_with(['{', '[']) {
        return parse::parse(text).map(|found| vec![pasted(found)]).map_err(|error| refused(&error));
    }
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| not_json(&error))?;
    // A sample says who sends it; an archive never does.
    if value.get("provider").is_some() || value.get("event").is_some() {
        let sample = serde_json::from_str(text.trim_start_matches('\u{feff}'));
        return sample.map(|sample| vec![sample]).map_err(|error| not_a_sample(&error));
    }
    let entries = har::entries(text).map_err(|error| refused(&error))?;
    entries.into_iter().map(|entry| entry.map(pasted).map_err(|error| refused(&error))).collect()
}

/// A raw request whose body is no text.
fn raw_bytes(content: &[u8], manifest: &AdapterManifest) -> Result<Sample, WireError> {
    let request = raw_request::read(content, None)?;
    let body = STANDARD
        .decode(&request.body_base64)
        .map_err(|error| WireError::internal("The body of the request could not be decoded", &error))?;
    let (_, target) = raw_request::place(&request.url);
    let recorded = RecordedRequest {
        provider: manifest.provider.clone().unwrap_or_else(|| UNKNOWN_PROVIDER.to_owned()),
        method: request.method,
        target: target.to_owned(),
        headers: HttpMessageHeaders(request.headers),
        body: body.into(),
    };
    recorded.into_sample(&Credentials::of_secret(None)).map_err(|error| {
        WireError::new(ErrorCode::ReplayInvalidSample, error.to_string())
            .with_hint("Give the request as the provider sent it, without anything taken out")
    })
}

/// Where nothing in a request tells who sent it, it is from whom the adapter expects webhooks.
fn of_provider(mut sample: Sample, manifest: &AdapterManifest) -> Sample {
    if let Some(provider) = manifest.provider.as_ref().filter(|_| sample.provider == UNKNOWN_PROVIDER) {
        sample.provider.clone_from(provider);
    }
    sample
}

fn not_json(error: &serde_json::Error) -> WireError {
    WireError::new(
        ErrorCode::ReplayInvalidSample,
        format!("It is not JSON at line {}, column {}", error.line(), error.column()),
    )
    .with_hint("Give a sample, a curl command, a raw HTTP request or a HAR")
}

fn not_a_sample(error: &serde_json::Error) -> WireError {
    WireError::new(ErrorCode::ReplayInvalidSample, format!("It is not a sample: {error}")).with_hint(
        "A sample has `provider`, `event`, `headers` and a `body` or `body_text`; `patchbay sample show` shows one",
    )
}

/// Which text it is about.
fn in_place(origin: &Origin, mut error: WireError) -> WireError {
    let name = match origin {
        Origin::File(name) => format!("`{name}`"),
        _ => "Standard input".to_owned(),
    };
    let said = std::mem::replace(&mut error.message, format!("{name} cannot be read as a webhook"));
    error.causes.insert(0, said);
    error
}

#[cfg(test)]
mod tests {
    use super::webhooks;
    use crate::replaying::plan::WebhookContent;
    use crate::wire::error::ErrorCode;
    use patchbay_core::AdapterManifest;
    use patchbay_core::sample::Sample;
    use patchbay_replay::trace::Origin;

    fn manifest() -> AdapterManifest {
        let manifest = serde_json::json!({ "provider": "stripe", "compatibility_date": "2026-06-01" });
        serde_json::from_value(manifest).expect("a manifest")
    }

    fn read(content: &[u8]) -> Vec<Sample> {
        let webhooks = webhooks(&Origin::Stdin, content, &manifest()).expect("webhooks");
        webhooks
            .into_iter()
            .map(|webhook| match webhook.content {
                WebhookContent::Sample(sample) => *sample,
            })
            .collect()
    }

    #[test]
    fn every_form_that_a_person_can_copy_is_a_webhook() {
        let curl = "curl https://a.example/hook -H 'X-Slack-Signature: v0=1' -d '{\"a\":1}'";
        assert_eq!(read(curl.as_bytes())[0].provider, "slack");
        let raw = "POST /hook?x=1 HTTP/1.1\r\nHost: a.example\r\nContent-Type: text/plain\r\n\r\nhello";
        let sample = read(raw.as_bytes()).remove(0);
        assert_eq!((sample.provider.as_str(), sample.path.as_deref()), ("stripe", Some("/hook?x=1")));
        let entry = |text: &str| {
            format!(r#"{{"request":{{"method":"POST","url":"https://a.example/","postData":{{"text":"{text}"}}}}}}"#)
        };
        let har = format!(r#"{{"log":{{"entries":[{},{}]}}}}"#, entry("one"), entry("two"));
        assert_eq!(read(har.as_bytes()).len(), 2, "each entry of an archive is a webhook");
        let sample = r#"{"provider":"custom","event":"x","body_text":"{broken"}"#;
        assert_eq!(read(sample.as_bytes())[0].provider, "custom", "a sample says itself who sends it");
        let binary = b"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\n\xff\x00{";
        assert_eq!(read(binary)[0].body_bytes.as_deref(), Some(&b"\xff\x00{"[..]));
    }

    #[test]
    fn what_is_none_says_where_and_what_to_do() {
        for (content, says) in [
            (&b""[..], "empty"),
            (b"{\"provider\": \"slack\",\n 3}", "line 2, column 2"),
            (b"{\"provider\": \"slack\"}", "missing field `event`"),
            (b"{\"log\": {}}", "log.entries"),
            (b"hello", "line 1"),
            (b"\xff\xfe", "not a whole HTTP request"),
        ] {
            let error = webhooks(&Origin::File("a.txt".into()), content, &manifest()).expect_err(says);
            assert_eq!(error.code, ErrorCode::ReplayInvalidSample, "{says}");
            assert!(error.message.contains("`a.txt`"), "{}", error.message);
            assert!(error.causes.concat().contains(says), "{:?}", error.causes);
            assert!(!error.hints.is_empty(), "{says}");
        }
    }
}
