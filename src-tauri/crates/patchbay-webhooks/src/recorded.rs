//! A request that a provider sent once, as a sample that sends it again: the same bytes, signed anew.
//!
//! What proves the request would be refused by now: timestamps are too old, and signatures are not kept where secrets are
//! taken out of what is kept. So those are made again, and everything else is as it was, the ids of the event included.

use crate::credentials::Credentials;
use crate::parse::{event_of_request, is_of_the_connection, renewed};
use crate::providers;
use bytes::Bytes;
use patchbay_core::sample::{Sample, WireStyle};
use patchbay_core::{HttpMessageHeaders, HttpRequest};
use serde_json::{Map, Value};
use time::OffsetDateTime;

/// How a redacted value begins.
const REDACTED: &str = "<redacted:";

/// A request as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedRequest {
    /// Who sent it.
    pub provider: String,
    /// Method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// All of them; those of the connection are left out.
    pub headers: HttpMessageHeaders,
    /// The exact bytes.
    pub body: Bytes,
}

/// Why a kept request cannot be sent again as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordedError {
    /// The value of a secret stood there, which is not kept.
    #[error("{place} held the value of a secret, which is not kept")]
    Redacted {
        /// `The body`, `The URL`, `The header X-Token`.
        place: String,
    },
    /// The body was compressed.
    #[error("The body was compressed ({encoding}), and what it says is kept in the place of its bytes")]
    Compressed {
        /// Its `Content-Encoding`.
        encoding: String,
    },
    /// Only a part of the body is kept.
    #[error("The body had {bytes} bytes, of which {kept} are kept")]
    Cut {
        /// Bytes on the wire.
        bytes: u64,
        /// Bytes that are kept.
        kept: u64,
    },
}

