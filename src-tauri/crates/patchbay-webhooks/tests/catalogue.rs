//! Every sample of the catalogue is what its provider would send now.

mod support;

use patchbay_core::sample::WireStyle;
use patchbay_webhooks::catalogue::{self, CatalogueSample};
use patchbay_webhooks::{Failure, Handshake, Prepared, Signing, prepare_as, prepare_retry, providers};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use support::{BASE, Receivers, moment};

fn send(receivers: &Receivers, entry: &CatalogueSample, attempt: Option<u32>) -> Prepared {
    receivers.with_credentials(entry, |credentials| {
        let prepared = match attempt {
            None => prepare_as(&entry.sample, BASE, credentials, &moment()),
            Some(attempt) => prepare_retry(&entry.sample, BASE, credentials, &moment(), attempt, Failure::Timeout),
        };
        prepared.unwrap_or_else(|error| panic!("{}: {error}", entry.id))
    })
}

#[test]
fn every_sample_is_sent_complete_and_accepted_by_a_receiver() {
    let receivers = Receivers::new();
    for entry in catalogue::all() {
        let sent = send(&receivers, entry, None);
        let unsigned = entry.sample.provider == "salesforce"
            || entry.sample.provider == "graph" && entry.id != "graph/message-created-rich";
        let expected = if unsigned { Signing::Unsigned } else { Signing::Signed };
        assert_eq!(sent.signing, expected, "{}", entry.id);
        let body = std::str::from_utf8(&sent.request.body).expect("text");
        for text in [body, &sent.request.url].into_iter().chain(sent.request.headers.iter().map(|(_, value)| value)) {
            assert!(!text.contains("{{") && !text.contains("%7B%7Bu"), "{}: a placeholder is left in {text}", entry.id);
        }
    }
}

#[test]
fn every_provider_has_samples_and_every_sample_says_what_it_is() {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    let mut descriptions = BTreeSet::new();
    for entry in catalogue::all() {
        let sample = &entry.sample;
        *count.entry(&sample.provider).or_default() += 1;
        assert!(entry.id.starts_with(&format!("{}/", sample.provider)), "{}", entry.id);
        let plain = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-';
        assert!(entry.name().chars().all(plain), "{}: the name should be a good file name", entry.id);
        assert!(sample.description.ends_with('.') && descriptions.insert(&sample.description), "{}", entry.id);
        assert!(sample.headers.contains_key("Content-Type"), "{}", entry.id);
        assert_eq!(entry.provider_settings.is_null(), sample.provider != "custom", "{}", entry.id);
        assert_eq!(sample.body_text.is_some(), sample.wire == WireStyle::Raw, "{}", entry.id);
        let style = match sample.provider.as_str() {
            "slack" => Some(WireStyle::SlackEscaped),
            "stripe" => Some(WireStyle::Pretty2),
            _ => None,
        };
        assert!(
            sample.body.is_none() || style.is_none_or(|style| style == sample.wire),
            "{}: {:?}",
            entry.id,
            sample.wire
        );
    }
    assert!(catalogue::all().len() >= 97, "the catalogue should not lose samples: {}", catalogue::all().len());
    let with_samples: Vec<&str> = count.into_keys().collect();
    let mut ids: Vec<&str> = providers::ALL.iter().map(|provider| provider.id()).collect();
    ids.sort_unstable();
    assert_eq!(with_samples, ids);
}

#[test]
fn a_retry_is_the_same_event_and_signed_again() {
    let receivers = Receivers::new();
    for entry in catalogue::all() {
        let provider = providers::find(&entry.sample.provider).expect("a provider");
        let (first, again) = (send(&receivers, entry, None), send(&receivers, entry, Some(2)));
        assert_eq!(provider.event_id(&first.request), provider.event_id(&again.request), "{}", entry.id);
        assert_eq!(first.signing, again.signing, "{}", entry.id);
        let is_event = provider.handshake(&first.request).is_none();
        // Slack's forms and notices are never retried; a workflow of HubSpot and a lifecycle event have no id in common.
        let without = entry.sample.provider == "slack" && entry.sample.wire == WireStyle::Raw
            || [
                "slack/app-rate-limited",
                "hubspot/workflow-v2",
                "custom/form-contact",
                "custom/plain-text",
                "custom/shop-order-base64",
            ]
            .contains(&entry.id.as_str());
        assert_eq!(
            provider.event_id(&first.request).is_some(),
            is_event && !without || has_id_beside_handshake(entry),
            "{}",
            entry.id
        );
    }
}

