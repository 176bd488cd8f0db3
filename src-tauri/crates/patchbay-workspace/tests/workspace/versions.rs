//! Version records.

use super::{adapter, with_adapter};
use patchbay_core::{Environment, ModuleKind, TargetKind};
use patchbay_workspace::{VersionBinding, VersionModule, VersionRecord, WorkspaceError};
use std::fs;

fn record(number: u64) -> VersionRecord {
    VersionRecord {
        id: format!("{number:032x}"),
        number,
        created_at: "2026-11-21T07:00:00Z".into(),
        note: String::new(),
        target: TargetKind::Local,
        namespace: "demo-production-eu".into(),
        main_module: "index.js".into(),
        modules: vec![VersionModule {
            name: "index.js".into(),
            kind: ModuleKind::EsModule,
            content: vec![0, 255].into(),
        }],
        compatibility_date: "2026-11-01".into(),
        compatibility_flags: Vec::new(),
        bindings: Vec::new(),
        lint_allowances: Vec::new(),
        source_digest: String::new(),
    }
}

#[test]
fn the_last_fifty_versions_are_kept() {
    let (folder, workspace) = with_adapter();
    let slack = adapter("customer-a/slack");
    for expected in 1..=53 {
        let number = workspace.reserve_version_number(&slack, Environment::Production).expect("a number");
        assert_eq!(number, expected);
        workspace.append_version(&slack, Environment::Production, &record(number)).expect("kept");
    }
    let numbers: Vec<u64> =
        workspace.versions(&slack, Environment::Production).expect("listed").iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, (4..=53).rev().collect::<Vec<_>>());
    assert_eq!(workspace.version(&slack, Environment::Production, "53").expect("there"), record(53));
    let by_id = workspace.version(&slack, Environment::Production, &format!("{:032x}", 10)).expect("there");
    assert_eq!(by_id.number, 10);
    for missing in ["3", "../53", "nonsense"] {
        let error = workspace.version(&slack, Environment::Production, missing).expect_err("gone");
        assert!(matches!(error, WorkspaceError::VersionMissing { .. }), "{error:?}");
    }
    assert!(workspace.versions(&slack, Environment::Staging).expect("listed").is_empty());
    // Losing the counter must not give a number twice.
    fs::remove_file(folder.join(".patchbay/versions/customer-a/slack/production/last-number")).expect("there");
    assert_eq!(workspace.reserve_version_number(&slack, Environment::Production).expect("a number"), 54);
}

#[test]
fn a_version_record_never_holds_a_secret() {
    let (folder, workspace) = with_adapter();
    let mut leaking = record(1);
    leaking.bindings.push(VersionBinding {
        name: patchbay_core::BindingName::new("TOKEN").expect("valid"),
        kind: patchbay_core::BindingKind::SecretText,
        value: Some("canary".into()),
        fingerprint: None,
    });
    let error =
        workspace.append_version(&adapter("customer-a/slack"), Environment::Production, &leaking).expect_err("refused");
    assert!(matches!(error, WorkspaceError::SecretInRecord { .. }), "{error:?}");
    assert!(folder.files_containing("canary").is_empty());
}

#[test]
fn a_version_on_its_way_is_abandoned_only_when_its_publisher_is_gone() {
    let (folder, workspace) = with_adapter();
    let slack = adapter("customer-a/slack");
    let abandoned = || workspace.abandoned_versions(&slack, Environment::Production).expect("listed");
    let first = workspace.begin_version(&slack, Environment::Production, &record(1)).expect("written");
    let second = workspace.begin_version(&slack, Environment::Production, &record(2)).expect("written");
    assert!(abandoned().is_empty(), "both publishers are there");
    // What the system does when a process is killed.
    drop(first);
    let found = abandoned();
    assert_eq!(found.iter().map(|version| version.record().clone()).collect::<Vec<_>>(), [record(1)]);
    assert!(abandoned().is_empty(), "somebody looks after it now");
    drop(found);
    drop(second);
    let numbers: Vec<u64> = abandoned().iter().map(|version| version.record().number).collect();
    assert_eq!(numbers, [2, 1]);
    for version in abandoned() {
        version.forget().expect("removed");
    }
    assert!(abandoned().is_empty());
    assert!(workspace.versions(&slack, Environment::Production).expect("listed").is_empty(), "it is no version yet");
    assert_eq!(folder.files_containing("\"compatibility_date\":\"2026-11-01\""), Vec::<std::path::PathBuf>::new());
}
