//! `patchbay route preset`: the table, the namespaces and the tenant that go together.

use crate::machine::Machine;
use serde_json::json;

#[test]
fn a_preset_makes_a_workspace_with_its_namespaces_and_its_tenant() {
    let machine = Machine::new();
    let chosen = machine.json(&["route", "preset", "code24"]);
    assert_eq!(
        chosen["namespaces"],
        json!({ "staging": { "eu": "code24-workers-staging", "us": "code24-workers-staging" } })
    );
    assert_eq!(chosen["added_tenant"], "code24");
    let settings = std::fs::read_to_string(machine.workspace().join("patchbay.toml")).expect("readable");
    assert!(!settings.contains("[environments.production]"), "{settings}");
    assert!(settings.starts_with("# A Patchbay workspace."), "comments stay: {settings}");
    let again = machine.json(&["route", "preset", "dotdo"]);
    assert_eq!(again["namespaces"]["production"], json!({ "eu": "dotdo-production", "us": "dotdo-production" }));
    let back = machine.json(&["route", "preset", "default"]);
    assert_eq!(back["namespaces"]["staging"]["eu"], "workspace-staging-eu", "those of a new workspace: {back:#}");
}

#[test]
fn a_table_that_was_changed_by_hand_is_given_up_only_when_asked() {
    let machine = Machine::new();
    machine.run(&["route", "preset", "dotdo"]).success();
    let routes = machine.workspace().join("routes.json");
    let mine = "{ \"rules\": [{ \"match\": \"default\", \"service\": \"mine\" }] }\n";
    std::fs::write(&routes, mine).expect("writable");
    let error = machine.error(&["route", "preset", "code24"], 1);
    assert_eq!(error["code"], "route.invalid", "{error}");
    assert!(error["hints"].to_string().contains("--replace"), "{error}");
    assert_eq!(std::fs::read_to_string(&routes).expect("readable"), mine, "nothing was lost");
    machine.run(&["route", "preset", "code24", "--replace"]).success();
    assert!(std::fs::read_to_string(&routes).expect("readable").contains("competitive-analysis"));
}

#[test]
fn an_unknown_preset_names_the_nearest_and_changes_nothing() {
    let machine = Machine::new();
    let error = machine.error(&["route", "preset", "dotdot"], 1);
    assert!(error["hints"].to_string().contains("`dotdo`"), "{error}");
    assert_eq!(machine.json(&["route", "preset"])["presets"], json!(["default", "bring-your-own", "dotdo", "code24"]));
}

#[test]
fn a_running_platform_has_to_start_anew_for_other_namespaces() {
    let machine = Machine::new();
    machine.run(&["route", "preset", "dotdo"]).success();
    let _running = machine.start();
    assert_eq!(machine.json(&["route", "preset", "dotdo"])["restart"], false);
    assert_eq!(machine.json(&["route", "preset", "code24"])["restart"], true);
}
