//! The field mapping over the real binary: previewed, linted, in the way of a publish, and the same in the adapter.

use crate::machine::Machine;
use serde_json::{Value, json};
use std::path::PathBuf;

const ADAPTER: &str = "customer-a/notes";

fn manifest(machine: &Machine) -> PathBuf {
    machine.workspace().join("tenants/customer-a/adapters/notes/adapter.toml")
}

/// Writes another text in the place of one of the manifest's, and answers its line and column.
fn change(machine: &Machine, from: &str, to: &str) -> (usize, usize) {
    let text = std::fs::read_to_string(manifest(machine)).expect("the manifest is there");
    let start = text.find(from).unwrap_or_else(|| panic!("the template's manifest has {from}"));
    std::fs::write(manifest(machine), text.replacen(from, to, 1)).expect("the workspace is writable");
    let before = &text[..start];
    let column = before.chars().rev().take_while(|character| *character != '\n').count() + 1;
    (before.matches('\n').count() + 1, column)
}

/// Field → value of the only event in a preview.
fn values(preview: &Value) -> serde_json::Map<String, Value> {
    let events = preview["events"].as_array().expect("events");
    assert_eq!(events.len(), 1, "{preview:#}");
    let fields = events[0]["fields"].as_array().expect("fields").iter();
    fields.map(|field| (field["field"].as_str().expect("a name").to_owned(), field["value"].clone())).collect()
}

#[test]
fn a_preview_shows_what_each_field_will_hold() {
    let machine = Machine::with_adapter();
    let preview = machine.json(&["map", "preview", ADAPTER, "--sample", "message-unicode"]);
    assert_eq!((&preview["sample"], &preview["problems"]), (&json!("message-unicode"), &json!(0)));
    let fields = preview["events"][0]["fields"].as_array().expect("fields");
    let shown: Vec<(&str, &str)> = fields
        .iter()
        .map(|field| (field["field"].as_str().expect("a name"), field["kind"].as_str().expect("a type")))
        .collect();
    let expected = [
        ("Title", "title"),
        ("Message", "rich_text"),
        ("Author", "rich_text"),
        ("Channel", "rich_text"),
        ("Thread", "rich_text"),
        ("Posted at", "date"),
        ("Slack event", "rich_text"),
    ];
    assert_eq!(shown, expected, "the fields of the template, in the file's order");
    let values = values(&preview);
    assert!(values["Message"].as_str().is_some_and(|text| text.ends_with("<b> & \"quotes\" @channel")), "{values:?}");
    assert_eq!((&values["Author"], &values["Thread"]), (&json!("U0EXAMPLE01"), &json!("")));

    let table = machine.run(&["map", "preview", ADAPTER]);
    table.success();
    assert!(table.stdout.contains("Thread       rich_text  – (empty, left out)"), "{table}");
}

#[test]
fn a_body_can_be_previewed_from_a_file_or_from_stdin() {
    let machine = Machine::with_adapter();
    let body = json!({ "event_id": "Ev1", "event": { "text": "a &lt; b", "channel": "C1", "user": "U1", "ts": "0" } });
    let file = machine.home().join("body.json");
    std::fs::write(&file, body.to_string()).expect("the home is writable");
    let from_file = machine.json(&["map", "preview", ADAPTER, "--file", file.to_str().expect("UTF-8")]);
    assert_eq!(values(&from_file)["Title"], "[C1] a < b");
    assert_eq!(values(&from_file)["Posted at"], "1970-01-01T00:00:00.000Z");
    let from_stdin = machine.patchbay(&["--json", "map", "preview", ADAPTER, "--file", "-"]);
    let result = from_stdin.stdin(body.to_string()).run();
    result.success();
    assert_eq!(serde_json::from_str::<Value>(&result.stdout).expect("JSON"), from_file);

    std::fs::write(&file, "<xml/>").expect("the home is writable");
    let error = machine.error(&["map", "preview", ADAPTER, "--file", file.to_str().expect("UTF-8")], 1);
    assert_eq!(error["code"], "replay.invalid_sample", "{error}");
    assert!(error["message"].as_str().is_some_and(|text| text.starts_with("The body is not JSON")), "{error}");
}