impl RecordedRequest {
    /// The sample that sends it again. `credentials` tell which headers the provider's signature makes.
    pub fn into_sample(self, credentials: &Credentials<'_>) -> Result<Sample, RecordedError> {
        let redacted = |place: &str| RecordedError::Redacted { place: place.to_owned() };
        if self.body.windows(REDACTED.len()).any(|window| window == REDACTED.as_bytes()) {
            return Err(redacted("The body"));
        }
        // In a URL the angle bracket may stand percent-encoded.
        if self.target.contains(REDACTED) || self.target.contains("%3Credacted:") {
            return Err(redacted("The URL"));
        }
        let made = self.made_by_signing(credentials);
        let mut headers: Map<String, Value> = Map::new();
        for (name, value) in self.headers.iter() {
            let lower = name.to_ascii_lowercase();
            if lower.starts_with(':') || is_of_the_connection(&lower) {
                continue;
            }
            let value = match renewed(&lower, value, &self.headers) {
                // An id is the event's, and the event is the same.
                Some(placeholder) if placeholder.contains("{{uuid}}") => value.to_owned(),
                Some(placeholder) if placeholder != value => placeholder,
                _ if made.iter().any(|made| made.eq_ignore_ascii_case(name)) => continue,
                _ => value.to_owned(),
            };
            if value.contains(REDACTED) {
                return Err(redacted(&format!("The header {name}")));
            }
            match headers.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(name)) {
                // Repeated headers are one list (RFC 9110, section 5.3).
                Some((_, existing)) => {
                    *existing = format!("{}, {value}", existing.as_str().unwrap_or_default()).into();
                }
                None => drop(headers.insert(name.to_owned(), value.into())),
            }
        }
        Ok(Sample {
            event: event_of_request(&self.provider, &self.headers, &String::from_utf8_lossy(&self.body)),
            provider: self.provider,
            description: String::new(),
            method: self.method,
            path: (self.target != "/").then_some(self.target),
            headers,
            body: None,
            body_text: None,
            body_bytes: Some(self.body),
            wire: WireStyle::Raw,
        })
    }

    /// Names of the headers that the provider's signature brings along.
    fn made_by_signing(&self, credentials: &Credentials<'_>) -> Vec<String> {
        let bare = HttpRequest {
            method: self.method.clone(),
            url: format!("http://localhost{}", self.target),
            headers: HttpMessageHeaders::default(),
            body: self.body.clone(),
        };
        let signed = providers::find(&self.provider)
            .and_then(|provider| provider.sign(&bare, credentials, OffsetDateTime::UNIX_EPOCH, "").ok());
        signed.map_or_else(Vec::new, |signature| {
            signature.headers.into_iter().map(|(name, _)| name.into_owned()).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{RecordedError, RecordedRequest};
    use crate::{Credentials, Moment, ProviderSettings, Signing, prepare_as};
    use patchbay_core::Secret;
    use serde_json::json;
    use time::OffsetDateTime;

    fn recorded(provider: &str, headers: &[(&str, &str)], body: &[u8]) -> RecordedRequest {
        RecordedRequest {
            provider: provider.into(),
            method: "POST".into(),
            target: "/hook?a={{uuid}}".replace(['{', '}'], "_"),
            headers: headers.iter().copied().collect(),
            body: body.to_vec().into(),
        }
    }

    fn moment() -> Moment {
        Moment { now: OffsetDateTime::now_utc(), uuid: "0b7a".into() }
    }

    #[test]
    fn every_byte_of_the_body_comes_back_and_the_signature_is_of_now() {
        let secret = Secret::new(["a", "signing", "secret"].join("-"));
        let credentials = Credentials::of_secret(Some(&secret));
        // Placeholders, bytes that are no text, white space: nothing is filled, escaped or trimmed.
        let body = b"{\"text\": \"{{uuid}} {{unix_ts}} caf\xc3\xa9\" , \"\xff\": 1}\r\n";
        let headers = [
            ("Host", "hooks.example.com"),
            ("X-Slack-Request-Timestamp", "1500000000"),
            ("X-Slack-Signature", "v0=00"),
            ("X-Slack-Retry-Num", "1"),
        ];
        let sample = recorded("slack", &headers, body).into_sample(&credentials).expect("can be sent again");
        let prepared = prepare_as(&sample, "http://127.0.0.1:1", &credentials, &moment()).expect("prepared");
        assert_eq!(prepared.request.body, &body[..]);
        assert_eq!(prepared.signing, Signing::Signed);
        assert_eq!(prepared.request.headers.get("x-slack-retry-num"), Some("1"));
        assert_eq!(prepared.request.headers.get("host"), None);
    }

    #[test]
    fn the_ids_of_the_event_stay_and_what_a_settings_scheme_signs_is_made_anew() {
        let secret = Secret::new(["a", "signing", "secret"].join("-"));
        let credentials = Credentials::of_secret(Some(&secret));
        let headers =
            [("X-GitHub-Delivery", "11-22"), ("X-GitHub-Event", "push"), ("X-Hub-Signature-256", "sha256=00")];
        let sample = recorded("github", &headers, b"{}").into_sample(&credentials).expect("can be sent again");
        let prepared = prepare_as(&sample, "http://127.0.0.1:1", &credentials, &moment()).expect("prepared");
        assert_eq!(prepared.request.headers.get("x-github-delivery"), Some("11-22"));
        assert_eq!(prepared.signing, Signing::Signed);

        let settings = json!({ "header": "X-Acme-Mac", "algorithm": "hmac-sha256" });
        let settings = ProviderSettings::new("custom", &settings).expect("settings");
        let credentials = Credentials { secret: &secret, settings: &settings, sender: None };
        // The value was redacted or is of another body; either way it is made again.
        let headers = [("X-Acme-Mac", "<redacted:ACME_SECRET>"), ("X-Other", "1")];
        let sample = recorded("custom", &headers, b"x").into_sample(&credentials).expect("can be sent again");
        let prepared = prepare_as(&sample, "http://127.0.0.1:1", &credentials, &moment()).expect("prepared");
        assert_eq!(prepared.signing, Signing::Signed);
        assert_eq!(prepared.request.headers.get("x-other"), Some("1"));
    }

    #[test]
    fn what_is_not_kept_is_not_made_up() {
        let credentials = Credentials::of_secret(None);
        for (headers, body, place) in [
            (vec![], &b"token=<redacted:TOKEN>"[..], "The body"),
            (vec![("X-Api-Key", "<redacted:TOKEN>")], &b"{}"[..], "The header X-Api-Key"),
        ] {
            let refused = recorded("slack", &headers, body).into_sample(&credentials);
            assert_eq!(refused, Err(RecordedError::Redacted { place: place.into() }));
        }
    }
}
