//! The keychain store against a real gnome-keyring on a session bus of its own, from real processes.

use patchbay_testkit::{BusSession, CommandResult, CommandRun, Exit, KeyringSession, TempWorkspace};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

const WORKSPACE: &str = "7f1d1c1e-52f5-4f0e-9a63-0d6c5f0d2b11";
const CANARY: &str = "canary-signing-value-0815";

/// The example that Cargo builds with the tests, `target/<profile>/examples/secrets`.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a running test knows its own path");
    let profile = test.parent().and_then(|deps| deps.parent()).expect("a test binary lies two folders deep");
    profile.join("examples/secrets")
}

struct Data {
    folder: TempWorkspace,
    env: Vec<(String, String)>,
}

impl Data {
    fn new(env: Vec<(String, String)>) -> Self {
        Self { folder: TempWorkspace::empty(), env }
    }

    fn command(&self, arguments: &[&str]) -> CommandRun {
        CommandRun::new(program()).arg(self.folder.path()).arg(WORKSPACE).args(arguments).envs(self.env.clone())
    }

    fn run(&self, arguments: &[&str], stdin: &str) -> CommandResult {
        self.command(arguments).stdin(stdin).timeout(Duration::from_secs(30)).run()
    }

    fn done(&self, arguments: &[&str], stdin: &str) -> String {
        let result = self.run(arguments, stdin);
        result.success();
        result.stdout.trim().to_owned()
    }

    /// Runs a command that must fail with this variant and say this.
    fn refused(&self, arguments: &[&str], variant: &str, hint: &str) {
        let result = self.run(arguments, CANARY);
        result.code(1);
        assert!(result.stderr.contains(&format!("Secrets({variant}")), "expected {variant}: {result}");
        assert!(
            result.stderr.contains("hint: ") && result.stderr.contains(hint),
            "expected the hint `{hint}`: {result}"
        );
        assert!(!result.stderr.contains(CANARY), "an error never shows a value: {result}");
    }

    fn vault(&self, tenant: &str) -> PathBuf {
        self.folder.join(&format!("vaults/{WORKSPACE}/{tenant}.vault"))
    }
}

const SET: [&str; 3] = ["set", "customer-a", "slack/NOTION_TOKEN"];
const CHECK: [&str; 3] = ["check", "customer-a", "slack/NOTION_TOKEN"];
const LIST: [&str; 2] = ["list", "customer-a"];

#[test]
fn what_one_process_sets_another_reads_and_no_file_shows_it() {
    let session = KeyringSession::start();
    let data = Data::new(session.env());
    data.done(&["probe"], "");
    assert_eq!(data.done(&LIST, ""), "", "nothing is set at first");

    let fingerprint = data.done(&SET, CANARY);
    assert_eq!(data.done(&CHECK, CANARY), "same");
    let listed = data.done(&LIST, "");
    assert!(listed.starts_with("slack/NOTION_TOKEN 20") && listed.ends_with(&fingerprint), "{listed}");
    assert_ne!(data.done(&SET, "another value"), fingerprint, "another value has another fingerprint");
    assert_eq!(data.done(&SET, CANARY), fingerprint, "the same value has the same one again");
    data.done(&["set", "customer-a", "slack/NOTION_TOKEN@staging"], "for staging");
    assert_eq!(data.done(&CHECK, CANARY), "same", "a value of one environment leaves the general one alone");

    assert!(data.folder.files_containing(CANARY).is_empty(), "the vault must not show the value");
    let in_keyring = patchbay_testkit::workspace::files_containing(&session.data_folder(), CANARY.as_bytes());
    assert!(in_keyring.is_empty(), "the keychain holds keys, not values: {in_keyring:?}");

    assert_eq!(data.done(&["delete", "customer-a", "slack/NOTION_TOKEN"], ""), "true");
    assert_eq!(data.done(&["delete", "customer-a", "slack/NOTION_TOKEN"], ""), "false");
    assert_eq!(data.done(&CHECK, CANARY), "not set");
    assert_eq!(data.done(&["sealing"], ""), data.done(&["sealing"], ""), "a sealing key is made once");
}

#[test]
fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let session = KeyringSession::start();
    let data = Data::new(session.env());
    data.done(&SET, CANARY);
    let mode = |path: PathBuf| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(data.vault("customer-a")), 0o600);
    assert_eq!(mode(data.folder.join(&format!("vaults/{WORKSPACE}"))), 0o700);
}

#[test]
fn twelve_processes_at_once_lose_nothing() {
    let session = KeyringSession::start();
    let data = Data::new(session.env());
    std::thread::scope(|scope| {
        for number in 0..12 {
            let data = &data;
            // The first set makes the tenant's key, so this also races for the key.
            scope.spawn(move || {
                data.done(&["set", "customer-a", &format!("slack/VALUE_{number}")], &format!("v{number}"))
            });
        }
    });
    assert_eq!(data.done(&LIST, "").lines().count(), 12);
    for number in 0..12 {
        let check = ["check", "customer-a", &format!("slack/VALUE_{number}")];
        assert_eq!(data.done(&check, &format!("v{number}")), "same");
    }
}

#[test]
fn a_writer_killed_at_any_moment_leaves_the_old_or_the_new_value() {
    let session = KeyringSession::start();
    let data = Data::new(session.env());
    let (old, new) = ("old ".repeat(1000), "new ".repeat(1000));
    let mut killed = 0;
    for milliseconds in 0..40 {
        data.done(&SET, &old);
        let result = data.command(&SET).stdin(new.clone()).timeout(Duration::from_millis(milliseconds)).run();
        killed += u32::from(result.exit == Exit::TimedOut);
        let is_whole = data.done(&CHECK, &old) == "same" || data.done(&CHECK, &new) == "same";
        assert!(is_whole, "killed after {milliseconds} ms");
    }
    assert!(killed > 0, "some of the writers should have been killed before they were done");
}

