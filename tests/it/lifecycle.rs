//! What happens when processes die, ports are taken, disks are full.

use crate::machine::{Machine, eventually, http, is_alive, workerd_children_of};
use patchbay_testkit::{CommandRun, patchbay_binary};

#[test]
fn kill_9_leaves_no_orphan_and_the_next_start_works() {
    let machine = Machine::with_adapter();
    machine.run(&["publish", "customer-a/notes"]).success();
    let mut running = machine.start();
    let (status, _) =
        http("POST", running.dispatcher_url(), &[("x-customer-id", "customer-a"), ("x-script-id", "notes")], b"{}");
    assert_eq!(status, 401, "the adapter answers: it refuses what Slack did not sign");
    let children = workerd_children_of(running.pid());
    assert!(children.len() >= 2, "the dispatcher's and the tenant's workerd run: {children:?}");
    running.kill();
    eventually("every workerd is gone", || children.iter().all(|pid| !is_alive(*pid)));

    let again = machine.start();
    let (status, _) =
        http("POST", again.dispatcher_url(), &[("x-customer-id", "customer-a"), ("x-script-id", "notes")], b"{}");
    assert_eq!(status, 401, "what was published is live after a crash");
    assert_eq!(again.interrupt(), 0, "Ctrl-C is an ordinary end");
}

#[test]
fn kill_9_during_publishes_leaves_one_whole_version() {
    let machine = Machine::with_adapter();
    let adapter = machine.workspace().join("tenants/customer-a/adapters/notes");
    for entry in std::fs::read_dir(adapter.join("samples")).expect("samples") {
        std::fs::remove_file(entry.expect("readable").path()).expect("writable");
    }
    let publish = |word: &str| {
        let text = format!(
            "import {{ word }} from './word';\nexport default {{ fetch(): object {{ return {{ here: '{word}', there: word }}; }} }};\n"
        );
        std::fs::write(adapter.join("src/adapter.ts"), text).expect("writable");
        std::fs::write(adapter.join("src/word.ts"), format!("export const word = '{word}';\n")).expect("writable");
    };
    publish("version-0");
    machine.run(&["publish", "customer-a/notes"]).success();
    // Each round kills a publish a little later than the one before, from the first milliseconds to after its end.
    for round in 1..=8u64 {
        publish(&format!("version-{round}"));
        let mut child = std::process::Command::new(patchbay_binary())
            .args(["publish", "customer-a/notes", "--workspace"])
            .arg(machine.workspace())
            .envs(machine.environment())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("patchbay starts");
        std::thread::sleep(std::time::Duration::from_millis(round * 60));
        let children = workerd_children_of(child.id());
        let _ = child.kill();
        child.wait().expect("it can be waited for");
        eventually("no workerd is left", || children.iter().all(|pid| !is_alive(*pid)));
    }
    let running = machine.start();
    let (status, body) =
        http("POST", running.dispatcher_url(), &[("x-customer-id", "customer-a"), ("x-script-id", "notes")], b"{}");
    let body: serde_json::Value = serde_json::from_slice(&body).expect("the adapter answers JSON");
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["here"], body["there"], "both modules are of one version: {body}");
}

#[test]
fn a_port_in_use_is_named() {
    let machine = Machine::new();
    machine.run(&["tenant", "add", "customer-a"]).success();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port().to_string();
    for option in ["--api-port", "--dispatcher-port"] {
        let other = if option == "--api-port" { "--dispatcher-port" } else { "--api-port" };
        let error = machine.error(&["start", option, &port, other, "0"], 3);
        assert_eq!(error["code"], "platform.port_in_use", "{error}");
        assert!(error["message"].as_str().is_some_and(|message| message.contains(&port)), "{error}");
    }
}

#[test]
fn a_workerd_that_dies_at_start_is_reported_with_its_last_words() {
    let machine = Machine::with_adapter();
    let broken = machine.home().join("workerd");
    std::fs::write(&broken, "#!/bin/sh\necho 'no such instruction set' >&2\nexit 7\n").expect("writable");
    make_executable(&broken);
    let result = machine.patchbay(&["publish", "customer-a/notes", "--json"]).env("PATCHBAY_WORKERD", &broken).run();
    result.code(3);
    assert!(
        result.stderr.contains("platform.runtime_failed") && result.stderr.contains("no such instruction set"),
        "{result}"
    );

    let result = machine
        .patchbay(&["publish", "customer-a/notes", "--json"])
        .env("PATCHBAY_WORKERD", "/nonexistent/workerd")
        .run();
    result.code(3);
    assert!(result.stderr.contains("platform.runtime_missing"), "{result}");
}

#[test]
fn a_full_disk_is_said_and_loses_nothing() {
    let machine = Machine::new();
    // A file system of its own in a mount namespace of its own; the workspace fills it up.
    let script = r#"
        mount -t tmpfs -o size=300k tmpfs "$1" || exit 77
        "$2" tenant add customer-a --workspace "$1" || exit 78
        before=$(cat "$1/tenants/customer-a/tenant.toml")
        head -c 1000000 /dev/zero > "$1/filler" 2>/dev/null
        "$2" tenant set customer-a name "$(printf 'x%.0s' $(seq 5000))" --workspace "$1" --json
        code=$?
        [ "$before" = "$(cat "$1/tenants/customer-a/tenant.toml")" ] || exit 79
        exit $code
    "#;
    std::fs::create_dir_all(machine.workspace()).expect("writable");
    let result =
        in_a_mount_namespace(script).arg(machine.workspace()).arg(patchbay_binary()).envs(machine.environment()).run();
    result.code(1);
    assert!(result.stderr.contains("workspace.storage") && result.stderr.contains("full"), "{result}");
}

#[test]
fn a_read_only_workspace_is_said() {
    let machine = Machine::new();
    machine.run(&["tenant", "add", "customer-a"]).success();
    let script = r#"mount --bind -o ro "$1" "$1" 2>/dev/null || { mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"; } || exit 77
        exec "$2" tenant set customer-a name other --workspace "$1" --json"#;
    let result =
        in_a_mount_namespace(script).arg(machine.workspace()).arg(patchbay_binary()).envs(machine.environment()).run();
    result.code(1);
    assert!(result.stderr.contains("workspace.storage"), "{result}");
}

/// A shell that may mount what only it sees. Root needs no user namespace for that, and a container may forbid one.
fn in_a_mount_namespace(script: &str) -> CommandRun {
    let run = CommandRun::new("unshare");
    let run = if rustix::process::geteuid().is_root() { run } else { run.args(["--user", "--map-root-user"]) };
    run.args(["--mount", "sh", "-c", script, "sh"])
}

fn make_executable(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("own file");
}
