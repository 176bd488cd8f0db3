//! Salesforce outbound messages: SOAP 1.1, not signed. A receiver compares the organisation's id, and requires the
//! Salesforce client certificate where it can.
//!
//! The answer must be the SOAP acknowledgement; a 200 with any other body counts as a failure
//! (developer.salesforce.com, `sforce_api_om_outboundmessaging_notifications`).

use crate::credentials::{Credentials, Missing};
use crate::error::WebhookError;
use crate::mac;
use crate::provider::{Change, Failure, Forgery, Handshake, Provider, Refusal, RetrySchedule, Signature, Verdict};
use crate::reaction::Reaction;
use crate::settings::{ProviderSettings, Setting, SettingKind};
use patchbay_core::sample::Sample;
use patchbay_core::{HttpRequest, HttpResponse};
use roxmltree::{Document, Node};
use sha2::{Digest, Sha256};
use std::time::Duration;
use time::OffsetDateTime;

const NAMESPACE: &str = "http://soap.sforce.com/2005/09/outbound";
const ORGANIZATION_ID: &str = "organization_id";
/// The part of an id that its 15-character and its 18-character form share.
const SIGNIFICANT: usize = 15;

/// The body of the answer that counts as delivered, as `text/xml`.
pub const ACKNOWLEDGEMENT: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?>"#,
    r#"<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>"#,
    r#"<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>"#,
    "</soapenv:Body></soapenv:Envelope>",
);

/// The provider `salesforce`.
pub struct Salesforce;

impl Provider for Salesforce {
    fn id(&self) -> &'static str {
        "salesforce"
    }

    fn name(&self) -> &'static str {
        "Salesforce"
    }

    fn deadline(&self) -> Option<Duration> {
        Some(Duration::from_mins(1))
    }

    fn settings(&self) -> &'static [Setting] {
        &[Setting {
            name: ORGANIZATION_ID,
            kind: SettingKind::Text,
            required: true,
            description: "The organisation's id (`00D…`), from Setup → Company Information; where it is kept as the \
                          signing secret, it need not be repeated here",
        }]
    }

    fn missing(&self, _sample: &Sample, credentials: &Credentials<'_>) -> Option<Missing> {
        credentials.setting_or_secret(ORGANIZATION_ID).is_none().then_some(Missing::Setting(ORGANIZATION_ID))
    }

    fn body_values(&self, credentials: &Credentials<'_>) -> Vec<(&'static str, String)> {
        let id = credentials.setting_or_secret(ORGANIZATION_ID).unwrap_or_default();
        vec![(ORGANIZATION_ID, escape(id))]
    }

    fn signs(&self, _request: &HttpRequest) -> bool {
        false
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

    fn verify(&self, request: &HttpRequest, credentials: &Credentials<'_>, _now: OffsetDateTime) -> Verdict {
        let Some(expected) = credentials.setting_or_secret(ORGANIZATION_ID) else {
            return Verdict::Refused(Refusal::SettingMissing(ORGANIZATION_ID));
        };
        let given = notifications(request, |message| child_text(message, "OrganizationId").map(str::to_owned));
        match given {
            None => Verdict::Refused(Refusal::BodyMalformed("a Salesforce outbound message")),
            Some(given) if same_organization(&given, expected) => Verdict::Accepted,
            Some(_) => Verdict::Refused(Refusal::Mismatch),
        }
    }

    fn handshake(&self, _request: &HttpRequest) -> Option<Handshake> {
        None
    }

    /// A message carries 1 to 100 notifications and is sent again as a whole, so it has one id.
    fn event_id(&self, request: &HttpRequest) -> Option<String> {
        let ids = notifications(request, |message| {
            let all = message.children().filter(|node| node.has_tag_name((NAMESPACE, "Notification")));
            all.map(|node| child_text(node, "Id").map(str::to_owned)).collect::<Option<Vec<_>>>()
        })?;
        match ids.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            many => Some(format!("batch-{}", hex::encode(Sha256::digest(many.join(","))))),
        }
    }

    fn retry_headers(&self, _attempt: u32, _failure: Failure) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Kept for 24 hours; the interval grows to two hours at most.
    fn retry_schedule(&self) -> RetrySchedule {
        let longest_wait = Some(Duration::from_hours(2));
        RetrySchedule { waits: &[], gives_up_after: Some(Duration::from_hours(24)), at_most: None, longest_wait }
    }

    fn retry_policy(&self) -> &'static str {
        "Salesforce sends a message again for 24 hours, at most 2 hours apart, until it is acknowledged (developer.salesforce.com, sforce_api_om_outboundmessaging_notifications)"
    }

    /// Nothing is signed; a stranger names another organisation.
    fn forgeries(&self, _request: &HttpRequest, _credentials: &Credentials<'_>) -> Vec<Forgery> {
        vec![Forgery { what: "another organisation".into(), change: Change::Key }]
    }

    fn strangers_settings(&self, settings: &ProviderSettings) -> ProviderSettings {
        settings.with_text(ORGANIZATION_ID, "00D000000000STRANG")
    }

    fn reaction(&self, _request: &HttpRequest, response: &HttpResponse) -> Reaction {
        let acknowledged = response.status == 200
            && std::str::from_utf8(&response.body).ok().and_then(|text| Document::parse(text).ok()).is_some_and(
                |answer| {
                    let mut acks = answer.descendants().filter(|node| node.has_tag_name((NAMESPACE, "Ack")));
                    acks.any(|ack| ack.text().is_some_and(|text| text.trim() == "true"))
                },
            );
        if acknowledged { Reaction::Delivered } else { Reaction::Retried }
    }
}

