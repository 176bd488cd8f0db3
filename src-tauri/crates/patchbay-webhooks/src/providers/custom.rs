//! A sender of one's own, or one that has no file here: header, algorithm, encoding and prefix are settings.

use crate::credentials::{Credentials, Missing};
use crate::error::WebhookError;
use crate::mac;
use crate::provider::{
    Change, Failure, Forgery, Freshness, Handshake, NO_RETRIES, Provider, Refusal, RetrySchedule, Signature, Verdict,
};
use crate::settings::{ProviderSettings, Setting, SettingKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_core::sample::Sample;
use patchbay_core::{HttpRequest, Secret};
use std::time::Duration;
use time::OffsetDateTime;
use zeroize::Zeroizing;

const HEADER: &str = "header";
const EVENT_ID_HEADERS: [&str; 5] =
    ["X-Event-Id", "X-Webhook-Id", "X-Request-Id", "Idempotency-Key", "X-Gitlab-Event-UUID"];
const TOLERANCE_SECONDS: i64 = 300;

/// The provider `custom`.
pub struct Custom;

impl Provider for Custom {
    fn id(&self) -> &'static str {
        "custom"
    }

    fn name(&self) -> &'static str {
        "Custom"
    }

    fn deadline(&self) -> Option<Duration> {
        None
    }

    fn settings(&self) -> &'static [Setting] {
        const fn optional(name: &'static str, kind: SettingKind, description: &'static str) -> Setting {
            Setting { name, kind, required: false, description }
        }
        const SETTINGS: [Setting; 8] = [
            Setting {
                name: HEADER,
                kind: SettingKind::HeaderName,
                required: true,
                description: "The header that carries the signature, for example `X-Signature-256`",
            },
            optional(
                "algorithm",
                SettingKind::OneOf(&["hmac-sha256", "hmac-sha1", "hmac-sha512", "token"]),
                "How it is computed, `hmac-sha256` unless said otherwise; `token` sends the secret itself",
            ),
            optional(
                "encoding",
                SettingKind::OneOf(&["hex", "base64"]),
                "How it is written, `hex` unless said otherwise",
            ),
            optional("prefix", SettingKind::Text, "What stands before it in the header, for example `sha256=`"),
            optional(
                "key_encoding",
                SettingKind::OneOf(&["text", "hex", "base64"]),
                "What the secret is, `text` unless said otherwise",
            ),
            optional(
                "timestamp_header",
                SettingKind::HeaderName,
                "The header with the time in seconds; with it, `{timestamp}{separator}{body}` is signed",
            ),
            optional(
                "separator",
                SettingKind::Text,
                "What stands between timestamp and body, `.` unless said otherwise",
            ),
            optional(
                "tolerance_seconds",
                SettingKind::Seconds,
                "How far the timestamp may be from now, 300 unless said otherwise",
            ),
        ];
        &SETTINGS
    }

    fn missing(&self, _sample: &Sample, credentials: &Credentials<'_>) -> Option<Missing> {
        match credentials.settings.text(HEADER) {
            None => Some(Missing::Setting(HEADER)),
            Some(_) => credentials.secret.is_empty().then_some(Missing::Secret),
        }
    }

    fn sign(
        &self,
        request: &HttpRequest,
        credentials: &Credentials<'_>,
        now: OffsetDateTime,
        _delivery: &str,
    ) -> Result<Signature, WebhookError> {
        let refused = |reason| WebhookError::SigningSecret { provider: self.id(), reason };
        let scheme = Scheme::read(credentials.settings).ok_or(refused("the setting `header` is not set"))?;
        let mut headers = Vec::new();
        let timestamp = scheme.timestamp_header.map(|name| {
            let value = request.headers.get(name).map_or_else(|| now.unix_timestamp().to_string(), str::to_owned);
            headers.push((name.to_owned().into(), value.clone()));
            value
        });
        let signature = scheme
            .signature(credentials.secret, timestamp.as_deref(), &request.body)
            .ok_or(refused("it does not have the `key_encoding` of the settings"))?;
        headers.push((scheme.header.to_owned().into(), format!("{}{signature}", scheme.prefix)));
        Ok(Signature { headers, placeholders: vec![("signature", signature)] })
    }

    fn verify(&self, request: &HttpRequest, credentials: &Credentials<'_>, now: OffsetDateTime) -> Verdict {
        let Some(scheme) = Scheme::read(credentials.settings) else {
            return Verdict::Refused(Refusal::SettingMissing(HEADER));
        };
        match scheme.judge(request, credentials.secret, now) {
            Ok(()) => Verdict::Accepted,
            Err(refusal) => Verdict::Refused(refusal),
        }
    }

    fn handshake(&self, _request: &HttpRequest) -> Option<Handshake> {
        None
    }

    /// The first of the headers that senders use for it.
    fn event_id(&self, request: &HttpRequest) -> Option<String> {
        EVENT_ID_HEADERS.iter().find_map(|name| request.headers.get(name)).map(str::to_owned)
    }

    fn retry_headers(&self, _attempt: u32, _failure: Failure) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Not known.
    fn retry_schedule(&self) -> RetrySchedule {
        NO_RETRIES
    }

    fn retry_policy(&self) -> &'static str {
        "What this sender does after a failure is not known"
    }

    fn freshness(&self, _request: &HttpRequest, credentials: &Credentials<'_>) -> Option<Freshness> {
        let scheme = Scheme::read(credentials.settings)?;
        scheme.timestamp_header?;
        let window = Duration::from_secs(u64::try_from(scheme.tolerance_seconds).ok()?);
        Some(Freshness { past: window, future: Some(window) })
    }

    /// A token is the same for every body.
    fn forgeries(&self, _request: &HttpRequest, credentials: &Credentials<'_>) -> Vec<Forgery> {
        let Some(scheme) = Scheme::read(credentials.settings) else { return Vec::new() };
        let mut ways = Forgery::of_header(scheme.header.to_owned());
        ways.retain(|way| scheme.algorithm != "token" || way.change != Change::Body);
        ways
    }
}

