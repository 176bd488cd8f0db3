//! Whatever arrives, nothing panics, and nothing that was not signed is accepted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_core::sample::Sample;
use patchbay_core::{HttpMessageHeaders, HttpRequest, Secret};
use patchbay_webhooks::{
    Credentials, Moment, ProviderSettings, Refusal, SenderKeys, Signing, Verdict, parse::parse, prepare_as, providers,
};
use proptest::prelude::*;
use serde_json::json;
use time::Duration;
use time::macros::datetime;

fn secret(provider: &str) -> Secret {
    let key = "example-key-not-real-24!";
    match provider {
        "teams" => Secret::new(STANDARD.encode(key)),
        "standard-webhooks" => Secret::new(format!("whsec_{} whsk_{}", STANDARD.encode(key), STANDARD.encode([9; 32]))),
        _ => Secret::new(key),
    }
}

fn settings(provider: &str) -> ProviderSettings {
    let settings = match provider {
        "graph" => json!({ "application_id": "example" }),
        "custom" => json!({ "header": "X-Signature", "timestamp_header": "X-Time", "tolerance_seconds": 300 }),
        _ => json!({}),
    };
    ProviderSettings::new(provider, &settings).expect("settings")
}

/// How far from now a timestamp may be: seconds into the past, seconds into the future.
const WINDOWS: [(&str, &str, i64, Option<i64>); 5] = [
    ("slack", "X-Slack-Request-Timestamp", 1, Some(300)),
    ("stripe", "Stripe-Signature", 1, None),
    ("standard-webhooks", "webhook-timestamp", 1, Some(300)),
    ("hubspot", "X-HubSpot-Request-Timestamp", 1000, None),
    ("custom", "X-Time", 1, Some(300)),
];

#[test]
fn timestamps_are_taken_up_to_the_last_second_and_not_one_more() {
    let moment = Moment { now: datetime!(2026-11-21 08:30 UTC), uuid: "5f0e3c1a-0000-4000-8000-000000000001".into() };
    let keys = SenderKeys::generate();
    for (provider, header, per_second, future) in WINDOWS {
        let (secret, settings) = (secret(provider), settings(provider));
        let credentials = Credentials::of_secret(Some(&secret)).with_settings(&settings).with_sender(&keys);
        let signing_at = |text: String| {
            let text = if provider == "stripe" { format!("t={text},v1={{{{signature}}}}") } else { text };
            let sample: Sample = serde_json::from_value(
                json!({ "provider": provider, "event": "e", "headers": { header: text }, "body": {} }),
            )
            .expect("a sample");
            prepare_as(&sample, "http://127.0.0.1:8787", &credentials, &moment).expect("a request").signing
        };
        let at = |seconds: i64| {
            signing_at(((moment.now + Duration::seconds(seconds)).unix_timestamp() * per_second).to_string())
        };
        assert_eq!(at(-300), Signing::Signed, "{provider}: 300 s old");
        assert_eq!(at(-301), Signing::SignedToBeRefused(Refusal::Stale { age_seconds: 301 }), "{provider}: 301 s old");
        assert_eq!(at(300), Signing::Signed, "{provider}: 300 s ahead");
        let ahead = if future.is_some() {
            Signing::SignedToBeRefused(Refusal::Stale { age_seconds: -301 })
        } else {
            Signing::Signed
        };
        assert_eq!(at(301), ahead, "{provider}: 301 s ahead");
        for text in ["abc", "", "1e9", "17 60", "99999999999999999999999999", "-9223372036854775808"] {
            let signing = signing_at(text.into());
            assert!(matches!(signing, Signing::SignedToBeRefused(_)), "{provider} {text:?}: {signing:?}");
        }
    }
}

fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let names = [
        "X-Slack-Signature",
        "X-Slack-Request-Timestamp",
        "Stripe-Signature",
        "X-Hub-Signature-256",
        "Authorization",
        "PAYPAL-TRANSMISSION-SIG",
        "PAYPAL-TRANSMISSION-ID",
        "PAYPAL-TRANSMISSION-TIME",
        "PAYPAL-CERT-URL",
        "PAYPAL-AUTH-ALGO",
        "X-PagerDuty-Signature",
        "X-HubSpot-Signature",
        "X-HubSpot-Signature-v3",
        "X-HubSpot-Signature-Version",
        "X-HubSpot-Request-Timestamp",
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
        "X-Signature",
        "X-Time",
    ];
    let value = prop_oneof![
        "\\PC{0,40}",
        "v[01]a?[,=][A-Za-z0-9+/=,= ]{0,120}",
        "t=[0-9]{1,12},v1=[0-9a-f]{0,70}",
        "[0-9]{1,16}",
        "HMAC [A-Za-z0-9+/=]{0,50}"
    ];
    prop::collection::vec((prop::sample::select(names.to_vec()).prop_map(str::to_owned), value), 0..8)
}

proptest! {
    #[test]
    fn no_request_makes_a_provider_panic_or_passes_unsigned(headers in headers(), body in "\\PC{0,200}|[\\[\\]{}\":,a-z0-9<>&;/=!% ]{0,200}", query in "[a-zA-Z%0-9=&+]{0,40}") {
        // One pair of keys for all cases: making one takes longer than everything else here.
        let keys = SenderKeys::of_this_process();
        let request = HttpRequest {
            method: "POST".into(),
            url: format!("https://example.com/?{query}"),
            headers: headers.into_iter().collect::<HttpMessageHeaders>(),
            body: body.into(),
        };
        for provider in providers::ALL {
            let (secret, settings) = (secret(provider.id()), settings(provider.id()));
            let credentials = Credentials::of_secret(Some(&secret)).with_settings(&settings).with_sender(keys);
            let verdict = provider.verify(&request, &credentials, datetime!(2026-11-21 08:30 UTC));
            prop_assert!(verdict != Verdict::Accepted || provider.handshake(&request).is_some(), "{}", provider.id());
            let _ = (provider.event_id(&request), provider.handshake(&request));
        }
    }

    #[test]
    fn no_text_makes_the_reader_of_pasted_requests_panic(
        text in "\\PC{0,200}|curl( -[a-zA-Z]| --[a-z-]{1,12}| \\$?['\"][^'\"]{0,20}['\"]| \\\\?\\PC{0,10}){0,8}|(POST|GET) \\PC{0,20}( HTTP/1.1)?\n([A-Za-z-]{1,9}: ?\\PC{0,9}\n){0,4}\n\\PC{0,40}|[\\[{]\"?(log|request|entries|method|url|\\PC){0,5}[:,\\]}\"]{0,5}"
    ) {
        if let Ok(pasted) = parse(&text) {
            let file = serde_json::to_string(&pasted.sample).expect("a sample can be written");
            prop_assert_eq!(serde_json::from_str::<Sample>(&file).expect("and read"), pasted.sample);
        }
    }
}

#[test]
fn every_provider_names_itself_and_its_settings() {
    for provider in providers::ALL {
        assert!(!provider.name().is_empty());
        let found = providers::find(provider.id()).expect("a provider is found by its id");
        assert_eq!(found.name(), provider.name(), "no two providers share an id");
        for setting in provider.settings() {
            assert!(
                !setting.description.is_empty() && setting.name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
            );
        }
    }
}
