//! Standard Webhooks 1.0.0: `webhook-signature` lists entries over `{id}.{timestamp}.{raw body}`, separated by spaces.
//!
//! - `v1,<base64 HMAC-SHA256>`, key `whsec_` + base64;
//! - `v1a,<base64 Ed25519>`, signed with `whsk_` + base64 (seed, or seed and public key) and verified with `whpk_`. The
//!   simulated sender signs for whoever has its public key ([`SenderKeys::standard_webhooks_public_key`]).
//!
//! The signing secret may list several keys, separated by spaces, as while one is rotated: each signs an entry
//! (spec/standard-webhooks.md).

use crate::credentials::Credentials;
use crate::error::WebhookError;
use crate::mac;
use crate::provider::{Failure, Forgery, Freshness, Handshake, Provider, Refusal, RetrySchedule, Signature, Verdict};
use crate::reaction::Reaction;
#[cfg(doc)]
use crate::sender_keys::SenderKeys;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use patchbay_core::{HttpRequest, HttpResponse, Secret};
use std::time::Duration;
use time::OffsetDateTime;
use zeroize::Zeroizing;

const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";
/// The libraries refuse a timestamp further away than this, in either direction.
const TOLERANCE_SECONDS: i64 = 300;
/// A header may list thousands of entries; checking one costs a curve operation.
const MOST_ASYMMETRIC_ENTRIES: usize = 16;

/// The provider `standard-webhooks`.
pub struct StandardWebhooks;

impl Provider for StandardWebhooks {
    fn id(&self) -> &'static str {
        "standard-webhooks"
    }

    fn name(&self) -> &'static str {
        "Standard Webhooks"
    }

    /// The specification advises senders to wait 15 to 30 s; the shorter one is the safe assumption.
    fn deadline(&self) -> Option<Duration> {
        Some(Duration::from_secs(15))
    }

    fn own_keys(&self) -> Option<&'static str> {
        Some("For `v1a`, the public key `whpk_…` of the simulated sender, kept as the signing secret")
    }

    fn sign(
        &self,
        request: &HttpRequest,
        credentials: &Credentials<'_>,
        now: OffsetDateTime,
        delivery: &str,
    ) -> Result<Signature, WebhookError> {
        let refused = |reason| WebhookError::SigningSecret { provider: self.id(), reason };
        let keys = keys(credentials.secret).map_err(refused)?;
        let id = request.headers.get(ID).map_or_else(|| format!("msg_{delivery}"), str::to_owned);
        let timestamp = request.headers.get(TIMESTAMP).map_or_else(|| now.unix_timestamp().to_string(), str::to_owned);
        let signed = signed_bytes(&id, &timestamp, &request.body);
        let (mut entries, mut placeholders) = (Vec::new(), Vec::new());
        for key in &keys {
            let (entry, placeholder, value) = match key {
                Key::Symmetric(key) => {
                    let value = STANDARD.encode(mac::hmac_sha256(key, &[&signed]));
                    (format!("v1,{value}"), "signature", value)
                }
                Key::Signing(key) => edwards_entry(key, &signed),
                Key::Verifying(public) => {
                    let own = credentials.sender_keys().edwards();
                    if own.verifying_key() != *public {
                        continue;
                    }
                    edwards_entry(&own, &signed)
                }
            };
            entries.push(entry);
            placeholders.push((placeholder, value));
        }
        if entries.is_empty() {
            return Err(refused(
                "it is another sender's public key; use that of the simulated sender (`patchbay sample providers` shows it)",
            ));
        }
        Ok(Signature {
            headers: vec![(ID.into(), id), (TIMESTAMP.into(), timestamp), (SIGNATURE.into(), entries.join(" "))],
            placeholders,
        })
    }

    fn verify(&self, request: &HttpRequest, credentials: &Credentials<'_>, now: OffsetDateTime) -> Verdict {
        let Ok(keys) = keys(credentials.secret) else {
            return Verdict::Refused(Refusal::SecretMalformed);
        };
        let header = |name: &'static str| request.headers.get(name).ok_or(Refusal::HeaderMissing(name.into()));
        let (id, timestamp, given) = match (header(ID), header(TIMESTAMP), header(SIGNATURE)) {
            (Ok(id), Ok(timestamp), Ok(given)) => (id, timestamp, given),
            (Err(refusal), ..) | (_, Err(refusal), _) | (.., Err(refusal)) => return Verdict::Refused(refusal),
        };
        let Ok(seconds) = timestamp.parse::<i64>() else {
            return Verdict::Refused(Refusal::HeaderMalformed(TIMESTAMP.into()));
        };
        let age_seconds = now.unix_timestamp().saturating_sub(seconds);
        if age_seconds.saturating_abs() > TOLERANCE_SECONDS {
            return Verdict::Refused(Refusal::Stale { age_seconds });
        }
        let signed = signed_bytes(id, timestamp, &request.body);
        if keys.iter().any(|key| key.accepts(given, &signed)) {
            Verdict::Accepted
        } else {
            Verdict::Refused(Refusal::Mismatch)
        }
    }

    fn handshake(&self, _request: &HttpRequest) -> Option<Handshake> {
        None
    }

    fn event_id(&self, request: &HttpRequest) -> Option<String> {
        request.headers.get(ID).map(str::to_owned)
    }

    fn retry_headers(&self, _attempt: u32, _failure: Failure) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// The specification's suggestion: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
    fn retry_schedule(&self) -> RetrySchedule {
        const WAITS: [Duration; 9] = [
            Duration::from_secs(5),
            Duration::from_mins(5),
            Duration::from_mins(30),
            Duration::from_hours(2),
            Duration::from_hours(5),
            Duration::from_hours(10),
            Duration::from_hours(14),
            Duration::from_hours(20),
            Duration::from_hours(24),
        ];
        RetrySchedule { waits: &WAITS, gives_up_after: None, at_most: None, longest_wait: None }
    }

    fn retry_policy(&self) -> &'static str {
        "The specification advises 9 retries: after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h (standard-webhooks, spec/standard-webhooks.md)"
    }

    /// The libraries refuse either side.
    fn freshness(&self, _request: &HttpRequest, _credentials: &Credentials<'_>) -> Option<Freshness> {
        const WINDOW: Duration = Duration::from_secs(TOLERANCE_SECONDS.cast_unsigned());
        Some(Freshness { past: WINDOW, future: Some(WINDOW) })
    }

    fn forgeries(&self, _request: &HttpRequest, _credentials: &Credentials<'_>) -> Vec<Forgery> {
        let mut ways = Forgery::of_header(SIGNATURE);
        ways.extend([Forgery::without(TIMESTAMP), Forgery::without(ID)]);
        ways
    }

    /// 410 Gone is the receiver's way to unsubscribe.
    fn reaction(&self, _request: &HttpRequest, response: &HttpResponse) -> Reaction {
        match response.status {
            200..300 => Reaction::Delivered,
            410 => Reaction::Disabled,
            _ => Reaction::Retried,
        }
    }
}

