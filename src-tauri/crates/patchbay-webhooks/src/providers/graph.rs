//! Microsoft Graph change notifications.
//!
//! A basic notification proves itself by `clientState`, the text that the subscriber chose, in every item: that is the
//! signing secret here. A rich one also carries tokens of Entra and the resource itself, encrypted to the subscriber's
//! certificate. In a sample, `{{client_state}}` and `{{validation_token}}` are filled, and a member `plain` of
//! `encryptedContent` is encrypted (`microsoftgraph/microsoft-graph-docs-contrib`,
//! `concepts/change-notifications-with-resource-data.md`).

pub mod encrypted_content;
mod validation_token;

use crate::credentials::{Credentials, Missing};
use crate::error::WebhookError;
use crate::mac;
use crate::provider::{
    Change, Failure, Forgery, Freshness, Handshake, Provider, Refusal, RetrySchedule, Signature, Verdict,
};
use crate::reaction::Reaction;
use crate::settings::{Setting, SettingKind};
use patchbay_core::sample::Sample;
use patchbay_core::{HttpRequest, HttpResponse};
use serde_json::Value;
use std::time::Duration;
use time::OffsetDateTime;

/// Where receivers of rich notifications find the keys that sign their tokens.
pub const KEY_SET_URL: &str = "https://login.microsoftonline.com/common/discovery/v2.0/keys";
const CLIENT_STATE: &str = "client_state";
const VALIDATION_TOKEN: &str = "{{validation_token}}";
const APPLICATION_ID: &str = "application_id";
const ENCRYPTION_CERTIFICATE: &str = "encryption_certificate";
const NOT_A_NOTIFICATION: Refusal = Refusal::BodyMalformed("a Graph change notification");

/// The provider `graph`.
pub struct Graph;

impl Provider for Graph {
    fn id(&self) -> &'static str {
        "graph"
    }

    fn name(&self) -> &'static str {
        "Microsoft Graph"
    }

    /// Graph asks for an answer within 3 s; later than 10 s counts against the endpoint.
    fn deadline(&self) -> Option<Duration> {
        Some(Duration::from_secs(10))
    }

    fn settings(&self) -> &'static [Setting] {
        &[
            Setting {
                name: APPLICATION_ID,
                kind: SettingKind::Text,
                required: false,
                description: "The id of your app registration, which tokens of rich notifications are for",
            },
            Setting {
                name: ENCRYPTION_CERTIFICATE,
                kind: SettingKind::RsaPublicKey,
                required: false,
                description: "The subscription's `encryptionCertificate` as PEM, which rich notifications are encrypted to",
            },
        ]
    }

    fn own_keys(&self) -> Option<&'static str> {
        Some(
            "For the tokens of rich notifications, the key set that https://login.microsoftonline.com/common/discovery/v2.0/keys \
             lists; the simulated Entra answers with that of the simulated sender",
        )
    }

    fn missing(&self, sample: &Sample, credentials: &Credentials<'_>) -> Option<Missing> {
        let Some(body) = &sample.body else { return None };
        let unset = |name| credentials.settings.text(name).is_none().then_some(Missing::Setting(name));
        if credentials.secret.is_empty() && body.to_string().contains("clientState") {
            return Some(Missing::Secret);
        }
        let token = wants_token(body).then(|| unset(APPLICATION_ID)).flatten();
        token.or_else(|| if items(body).any(wants_encryption) { unset(ENCRYPTION_CERTIFICATE) } else { None })
    }

    fn body_values(&self, credentials: &Credentials<'_>) -> Vec<(&'static str, String)> {
        vec![(CLIENT_STATE, credentials.secret.expose().to_owned())]
    }

    fn seal(&self, body: &mut Value, credentials: &Credentials<'_>, now: OffsetDateTime) -> Result<(), WebhookError> {
        if wants_token(body) {
            let application = credentials.settings.text(APPLICATION_ID).unwrap_or_default();
            // Items of several directories can share one request; each directory has a token of its own.
            let mut directories: Vec<String> =
                items(body).filter_map(|item| item.get("tenantId")?.as_str().map(str::to_owned)).collect();
            directories.dedup();
            let token =
                |directory: &String| validation_token::make(credentials.sender_keys(), application, directory, now);
            body["validationTokens"] = directories.iter().map(token).collect::<Vec<String>>().into();
        }
        let Some(pem) = credentials.settings.text(ENCRYPTION_CERTIFICATE) else { return Ok(()) };
        for item in body.get_mut("value").and_then(Value::as_array_mut).into_iter().flatten() {
            if wants_encryption(item) && encrypted_content::seal(&mut item["encryptedContent"], pem).is_none() {
                let reason = "nothing can be encrypted to the setting `encryption_certificate`";
                return Err(WebhookError::SigningSecret { provider: self.id(), reason });
            }
        }
        Ok(())
    }

    /// Only rich notifications carry a proof that a stranger who saw `clientState` could not make.
    fn signs(&self, request: &HttpRequest) -> bool {
        serde_json::from_slice::<Value>(&request.body).is_ok_and(|body| body.get("validationTokens").is_some())
    }

    fn sign(
        &self,
        _request: &HttpRequest,
        _credentials: &Credentials<'_>,
        _now: OffsetDateTime,
        _delivery: &str,
    ) -> Result<Signature, WebhookError> {
        Ok(Signature { headers: Vec::new(), placeholders: Vec::new() })
    }

    fn verify(&self, request: &HttpRequest, credentials: &Credentials<'_>, now: OffsetDateTime) -> Verdict {
        // Graph proves nothing when it asks whether the endpoint is there.
        if self.handshake(request).is_some() {
            return Verdict::Accepted;
        }
        match judge(request, credentials, now) {
            Ok(()) => Verdict::Accepted,
            Err(refusal) => Verdict::Refused(refusal),
        }
    }

    /// `?validationToken=…`, to be answered with the decoded text.
    fn handshake(&self, request: &HttpRequest) -> Option<Handshake> {
        let url = url::Url::parse(&request.url).ok()?;
        let (_, token) = url.query_pairs().find(|(name, _)| name == "validationToken")?;
        Some(Handshake::Challenge(token.into_owned()))
    }

    /// `id` of the notification, where the item has one; of a batch, all of them.
    fn event_id(&self, request: &HttpRequest) -> Option<String> {
        let body: Value = serde_json::from_slice(&request.body).ok()?;
        let ids: Vec<&str> = items(&body).map(|item| item.get("id")?.as_str()).collect::<Option<_>>()?;
        if ids.is_empty() { None } else { Some(ids.join(",")) }
    }

    fn retry_headers(&self, _attempt: u32, _failure: Failure) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// "For up to 4 hours", with growing intervals that are not published.
    fn retry_schedule(&self) -> RetrySchedule {
        RetrySchedule { waits: &[], gives_up_after: Some(Duration::from_hours(4)), at_most: None, longest_wait: None }
    }

    fn retry_policy(&self) -> &'static str {
        "Graph sends a notification again for up to 4 hours after any answer that is not 2xx (learn.microsoft.com/graph/change-notifications-delivery-webhooks)"
    }

    /// The token of a rich notification expires; a basic one could have been sent at any time.
    fn freshness(&self, request: &HttpRequest, _credentials: &Credentials<'_>) -> Option<Freshness> {
        self.signs(request).then_some(Freshness { past: validation_token::LIFETIME, future: None })
    }

    /// Nothing proves the body of a basic notification, and nobody the question whether the endpoint is there.
    fn forgeries(&self, request: &HttpRequest, _credentials: &Credentials<'_>) -> Vec<Forgery> {
        if self.handshake(request).is_some() {
            return Vec::new();
        }
        vec![Forgery { what: "another clientState".into(), change: Change::Key }]
    }

    /// The validation wants 200 and the token alone as plain text; a notification any 2xx.
    fn reaction(&self, request: &HttpRequest, response: &HttpResponse) -> Reaction {
        if let Some(Handshake::Challenge(token)) = self.handshake(request) {
            let kind = response.headers.get("content-type").unwrap_or_default();
            let plain = kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/plain"));
            let answered = response.status == 200 && plain && response.body == token.as_bytes();
            return if answered { Reaction::Delivered } else { Reaction::HandshakeRefused };
        }
        if (200..300).contains(&response.status) { Reaction::Delivered } else { Reaction::Retried }
    }
}