#[test]
fn a_preview_with_a_problem_shows_its_place_and_exits_with_1() {
    let machine = Machine::with_adapter();
    let (line, column) = change(&machine, "event.user}", "event.usr}");
    let result = machine.run(&["map", "preview", ADAPTER, "--sample", "message"]);
    result.code(1);
    assert!(result.stdout.contains("✗ Author"), "{result}");
    assert!(
        result.stdout.contains(&format!("adapter.toml:{line}:{column}: The mapping of \"Author\" reads {{event.usr}}")),
        "{result}"
    );
    assert!(
        result.stdout.contains("  Channel      rich_text  C0EXAMPLE01"),
        "the others are shown all the same\n{result}"
    );
    let missing = machine.error(&["map", "preview", ADAPTER, "--sample", "nope"], 1);
    assert_eq!(missing["code"], "replay.unknown_sample");
}

#[test]
fn lint_finds_what_is_wrong_with_a_mapping_where_it_stands() {
    let machine = Machine::with_adapter();
    assert_eq!(machine.json(&["lint", ADAPTER])["diagnostics"], json!([]), "the template's mapping is right");
    let path = change(&machine, "event.channel}] ", "event.chanel}] ");
    let step = change(&machine, "{event.user}", "{event.user | uper}");
    let kind = change(&machine, "\"date\"", "\"dat\"");
    let report = machine.json_of_failure(&["lint", ADAPTER]);
    let found: Vec<(&str, u64, u64)> = report["diagnostics"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|found| {
            assert_eq!(
                (&found["file"], &found["severity"]),
                (&json!(manifest_name(&machine)), &json!("error")),
                "{found:#}"
            );
            let place = |name: &str| found["range"][name].as_u64().expect("a number");
            (found["rule"].as_str().expect("a rule"), place("start_line"), place("start_column"))
        })
        .collect();
    let at = |(line, column): (usize, usize), further: usize| (line as u64, (column + further) as u64);
    let ((path_line, path_column), (step_line, step_column), (kind_line, kind_column)) =
        (at(path, 0), at(step, "{event.user | ".len()), at(kind, 0));
    let expected = [
        ("mapping-unknown-path", path_line, path_column),
        ("mapping-malformed", step_line, step_column),
        ("mapping-unknown-type", kind_line, kind_column),
    ];
    assert_eq!(found, expected, "{report:#}");
    let text = machine.run(&["lint", ADAPTER]);
    assert!(text.stdout.contains("Did you mean {event.channel}?"), "{text}");
    let sarif = machine.run(&["lint", ADAPTER, "--format", "sarif"]);
    let sarif: Value = serde_json::from_str(&sarif.stdout).expect("SARIF is JSON");
    let run = &sarif["runs"][0];
    let result = &run["results"][0];
    let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
    assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"], "findings lead to their documentation");
    let rules = machine.json(&["lint", "--rules"]);
    let documented = |id: &str| rules.as_array().expect("rules").iter().any(|rule| rule["id"] == id);
    assert!(expected.iter().all(|(rule, ..)| documented(rule)));
}

fn manifest_name(machine: &Machine) -> String {
    manifest(machine)
        .canonicalize()
        .expect("it is there")
        .strip_prefix(machine.home().canonicalize().expect("a home"))
        .expect("below")
        .display()
        .to_string()
}

#[test]
fn a_workspace_decides_how_grave_a_rule_about_mappings_is() {
    let machine = Machine::with_adapter();
    change(&machine, "event.user}", "event.usr}");
    let workspace = machine.workspace().join("patchbay.toml");
    let text = std::fs::read_to_string(&workspace).expect("readable");
    std::fs::write(&workspace, format!("{text}\n[lint.rules]\nmapping-unknown-path = \"warning\"\n"))
        .expect("writable");
    let report = machine.json(&["lint", ADAPTER]);
    assert_eq!((&report["errors"], &report["warnings"]), (&json!(0), &json!(1)), "{report:#}");
    std::fs::write(&workspace, format!("{text}\n[lint.rules]\nmapping-unknown-path = \"off\"\n")).expect("writable");
    assert_eq!(machine.json(&["lint", ADAPTER])["diagnostics"], json!([]));
}

