//! Load runs over the real program: through the real dispatcher, and at an endpoint that answers at once.

mod endpoint;

use crate::machine::Machine;
use endpoint::{Endpoint, Request};
use patchbay_testkit::patchbay_binary;
use serde_json::Value;
use std::collections::HashSet;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const ADAPTER: &str = "customer-a/notes";

#[test]
fn every_delivery_of_a_load_run_is_accounted_for_where_it_went() {
    let machine = Machine::with_adapter();
    machine.run(&["publish", ADAPTER]).success();
    let platform = machine.start();
    let pages_before = pages(&machine);
    let recorded_before = recorded(&machine);
    let result = load(&machine, &["--sample", "message", "--count", "40", "--concurrency", "4"]);
    let number = |name: &str| result[name].as_u64().unwrap_or_else(|| panic!("{name} is a number: {result:#}"));
    assert_eq!((number("sent"), number("abandoned"), number("unsent")), (40, 0, 0), "{result:#}");
    assert_eq!(number("succeeded") + number("failed"), 40, "{result:#}");
    let by_status: u64 = list(&result, "statuses").iter().filter_map(|answers| answers["count"].as_u64()).sum();
    assert_eq!(by_status, 40, "each one was answered: {result:#}");
    assert!(number("succeeded") > 0, "{result:#}");
    let made = pages(&machine) - pages_before;
    assert_eq!(made, number("succeeded"), "each success is a page of its own: no event was sent twice, none was lost");
    assert_eq!(recorded(&machine), recorded_before, "load is not recorded delivery by delivery");
    assert_eq!(result["signed"], "each_delivery", "each is another event");
    platform.interrupt();
}

#[test]
fn a_run_is_compared_with_the_last_one_of_the_same_settings() {
    let machine = Machine::with_adapter();
    let endpoint = Endpoint::start();
    let to = ["--dispatcher", endpoint.url()];
    let of = |more: &[&str]| load(&machine, &[&to, more].concat());
    let first = of(&["--count", "30", "--concurrency", "2"]);
    assert_eq!(first["change"], Value::Null, "{first:#}");
    let other = of(&["--count", "30", "--concurrency", "3"]);
    assert_eq!(other["change"], Value::Null, "other settings are another series: {other:#}");
    let second = of(&["--count", "30", "--concurrency", "2"]);
    assert_eq!(second["change"]["since"], first["run"], "{second:#}");
    let speed = |result: &Value| result["per_second"].as_f64().expect("a number");
    let part = second["change"]["per_second"].as_f64().expect("a number");
    assert!((speed(&second) / speed(&first) - 1.0 - part).abs() < 1e-6, "{second:#}");
    let shown = machine.run(&[&["replay", ADAPTER], &to[..], &["--count", "30", "--concurrency", "2"]].concat());
    shown.success();
    for said in ["since the last run", "p99.9", "30 succeeded", "█"] {
        assert!(shown.stdout.contains(said), "it should say `{said}`\n{shown}");
    }
}

#[test]
fn each_delivery_is_signed_as_its_provider_would_at_that_moment() {
    let machine = Machine::with_adapter();
    let endpoint = Endpoint::start();
    let result = load(&machine, &["--dispatcher", endpoint.url(), "--count", "50", "--concurrency", "4"]);
    assert_eq!(result["succeeded"], 50, "{result:#}");
    let requests = endpoint.requests();
    assert_eq!(requests.len(), 50);
    let values = |name: &str| -> HashSet<String> {
        requests.iter().filter_map(|request| request.header(name)).map(str::to_owned).collect()
    };
    let bodies: HashSet<&String> = requests.iter().map(|Request { body, .. }| body).collect();
    assert_eq!(bodies.len(), 50, "each is an event of its own");
    assert_eq!(values("x-slack-signature").len(), 50, "another event has another signature");
    assert_eq!(values("x-customer-id"), HashSet::from(["customer-a".to_owned()]));
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    for timestamp in values("x-slack-request-timestamp") {
        let age = now - timestamp.parse::<i64>().expect("seconds");
        assert!((0..120).contains(&age), "signed {age} s ago");
    }
}

