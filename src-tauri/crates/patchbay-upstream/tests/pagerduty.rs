//! The simulated `PagerDuty` through the registry, as an adapter's calls reach it.

use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse, Secret};
use patchbay_upstream::{Outcome, Upstreams};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
const EVENTS: &str = "https://events.pagerduty.com/v2/enqueue";
const EU_EVENTS: &str = "https://events.eu.pagerduty.com/v2/enqueue";
const INCIDENTS: &str = "https://api.pagerduty.com/incidents";

fn request(method: &str, url: &str, body: Option<&Value>) -> HttpRequest {
    HttpRequest {
        method: method.into(),
        url: url.into(),
        headers: HttpMessageHeaders::from_iter([
            ("authorization", "Token token=example-pagerduty-key"),
            ("content-type", "application/json"),
            ("from", "oncall@example.com"),
        ]),
        body: body.map(Value::to_string).unwrap_or_default().into(),
    }
}

fn answered(upstreams: &Upstreams, request: &HttpRequest, now: OffsetDateTime) -> HttpResponse {
    match upstreams.answer_at("customer-a", request, now) {
        Outcome::Respond(response) => response,
        other => panic!("an answer was expected: {other:?}"),
    }
}

fn send(upstreams: &Upstreams, method: &str, url: &str, body: Option<&Value>) -> (u16, Value) {
    let response = answered(upstreams, &request(method, url, body), START);
    (response.status, serde_json::from_slice(&response.body).expect("JSON"))
}

fn event(action: &str, dedup_key: &str) -> Value {
    json!({
        "routing_key": "example0".repeat(4), "event_action": action, "dedup_key": dedup_key,
        "payload": { "summary": "Checkout is down", "source": "slack", "severity": "critical" },
    })
}

#[test]
fn events_of_one_key_are_one_incident() {
    let upstreams = Upstreams::new();
    let accepted = json!({ "status": "success", "message": "Event processed", "dedup_key": "Ev1" });
    assert_eq!(send(&upstreams, "POST", EVENTS, Some(&event("trigger", "Ev1"))), (202, accepted.clone()));
    assert_eq!(send(&upstreams, "POST", EVENTS, Some(&event("trigger", "Ev1"))), (202, accepted));
    let open = || send(&upstreams, "GET", &format!("{INCIDENTS}?incident_key=Ev1&statuses[]=triggered"), None).1;
    let incidents = open();
    assert_eq!(incidents["incidents"].as_array().map(Vec::len), Some(1), "{incidents}");
    assert_eq!(incidents["incidents"][0]["alert_counts"]["all"], 2);
    assert!(!incidents.to_string().contains("example0example0"), "a routing key is never shown");
    send(&upstreams, "POST", EVENTS, Some(&event("acknowledge", "Ev1")));
    assert_eq!(open()["incidents"], json!([]));
    send(&upstreams, "POST", EVENTS, Some(&event("resolve", "Ev1")));
    send(&upstreams, "POST", EVENTS, Some(&event("trigger", "Ev1")));
    assert_eq!(send(&upstreams, "GET", INCIDENTS, None).1["incidents"].as_array().map(Vec::len), Some(2));

    let mut without = event("trigger", "");
    without.as_object_mut().expect("an object").remove("dedup_key");
    let (_, first) = send(&upstreams, "POST", EVENTS, Some(&without));
    let (_, second) = send(&upstreams, "POST", EVENTS, Some(&without));
    assert_ne!(first["dedup_key"], second["dedup_key"], "without a key every trigger opens an incident");
    assert_eq!(send(&upstreams, "POST", EU_EVENTS, Some(&event("trigger", "Eu1"))).0, 202);
    let eu = send(&upstreams, "GET", "https://api.eu.pagerduty.com/incidents", None).1;
    assert_eq!(eu["incidents"].as_array().map(Vec::len), Some(1), "the EU region has its own incidents: {eu}");
}

