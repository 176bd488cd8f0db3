//! What senders do and what breaks, over the real program: replays with `--sender`, and the resilience report.

use crate::machine::Machine;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ADAPTER: &str = "customer-a/notes";

fn published() -> Machine {
    let machine = Machine::with_adapter();
    machine.run(&["publish", ADAPTER]).success();
    machine
}

/// Publishes an adapter without idempotency or verification in the place of the template's: what it does with the answer
/// of Notion is in `after`.
fn published_instead(after: &str) -> Machine {
    let machine = Machine::with_adapter();
    let text = format!(
        "export default {{
  async fetch(request: Request, env: {{ NOTION_TOKEN: string; NOTION_DATA_SOURCE_ID: string }}): Promise<Response> {{
    const {{ event_id: id }} = (await request.json()) as {{ event_id: string }};
    const page = {{
      parent: {{ type: 'data_source_id', data_source_id: env.NOTION_DATA_SOURCE_ID }},
      properties: {{ Event: {{ rich_text: [{{ text: {{ content: id }} }}] }} }},
    }};
    const headers = {{ authorization: `Bearer ${{env.NOTION_TOKEN}}`, 'notion-version': '2025-09-03', 'content-type': 'application/json' }};
    const sent = fetch('https://api.notion.com/v1/pages', {{ method: 'POST', headers, body: JSON.stringify(page) }});
    {after}
  }},
}};\n"
    );
    let folder = machine.workspace().join("tenants/customer-a/adapters/notes");
    std::fs::write(folder.join("src/adapter.ts"), text).expect("the workspace is writable");
    drop(std::fs::remove_dir_all(folder.join("expect")));
    machine.run(&["publish", ADAPTER, "--allow", "signature-not-verified=a test of senders"]).success();
    machine
}

fn trials(report: &Value) -> Vec<&Value> {
    let samples = report["samples"].as_array().expect("samples").iter();
    samples.flat_map(|sample| sample["trials"].as_array().expect("trials")).collect()
}

/// What went wrong, in the words of the table: `503`, `duplicate`.
fn word(trial: &Value) -> String {
    let what = &trial["what"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if let Some(sender) = what.get("sender") {
        return text(&sender["behaviour"]);
    }
    let broken = what.get("call").or_else(|| what.get("outage")).expect("a trouble");
    text(&broken["how"])
}

/// The words of the trials that ended so.
fn ended(report: &Value, verdict: &str) -> BTreeSet<String> {
    trials(report).into_iter().filter(|trial| trial["verdict"] == verdict).map(word).collect()
}

fn deliveries(machine: &Machine, arguments: &[&str]) -> Vec<Value> {
    let traces = machine.json(&[&["replay", ADAPTER, "--sample", "message"], arguments].concat());
    traces.as_array().expect("a list").clone()
}

fn statuses(traces: &[Value]) -> Vec<u64> {
    traces.iter().filter_map(|trace| trace["summary"]["status"].as_u64()).collect()
}

fn remarks(traces: &[Value]) -> Vec<&str> {
    traces.iter().filter_map(|trace| trace["summary"]["sender"].as_str()).collect()
}

fn header<'a>(trace: &'a Value, name: &str) -> Option<&'a str> {
    let headers = trace["request"]["headers"].as_array().expect("headers").iter();
    headers
        .filter(|pair| pair[0].as_str().is_some_and(|known| known.eq_ignore_ascii_case(name)))
        .find_map(|pair| pair[1].as_str())
}

