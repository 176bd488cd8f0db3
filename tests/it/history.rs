//! Past deliveries over the real program: found by what is in them, exported, purged, and kept within their size.

use crate::machine::{Machine, notion_token};
use serde_json::Value;

const ADAPTER: &str = "customer-a/notes";

/// An adapter with two deliveries: one whose upstream refused a call, one that went well.
fn machine_with_deliveries() -> Machine {
    let machine = Machine::with_adapter();
    // The expectation is of no concern here, and the refused call would not meet it.
    let expectations = machine.workspace().join("tenants/customer-a/adapters/notes/expect");
    std::fs::remove_dir_all(expectations).expect("the template has expectations");
    machine.run(&["publish", ADAPTER]).success();
    machine.run(&["replay", ADAPTER, "--sample", "message", "--fault", "notion:500"]);
    machine.json(&["replay", ADAPTER, "--sample", "message"]);
    machine
}

fn found(machine: &Machine, filters: &[&str]) -> Vec<Value> {
    let listed = machine.json(&[&["deliveries", "list"], filters].concat());
    listed.as_array().expect("a list").clone()
}

fn ids(deliveries: &[Value]) -> Vec<&str> {
    deliveries.iter().filter_map(|delivery| delivery["delivery"].as_str()).collect()
}

#[test]
fn deliveries_are_found_by_every_filter() {
    let machine = machine_with_deliveries();
    let all = found(&machine, &[]);
    // The publish has replayed each sample once.
    let [well, broken] = &all[..2] else { panic!("two replays: {all:#?}") };
    let (well, broken) = (well.clone(), broken.clone());
    assert_eq!(well["status"], 200, "{well:#}");
    let status = broken["status"].as_u64().expect("it was answered");
    assert!(status >= 400, "the adapter tells that its upstream failed: {broken:#}");

    let class = format!("{}xx", status / 100);
    let only_broken = ids(std::slice::from_ref(&broken)).join("");
    assert_eq!(ids(&found(&machine, &["--status", &class])), [only_broken.as_str()]);
    assert_eq!(ids(&found(&machine, &["--status", &status.to_string(), ADAPTER])), [only_broken.as_str()]);
    assert!(found(&machine, &["customer-b"]).is_empty());
    assert!(found(&machine, &["--status", "none"]).is_empty());
    assert_eq!(found(&machine, &["--since", "1h"]).len(), all.len());
    assert!(found(&machine, &["--until", "1h"]).is_empty());
    let started = well["started_at"].as_str().expect("a time");
    assert_eq!(ids(&found(&machine, &["--since", started])), ids(std::slice::from_ref(&well)));

    let run = well["run"].as_str().expect("a replay is a run");
    assert_eq!(ids(&found(&machine, &["--run", run])), ids(std::slice::from_ref(&well)));
    let trace = machine.json(&["deliveries", "show", well["delivery"].as_str().expect("an id")]);
    let sent: Value = serde_json::from_str(trace["request"]["body"]["text"].as_str().expect("a text")).expect("JSON");
    let event = sent["event_id"].as_str().expect("Slack gives its events ids");
    if well["event"].is_string() {
        assert!(ids(&found(&machine, &["--event", event])).contains(&well["delivery"].as_str().expect("an id")));
    }
    assert!(!found(&machine, &["--text", event]).is_empty(), "an id in the body");
    let called: Vec<Value> = all.iter().filter(|delivery| delivery["outbound_calls"] != 0).cloned().collect();
    assert_eq!(ids(&found(&machine, &["--text", "api.notion.com v1"])), ids(&called), "URLs of outbound calls");
    assert!(found(&machine, &["--text", "api.notion.com nothing-says-this"]).is_empty());
    assert_eq!(found(&machine, &["--text", "noti*", "--limit", "1"]).len(), 1);

    let first = found(&machine, &["--limit", "1"]);
    let next = machine.run(&["deliveries", "list", "--limit", "1"]);
    assert!(next.stderr.contains(&format!("--before {}", ids(&first)[0])), "the page says how to go on\n{next}");
    assert_eq!(ids(&found(&machine, &["--limit", "1", "--before", ids(&first)[0]])), ids(&all[1..2]));
}

