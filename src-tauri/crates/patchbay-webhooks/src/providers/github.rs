//! GitHub: `X-Hub-Signature-256: sha256=<hex HMAC-SHA256 of the raw body>`, and the SHA-1 header beside it.
//!
//! There is no timestamp; a receiver recognises a replay by `X-GitHub-Delivery`
//! (docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries).

use crate::credentials::Credentials;
use crate::error::WebhookError;
use crate::mac;
use crate::provider::{Failure, Forgery, Handshake, NO_RETRIES, Provider, Refusal, RetrySchedule, Signature, Verdict};
use patchbay_core::HttpRequest;
use std::time::Duration;
use time::OffsetDateTime;

const SIGNATURE: &str = "X-Hub-Signature-256";
const LEGACY_SIGNATURE: &str = "X-Hub-Signature";

/// The provider `github`.
pub struct GitHub;

impl Provider for GitHub {
    fn id(&self) -> &'static str {
        "github"
    }

    fn name(&self) -> &'static str {
        "GitHub"
    }

    fn deadline(&self) -> Option<Duration> {
        Some(Duration::from_secs(10))
    }

    fn sign(
        &self,
        request: &HttpRequest,
        credentials: &Credentials<'_>,
        _now: OffsetDateTime,
        delivery: &str,
    ) -> Result<Signature, WebhookError> {
        let key = credentials.secret.expose().as_bytes();
        let sha256 = hex::encode(mac::hmac_sha256(key, &[&request.body]));
        let sha1 = hex::encode(mac::hmac_sha1(key, &[&request.body]));
        Ok(Signature {
            headers: vec![
                ("X-GitHub-Delivery".into(), delivery.to_owned()),
                (LEGACY_SIGNATURE.into(), format!("sha1={sha1}")),
                (SIGNATURE.into(), format!("sha256={sha256}")),
            ],
            placeholders: vec![("signature", sha256), ("signature_sha1", sha1)],
        })
    }

    /// Trusts the SHA-256 header alone: whoever falls back to SHA-1 can be downgraded.
    fn verify(&self, request: &HttpRequest, credentials: &Credentials<'_>, _now: OffsetDateTime) -> Verdict {
        let Some(given) = request.headers.get(SIGNATURE) else {
            return Verdict::Refused(Refusal::HeaderMissing(SIGNATURE.into()));
        };
        let Some(given) = given.strip_prefix("sha256=") else {
            return Verdict::Refused(Refusal::HeaderMalformed(SIGNATURE.into()));
        };
        let expected = hex::encode(mac::hmac_sha256(credentials.secret.expose().as_bytes(), &[&request.body]));
        if mac::equal(given, &expected) { Verdict::Accepted } else { Verdict::Refused(Refusal::Mismatch) }
    }

    fn handshake(&self, request: &HttpRequest) -> Option<Handshake> {
        (request.headers.get("X-GitHub-Event")? == "ping").then_some(Handshake::Ping)
    }

    fn event_id(&self, request: &HttpRequest) -> Option<String> {
        request.headers.get("X-GitHub-Delivery").map(str::to_owned)
    }

    fn retry_headers(&self, _attempt: u32, _failure: Failure) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// GitHub does not redeliver by itself; a person can, with the same delivery id.
    fn retry_schedule(&self) -> RetrySchedule {
        NO_RETRIES
    }

    fn retry_policy(&self) -> &'static str {
        "GitHub does not send a failed delivery again by itself; a person can redeliver it (docs.github.com/webhooks/using-webhooks/handling-failed-webhook-deliveries)"
    }

    /// Without the SHA-256 header the one of SHA-1 is still there, and right: whoever falls back to it is downgraded.
    fn forgeries(&self, _request: &HttpRequest, _credentials: &Credentials<'_>) -> Vec<Forgery> {
        Forgery::of_header(SIGNATURE)
    }
}
