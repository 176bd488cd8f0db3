//! Every kind of bad input has an error of its own that says what, where and what to do.

use crate::machine::Machine;

fn adapter_file(machine: &Machine, name: &str) -> std::path::PathBuf {
    machine.workspace().join("tenants/customer-a/adapters/notes").join(name)
}

#[test]
fn a_folder_without_a_workspace_is_said() {
    let machine = Machine::new();
    let error = machine.error(&["tenant", "list"], 1);
    assert_eq!(error["code"], "workspace.not_found", "{error}");
    assert!(error["hints"].to_string().contains("patchbay demo"), "{error}");
}

#[test]
fn a_malformed_workspace_file_is_named_with_its_line() {
    let machine = Machine::with_adapter();
    let file = machine.workspace().join("patchbay.toml");
    let text = std::fs::read_to_string(&file).expect("readable");
    std::fs::write(&file, format!("{text}\nbroken = = 1\n")).expect("writable");
    let line = text.lines().count() + 2;
    let error = machine.error(&["tenant", "list"], 1);
    assert_eq!(error["code"], "workspace.broken_file", "{error}");
    assert!(
        error["message"].as_str().is_some_and(|message| message.contains(&format!("patchbay.toml:{line}:"))),
        "{error}"
    );
}

#[test]
fn a_malformed_adapter_breaks_only_itself() {
    let machine = Machine::with_adapter();
    machine.run(&["new", "customer-a/other", "--template", "slack-to-notion"]).success();
    std::fs::write(
        adapter_file(&machine, "adapter.toml"),
        "provider = \"slack\"\nbindings = 3\ncompatibility_date = \"2026-06-01\"\n",
    )
    .expect("writable");
    let error = machine.error(&["publish", "customer-a/notes"], 1);
    assert_eq!(error["code"], "workspace.broken_file", "{error}");
    assert!(error.to_string().contains("adapter.toml:2"), "{error}");
    machine.run(&["lint", "customer-a/other"]).success();
    let tenants = machine.json(&["tenant", "list"]);
    let adapters = tenants[0]["adapters"].as_array().expect("a list");
    assert!(
        adapters
            .iter()
            .any(|adapter| adapter["id"] == "notes" && adapter["problem"]["code"] == "workspace.broken_file"),
        "{tenants:#}"
    );
    assert!(adapters.iter().any(|adapter| adapter["id"] == "other" && adapter["problem"].is_null()), "{tenants:#}");
}

#[test]
fn a_missing_manifest_is_named() {
    let machine = Machine::with_adapter();
    std::fs::remove_file(adapter_file(&machine, "adapter.toml")).expect("writable");
    let error = machine.error(&["publish", "customer-a/notes"], 1);
    assert!(error.to_string().contains("adapter.toml"), "{error}");
    assert!(!error["hints"].as_array().expect("hints").is_empty(), "{error}");
}

#[test]
fn a_syntax_error_in_the_adapter_stops_the_publish_with_its_place() {
    let machine = Machine::with_adapter();
    std::fs::write(adapter_file(&machine, "src/adapter.ts"), "export default {\n  async fetch( {\n").expect("writable");
    let result = machine.run(&["lint", "customer-a/notes"]);
    result.code(1);
    assert!(result.stdout.contains("src/adapter.ts:"), "{result}");
    let error = machine.error(&["publish", "customer-a/notes"], 1);
    assert_eq!(error["code"], "lint.errors", "{error}");
    assert!(error.to_string().contains("src/adapter.ts:"), "{error}");
}

#[test]
fn a_missing_secret_stops_the_publish_and_names_the_command() {
    let machine = Machine::new();
    machine.run(&["tenant", "add", "customer-a", "--egress", "api.notion.com"]).success();
    machine.run(&["new", "customer-a/notes", "--template", "slack-to-notion"]).success();
    let error = machine.error(&["publish", "customer-a/notes"], 1);
    assert_eq!(error["code"], "binding.missing", "{error}");
    assert!(error["hints"].to_string().contains("patchbay secret set customer-a/notes"), "{error}");
}

