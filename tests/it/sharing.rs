//! Two processes on one workspace.

use crate::machine::{Machine, http};

#[test]
fn a_second_process_shares_a_running_platform() {
    let machine = Machine::with_adapter();
    let running = machine.start();
    machine.run(&["publish", "customer-a/notes"]).success();
    let (status, _) =
        http("POST", running.dispatcher_url(), &[("x-customer-id", "customer-a"), ("x-script-id", "notes")], b"{}");
    assert_eq!(status, 401, "what the second process published is live in the first");
    let traces = machine.json(&["replay", "customer-a/notes", "--sample", "message"]);
    assert_eq!(traces[0]["response"]["status"], 200, "{traces:#}");
    assert!(!traces[0]["outbound"].as_array().expect("a list").is_empty(), "its trace is complete: {traces:#}");
}

#[test]
fn a_second_start_says_who_holds_the_workspace() {
    let machine = Machine::with_adapter();
    let running = machine.start();
    let error = machine.error(&["start", "--api-port", "0", "--dispatcher-port", "0"], 3);
    assert_eq!(error["code"], "platform.already_running", "{error}");
    assert!(error.to_string().contains(&running.pid().to_string()), "it names the process: {error}");
}

#[test]
fn processes_that_write_at_once_do_not_lose_each_others_changes() {
    let machine = Machine::with_adapter();
    std::thread::scope(|scope| {
        for writer in 0..6 {
            let machine = &machine;
            scope.spawn(move || {
                let key = [
                    "name",
                    "limits.cpu_ms",
                    "limits.subrequests",
                    "rate_limit.requests_per_second",
                    "retry.jitter",
                    "retry.backoff_factor",
                ][writer];
                let value = ["Customer A", "77", "78", "79", "0.5", "3.0"][writer];
                machine.run(&["tenant", "set", "customer-a", key, value]).success();
            });
        }
    });
    let shown = machine.json(&["tenant", "show", "customer-a"]);
    assert_eq!(shown["name"], "Customer A", "{shown}");
    assert_eq!(shown["limits"], serde_json::json!({ "cpu_ms": 77, "subrequests": 78 }));
    assert_eq!(shown["rate_limit"]["requests_per_second"], 79);
    assert_eq!(shown["retry"]["jitter"], 0.5);
    assert_eq!(shown["retry"]["backoff_factor"], 3.0);
}

#[test]
fn publishes_at_once_end_with_one_of_them_live() {
    let machine = Machine::with_adapter();
    let _running = machine.start();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| machine.run(&["publish", "customer-a/notes"]).success().clone());
        }
    });
    let versions = machine.json(&["versions", "customer-a/notes"]);
    let numbers: Vec<u64> =
        versions.as_array().expect("a list").iter().filter_map(|version| version["number"].as_u64()).collect();
    assert_eq!(numbers, [3, 2, 1], "each publish has a number of its own");
    let traces = machine.json(&["replay", "customer-a/notes", "--all"]);
    assert!(
        traces.as_array().expect("a list").iter().all(|trace| trace["summary"]["as_expected"] == true),
        "{traces:#}"
    );
}
