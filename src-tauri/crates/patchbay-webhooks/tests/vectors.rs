//! Every published and computed signature vector whose scheme needs a secret alone.
//!
//! Those of `PayPal` and of Graph's encrypted content stand beside the code they are about, the bare HMACs in `mac.rs`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use patchbay_core::{HttpMessageHeaders, HttpRequest, Secret};
use patchbay_webhooks::{Credentials, Verdict, providers};
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
    method: Option<String>,
    url: Option<String>,
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
            "key bytes" => Secret::new(format!("whsec_{}", STANDARD.encode(text))),
            "base64 of key bytes" => Secret::new(STANDARD.encode(text)),
            "ed25519 public key" => Secret::new(format!("whpk_{text}")),
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
            "hubspot" if self.scheme == "hubspot-v3" => {
                headers.append("X-HubSpot-Request-Timestamp", timestamp);
                // The scheme that a request without a signature asks for is the one it has a header for.
                headers.append("X-HubSpot-Signature-v3", "{{signature}}");
            }
            "hubspot" => headers.append("X-HubSpot-Signature-Version", self.scheme.replace("hubspot-", "")),
            _ => {}
        }
        if with_signature {
            headers.set(&self.header_name.to_lowercase(), self.header_value.clone());
        }
        HttpRequest {
            method: self.method.clone().unwrap_or_else(|| "POST".into()),
            url: self.url.clone().unwrap_or_else(|| "https://example.com/".into()),
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
    assert!(vectors.len() >= 26, "the fixture should not lose vectors: {}", vectors.len());
    vectors
}

#[test]
fn every_vector_is_judged_as_its_source_says() {
    for vector in vectors() {
        let provider = providers::find(&vector.provider).expect("an implemented provider");
        let secret = vector.secret();
        let credentials = Credentials::of_secret(Some(&secret));
        let verdict = provider.verify(&vector.request(true), &credentials, vector.now());
        // SHA-1 alone is a downgrade: it is signed for old receivers but not trusted.
        let accepted = vector.accepted && vector.scheme != "github-sha1";
        assert_eq!(verdict == Verdict::Accepted, accepted, "{}: {verdict:?}", vector.id);
    }
}

#[test]
fn signing_gives_the_vectors_header() {
    let mut signed = 0;
    // The private keys of the Ed25519 vectors are not published.
    for vector in vectors().into_iter().filter(|vector| vector.accepted && vector.scheme != "standard-webhooks-v1a") {
        let secret = vector.secret();
        let credentials = Credentials::of_secret(Some(&secret));
        let provider = providers::find(&vector.provider).expect("an implemented provider");
        let signature = provider
            .sign(&vector.request(false), &credentials, vector.now(), "00000000-0000-4000-8000-000000000000")
            .expect("a signature");
        let header = signature.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(&vector.header_name));
        assert_eq!(header.map(|(_, value)| value), Some(&vector.header_value), "{}", vector.id);
        signed += 1;
    }
    assert!(signed >= 19, "most vectors are positive: {signed}");
}
