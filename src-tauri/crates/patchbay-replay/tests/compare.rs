//! Deliveries against deliveries.

mod support;

use patchbay_replay::Trace;
use patchbay_replay::compare::{Change, Comparison, Strictness, compare_runs, text};
use patchbay_replay::trace::{Origin, TracedCall, TracedLog, Visibility};
use serde_json::{Value, json};
use time::Duration;

const STRICT: Strictness = Strictness { strict: true };
const USUAL: Strictness = Strictness { strict: false };

/// The trace as another delivery of the same webhook leaves it, 100 seconds later: other ids and other times.
fn again(trace: &Trace) -> Trace {
    let text = serde_json::to_string(trace).expect("a trace is JSON");
    let text = text.replace("5f0e3c1a-0000-4000-8000-000000000001", "77ab3c1a-9000-4000-9000-0000000000ff");
    let text = text.replace("T08:30:0", "T08:31:4").replace("1795249800", "1795249900").replace("Ev0PV52K21", "Ev8XQ");
    let mut trace: Trace = serde_json::from_str(&text).expect("still a trace");
    trace.id = "dlv-2".into();
    trace.started = support::trace().started + Duration::seconds(100);
    trace
}

/// A delivery with everything in it that varies.
fn busy() -> Trace {
    let mut trace = support::trace();
    trace.request.body = support::body(r#"{"event_id":"Ev0PV52K21","ts":"1795249800.000100","text":"Hello"}"#);
    let id = "5f0e3c1a-0000-4000-8000-000000000001";
    let page = json!({ "properties": { "Title": "Hello", "Event": "Ev0PV52K21", "At": "2026-11-21T08:30:00Z", "Count": 1,
        "Tags": ["a", "b", "c"] } });
    trace.outbound[1].request.body = support::body(&page.to_string());
    trace.outbound[1].response.body =
        support::body(&json!({ "id": id, "url": format!("https://notion.so/{id}") }).to_string());
    trace.outbound[1].request.headers = vec![
        ("Content-Length".into(), "120".into()),
        ("Idempotency-Key".into(), "slack-Ev0PV52K21".into()),
        ("X-Own-Signature".into(), "v1=1795249800".into()),
    ];
    let log = |message: &str| TracedLog { level: "log".into(), message: message.into(), at_ms: 30.0 };
    trace.adapter_run.as_mut().expect("a run").logs =
        vec![log(&format!("created {id} in 12.5 ms")), log(r#"{"event":"done","took_ms":12.25}"#)];
    trace
}

fn compared(before: Trace, after: Trace) -> Comparison {
    compare_runs(&[before], &[after], &[], USUAL)
}

fn shown(change: &Change) -> Value {
    json!([change.path, change.kind.as_str(), change.before, change.after])
}

fn changes(comparison: &Comparison) -> Value {
    comparison.pairs.iter().flat_map(|pair| &pair.changes).map(shown).collect()
}

fn paths(comparison: &Comparison) -> Vec<&str> {
    comparison.pairs.iter().flat_map(|pair| &pair.changes).map(|change| change.path.as_str()).collect()
}

fn with_body(mut trace: Trace, change: impl FnOnce(&mut Value)) -> Trace {
    let mut body = trace.outbound[1].request.body.json().expect("JSON");
    change(&mut body["properties"]);
    trace.outbound[1].request.body = support::body(&body.to_string());
    trace
}

#[test]
fn two_deliveries_of_one_webhook_are_equal_in_spite_of_new_ids_and_times() {
    let comparison = compared(busy(), again(&busy()));
    assert_eq!(changes(&comparison), json!([]));
    assert!(!comparison.differs());
    let varies: Vec<&str> = comparison.pairs[0].varies.iter().map(|change| change.path.as_str()).collect();
    for path in [
        "webhook.body.event_id",
        "answer.body.page_id",
        "outbound[1].body.properties.At",
        "outbound[1].headers.idempotency-key",
        "logs[0].message",
    ] {
        assert!(varies.contains(&path), "{path} varies: {varies:?}");
    }
    let strict = compare_runs(&[busy()], &[again(&busy())], &[], STRICT);
    assert!(strict.differs() && strict.pairs[0].varies.is_empty());
    assert!(paths(&strict).contains(&"outbound[1].answer.id"), "{:?}", paths(&strict));
    assert!(!compare_runs(&[busy()], &[busy()], &[], STRICT).differs());
}

#[test]
fn a_changed_mapping_shows_exactly_the_changed_fields() {
    let after = with_body(again(&busy()), |properties| {
        properties["Title"] = "Hello!".into();
        properties["Count"] = 2.into();
        properties["Tags"] = json!(["b", "c"]);
        properties["At"] = "2026-11-21T09:31:40Z".into();
        properties["Due date"] = Value::Null;
    });
    assert_eq!(
        changes(&compared(busy(), after)),
        json!([
            ["outbound[1].body.properties.Title", "changed", "Hello", "Hello!"],
            ["outbound[1].body.properties.At", "changed", "2026-11-21T08:30:00Z", "2026-11-21T09:31:40Z"],
            ["outbound[1].body.properties.Count", "changed", 1, 2],
            ["outbound[1].body.properties.Tags[0]", "removed", "a", null],
            ["outbound[1].body.properties[\"Due date\"]", "added", null, null],
        ])
    );
    let moved = with_body(again(&busy()), |properties| properties["Event"] = "Ev8XQ 2".into());
    assert_eq!(paths(&compared(busy(), moved)), ["outbound[1].body.properties.Event"]);
}

#[test]
fn what_an_upstream_echoes_does_not_hide_a_change() {
    let title = |mut trace: Trace, title: &str| {
        trace = with_body(trace, |properties| properties["Title"] = title.into());
        let mut echo = trace.outbound[1].response.body.json().expect("JSON");
        echo["title"] = title.into();
        trace.outbound[1].response.body = support::body(&echo.to_string());
        trace
    };
    let before = [title(busy(), "v1 Hello"), title(busy(), "v1 Hello")];
    let after = [title(again(&busy()), "v2 Hello"), title(again(&busy()), "v2 Hello")];
    let comparison = compare_runs(&before, &after, &[], USUAL);
    assert_eq!(paths(&comparison), ["outbound[1].body.properties.Title"; 2]);
}

#[test]
fn an_id_that_deliveries_share_is_a_setting_and_its_change_counts() {
    let table = |mut trace: Trace, id: &str| {
        trace.outbound[0].request.url = format!("https://api.notion.com/v1/data_sources/{id}/query");
        trace
    };
    let (one, other) = ("11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555");
    let (before, after) = (table(busy(), one), table(again(&busy()), other));
    assert!(!compared(before.clone(), after.clone()).differs(), "of one delivery alone nobody can tell");
    let witnessed = compare_runs(&[before], &[after], &[table(again(&busy()), one)], USUAL);
    assert_eq!(paths(&witnessed), ["outbound[0].url"]);
    let two = compare_runs(
        &[table(busy(), one), table(busy(), one)],
        &[table(again(&busy()), other), table(again(&busy()), other)],
        &[],
        USUAL,
    );
    assert_eq!(paths(&two), ["outbound[0].url"; 2]);
}

#[test]
fn a_dropped_call_is_one_finding_and_so_is_a_new_one() {
    let mut shorter = again(&busy());
    shorter.outbound.remove(0);
    let dropped = compared(busy(), shorter.clone());
    assert_eq!(paths(&dropped), ["outbound[0]"]);
    assert_eq!(dropped.pairs[0].changes[0].kind.as_str(), "removed");
    let added = compared(shorter, again(&busy()));
    assert_eq!(paths(&added), ["outbound[0]"]);
    assert_eq!(added.pairs[0].changes[0].kind.as_str(), "added");
    let mut renamed = again(&busy());
    renamed.outbound[1].request.url = "https://api.notion.com/v2/pages".into();
    assert_eq!(paths(&compared(busy(), renamed)), ["outbound[1].url"], "another URL is not two findings");
}

#[test]
fn the_order_of_calls_counts_unless_they_went_on_at_the_same_time() {
    let mut swapped = again(&busy());
    swapped.outbound.swap(0, 1);
    let moved = compared(busy(), swapped.clone());
    assert_eq!(changes(&moved), json!([["outbound[0].position", "moved", 1, 0]]));
    for call in &mut swapped.outbound {
        call.at_ms = 5.0;
    }
    let together = compared(busy(), swapped);
    assert_eq!(changes(&together), json!([]));
    assert!(together.pairs[0].varies.iter().any(|change| change.path == "outbound[0].position"));
}

#[test]
fn queries_and_forms_are_compared_by_field() {
    let call = |url: &str, form: &str| {
        let mut trace = busy();
        let call: &mut TracedCall = &mut trace.outbound[1];
        call.request.url = url.into();
        call.request.headers.push(("content-type".into(), "application/x-www-form-urlencoded".into()));
        call.request.body = support::body(form);
        trace
    };
    let before = call("https://slack.com/api/x?limit=10&channel=C1", "a=1&b=x+y&c=1&c=2");
    let after = call("https://slack.com/api/x?limit=20&channel=C1", "a=1&b=x%20z&c=1");
    assert_eq!(
        changes(&compared(before, after)),
        json!([
            ["outbound[1].query.limit", "changed", "10", "20"],
            ["outbound[1].body.b", "changed", "x y", "x z"],
            ["outbound[1].body.c", "changed", ["1", "2"], "1"],
        ])
    );
}

#[test]
fn logs_exceptions_and_the_outcome_are_compared() {
    let comparison = compared(support::trace(), {
        let mut failed = support::failed();
        failed.visibility = Visibility::Complete;
        failed
    });
    let paths = paths(&comparison);
    assert_eq!(paths, ["answer", "outbound[1].status", "logs[0]", "exceptions[0]", "outcome", "in_time"]);
    let partial = compared(support::trace(), support::failed());
    assert_eq!(partial.pairs[0].changes.len(), 2, "{partial:?}");
    assert!(partial.pairs[0].unseen.as_ref().is_some_and(|unseen| unseen.contains("the second delivery")));
}

#[test]
fn webhooks_are_paired_by_what_was_sent() {
    let named =
        |sample: Option<&str>, origin: Origin| Trace { sample: sample.map(Into::into), origin, ..support::trace() };
    let sample = |name: &str| named(Some(name), Origin::Sample);
    let stored = |id: &str| named(None, Origin::Delivery(id.into()));
    let before = [sample("a"), sample("b"), stored("d1"), sample("a")];
    let after = [sample("b"), stored("d2"), sample("a"), sample("a")];
    let comparison = compare_runs(&before, &after, &[], USUAL);
    let listed: Vec<&str> = comparison.pairs.iter().map(|pair| pair.name.as_str()).collect();
    assert_eq!(listed, ["a", "b", "a"]);
    assert_eq!(comparison.only_before[0].0, "delivery d1");
    assert_eq!(comparison.only_after[0].0, "delivery d2");
    let two = compare_runs(&before[..1], &after[..1], &[], USUAL);
    assert_eq!(two.pairs.len(), 1, "two deliveries alone are meant to be compared");
    assert!(comparison.differs());
}

#[test]
fn only_a_time_that_a_busy_machine_does_not_explain_counts() {
    let lasting = |total_ms: f64| Trace { total_ms, ..support::trace() };
    let runs = |before: &[f64], after: &[f64]| {
        let traces = |times: &[f64]| times.iter().map(|time| lasting(*time)).collect::<Vec<_>>();
        compare_runs(&traces(before), &traces(after), &[], USUAL)
    };
    assert!(!runs(&[40.0; 4], &[9000.0; 4]).differs(), "too few");
    assert!(!runs(&[40.0; 5], &[900.0; 5]).differs(), "not by much");
    assert!(!runs(&[4000.0; 5], &[7000.0; 5]).differs(), "not by a factor");
    assert!(!runs(&[4000.0; 5], &[40.0; 5]).differs(), "quicker");
    assert!(!runs(&[40.0, 40.0, 40.0, 40.0, 2000.0], &[1500.0; 5]).differs(), "one was as slow before");
    let slower = runs(&[40.0; 5], &[1400.0; 5]);
    assert!(slower.differs());
    assert_eq!((slower.timing.before_ms, slower.timing.after_ms), (40.0, 1400.0));
}

#[test]
fn a_comparison_reads_as_a_diff() {
    let mut after = with_body(again(&busy()), |properties| properties["Title"] = "Hello!".into());
    after.outbound.remove(0);
    let comparison = compare_runs(&[busy(), busy()], &[after, again(&busy())], &[], USUAL);
    insta::assert_snapshot!(text(&comparison, "live", "draft"));
}
