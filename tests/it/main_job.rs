//! The main job: template, lint, secrets, publish, replay, versions, rollback, all over the real binary.

use crate::machine::Machine;

#[test]
fn the_demo_turns_a_slack_message_into_a_notion_page() {
    let machine = Machine::new();
    let result = machine.run(&["demo"]);
    result.success();
    for said in ["customer-a/slack-to-notion", "POST https://api.notion.com/v1/pages", "What to try next"] {
        assert!(result.stderr.contains(said), "the demo should mention `{said}`\n{result}");
    }
}

#[test]
fn the_demo_can_be_run_again_and_answers_json() {
    let machine = Machine::new();
    machine.run(&["demo"]).success();
    let outcome = machine.json(&["demo"]);
    assert_eq!(outcome["as_expected"], true, "{outcome}");
    let tenants = machine.json(&["tenant", "list"]);
    let ids: Vec<&str> =
        tenants.as_array().expect("a list").iter().filter_map(|tenant| tenant["id"].as_str()).collect();
    assert_eq!(ids, ["customer-a", "customer-b"]);
}

#[test]
fn the_demo_refuses_a_folder_that_holds_something_else() {
    let machine = Machine::new();
    std::fs::create_dir_all(machine.workspace()).expect("the home is writable");
    std::fs::write(machine.workspace().join("thesis.txt"), "years of work").expect("the home is writable");
    let error = machine.error(&["demo"], 1);
    assert_eq!(error["code"], "workspace.not_found", "{error}");
    assert_eq!(
        std::fs::read_to_string(machine.workspace().join("thesis.txt")).expect("it is still there"),
        "years of work"
    );
}

#[test]
fn every_sample_of_the_template_is_answered_as_expected() {
    let machine = Machine::with_adapter();
    machine.run(&["publish", "customer-a/notes"]).success();
    let traces = machine.json(&["replay", "customer-a/notes", "--all"]);
    let traces = traces.as_array().expect("a list of traces");
    assert!(traces.len() >= 5, "the template brings samples");
    for trace in traces {
        assert_eq!(trace["summary"]["as_expected"], true, "{trace:#}");
        assert!(trace["served_by"]["script"] == "customer-a-notes", "{trace:#}");
    }
}

#[test]
fn a_trace_shows_the_outbound_call_and_is_kept() {
    let machine = Machine::with_adapter();
    machine.run(&["publish", "customer-a/notes"]).success();
    let traces = machine.json(&["replay", "customer-a/notes", "--sample", "message"]);
    let trace = &traces[0];
    let created = trace["outbound"]
        .as_array()
        .expect("outbound calls")
        .iter()
        .find(|call| call["request"]["method"] == "POST" && call["request"]["url"] == "https://api.notion.com/v1/pages")
        .unwrap_or_else(|| panic!("the adapter creates a page: {trace:#}"));
    assert_eq!(created["response"]["status"], 200);
    assert_eq!(created["answered_by"], "simulated");
    assert!(!trace["logs"].as_array().expect("logs").is_empty(), "the adapter logs a line per delivery");
    let kinds: Vec<&str> =
        trace["spans"].as_array().expect("spans").iter().filter_map(|span| span["kind"].as_str()).collect();
    for kind in ["delivery", "adapter", "outbound"] {
        assert!(kinds.contains(&kind), "the waterfall has `{kind}`: {kinds:?}");
    }

    let id = trace["summary"]["delivery"].as_str().expect("a delivery has an id");
    let kept = machine.json(&["deliveries", "show", id]);
    assert_eq!(kept["outbound"], trace["outbound"], "what is kept is what was shown");
    let list = machine.json(&["deliveries", "list", "customer-a/notes"]);
    assert!(list.as_array().expect("a list").iter().any(|delivery| delivery["delivery"] == id));
}

