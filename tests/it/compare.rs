//! Comparisons over the real program: draft with live, run with run, and expectations that are written from what happened.

use crate::machine::{Machine, notion_token};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::PathBuf;

const ADAPTER: &str = "customer-a/notes";

fn folder(machine: &Machine) -> PathBuf {
    machine.workspace().join("tenants/customer-a/adapters/notes")
}

fn edit(machine: &Machine, file: &str, from: &str, to: &str) {
    let path = folder(machine).join(file);
    let text = std::fs::read_to_string(&path).expect("readable");
    assert!(text.contains(from), "{file} has `{from}`");
    std::fs::write(path, text.replace(from, to)).expect("writable");
}

fn published() -> Machine {
    let machine = Machine::with_adapter();
    machine.run(&["publish", ADAPTER]).success();
    machine
}

/// Publishes an adapter that makes these calls to Notion, one after another.
fn write_adapter(machine: &Machine, calls: &[&str]) {
    let calls = calls.iter().map(|call| format!("    await call('{call}');\n")).collect::<String>();
    let text = format!(
        "export default {{
  async fetch(request: Request, env: {{ NOTION_TOKEN: string }}): Promise<object> {{
    const sent = await request.text();
    const call = async (path: string): Promise<void> => {{
      const headers = {{ authorization: `Bearer ${{env.NOTION_TOKEN}}` }};
      const body = JSON.stringify({{ path, trace: crypto.randomUUID() }});
      const answer = await fetch(`https://api.notion.com/v1/${{path}}`, {{ method: 'POST', headers, body }});
      console.log(`${{path}} was answered with ${{answer.status}}`);
    }};
{calls}    return {{ bytes: sent.length, at: new Date().toISOString(), delivery: crypto.randomUUID() }};
  }},
}};\n"
    );
    std::fs::write(folder(machine).join("src/adapter.ts"), text).expect("writable");
    drop(std::fs::remove_dir_all(folder(machine).join("expect")));
}

fn changes(comparison: &Value) -> Vec<Value> {
    let pairs = comparison["pairs"].as_array().expect("pairs").iter();
    let changes = pairs.flat_map(|pair| pair["changes"].as_array().expect("changes"));
    changes.map(|change| json!([change["path"], change["kind"], change["before"], change["after"]])).collect()
}

fn run_of(traces: &Value) -> String {
    traces[0]["summary"]["run"].as_str().expect("a delivery belongs to a run").to_owned()
}

#[test]
fn a_changed_mapping_shows_exactly_the_changed_fields() {
    let machine = published();
    let _running = machine.start();
    machine.json(&["replay", ADAPTER, "--sample", "message", "message-in-thread"]);
    assert_eq!(machine.json(&["compare", ADAPTER])["differs"], false, "the draft is what is live");

    edit(&machine, "adapter.toml", "Author = \"{event.user}\"", "Author = \"{event.user} in {event.channel}\"");
    edit(&machine, "adapter.toml", "Message = \"{event.text}\"", "Message = \"{event.text | truncate:20}\"");
    let comparison = machine.json_of_failure(&["compare", ADAPTER, "--sample", "message"]);
    let field = |name: &str| format!("outbound[1].body.properties.{name}.rich_text[0].text.content");
    let message = "Deploy of *checkout-api* finished in 3m 12s run 481 (https://ci.example.com/runs/481)";
    assert_eq!(
        changes(&comparison),
        [
            json!([field("Message"), "changed", message, "Deploy of *checkout…"]),
            json!([field("Author"), "changed", "U0EXAMPLE01", "U0EXAMPLE01 in C0EXAMPLE01"]),
        ],
        "{comparison:#}"
    );
    assert_eq!(comparison["before"]["against"], "live");
    assert_eq!(comparison["after"]["against"], "draft");

    let history = machine.run(&["compare", ADAPTER]);
    history.code(1);
    for line in [
        "--- live (run-",
        "+++ draft (run-",
        "  POST https://api.notion.com/v1/pages",
        "- outbound[1].body.properties.Author.rich_text[0].text.content \"U0EXAMPLE01\"",
        "+ outbound[1].body.properties.Author.rich_text[0].text.content \"U0EXAMPLE01 in C0EXAMPLE01\"",
        " deliveries differ: ",
    ] {
        assert!(history.stdout.contains(line), "the diff has `{line}`\n{history}");
    }
    assert!(!history.stdout.contains('\u{1b}'), "no colours where no terminal is");
    let _ = writeln!(std::io::stderr(), "{}", history.stdout);

    machine.run(&["publish", ADAPTER]).success();
    assert_eq!(machine.json(&["compare", ADAPTER])["differs"], false, "what is live is the draft now");
    let before = machine.json_of_failure(&["compare", ADAPTER, "--version", "1", "--sample", "message"]);
    assert_eq!(changes(&before).len(), 2, "{before:#}");
}