#[test]
fn a_duplicate_makes_no_second_page_and_bears_the_same_id() {
    let machine = published();
    let _running = machine.start();
    let traces = deliveries(&machine, &["--sender", "duplicate"]);
    assert_eq!(remarks(&traces), ["duplicate 1 of 2", "duplicate 2 of 2"]);
    assert!(traces[0]["summary"]["event"].as_str().is_some_and(|id| id.starts_with("Ev")));
    assert_eq!(traces[0]["summary"]["event"], traces[1]["summary"]["event"]);
    assert_eq!(traces[0]["request"]["body"], traces[1]["request"]["body"]);
    assert_eq!(header(&traces[1], "X-Slack-Retry-Num"), Some("1"));
    assert!(traces[1]["response"]["body"]["text"].as_str().is_some_and(|text| text.contains("duplicate")));
    let kept = machine.json(&["upstream", "show", "customer-a", "notion"]);
    assert_eq!(kept["kept"].as_array().expect("a list").len(), 1, "{kept:#}");
}

#[test]
fn stale_and_forged_requests_and_clocks_that_are_off_are_refused() {
    let machine = published();
    let _running = machine.start();
    let stale = deliveries(&machine, &["--sender", "stale"]);
    assert_eq!((statuses(&stale), remarks(&stale)), (vec![401], vec!["stale by 6 min (receivers take up to 5 min)"]));
    let young = deliveries(&machine, &["--sender", "stale=120"]);
    assert_eq!(statuses(&young), [200]);
    let forged = deliveries(&machine, &["--sender", "bad-signature"]);
    assert_eq!(statuses(&forged), [401, 401, 401, 401]);
    assert_eq!(remarks(&forged)[0], "bad signature 1 of 4: changed body");
    assert_eq!(statuses(&deliveries(&machine, &["--clock-skew", "-200"])), [200]);
    let ahead = deliveries(&machine, &["--clock-skew", "400"]);
    assert_eq!((statuses(&ahead), remarks(&ahead)), (vec![401], vec!["its clock is 6 min 40 s ahead"]));
}

#[test]
fn a_sender_tries_again_by_its_schedule_until_it_is_content() {
    let machine = published();
    let _running = machine.start();
    let lost = deliveries(&machine, &["--sender", "retries", "--fault", "notion:503"]);
    assert_eq!(statuses(&lost), [503; 4]);
    let expected = [
        "retry 1 of 3, at once",
        "retry 2 of 3, after 1 min",
        "retry 3 of 3, after 5 min, signed for 4 min 30 s ahead",
    ];
    assert_eq!(remarks(&lost), expected);
    let numbers: Vec<_> = lost.iter().map(|trace| header(trace, "X-Slack-Retry-Num")).collect();
    assert_eq!(numbers, [None, Some("1"), Some("2"), Some("3")]);
    assert_eq!(header(&lost[3], "X-Slack-Retry-Reason"), Some("http_error"));
    let ids: BTreeSet<&str> = lost.iter().filter_map(|trace| trace["summary"]["event"].as_str()).collect();
    assert_eq!(ids.len(), 1, "it is one event");

    let mended = deliveries(&machine, &["--sender", "retries", "--fault", "notion#2:500"]);
    assert_eq!(statuses(&mended), [503, 200], "the fault is over when its call is");
    let reordered = deliveries(&machine, &["--sender", "reordered"]);
    assert_eq!(statuses(&reordered), [200, 200]);
    assert_eq!(remarks(&reordered)[0], "reordered 1 of 2: event 2 of 2 by its time");
    assert_ne!(reordered[0]["summary"]["event"], reordered[1]["summary"]["event"]);
    let error = machine.error(&["replay", ADAPTER, "--sender", "twice"], 2);
    assert_eq!(error["code"], "usage.malformed", "{error}");
}

