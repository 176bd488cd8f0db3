//! `make bench`: how long the main job takes, over the real binary. Prints one JSON line for each figure.
#![expect(clippy::print_stdout, reason = "the figures are the output")]

#[expect(dead_code, reason = "the benchmark needs a part of the tests' machine")]
#[path = "../it/machine.rs"]
mod machine;

use machine::{Machine, http};
use patchbay_testkit::{CommandRun, patchbay_binary};
use serde_json::json;
use std::path::Path;
use std::time::Instant;

fn main() {
    process_start();
    publish_to_first_answer();
    warm_dispatch();
}

/// `patchbay --version` beside `true`, so that the machine's own cost of a process can be told apart.
fn process_start() {
    let median_of = |program: &Path, arguments: &[&str]| {
        median(
            (0..40)
                .map(|_| milliseconds(|| drop(CommandRun::new(program).args(arguments).run().success().clone())))
                .collect(),
        )
    };
    let ours = median_of(&patchbay_binary(), &["--version"]);
    let empty = median_of(Path::new("true"), &[]);
    println!(
        "{}",
        json!({ "bench": "process_start", "median_ms": round(ours), "true_ms": round(empty), "goal_ms": 20 })
    );
}

/// From the publish's first step after the bundle to the first answer of the new version through the dispatcher.
fn publish_to_first_answer() {
    let machine = Machine::with_adapter();
    let adapter = machine.workspace().join("tenants/customer-a/adapters/notes");
    for entry in std::fs::read_dir(adapter.join("src"))
        .expect("src")
        .chain(std::fs::read_dir(adapter.join("expect")).expect("expect"))
    {
        std::fs::remove_file(entry.expect("readable").path()).expect("writable");
    }
    let running = machine.start();
    let mut all = Vec::new();
    let mut uploads = Vec::new();
    for round in 0..30 {
        let text = format!("export default {{ fetch(): object {{ return {{ round: {round} }}; }} }};\n");
        std::fs::write(adapter.join("src/adapter.ts"), text).expect("writable");
        let published = machine.run(&["publish", "customer-a/notes"]);
        published.success();
        let step = |name: &str| {
            steps(&published.stderr).into_iter().filter(|(step, _)| step == name).map(|(_, took)| took).sum::<f64>()
        };
        let clock = Instant::now();
        let (status, body) =
            http("POST", running.dispatcher_url(), &[("x-customer-id", "customer-a"), ("x-script-id", "notes")], b"{}");
        let answered = clock.elapsed().as_secs_f64() * 1000.0;
        assert_eq!((status, body), (200, format!("{{\"round\":{round}}}").into_bytes()), "the new version answers");
        all.push(["size", "bindings", "upload", "smoke", "record"].map(step).iter().sum::<f64>() + answered);
        uploads.push(step("upload") + answered);
    }
    println!(
        "{}",
        json!({ "bench": "publish_to_first_answer", "median_ms": round(median(all)), "upload_and_answer_ms": round(median(uploads)), "rounds": 30, "goal_ms": 100 })
    );
}

/// One request after another through dispatcher and adapter.
fn warm_dispatch() {
    let machine = Machine::with_adapter();
    machine.run(&["publish", "customer-a/notes"]).success();
    let running = machine.start();
    let request =
        || http("POST", running.dispatcher_url(), &[("x-customer-id", "customer-a"), ("x-script-id", "notes")], b"{}");
    let cold = milliseconds(|| drop(request()));
    let warm = median((0..200).map(|_| milliseconds(|| drop(request()))).collect());
    println!("{}", json!({ "bench": "dispatch", "first_ms": round(cold), "warm_median_ms": round(warm) }));
}

/// Steps with their milliseconds, as the publish printed them: `  ✓ upload    customer-a/notes in …  12.3 ms`.
fn steps(stderr: &str) -> Vec<(String, f64)> {
    stderr
        .lines()
        .filter_map(|line| {
            let line = line.trim().strip_prefix('✓')?.trim();
            let (step, rest) = line.split_once(' ')?;
            let took = rest.strip_suffix(" ms")?.rsplit(' ').next()?.parse().ok()?;
            Some((step.to_owned(), took))
        })
        .collect()
}

fn milliseconds(work: impl FnOnce()) -> f64 {
    let clock = Instant::now();
    work();
    clock.elapsed().as_secs_f64() * 1000.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
