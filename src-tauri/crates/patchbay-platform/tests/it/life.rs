//! Starting, stopping, dying.

use crate::support::{Fixture, Gateway, answering, example, module, options, try_send};
use patchbay_core::Hints;
use patchbay_platform::{DatabaseError, Platform, PlatformError, RunningPlatform, UpstreamGateway};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::json;
use std::io::BufRead;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn gateway() -> Arc<dyn UpstreamGateway> {
    Arc::new(Gateway::default())
}

fn pid(number: u32) -> Pid {
    Pid::from_raw(i32::try_from(number).expect("a pid")).expect("a pid")
}

async fn refusal(options: patchbay_platform::PlatformOptions) -> PlatformError {
    Platform::start(options, gateway()).await.err().expect("must not start")
}

/// Waits for a fact that another process brings about; fails when it does not come.
async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < Duration::from_secs(20), "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_killed_process_is_replaced_and_the_next_request_is_answered() {
    let fixture = Fixture::start().await;
    fixture.publish("customer-a-notion", &answering("alive"), json!([])).await;
    for round in 0..3 {
        for role in ["tenant", "dispatcher", "validator"] {
            assert_eq!(fixture.deliver("customer-a", "notion", &[], "").await.text(), "alive");
            let before = fixture.process(role).await;
            kill_process(pid(before.pid.expect("runs")), Signal::KILL).expect("kills");
            // A request that was already handed to the dying process is lost with it; the one after it is not.
            let killed = pid(before.pid.expect("runs"));
            eventually("the killed process is gone", || test_kill_process(killed).is_err()).await;
            assert_eq!(fixture.deliver("customer-a", "notion", &[], "").await.text(), "alive", "{role}, round {round}");
        }
        fixture.publish("customer-a-notion", &answering("alive"), json!([])).await;
    }
    assert!(fixture.process("tenant").await.restarts >= 3);
}

#[tokio::test]
async fn one_platform_per_folder() {
    let fixture = Fixture::start().await;
    let found = RunningPlatform::find(fixture.folder.path()).expect("it runs");
    assert_eq!(&found, fixture.platform.running());
    let error = refusal(options(fixture.folder.path())).await;
    let PlatformError::AlreadyRunning { pid, api_url } = &error else { panic!("{error:?}") };
    assert_eq!((*pid, api_url.as_str()), (std::process::id(), fixture.platform.api_url()));

    let account = fixture.platform.account_id().to_owned();
    let token = std::fs::read_to_string(fixture.platform.token_file()).expect("a token");
    let running = std::fs::read(fixture.folder.path().join("running.json")).expect("is there");
    let folder = fixture.stop().await;
    assert_eq!(RunningPlatform::find(folder.path()), None);
    std::fs::write(folder.path().join("running.json"), running).expect("writes");
    assert_eq!(RunningPlatform::find(folder.path()), None, "a file that a dead process left is not believed");
    let again = Fixture::start_in(folder).await.expect("starts again");
    assert_eq!(again.platform.account_id(), account);
    assert_eq!(std::fs::read_to_string(again.platform.token_file()).expect("a token"), token);
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("binds");
    let address = taken.local_addr().expect("bound");
    let folder = tempfile::tempdir().expect("a folder");
    let mut wanted = options(folder.path());
    wanted.dispatcher_address = address;
    let error = refusal(wanted).await;
    assert!(matches!(&error, PlatformError::PortInUse { purpose: "dispatcher", .. }), "{error:?}");
    assert!(error.to_string().contains(&address.port().to_string()), "{error}");
    assert!(error.hints()[0].contains("--dispatcher-port"));
    let mut open = options(folder.path());
    open.api_address = "0.0.0.0:0".parse().expect("an address");
    assert!(matches!(refusal(open).await, PlatformError::NotLoopback { .. }));
}

#[tokio::test]
async fn a_runtime_that_dies_at_its_start_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut broken = options(folder.path());
    broken.workers.dispatcher = vec![module("dispatcher.js", "export default { fetch( }")];
    let error = refusal(broken).await;
    let PlatformError::RuntimeDied { role, stderr, .. } = &error else { panic!("{error:?}") };
    assert_eq!(*role, "dispatcher");
    assert!(stderr.contains("SyntaxError"), "{stderr}");
    eventually("a start that failed leaves no process", || children().is_empty()).await;

    let script = folder.path().join("not-workerd");
    std::fs::write(&script, "#!/bin/sh\necho 'GLIBC_9 not found' >&2\nexit 7\n").expect("writes");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("changes");
    let mut other = options(folder.path());
    other.workerd = script;
    let error = refusal(other).await;
    let PlatformError::RuntimeDied { status, stderr, .. } = &error else { panic!("{error:?}") };
    assert!(status.contains('7') && stderr.contains("GLIBC_9"), "{status} {stderr}");

    let mut missing = options(folder.path());
    missing.workerd = PathBuf::from("/nowhere/workerd");
    let error = refusal(missing).await;
    assert!(matches!(error, PlatformError::RuntimeMissing { .. }) && error.hints()[0].contains("make setup"));
}