#[test]
fn a_setting_that_changed_is_no_value_that_varies() {
    let machine = published();
    let _running = machine.start();
    let (old, new) = ("00000000-0000-4000-8000-00000000da7a", "00000000-0000-4000-8000-00000000da7b");
    edit(&machine, "adapter.toml", old, new);
    let comparison = machine.json_of_failure(&["compare", ADAPTER, "--sample", "message"]);
    let found = changes(&comparison);
    let paths: Vec<&str> = found.iter().filter_map(|change| change[0].as_str()).collect();
    assert_eq!(paths, ["outbound[0].url", "outbound[1].body.parent.data_source_id"], "{comparison:#}");
}

#[test]
fn a_dropped_call_is_one_finding() {
    let machine = Machine::with_adapter();
    write_adapter(&machine, &["one", "two", "three"]);
    machine.run(&["publish", ADAPTER]).success();
    let _running = machine.start();
    write_adapter(&machine, &["one", "three"]);
    let comparison = machine.json_of_failure(&["compare", ADAPTER, "--sample", "message"]);
    let found = changes(&comparison);
    let found: Vec<Value> = found.iter().map(|change| json!([change[0], change[1], change[2]["url"]])).collect();
    assert_eq!(
        found,
        [json!(["outbound[1]", "removed", "https://api.notion.com/v1/two"]), json!(["logs[1]", "removed", null]),],
        "{comparison:#}"
    );
}

#[test]
fn two_equal_runs_are_equal_in_spite_of_new_ids_and_times() {
    let machine = published();
    let _running = machine.start();
    let (first, second) = (machine.json(&["replay", ADAPTER, "--all"]), machine.json(&["replay", ADAPTER, "--all"]));
    let (first, second) = (run_of(&first), run_of(&second));
    let comparison = machine.json(&["compare", &first, &second]);
    assert_eq!(comparison["differs"], false, "{comparison:#}");
    let pairs = comparison["pairs"].as_array().expect("pairs");
    assert!(pairs.len() >= 5, "every sample has its pair");
    assert!(pairs.iter().any(|pair| pair["varies"] != json!([])), "ids and times are told: {comparison:#}");
    machine.run(&["compare", &first, &second, "--strict"]).code(1);

    // The adapter tries again after a 503: one call more, however the ids are.
    let broken = machine.json_of_failure(&["replay", ADAPTER, "--sample", "message", "--fault", "notion#1:503"]);
    let differs = machine.json_of_failure(&["compare", &first, &run_of(&broken)]);
    assert!(differs["only_before"].as_array().is_some_and(|only| only.len() + 1 == pairs.len()), "{differs:#}");
    let found = changes(&differs);
    assert_eq!(found.len(), 1, "{differs:#}");
    assert_eq!(
        (&found[0][0], &found[0][1], &found[0][3]["status"]),
        (&json!("outbound[0]"), &json!("added"), &json!(503))
    );
}

#[test]
fn what_cannot_be_compared_is_said_before_anything_is_sent() {
    let machine = Machine::with_adapter();
    assert_eq!(machine.error(&["compare", ADAPTER, "--all"], 1)["code"], "version.unknown");
    machine.run(&["compare"]).code(2);
    machine.run(&["compare", "run-a", "run-b", "--last", "3"]).code(2);
    machine.run(&["compare", ADAPTER, "--last", "0"]).code(2);
    assert_eq!(machine.error(&["compare", "run-a"], 2)["code"], "usage.malformed");
    machine.run(&["publish", ADAPTER]).success();
    assert_eq!(machine.error(&["compare", "run-a", "run-b"], 1)["code"], "replay.unknown_run");
    assert_eq!(machine.error(&["compare", ADAPTER, "--all", "--version", "9"], 1)["code"], "version.unknown");
    assert_eq!(machine.error(&["compare", ADAPTER, "--sample", "none"], 1)["code"], "replay.unknown_sample");

    let kept = machine.json(&["deliveries", "list"]);
    edit(&machine, "src/adapter.ts", "export default {", "export default {{");
    let error = machine.error(&["compare", ADAPTER, "--all"], 1);
    assert!(error.to_string().contains("src/adapter.ts"), "{error}");
    assert_eq!(machine.json(&["deliveries", "list"]), kept, "nothing was sent");
}

