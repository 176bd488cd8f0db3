//! Slack: Events API, slash commands and interactivity, which share one scheme.
//!
//! `X-Slack-Signature: v0=<hex HMAC-SHA256 of "v0:{timestamp}:{raw body}">`, key = the signing secret as text
//! (docs.slack.dev/authentication/verifying-requests-from-slack).

use crate::credentials::Credentials;
use crate::error::WebhookError;
use crate::mac;
use crate::provider::{
    Failure, Forgery, Freshness, Handshake, NO_RETRIES, Provider, Refusal, RetrySchedule, Signature, Verdict,
};
use crate::reaction::{self, Reaction};
use patchbay_core::{HttpRequest, HttpResponse, Secret};
use std::time::Duration;
use time::OffsetDateTime;

const SIGNATURE: &str = "X-Slack-Signature";
const TIMESTAMP: &str = "X-Slack-Request-Timestamp";
/// The official SDKs refuse a timestamp further away than this, in either direction.
const TOLERANCE_SECONDS: i64 = 300;

/// The provider `slack`.
pub struct Slack;

impl Provider for Slack {
    fn id(&self) -> &'static str {
        "slack"
    }

    fn name(&self) -> &'static str {
        "Slack"
    }

    fn deadline(&self) -> Option<Duration> {
        Some(Duration::from_secs(3))
    }

    fn sign(
        &self,
        request: &HttpRequest,
        credentials: &Credentials<'_>,
        now: OffsetDateTime,
        _delivery: &str,
    ) -> Result<Signature, WebhookError> {
        let timestamp = request.headers.get(TIMESTAMP).map_or_else(|| now.unix_timestamp().to_string(), str::to_owned);
        let signature = digest(credentials.secret, &timestamp, &request.body);
        Ok(Signature {
            headers: vec![(TIMESTAMP.into(), timestamp), (SIGNATURE.into(), format!("v0={signature}"))],
            placeholders: vec![("signature", signature)],
        })
    }

    fn verify(&self, request: &HttpRequest, credentials: &Credentials<'_>, now: OffsetDateTime) -> Verdict {
        let Some(timestamp) = request.headers.get(TIMESTAMP) else {
            return Verdict::Refused(Refusal::HeaderMissing(TIMESTAMP.into()));
        };
        let Some(given) = request.headers.get(SIGNATURE) else {
            return Verdict::Refused(Refusal::HeaderMissing(SIGNATURE.into()));
        };
        let Ok(seconds) = timestamp.parse::<i64>() else {
            return Verdict::Refused(Refusal::HeaderMalformed(TIMESTAMP.into()));
        };
        let age_seconds = now.unix_timestamp().saturating_sub(seconds);
        if age_seconds.saturating_abs() > TOLERANCE_SECONDS {
            return Verdict::Refused(Refusal::Stale { age_seconds });
        }
        if mac::equal(given, &format!("v0={}", digest(credentials.secret, timestamp, &request.body))) {
            Verdict::Accepted
        } else {
            Verdict::Refused(Refusal::Mismatch)
        }
    }

    fn handshake(&self, request: &HttpRequest) -> Option<Handshake> {
        let body: serde_json::Value = serde_json::from_slice(&request.body).ok()?;
        if body.get("type")?.as_str()? != "url_verification" {
            return None;
        }
        Some(Handshake::Challenge(body.get("challenge")?.as_str()?.to_owned()))
    }

    /// Only the Events API has one; commands and interactions are never retried.
    fn event_id(&self, request: &HttpRequest) -> Option<String> {
        let body: serde_json::Value = serde_json::from_slice(&request.body).ok()?;
        body.get("event_id")?.as_str().map(str::to_owned)
    }

    fn retry_headers(&self, attempt: u32, failure: Failure) -> Vec<(&'static str, String)> {
        let reason = match failure {
            Failure::Timeout => "http_timeout",
            Failure::Status => "http_error",
            Failure::Connection => "connection_failed",
        };
        vec![("X-Slack-Retry-Num", attempt.to_string()), ("X-Slack-Retry-Reason", reason.to_owned())]
    }

    /// Almost at once, then about a minute, then about five (Events API only).
    fn retry_schedule(&self) -> RetrySchedule {
        const WAITS: [Duration; 3] = [Duration::ZERO, Duration::from_mins(1), Duration::from_mins(5)];
        RetrySchedule { waits: &WAITS, gives_up_after: None, at_most: None, longest_wait: None }
    }

    fn retry_policy(&self) -> &'static str {
        "Slack sends an event again three times: almost at once, after 1 min and after 5 min (docs.slack.dev/apis/events-api)"
    }

    /// The official SDKs refuse either side (`slackapi/python-slack-sdk`, `slack_sdk/signature/__init__.py`).
    fn freshness(&self, _request: &HttpRequest, _credentials: &Credentials<'_>) -> Option<Freshness> {
        const WINDOW: Duration = Duration::from_secs(TOLERANCE_SECONDS.cast_unsigned());
        Some(Freshness { past: WINDOW, future: Some(WINDOW) })
    }

    fn forgeries(&self, _request: &HttpRequest, _credentials: &Credentials<'_>) -> Vec<Forgery> {
        let mut ways = Forgery::of_header(SIGNATURE);
        ways.push(Forgery::without(TIMESTAMP));
        ways
    }

    /// Only events are retried, and not when the answer says `X-Slack-No-Retry: 1`.
    fn reaction(&self, request: &HttpRequest, response: &HttpResponse) -> Reaction {
        let told_not_to = response.headers.get("X-Slack-No-Retry") == Some("1");
        let retried = self.event_id(request).is_some() && !told_not_to;
        let schedule = if retried { self.retry_schedule() } else { NO_RETRIES };
        reaction::by_status(self.handshake(request).as_ref(), schedule, response)
    }
}

fn digest(secret: &Secret, timestamp: &str, body: &[u8]) -> String {
    let parts: [&[u8]; 4] = [b"v0:", timestamp.as_bytes(), b":", body];
    hex::encode(mac::hmac_sha256(secret.expose().as_bytes(), &parts))
}
