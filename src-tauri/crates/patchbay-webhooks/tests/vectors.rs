//! Every published and computed signature vector of the providers that are implemented.

use bytes::Bytes;
use patchbay_core::{HttpMessageHeaders, HttpRequest, Secret};
use patchbay_webhooks::{Verdict, providers};
use serde::Deserialize;
use time::OffsetDateTime;

#[derive(Deserialize)]
struct Vector {
    id: String,
    provider: String,
    scheme: String,
    accepted: bool,
    secret_parts: Vec<String>,
    secret_encoding: String,
    timestamp: Option<String>,
    now: Option<i64>,
    msg_id: Option<String>,
    body_parts: Vec<String>,
    header_name: String,
    header_value: String,
}

impl Vector {
    fn secret(&self) -> Secret {
        let text = self.secret_parts.concat();
        match self.secret_encoding.as_str() {
            "utf8" => Secret::new(text),
            "base64" => Secret::new(format!("whsec_{text}")),
            "key bytes" => {
                use base64::Engine as _;
                Secret::new(format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode(text)))
            }
            other => panic!("unknown encoding {other}"),
        }
    }

    fn request(&self, with_signature: bool) -> HttpRequest {
        let mut headers = HttpMessageHeaders::default();
        let timestamp = self.timestamp.clone().unwrap_or_default();
        match self.provider.as_str() {
            "slack" => headers.append("x-slack-request-timestamp", timestamp),
            "standard-webhooks" => {
                headers.append("Webhook-Id", self.msg_id.clone().expect("a message id"));
                headers.append("Webhook-Timestamp", timestamp);
            }
            _ => {}
        }
        if with_signature {
            headers.append(&self.header_name.to_lowercase(), self.header_value.clone());
        }
        HttpRequest {
            method: "POST".into(),
            url: "https://example.com/".into(),
            headers,
            body: Bytes::from(self.body_parts.concat()),
        }
    }

    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.now.unwrap_or(1_760_000_000)).expect("a time")
    }
}

fn vectors() -> Vec<Vector> {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("fixtures/vectors.json")).expect("vectors");
    assert!(vectors.len() >= 15, "the fixture should not lose vectors: {}", vectors.len());
    vectors
}

#[test]
fn every_vector_is_judged_as_its_source_says() {
    for vector in vectors() {
        let provider = providers::find(&vector.provider).expect("an implemented provider");
        let verdict = provider.verify(&vector.request(true), &vector.secret(), vector.now());
        // SHA-1 alone is a downgrade: it is signed for old receivers but not trusted.
        let accepted = vector.accepted && vector.scheme != "github-sha1";
        assert_eq!(verdict == Verdict::Accepted, accepted, "{}: {verdict:?}", vector.id);
    }
}

#[test]
fn signing_gives_the_vectors_header() {
    let mut signed = 0;
    for vector in vectors().into_iter().filter(|vector| vector.accepted) {
        let provider = providers::find(&vector.provider).expect("an implemented provider");
        let signature = provider
            .sign(&vector.request(false), &vector.secret(), vector.now(), "00000000-0000-4000-8000-000000000000")
            .expect("a signature");
        let header = signature.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(&vector.header_name));
        assert_eq!(header.map(|(_, value)| value), Some(&vector.header_value), "{}", vector.id);
        signed += 1;
    }
    assert!(signed >= 10, "most vectors are positive: {signed}");
}
