//! A workspace on a real disk: what is kept, what is refused, and what two processes may do to it at once.

mod files;
mod import;
mod tenants;
mod versions;

use patchbay_core::position::Position;
use patchbay_core::{AdapterRef, Environment, Hints, Region, TenantId};
use patchbay_testkit::TempWorkspace;
use patchbay_workspace::{Workspace, WorkspaceError};
use serde_json::json;
use std::fs;

const MANIFEST: &str = "compatibility_date = \"2026-11-01\"\n";

fn tenant(id: &str) -> TenantId {
    TenantId::new(id).expect("valid")
}

fn adapter(reference: &str) -> AdapterRef {
    reference.parse().expect("valid")
}

fn open(folder: &TempWorkspace) -> Workspace {
    Workspace::open(folder.path()).expect("opens")
}

/// A workspace with `customer-a/slack` in it.
fn with_adapter() -> (TempWorkspace, Workspace) {
    let folder = TempWorkspace::new().with_tenant("customer-a");
    let workspace = open(&folder);
    let files = [("adapter.toml".to_owned(), MANIFEST.into()), ("src/adapter.ts".to_owned(), b"export {};\n".to_vec())];
    workspace.create_adapter(&adapter("customer-a/slack"), &files).expect("created");
    (folder, workspace)
}

#[test]
fn a_created_workspace_opens_and_a_second_create_is_refused() {
    let folder = TempWorkspace::empty();
    folder.write(".gitignore", "node_modules");
    let made = Workspace::create(folder.path(), "Demo", &json!({ "rules": [] })).expect("created");
    let opened = open(&folder);
    assert_eq!(opened.settings(), made.settings());
    assert_eq!(opened.warnings(), []);
    let namespace = opened.namespace(Environment::Production, &Region::new("eu")).expect("named");
    assert_eq!(namespace.as_str(), "demo-production-eu");
    assert_eq!(opened.routes().expect("readable").expect("there").table, json!({ "rules": [] }));
    assert_eq!(folder.read(".gitignore"), "node_modules\n/.patchbay/\n");
    let error = Workspace::create(folder.path(), "Demo", &json!({})).expect_err("there already");
    assert!(matches!(error, WorkspaceError::AlreadyAWorkspace { .. }), "{error:?}");
}

#[test]
fn a_folder_that_is_no_workspace_says_how_to_make_one() {
    let folder = TempWorkspace::empty();
    let error = Workspace::open(folder.path()).expect_err("nothing there");
    assert!(error.to_string().contains("no patchbay.toml"), "{error}");
    assert!(error.hints().iter().any(|hint| hint.contains("patchbay demo")), "{:?}", error.hints());
}

#[test]
fn a_namespace_that_nobody_named_is_an_error_with_the_line_to_add() {
    let folder = TempWorkspace::new();
    let error = open(&folder).namespace(Environment::Staging, &Region::new("ap")).expect_err("not named");
    assert!(error.hints()[0].starts_with("Add `ap = \"…\"` under `[environments.staging]`"), "{:?}", error.hints());
}

#[test]
fn broken_routes_are_named_with_their_place() {
    let folder = TempWorkspace::new();
    folder.write("routes.json", "{\n  \"rules\": [,]\n}");
    let error = open(&folder).routes().expect_err("broken");
    assert!(error.to_string().contains("routes.json:2:13: expected value"), "{error}");
}

#[test]
fn what_a_manifest_may_not_say_is_named_with_its_place() {
    let (folder, workspace) = with_adapter();
    let binding = "[[bindings]]\nname = \"TOKEN\"\nkind = \"secret_text\"\n";
    for (text, place, message) in [
        (format!("{MANIFEST}entry = \"../x.ts\"\n"), Position { line: 2, column: 9 }, "`../x.ts` is not allowed"),
        ("compatibility_date = \"soon\"\n".into(), Position { line: 1, column: 22 }, "`soon` is not a date"),
        (
            format!("{MANIFEST}upstreams = [\"a.com\", \"https://b.com\"]\n"),
            Position { line: 2, column: 23 },
            "is not a host",
        ),
        (
            format!("{MANIFEST}signing_secret = \"S\"\n{binding}"),
            Position { line: 2, column: 18 },
            "not among the secret_text",
        ),
        (format!("{MANIFEST}{binding}{binding}"), Position { line: 6, column: 8 }, "declared twice"),
        (
            format!("{MANIFEST}{binding}value = \"canary\"\n"),
            Position { line: 5, column: 9 },
            "has its value in the manifest",
        ),
        (
            format!("{MANIFEST}[[bindings]]\nname = \"1X\"\nkind = \"json\"\n"),
            Position { line: 3, column: 8 },
            "not a binding name",
        ),
        (
            format!("{MANIFEST}[[bindings]]\nname = \"X\"\nkind = \"secret\"\n"),
            Position { line: 4, column: 8 },
            "unknown variant",
        ),
    ] {
        folder.write("tenants/customer-a/adapters/slack/adapter.toml", &text);
        let error = workspace.adapter(&adapter("customer-a/slack")).expect_err(&text);
        let WorkspaceError::Broken { position, problem, fix, .. } = &error else { panic!("{error:?}") };
        assert!(problem.contains(message) && fix.is_some(), "{error:?}");
        assert_eq!(*position, place, "{error}");
        assert!(!format!("{error:?}").contains("canary"), "a value in the wrong place is not repeated: {error:?}");
    }
}