#[test]
fn a_replay_that_differs_exits_with_1_and_says_where() {
    let machine = Machine::with_adapter();
    machine.run(&["publish", "customer-a/notes"]).success();
    let expectation = machine.workspace().join("tenants/customer-a/adapters/notes/expect/message.json");
    std::fs::write(&expectation, r#"{"status": 418}"#).expect("the workspace is writable");
    let result = machine.run(&["replay", "customer-a/notes", "--sample", "message"]);
    result.code(1);
    assert!(result.stdout.contains("418"), "the difference is shown\n{result}");
}

#[test]
fn versions_are_listed_and_a_rollback_brings_the_old_code_back() {
    let machine = Machine::with_adapter();
    let adapter = machine.workspace().join("tenants/customer-a/adapters/notes");
    write_constant_adapter(&adapter, "first");
    machine.run(&["publish", "customer-a/notes", "--note", "one"]).success();
    write_constant_adapter(&adapter, "second");
    machine.run(&["publish", "customer-a/notes"]).success();
    assert_eq!(answer(&machine), "second");

    let versions = machine.json(&["versions", "customer-a/notes"]);
    let numbers: Vec<u64> =
        versions.as_array().expect("a list").iter().filter_map(|version| version["number"].as_u64()).collect();
    assert_eq!(numbers, [2, 1], "newest first");
    assert_eq!(versions[1]["note"], "one");

    machine.set_secret("customer-a/notes", "SLACK_SIGNING_SECRET", "another-signing-secret");
    let rolled_back = machine.json(&["rollback", "customer-a/notes"]);
    assert_eq!(rolled_back["version"]["number"], 3, "a rollback is a new version");
    assert_eq!(rolled_back["secrets_changed_since"], serde_json::json!(["SLACK_SIGNING_SECRET"]));
    assert_eq!(answer(&machine), "first");
    assert_eq!(machine.error(&["rollback", "customer-a/notes", "--to", "99"], 1)["code"], "version.unknown");
}

#[test]
fn environments_are_apart() {
    let machine = Machine::with_adapter();
    let adapter = machine.workspace().join("tenants/customer-a/adapters/notes");
    write_constant_adapter(&adapter, "rehearsed");
    machine.run(&["publish", "customer-a/notes", "--env", "staging"]).success();
    let staging = machine.json(&["replay", "customer-a/notes", "--env", "staging"]);
    assert_eq!(staging[0]["response"]["status"], 200, "{staging:#}");
    assert_eq!(staging[0]["served_by"]["namespace"], "workspace-staging-eu");
    let production = machine.json(&["replay", "customer-a/notes"]);
    assert_eq!(production[0]["response"]["status"], 404, "nothing was published there: {production:#}");
    assert!(production.to_string().contains("not found in production namespace"), "{production:#}");
}

#[test]
fn a_failed_publish_leaves_the_live_version() {
    let machine = Machine::with_adapter();
    let adapter = machine.workspace().join("tenants/customer-a/adapters/notes");
    write_constant_adapter(&adapter, "first");
    machine.run(&["publish", "customer-a/notes"]).success();

    std::fs::write(
        adapter.join("src/adapter.ts"),
        "throw new Error('at start-up');\nexport default { fetch() { return {}; } };\n",
    )
    .expect("writable");
    let error = machine.error(&["publish", "customer-a/notes"], 1);
    assert_eq!(error["code"], "target.invalid_script", "{error}");
    assert!(error.to_string().contains("src/adapter.ts:1"), "it points at the author's line: {error}");
    assert_eq!(answer(&machine), "first");
}

#[test]
fn a_runtime_exception_points_at_the_authors_line() {
    let machine = Machine::with_adapter();
    let adapter = machine.workspace().join("tenants/customer-a/adapters/notes");
    write_constant_adapter(&adapter, "first");
    std::fs::write(adapter.join("src/break.ts"), "// a comment\nexport function breaks(value: { inner?: { text: string } }): string {\n  return value.inner!.text;\n}\n").expect("writable");
    std::fs::write(
        adapter.join("src/adapter.ts"),
        "import { breaks } from './break';\n\nexport default {\n  async fetch(request: Request): Promise<Response | object> {\n    await request.text();\n    return { text: breaks({}) };\n  },\n};\n",
    )
    .expect("writable");
    // The smoke replay finds the exception, so the publish is refused and nothing is live.
    let error = machine.error(&["publish", "customer-a/notes"], 1);
    assert_eq!(error["code"], "publish.smoke_failed", "{error}");
    assert!(error.to_string().contains("src/break.ts:3"), "it points at the author's line: {error}");
}

#[test]
fn route_test_says_which_rule_matches_and_why_the_others_do_not() {
    let machine = Machine::with_adapter();
    let decision = machine.json(&[
        "route",
        "test",
        "http://localhost/hook",
        "-H",
        "x-customer-id:customer-a",
        "-H",
        "x-script-id:notes",
    ]);
    assert_eq!(decision["matched"], true, "{decision}");
    assert_eq!(decision["script"], "customer-a-notes");
    let refused = machine.run(&["route", "test", "http://localhost/hook", "--json"]);
    refused.code(1);
    assert!(refused.stdout.contains("x-customer-id"), "the reason names the missing header\n{refused}");
}

fn write_constant_adapter(adapter: &std::path::Path, word: &str) {
    for entry in std::fs::read_dir(adapter.join("samples"))
        .expect("samples")
        .chain(std::fs::read_dir(adapter.join("expect")).expect("expect"))
    {
        let path = entry.expect("readable").path();
        if path.file_name().is_some_and(|name| name != "message.json")
            || path.parent().is_some_and(|parent| parent.ends_with("expect"))
        {
            std::fs::remove_file(path).expect("writable");
        }
    }
    for entry in std::fs::read_dir(adapter.join("src")).expect("src") {
        std::fs::remove_file(entry.expect("readable").path()).expect("writable");
    }
    std::fs::write(
        adapter.join("src/adapter.ts"),
        format!("export default {{\n  async fetch(request: Request): Promise<Response | object> {{\n    await request.text();\n    return {{ word: '{word}' }};\n  }},\n}};\n"),
    )
    .expect("writable");
}

fn answer(machine: &Machine) -> String {
    let traces = machine.json(&["replay", "customer-a/notes", "--sample", "message"]);
    let body = traces[0]["response"]["body"]["text"].as_str().expect("a body").to_owned();
    let body: serde_json::Value = serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {traces:#}"));
    body["word"].as_str().unwrap_or_else(|| panic!("{traces:#}")).to_owned()
}

#[test]
fn an_allowed_lint_error_is_published_and_its_reason_kept() {
    let machine = Machine::with_adapter();
    let entry = machine.workspace().join("tenants/customer-a/adapters/notes/src/adapter.ts");
    let text = std::fs::read_to_string(&entry).expect("readable");
    std::fs::write(&entry, format!("{text}\nexport const unsafeRun = (code: string): unknown => eval(code);\n"))
        .expect("writable");
    let error = machine.error(&["publish", "customer-a/notes"], 1);
    assert_eq!(error["code"], "lint.errors", "{error}");
    assert!(error["hints"].to_string().contains("--allow no-eval="), "{error}");
    assert_eq!(machine.json(&["versions", "customer-a/notes"]), serde_json::json!([]), "nothing was published");

    machine.run(&["publish", "customer-a/notes", "--allow", "no-eval"]).code(2);
    machine.run(&["publish", "customer-a/notes", "--allow", "no-eval= "]).code(2);
    assert_eq!(machine.error(&["publish", "customer-a/notes", "--allow", "no-evil=why"], 2)["code"], "usage.malformed");

    machine.run(&["publish", "customer-a/notes", "--allow", "no-eval=our vendor's compiler needs it"]).success();
    let versions = machine.json(&["versions", "customer-a/notes"]);
    let kept = serde_json::json!([{ "rule": "no-eval", "reason": "our vendor's compiler needs it" }]);
    assert_eq!(versions[0]["allowances"], kept, "{versions}");
    let shown = machine.run(&["versions", "customer-a/notes"]);
    assert!(shown.stdout.contains("allowed no-eval: our vendor's compiler needs it"), "{shown}");
}
