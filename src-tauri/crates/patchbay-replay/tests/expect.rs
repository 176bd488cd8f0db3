//! Expectations against a trace.

mod support;

use patchbay_replay::compare;
use serde_json::{Value, json};

fn paths(expectation: &Value) -> Vec<String> {
    compare(expectation, &support::trace()).into_iter().map(|difference| difference.path).collect()
}

#[test]
fn a_met_expectation_has_no_difference() {
    let met = json!({
        "status": 200,
        "headers": { "content-type": "application/json" },
        "answer": { "status": "created", "page_id": "<id>" },
        "outbound": [
            { "method": "POST", "url": "https://api.notion.com/v1/data_sources/<id>/query", "answer": { "results": [] } },
            { "url": "https://api.notion.com/v1/pages", "status": 200, "answered_by": "simulated",
              "body": { "properties": { "Title": "<text:H.*o>", "Count": 1.0 } } }
        ],
        "logs": [{ "level": "log", "message": "<any>page" }],
        "exceptions": [],
        "outcome": "ok",
        "in_time": true
    });
    assert_eq!(compare(&met, &support::trace()), []);
    assert_eq!(compare(&json!({}), &support::trace()), []);
}

#[test]
fn every_difference_is_named_by_its_path() {
    let differences = compare(
        &json!({
            "status": 201,
            "answer": { "page_id": "<iso-time>", "missing": "<any>" },
            "outbound": [{}, { "body": { "properties": { "Title": "Bye" } } }, { "method": "PATCH" }]
        }),
        &support::trace(),
    );
    let shown: Vec<Value> = differences.iter().map(|d| json!([d.path, d.expected, d.actual])).collect();
    assert_eq!(
        json!(shown),
        json!([
            ["status", 201, 200],
            ["answer.page_id", "<iso-time>", "5f0e3c1a-0000-4000-8000-000000000001"],
            ["answer.missing", "<any>", null],
            ["outbound[1].body.properties.Title", "Bye", "Hello"],
            ["outbound[2]", { "method": "PATCH" }, null]
        ])
    );
}

#[test]
fn surplus_calls_and_misspelt_keys_are_differences() {
    assert_eq!(paths(&json!({ "outbound": [] })), ["outbound[0]", "outbound[1]"]);
    assert_eq!(paths(&json!({ "outbund": [] })), ["outbund"]);
    assert_eq!(paths(&json!("ok")), [""]);
    assert_eq!(paths(&json!({ "logs": [{ "message": "<text:(>" }] })), ["logs[0].message"]);
    assert_eq!(paths(&json!({ "answer": "created" })), ["answer"]);
}

#[test]
fn an_optional_call_may_be_left_out_and_a_wrong_one_may_not() {
    let token =
        |status: u16| json!({ "method": "POST", "url": "https://x.example/token", "status": status, "optional": true });
    let find = |status: u16, optional: bool| {
        let url = "https://api.notion.com/v1/data_sources/<id>/query";
        json!({ "method": "POST", "url": url, "status": status, "optional": optional })
    };
    let differences = |calls: &[Value]| paths(&json!({ "outbound": calls }));
    assert!(differences(&[token(200), find(200, true), token(200), json!({}), token(200)]).is_empty());
    assert_eq!(
        differences(&[token(200), find(404, true), json!({})]),
        ["outbound[0].status"],
        "it was made, but failed"
    );
    assert_eq!(differences(&[token(200), json!({})]), ["outbound[1]"], "a call that nobody expects");
    let required = json!({ "method": "POST", "url": "https://x.example/token", "optional": false });
    assert_eq!(differences(&[required, find(200, true), json!({})]), ["outbound[0].url"], "it must be made");
}

#[test]
fn a_delivery_without_an_answer_meets_no_status() {
    let differences = compare(&json!({ "status": 200, "in_time": true }), &support::failed());
    assert_eq!(differences.len(), 2, "{differences:?}");
}
