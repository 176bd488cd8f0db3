//! `PayPal`: `PAYPAL-TRANSMISSION-SIG`, RSA-SHA256 (PKCS#1 v1.5) in base64 over
//! `{transmission id}|{transmission time}|{webhook id}|{CRC-32 of the raw body, decimal}`.
//!
//! The webhook id is not in the request, and there is no shared secret: the receiver fetches the certificate that
//! `PAYPAL-CERT-URL` names (`paypal/PayPal-Python-SDK`, `paypalrestsdk/notifications.py`). Here the simulated sender
//! signs with its own key, and whoever simulates `PayPal`'s hosts serves [`certificate_pem`].

pub mod verification;

use crate::credentials::{Credentials, Missing};
use crate::error::WebhookError;
use crate::provider::{Change, Failure, Forgery, Handshake, Provider, Refusal, RetrySchedule, Signature, Verdict};
use crate::sender_keys::SenderKeys;
use crate::settings::{Setting, SettingKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_core::HttpRequest;
use patchbay_core::sample::Sample;
use std::time::Duration;
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

const ID: &str = "PAYPAL-TRANSMISSION-ID";
const TIME: &str = "PAYPAL-TRANSMISSION-TIME";
const SIGNATURE: &str = "PAYPAL-TRANSMISSION-SIG";
const CERTIFICATE: &str = "PAYPAL-CERT-URL";
const ALGORITHM: &str = "PAYPAL-AUTH-ALGO";
const SHA256_WITH_RSA: &str = "SHA256withRSA";
const WEBHOOK_ID: &str = "webhook_id";

/// Where the simulated sandbox of `PayPal` keeps its certificate.
pub const CERTIFICATE_URL: &str = "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-example";
/// The name on `PayPal`'s certificates.
const CERTIFICATE_HOST: &str = "messageverificationcerts.paypal.com";

/// The provider `paypal`.
pub struct PayPal;

/// The certificate behind [`CERTIFICATE_URL`], as PEM.
pub fn certificate_pem(sender: &SenderKeys) -> Option<String> {
    sender.certificate_pem(CERTIFICATE_HOST)
}

impl Provider for PayPal {
    fn id(&self) -> &'static str {
        "paypal"
    }

    fn name(&self) -> &'static str {
        "PayPal"
    }

    fn deadline(&self) -> Option<Duration> {
        None
    }

    fn settings(&self) -> &'static [Setting] {
        &[Setting {
            name: WEBHOOK_ID,
            kind: SettingKind::Text,
            required: true,
            description: "The webhook's id, from developer.paypal.com → your app → Webhooks. It is part of what is signed; \
                          where it is kept as the signing secret, it need not be repeated here",
        }]
    }

    fn own_keys(&self) -> Option<&'static str> {
        Some(
            "The certificate at `PAYPAL-CERT-URL`, or PayPal's judgement by POST /v1/notifications/verify-webhook-signature; \
             the simulated PayPal answers both",
        )
    }

    fn missing(&self, _sample: &Sample, credentials: &Credentials<'_>) -> Option<Missing> {
        credentials.setting_or_secret(WEBHOOK_ID).is_none().then_some(Missing::Setting(WEBHOOK_ID))
    }

    fn sign(
        &self,
        request: &HttpRequest,
        credentials: &Credentials<'_>,
        now: OffsetDateTime,
        delivery: &str,
    ) -> Result<Signature, WebhookError> {
        let webhook_id = credentials
            .setting_or_secret(WEBHOOK_ID)
            .ok_or(WebhookError::SigningSecret { provider: self.id(), reason: "the webhook id is not set" })?;
        let id = request.headers.get(ID).unwrap_or(delivery);
        let time = request.headers.get(TIME).map_or_else(|| seconds(now), str::to_owned);
        let signed = signed_text(id, &time, webhook_id, &request.body);
        let signature = STANDARD.encode(credentials.sender_keys().sign(signed.as_bytes()));
        Ok(Signature {
            headers: vec![
                (ID.into(), id.to_owned()),
                (TIME.into(), time),
                (SIGNATURE.into(), signature.clone()),
                (CERTIFICATE.into(), CERTIFICATE_URL.to_owned()),
                (ALGORITHM.into(), SHA256_WITH_RSA.to_owned()),
            ],
            placeholders: vec![("signature", signature)],
        })
    }

    /// Trusts the certificate's key only where its URL is `PayPal`'s; anybody can sign with a key of their own.
    fn verify(&self, request: &HttpRequest, credentials: &Credentials<'_>, _now: OffsetDateTime) -> Verdict {
        let Some(webhook_id) = credentials.setting_or_secret(WEBHOOK_ID) else {
            return Verdict::Refused(Refusal::SettingMissing(WEBHOOK_ID));
        };
        let header = |name: &'static str| request.headers.get(name).ok_or(Refusal::HeaderMissing(name.into()));
        let judge = || {
            let (id, time, given) = (header(ID)?, header(TIME)?, header(SIGNATURE)?);
            if !is_paypals(header(CERTIFICATE)?) {
                return Err(Refusal::ForeignCertificate);
            }
            if header(ALGORITHM)? != SHA256_WITH_RSA {
                return Err(Refusal::HeaderMalformed(ALGORITHM.into()));
            }
            let given = STANDARD.decode(given).map_err(|_| Refusal::HeaderMalformed(SIGNATURE.into()))?;
            let signed = signed_text(id, time, webhook_id, &request.body);
            let verifies = credentials.sender_keys().verifies(signed.as_bytes(), &given);
            if verifies { Ok(()) } else { Err(Refusal::Mismatch) }
        };
        match judge() {
            Ok(()) => Verdict::Accepted,
            Err(refusal) => Verdict::Refused(refusal),
        }
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

    /// "Up to 25 times over the course of 3 days"; the intervals are not published.
    fn retry_schedule(&self) -> RetrySchedule {
        RetrySchedule {
            waits: &[],
            gives_up_after: Some(Duration::from_hours(72)),
            at_most: Some(25),
            longest_wait: None,
        }
    }

    fn retry_policy(&self) -> &'static str {
        "PayPal sends an event again up to 25 times over 3 days after any answer that is not 2xx (developer.paypal.com/api/rest/webhooks)"
    }

    /// A stranger has no key whose certificate is `PayPal`'s, but can name a certificate of their own.
    fn forgeries(&self, _request: &HttpRequest, _credentials: &Credentials<'_>) -> Vec<Forgery> {
        let mut ways = Forgery::of_header(SIGNATURE);
        let change = Change::Header { name: CERTIFICATE, from: "api.sandbox.paypal.com", to: "certificates.example" };
        ways.push(Forgery { what: "a certificate of another host".into(), change });
        ways
    }
}