/// The entry of a `v1a` signature, with its placeholder.
fn edwards_entry(key: &SigningKey, signed: &[u8]) -> (String, &'static str, String) {
    let value = STANDARD.encode(key.sign(signed).to_bytes());
    (format!("v1a,{value}"), "signature_ed25519", value)
}

enum Key {
    Symmetric(Zeroizing<Vec<u8>>),
    Signing(Box<SigningKey>),
    Verifying(VerifyingKey),
}

impl Key {
    fn read(text: &str) -> Result<Self, &'static str> {
        let bytes = |text: &str| STANDARD.decode(text).ok().map(Zeroizing::new);
        if let Some(text) = text.strip_prefix("whsk_") {
            let refused = "it is not an Ed25519 key of 32 or 64 bytes in base64 after the prefix `whsk_`";
            let bytes = bytes(text).filter(|bytes| matches!(bytes.len(), 32 | 64)).ok_or(refused)?;
            let seed = bytes.first_chunk::<32>().ok_or(refused)?;
            let key = SigningKey::from_bytes(seed);
            // Of a pair whose halves do not belong together, receivers would get the wrong public key.
            if bytes.len() == 64 && bytes[32..] != key.verifying_key().to_bytes() {
                return Err("its public half does not belong to its private half");
            }
            return Ok(Self::Signing(Box::new(key)));
        }
        if let Some(text) = text.strip_prefix("whpk_") {
            let bytes = bytes(text).and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
            let key = bytes.and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
            return key
                .map(Self::Verifying)
                .ok_or("it is not an Ed25519 public key in base64 after the prefix `whpk_`");
        }
        let text = text.strip_prefix("whsec_").unwrap_or(text);
        bytes(text).map(Self::Symmetric).ok_or("it is not base64 after the prefix `whsec_`")
    }

    fn accepts(&self, given: &str, signed: &[u8]) -> bool {
        let public = match self {
            Self::Symmetric(key) => {
                let expected = STANDARD.encode(mac::hmac_sha256(key, &[signed]));
                let mut entries = given.split(' ').filter_map(|entry| entry.strip_prefix("v1,"));
                return entries.any(|value| mac::equal(value, &expected));
            }
            Self::Signing(key) => key.verifying_key(),
            Self::Verifying(key) => *key,
        };
        let entries = given.split(' ').filter_map(|entry| entry.strip_prefix("v1a,")).take(MOST_ASYMMETRIC_ENTRIES);
        entries
            .filter_map(|value| ed25519_dalek::Signature::from_slice(&STANDARD.decode(value).ok()?).ok())
            .any(|signature| public.verify_strict(signed, &signature).is_ok())
    }
}

fn keys(secret: &Secret) -> Result<Vec<Key>, &'static str> {
    let keys: Vec<Key> = secret.expose().split_whitespace().map(Key::read).collect::<Result<_, _>>()?;
    if keys.is_empty() { Err("it is empty") } else { Ok(keys) }
}

fn signed_bytes(id: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat()
}
