//! `make bench`: the embedded platform beside the runtime alone, miniflare and wrangler, in one run with the same
//! adapter and the same load. Prints one JSON line for each figure.
#![expect(clippy::print_stdout, reason = "the figures are the output")]

mod contenders;
mod load;
#[expect(dead_code, reason = "the benchmark needs a part of the tests' machine")]
#[path = "../../it/machine.rs"]
mod machine;
mod platform;
mod scale;

use contenders::{
    ANSWER, BODY, Contender, direct, folder_with_adapter, miniflare, two_processes, wrangler, wrangler_dev,
};
use load::{Load, load};
use machine::http;
use platform::{Deployed, Platform};
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Rounds in which everybody has a turn, so that a slow moment of the machine hits all alike.
const ROUNDS: usize = 5;
const SECONDS: u32 = 3;

fn main() {
    throughput();
    inbox();
    start_to_first_answer();
    publish_to_live();
    scale::cold_and_memory();
    scale::at_many_scripts();
}

fn throughput() {
    let mut platform = Platform::new();
    let running = platform.start();
    let adapter = Deployed::of("bench", "echo");
    running.upload(&adapter);
    running.dispatch(&adapter);
    let direct = direct();
    let miniflare = miniflare();
    let (joined, _behind) = two_processes();
    let headers = adapter.headers();
    for connections in [1, 16] {
        let (mut alone, mut dispatched, mut bound, mut apart) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            alone.push(load(&direct.url, &headers, BODY, connections, SECONDS));
            dispatched.push(load(running.dispatcher_url(), &headers, BODY, connections, SECONDS));
            bound.push(load(&miniflare.url, &headers, BODY, connections, SECONDS));
            apart.push(load(&joined.url, &headers, BODY, connections, SECONDS));
        }
        let failed: u64 = alone.iter().chain(&dispatched).chain(&bound).chain(&apart).map(|load| load.failed).sum();
        assert_eq!(failed, 0, "a figure with failed requests says nothing");
        let per_second = |loads: &[Load]| median(loads.iter().map(|load| load.requests_per_second).collect());
        let p50 = |loads: &[Load]| median(loads.iter().map(|load| load.p50_ms).collect());
        let ratio = |others: &[Load]| {
            median(
                dispatched
                    .iter()
                    .zip(others)
                    .map(|(ours, theirs)| ours.requests_per_second / theirs.requests_per_second)
                    .collect(),
            )
        };
        figure(json!({ "bench": "throughput", "connections": connections,
            "direct_rps": per_second(&alone), "dispatched_rps": per_second(&dispatched), "miniflare_rps": per_second(&bound),
            "two_processes_rps": per_second(&apart), "dispatched_to_two_processes": ratio(&apart),
            "dispatched_to_direct": ratio(&alone), "goal_dispatched_to_direct": 0.45,
            "dispatched_to_miniflare": ratio(&bound), "goal_dispatched_to_miniflare": 1.6 }));
        figure(
            json!({ "bench": "latency", "connections": connections, "direct_p50_ms": p50(&alone), "dispatched_p50_ms": p50(&dispatched),
            "miniflare_p50_ms": p50(&bound), "two_processes_p50_ms": p50(&apart),
            "added_p50_ms": p50(&dispatched) - p50(&alone), "goal_added_p50_ms": 0.15 }),
        );
    }
    running.stop();
}

/// What it costs that each webhook is on the disk before the adapter gets it.
fn inbox() {
    let mut platform = Platform::new();
    let running = platform.start_with_inbox();
    let adapter = Deployed::of("bench", "echo");
    running.upload(&adapter);
    running.dispatch(&adapter);
    for connections in [1, 16, 64] {
        let rounds: Vec<Load> = (0..ROUNDS)
            .map(|_| load(running.dispatcher_url(), &adapter.headers(), BODY, connections, SECONDS))
            .collect();
        assert_eq!(rounds.iter().map(|load| load.failed).sum::<u64>(), 0, "a figure with failed requests says nothing");
        let stored = median(rounds.iter().map(|load| load.requests_per_second).collect());
        let p50 = median(rounds.iter().map(|load| load.p50_ms).collect());
        figure(json!({ "bench": "inbox", "connections": connections, "stored_rps": stored, "p50_ms": p50 }));
    }
    running.stop();
}

