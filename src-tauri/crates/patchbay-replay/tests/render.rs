//! What a person sees.

mod support;

use patchbay_replay::render::tree;
use patchbay_replay::trace::{Against, Origin, Visibility};
use serde_json::json;

#[test]
fn a_delivery_that_worked() {
    let mut trace = support::trace();
    trace.expect(&json!({ "status": 200, "answer": { "page_id": "<id>" } }));
    insta::assert_snapshot!(tree(&trace), @r#"
    47.3 ms  customer-a/slack-to-notion · message · production eu · delivery dlv-1
             ├─ slack sends POST http://127.0.0.1:8787/ (1.2 kB, signed)
     2.0 ms  ├─ dispatcher by rule headers → customer-a-slack-to-notion@191499ef in prod-eu
    43.9 ms  ├─ adapter ok, 3.1 ms CPU
     4.2 ms  │  ├─ POST https://api.notion.com/v1/data_sources/11111111-2222-4333-8444-555555555555/query → 200 (simulated)
     4.2 ms  │  ├─ POST https://api.notion.com/v1/pages → 200 (simulated)
             │  └─ log: created page
    47.3 ms  ├─ answer 200 (application/json, 69 B), in time (3 s)
             │  └─ {"status":"created","page_id":"5f0e3c1a-0000-4000-8000-000000000001"}
             └─ as expected
    "#);
}

#[test]
fn a_delivery_that_failed() {
    let mut trace = support::failed();
    trace.expect(&json!({ "status": 200, "outbound": [{}] }));
    insta::assert_snapshot!(tree(&trace), @r#"
    47.3 ms  customer-a/slack-to-notion · message · production eu · delivery dlv-1
             ├─ slack sends POST http://127.0.0.1:8787/ (1.2 kB, signed)
     2.0 ms  ├─ dispatcher by rule headers → customer-a-slack-to-notion@191499ef in prod-eu
    43.9 ms  ├─ adapter exception
     4.2 ms  │  ├─ POST https://api.notion.com/v1/data_sources/11111111-2222-4333-8444-555555555555/query → 200 (simulated)
     4.2 ms  │  ├─ POST https://api.notion.com/v1/pages → 429 (simulated)
             │  │  └─ {"object":"error","status":429,"code":"rate_limited"}
             │  └─ TypeError: Cannot read properties of undefined (reading 'id')
             │     └─ at fetch src/adapter.ts:12:7
    47.3 ms  ├─ no answer: the connection ended without an answer, too late: slack waits 3 s
             ├─ the platform did not report the end: logs and calls may be missing
             └─ 2 differences from what was expected
                ├─ status
                │  ├─ expected 200
                │  └─ got      null
                └─ outbound[1]
                   ├─ expected null
                   └─ got      {"method":"POST","url":"https://api.notion.com/v1/pages","headers":{},"body":{"properties":{"Title":"Hello","Count":1}},"status":429,"answer":{"object":"error","status":429,"code":"rate_limited"},"answered_by":"simulated"}
    "#);
}

#[test]
fn a_delivery_that_was_retried_and_paced() {
    let mut trace = support::trace();
    trace.origin = Origin::Delivery("dlv-0".into());
    trace.against = Against::Draft;
    trace.sender = Some("duplicate 2 of 2".into());
    let mut again = trace.outbound[1].clone();
    trace.outbound[1].response.status = 429;
    (again.attempt, again.pacing_ms, again.at_ms, again.duration_ms) = (2, Some(200.0), 20.0, 203.0);
    trace.outbound.push(again);
    insta::assert_snapshot!(tree(&trace), @r#"
     47.3 ms  customer-a/slack-to-notion · message · from delivery dlv-0 · against draft · production eu · delivery dlv-1
              ├─ slack sends POST http://127.0.0.1:8787/ (1.2 kB, signed, duplicate 2 of 2)
      2.0 ms  ├─ dispatcher by rule headers → customer-a-slack-to-notion@191499ef in prod-eu
     43.9 ms  ├─ adapter ok, 3.1 ms CPU
      4.2 ms  │  ├─ POST https://api.notion.com/v1/data_sources/11111111-2222-4333-8444-555555555555/query → 200 (simulated)
      4.2 ms  │  ├─ POST https://api.notion.com/v1/pages → 429 (simulated)
              │  │  └─ {}
    203.0 ms  │  ├─ POST https://api.notion.com/v1/pages → 200 (simulated, attempt 2, waited 200.0 ms for its turn)
              │  └─ log: created page
     47.3 ms  └─ answer 200 (application/json, 69 B), in time (3 s)
                 └─ {"status":"created","page_id":"5f0e3c1a-0000-4000-8000-000000000001"}
    "#);
}

#[test]
fn a_delivery_seen_from_outside() {
    let mut trace = support::trace();
    trace.adapter_run = None;
    trace.outbound.clear();
    trace.visibility = Visibility::AnswerOnly;
    trace.rule = None;
    insta::assert_snapshot!(tree(&trace), @r#"
    47.3 ms  customer-a/slack-to-notion · message · production eu · delivery dlv-1
             ├─ slack sends POST http://127.0.0.1:8787/ (1.2 kB, signed)
             ├─ dispatcher
    47.3 ms  ├─ answer 200 (application/json, 69 B), in time (3 s)
             │  └─ {"status":"created","page_id":"5f0e3c1a-0000-4000-8000-000000000001"}
             └─ this dispatcher does not show logs and outbound calls
    "#);
}
