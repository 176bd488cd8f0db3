//! Microsoft Teams outgoing webhooks: `Authorization: HMAC <base64 HMAC-SHA256 of the raw body>`.
//!
//! The key is what the security token, shown once in base64, decodes to (`MicrosoftDocs/msteams-docs`,
//! `add-outgoing-webhook.md`). There is neither a timestamp nor a delivery id, so a copy cannot be told from the original.

use crate::credentials::Credentials;
use crate::error::WebhookError;
use crate::mac;
use crate::provider::{Failure, Forgery, Handshake, NO_RETRIES, Provider, Refusal, RetrySchedule, Signature, Verdict};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_core::{HttpRequest, Secret};
use std::time::Duration;
use time::OffsetDateTime;
use zeroize::Zeroizing;

const SIGNATURE: &str = "Authorization";

/// The provider `teams`.
pub struct Teams;

impl Provider for Teams {
    fn id(&self) -> &'static str {
        "teams"
    }

    fn name(&self) -> &'static str {
        "Microsoft Teams"
    }

    fn deadline(&self) -> Option<Duration> {
        Some(Duration::from_secs(5))
    }

    fn sign(
        &self,
        request: &HttpRequest,
        credentials: &Credentials<'_>,
        _now: OffsetDateTime,
        _delivery: &str,
    ) -> Result<Signature, WebhookError> {
        let key = key(credentials.secret).ok_or(WebhookError::SigningSecret {
            provider: self.id(),
            reason: "it is not base64; Teams shows it when the outgoing webhook is created",
        })?;
        let signature = STANDARD.encode(mac::hmac_sha256(&key, &[&request.body]));
        Ok(Signature {
            headers: vec![(SIGNATURE.into(), format!("HMAC {signature}"))],
            placeholders: vec![("signature", signature)],
        })
    }

    fn verify(&self, request: &HttpRequest, credentials: &Credentials<'_>, _now: OffsetDateTime) -> Verdict {
        let Some(key) = key(credentials.secret) else {
            return Verdict::Refused(Refusal::SecretMalformed);
        };
        let Some(given) = request.headers.get(SIGNATURE) else {
            return Verdict::Refused(Refusal::HeaderMissing(SIGNATURE.into()));
        };
        let Some(given) = given.strip_prefix("HMAC ") else {
            return Verdict::Refused(Refusal::HeaderMalformed(SIGNATURE.into()));
        };
        let expected = STANDARD.encode(mac::hmac_sha256(&key, &[&request.body]));
        if mac::equal(given, &expected) { Verdict::Accepted } else { Verdict::Refused(Refusal::Mismatch) }
    }

    fn handshake(&self, _request: &HttpRequest) -> Option<Handshake> {
        None
    }

    /// The id of the message, which is unique within its conversation.
    fn event_id(&self, request: &HttpRequest) -> Option<String> {
        let body: serde_json::Value = serde_json::from_slice(&request.body).ok()?;
        let conversation = body.get("conversation")?.get("id")?.as_str()?;
        Some(format!("{conversation}/{}", body.get("id")?.as_str()?))
    }

    fn retry_headers(&self, _attempt: u32, _failure: Failure) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// The person who mentioned the webhook sees an error instead.
    fn retry_schedule(&self) -> RetrySchedule {
        NO_RETRIES
    }

    fn retry_policy(&self) -> &'static str {
        "Microsoft documents no retries of outgoing webhooks (MicrosoftDocs/msteams-docs, add-outgoing-webhook.md)"
    }

    fn forgeries(&self, _request: &HttpRequest, _credentials: &Credentials<'_>) -> Vec<Forgery> {
        Forgery::of_header(SIGNATURE)
    }
}

fn key(secret: &Secret) -> Option<Zeroizing<Vec<u8>>> {
    STANDARD.decode(secret.expose()).ok().filter(|key| !key.is_empty()).map(Zeroizing::new)
}
