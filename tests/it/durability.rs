//! What a killed publish, a full or read-only disk, a jumping clock and a damaged database leave of what was acknowledged.

use crate::machine::{Machine, RunningPatchbay, eventually, http};
use patchbay_testkit::patchbay_binary;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const ADAPTER: [(&str, &str); 2] = [("x-customer-id", "customer-a"), ("x-script-id", "notes")];

/// Makes the adapter answer a word to anybody, and hang where a sample is replayed to it.
fn write_adapter(machine: &Machine, word: &str) {
    let text = format!(
        "export default {{ async fetch(request: Request): Promise<object> {{
  if (!request.headers.has('x-now')) await new Promise((resolve) => setTimeout(resolve, 60_000));
  return {{ word: '{word}' }};
}} }};\n"
    );
    let file = machine.workspace().join("tenants/customer-a/adapters/notes/src/adapter.ts");
    std::fs::write(file, text).expect("writable");
}

fn word(running: &RunningPatchbay) -> Option<String> {
    let headers = [ADAPTER[0], ADAPTER[1], ("x-now", "1")];
    let (status, body) = http("POST", running.dispatcher_url(), &headers, b"{}");
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    (status == 200).then(|| body["word"].as_str().map(str::to_owned)).flatten()
}

/// A publish in a process of its own, which hangs in its smoke replay.
fn publish(machine: &Machine) -> Child {
    Command::new(patchbay_binary())
        .args(["publish", "customer-a/notes", "--workspace"])
        .arg(machine.workspace())
        .envs(machine.environment())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("patchbay starts")
}

#[test]
fn a_version_that_a_killed_publish_made_live_is_recorded_and_can_be_left_again() {
    let machine = Machine::with_adapter();
    machine.run(&["publish", "customer-a/notes"]).success();
    let running = machine.start();
    write_adapter(&machine, "second");
    let mut publishing = publish(&machine);
    eventually("the second version is live", || word(&running).as_deref() == Some("second"));
    let listed = machine.json(&["versions", "customer-a/notes"]);
    assert_eq!(numbers(&listed), [1], "a publish that goes on is not recorded by somebody else: {listed}");
    publishing.kill().expect("kills");
    publishing.wait().expect("is gone");

    let listed = machine.json(&["versions", "customer-a/notes"]);
    assert_eq!(numbers(&listed), [2, 1], "{listed}");
    assert_eq!(listed[0]["live"], true, "{listed}");
    machine.json(&["rollback", "customer-a/notes"]);
    let (status, _) = http("POST", running.dispatcher_url(), &ADAPTER, b"{}");
    assert_eq!(status, 401, "the first version is live again: it refuses what Slack did not sign");
}

fn numbers(listed: &Value) -> Vec<u64> {
    let versions = listed.as_array().expect("versions");
    versions.iter().map(|version| version["number"].as_u64().expect("a number")).collect()
}

#[test]
fn a_version_that_never_went_live_leaves_no_record() {
    let machine = Machine::with_adapter();
    machine.run(&["publish", "customer-a/notes"]).success();
    // What a publish leaves that is killed before its upload: the record of the live version under the next number.
    let folder = machine.workspace().join(".patchbay/versions/customer-a/notes/production");
    let mut record: Value =
        serde_json::from_slice(&std::fs::read(folder.join("1.json")).expect("kept")).expect("a record");
    record["number"] = 2.into();
    std::fs::create_dir_all(folder.join("unfinished")).expect("writable");
    std::fs::write(folder.join("unfinished/2.json"), record.to_string()).expect("writable");
    let listed = machine.json(&["versions", "customer-a/notes"]);
    assert_eq!(numbers(&listed), [1], "{listed}");
    assert!(!folder.join("unfinished/2.json").exists(), "nothing is asked twice");
}

