//! What other programs get.

mod support;

use patchbay_replay::Trace;
use patchbay_replay::export::{Report, har, html, junit, otel, write};
use patchbay_replay::trace::{TracedBody, TracedLog};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;

/// The attribute of a span, an event or a resource.
fn attribute<'a>(owner: &'a Value, key: &str) -> Option<&'a Value> {
    let pair = owner["attributes"].as_array()?.iter().find(|pair| pair["key"] == key)?;
    pair["value"].as_object()?.values().next()
}

fn spans(document: &Value) -> &Vec<Value> {
    document["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().expect("spans")
}

fn retried() -> Trace {
    let mut trace = support::failed();
    let mut again = trace.outbound[1].clone();
    (again.attempt, again.pacing_ms, again.at_ms) = (2, Some(2.0), 20.0);
    again.response.status = 200;
    trace.outbound.push(again);
    trace
}

/// A trace with everything in it that a document could stumble over.
fn hostile() -> Trace {
    const TEXT: &str = "</script><img src=x onerror=alert(1)>]]>\"'&\u{0}\u{b}\u{202e}";
    let mut trace = retried();
    trace.sample = Some(TEXT.into());
    trace.request.url = format!("http://127.0.0.1:8787/?q={TEXT}");
    trace.request.headers.push((TEXT.into(), TEXT.into()));
    trace.request.body = TracedBody { text: TEXT.into(), base64: false, bytes: TEXT.len() as u64 };
    trace.outbound[0].request.url = format!("https://api.notion.com/{TEXT}?token=<redacted:TOKEN>");
    let run = trace.adapter_run.as_mut().expect("a run");
    run.logs.push(TracedLog { level: TEXT.into(), message: TEXT.into(), at_ms: 1.0 });
    run.exceptions[0].message = TEXT.into();
    run.exceptions[0].stack = TEXT.into();
    run.exceptions[0].frames.clear();
    trace.expect(&json!({ "answer": TEXT }));
    trace
}

#[test]
fn spans_form_one_tree_whose_times_lie_within_the_delivery() {
    let mut trace = retried();
    trace.id = "01939d1e-7c80-7a3b-8a56-3c0f5d2e9b41".into();
    let document = otel(std::slice::from_ref(&trace));
    let spans = spans(&document);
    let kinds: Vec<u64> = spans.iter().map(|span| span["kind"].as_u64().expect("a kind")).collect();
    assert_eq!(kinds, [2, 1, 1, 3, 3, 3], "server, dispatcher, adapter and three calls");
    let parents: Vec<&Value> = spans.iter().map(|span| &span["parentSpanId"]).collect();
    let id = |index: usize| &spans[index]["spanId"];
    assert_eq!(parents, [&Value::Null, id(0), id(1), id(2), id(2), id(2)]);
    for span in spans {
        assert_eq!(span["traceId"], "01939d1e7c807a3b8a563c0f5d2e9b41", "the delivery's id is the trace's");
        assert_eq!(span["spanId"].as_str().map(str::len), Some(16));
        let nanoseconds = |key: &str| span[key].as_str().and_then(|text| text.parse::<u128>().ok()).expect("a string");
        assert!(nanoseconds("startTimeUnixNano") <= nanoseconds("endTimeUnixNano"));
    }
    assert_eq!(spans[0]["startTimeUnixNano"], "1795249800250000000");
    assert_eq!(attribute(&spans[5], "http.request.resend_count"), Some(&json!("1")));
    assert_eq!(attribute(&spans[5], "patchbay.pacing_ms"), Some(&json!(2.0)));
    assert_eq!(attribute(&spans[4], "error.type"), Some(&json!("429")));
    assert_eq!(spans[4]["status"]["code"], 2);
    assert_eq!(spans[5]["status"], json!({}));
    assert_eq!(attribute(&spans[1], "patchbay.rule"), Some(&json!("headers")));
    let exception = &spans[2]["events"][0];
    assert_eq!(exception["name"], "exception");
    assert_eq!(attribute(exception, "exception.type"), Some(&json!("TypeError")));
    let again = otel(&[trace]);
    assert_eq!(again, document, "an export is the same whenever it is made");
}

#[test]
fn a_delivery_elsewhere_has_a_trace_id_of_its_own() {
    let document = otel(&[support::trace()]);
    let id = spans(&document)[0]["traceId"].as_str().expect("an id").to_owned();
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
}

#[test]
fn a_har_has_an_entry_for_the_webhook_and_for_each_call() {
    let document = har(&[retried()]);
    let entries = document["log"]["entries"].as_array().expect("entries");
    let statuses: Vec<&Value> = entries.iter().map(|entry| &entry["response"]["status"]).collect();
    assert_eq!(statuses, [0, 200, 429, 200]);
    for entry in entries {
        let timings = entry["timings"].as_object().expect("timings");
        let sum: f64 = timings.values().filter_map(Value::as_f64).filter(|time| *time > 0.0).sum();
        assert!((sum - entry["time"].as_f64().expect("a time")).abs() < 1e-6, "times add up: {entry}");
    }
    assert_eq!(entries[3]["_attempt"], 2);
    assert_eq!(entries[3]["timings"]["blocked"], 2.0);
    assert_eq!(entries[0]["comment"], "No answer: the connection ended without an answer");
    assert_eq!(entries[0]["startedDateTime"], "2026-11-21T08:30:00.25Z");
}

#[test]
fn a_har_writes_marks_in_addresses_as_addresses_can_hold_them() {
    let document = har(&[hostile()]);
    let url = document["log"]["entries"][1]["request"]["url"].as_str().expect("an address").to_owned();
    assert!(url.contains("token=%3Credacted:TOKEN%3E") && !url.contains(['<', '>', '"', ' ']), "{url}");
}

#[test]
fn junit_tells_what_differs_from_what_is_broken() {
    let mut met = support::trace();
    met.expect(&json!({ "status": 200 }));
    let mut differs = support::trace();
    differs.expect(&json!({ "status": 201 }));
    let text = junit("run-1", &[met, differs, support::failed()]);
    let document = roxmltree::Document::parse(&text).expect("XML");
    let suite = document.root_element().first_element_child().expect("a suite");
    let counts = ["tests", "failures", "errors"].map(|name| suite.attribute(name));
    assert_eq!(counts, [Some("3"), Some("1"), Some("1")]);
    let problems: Vec<&str> = document.descendants().filter_map(|node| node.attribute("message")).collect();
    assert_eq!(problems, ["1 difference not as expected", "no answer: the connection ended without an answer"]);
}

#[test]
fn no_content_leaves_its_place_in_a_document() {
    let traces = [hostile()];
    let text = junit("run-1", &traces);
    roxmltree::Document::parse(&text).expect("XML whatever is in it");
    let page = html(&Report { run: "run-1", traces: &traces, left_out: 3 });
    assert!(!page.contains("<img") && !page.contains("<script"), "everything is escaped");
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;"));
    for forbidden in ["src=\"", "href=\"http", "url(", "@import", "<link", "<iframe"] {
        assert!(!page.contains(forbidden), "{forbidden} would load something");
    }
    assert!(page.contains("3 more were made"));
}

#[test]
fn a_run_without_deliveries_has_a_report() {
    let page = html(&Report { run: "run-1", traces: &[], left_out: 0 });
    assert!(page.contains("This run made no deliveries."));
    roxmltree::Document::parse(&junit("run-1", &[])).expect("XML");
}

#[test]
fn an_export_is_its_owners_alone_and_replaces_what_was_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.html");
    std::fs::write(&file, "an older and longer text").expect("written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("set");
    write(&file, "new").expect("written");
    assert_eq!(std::fs::read_to_string(&file).expect("there"), "new");
    assert_eq!(file.metadata().expect("there").permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing else is left");
    let error = write(&folder.path().join("missing/report.html"), "new").expect_err("no such folder");
    assert!(error.to_string().contains("missing/report.html"), "{error}");
}