#[test]
fn creating_an_adapter_is_all_or_nothing_and_never_over_another() {
    let (folder, workspace) = with_adapter();
    let file = |path: &str, content: &str| (path.to_owned(), content.as_bytes().to_vec());
    let other = adapter("customer-a/other");
    for files in [
        vec![file("src/adapter.ts", "")],
        vec![file("adapter.toml", "entry = 1")],
        vec![file("adapter.toml", MANIFEST), file("../escape.ts", "")],
        vec![file("adapter.toml", MANIFEST), file("src/a.ts", ""), file("src/a.ts/b.ts", "")],
        vec![file("adapter.toml", MANIFEST), ("src/big.ts".into(), vec![b' '; 30_000_000])],
    ] {
        workspace.create_adapter(&other, &files).expect_err("refused");
        let left: Vec<_> = fs::read_dir(folder.join("tenants/customer-a/adapters")).expect("readable").collect();
        assert_eq!(left.len(), 1, "nothing is left behind: {left:?}");
    }
    let error =
        workspace.create_adapter(&adapter("customer-a/slack"), &[file("adapter.toml", MANIFEST)]).expect_err("there");
    assert!(matches!(error, WorkspaceError::AdapterExists { .. }), "{error:?}");
    assert_eq!(folder.read("tenants/customer-a/adapters/slack/src/adapter.ts"), "export {};\n");
    let error =
        workspace.create_adapter(&adapter("nobody/x"), &[file("adapter.toml", MANIFEST)]).expect_err("no tenant");
    assert!(error.hints().iter().any(|hint| hint == "Known tenants: customer-a"), "{:?}", error.hints());

    workspace.remove_adapter(&adapter("customer-a/slack")).expect("removed");
    assert!(matches!(workspace.adapter(&adapter("customer-a/slack")), Err(WorkspaceError::AdapterMissing { .. })));
    assert_eq!(fs::read_dir(folder.join("tenants/customer-a/adapters")).expect("readable").count(), 0);
}

#[test]
fn writers_at_the_same_time_lose_nothing() {
    let (folder, workspace) = with_adapter();
    // Each writer opens the workspace for itself, as a process would.
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let folder = &folder;
            scope.spawn(move || {
                let workspace = open(folder);
                for round in 0..10 {
                    let host = format!("h{writer}-{round}.example.com");
                    workspace.allow_egress(&tenant("customer-a"), &[host]).expect("added");
                    workspace
                        .reserve_version_number(&adapter("customer-a/slack"), Environment::Production)
                        .expect("number");
                }
            });
        }
    });
    assert_eq!(workspace.tenant(&tenant("customer-a")).expect("whole").settings.egress.len(), 80);
    let next = workspace.reserve_version_number(&adapter("customer-a/slack"), Environment::Production).expect("number");
    assert_eq!(next, 81);
}

#[test]
fn a_level_for_a_rule_that_is_not_there_is_named_with_its_place() {
    let folder = TempWorkspace::new();
    let path = folder.path().join("patchbay.toml");
    let before = fs::read_to_string(&path).expect("readable");
    fs::write(&path, format!("{before}\n[lint.rules]\nno-eval = \"off\"\nno-unedf = \"error\"\n")).expect("writable");
    let error = open(&folder).rule_levels(&["no-eval", "no-undef"]).expect_err("misspelt");
    let line = before.lines().count() + 4;
    let shown = error.to_string();
    assert!(shown.contains(&format!("patchbay.toml:{line}:12: there is no lint rule `no-unedf`")), "{shown}");
    assert!(error.hints().iter().any(|hint| hint.contains("Write `no-undef`")), "{:?}", error.hints());

    fs::write(&path, format!("{before}\n[lint.rules]\nno-eval = \"off\"\n")).expect("writable");
    let levels = open(&folder).rule_levels(&["no-eval"]).expect("known");
    assert_eq!(levels.get("no-eval"), Some(&patchbay_core::RuleLevel::Off));
}
