//! Secrets over the real binary and a real Secret Service.

use crate::machine::{Machine, notion_token};

#[test]
fn a_secret_is_set_listed_rotated_and_deleted_without_ever_being_shown() {
    let machine = Machine::with_adapter();
    let list = machine.run(&["secret", "list", "customer-a/notes", "--json"]);
    list.success();
    assert!(!list.stdout.contains(&notion_token()), "a value is never shown");
    let bindings: serde_json::Value = serde_json::from_str(&list.stdout).expect("JSON");
    let token = bindings
        .as_array()
        .expect("a list")
        .iter()
        .find(|binding| binding["name"] == "NOTION_TOKEN")
        .expect("declared")
        .clone();
    assert_eq!(token["set"], true);

    machine.run(&["publish", "customer-a/notes"]).success();
    let rotated = machine
        .patchbay(&["secret", "rotate", "customer-a/notes", "NOTION_TOKEN", "--json"])
        .stdin(format!("{}x\n", notion_token()))
        .run();
    rotated.success();
    let rotated: serde_json::Value = serde_json::from_str(&rotated.stdout).expect("JSON");
    assert_eq!(rotated["live_in"], serde_json::json!(["production"]));
    assert_ne!(rotated["binding"]["fingerprint"], token["fingerprint"], "another value has another fingerprint");

    machine.run(&["secret", "delete", "customer-a/notes", "NOTION_TOKEN"]).success();
    let error = machine.error(&["publish", "customer-a/notes"], 1);
    assert_eq!(error["code"], "binding.missing", "{error}");
    assert!(error.to_string().contains("NOTION_TOKEN"));
    assert_eq!(machine.error(&["secret", "delete", "customer-a/notes", "NOTION_TOKEN"], 1)["code"], "secret.unknown");
}

#[test]
fn a_rotated_secret_reaches_the_running_script_without_a_publish() {
    let machine = Machine::with_adapter();
    machine.run(&["publish", "customer-a/notes"]).success();
    machine
        .patchbay(&["secret", "rotate", "customer-a/notes", "SLACK_SIGNING_SECRET"])
        .stdin("rotated-signing-secret")
        .run()
        .success();
    // The replay signs with the new value, so only a script that has it accepts the message.
    let traces = machine.json(&["replay", "customer-a/notes", "--sample", "message"]);
    assert_eq!(traces[0]["response"]["status"], 200, "{traces:#}");
}

#[test]
fn an_undeclared_name_and_an_empty_value_are_refused() {
    let machine = Machine::with_adapter();
    let undeclared =
        machine.patchbay(&["secret", "set", "customer-a/notes", "NOTION_TOKN", "--json"]).stdin("value").run();
    undeclared.code(1);
    assert!(
        undeclared.stderr.contains("binding.undeclared") && undeclared.stderr.contains("NOTION_TOKEN"),
        "it names the nearest\n{undeclared}"
    );
    let empty = machine.patchbay(&["secret", "set", "customer-a/notes", "NOTION_TOKEN", "--json"]).stdin("\n").run();
    empty.code(1);
    assert!(empty.stderr.contains("secret.invalid"), "{empty}");
}

#[test]
fn without_a_keychain_a_secret_is_refused_and_a_passphrase_is_offered() {
    let machine = Machine::with_adapter();
    let nowhere = machine
        .patchbay(&["secret", "set", "customer-a/notes", "NOTION_TOKEN", "--json"])
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .stdin(notion_token())
        .run();
    nowhere.code(1);
    assert!(nowhere.stderr.contains("secret.no_keychain") && nowhere.stderr.contains("--passphrase-file"), "{nowhere}");

    let passphrase = machine.home().join("passphrase");
    std::fs::write(&passphrase, "correct horse battery staple\n").expect("writable");
    let file = passphrase.to_str().expect("UTF-8");
    for name in ["NOTION_TOKEN", "SLACK_SIGNING_SECRET"] {
        machine
            .patchbay(&["secret", "set", "customer-a/notes", name, "--passphrase-file", file])
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
            .env("XDG_DATA_HOME", machine.home().join("other-data"))
            .stdin(notion_token())
            .run()
            .success();
    }
    machine
        .patchbay(&["publish", "customer-a/notes", "--passphrase-file", file])
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .env("XDG_DATA_HOME", machine.home().join("other-data"))
        .run()
        .success();
}
