//! Stripe: `Stripe-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "{t}.{raw body}">`.
//!
//! The key is the whole `whsec_…` text, prefix included (stripe-node `src/Webhooks.ts`).

use crate::credentials::Credentials;
use crate::error::WebhookError;
use crate::mac;
use crate::provider::{
    Change, Failure, Forgery, Freshness, Handshake, Provider, Refusal, RetrySchedule, Signature, Verdict,
};
use patchbay_core::{HttpRequest, Secret};
use std::time::Duration;
use time::OffsetDateTime;

const SIGNATURE: &str = "Stripe-Signature";
/// Stripe's libraries refuse older timestamps; they accept any future one.
const TOLERANCE_SECONDS: i64 = 300;

/// The provider `stripe`.
pub struct Stripe;

impl Provider for Stripe {
    fn id(&self) -> &'static str {
        "stripe"
    }

    fn name(&self) -> &'static str {
        "Stripe"
    }

    fn deadline(&self) -> Option<Duration> {
        None
    }

    fn sign(
        &self,
        request: &HttpRequest,
        credentials: &Credentials<'_>,
        now: OffsetDateTime,
        _delivery: &str,
    ) -> Result<Signature, WebhookError> {
        let stated = request.headers.get(SIGNATURE).and_then(|value| entry(value, "t")).map(str::to_owned);
        let timestamp = stated.unwrap_or_else(|| now.unix_timestamp().to_string());
        let signature = digest(credentials.secret, &timestamp, &request.body);
        Ok(Signature {
            headers: vec![(SIGNATURE.into(), format!("t={timestamp},v1={signature}"))],
            placeholders: vec![("signature", signature)],
        })
    }

    fn verify(&self, request: &HttpRequest, credentials: &Credentials<'_>, now: OffsetDateTime) -> Verdict {
        let Some(header) = request.headers.get(SIGNATURE) else {
            return Verdict::Refused(Refusal::HeaderMissing(SIGNATURE.into()));
        };
        let Some((timestamp, seconds)) = entry(header, "t").and_then(|t| Some((t, t.parse::<i64>().ok()?))) else {
            return Verdict::Refused(Refusal::HeaderMalformed(SIGNATURE.into()));
        };
        let expected = digest(credentials.secret, timestamp, &request.body);
        // Two `v1` entries appear while a secret is rolled; `v0` and unknown schemes must not count.
        let matches = entries(header).filter(|(scheme, _)| *scheme == "v1").any(|(_, v)| mac::equal(v, &expected));
        if !matches {
            return Verdict::Refused(Refusal::Mismatch);
        }
        let age_seconds = now.unix_timestamp().saturating_sub(seconds);
        if age_seconds > TOLERANCE_SECONDS {
            return Verdict::Refused(Refusal::Stale { age_seconds });
        }
        Verdict::Accepted
    }

    fn handshake(&self, _request: &HttpRequest) -> Option<Handshake> {
        None
    }

    fn event_id(&self, request: &HttpRequest) -> Option<String> {
        let body: serde_json::Value = serde_json::from_slice(&request.body).ok()?;
        body.get("id")?.as_str().map(str::to_owned)
    }

    fn retry_headers(&self, _attempt: u32, _failure: Failure) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// "Up to three days with an exponential back off"; the intervals are not published.
    fn retry_schedule(&self) -> RetrySchedule {
        RetrySchedule { waits: &[], gives_up_after: Some(Duration::from_hours(72)), at_most: None, longest_wait: None }
    }

    fn retry_policy(&self) -> &'static str {
        "Stripe sends an event again for up to three days with an exponential back off (docs.stripe.com/webhooks/process-undelivered-events)"
    }

    /// Only old timestamps are refused (stripe-node `src/Webhooks.ts`).
    fn freshness(&self, _request: &HttpRequest, _credentials: &Credentials<'_>) -> Option<Freshness> {
        Some(Freshness { past: Duration::from_secs(TOLERANCE_SECONDS.cast_unsigned()), future: None })
    }

    /// `v0` is the scheme of test events, which a receiver must not take instead.
    fn forgeries(&self, _request: &HttpRequest, _credentials: &Credentials<'_>) -> Vec<Forgery> {
        let mut ways = Forgery::of_header(SIGNATURE);
        let change = Change::Header { name: SIGNATURE, from: "v1=", to: "v0=" };
        ways.push(Forgery { what: "only the scheme v0".into(), change });
        ways
    }
}

fn entries(header: &str) -> impl Iterator<Item = (&str, &str)> {
    header.split(',').filter_map(|item| item.trim().split_once('='))
}

fn entry<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    entries(header).find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn digest(secret: &Secret, timestamp: &str, body: &[u8]) -> String {
    let parts: [&[u8]; 3] = [timestamp.as_bytes(), b".", body];
    hex::encode(mac::hmac_sha256(secret.expose().as_bytes(), &parts))
}