#[test]
fn an_update_writes_an_expectation_that_the_next_replay_meets() {
    let machine = published();
    let _running = machine.start();
    let file = folder(&machine).join("expect/message.json");
    let author = std::fs::read_to_string(&file).expect("the template brings one");
    machine.run(&["replay", ADAPTER, "--all", "--update"]).success();
    assert_eq!(std::fs::read_to_string(&file).expect("there"), author, "what holds is not touched");

    // The author's habits, and a value that is wrong now.
    let own = json!({
        "status": 200,
        "answer": { "status": "<text:created|duplicate>", "page_id": "<id>" },
        "outbound": [
            { "method": "GET", "url": "https://api.notion.com/v1/users/me", "optional": true },
            { "method": "POST", "url": "https://api.notion.com/v1/data_sources/<id>/query" },
            { "method": "POST", "url": "https://api.notion.com/v1/pages", "body": { "properties": {
                "Author": { "rich_text": [{ "text": { "content": "somebody else" } }] } } } },
        ],
    });
    std::fs::write(&file, own.to_string()).expect("writable");
    machine.run(&["replay", ADAPTER, "--sample", "message"]).code(1);
    let updated = machine.run(&["replay", ADAPTER, "--sample", "message", "--update"]);
    updated.success();
    for line in ["--- expect/message.json", "-                  \"content\": \"somebody else\"", "Wrote 1 expectation"]
    {
        assert!(updated.stderr.contains(line), "the diff is shown: `{line}`\n{updated}");
    }
    let mut expected = own;
    expected["outbound"][2]["body"]["properties"]["Author"]["rich_text"][0]["text"]["content"] = "U0EXAMPLE01".into();
    let written = std::fs::read_to_string(&file).expect("there");
    assert_eq!(serde_json::from_str::<Value>(&written).expect("JSON"), expected);
    machine.run(&["replay", ADAPTER, "--sample", "message"]).success();

    // From nothing: everything that happened, with matchers for what varies.
    std::fs::remove_dir_all(folder(&machine).join("expect")).expect("there");
    machine.run(&["replay", ADAPTER, "--all", "--update", "--yes"]).success();
    let made: Value = serde_json::from_slice(&std::fs::read(&file).expect("written")).expect("JSON");
    assert_eq!(made["answer"]["page_id"], "<uuid>", "{made:#}");
    let page = &made["outbound"][1]["body"];
    assert_eq!(page["parent"]["data_source_id"], "00000000-0000-4000-8000-00000000da7a", "a setting is no made-up id");
    assert_eq!(page["properties"]["Slack event"]["rich_text"][0]["text"]["content"], "Ev<uuid>", "{made:#}");
    assert_eq!(page["properties"]["Posted at"]["date"]["start"], "<iso-time>", "{made:#}");
    machine.run(&["replay", ADAPTER, "--all"]).success();
    let before = std::fs::read(&file).expect("there");
    let again = machine.run(&["replay", ADAPTER, "--all", "--update"]);
    again.success();
    assert!(again.stderr.contains("Every expectation says already what happened"), "{again}");
    assert_eq!(std::fs::read(&file).expect("there"), before);
}

#[test]
fn nothing_is_expected_of_a_delivery_that_did_not_reach_the_adapter() {
    let machine = Machine::with_adapter();
    let file = folder(&machine).join("expect/message.json");
    let author = std::fs::read(&file).expect("the template brings one");
    let error = machine.error(&["replay", ADAPTER, "--sample", "message", "--update"], 1);
    assert_eq!(error["code"], "replay.not_telling", "{error}");
    assert_eq!(std::fs::read(&file).expect("there"), author);
    machine.run(&["replay", ADAPTER, "--update", "--fault", "notion#1:503"]).code(2);
    machine.run(&["replay", ADAPTER, "--yes"]).code(2);
}

#[test]
fn no_secret_stands_in_a_diff_or_an_expectation() {
    let machine = Machine::with_adapter();
    write_adapter(&machine, &["one"]);
    machine.run(&["publish", ADAPTER]).success();
    let _running = machine.start();
    let file = folder(&machine).join("expect/message.json");
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("writable");
    let own = json!({ "outbound": [{ "headers": { "authorization": "Bearer of old" }, "body": { "path": "none" } }] });
    std::fs::write(&file, own.to_string()).expect("writable");
    let updated = machine.run(&["replay", ADAPTER, "--sample", "message", "--update"]);
    updated.success();
    let written = std::fs::read_to_string(&file).expect("there");
    assert!(written.contains("\"authorization\": \"Bearer <any>\""), "{written}");
    assert!(!written.contains("redacted"), "{written}");

    edit(&machine, "src/adapter.ts", "Bearer ${env.NOTION_TOKEN}", "Basic ${btoa(`user:${env.NOTION_TOKEN}`)}");
    let compared = machine.run(&["compare", ADAPTER, "--sample", "message"]);
    compared.code(1);
    let json = machine.run(&["--json", "compare", ADAPTER, "--sample", "message"]);
    json.code(1);
    assert!(compared.stdout.contains("outbound[0].headers.authorization"), "{compared}");
    let token = notion_token();
    let shown = [updated.stdout, updated.stderr, written, compared.stdout, compared.stderr, json.stdout].concat();
    let basic = format!("user:{token}");
    for form in [token.clone(), STANDARD.encode(&token), STANDARD.encode(&basic), URL_SAFE_NO_PAD.encode(&basic)] {
        assert!(!shown.contains(&form), "the token is in what was shown: {shown}");
    }
}