struct Scheme<'a> {
    header: &'a str,
    algorithm: &'a str,
    encoding: &'a str,
    prefix: &'a str,
    key_encoding: &'a str,
    timestamp_header: Option<&'a str>,
    separator: &'a str,
    tolerance_seconds: i64,
}

impl<'a> Scheme<'a> {
    fn read(settings: &'a ProviderSettings) -> Option<Self> {
        Some(Self {
            header: settings.text(HEADER)?,
            algorithm: settings.text("algorithm").unwrap_or("hmac-sha256"),
            encoding: settings.text("encoding").unwrap_or("hex"),
            prefix: settings.text("prefix").unwrap_or_default(),
            key_encoding: settings.text("key_encoding").unwrap_or("text"),
            timestamp_header: settings.text("timestamp_header"),
            separator: settings.text("separator").unwrap_or("."),
            tolerance_seconds: settings.seconds("tolerance_seconds").unwrap_or(TOLERANCE_SECONDS),
        })
    }

    fn judge(&self, request: &HttpRequest, secret: &Secret, now: OffsetDateTime) -> Result<(), Refusal> {
        let header =
            |name: &str| request.headers.get(name).ok_or_else(|| Refusal::HeaderMissing(name.to_owned().into()));
        let timestamp = self.timestamp_header.map(header).transpose()?;
        if let Some(timestamp) = timestamp {
            let malformed = || Refusal::HeaderMalformed(self.timestamp_header.unwrap_or_default().to_owned().into());
            let seconds: i64 = timestamp.parse().map_err(|_| malformed())?;
            let age_seconds = now.unix_timestamp().saturating_sub(seconds);
            if age_seconds.saturating_abs() > self.tolerance_seconds {
                return Err(Refusal::Stale { age_seconds });
            }
        }
        let given = header(self.header)?;
        let given =
            given.strip_prefix(self.prefix).ok_or_else(|| Refusal::HeaderMalformed(self.header.to_owned().into()))?;
        let expected = self.signature(secret, timestamp, &request.body).ok_or(Refusal::SecretMalformed)?;
        if mac::equal(given, &expected) { Ok(()) } else { Err(Refusal::Mismatch) }
    }

    /// `None` when the secret is not written as `key_encoding` says, or empty: everybody knows the empty key.
    fn signature(&self, secret: &Secret, timestamp: Option<&str>, body: &[u8]) -> Option<String> {
        let text = secret.expose();
        let key = Zeroizing::new(match self.key_encoding {
            "base64" => STANDARD.decode(text).ok()?,
            "hex" => hex::decode(text).ok()?,
            _ => text.as_bytes().to_vec(),
        });
        if key.is_empty() {
            return None;
        }
        let mut parts: Vec<&[u8]> = Vec::new();
        if let Some(timestamp) = timestamp {
            parts.extend([timestamp.as_bytes(), self.separator.as_bytes()]);
        }
        parts.push(body);
        let digest = match self.algorithm {
            "token" => return Some(text.to_owned()),
            "hmac-sha1" => mac::hmac_sha1(&key, &parts),
            "hmac-sha512" => mac::hmac_sha512(&key, &parts),
            _ => mac::hmac_sha256(&key, &parts),
        };
        Some(if self.encoding == "base64" { STANDARD.encode(digest) } else { hex::encode(digest) })
    }
}