fn signed_text(id: &str, time: &str, webhook_id: &str, body: &[u8]) -> String {
    // Unsigned: implementations that print a signed 32-bit number fail on half of all bodies.
    format!("{id}|{time}|{webhook_id}|{}", crc32fast::hash(body))
}

fn is_paypals(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| {
        let owned = url.host_str().is_some_and(|host| host == "paypal.com" || host.ends_with(".paypal.com"));
        url.scheme() == "https" && owned && url.port().is_none() && url.username().is_empty()
    })
}

/// `PayPal` writes whole seconds.
fn seconds(now: OffsetDateTime) -> String {
    let now = now.to_offset(UtcOffset::UTC).truncate_to_second();
    now.format(&Rfc3339).expect("a moment between the years 0 and 9999 has an RFC 3339 form")
}

#[cfg(test)]
mod tests {
    use super::{is_paypals, signed_text};
    use crate::rsa_keys;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use rsa::{BigUint, RsaPublicKey};
    use serde_json::Value;

    fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
        vector[name].as_str().unwrap_or_else(|| panic!("`{name}` in {}", vector["id"]))
    }

    /// `PayPal` published no bodies, only their checksums, so the signed text is put together from those.
    #[test]
    fn signatures_that_paypal_published_verify() {
        let vectors: Vec<Value> =
            serde_json::from_str(include_str!("../../tests/fixtures/paypal_vectors.json")).expect("vectors");
        assert_eq!(vectors.len(), 2, "the fixture should not lose vectors");
        for vector in &vectors {
            let lines: String =
                vector["modulus_parts"].as_array().expect("parts").iter().filter_map(Value::as_str).collect();
            let modulus = BigUint::from_bytes_be(&hex::decode(lines).expect("hexadecimal digits"));
            let key = RsaPublicKey::new(modulus, BigUint::from(65_537_u32)).expect("a public key");
            let signed = format!(
                "{}|{}|{}|{}",
                text(vector, "transmission_id"),
                text(vector, "timestamp"),
                text(vector, "webhook_id"),
                vector["body_crc32"],
            );
            let signature = STANDARD.decode(text(vector, "header_value")).expect("base64");
            assert!(rsa_keys::verifies(&key, signed.as_bytes(), &signature), "{}", vector["id"]);
            let other = signed.replace('|', ":");
            assert!(!rsa_keys::verifies(&key, other.as_bytes(), &signature), "{}: other text", vector["id"]);
        }
    }

    /// The CRC-32 of `123456789` is the check value that every catalogue of CRCs gives.
    #[test]
    fn the_checksum_is_an_unsigned_decimal_number_of_the_bytes() {
        assert_eq!(signed_text("i", "t", "w", b"123456789"), "i|t|w|3421780262");
        assert_eq!(signed_text("i", "t", "w", "é".as_bytes()), format!("i|t|w|{}", crc32fast::hash(&[0xc3, 0xa9])));
    }

    #[test]
    fn only_paypals_hosts_may_name_the_certificate() {
        for (url, owned) in [
            ("https://api.paypal.com/v1/notifications/certs/CERT-a", true),
            (super::CERTIFICATE_URL, true),
            ("http://api.paypal.com/v1/notifications/certs/CERT-a", false),
            ("https://api.paypal.com.evil.example/CERT-a", false),
            ("https://evilpaypal.com/CERT-a", false),
            ("https://api.paypal.com@evil.example/CERT-a", false),
            ("https://api.paypal.com:8443/CERT-a", false),
            ("https://169.254.169.254/CERT-a", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(is_paypals(url), owned, "{url}");
        }
    }
}