/// Reads the `notifications` element. A document type declaration is refused by the parser, and with it every entity.
fn notifications<T>(request: &HttpRequest, read: impl FnOnce(Node<'_, '_>) -> Option<T>) -> Option<T> {
    let text = std::str::from_utf8(&request.body).ok()?;
    let document = Document::parse(text).ok()?;
    let message = document.descendants().find(|node| node.has_tag_name((NAMESPACE, "notifications")))?;
    read(message)
}

fn child_text<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.children().find(|child| child.has_tag_name((NAMESPACE, name)))?.text()
}

fn same_organization(given: &str, expected: &str) -> bool {
    let significant = |id: &str| id.get(..SIGNIFICANT).unwrap_or(id).to_owned();
    if given.len() == expected.len() {
        return mac::equal(given, expected);
    }
    given.len() >= SIGNIFICANT && mac::equal(&significant(given), &significant(expected))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{ACKNOWLEDGEMENT, Salesforce, same_organization};
    use crate::provider::Provider;
    use crate::reaction::Reaction;
    use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse};

    fn request(body: String) -> HttpRequest {
        let headers = HttpMessageHeaders::default();
        HttpRequest { method: "POST".into(), url: "https://example.com/".into(), headers, body: body.into() }
    }

    #[test]
    fn an_id_of_15_characters_is_that_of_18() {
        for (given, expected, same) in [
            ("00D000000000EXA", "00D000000000EXAMPL", true),
            ("00D000000000EXAMPL", "00D000000000EXA", true),
            ("00D000000000EXAMPL", "00D000000000EXAMPX", false),
            ("00D", "00D000000000EXA", false),
            ("", "00D000000000EXA", false),
        ] {
            assert_eq!(same_organization(given, expected), same, "{given} {expected}");
        }
    }

    #[test]
    fn only_the_acknowledgement_counts_as_delivered() {
        let request = request(String::new());
        for (status, body, expected) in [
            (200, ACKNOWLEDGEMENT, Reaction::Delivered),
            (200, "ok", Reaction::Retried),
            (200, &ACKNOWLEDGEMENT.replace("true", "false"), Reaction::Retried),
            (500, ACKNOWLEDGEMENT, Reaction::Retried),
        ] {
            let response =
                HttpResponse { status, headers: HttpMessageHeaders::default(), body: body.to_owned().into() };
            assert_eq!(Salesforce.reaction(&request, &response), expected, "{status} {body}");
        }
    }

    #[test]
    fn hostile_documents_are_refused_and_never_expanded() {
        let message = |before: &str, id: &str| {
            format!(
                r#"{before}<n:notifications xmlns:n="{}"><n:Notification><n:Id>{id}</n:Id></n:Notification></n:notifications>"#,
                super::NAMESPACE
            )
        };
        assert_eq!(Salesforce.event_id(&request(message("", "04l1"))).as_deref(), Some("04l1"));
        let external = r#"<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>"#;
        let laughs = r#"<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY e "&a;&a;&a;&a;">]>"#;
        for declaration in [external, laughs] {
            assert_eq!(Salesforce.event_id(&request(message(declaration, "&e;"))), None, "{declaration}");
        }
        let deep = format!("{}{}", "<a>".repeat(200_000), "</a>".repeat(200_000));
        assert_eq!(Salesforce.event_id(&request(deep)), None, "deep nesting should not end the process");
    }
}
