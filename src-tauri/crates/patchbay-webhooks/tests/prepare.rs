//! A sample on its way to the wire.

use patchbay_core::sample::Sample;
use patchbay_core::{HttpResponse, Secret};
use patchbay_webhooks::{
    Credentials, Failure, Handshake, Moment, Prepared, Reaction, Refusal, Signing, Verdict, WebhookError, prepare,
    providers,
};
use serde_json::json;
use time::macros::datetime;

const BASE: &str = "http://127.0.0.1:8787/";

fn moment() -> Moment {
    Moment { now: datetime!(2026-11-21 08:30:00.250 UTC), uuid: "5f0e3c1a-0000-4000-8000-000000000001".into() }
}

fn sample(value: serde_json::Value) -> Sample {
    serde_json::from_value(value).expect("a sample")
}

fn slack() -> Sample {
    sample(json!({
        "provider": "slack", "event": "message", "wire": "slack-escaped",
        "headers": {
            "Content-Type": "application/json",
            "X-Slack-Request-Timestamp": "{{unix_ts}}",
            "X-Slack-Signature": "{{signature}}"
        },
        "body": { "event_id": "Ev-{{uuid}}", "event": { "text": "größe https://example.com", "at": "{{iso_ts}}" } }
    }))
}

fn secret() -> Secret {
    Secret::new("example-signing-secret")
}

fn prepared(sample: &Sample) -> Prepared {
    prepare(sample, BASE, Some(&secret()), &moment()).expect("a request")
}

#[test]
fn a_slack_sample_is_accepted_by_a_slack_receiver_and_refused_when_a_byte_changes() {
    let mut prepared = prepared(&slack());
    assert_eq!(prepared.signing, Signing::Signed);
    assert_eq!(prepared.request.url, "http://127.0.0.1:8787/");
    assert_eq!(prepared.request.method, "POST");
    assert_eq!(
        String::from_utf8_lossy(&prepared.request.body),
        r#"{"event_id":"Ev-5f0e3c1a-0000-4000-8000-000000000001","event":{"text":"gr\u00f6\u00dfe https:\/\/example.com","at":"2026-11-21T08:30:00.25Z"}}"#
    );
    assert_eq!(prepared.request.headers.get("x-slack-request-timestamp"), Some("1795249800"));
    let provider = providers::find("slack").expect("slack");
    assert_eq!(
        provider.event_id(&prepared.request).as_deref(),
        Some("Ev-5f0e3c1a-0000-4000-8000-000000000001"),
        "the id should be read through the escapes"
    );
    let secret = secret();
    let credentials = Credentials::of_secret(Some(&secret));
    let late = moment().now + time::Duration::seconds(301);
    assert_eq!(
        provider.verify(&prepared.request, &credentials, late),
        Verdict::Refused(Refusal::Stale { age_seconds: 301 })
    );
    prepared.request.body = prepared.request.body.iter().chain(b" ").copied().collect();
    assert_eq!(provider.verify(&prepared.request, &credentials, moment().now), Verdict::Refused(Refusal::Mismatch));
}

#[test]
fn a_sample_may_fix_an_old_timestamp_or_a_wrong_signature() {
    let mut stale = slack();
    stale.headers.insert("X-Slack-Request-Timestamp".into(), json!("1795249000"));
    let prepared_stale = prepared(&stale);
    assert_eq!(prepared_stale.signing, Signing::SignedToBeRefused(Refusal::Stale { age_seconds: 800 }));

    let mut wrong = slack();
    wrong.headers.insert("X-Slack-Signature".into(), json!("v0=00"));
    let prepared_wrong = prepared(&wrong);
    assert_eq!(prepared_wrong.signing, Signing::SignedToBeRefused(Refusal::Mismatch));
    assert_eq!(prepared_wrong.request.headers.get("X-Slack-Signature"), Some("v0=00"));
}

#[test]
fn signature_headers_that_the_sample_leaves_out_are_added() {
    for provider in ["slack", "stripe", "github", "standard-webhooks"] {
        let key = if provider == "standard-webhooks" {
            "whsec_ZXhhbXBsZS1zZWNyZXQtbm90LXJlYWwh"
        } else {
            "example-signing-secret"
        };
        let bare = sample(json!({ "provider": provider, "event": "e", "body": { "id": "evt_1" } }));
        let prepared = prepare(&bare, BASE, Some(&Secret::new(key)), &moment()).expect("a request");
        assert_eq!(prepared.signing, Signing::Signed, "{provider}");
    }
}

