//! Files of an adapter: conflicts, paths, sizes, samples and expectations.

use super::{MANIFEST, adapter, with_adapter};
use patchbay_core::Hints;
use patchbay_core::sample::Sample;
use patchbay_testkit::TempWorkspace;
use patchbay_workspace::{Expected, Revision, WorkspaceError, collect_import};
use serde_json::json;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

#[test]
fn a_file_that_changed_on_disk_is_not_overwritten() {
    let (folder, workspace) = with_adapter();
    let slack = adapter("customer-a/slack");
    let read = workspace.read_adapter_file(&slack, "src/adapter.ts").expect("read");
    let mine = Expected::Revision(read.revision.clone());
    let next = workspace.write_adapter_file(&slack, "src/adapter.ts", b"mine", &mine).expect("written");
    folder.write("tenants/customer-a/adapters/slack/src/adapter.ts", "theirs");
    for stale in [mine, Expected::Revision(next), Expected::Absent] {
        let error = workspace.write_adapter_file(&slack, "src/adapter.ts", b"mine again", &stale).expect_err("stale");
        assert!(matches!(error, WorkspaceError::Changed { .. }), "{error:?}");
    }
    assert_eq!(folder.read("tenants/customer-a/adapters/slack/src/adapter.ts"), "theirs");
    let now = Revision::of(b"theirs");
    assert_eq!(workspace.read_adapter_file(&slack, "src/adapter.ts").expect("read").revision, now);
    workspace.write_adapter_file(&slack, "src/lib/new.ts", b"", &Expected::Absent).expect("a new file in a new folder");
    workspace.remove_adapter_file(&slack, "src/lib/new.ts", &Expected::Revision(Revision::of(b""))).expect("removed");
    let missing = workspace.remove_adapter_file(&slack, "src/lib/new.ts", &Expected::Anything);
    assert!(matches!(missing, Err(WorkspaceError::FileMissing { .. })), "{missing:?}");
}

#[test]
fn paths_that_lead_out_are_refused_for_reading_and_writing() {
    let (folder, workspace) = with_adapter();
    let slack = adapter("customer-a/slack");
    folder.write("outside.ts", "canary");
    let inside = folder.join("tenants/customer-a/adapters/slack");
    symlink(folder.path(), inside.join("src/up")).expect("writable");
    symlink(folder.join("outside.ts"), inside.join("src/link.ts")).expect("writable");
    for path in
        ["../../../../outside.ts", "/etc/hostname", "src/up/outside.ts", "src/link.ts", "src/\0.ts", "", "src/.."]
    {
        let read = workspace.read_adapter_file(&slack, path);
        assert!(matches!(read, Err(WorkspaceError::PathRefused { .. })), "{path}: {read:?}");
        let written = workspace.write_adapter_file(&slack, path, b"overwritten", &Expected::Anything);
        assert!(matches!(written, Err(WorkspaceError::PathRefused { .. })), "{path}: {written:?}");
    }
    assert_eq!(folder.read("outside.ts"), "canary");

    // The folder of an adapter may not be a link out of the workspace either.
    let elsewhere = TempWorkspace::empty();
    elsewhere.write("adapter.toml", MANIFEST);
    symlink(elsewhere.path(), folder.join("tenants/customer-a/adapters/linked")).expect("writable");
    let linked = workspace.adapter(&adapter("customer-a/linked"));
    assert!(matches!(linked, Err(WorkspaceError::PathRefused { .. })), "{linked:?}");
}

