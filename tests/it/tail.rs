//! `patchbay tail` beside a running platform.

use crate::machine::{Machine, http};
use patchbay_testkit::patchbay_binary;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

#[test]
fn tail_shows_what_an_adapter_logs_as_it_happens() {
    let machine = Machine::with_adapter();
    machine.run(&["publish", "customer-a/notes"]).success();
    let running = machine.start();
    let mut child = Command::new(patchbay_binary())
        .args(["tail", "customer-a/notes", "--workspace"])
        .arg(machine.workspace())
        .envs(machine.environment())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("patchbay starts");
    let mut said = BufReader::new(child.stderr.take().expect("stderr is piped")).lines();
    let following = said.next().expect("it says that it follows").expect("UTF-8");
    assert!(following.contains("customer-a/notes"), "{following}");

    let headers = [("x-customer-id", "customer-a"), ("x-script-id", "notes")];
    let (status, _) = http("POST", running.dispatcher_url(), &headers, b"{}");
    assert_eq!(status, 401);
    let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
    let head = lines.next().expect("a request").expect("UTF-8");
    let log = lines.next().expect("its log").expect("UTF-8");
    child.kill().expect("a running child can be killed");
    child.wait().expect("it can be waited for");
    assert!(head.contains("POST") && head.contains("401"), "{head}");
    assert!(log.contains("warn") && log.contains("slack"), "{log}");
}
