//! Expectations that are written from what happened.

mod support;

use patchbay_core::sample::Sample;
use patchbay_replay::{Trace, compare, expect::proposed};
use proptest::prelude::*;
use serde_json::{Value, json};

const UUID: &str = "0f6fd2f0-94f4-4b51-a4d8-9f0f4e3f6d1c";

fn with_answer(answer: &Value) -> Trace {
    let mut trace = support::trace();
    trace.response.as_mut().expect("an answer").body = support::body(&answer.to_string());
    trace
}

fn sample(body: &Value) -> Sample {
    serde_json::from_value(json!({ "provider": "slack", "event": "message", "body": body })).expect("a sample")
}

#[test]
fn a_new_expectation_says_what_happened_and_matches_what_varies() {
    let trace = support::trace();
    let expectation = proposed(None, &trace, None, &[]);
    assert_eq!(
        expectation,
        json!({
            "status": 200,
            "answer": { "status": "created", "page_id": "<uuid>" },
            "outbound": [
                { "method": "POST", "url": "https://api.notion.com/v1/data_sources/<uuid>/query", "body": {}, "status": 200 },
                { "method": "POST", "url": "https://api.notion.com/v1/pages",
                  "body": { "properties": { "Title": "Hello", "Count": 1 } }, "status": 200 },
            ],
        })
    );
    assert_eq!(compare(&expectation, &trace), []);
    let settings = ["data_source = \"11111111-2222-4333-8444-555555555555\"".to_owned()];
    let url = &proposed(None, &trace, None, &settings)["outbound"][0]["url"];
    assert_eq!(url, "https://api.notion.com/v1/data_sources/11111111-2222-4333-8444-555555555555/query", "a setting");
}

#[test]
fn what_varies_is_told_from_what_the_webhook_brings() {
    let answer = json!({
        "event": format!("Ev{UUID}"), "short": "0F6FD2F094", "fixed": "evt_1NG8Du2eZvKYlo2CUI79vXWy", "made": "rec7Ky2mPq9ZwX4bT1",
        "sent": "2026-11-21T08:30:00.1Z", "born": "1999-12-31", "ts": "1795249800.000100", "seconds": 1_795_249_800,
        "took": "took 12.5 ms", "number": 17, "text": "Deploy of *checkout-api* finished", "markup": "a <any> b", "none": null,
    });
    let mut trace = with_answer(&answer);
    trace.request.body = support::body(&json!({ "id": format!("Ev{UUID}"), "short": "0F6FD2F094" }).to_string());
    let sample = sample(&json!({ "id": "Ev{{uuid}}", "short": "{{short_id}}", "of": "evt_1NG8Du2eZvKYlo2CUI79vXWy" }));
    let expectation = proposed(Some(&json!({ "answer": "old" })), &trace, Some(&sample), &[]);
    assert_eq!(
        expectation["answer"],
        json!({
            "event": "Ev<uuid>", "short": "<id>", "fixed": "evt_1NG8Du2eZvKYlo2CUI79vXWy", "made": "<id>",
            "sent": "<iso-time>", "born": "1999-12-31", "ts": "<unix-time>.000100", "seconds": "<unix-time>",
            "took": "took <number> ms", "number": 17, "text": "Deploy of *checkout-api* finished",
            "markup": r"<text:a \x3Cany\x3E b>", "none": null,
        })
    );
    assert_eq!(compare(&expectation, &trace), []);
}

#[test]
fn an_update_keeps_what_holds_and_what_the_author_left_out() {
    let existing = json!({
        "status": 201,
        "answer": { "status": "<text:created|duplicate>", "page_id": "<id>", "gone": 1, "never": "<absent>" },
        "outbound": [
            { "method": "POST", "url": "https://login.example/token", "body": "<any>", "optional": true },
            { "method": "POST", "url": "https://api.notion.com/v1/data_sources/<id>/query", "optional": true },
            { "method": "GET", "url": "https://slack.com/api/users.info" },
            { "method": "POST", "url": "https://api.notion.com/v1/pages", "body": { "properties": { "Title": "Bye" } } },
        ],
        "in_time": true,
    });
    let trace = support::trace();
    let updated = proposed(Some(&existing), &trace, None, &[]);
    assert_eq!(
        updated,
        json!({
            "status": 200,
            "answer": { "status": "<text:created|duplicate>", "page_id": "<id>", "never": "<absent>" },
            "outbound": [
                { "method": "POST", "url": "https://login.example/token", "body": "<any>", "optional": true },
                { "method": "POST", "url": "https://api.notion.com/v1/data_sources/<id>/query", "optional": true },
                { "method": "POST", "url": "https://api.notion.com/v1/pages", "body": { "properties": { "Title": "Hello" } } },
            ],
            "in_time": true,
        })
    );
    assert_eq!(compare(&updated, &trace), []);
    assert_eq!(proposed(Some(&updated), &trace, None, &[]), updated, "a second update changes nothing");
}

#[test]
fn a_call_that_nobody_expected_is_described_as_the_others_are_and_in_its_place() {
    let pages = json!({ "url": "https://api.notion.com/v1/pages", "status": "<integer:200..299>" });
    let updated = proposed(Some(&json!({ "outbound": [pages] })), &support::trace(), None, &[]);
    let query = json!({ "url": "https://api.notion.com/v1/data_sources/<uuid>/query", "status": 200 });
    assert_eq!(updated, json!({ "outbound": [query, pages] }));
}

#[test]
fn what_was_redacted_is_no_expected_value() {
    let trace = with_answer(&json!({ "authorization": "Bearer <redacted:TOKEN>", "whole": "<redacted:TOKEN>" }));
    let text = proposed(None, &trace, None, &[]);
    assert_eq!(text["answer"], json!({ "authorization": "Bearer <any>", "whole": "<any>" }));
    assert!(!text.to_string().contains("redacted"), "{text}");
}

#[test]
fn what_went_wrong_is_part_of_a_new_expectation() {
    let trace = support::failed();
    let expectation = proposed(None, &trace, None, &[]);
    assert_eq!(expectation["outcome"], "exception");
    assert_eq!(expectation["exceptions"][0]["name"], "TypeError");
    assert_eq!(expectation["outbound"][1]["status"], 429);
    assert_eq!(compare(&expectation, &trace), []);
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(Value::from),
        "\\PC{0,24}".prop_map(Value::from),
        "[<>a-z:()|. -]{0,16}(<any>|<id>|<text:[a-z(]{1,3}>|<redacted:[A-Z]{3}>|<number:1>|<rest>|<absent>)?[<>a-z]{0,4}"
            .prop_map(Value::from),
        Just(Value::from(UUID)),
        Just(Value::from("at 2026-11-21T08:30:00Z, 1795249800")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z .]{0,6}", inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_proposed_is_met(before in json_value(), answer in json_value()) {
        let trace = with_answer(&answer);
        for existing in [None, Some(json!({ "answer": before }))] {
            let expectation = proposed(existing.as_ref(), &trace, None, &[]);
            prop_assert_eq!(compare(&expectation, &trace), [], "{}", expectation);
            prop_assert_eq!(proposed(Some(&expectation), &trace, None, &[]), expectation);
        }
    }
}
