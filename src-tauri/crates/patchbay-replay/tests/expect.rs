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
    assert_eq!(differences(&[token(200), find(200, false)]), ["outbound[1]"], "a call that nobody expects");
    let required = json!({ "method": "POST", "url": "https://x.example/token", "optional": false });
    assert_eq!(differences(&[required, find(200, true), json!({})]), ["outbound[0]"], "it must be made");
}

#[test]
fn a_delivery_without_an_answer_meets_no_status() {
    let differences = compare(&json!({ "status": 200, "in_time": true }), &support::failed());
    assert_eq!(differences.len(), 2, "{differences:?}");
}

#[test]
fn one_call_more_or_less_is_one_difference_and_the_others_stay_with_their_own() {
    let query = json!({ "method": "POST", "url": "https://api.notion.com/v1/data_sources/<id>/query" });
    let page = json!({ "method": "POST", "url": "https://api.notion.com/v1/pages" });
    let user = json!({ "method": "GET", "url": "https://slack.com/api/users.info" });
    for (expected, differing) in [
        (vec![query.clone(), page.clone()], vec![]),
        (vec![user.clone(), query.clone(), page.clone()], vec!["outbound[0]"]),
        (vec![query.clone(), user.clone(), page.clone()], vec!["outbound[1]"]),
        (vec![query.clone(), page.clone(), user], vec!["outbound[2]"]),
        (vec![page.clone()], vec!["outbound[0]"]),
        (vec![query.clone()], vec!["outbound[1]"]),
        (vec![page, query.clone()], vec!["outbound[0].position"]),
        (
            vec![query, json!({ "method": "PATCH", "url": "https://api.notion.com/v1/pages" })],
            vec!["outbound[1].method"],
        ),
    ] {
        assert_eq!(paths(&json!({ "outbound": expected })), differing, "{expected:?}");
    }
}

#[test]
fn calls_that_went_on_at_the_same_time_have_no_order() {
    let mut trace = support::trace();
    trace.outbound[0].duration_ms = 60.0;
    let expected = json!({ "outbound": [
        { "url": "https://api.notion.com/v1/pages" },
        { "url": "https://api.notion.com/v1/data_sources/<id>/query" },
    ] });
    assert_eq!(compare(&expected, &trace), []);
}

#[test]
fn lists_say_what_is_missing_what_is_too_much_and_where_more_may_follow() {
    let with = |blocks: &Value| {
        let mut trace = support::trace();
        let answer = trace.response.as_mut().expect("an answer");
        answer.body = support::body(&json!({ "blocks": blocks }).to_string());
        trace
    };
    let present =
        json!([{ "type": "heading", "text": "A" }, { "type": "text", "text": "B" }, { "type": "text", "text": "C" }]);
    for (expected, differing) in [
        (json!([{ "text": "A" }, { "text": "B" }, { "text": "C" }]), vec![]),
        (json!([{ "text": "A" }, { "text": "C" }]), vec!["answer.blocks[1]"]),
        (
            json!([{ "text": "A" }, { "text": "X", "type": "divider" }, { "text": "B" }, { "text": "C" }]),
            vec!["answer.blocks[1]"],
        ),
        (json!([{ "text": "A" }, { "text": "<text:b|c>" }, { "text": "C" }]), vec!["answer.blocks[1].text"]),
        (json!([{ "text": "A" }, "<rest>"]), vec![]),
        (json!(["<rest>"]), vec![]),
        (json!([{ "text": "B" }, "<rest>"]), vec!["answer.blocks[0].text"]),
        (json!(["<each>", { "text": "<text>", "id": "<absent>" }]), vec![]),
        (json!(["<each>", { "type": "text" }]), vec!["answer.blocks[0].type"]),
        (json!("<list>"), vec![]),
    ] {
        let differences = compare(&json!({ "answer": { "blocks": expected } }), &with(&present));
        let paths: Vec<&str> = differences.iter().map(|difference| difference.path.as_str()).collect();
        assert_eq!(paths, differing, "{expected}");
    }
    let empty = compare(&json!({ "answer": { "blocks": ["<each>", "<any>"] } }), &with(&json!([])));
    assert_eq!(empty.len(), 1, "each of none is none: {empty:?}");
}

#[test]
fn absent_keys_numbers_and_odd_names_are_compared_exactly() {
    let mut trace = support::trace();
    let body = r#"{"id":9007199254740993,"rate":2.50,"Due date":null,"a.b":1}"#;
    trace.response.as_mut().expect("an answer").body = support::body(body);
    let paths = |answer: Value| -> Vec<String> {
        compare(&json!({ "answer": answer }), &trace).into_iter().map(|difference| difference.path).collect()
    };
    assert_eq!(paths(json!({ "id": 9_007_199_254_740_993_u64, "rate": 2.5, "gone": "<absent>" })), [""; 0]);
    assert_eq!(paths(json!({ "id": 9_007_199_254_740_992_u64 })), ["answer.id"], "the last digit counts");
    assert_eq!(paths(json!({ "rate": "<absent>" })), ["answer.rate"]);
    assert_eq!(paths(json!({ "Due date": "<any>", "a.b": 2 })), [r#"answer["Due date"]"#, r#"answer["a.b"]"#]);
}