#[test]
fn a_wrong_mapping_stops_a_publish_and_the_live_version_stays() {
    let machine = Machine::with_adapter();
    machine.run(&["publish", ADAPTER]).success();
    change(&machine, "event.user}", "event.usr}");
    let error = machine.error(&["publish", ADAPTER], 1);
    assert_eq!(error["code"], "lint.errors", "{error}");
    let cause = error["causes"][0].as_str().expect("a cause");
    assert!(cause.starts_with("adapter.toml:") && cause.ends_with("(mapping-unknown-path)"), "{cause}");
    let versions = machine.json(&["versions", ADAPTER]);
    assert_eq!(versions.as_array().expect("a list").len(), 1, "nothing was published");
    let traces = machine.json(&["replay", ADAPTER, "--sample", "message"]);
    assert_eq!(traces[0]["summary"]["as_expected"], true, "the version before serves: {traces:#}");
}

#[test]
fn what_an_adapter_computes_is_named_with_an_example() {
    let machine = Machine::with_adapter();
    change(&machine, "{event.user}", "{author.name}");
    assert_eq!(machine.json_of_failure(&["lint", ADAPTER])["diagnostics"][0]["rule"], "mapping-unknown-path");
    let text = std::fs::read_to_string(manifest(&machine)).expect("readable");
    std::fs::write(manifest(&machine), format!("{text}\n[computed]\nauthor = {{ name = \"Kim\" }}\n"))
        .expect("writable");
    assert_eq!(machine.json(&["lint", ADAPTER])["diagnostics"], json!([]));
    assert_eq!(values(&machine.json(&["map", "preview", ADAPTER, "--sample", "message"]))["Author"], "Kim");
}

/// The adapter and the preview read the same bytes; what one writes into the table is what the other shows.
#[test]
fn a_preview_shows_what_the_adapter_writes() {
    let machine = Machine::with_adapter();
    change(
        &machine,
        "Author = ",
        "Length = { type = \"number\", value = '{event.ts | number}' }\nTags = { type = \"multi_select\", value = '{event.blocks[].type | upper}', required = false }\nKind = { type = \"select\", value = '{event.channel_type}', lookup = { channel = \"open\", default = \"other\" } }\nAuthor = ",
    );
    machine.run(&["publish", ADAPTER]).success();
    let mut compared = 0;
    for trace in machine.json(&["replay", ADAPTER, "--all"]).as_array().expect("traces") {
        let created = trace["outbound"]
            .as_array()
            .expect("calls")
            .iter()
            .find(|call| call["request"]["url"] == "https://api.notion.com/v1/pages");
        let Some(created) = created else { continue };
        let sent = created["request"]["body"]["text"].as_str().expect("a body");
        let sent: Value = serde_json::from_str(sent).expect("JSON");
        let webhook = trace["request"]["body"]["text"].as_str().expect("a body").to_owned();
        let result = machine.patchbay(&["--json", "map", "preview", ADAPTER, "--file", "-"]).stdin(webhook).run();
        result.success();
        let preview: Value = serde_json::from_str(&result.stdout).expect("JSON");
        let shown = preview["events"][0]["fields"].as_array().expect("fields").iter();
        let shown: serde_json::Map<String, Value> = shown
            .filter(|field| field["is_empty"] == false)
            .map(|field| {
                let name = if field["kind"] == "title" { "title" } else { field["field"].as_str().expect("a name") };
                (name.to_owned(), field["value"].clone())
            })
            .collect();
        let written: serde_json::Map<String, Value> = sent["properties"]
            .as_object()
            .expect("properties")
            .iter()
            .map(|(name, property)| (name.clone(), plain(property)))
            .collect();
        assert_eq!(Value::Object(shown), Value::Object(written), "{}", trace["summary"]["sample"]);
        compared += 1;
    }
    assert!(compared >= 4, "samples of the template make pages: {compared}");
}

/// What a property of a page holds, as the mapping gave it.
fn plain(property: &Value) -> Value {
    let (kind, value) = property.as_object().and_then(|property| property.iter().next()).expect("a typed property");
    let texts = || value.as_array().expect("a list").iter();
    match kind.as_str() {
        "title" | "rich_text" => {
            texts().map(|piece| piece["text"]["content"].as_str().expect("a text")).collect::<String>().into()
        }
        "date" => value["start"].clone(),
        "select" => value["name"].clone(),
        "multi_select" => texts().map(|option| option["name"].clone()).collect(),
        _ => value.clone(),
    }
}