#[test]
fn events_are_refused_with_every_reason() {
    let upstreams = Upstreams::new();
    let change = |name: &str, value: Value| {
        let mut event = event("trigger", "Ev1");
        *event.pointer_mut(name).expect("a field") = value;
        event
    };
    for (body, error) in [
        (json!({}), "'routing_key' is missing or blank"),
        (change("/routing_key", json!("short")), "Length of 'routing_key' is incorrect (should be 32 characters)"),
        (
            change("/event_action", json!("open")),
            "'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')",
        ),
        (change("/payload", json!(null)), "'payload' is missing or blank"),
        (change("/payload/summary", json!("")), "'payload.summary' is missing or blank"),
        (
            change("/payload/summary", json!("é".repeat(1025))),
            "'payload.summary' is too long (maximum is 1024 characters)",
        ),
        (change("/payload/source", json!(7)), "'payload.source' is not a string"),
        (
            change("/payload/severity", json!("fatal")),
            "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')",
        ),
        (change("/dedup_key", json!("k".repeat(256))), "'dedup_key' is too long (maximum is 255 characters)"),
    ] {
        let (status, refused) = send(&upstreams, "POST", EVENTS, Some(&body));
        assert_eq!((status, refused["status"].as_str()), (400, Some("invalid event")), "{refused}");
        assert_eq!(refused["errors"], json!([error]));
    }
    let mut resolve = event("resolve", "");
    resolve.as_object_mut().expect("an object").remove("dedup_key");
    assert_eq!(
        send(&upstreams, "POST", EVENTS, Some(&resolve)).1["errors"],
        json!(["'dedup_key' is missing or blank"])
    );
    let large = change("/payload/source", json!("x".repeat(512 * 1024)));
    assert_eq!(send(&upstreams, "POST", EVENTS, Some(&large)).0, 400);
    assert!(upstreams.expect_tokens("customer-a", "pagerduty", vec![Secret::new("another0".repeat(4))]));
    assert_eq!(
        send(&upstreams, "POST", EVENTS, Some(&event("trigger", "x"))).1["errors"],
        json!(["Invalid routing key"])
    );
}

#[test]
fn an_incident_is_created_changed_and_noted_over_rest() {
    let upstreams = Upstreams::new();
    let incident = json!({ "incident": {
        "type": "incident", "title": "Checkout is down", "incident_key": "Ev1",
        "service": { "id": "PSERVIC", "type": "service_reference" }, "body": { "type": "incident_body", "details": "x" },
    } });
    let (status, created) = send(&upstreams, "POST", INCIDENTS, Some(&incident));
    assert_eq!((status, created["incident"]["status"].as_str()), (201, Some("triggered")), "{created}");
    let (status, refused) = send(&upstreams, "POST", INCIDENTS, Some(&incident));
    assert_eq!(status, 400);
    let existing = "Open incident with matching dedup key already exists on this service";
    assert_eq!(refused["error"]["errors"], json!([existing]));
    let one = format!("{INCIDENTS}/{}", created["incident"]["id"].as_str().expect("an id"));
    let note = json!({ "note": { "content": "looking" } });
    assert_eq!(send(&upstreams, "POST", &format!("{one}/notes"), Some(&note)).0, 200);
    assert_eq!(send(&upstreams, "GET", &format!("{one}/notes"), None).1["notes"][0]["content"], "looking");
    let resolved = json!({ "incident": { "type": "incident_reference", "status": "resolved" } });
    assert_eq!(send(&upstreams, "PUT", &one, Some(&resolved)).1["incident"]["status"], "resolved");
    assert_eq!(send(&upstreams, "PUT", &one, Some(&resolved)).0, 400);
    assert_eq!(send(&upstreams, "GET", &one.replace("api.", "api.eu."), None).0, 404);

    let empty = json!({ "incident": { "type": "incident" } });
    let (_, refused) = send(&upstreams, "POST", INCIDENTS, Some(&empty));
    assert_eq!(refused["error"]["errors"], json!(["Title cannot be empty.", "Service cannot be empty."]));
    let mut anonymous = request("POST", INCIDENTS, Some(&incident));
    anonymous.headers.remove("from");
    assert_eq!(answered(&upstreams, &anonymous, START).status, 400);
    anonymous.headers.remove("authorization");
    assert_eq!(answered(&upstreams, &anonymous, START).status, 401);
    assert_eq!(send(&upstreams, "GET", "https://api.pagerduty.com/services", None).0, 501);
}

#[test]
fn a_routing_key_takes_120_events_a_minute() {
    let upstreams = Upstreams::new();
    let trigger = request("POST", EVENTS, Some(&event("trigger", "Ev1")));
    assert!((0..120).all(|_| answered(&upstreams, &trigger, START).status == 202));
    let refused = answered(&upstreams, &trigger, START + Duration::seconds(59));
    assert_eq!((refused.status, refused.headers.get("retry-after")), (429, None));
    assert_eq!(answered(&upstreams, &trigger, START + Duration::minutes(1)).status, 202);
    let list = request("GET", INCIDENTS, None);
    assert!((0..960).all(|_| answered(&upstreams, &list, START).status == 200));
    let refused = answered(&upstreams, &list, START + Duration::seconds(10));
    assert_eq!((refused.status, refused.headers.get("ratelimit-reset")), (429, Some("50")));
}
