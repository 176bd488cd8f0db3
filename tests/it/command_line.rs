//! The contract of the command line: `--json`, exit codes, the error shape.

use crate::machine::Machine;
use patchbay_testkit::{CommandRun, patchbay_binary};

#[test]
fn help_and_version_end_with_0_and_nothing_else_prints_to_stdout() {
    for arguments in [&["--help"][..], &["--version"], &["publish", "--help"]] {
        let result = CommandRun::new(patchbay_binary()).args(arguments).run();
        result.success();
        assert!(!result.stdout.is_empty() && result.stderr.is_empty(), "{result}");
    }
}

#[test]
fn a_usage_error_ends_with_2_in_both_shapes() {
    let text = CommandRun::new(patchbay_binary()).args(["publish"]).run();
    text.code(2);
    assert!(text.stderr.starts_with("error: "), "{text}");
    let json = CommandRun::new(patchbay_binary()).args(["publish", "--json"]).run();
    json.code(2);
    let document: serde_json::Value = serde_json::from_str(&json.stderr).expect("JSON");
    assert_eq!(document["error"]["code"], "usage.malformed");
}

#[test]
fn an_error_for_people_has_its_three_parts() {
    let machine = Machine::new();
    let result = machine.run(&["tenant", "list"]);
    result.code(1);
    assert!(result.stdout.is_empty(), "{result}");
    assert!(result.stderr.contains("error: ") && result.stderr.contains("\nhint: "), "{result}");
}

#[test]
fn templates_are_listed_without_a_workspace() {
    let machine = Machine::new();
    let templates = machine.json(&["templates"]);
    assert!(
        templates["templates"].as_array().expect("a list").iter().any(|template| template["id"] == "slack-to-notion")
    );
}

#[test]
fn doctor_names_what_is_there_and_what_is_missing() {
    let machine = Machine::new();
    let checks = machine.json(&["doctor"]);
    let names: Vec<&str> =
        checks.as_array().expect("a list").iter().filter_map(|check| check["name"].as_str()).collect();
    for name in ["keychain", "workerd"] {
        assert!(names.contains(&name), "doctor looks at {name}: {names:?}");
    }
    let result = machine
        .patchbay(&["doctor", "--check", "keychain", "--json"])
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .run();
    result.code(1);
    assert!(result.stdout.contains("\"state\":\"missing\""), "{result}");
}

#[test]
fn lint_finds_in_files_and_formats_for_github() {
    let machine = Machine::new();
    let file = machine.home().join("loose.ts");
    std::fs::write(&file, "export default { async fetch(): Promise<object> { return eval('1'); } };\n")
        .expect("writable");
    let result = machine.run(&["lint", file.to_str().expect("UTF-8"), "--format", "github"]);
    result.code(1);
    assert!(result.stdout.contains("::error file="), "{result}");
    let json = machine.run(&["lint", file.to_str().expect("UTF-8"), "--json"]);
    json.code(1);
    let report: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert!(
        report["diagnostics"].as_array().expect("a list").iter().any(|found| found["rule"] == "no-eval"),
        "{report}"
    );
}

#[test]
fn start_prints_one_json_line_when_it_is_ready() {
    let machine = Machine::new();
    let running = machine.start();
    for key in ["api_url", "dispatcher_url", "account_id", "token_file", "pid"] {
        assert!(!running.ready[key].is_null(), "the ready line has `{key}`: {}", running.ready);
    }
    assert!(running.ready["api_url"].as_str().is_some_and(|url| url.ends_with("/client/v4")));
    let token = std::fs::read_to_string(running.ready["token_file"].as_str().expect("a path"))
        .expect("the token file is readable");
    let url = format!("{}/user/tokens/verify", running.ready["api_url"].as_str().expect("a URL"));
    let (status, _) = crate::machine::http("GET", &url, &[("Authorization", &format!("Bearer {}", token.trim()))], b"");
    assert_eq!(status, 200);
    let (status, _) = crate::machine::http("GET", &url, &[("Authorization", "Bearer wrong")], b"");
    assert_eq!(status, 403);
}

#[test]
fn lint_fixes_what_is_safe_to_fix() {
    let machine = Machine::new();
    let file = machine.home().join("loose.js");
    std::fs::write(&file, "export default {\n  async fetch() {\n    debugger;\n    return { ok: true };\n  },\n};\n")
        .expect("writable");
    machine.run(&["lint", file.to_str().expect("UTF-8"), "--fix"]).success();
    assert!(!std::fs::read_to_string(&file).expect("readable").contains("debugger"));
}

#[test]
fn lint_speaks_sarif_and_lists_its_rules() {
    let machine = Machine::with_adapter();
    let entry = machine.workspace().join("tenants/customer-a/adapters/notes/src/adapter.ts");
    let text = std::fs::read_to_string(&entry).expect("readable");
    std::fs::write(&entry, format!("debugger;\n{text}")).expect("writable");
    let result = machine.run(&["lint", "customer-a/notes", "--format", "sarif"]);
    result.success();
    let log: serde_json::Value = serde_json::from_str(&result.stdout).expect("JSON");
    let found = log["runs"][0]["results"].as_array().expect("a list");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["ruleId"], "no-debugger");
    let rules = machine.json(&["lint", "--rules"]);
    assert!(rules.as_array().expect("a list").iter().any(|rule| rule["id"] == "no-eval"), "{rules}");
}

#[test]
fn a_workspace_sets_the_levels_of_rules() {
    let machine = Machine::with_adapter();
    let entry = machine.workspace().join("tenants/customer-a/adapters/notes/src/adapter.ts");
    let text = std::fs::read_to_string(&entry).expect("readable");
    std::fs::write(&entry, format!("debugger;\n{text}")).expect("writable");
    let settings = machine.workspace().join("patchbay.toml");
    let before = std::fs::read_to_string(&settings).expect("readable");
    let set = |level: &str| std::fs::write(&settings, format!("{before}\n[lint.rules]\n{level}\n")).expect("writable");
    let count = |key: &str| {
        let result = machine.run(&["lint", "customer-a/notes", "--json"]);
        serde_json::from_str::<serde_json::Value>(&result.stdout).expect("JSON")[key].clone()
    };
    assert_eq!((count("errors"), count("warnings")), (0.into(), 1.into()));
    set("no-debugger = \"error\"");
    assert_eq!((count("errors"), count("warnings")), (1.into(), 0.into()));
    set("no-debugger = \"off\"");
    assert_eq!((count("errors"), count("warnings")), (0.into(), 0.into()));
    set("no-debuger = \"off\"");
    let error = machine.error(&["lint", "customer-a/notes"], 1);
    assert!(error["message"].as_str().is_some_and(|text| text.contains("no lint rule `no-debuger`")), "{error}");
    assert!(error["hints"].to_string().contains("Write `no-debugger`"), "{error}");
}