#[test]
fn embedded_placeholders_keep_what_stands_around_them() {
    let stripe = sample(json!({
        "provider": "stripe", "event": "payment_intent.succeeded", "wire": "pretty2",
        "headers": { "Stripe-Signature": "t={{unix_ts}},v1=00,v1={{signature}}" },
        "body": { "id": "evt_1" }
    }));
    let prepared_stripe = prepared(&stripe);
    let header = prepared_stripe.request.headers.get("stripe-signature").expect("a signature");
    assert!(header.starts_with("t=1795249800,v1=00,v1="), "{header}");
    assert_eq!(prepared_stripe.signing, Signing::Signed, "one matching entry is enough while a secret is rolled");

    let github = sample(json!({
        "provider": "github", "event": "push",
        "headers": {
            "X-GitHub-Event": "ping", "X-GitHub-Delivery": "{{uuid}}",
            "X-Hub-Signature": "sha1={{signature_sha1}}", "X-Hub-Signature-256": "sha256={{signature}}"
        },
        "body_text": "payload=%7B%7D"
    }));
    let prepared_github = prepared(&github);
    assert_eq!(prepared_github.signing, Signing::Signed);
    let sha1 = prepared_github.request.headers.get("x-hub-signature").expect("the legacy header");
    assert_eq!(sha1.len(), "sha1=".len() + 40, "{sha1}");
    let provider = providers::find("github").expect("github");
    assert_eq!(provider.handshake(&prepared_github.request), Some(Handshake::Ping));
    assert_eq!(provider.event_id(&prepared_github.request), Some(moment().uuid));
}

#[test]
fn an_unsigned_request_says_so_and_carries_no_placeholder() {
    let prepared_without = prepare(&slack(), BASE, None, &moment()).expect("a request");
    assert_eq!(prepared_without.signing, Signing::NoSecret);
    assert_eq!(prepared_without.request.headers.get("X-Slack-Signature"), None);

    let mut custom = slack();
    custom.provider = "in-house".into();
    let prepared_custom = prepared(&custom);
    assert_eq!(prepared_custom.signing, Signing::UnknownProvider);
    assert_eq!(prepared_custom.signing.to_string(), "sent unsigned: how this provider signs is not known");
    assert_eq!(prepared_custom.request.headers.get("X-Slack-Signature"), None);
}

#[test]
fn broken_samples_and_secrets_are_named() {
    let mut inside = slack();
    inside.body = Some(json!({ "signature": "{{signature}}" }));
    let mut path = slack();
    path.path = Some("hook".into());
    let standard = sample(json!({ "provider": "standard-webhooks", "event": "e", "body": {} }));
    let cases: [(&Sample, &str); 3] = [
        (&inside, "The sample `message` has `{{signature}}` in its body, which the signature covers"),
        (&path, "The path `hook` of the sample `message` does not start with `/`"),
        (
            &standard,
            "The signing secret cannot sign as `standard-webhooks`: it is not base64 after the prefix `whsec_`",
        ),
    ];
    for (sample, expected) in cases {
        let error: WebhookError = prepare(sample, BASE, Some(&secret()), &moment()).expect_err("a broken sample");
        assert_eq!(error.to_string(), expected);
        assert!(!format!("{error:?}").contains("example-signing-secret"), "the value must not be shown");
    }
}

#[test]
fn slack_asks_for_its_challenge_and_retries_three_times() {
    let challenge = sample(json!({
        "provider": "slack", "event": "url_verification",
        "body": { "token": "example", "challenge": "abc/é", "type": "url_verification" }, "wire": "slack-escaped"
    }));
    let provider = providers::find("slack").expect("slack");
    assert_eq!(provider.handshake(&prepared(&challenge).request), Some(Handshake::Challenge("abc/é".into())));
    assert_eq!(provider.handshake(&prepared(&slack()).request), None);
    let mut headers = prepared(&slack()).request.headers;
    prepare::add_retry_headers(&mut headers, provider, 2, Failure::Timeout);
    assert_eq!(headers.get("X-Slack-Retry-Num"), Some("2"));
    assert_eq!(headers.get("X-Slack-Retry-Reason"), Some("http_timeout"));
    assert_eq!(provider.retry_schedule().waits.len(), 3);
    let answer = |status, headers: &[(&str, &str)], body: &str| HttpResponse {
        status,
        headers: headers.iter().copied().collect(),
        body: body.to_owned().into(),
    };
    let (question, event) = (prepared(&challenge).request, prepared(&slack()).request);
    for (request, response, expected) in [
        (&question, answer(200, &[], "abc/é"), Reaction::Delivered),
        (&question, answer(200, &[], r#"{"challenge":"abc/é"}"#), Reaction::Delivered),
        (&question, answer(200, &[], "abc"), Reaction::HandshakeRefused),
        (&event, answer(500, &[], ""), Reaction::Retried),
        (&event, answer(500, &[("x-slack-no-retry", "1")], ""), Reaction::Dropped),
        (&event, answer(202, &[], ""), Reaction::Delivered),
    ] {
        assert_eq!(provider.reaction(request, &response), expected, "{response:?}");
    }
}