#[test]
fn an_unknown_template_names_the_nearest() {
    let machine = Machine::with_adapter();
    let error = machine.error(&["new", "customer-a/x", "--template", "slack-to-notoin"], 1);
    assert_eq!(error["code"], "template.unknown", "{error}");
    assert!(error.to_string().contains("slack-to-notion"), "{error}");
}

#[test]
fn ids_that_are_not_ids_are_refused() {
    let machine = Machine::with_adapter();
    for id in ["../x", "a b", "A", "-a", "a--b", "größe", &"a".repeat(33)] {
        let error = machine.error(&["tenant", "add", "--", id], 1);
        assert_eq!(error["code"], "tenant.invalid_id", "`{id}`: {error}");
        let error = machine.error(&["new", "--template", "slack-to-notion", "--", &format!("{id}/notes")], 1);
        assert!(
            ["tenant.invalid_id", "adapter.invalid_id"].contains(&error["code"].as_str().expect("a code")),
            "`{id}`: {error}"
        );
    }
    assert!(!machine.home().join("x").exists());
    assert_eq!(machine.error(&["tenant", "add", "customer-a"], 1)["code"], "tenant.exists");
}

#[test]
fn a_tenant_that_would_own_anothers_scripts_is_refused() {
    let machine = Machine::with_adapter();
    for id in ["customer-a-eu", "customer"] {
        let error = machine.error(&["tenant", "add", id], 1);
        assert_eq!(error["code"], "tenant.owns_another", "{error}");
    }
    machine.run(&["tenant", "add", "customer-ab"]).success();
}

#[test]
fn a_source_of_30_megabytes_is_refused() {
    let machine = Machine::with_adapter();
    std::fs::write(adapter_file(&machine, "src/big.ts"), format!("export const big = \"{}\";\n", "x".repeat(30 << 20)))
        .expect("writable");
    let error = machine.error(&["publish", "customer-a/notes"], 1);
    assert_eq!(error["code"], "adapter.too_large", "{error}");
    assert!(error.to_string().contains("src/big.ts"), "{error}");
}

#[test]
fn unknown_tenants_adapters_samples_and_environments_are_named() {
    let machine = Machine::with_adapter();
    assert_eq!(machine.error(&["tenant", "show", "nobody"], 1)["code"], "tenant.unknown");
    assert_eq!(machine.error(&["lint", "customer-a/nothing"], 1)["code"], "adapter.unknown");
    assert_eq!(
        machine.error(&["new", "customer-a/notes", "--template", "slack-to-notion"], 1)["code"],
        "adapter.exists"
    );
    assert_eq!(
        machine.error(&["replay", "customer-a/notes", "--sample", "nothing"], 1)["code"],
        "replay.unknown_sample"
    );
    let error = machine.error(&["publish", "customer-a/notes", "--env", "moon"], 2);
    assert!(error.to_string().contains("staging"), "it lists the environments: {error}");
    let error = machine.error(&["publish", "customer-a/notes", "--target", "cloudflare"], 3);
    assert_eq!(error["code"], "target.not_configured", "{error}");
}

#[test]
fn an_unreadable_sample_is_said() {
    let machine = Machine::with_adapter();
    machine.run(&["publish", "customer-a/notes"]).success();
    std::fs::write(adapter_file(&machine, "samples/message.json"), "{ \"provider\": \"slack\",\n  \"event\": }")
        .expect("writable");
    let error = machine.error(&["replay", "customer-a/notes", "--sample", "message"], 1);
    assert_eq!(error["code"], "workspace.broken_file", "{error}");
    assert!(error.to_string().contains("message.json:2"), "{error}");
}

#[test]
fn an_unknown_key_is_kept_and_warned_about() {
    let machine = Machine::with_adapter();
    let file = adapter_file(&machine, "adapter.toml");
    let text = std::fs::read_to_string(&file).expect("readable");
    std::fs::write(&file, format!("# mine\ncompatability_date = \"2026-01-01\"\n{text}")).expect("writable");
    let result = machine.run(&["publish", "customer-a/notes"]);
    result.success();
    assert!(result.stderr.contains("compatability_date") && result.stderr.contains("compatibility_date"), "{result}");
    assert!(std::fs::read_to_string(&file).expect("readable").starts_with("# mine\ncompatability_date"), "it is kept");
}