#[test]
fn files_are_listed_without_tripping_over_strange_ones() {
    let (folder, workspace) = with_adapter();
    let inside = folder.join("tenants/customer-a/adapters/slack");
    fs::write(inside.join(std::ffi::OsStr::from_bytes(b"src/\xff.ts")), "").expect("writable");
    symlink("/etc", inside.join("src/etc")).expect("writable");
    symlink("..", inside.join("src/loop")).expect("writable");
    folder.write("tenants/customer-a/adapters/slack/node_modules/x/index.js", "");
    folder.write("tenants/customer-a/adapters/slack/.git/config", "");
    let listed = workspace.adapter_files(&adapter("customer-a/slack")).expect("listed");
    let paths: Vec<&str> = listed.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["adapter.toml", "src/adapter.ts"]);
    assert_eq!(listed.skipped, ["node_modules", "src/etc", "src/loop", "src/\u{fffd}.ts"]);
}

#[test]
fn a_source_of_30_mb_is_refused_by_its_size() {
    let (folder, workspace) = with_adapter();
    let path = folder.write("tenants/customer-a/adapters/slack/src/big.ts", "");
    // A sparse file: reading it would take 30 MB, its size is known without.
    fs::File::options().write(true).open(&path).and_then(|file| file.set_len(30_000_000)).expect("writable");
    let error = workspace.read_adapter_file(&adapter("customer-a/slack"), "src/big.ts").expect_err("too large");
    assert!(error.to_string().ends_with("src/big.ts has 30 MB, 20 MB are allowed"), "{error}");
    let error = collect_import(&path).expect_err("too large");
    assert!(matches!(error, WorkspaceError::TooLarge { .. }), "{error:?}");
}

#[test]
fn samples_and_expectations_are_read_and_written() {
    let (folder, workspace) = with_adapter();
    let slack = adapter("customer-a/slack");
    let sample: Sample =
        serde_json::from_value(json!({ "provider": "slack", "event": "message", "body": { "b": 1, "a": 2 } }))
            .expect("a sample");
    workspace.write_sample(&slack, "message", &sample).expect("written");
    assert_eq!(workspace.sample(&slack, "message").expect("read").sample, sample);
    folder.write("tenants/customer-a/adapters/slack/samples/torn.json", "{ \"provider\": \"slack\",\n\"event\" }");
    folder.write(
        "tenants/customer-a/adapters/slack/samples/odd.json",
        "{ \"provider\": \"a\", \"event\": \"b\", \"bdy\": 1 }",
    );
    let listed = workspace.samples(&slack).expect("listed");
    assert_eq!(listed.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["message", "odd", "torn"]);
    let odd = listed[1].sample.as_ref().expect("readable");
    assert_eq!((odd.warnings[0].key.as_str(), odd.warnings[0].nearest.as_deref()), ("bdy", Some("body")));
    let error = listed[2].sample.as_ref().expect_err("torn");
    assert!(error.to_string().contains("torn.json:2:9: expected `:`"), "{error}");
    let error = workspace.sample(&slack, "mesage").expect_err("missing");
    assert_eq!(error.hints(), ["Known samples: message, odd, torn"]);
    assert!(matches!(workspace.sample(&slack, "../adapter"), Err(WorkspaceError::PathRefused { .. })));

    assert_eq!(workspace.expectation(&slack, "message").expect("readable"), None);
    workspace.write_expectation(&slack, "message", &json!({ "status": 200 })).expect("written");
    assert_eq!(workspace.expectation(&slack, "message").expect("readable"), Some(json!({ "status": 200 })));
}

#[test]
fn the_description_of_an_upstream_is_added_once_and_never_over_a_persons_own() {
    let folder = TempWorkspace::new();
    let workspace = super::open(&folder);
    workspace.add_upstream_document("target.json", "{}").expect("added");
    assert_eq!(folder.read("upstreams/target.json"), "{}");
    folder.write("upstreams/target.json", "my own");
    workspace.add_upstream_document("target.json", "{}").expect("it is there already");
    assert_eq!(folder.read("upstreams/target.json"), "my own");
    let names: Vec<String> = workspace.upstream_documents().expect("listed").names().map(str::to_owned).collect();
    assert_eq!(names, ["target.json"]);
    assert!(workspace.add_upstream_document("../patchbay.toml", "{}").is_err());
}