#[test]
fn the_templates_report_shows_one_page_whatever_breaks_except_for_a_token_that_has_expired() {
    let machine = published();
    let running = machine.start();
    deliveries(&machine, &[]);
    let kept = || machine.json(&["upstream", "show", "customer-a", "notion"]);
    let before = kept();
    let file = machine.home().join("resilience.html");
    let shown = file.to_str().expect("a path");
    let report = machine.json(&["resilience", ADAPTER, "--sample", "message", "message-from-bot", "--report", shown]);
    assert_eq!(kept(), before, "a report leaves what a person's upstreams keep as it was");

    let message = &report["samples"][0];
    let calls: Vec<String> = message["plain"]["calls"]
        .as_array()
        .expect("calls")
        .iter()
        .map(|call| {
            format!("{} {}", call["method"].as_str().unwrap_or_default(), call["path"].as_str().unwrap_or_default())
        })
        .collect();
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert!(calls[0].ends_with("/query") && calls[1] == "POST /v1/pages", "{calls:?}");
    assert_eq!(ended(&report, "lost"), BTreeSet::from(["expired token".to_owned()]), "{}", message["summary"]);
    assert_eq!(ended(&report, "twice"), BTreeSet::new(), "{}", message["summary"]);
    assert_eq!(ended(&report, "let_in"), BTreeSet::new());
    let refused: BTreeSet<String> = ["stale", "bad-signature"].map(str::to_owned).into();
    assert_eq!(ended(&report, "refused"), refused);
    let once = ended(&report, "once");
    for survived in [
        "429 with Retry-After",
        "503",
        "500 although it was done",
        "timeout",
        "reset",
        "malformed answer",
        "duplicate",
        "reordered",
    ] {
        assert!(once.contains(survived), "{survived}: {}", message["summary"]);
    }
    let bot = &report["samples"][1];
    assert_eq!(bot["plain"]["calls"], json!([]), "a bot's message is ignored, so only its sender can go wrong");
    assert!(ended(&json!({ "samples": [bot] }), "nothing").contains("duplicate"), "{bot:#}");

    let page = std::fs::read_to_string(&file).expect("the report was written");
    assert!(page.contains("loses the event after expired token") && !page.contains("<script"), "{page}");
    let secret = crate::machine::notion_token();
    assert!(!page.contains(&secret) && !report.to_string().contains(&secret));
    let required = machine.run(&["resilience", ADAPTER, "--sample", "message", "--require", "once"]);
    required.code(1);
    assert!(required.stdout.contains("→ survives 429 with Retry-After"), "{required}");
    drop(running);
}

#[test]
fn an_adapter_that_does_not_look_first_is_told_that_it_makes_pages_twice() {
    let machine = published_instead(
        "const answer = await sent;
    await answer.json();
    return new Response(null, { status: answer.ok ? 200 : 500 });",
    );
    let report = machine.json(&["resilience", ADAPTER, "--sample", "message"]);
    let twice = ended(&report, "twice");
    for expected in ["duplicate", "500 although it was done", "malformed answer", "cut off answer"] {
        assert!(twice.contains(expected), "{expected}: {}", report["samples"][0]["summary"]);
    }
    assert!(twice.iter().any(|word| word.starts_with("slow by")), "{twice:?}");
    assert!(ended(&report, "once").is_superset(&BTreeSet::from(["503".to_owned(), "reset".to_owned()])), "{report:#}");
    assert_eq!(ended(&report, "let_in"), ["bad-signature", "stale"].map(str::to_owned).into());
    let summary = report["samples"][0]["summary"].as_str().expect("a sentence");
    assert!(summary.contains("makes it twice after") && summary.contains("lets in stale, bad-signature"), "{summary}");
}

#[test]
fn an_adapter_that_answers_before_it_knows_is_told_what_it_loses() {
    let machine = published_instead(
        "try {
      await sent;
    } catch {
      // Nobody hears of it.
    }
    return new Response(null, { status: 200 });",
    );
    let report = machine.json(&["resilience", ADAPTER, "--sample", "message"]);
    let lost = ended(&report, "lost");
    for expected in ["503", "429 with Retry-After", "HTML page", "reset", "expired token"] {
        assert!(lost.contains(expected), "{expected}: {}", report["samples"][0]["summary"]);
    }
    assert!(ended(&report, "once").contains("malformed answer"), "what was done is there");
}
