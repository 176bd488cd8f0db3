//! The simulated Slack through the registry, as an adapter's calls reach it.

use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse, Secret};
use patchbay_upstream::{Outcome, Upstreams};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

fn request(method: &str, body: &Value) -> HttpRequest {
    HttpRequest {
        method: "POST".into(),
        url: format!("https://slack.com/api/{method}"),
        headers: HttpMessageHeaders::from_iter([
            ("authorization", "Bearer example-slack-token"),
            ("content-type", "application/json; charset=utf-8"),
        ]),
        body: body.to_string().into(),
    }
}

fn answered(upstreams: &Upstreams, request: &HttpRequest, now: OffsetDateTime) -> HttpResponse {
    match upstreams.answer_at("customer-a", request, now) {
        Outcome::Respond(response) => response,
        other => panic!("an answer was expected: {other:?}"),
    }
}

fn send(upstreams: &Upstreams, method: &str, body: &Value) -> Value {
    let response = answered(upstreams, &request(method, body), OffsetDateTime::UNIX_EPOCH + Duration::days(20_000));
    assert_eq!(response.status, 200, "{method}");
    serde_json::from_slice(&response.body).expect("JSON")
}

fn unpaced() -> Upstreams {
    let upstreams = Upstreams::new();
    upstreams.lift_rate_limits("customer-a");
    upstreams
}

#[test]
fn metadata_is_shown_to_those_who_ask_for_it_and_times_leave_themselves_out() {
    let upstreams = unpaced();
    let channel = "C0123456789";
    let metadata = json!({ "event_type": "example", "event_payload": { "event_id": "evt_1" } });
    let post = json!({ "channel": channel, "text": "one", "metadata": metadata });
    let ts = send(&upstreams, "chat.postMessage", &post)["ts"].as_str().expect("a ts").to_owned();
    let history = |more: Value| {
        let mut arguments = json!({ "channel": channel });
        arguments.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
        send(&upstreams, "conversations.history", &arguments)["messages"].as_array().cloned().expect("a list")
    };
    assert_eq!(history(json!({}))[0].get("metadata"), None);
    assert_eq!(history(json!({ "include_all_metadata": true }))[0]["metadata"], metadata);
    for time in ["oldest", "latest"] {
        assert_eq!(history(json!({ time: ts })).len(), 0, "{time}");
        assert_eq!(history(json!({ time: ts, "inclusive": true })).len(), 1, "{time}");
    }
    for wrong in [json!({ "event_type": "example" }), json!("example"), json!({ "event_payload": {} })] {
        let refused =
            send(&upstreams, "chat.postMessage", &json!({ "channel": channel, "text": "x", "metadata": wrong }));
        assert_eq!(refused["error"], "invalid_metadata_format", "{refused}");
    }
}

#[test]
fn a_message_is_posted_read_changed_and_answered() {
    let upstreams = unpaced();
    let posted = send(&upstreams, "chat.postMessage", &json!({ "channel": "C0123456789", "text": "one" }));
    assert_eq!((&posted["ok"], &posted["channel"]), (&json!(true), &json!("C0123456789")), "{posted}");
    assert_eq!(posted["message"]["text"], "one");
    let ts = posted["ts"].as_str().expect("a ts");
    assert_eq!(ts, "1728000000.000000");
    let reply = json!({ "channel": "C0123456789", "text": "two", "thread_ts": ts });
    let second = send(&upstreams, "chat.postMessage", &reply);
    assert_ne!(second["ts"], posted["ts"], "a ts names one message");

    let in_channel = json!({ "channel": "C0123456789" });
    let history = send(&upstreams, "conversations.history", &in_channel);
    assert_eq!(history["messages"].as_array().map(Vec::len), Some(1), "a reply is not in the channel: {history}");
    let replies = send(&upstreams, "conversations.replies", &json!({ "channel": "C0123456789", "ts": ts }));
    assert_eq!(replies["messages"].as_array().map(Vec::len), Some(2));
    let changed = send(&upstreams, "chat.update", &json!({ "channel": "C0123456789", "ts": ts, "text": "three" }));
    assert_eq!(changed["message"]["text"], "three");
    let reaction = json!({ "channel": "C0123456789", "timestamp": ts, "name": "eyes" });
    assert_eq!(send(&upstreams, "reactions.add", &reaction)["ok"], true);
    assert_eq!(send(&upstreams, "reactions.add", &reaction)["error"], "already_reacted");
    let deleted = json!({ "channel": "C0123456789", "ts": ts });
    assert_eq!(send(&upstreams, "chat.delete", &deleted)["ok"], true);
    assert_eq!(send(&upstreams, "chat.delete", &deleted)["error"], "message_not_found");

    let by_name = send(&upstreams, "chat.postMessage", &json!({ "channel": "#critical-alerts", "text": "x" }));
    let again = send(&upstreams, "chat.postMessage", &json!({ "channel": "critical-alerts", "text": "x" }));
    assert_eq!(by_name["channel"], again["channel"], "a channel has one id");
    assert_eq!(send(&upstreams, "users.info", &json!({ "user": "U0123456789" }))["user"]["id"], "U0123456789");
}