#[test]
fn what_cannot_be_looked_for_is_said_with_what_can() {
    let machine = Machine::with_adapter();
    for (filters, message, hint) in [
        (["--since", "yesterday"], "`yesterday` is not a time", "2026-11-21T08:30:00Z"),
        (["--until", "2026-02-31"], "`2026-02-31` is not a time", "10m"),
        (["--status", "9xx"], "`9xx` is not a status", "4xx"),
        (["--status", "70"], "`70` is not a status", "received"),
        (["--text", "--"], "neither a letter nor a digit", "beginning"),
        (["--text", "a*"], "`a*` is too short", "three characters"),
    ] {
        let given = format!("{}={}", filters[0], filters[1]);
        let error = machine.error(&["deliveries", "list", &given], 2);
        assert_eq!(error["code"], "replay.invalid_query", "{error}");
        assert!(error["message"].as_str().is_some_and(|text| text.contains(message)), "{error}");
        assert!(error["hints"][0].as_str().is_some_and(|text| text.contains(hint)), "{error}");
    }
    let error = machine.error(&["deliveries", "list", "--before", "nobody"], 1);
    assert_eq!(error["code"], "replay.unknown_delivery", "{error}");
    let error = machine.error(&["deliveries", "purge", "customer-a"], 2);
    assert!(error["hints"][0].as_str().is_some_and(|text| text.contains("--yes")), "{error}");
    let error = machine.error(&["deliveries", "purge", "Not A Tenant", "--yes"], 1);
    assert_eq!(error["code"], "tenant.invalid_id", "{error}");
    let error = machine.error(&["deliveries", "export", "--output", "/no/such/folder/export.jsonl"], 1);
    assert_eq!(error["code"], "replay.export", "{error}");
}

#[test]
fn deliveries_are_exported_as_they_are_kept_and_purged_to_the_last_byte() {
    let machine = machine_with_deliveries();
    machine.run(&["tenant", "add", "customer-b", "--region", "eu"]).success();
    let all = found(&machine, &[]);
    let file = machine.home().join("export.jsonl");
    let exported = machine.json(&["deliveries", "export", ADAPTER, "--output", &file.display().to_string()]);
    assert_eq!(exported["deliveries"].as_u64(), Some(all.len() as u64), "{exported}");
    let text = std::fs::read_to_string(&file).expect("readable");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("a document a line")).collect();
    let exported_ids: Vec<&str> = lines.iter().filter_map(|line| line["id"].as_str()).collect();
    assert_eq!(exported_ids, ids(&all));
    assert!(lines.iter().all(|line| line["request"]["url"].is_string() && line["outbound"].is_array()));
    let token = notion_token();
    assert!(!text.contains(&token) && !text.contains("example-signing-secret"), "no secret leaves with an export");
    let printed = machine.run(&["deliveries", "export", "--limit", "1"]);
    assert_eq!(printed.stdout.lines().next(), text.lines().next(), "{printed}");

    let history = machine.workspace().join(".patchbay/history.sqlite");
    let holds = |needle: &str| {
        let folder = history.parent().expect("a folder").read_dir().expect("readable");
        let files = folder.map(|file| file.expect("readable").path());
        let mut histories = files.filter(|file| file.display().to_string().contains("history.sqlite"));
        histories.any(|file| {
            std::fs::read(file).expect("readable").windows(needle.len()).any(|part| part == needle.as_bytes())
        })
    };
    let id = ids(&all)[0];
    assert!(holds(id) && holds("customer-a"));
    let kept = machine.json(&["deliveries", "purge", "customer-b", "--yes"]);
    assert_eq!((kept["deliveries"].as_u64(), found(&machine, &[]).len()), (Some(0), all.len()));
    let purged = machine.json(&["deliveries", "purge", "customer-a", "--yes"]);
    assert_eq!(purged["deliveries"].as_u64(), Some(all.len() as u64), "{purged}");
    assert!(found(&machine, &[]).is_empty());
    assert!(!holds(id) && !holds("customer-a"), "nothing of it stands in the file or its log");
}

#[test]
fn contents_go_before_heads_and_a_delivery_says_so() {
    let machine = machine_with_deliveries();
    let oldest = found(&machine, &[]).pop().expect("a delivery");
    let id = oldest["delivery"].as_str().expect("an id");
    let settings = machine.workspace().join("patchbay.toml");
    let text = std::fs::read_to_string(&settings).expect("readable");
    std::fs::write(&settings, format!("{text}\n[history]\nbodies = \"1 B\"\n")).expect("writable");
    machine.json(&["replay", ADAPTER, "--sample", "message"]);
    let listed = found(&machine, &[]);
    let head = listed.iter().find(|delivery| delivery["delivery"] == id).expect("its head is kept");
    assert_eq!((&head["has_contents"], &head["status"]), (&Value::Bool(false), &oldest["status"]));
    let error = machine.error(&["deliveries", "show", id], 1);
    assert_eq!(error["code"], "replay.contents_dropped", "{error}");
    assert!(error["hints"][0].as_str().is_some_and(|hint| hint.contains("[history]")), "{error}");

    std::fs::write(&settings, format!("{text}\n[history]\nbodies = \"much\"\n")).expect("writable");
    let error = machine.error(&["deliveries", "list"], 1);
    assert!(error["message"].as_str().is_some_and(|text| text.contains("`much` is not a size")), "{error}");
}