#[test]
fn a_damaged_store_is_reported_by_every_command_and_restored_by_one() {
    let machine = Machine::with_adapter();
    machine.run(&["publish", "customer-a/notes"]).success();
    let state = machine.workspace().join(".patchbay/platform");
    let running = machine.start();
    eventually("the store is backed up", || {
        state.join("backups").read_dir().is_ok_and(|mut backups| {
            backups
                .any(|backup| backup.is_ok_and(|backup| backup.file_name().to_string_lossy().starts_with("platform-")))
        })
    });
    assert_eq!(machine.error(&["restore"], 3)["code"], "platform.already_running");
    assert_eq!(running.interrupt(), 0);
    let good = machine.json(&["doctor", "--check", "platform store"]);
    assert_eq!(good[0]["state"], "good", "{good}");

    let database = state.join("platform.sqlite");
    let length = std::fs::metadata(&database).expect("there").len();
    let file = std::fs::OpenOptions::new().write(true).open(&database).expect("writable");
    file.set_len(length / 2).expect("writable");
    let error = machine.error(&["publish", "customer-a/notes"], 3);
    assert_eq!(error["code"], "platform.storage", "{error}");
    assert!(error["message"].as_str().is_some_and(|text| text.contains("platform.sqlite")), "{error}");
    assert!(error["hints"][0].as_str().is_some_and(|hint| hint.contains("`patchbay restore`")), "{error}");
    let doctor = machine.run(&["doctor", "--check", "platform store"]);
    doctor.code(1);
    assert!(doctor.stdout.contains("damaged") && doctor.stdout.contains("patchbay restore"), "{doctor}");

    let restored = machine.json(&["restore"]);
    assert!(restored["from"].as_str().is_some_and(|from| from.contains("backups")), "{restored}");
    assert!(restored["kept_aside"].as_str().is_some_and(|aside| Path::new(aside).is_file()), "{restored}");
    let running = machine.start();
    let (status, _) = http("POST", running.dispatcher_url(), &ADAPTER, b"{}");
    assert_eq!(status, 401, "the adapter is there again: it refuses what Slack did not sign");
}

#[test]
fn a_damaged_history_names_the_command_that_helps() {
    let machine = Machine::with_adapter();
    machine.run(&["publish", "customer-a/notes"]).success();
    let history = machine.workspace().join(".patchbay/history.sqlite");
    std::fs::write(&history, "").expect("writable");
    let _ = std::fs::remove_file(history.with_extension("sqlite-wal"));
    let error = machine.error(&["deliveries", "list"], 1);
    assert_eq!(error["code"], "replay.history", "{error}");
    assert!(error["message"].as_str().is_some_and(|text| text.contains("history.sqlite")), "{error}");
    assert!(
        error["hints"][0].as_str().is_some_and(|hint| hint.contains("patchbay restore history --empty")),
        "{error}"
    );
    machine.json(&["restore", "history", "--empty"]);
    machine.json(&["deliveries", "list"]);
}

/// The library that shifts the clock of a program (Debian's `libfaketime`).
fn faketime() -> PathBuf {
    let architecture = std::env::consts::ARCH;
    let path = PathBuf::from(format!("/usr/lib/{architecture}-linux-gnu/faketime/libfaketimeMT.so.1"));
    assert!(path.is_file(), "hint: `make setup-tests` installs libfaketime; it is not at {}", path.display());
    path
}

#[test]
fn a_clock_that_jumps_loses_and_reorders_nothing() {
    let machine = Machine::with_adapter();
    let samples = machine.workspace().join("tenants/customer-a/adapters/notes/samples");
    std::fs::remove_dir_all(samples).expect("there");
    let shift = machine.home().join("clock");
    let set_clock = |offset: &str| {
        let next = machine.home().join("clock.new");
        std::fs::write(&next, offset).expect("writable");
        std::fs::rename(next, &shift).expect("renamed");
    };
    set_clock("+0");
    // Monotonic clocks do not jump, and the runtime's processes have the machine's own clock.
    let variables = [
        ("LD_PRELOAD", faketime().display().to_string()),
        ("FAKETIME_TIMESTAMP_FILE", shift.display().to_string()),
        ("FAKETIME_NO_CACHE", "1".into()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
    ];
    let running = machine.start_with(&variables);
    for (number, (offset, text)) in
        [("+0", "first"), ("-3d", "second"), ("+400d", "third"), ("-10d", "fourth")].iter().enumerate()
    {
        set_clock(offset);
        write_adapter(&machine, text);
        let mut publish = machine.patchbay(&["publish", "customer-a/notes", "--json"]);
        for (name, value) in &variables {
            publish = publish.env(name, value);
        }
        publish.run().success();
        assert_eq!(word(&running).as_deref(), Some(*text), "what is acknowledged is live after a jump by {offset}");
        let listed = machine.json(&["versions", "customer-a/notes"]);
        let expected: Vec<u64> = (1..=u64::try_from(number).expect("few") + 1).rev().collect();
        assert_eq!(numbers(&listed), expected, "{listed}");
        assert_eq!(listed[0]["live"], true, "{listed}");
        if offset.starts_with("-3d") {
            let created = |index: usize| listed[index]["created_at"].as_str().expect("a time").to_owned();
            assert!(created(0) < created(1), "the clock did jump: {listed}");
        }
    }
    drop(running);
    let running = machine.start_with(&variables);
    assert_eq!(
        word(&running).as_deref(),
        Some("fourth"),
        "the last one acknowledged, not the one with the latest date"
    );
    machine.json(&["rollback", "customer-a/notes"]);
    assert_eq!(word(&running).as_deref(), Some("third"));
}