#[test]
fn forms_are_read_like_json() {
    let upstreams = unpaced();
    let mut form = request("chat.postMessage", &json!({}));
    form.headers.set("content-type", "application/x-www-form-urlencoded");
    form.headers.remove("authorization");
    form.body = "token=example-slack-token&channel=C0123456789&blocks=%5B%7B%22type%22%3A%22divider%22%7D%5D".into();
    let answer = answered(&upstreams, &form, OffsetDateTime::UNIX_EPOCH);
    let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(body["message"]["blocks"], json!([{ "type": "divider" }]), "{body}");
    form.body = "token=example-slack-token&channel=C0123456789&blocks=%5B".into();
    let answer = answered(&upstreams, &form, OffsetDateTime::UNIX_EPOCH);
    assert_eq!(answer.body, r#"{"ok":false,"error":"invalid_blocks_format"}"#);
}

#[test]
fn what_slack_refuses_is_a_200_with_a_word() {
    let upstreams = unpaced();
    let message = |fields: &Value| {
        let mut body = json!({ "channel": "C0123456789" });
        body.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
        body
    };
    let section = |text: &str| json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } });
    for (body, error, place) in [
        (json!({ "text": "x" }), "channel_not_found", None),
        (json!({ "channel": "Not A Channel", "text": "x" }), "channel_not_found", None),
        (message(&json!({})), "no_text", None),
        (message(&json!({ "text": "  " })), "no_text", None),
        (message(&json!({ "blocks": vec![section("x"); 51] })), "invalid_blocks", Some("/blocks]")),
        (message(&json!({ "blocks": [section(&"x".repeat(3001))] })), "invalid_blocks", Some("/blocks/0/text/text]")),
        (message(&json!({ "blocks": [{ "type": "sparkles" }] })), "invalid_blocks", Some("/blocks/0/type]")),
        (message(&json!({ "blocks": [{ "type": "header" }] })), "invalid_blocks", Some("/blocks/0]")),
        (
            message(&json!({ "blocks": [{ "type": "header", "text": { "type": "mrkdwn", "text": "x" } }] })),
            "invalid_blocks",
            Some("/blocks/0/text/type]"),
        ),
    ] {
        let answer = send(&upstreams, "chat.postMessage", &body);
        assert_eq!((&answer["ok"], answer["error"].as_str()), (&json!(false), Some(error)), "{body}");
        if let Some(place) = place {
            let complaint = answer["response_metadata"]["messages"][0].as_str().expect("a complaint");
            assert!(complaint.ends_with(place), "{complaint}");
        }
    }
    let long = send(&upstreams, "chat.postMessage", &message(&json!({ "text": "é".repeat(40_001) })));
    assert_eq!(long["message"]["text"].as_str().map(|text| text.chars().count()), Some(40_000));
    assert_eq!(long["warning"], "message_truncated");
    assert_eq!(send(&upstreams, "chat.sing", &json!({}))["error"], "unknown_method");

    let mut anonymous = request("auth.test", &json!({}));
    anonymous.headers.remove("authorization");
    let now = OffsetDateTime::UNIX_EPOCH;
    assert_eq!(answered(&upstreams, &anonymous, now).body, r#"{"ok":false,"error":"not_authed"}"#);
    upstreams.set_faults("customer-a", vec!["slack#1:expired-token".parse().expect("a fault")]);
    assert_eq!(send(&upstreams, "auth.test", &json!({}))["error"], "token_expired");
    upstreams.set_faults("customer-a", vec!["slack#1:404".parse().expect("a fault")]);
    assert_eq!(send(&upstreams, "auth.test", &json!({}))["error"], "channel_not_found", "Slack has no 404 of its own");
    assert!(upstreams.expect_tokens("customer-a", "slack", vec![Secret::new("another-token")]));
    assert_eq!(send(&upstreams, "auth.test", &json!({}))["error"], "invalid_auth");
}

#[test]
fn a_channel_takes_a_message_a_second_with_short_bursts() {
    let upstreams = Upstreams::new();
    let start = OffsetDateTime::UNIX_EPOCH;
    let post = |channel: &str, seconds: i64| {
        let request = request("chat.postMessage", &json!({ "channel": channel, "text": "x" }));
        answered(&upstreams, &request, start + Duration::seconds(seconds))
    };
    assert!((0..5).all(|_| post("C0123456789", 0).status == 200));
    let refused = post("C0123456789", 1);
    assert_eq!((refused.status, refused.headers.get("retry-after")), (429, Some("4")));
    assert_eq!(refused.body, r#"{"ok":false,"error":"ratelimited"}"#);
    assert_eq!(post("C9876543210", 1).status, 200, "another channel is not affected");
    assert_eq!(post("C0123456789", 5).status, 200);
}

#[test]
fn incoming_webhooks_answer_in_plain_text() {
    let upstreams = unpaced();
    let hook = |path: &str, body: &str| {
        let request = HttpRequest {
            method: "POST".into(),
            url: format!("https://hooks.slack.com{path}"),
            headers: HttpMessageHeaders::from_iter([("content-type", "application/json")]),
            body: body.to_owned().into(),
        };
        let answer = answered(&upstreams, &request, OffsetDateTime::UNIX_EPOCH);
        (answer.status, String::from_utf8(answer.body.to_vec()).expect("text"))
    };
    let url = "/services/T00000000/B00000000/example";
    for (path, body, status, text) in [
        (url, r#"{"text":"x"}"#, 200, "ok"),
        ("/commands/T00000000/1/example", r#"{"text":"x","response_type":"in_channel"}"#, 200, "ok"),
        ("/actions/T00000000/1/example", r#"{"delete_original":true}"#, 200, "ok"),
        (url, r#"{"text":""}"#, 400, "no_text"),
        (url, "text", 400, "invalid_payload"),
        (url, r#"{"blocks":[{"type":"nonsense"}]}"#, 400, "invalid_blocks"),
        ("/services/T00000000", r#"{"text":"x"}"#, 404, "no_service"),
    ] {
        assert_eq!(hook(path, body), (status, text.to_owned()), "{path} {body}");
    }
}