#[tokio::test]
async fn a_store_that_cannot_be_used_is_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let platform = Platform::start(options(folder.path()), gateway()).await.expect("starts");
    platform.shutdown().await;
    let mut other_key = options(folder.path());
    other_key.sealing_key = zeroize::Zeroizing::new([8; 32]);
    assert!(matches!(refusal(other_key).await, PlatformError::WrongSealingKey));

    let database = folder.path().join("platform.sqlite");
    rusqlite::Connection::open(&database).expect("opens").pragma_update(None, "user_version", 99).expect("writes");
    assert!(matches!(
        refusal(options(folder.path())).await,
        PlatformError::Database(DatabaseError::TooNew { found: 99, .. })
    ));
    for extra in ["platform.sqlite-wal", "platform.sqlite-shm"] {
        let _ = std::fs::remove_file(folder.path().join(extra));
    }
    std::fs::write(&database, vec![b'x'; 8192]).expect("writes");
    let error = refusal(options(folder.path())).await;
    assert!(matches!(error, PlatformError::Database(DatabaseError::Damaged { .. })), "{error:?}");
    assert!(error.to_string().contains("platform.sqlite"), "{error}");

    let file = folder.path().join("a-file");
    std::fs::write(&file, "").expect("writes");
    assert!(matches!(refusal(options(&file)).await, PlatformError::File { .. }));
}

#[tokio::test]
async fn stopping_ends_every_process() {
    for dropped in [false, true] {
        let fixture = Fixture::start().await;
        fixture.publish("customer-a-notion", &answering("ok"), json!([])).await;
        fixture.deliver("customer-a", "notion", &[], "").await;
        let url = fixture.platform.dispatcher_url().to_owned();
        let processes = fixture.processes().await;
        assert_eq!(processes.len(), 3, "{processes:?}");
        if dropped {
            drop(fixture);
        } else {
            drop(fixture.stop().await);
        }
        for process in processes {
            let child = pid(process.pid.expect("runs"));
            eventually("a stopped platform leaves no process", || test_kill_process(child).is_err()).await;
        }
        let refused = try_send(http::Method::GET, &url, &[], "");
        assert!(tokio::time::timeout(Duration::from_secs(5), refused).await.is_ok_and(|answer| answer.is_err()));
    }
}

#[tokio::test]
async fn a_killed_platform_leaves_no_process_and_the_next_start_works() {
    let folder = tempfile::tempdir().expect("a folder");
    for round in 0..3 {
        let mut platform = Command::new(example("platform_process"))
            .args([folder.path().as_os_str(), crate::support::workerd().as_os_str()])
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut lines = std::io::BufReader::new(platform.stdout.take().expect("piped")).lines();
        let children: Vec<u32> =
            serde_json::from_str(&lines.next().expect("a line").expect("reads")).expect("process ids");
        assert_eq!(children.len(), 3, "dispatcher, validator and a tenant");
        let found = RunningPlatform::find(folder.path()).expect("it runs");
        assert_eq!(found.pid, platform.id());
        platform.kill().expect("kills");
        platform.wait().expect("is gone");
        for child in children {
            eventually("no orphan outlives `kill -9` of the platform", || gone(child)).await;
        }
        assert_eq!(RunningPlatform::find(folder.path()), None, "round {round}");
    }
    let leftover = PathBuf::from(std::fs::read_to_string(folder.path().join("run-folder")).expect("is there"));
    assert!(leftover.is_dir());
    let another = tempfile::tempdir().expect("a folder");
    let platform = Platform::start(options(another.path()), gateway()).await.expect("starts");
    assert!(!leftover.exists(), "the next start, on whatever state, removes what the killed one left");
    let last = PathBuf::from(std::fs::read_to_string(another.path().join("run-folder")).expect("is there"));
    let beside = Platform::start(options(folder.path()), gateway()).await.expect("starts");
    assert!(last.join("control").exists(), "and leaves alone what is in use");
    beside.shutdown().await;
    platform.shutdown().await;
    assert!(!last.exists(), "and removes its own when it stops");
}

/// The processes that this one started. Each test has a process of its own.
fn children() -> Vec<u32> {
    let own = std::process::id();
    let processes = std::fs::read_dir("/proc").expect("Linux").flatten();
    processes
        .filter_map(|entry| entry.file_name().to_string_lossy().parse().ok())
        .filter(|process: &u32| {
            let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            // After the name in parentheses: state, then the parent.
            let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
            let mut fields = rest.split_whitespace();
            fields.next() != Some("Z") && fields.next().and_then(|parent| parent.parse().ok()) == Some(own)
        })
        .collect()
}

/// Whether a process is gone; one that only waits to be reaped by init does nothing any more.
fn gone(child: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{child}/stat")).map_or(true, |stat| stat.contains(") Z "))
}
