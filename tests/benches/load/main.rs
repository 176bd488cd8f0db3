//! `make bench`: the load generator beside `wrk`, in turns, with the same request at the same endpoint: one that answers
//! at once, and the dispatcher. Prints one JSON line for each figure.
#![expect(clippy::print_stdout, reason = "the figures are the output")]

#[expect(dead_code, reason = "the benchmark needs a part of the tests' endpoint")]
#[path = "../../it/load/endpoint.rs"]
mod endpoint;
#[expect(dead_code, reason = "the benchmark needs a part of the tests' machine")]
#[path = "../../it/machine.rs"]
mod machine;
#[expect(dead_code, reason = "latencies are compared by the platform's benchmark")]
#[path = "../platform/load.rs"]
mod wrk;

use endpoint::{Endpoint, Request};
use machine::Machine;
use patchbay_testkit::patchbay_binary;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Rounds in which both have a turn, so that a slow moment of the machine hits both alike.
const ROUNDS: usize = 7;
const SECONDS: u32 = 2;
const CONNECTIONS: [usize; 3] = [1, 16, 64];
const ADAPTER: &str = "customer-a/notes";
/// Answers as fast as an adapter can, so that the figures are the generator's and the dispatcher's.
const SOURCE: &str = "export default {\n  async fetch(request: Request): Promise<Response | object> {\n    await request.text();\n    return { ok: true };\n  },\n};\n";

fn main() {
    let machine = machine();
    let endpoint = Endpoint::start();
    // An event that has no id of its own is signed once a second; one that has is signed each time.
    let by_second = request_of(&machine, &endpoint, "by_second");
    let each = request_of(&machine, &endpoint, "message");
    let at_once = |sample, sent, name| Contest { name, url: endpoint.url(), remote: true, sample, sent };
    let contests = [at_once("by_second", &by_second, "signed_by_second"), at_once("message", &each, "signed_each")];
    for connections in CONNECTIONS {
        for contest in &contests {
            contest.hold(&machine, connections);
        }
    }
    // What `wrk` sends is from outside and would be stored first; load runs are not stored.
    let running = machine.start_as(&["--no-inbox"], &[]);
    machine.run(&["publish", ADAPTER]).success();
    let url = running.dispatcher_url();
    let contest = Contest { name: "dispatcher", url, remote: false, sample: "message", sent: &each };
    for connections in CONNECTIONS {
        contest.hold(&machine, connections);
    }
    assert_eq!(running.interrupt(), 0, "it ends as Ctrl-C ends it");
    memory(&machine, &endpoint);
}

/// A machine with an adapter that answers at once, and two samples for it.
fn machine() -> Machine {
    let machine = Machine::with_adapter();
    let folder = machine.workspace().join("tenants/customer-a/adapters/notes");
    for emptied in ["src", "expect"] {
        for entry in std::fs::read_dir(folder.join(emptied)).expect("the template has it") {
            std::fs::remove_file(entry.expect("readable").path()).expect("writable");
        }
    }
    std::fs::write(folder.join("src/adapter.ts"), SOURCE).expect("writable");
    let sample = std::fs::read_to_string(folder.join("samples/message.json")).expect("the template brings it");
    let fixed = ["{{uuid}}", "{{short_id}}"].iter().fold(sample.clone(), |text, id| text.replace(id, "EV0000000001"));
    assert_ne!(fixed, sample, "the sample's event has an id");
    std::fs::write(folder.join("samples/by_second.json"), fixed).expect("writable");
    machine
}

/// A delivery as it is sent.
fn request_of(machine: &Machine, endpoint: &Endpoint, sample: &str) -> Request {
    let to = ["replay", ADAPTER, "--sample", sample, "--count", "1", "--dispatcher", endpoint.url()];
    machine.json(&to);
    endpoint.requests().last().expect("it was sent").clone()
}

/// The same request at the same place by both.
struct Contest<'a> {
    name: &'a str,
    url: &'a str,
    /// Whether the place is named to Patchbay; its own platform it finds by itself.
    remote: bool,
    sample: &'a str,
    sent: &'a Request,
}

impl Contest<'_> {
    fn hold(&self, machine: &Machine, connections: usize) {
        let (mut ours, mut theirs, mut ratios, mut waiting) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            // In turns, and each first as often as second.
            let (wrk, own) = if round % 2 == 0 {
                let wrk = self.wrk(connections);
                (wrk, self.patchbay(machine, connections))
            } else {
                let own = self.patchbay(machine, connections);
                (self.wrk(connections), own)
            };
            assert_eq!((wrk.failed, &own["failed"]), (0, &json!(0)), "a figure with failures says nothing: {own:#}");
            let per_second = own["per_second"].as_f64().expect("a number");
            ratios.push(per_second / wrk.requests_per_second);
            ours.push(per_second);
            theirs.push(wrk.requests_per_second);
            waiting.push(own["waiting_for_signatures"].as_f64().expect("a number"));
        }
        figure(json!({ "bench": "load_generator", "endpoint": self.name, "connections": connections,
            "patchbay_rps": median(ours), "wrk_rps": median(theirs), "ratio": median(ratios), "goal_ratio": 0.9,
            "waiting_for_signatures": median(waiting), "load_average": load_average() }));
    }

    fn wrk(&self, connections: usize) -> wrk::Load {
        let own = ["host", "content-length"];
        let headers: Vec<(&str, &str)> =
            self.sent.headers().filter(|(name, _)| !own.iter().any(|own| name.eq_ignore_ascii_case(own))).collect();
        wrk::load(&format!("{}/", self.url), &headers, &self.sent.body, connections, SECONDS)
    }

    fn patchbay(&self, machine: &Machine, connections: usize) -> Value {
        let (seconds, senders) = (SECONDS.to_string(), connections.to_string());
        let run = ["replay", ADAPTER, "--sample", self.sample, "--duration", &seconds, "--concurrency", &senders];
        let to = ["--dispatcher", self.url];
        machine.json(&[&run[..], if self.remote { &to } else { &[] }].concat())
    }
}

/// The most memory that a run of so many deliveries had at once.
fn memory(machine: &Machine, endpoint: &Endpoint) {
    let peak = |count: &str| {
        let mut running = Command::new(patchbay_binary())
            .args(["--json", "--workspace"])
            .arg(machine.workspace())
            .args(["replay", ADAPTER, "--sample", "message", "--count", count, "--dispatcher", endpoint.url()])
            .envs(machine.environment())
            .stdout(Stdio::null())
            .spawn()
            .expect("patchbay starts");
        let mut peak = 0.0;
        while running.try_wait().expect("it can be asked").is_none() {
            peak = peak_kib(running.id()).unwrap_or(peak);
            std::thread::sleep(Duration::from_millis(5));
        }
        peak
    };
    let (few, many) = (peak("10000"), peak("100000"));
    figure(json!({ "bench": "load_memory", "deliveries": [10_000, 100_000], "peak_kib": [few, many],
        "grown_kib": many - few }));
}

fn peak_kib(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok())
}

fn load_average() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|minute| minute.parse().ok()).unwrap_or(0.0)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// One JSON line, numbers with three digits after the point.
fn figure(mut line: Value) {
    for value in line.as_object_mut().into_iter().flat_map(|fields| fields.values_mut()) {
        if let Some(number) = value.as_f64().filter(|_| value.is_f64()) {
            *value = json!((number * 1e3).round() / 1e3);
        }
    }
    println!("{line}");
}
