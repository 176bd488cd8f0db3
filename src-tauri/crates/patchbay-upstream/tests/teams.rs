//! The simulated Teams Workflows URL through the registry, as an adapter's calls reach it.

use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse, Secret};
use patchbay_upstream::{Outcome, Upstreams};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

const NEW: &str = "https://abc.0f.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/0f3a/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=example";
const OLD: &str = "https://prod-12.westeurope.logic.azure.com/workflows/0f3a/triggers/manual/paths/invoke?api-version=2016-06-01&sig=example";

fn card(element: &Value) -> Value {
    json!({ "type": "message", "attachments": [{
        "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null,
        "content": { "type": "AdaptiveCard", "version": "1.4", "body": [element] },
    }] })
}

fn post(upstreams: &Upstreams, url: &str, body: &Value, now: OffsetDateTime) -> HttpResponse {
    let request = HttpRequest {
        method: "POST".into(),
        url: url.into(),
        headers: HttpMessageHeaders::from_iter([("content-type", "application/json")]),
        body: body.to_string().into(),
    };
    match upstreams.answer_at("customer-a", &request, now) {
        Outcome::Respond(response) => response,
        other => panic!("an answer was expected: {other:?}"),
    }
}

fn code(response: &HttpResponse) -> (u16, String) {
    let body: Value = serde_json::from_slice(&response.body).expect("JSON");
    (response.status, body["error"]["code"].as_str().expect("a code").to_owned())
}

#[test]
fn a_card_is_queued_and_a_bad_one_fails_later() {
    let upstreams = Upstreams::new();
    let now = OffsetDateTime::UNIX_EPOCH;
    for url in [NEW, OLD] {
        let answer = post(&upstreams, url, &card(&json!({ "type": "TextBlock", "text": "x" })), now);
        assert_eq!((answer.status, answer.body.len()), (202, 0));
    }
    assert_eq!(upstreams.late_failures("customer-a"), []);
    let bad = [
        (card(&json!({ "type": "TextBlock" })), "The card's `body[0]` is a TextBlock without `text`"),
        (card(&json!({ "text": "x" })), "The card's `body[0]` has no `type`"),
        (
            json!({ "attachments": [{ "contentType": "application/vnd.microsoft.teams.card.o365connector", "content": {} }] }),
            "The attachment's contentType is `application/vnd.microsoft.teams.card.o365connector`; Workflows post `application/vnd.microsoft.card.adaptive` only",
        ),
    ];
    for (seconds, (body, failure)) in (1..).zip(bad) {
        assert_eq!(post(&upstreams, NEW, &body, now + Duration::seconds(seconds)).status, 202, "{body}");
        assert_eq!(upstreams.late_failures("customer-a").pop(), Some(("teams", failure.to_owned())));
    }
    let long = card(&json!({ "type": "TextBlock", "text": "x".repeat(29_000) }));
    assert_eq!(post(&upstreams, NEW, &long, now + Duration::seconds(9)).status, 202);
    assert_eq!(upstreams.late_failures("customer-a").len(), 4);
}

#[test]
fn what_the_trigger_itself_checks_is_refused_at_once() {
    let upstreams = Upstreams::new();
    let now = OffsetDateTime::UNIX_EPOCH;
    let good = card(&json!({ "type": "TextBlock", "text": "x" }));
    for (url, body, expected) in [
        (&NEW.replace("&sig=example", ""), &good, (401, "DirectApiAuthorizationRequired")),
        (&NEW.replace("api-version=1&", ""), &good, (400, "MissingApiVersionParameter")),
        (&NEW.replace("manual", "other"), &good, (404, "WorkflowNotFound")),
        (&NEW.to_owned(), &json!("text"), (400, "TriggerInputSchemaMismatch")),
        (&NEW.to_owned(), &json!({ "text": "x" }), (400, "TriggerInputSchemaMismatch")),
        (&NEW.to_owned(), &json!({ "attachments": ["x"] }), (400, "TriggerInputSchemaMismatch")),
    ] {
        let answer = code(&post(&upstreams, url, body, now));
        assert_eq!((answer.0, answer.1.as_str()), expected, "{url} {body}");
    }
    assert!(upstreams.expect_tokens("customer-a", "teams", vec![Secret::new("another-signature")]));
    assert_eq!(code(&post(&upstreams, NEW, &good, now + Duration::seconds(1))), (401, "AuthorizationFailed".into()));
}

#[test]
fn the_fifth_message_in_a_second_has_to_wait() {
    let upstreams = Upstreams::new();
    let now = OffsetDateTime::UNIX_EPOCH;
    let good = card(&json!({ "type": "TextBlock", "text": "x" }));
    assert!((0..4).all(|_| post(&upstreams, NEW, &good, now).status == 202));
    let refused = post(&upstreams, NEW, &good, now);
    assert_eq!((refused.status, refused.headers.get("retry-after")), (429, Some("1")));
    assert_eq!(post(&upstreams, NEW, &good, now + Duration::seconds(1)).status, 202);
}
