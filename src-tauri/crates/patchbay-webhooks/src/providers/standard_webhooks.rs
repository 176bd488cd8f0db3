//! Standard Webhooks 1.0.0, symmetric scheme: `webhook-signature: v1,<base64 HMAC-SHA256 of "{id}.{timestamp}.{raw body}">`.
//!
//! The key is what `whsec_` + base64 decodes to (spec/standard-webhooks.md). The asymmetric `v1a` entries are
//! ignored when verifying, as the specification asks of a receiver that has no public key.

use crate::error::WebhookError;
use crate::mac;
use crate::provider::{Failure, Handshake, Provider, Refusal, RetrySchedule, Signature, Verdict};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_core::{HttpRequest, Secret};
use std::time::Duration;
use time::OffsetDateTime;
use zeroize::Zeroizing;

const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";
/// The libraries refuse a timestamp further away than this, in either direction.
const TOLERANCE_SECONDS: i64 = 300;

/// The provider `standard-webhooks`.
pub struct StandardWebhooks;

impl Provider for StandardWebhooks {
    fn id(&self) -> &'static str {
        "standard-webhooks"
    }

    /// The specification advises senders to wait 15 to 30 s; the shorter one is the safe assumption.
    fn deadline(&self) -> Option<Duration> {
        Some(Duration::from_secs(15))
    }

    fn sign(
        &self,
        request: &HttpRequest,
        secret: &Secret,
        now: OffsetDateTime,
        delivery: &str,
    ) -> Result<Signature, WebhookError> {
        let key = key(secret).ok_or(WebhookError::SigningSecret {
            provider: self.id(),
            reason: "it is not base64 after the prefix `whsec_`",
        })?;
        let id = request.headers.get(ID).map_or_else(|| format!("msg_{delivery}"), str::to_owned);
        let timestamp = request.headers.get(TIMESTAMP).map_or_else(|| now.unix_timestamp().to_string(), str::to_owned);
        let signature = digest(&key, &id, &timestamp, &request.body);
        Ok(Signature {
            headers: vec![(ID, id), (TIMESTAMP, timestamp), (SIGNATURE, format!("v1,{signature}"))],
            placeholders: vec![("signature", signature)],
        })
    }

    fn verify(&self, request: &HttpRequest, secret: &Secret, now: OffsetDateTime) -> Verdict {
        let Some(key) = key(secret) else {
            return Verdict::Refused(Refusal::SecretMalformed);
        };
        let header = |name: &'static str| request.headers.get(name).ok_or(Refusal::HeaderMissing(name));
        let (id, timestamp, given) = match (header(ID), header(TIMESTAMP), header(SIGNATURE)) {
            (Ok(id), Ok(timestamp), Ok(given)) => (id, timestamp, given),
            (Err(refusal), ..) | (_, Err(refusal), _) | (.., Err(refusal)) => return Verdict::Refused(refusal),
        };
        let Ok(seconds) = timestamp.parse::<i64>() else {
            return Verdict::Refused(Refusal::HeaderMalformed(TIMESTAMP));
        };
        let age_seconds = now.unix_timestamp().saturating_sub(seconds);
        if age_seconds.saturating_abs() > TOLERANCE_SECONDS {
            return Verdict::Refused(Refusal::Stale { age_seconds });
        }
        let expected = digest(&key, id, timestamp, &request.body);
        if given.split(' ').filter_map(|entry| entry.strip_prefix("v1,")).any(|value| mac::equal(value, &expected)) {
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
        RetrySchedule { waits: &WAITS, gives_up_after: None }
    }
}

fn key(secret: &Secret) -> Option<Zeroizing<Vec<u8>>> {
    let text = secret.expose();
    STANDARD.decode(text.strip_prefix("whsec_").unwrap_or(text)).ok().map(Zeroizing::new)
}

fn digest(key: &[u8], id: &str, timestamp: &str, body: &[u8]) -> String {
    STANDARD.encode(mac::hmac_sha256(key, &[id.as_bytes(), b".", timestamp.as_bytes(), b".", body]))
}