/// Pings carry a delivery id although they are no events.
fn has_id_beside_handshake(entry: &CatalogueSample) -> bool {
    ["github/ping", "github/ping-form", "pagerduty/pagey-ping"].contains(&entry.id.as_str())
}

#[test]
fn handshakes_of_the_catalogue_are_recognised() {
    let receivers = Receivers::new();
    let handshake = |id: &str| {
        let entry = catalogue::find(id).expect(id);
        providers::find(&entry.sample.provider).expect("a provider").handshake(&send(&receivers, entry, None).request)
    };
    assert_eq!(handshake("slack/url-verification"), Some(Handshake::Challenge("example-challenge-5F0E3C1A00".into())));
    let token = format!("a+b%25 <script>alert(1)</script> é{}", moment().uuid);
    assert_eq!(handshake("graph/validation-hostile"), Some(Handshake::Challenge(token)));
    assert_eq!(handshake("github/ping-form"), Some(Handshake::Ping));
    assert_eq!(handshake("pagerduty/pagey-ping"), Some(Handshake::Ping));
    assert_eq!(handshake("slack/message"), None);
}

#[test]
fn bodies_have_the_wire_style_of_their_sender() {
    let receivers = Receivers::new();
    let body = |id: &str| {
        let sent = send(&receivers, catalogue::find(id).expect(id), None);
        String::from_utf8(sent.request.body.to_vec()).expect("text")
    };
    let unicode = body("slack/message-unicode");
    assert!(unicode.is_ascii() && unicode.contains(r"\u6771\u4eac"), "Slack escapes: {unicode}");
    assert!(body("slack/message").contains(r"https:\/\/shop.example.com"));
    assert!(body("stripe/invoice-paid").starts_with("{\n  \"id\": \"evt_example_"));
    assert!(body("stripe/invoice-paid").contains("\"created\": 1795249800,"), "numbers are filled as numbers");
    assert!(body("paypal/payment-capture-completed").starts_with("{\"id\":\"WH-EXAMPLE-5F0E3C1A00\""));
    assert!(body("hubspot/deal-property-change-large-id").contains("\"objectId\":9007199254740993,"));
    assert!(body("salesforce/outbound-message-lead").contains("<OrganizationId>00D000000000EXAMPL</OrganizationId>"));
    let form = body("slack/slash-command");
    let fields: BTreeMap<String, String> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    assert_eq!(fields["text"], "sev1 checkout > 5% errors & rising");
    let payload = body("slack/block-actions");
    let (_, payload) = url::form_urlencoded::parse(payload.as_bytes()).next().expect("a field");
    let payload: Value = serde_json::from_str(&payload).expect("JSON inside the form");
    assert_eq!(payload["actions"][0]["action_ts"], "1795249800.123456");
}

#[test]
fn samples_are_found_by_words_anywhere_and_names_come_first() {
    let ids =
        |text: &str| -> Vec<&str> { catalogue::search(text).into_iter().map(|entry| entry.id.as_str()).collect() };
    assert_eq!(ids("").len(), catalogue::all().len());
    assert_eq!(ids("SLACK retry"), ["slack/message-retry"]);
    assert_eq!(ids("cyrillic klingon"), [""; 0]);
    assert!(
        ids("refund").starts_with(&["paypal/payment-capture-refunded", "stripe/charge-refunded"]),
        "{:?}",
        ids("refund")
    );
    assert!(ids("declined").contains(&"stripe/payment-intent-payment-failed"), "the body is searched too");
    assert!(catalogue::find("slack/message").is_some() && catalogue::find("slack/nothing").is_none());
}

#[test]
fn samples_hold_nothing_that_looks_like_a_credential() {
    for entry in catalogue::all() {
        let text = serde_json::to_string(&entry.sample).expect("JSON");
        for shape in
            ["sk_live", "sk_test", "whsec_", "xoxb-", "xoxp-", "ghp_", "pat-", "Bearer ", "PRIVATE KEY", "AKIA"]
        {
            assert!(!text.contains(shape), "{}: `{shape}`", entry.id);
        }
    }
}