#[test]
fn an_interrupt_ends_a_load_run_with_what_it_measured() {
    let machine = Machine::with_adapter();
    let endpoint = Endpoint::start();
    let running = start(&machine, &["--dispatcher", endpoint.url(), "--duration", "600", "--concurrency", "4"]);
    let patience = Instant::now() + Duration::from_mins(1);
    while endpoint.answered() < 20 {
        assert!(Instant::now() < patience, "the run begins");
        std::thread::sleep(Duration::from_millis(5));
    }
    let pid = rustix::process::Pid::from_child(&running);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it runs");
    let output = running.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let result: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    assert_eq!(result["is_partial"], true, "{result:#}");
    assert!(result["succeeded"].as_u64() >= Some(20), "{result:#}");
    assert!(result["remarks"].to_string().contains("ended before its time"), "{result:#}");
    let whole = load(&machine, &["--dispatcher", endpoint.url(), "--duration", "1", "--concurrency", "4"]);
    assert_eq!(whole["change"], Value::Null, "a part is nothing to compare with: {whole:#}");
}

#[test]
fn values_that_make_no_load_run_are_refused_before_anything_is_sent() {
    let machine = Machine::with_adapter();
    for (arguments, exit, code, said) in [
        (["--count", "0"].as_slice(), 2, "usage.malformed", "0 deliveries"),
        (&["--rate", "-4"], 2, "usage.malformed", "not -4"),
        (&["--rate", "nan"], 2, "usage.malformed", "not NaN"),
        (&["--concurrency", "10001"], 2, "usage.malformed", "not 10001"),
        (&["--duration", "-1"], 2, "usage.malformed", "duration"),
        (&["--duration", "2", "--ramp", "3"], 2, "usage.malformed", "ramp"),
        (&["--count", "many"], 2, "usage.malformed", "many"),
        (&["--weight", "message=0"], 2, "usage.malformed", "weight"),
        (&["--weight", "nosuch=2"], 1, "replay.unknown_sample", "nosuch"),
        (&["--count", "2", "--draft"], 2, "usage.malformed", "draft"),
        (&["--count", "2", "--sender", "duplicate"], 2, "usage.malformed", "--sender"),
        (&["--count", "2", "--dispatcher", "ftp://127.0.0.1"], 1, "route.invalid", "ftp"),
        (&["--count", "2", "--dispatcher", "http://127.0.0.1:1"], 3, "target.unreachable", "no delivery was sent"),
    ] {
        let arguments = [&["replay", ADAPTER, "--sample", "message"], arguments].concat();
        let error = machine.error(&arguments, exit);
        assert_eq!(error["code"], code, "{arguments:?}: {error:#}");
        assert!(error["message"].as_str().expect("text").contains(said), "{arguments:?}: {error:#}");
        assert!(!list(&error, "hints").is_empty(), "{error:#}");
    }
}

#[test]
fn memory_does_not_grow_with_the_number_of_deliveries() {
    let machine = Machine::with_adapter();
    let endpoint = Endpoint::start();
    let peak = |count: &str| {
        let mut running = start(&machine, &["--dispatcher", endpoint.url(), "--count", count, "--concurrency", "16"]);
        let mut peak = 0;
        while running.try_wait().expect("it can be asked").is_none() {
            peak = peak.max(peak_kib(running.id()).unwrap_or(0));
            std::thread::sleep(Duration::from_millis(10));
        }
        let output = running.wait_with_output().expect("it ended");
        let result: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
        assert_eq!(result["succeeded"].to_string(), count, "{result:#}");
        peak
    };
    let (few, many) = (peak("1000"), peak("20000"));
    assert!(few > 0, "the peak can be read");
    assert!(many < few + 8 * 1024, "20 times the deliveries took {many} KiB in the place of {few} KiB");
}

/// Runs a load with `--json`.
fn load(machine: &Machine, arguments: &[&str]) -> Value {
    machine.json(&[&["replay", ADAPTER], arguments].concat())
}

fn start(machine: &Machine, arguments: &[&str]) -> Child {
    Command::new(patchbay_binary())
        .args(["--json", "--workspace"])
        .arg(machine.workspace())
        .args(["replay", ADAPTER])
        .args(arguments)
        .envs(machine.environment())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("patchbay starts")
}

/// The most memory that a process had at once.
fn peak_kib(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok())
}

/// Pages that the simulated Notion keeps.
fn pages(machine: &Machine) -> u64 {
    let kept = machine.json(&["upstream", "show", "customer-a", "notion"]);
    let pages = list(&kept, "kept").iter().filter(|object| object["kind"] == "page").count();
    u64::try_from(pages).expect("a count")
}

fn recorded(machine: &Machine) -> usize {
    let listed = machine.json(&["deliveries", "list", ADAPTER]);
    listed.as_array().map_or_else(|| list(&listed, "deliveries").len(), Vec::len)
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().unwrap_or_else(|| panic!("{name} is a list: {value:#}"))
}
