//! `PayPal`'s own judgement: `POST /v1/notifications/verify-webhook-signature`, for whoever simulates `PayPal`'s API.

use super::{ALGORITHM, CERTIFICATE, ID, PayPal, SIGNATURE, TIME, WEBHOOK_ID};
use crate::credentials::Credentials;
use crate::provider::{Provider, Verdict};
use crate::sender_keys::SenderKeys;
use crate::settings::ProviderSettings;
use patchbay_core::{HttpMessageHeaders, HttpRequest};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use time::OffsetDateTime;

#[derive(Deserialize)]
struct Question<'a> {
    auth_algo: String,
    cert_url: String,
    transmission_id: String,
    transmission_sig: String,
    transmission_time: String,
    webhook_id: String,
    /// The text as it stands in the request: a receiver that parsed and wrote it again has changed it.
    #[serde(borrow)]
    webhook_event: &'a RawValue,
}

/// Whether `verification_status` is `SUCCESS` for the JSON that a receiver posts, about a webhook of this sender.
pub fn judge(body: &[u8], sender: &SenderKeys) -> Result<bool, serde_json::Error> {
    let question: Question<'_> = serde_json::from_slice(body)?;
    let settings = ProviderSettings::new("paypal", &json!({ WEBHOOK_ID: question.webhook_id }));
    let Ok(settings) = settings else { return Ok(false) };
    let headers: HttpMessageHeaders = [
        (ID, question.transmission_id),
        (TIME, question.transmission_time),
        (SIGNATURE, question.transmission_sig),
        (CERTIFICATE, question.cert_url),
        (ALGORITHM, question.auth_algo),
    ]
    .into_iter()
    .collect();
    let event = HttpRequest {
        method: "POST".into(),
        url: String::new(),
        headers,
        body: question.webhook_event.get().to_owned().into(),
    };
    let credentials = Credentials::of_secret(None).with_settings(&settings).with_sender(sender);
    Ok(PayPal.verify(&event, &credentials, OffsetDateTime::UNIX_EPOCH) == Verdict::Accepted)
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::credentials::Credentials;
    use crate::prepare::{Moment, prepare_as};
    use crate::sender_keys::SenderKeys;
    use crate::settings::ProviderSettings;
    use serde_json::json;
    use time::macros::datetime;

    #[test]
    fn the_event_must_be_asked_about_as_it_was_received() {
        let keys = SenderKeys::generate();
        let settings = ProviderSettings::new("paypal", &json!({ "webhook_id": "EXAMPLE" })).expect("settings");
        let credentials = Credentials::of_secret(None).with_settings(&settings).with_sender(&keys);
        let event = r#"{"id":"WH-EXAMPLE", "value":49.90}"#;
        let sample = json!({ "provider": "paypal", "event": "e", "body_text": event, "wire": "raw" });
        let sample = serde_json::from_value(sample).expect("a sample");
        let moment = Moment { now: datetime!(2026-11-21 08:30 UTC), uuid: "5f0e3c1a".into() };
        let sent = prepare_as(&sample, "http://127.0.0.1:8787", &credentials, &moment).expect("a request").request;
        let header = |name: &str| sent.headers.get(name).expect("a header").to_owned();
        let ask = |event: &str, webhook: &str| {
            let question = json!({
                "auth_algo": header("PAYPAL-AUTH-ALGO"), "cert_url": header("PAYPAL-CERT-URL"),
                "transmission_id": header("PAYPAL-TRANSMISSION-ID"), "transmission_sig": header("PAYPAL-TRANSMISSION-SIG"),
                "transmission_time": header("PAYPAL-TRANSMISSION-TIME"), "webhook_id": webhook,
            });
            let text = question.to_string().replacen('{', &format!("{{\"webhook_event\":{event},"), 1);
            judge(text.as_bytes(), &keys).expect("a question")
        };
        assert!(ask(event, "EXAMPLE"));
        assert!(!ask(r#"{"id":"WH-EXAMPLE","value":49.9}"#, "EXAMPLE"), "written again, it is another text");
        assert!(!ask(event, "OTHER"), "the id of another webhook");
        assert!(judge(b"{}", &keys).is_err(), "fields are missing");
    }
}