/// From the start of the program to the first answer of an adapter that was published before.
fn start_to_first_answer() {
    let mut platform = Platform::new();
    let adapter = Deployed::of("bench", "echo");
    let running = platform.start();
    running.upload(&adapter);
    running.stop();
    let ours = median(
        (0..ROUNDS)
            .map(|_| {
                let since = Instant::now();
                let running = platform.start();
                running.dispatch(&adapter);
                let took = since.elapsed().as_secs_f64() * 1e3;
                running.stop();
                took
            })
            .collect(),
    );
    let theirs = median(
        (0..ROUNDS)
            .map(|_| {
                let since = Instant::now();
                let contender = wrangler_dev();
                first_answer(&contender);
                since.elapsed().as_secs_f64() * 1e3
            })
            .collect(),
    );
    figure(json!({ "bench": "start_to_first_answer", "patchbay_ms": ours, "wrangler_dev_ms": theirs,
        "ratio": ours / theirs, "goal_ratio": 1.0 / 15.0 }));
}

/// Asks until the contender answers as the adapter does.
fn first_answer(contender: &Contender) {
    let deadline = Instant::now() + Duration::from_mins(1);
    let authority = contender.url.trim_start_matches("http://").trim_end_matches('/');
    while Instant::now() < deadline {
        if std::net::TcpStream::connect(authority).is_ok() {
            let (status, body) = http("POST", &contender.url, &[("content-type", "application/json")], BODY.as_bytes());
            if (status, body.as_slice()) == (200, ANSWER) {
                return;
            }
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    panic!("no answer from {} within a minute", contender.url);
}

/// From the call that publishes to the first answer of the new version: one API call, and `wrangler deploy` of the same
/// Worker to the same server.
fn publish_to_live() {
    let mut platform = Platform::new();
    let running = platform.start();
    let adapter = Deployed::of("bench", "echo");
    running.upload(&adapter);
    running.dispatch(&adapter);
    let mut uploads = Vec::new();
    let mut deploys = Vec::new();
    for round in 0..ROUNDS {
        let source = format!("{}// round {round}\n", contenders::ADAPTER);
        uploads.push(milliseconds(|| {
            running.upload_source(&adapter, &source);
            running.dispatch(&adapter);
        }));
        let folder = folder_with_adapter();
        deploys.push(milliseconds(|| {
            let output = wrangler(folder.path())
                .args(["deploy", "adapter.js", "--name", &adapter.script(), "--compatibility-date", "2026-06-01"])
                .args(["--dispatch-namespace", &running.namespace])
                .envs(running.environment())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .output()
                .expect("wrangler starts");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            running.dispatch(&adapter);
        }));
    }
    running.stop();
    let (upload, deploy) = (median(uploads), median(deploys));
    figure(
        json!({ "bench": "publish_to_live", "patchbay_ms": upload, "wrangler_deploy_ms": deploy, "ratio": upload / deploy }),
    );
}

pub fn milliseconds(work: impl FnOnce()) -> f64 {
    let clock = Instant::now();
    work();
    clock.elapsed().as_secs_f64() * 1e3
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// One JSON line, numbers with three digits after the point.
pub fn figure(mut line: Value) {
    if let Some(fields) = line.as_object_mut() {
        for value in fields.values_mut() {
            if let Some(number) = value.as_f64().filter(|_| value.is_f64()) {
                *value = json!((number * 1e3).round() / 1e3);
            }
        }
    }
    println!("{line}");
}
