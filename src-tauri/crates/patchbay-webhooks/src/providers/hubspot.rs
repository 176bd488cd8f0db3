//! `HubSpot`'s three schemes, of which a request may carry several.
//!
//! - v1: hex SHA-256 of `{secret}{body}`; v2: hex SHA-256 of `{secret}{method}{uri}{body}`; both in
//!   `X-HubSpot-Signature`, told apart by `X-HubSpot-Signature-Version`.
//! - v3: `X-HubSpot-Signature-v3`, base64 HMAC-SHA256 of `{method}{uri}{body}{timestamp in ms}`.
//!
//! (developers.hubspot.com/docs/api/webhooks/validating-requests; `HubSpot/hubspot-api-nodejs`,
//! `src/utils/signature.ts`.)

use crate::credentials::Credentials;
use crate::error::WebhookError;
use crate::mac;
use crate::provider::{
    Change, Failure, Forgery, Freshness, Handshake, Provider, Refusal, RetrySchedule, Signature, Verdict,
};
use crate::settings::{Setting, SettingKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_core::HttpRequest;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::time::Duration;
use time::OffsetDateTime;

const SIGNATURE: &str = "X-HubSpot-Signature";
const VERSION: &str = "X-HubSpot-Signature-Version";
const SIGNATURE_V3: &str = "X-HubSpot-Signature-v3";
const TIMESTAMP: &str = "X-HubSpot-Request-Timestamp";
/// `HubSpot` tells receivers to refuse an older timestamp of v3.
const TOLERANCE_SECONDS: i64 = 300;

/// The provider `hubspot`.
pub struct HubSpot;

impl Provider for HubSpot {
    fn id(&self) -> &'static str {
        "hubspot"
    }

    fn name(&self) -> &'static str {
        "HubSpot"
    }

    fn deadline(&self) -> Option<Duration> {
        Some(Duration::from_secs(5))
    }

    fn settings(&self) -> &'static [Setting] {
        &[Setting {
            name: "public_url",
            kind: SettingKind::Url,
            required: false,
            description: "The URL that HubSpot calls, where the adapter verifies against that instead of `request.url`",
        }]
    }

    /// Signs what the sample has headers for; a sample with none gets v1 and v3, as CRM webhooks do.
    fn sign(
        &self,
        request: &HttpRequest,
        credentials: &Credentials<'_>,
        now: OffsetDateTime,
        _delivery: &str,
    ) -> Result<Signature, WebhookError> {
        let milliseconds = || (now.unix_timestamp_nanos() / 1_000_000).to_string();
        let timestamp = request.headers.get(TIMESTAMP).map_or_else(milliseconds, str::to_owned);
        let plain = |version| plain_hash(request, credentials, version);
        let v3 = v3_digest(request, credentials, &timestamp);
        let (wants_plain, wants_v3) =
            match (request.headers.get(SIGNATURE).is_some(), request.headers.get(SIGNATURE_V3).is_some()) {
                (false, false) => (true, true),
                stated => stated,
            };
        let mut headers = Vec::new();
        if wants_plain {
            let version = request.headers.get(VERSION).unwrap_or("v1");
            headers.push((VERSION.into(), version.to_owned()));
            headers.push((SIGNATURE.into(), plain(version)));
        }
        if wants_v3 {
            headers.push((TIMESTAMP.into(), timestamp));
            headers.push((SIGNATURE_V3.into(), v3.clone()));
        }
        Ok(Signature {
            headers,
            placeholders: vec![("signature", v3), ("signature_v1", plain("v1")), ("signature_v2", plain("v2"))],
        })
    }

    /// Trusts v3 alone where it is there: v1 and v2 can be replayed for ever.
    fn verify(&self, request: &HttpRequest, credentials: &Credentials<'_>, now: OffsetDateTime) -> Verdict {
        let judged = match request.headers.get(SIGNATURE_V3) {
            Some(given) => verify_v3(request, credentials, given, now),
            None => verify_plain(request, credentials),
        };
        match judged {
            Ok(()) => Verdict::Accepted,
            Err(refusal) => Verdict::Refused(refusal),
        }
    }

    fn handshake(&self, _request: &HttpRequest) -> Option<Handshake> {
        None
    }

    /// `eventId` alone is not promised to be unique. A batch is retried as a whole, so it has one id.
    fn event_id(&self, request: &HttpRequest) -> Option<String> {
        let body: Value = serde_json::from_slice(&request.body).ok()?;
        let id = |event: &Value| {
            Some(format!("{}-{}-{}", event.get("eventId")?, event.get("subscriptionId")?, event.get("occurredAt")?))
        };
        let ids: Vec<String> = body.as_array()?.iter().map(id).collect::<Option<_>>()?;
        match ids.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            many => Some(format!("batch-{}", hex::encode(Sha256::digest(many.join(","))))),
        }
    }

    fn retry_headers(&self, _attempt: u32, _failure: Failure) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn retry_body(&self, body: &mut Value, attempt: u32) -> bool {
        let mut changed = false;
        for event in body.as_array_mut().into_iter().flatten() {
            if let Some(number) = event.get_mut("attemptNumber") {
                *number = attempt.into();
                changed = true;
            }
        }
        changed
    }

    /// "Up to 10 times over 24 hours"; the intervals vary by design.
    fn retry_schedule(&self) -> RetrySchedule {
        RetrySchedule {
            waits: &[],
            gives_up_after: Some(Duration::from_hours(24)),
            at_most: Some(10),
            longest_wait: None,
        }
    }

    fn retry_policy(&self) -> &'static str {
        "HubSpot sends a batch again up to 10 times over 24 hours after a timeout, 4xx or 5xx (developers.hubspot.com/docs/api-reference/error-handling)"
    }

    /// Only v3 has a timestamp, and receivers are told to refuse old ones.
    fn freshness(&self, request: &HttpRequest, _credentials: &Credentials<'_>) -> Option<Freshness> {
        request.headers.get(SIGNATURE_V3)?;
        Some(Freshness { past: Duration::from_secs(TOLERANCE_SECONDS.cast_unsigned()), future: None })
    }

    /// Without v3 alone the request is a right one of v1, which receivers may take.
    fn forgeries(&self, _request: &HttpRequest, _credentials: &Credentials<'_>) -> Vec<Forgery> {
        let headers = vec![SIGNATURE_V3.into(), SIGNATURE.into()];
        let unsigned = Forgery { what: "no signature".into(), change: Change::Without(headers) };
        vec![Forgery::body(), Forgery::key(), unsigned]
    }
}