fn judge(request: &HttpRequest, credentials: &Credentials<'_>, now: OffsetDateTime) -> Result<(), Refusal> {
    let body: Value = serde_json::from_slice(&request.body).map_err(|_| NOT_A_NOTIFICATION)?;
    if items(&body).next().is_none() {
        return Err(NOT_A_NOTIFICATION);
    }
    if credentials.secret.is_empty() {
        return Err(Refusal::SecretMalformed);
    }
    for item in items(&body) {
        let given = item.get("clientState").and_then(Value::as_str).unwrap_or_default();
        if !mac::equal(given, credentials.secret.expose()) {
            return Err(Refusal::Mismatch);
        }
    }
    let tokens = body.get("validationTokens").and_then(Value::as_array);
    let encrypted = items(&body).any(|item| item.get("encryptedContent").is_some());
    match tokens {
        None if encrypted => Err(Refusal::Mismatch),
        None => Ok(()),
        Some(tokens) if tokens.is_empty() => Err(Refusal::Mismatch),
        Some(tokens) => {
            let application =
                credentials.settings.text(APPLICATION_ID).ok_or(Refusal::SettingMissing(APPLICATION_ID))?;
            let keys = credentials.sender_keys();
            tokens.iter().try_for_each(|token| {
                validation_token::judge(keys, token.as_str().unwrap_or_default(), application, now)
            })
        }
    }
}

fn items(body: &Value) -> impl Iterator<Item = &Value> {
    body.get("value").and_then(Value::as_array).into_iter().flatten()
}

fn wants_token(body: &Value) -> bool {
    let tokens = body.get("validationTokens").and_then(Value::as_array);
    tokens.is_some_and(|tokens| tokens.iter().any(|token| token == VALIDATION_TOKEN))
}

fn wants_encryption(item: &Value) -> bool {
    item.get("encryptedContent").is_some_and(|content| content.get("plain").is_some())
}
