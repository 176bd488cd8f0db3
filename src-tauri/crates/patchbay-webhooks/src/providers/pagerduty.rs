//! `PagerDuty` V3 webhooks: `X-PagerDuty-Signature: v1=<hex HMAC-SHA256 of the raw body>[,v1=…]`.
//!
//! The secret is used as text although it looks like base64 (`PagerDuty/go-pagerduty`, `webhookv3`). There is no
//! timestamp; a receiver recognises a replay by `X-Webhook-Id` (`PagerDuty/developer-docs`, `docs/webhooks`).

use crate::credentials::Credentials;
use crate::error::WebhookError;
use crate::mac;
use crate::provider::{Failure, Forgery, Handshake, Provider, Refusal, RetrySchedule, Signature, Verdict};
use crate::reaction::Reaction;
use patchbay_core::{HttpRequest, HttpResponse};
use std::time::Duration;
use time::OffsetDateTime;

const SIGNATURE: &str = "X-PagerDuty-Signature";
const ID: &str = "X-Webhook-Id";

/// The provider `pagerduty`.
pub struct PagerDuty;

impl Provider for PagerDuty {
    fn id(&self) -> &'static str {
        "pagerduty"
    }

    fn name(&self) -> &'static str {
        "PagerDuty"
    }

    /// 16 s for custom incident actions; events have five.
    fn deadline(&self) -> Option<Duration> {
        Some(Duration::from_secs(5))
    }

    fn sign(
        &self,
        request: &HttpRequest,
        credentials: &Credentials<'_>,
        _now: OffsetDateTime,
        delivery: &str,
    ) -> Result<Signature, WebhookError> {
        let signature = digest(credentials, &request.body);
        Ok(Signature {
            headers: vec![(ID.into(), delivery.to_owned()), (SIGNATURE.into(), format!("v1={signature}"))],
            placeholders: vec![("signature", signature)],
        })
    }

    fn verify(&self, request: &HttpRequest, credentials: &Credentials<'_>, _now: OffsetDateTime) -> Verdict {
        let Some(header) = request.headers.get(SIGNATURE) else {
            return Verdict::Refused(Refusal::HeaderMissing(SIGNATURE.into()));
        };
        let expected = digest(credentials, &request.body);
        // Several entries appear while a secret is rotated.
        let mut given = header.split(',').filter_map(|entry| entry.trim().strip_prefix("v1=")).peekable();
        if given.peek().is_none() {
            return Verdict::Refused(Refusal::HeaderMalformed(SIGNATURE.into()));
        }
        if given.any(|value| mac::equal(value, &expected)) {
            Verdict::Accepted
        } else {
            Verdict::Refused(Refusal::Mismatch)
        }
    }

    fn handshake(&self, request: &HttpRequest) -> Option<Handshake> {
        let body: serde_json::Value = serde_json::from_slice(&request.body).ok()?;
        (body.get("event")?.get("event_type")?.as_str()? == "pagey.ping").then_some(Handshake::Ping)
    }

    fn event_id(&self, request: &HttpRequest) -> Option<String> {
        request.headers.get(ID).map(str::to_owned)
    }

    fn retry_headers(&self, _attempt: u32, _failure: Failure) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// "Up to 48 hours"; the intervals are not published.
    fn retry_schedule(&self) -> RetrySchedule {
        RetrySchedule { waits: &[], gives_up_after: Some(Duration::from_hours(48)), at_most: None, longest_wait: None }
    }

    fn retry_policy(&self) -> &'static str {
        "PagerDuty sends an event again for up to 48 hours after a timeout, 429 or 5xx (PagerDuty/developer-docs, docs/webhooks)"
    }

    fn forgeries(&self, _request: &HttpRequest, _credentials: &Credentials<'_>) -> Vec<Forgery> {
        Forgery::of_header(SIGNATURE)
    }

    /// Retries 5xx and 429. Any other 4xx drops the event at once, and three drops in a row disable the subscription
    /// for a day.
    fn reaction(&self, _request: &HttpRequest, response: &HttpResponse) -> Reaction {
        match response.status {
            200..300 => Reaction::Delivered,
            429 | 500..600 => Reaction::Retried,
            _ => Reaction::Dropped,
        }
    }
}

fn digest(credentials: &Credentials<'_>, body: &[u8]) -> String {
    hex::encode(mac::hmac_sha256(credentials.secret.expose().as_bytes(), &[body]))
}