#[test]
fn shredding_one_tenant_makes_its_vault_unreadable_even_from_a_backup() {
    let session = KeyringSession::start();
    let data = Data::new(session.env());
    data.done(&SET, CANARY);
    data.done(&["set", "customer-b", "teams/TOKEN"], "kept");
    let backup = fs::read(data.vault("customer-a")).expect("a vault");
    data.done(&["shred", "customer-a"], "");
    assert!(!data.vault("customer-a").exists());
    assert_eq!(data.done(&LIST, ""), "");
    assert_eq!(data.done(&["check", "customer-b", "teams/TOKEN"], "kept"), "same", "other tenants keep theirs");

    fs::write(data.vault("customer-a"), &backup).expect("own folder");
    data.refused(&LIST, "KeyMissing", "cannot be read again");
    data.refused(&SET, "KeyMissing", "remove the vault file");
    assert_eq!(fs::read(data.vault("customer-a")).expect("a vault"), backup, "it is not overwritten");

    data.done(&["shred", "customer-a"], "");
    data.done(&SET, CANARY);
    fs::write(data.vault("customer-a"), &backup).expect("own folder");
    data.refused(&CHECK, "WrongKey", "copied from elsewhere");
}

#[test]
fn a_damaged_vault_is_an_error_and_is_never_overwritten() {
    let session = KeyringSession::start();
    let data = Data::new(session.env());
    data.done(&SET, CANARY);
    data.done(&["set", "customer-b", "slack/NOTION_TOKEN"], "other");
    let whole = fs::read(data.vault("customer-a")).expect("a vault");
    let mut changed = whole.clone();
    *changed.last_mut().expect("not empty") ^= 1;
    let newer = [&whole[..7], &[9], &whole[8..]].concat();
    for (content, variant) in
        [(changed, "Damaged"), (whole[..40].to_vec(), "Damaged"), (Vec::new(), "Damaged"), (newer, "NewerFormat")]
    {
        fs::write(data.vault("customer-a"), &content).expect("own folder");
        for arguments in [&SET[..], &CHECK[..], &LIST[..], &["delete", "customer-a", "slack/NOTION_TOKEN"]] {
            data.refused(arguments, variant, "");
        }
        assert_eq!(fs::read(data.vault("customer-a")).expect("a vault"), content);
    }
    // One tenant's vault in another one's place: the key that is looked up is not the one it was sealed with.
    fs::copy(data.vault("customer-b"), data.vault("customer-a")).expect("own folder");
    data.refused(&CHECK, "WrongKey", "");
    assert_eq!(data.done(&["check", "customer-b", "slack/NOTION_TOKEN"], "other"), "same");
}

#[test]
fn values_that_cannot_be_published_are_refused() {
    let session = KeyringSession::start();
    let data = Data::new(session.env());
    let result = data.run(&SET, "");
    result.code(1);
    assert!(result.stderr.contains("EmptyValue"), "{result}");
    let result = data.run(&SET, &"x".repeat(5 * 1024 + 1));
    result.code(1);
    assert!(result.stderr.contains("ValueTooLong"), "{result}");
    data.done(&SET, &"x".repeat(5 * 1024));
}

#[test]
fn without_a_session_bus_the_error_says_so() {
    let data = Data::new(Vec::new());
    let nowhere = data.folder.path().join("no-such-folder");
    let result =
        data.command(&SET).without_env("DBUS_SESSION_BUS_ADDRESS").env("XDG_RUNTIME_DIR", &nowhere).stdin(CANARY).run();
    result.code(1);
    assert!(result.stderr.contains("Secrets(NoSessionBus"), "{result}");
    assert!(result.stderr.contains("hint: ") && result.stderr.contains("passphrase"), "{result}");
    assert!(!data.vault("customer-a").exists(), "there is no fallback to a file");
    assert!(data.folder.files_containing(CANARY).is_empty());
}

#[test]
fn a_bus_without_a_keyring_is_told_apart() {
    let bus = BusSession::start();
    let data = Data::new(bus.env());
    data.refused(&SET, "NoProvider", "gnome-keyring");
    data.refused(&["probe"], "NoProvider", "gnome-keyring");
    assert!(!data.vault("customer-a").exists());
}

#[test]
fn a_keyring_that_nobody_unlocked_is_locked() {
    let session = KeyringSession::start_never_unlocked();
    let data = Data::new(session.env());
    data.refused(&["probe"], "Locked", "Unlock the login keyring");
    data.refused(&SET, "Locked", "Unlock the login keyring");
    assert!(!data.vault("customer-a").exists());
}

#[test]
fn a_keyring_that_was_locked_again_does_not_pass_for_a_missing_key() {
    let session = KeyringSession::start();
    let data = Data::new(session.env());
    data.done(&SET, CANARY);
    session.lock();
    let before = fs::read(data.vault("customer-a")).expect("a vault");
    data.refused(&CHECK, "Locked", "Unlock the login keyring");
    data.refused(&["shred", "customer-a"], "Locked", "Unlock the login keyring");
    assert_eq!(fs::read(data.vault("customer-a")).expect("a vault"), before, "nothing was shredded by half");
}

#[test]
fn a_keyring_that_does_not_answer_is_an_error_and_not_a_hang() {
    let session = KeyringSession::start();
    let data = Data::new(session.env());
    data.done(&SET, CANARY);
    session.freeze();
    data.refused(&CHECK, "Timeout", "prompt of the keyring may be waiting");
    session.thaw();
    assert_eq!(data.done(&CHECK, CANARY), "same");
}