fn verify_v3(
    request: &HttpRequest,
    credentials: &Credentials<'_>,
    given: &str,
    now: OffsetDateTime,
) -> Result<(), Refusal> {
    let timestamp = request.headers.get(TIMESTAMP).ok_or(Refusal::HeaderMissing(TIMESTAMP.into()))?;
    let milliseconds: i64 = timestamp.parse().map_err(|_| Refusal::HeaderMalformed(TIMESTAMP.into()))?;
    let age_seconds = now.unix_timestamp().saturating_sub(milliseconds.div_euclid(1000));
    if age_seconds > TOLERANCE_SECONDS {
        return Err(Refusal::Stale { age_seconds });
    }
    matches(given, &v3_digest(request, credentials, timestamp))
}

fn verify_plain(request: &HttpRequest, credentials: &Credentials<'_>) -> Result<(), Refusal> {
    let given = request.headers.get(SIGNATURE).ok_or(Refusal::HeaderMissing(SIGNATURE_V3.into()))?;
    let version = request.headers.get(VERSION).ok_or(Refusal::HeaderMissing(VERSION.into()))?;
    if !matches!(version, "v1" | "v2") {
        return Err(Refusal::HeaderMalformed(VERSION.into()));
    }
    matches(given, &plain_hash(request, credentials, version))
}

fn matches(given: &str, expected: &str) -> Result<(), Refusal> {
    if mac::equal(given, expected) { Ok(()) } else { Err(Refusal::Mismatch) }
}

fn plain_hash(request: &HttpRequest, credentials: &Credentials<'_>, version: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(credentials.secret.expose());
    if version == "v2" {
        hash.update(&request.method);
        hash.update(uri(request, credentials).as_bytes());
    }
    hash.update(&request.body);
    hex::encode(hash.finalize())
}

fn v3_digest(request: &HttpRequest, credentials: &Credentials<'_>, timestamp: &str) -> String {
    let uri = decode_listed_escapes(&uri(request, credentials));
    let parts: [&[u8]; 4] = [request.method.as_bytes(), uri.as_bytes(), &request.body, timestamp.as_bytes()];
    STANDARD.encode(mac::hmac_sha256(credentials.secret.expose().as_bytes(), &parts))
}

/// The URI that `HubSpot` believes it calls.
fn uri<'a>(request: &'a HttpRequest, credentials: &Credentials<'_>) -> Cow<'a, str> {
    let Some(public) = credentials.settings.text("public_url") else { return Cow::Borrowed(&request.url) };
    let path = url::Url::parse(&request.url).map_or_else(
        |_| request.url.clone(),
        |url| url[url::Position::BeforePath..url::Position::AfterQuery].to_owned(),
    );
    Cow::Owned(format!("{}{path}", public.trim_end_matches('/')))
}

/// Before v3 signs, these escapes of the URI and no others are decoded.
fn decode_listed_escapes(uri: &str) -> String {
    const ESCAPES: [(&str, &str); 12] = [
        ("%3A", ":"),
        ("%2F", "/"),
        ("%3F", "?"),
        ("%40", "@"),
        ("%21", "!"),
        ("%24", "$"),
        ("%27", "'"),
        ("%28", "("),
        ("%29", ")"),
        ("%2A", "*"),
        ("%2C", ","),
        ("%3B", ";"),
    ];
    let mut out = String::with_capacity(uri.len());
    let mut rest = uri;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let listed =
            ESCAPES.iter().find(|(escape, _)| rest.get(..3).is_some_and(|text| text.eq_ignore_ascii_case(escape)));
        if let Some((_, character)) = listed {
            out.push_str(character);
            rest = &rest[3..];
        } else {
            out.push('%');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::decode_listed_escapes;

    #[test]
    fn twelve_escapes_are_decoded_once_and_others_stay() {
        for (uri, expected) in [
            ("/a%3Ab%2fc?x=%20%253A", "/a:b/c?x=%20%253A"),
            ("/%3f%40%21%24%27%28%29%2A%2C%3B", "/?@!$'()*,;"),
            ("/größe%3", "/größe%3"),
            ("%é", "%é"),
        ] {
            assert_eq!(decode_listed_escapes(uri), expected, "{uri}");
        }
    }
}
