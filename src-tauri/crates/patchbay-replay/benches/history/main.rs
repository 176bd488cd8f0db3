//! `make bench`: the history at 1,000,000 deliveries. Prints one JSON line for each figure.
#![expect(clippy::print_stdout, reason = "the figures are the output")]

mod deliveries;
#[path = "../../tests/support/mod.rs"]
mod support;

use deliveries::{RUN, delivery, event, tenant};
use patchbay_replay::history::since;
use patchbay_replay::{History, HistoryQuery, StatusFilter};
use serde_json::json;
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use time::OffsetDateTime;

/// Deliveries that are searched.
const DELIVERIES: u64 = 1_000_000;
/// Deliveries of one transaction while the file is made.
const AT_ONCE: u64 = 2_000;
/// Deliveries that are appended one by one for a figure.
const APPENDED: u64 = 3_000;
/// Times that a question is asked.
const ASKED: usize = 25;
/// Processes that append at once.
const PROCESSES: u64 = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, word, path, first] = arguments.as_slice()
        && word == "append"
    {
        let took = append(Path::new(path), first.parse().expect("a number"), APPENDED);
        println!("{}", json!(took));
        return;
    }
    let deliveries = std::env::var("DELIVERIES").ok().and_then(|text| text.parse().ok()).unwrap_or(DELIVERIES);
    let folder = tempfile::tempdir().expect("a folder");
    let (small, large) = (folder.path().join("small.sqlite"), folder.path().join("large.sqlite"));
    fill(&small, 1_000);
    fill(&large, deliveries);
    let mut p99 = Vec::new();
    for (path, rows) in [(&small, 1_000), (&large, deliveries)] {
        let took = append(path, deliveries, APPENDED);
        p99.push((percentile(&took, 0.5), percentile(&took, 0.99)));
        figure("append", rows, &took, &json!({ "processes": 1 }));
    }
    println!(
        "{}",
        json!({ "bench": "history_append_growth", "p50_ratio": round(p99[1].0 / p99[0].0), "p99_ratio": round(p99[1].1 / p99[0].1) })
    );
    for (path, rows) in [(&small, 1_000), (&large, deliveries)] {
        let took = append_in_processes(path, 2 * deliveries);
        figure("append", rows, &took, &json!({ "processes": PROCESSES }));
    }
    search(&large, deliveries);
    carry_out(&large, deliveries, folder.path());
}

fn fill(path: &Path, deliveries: u64) {
    let history = History::open(path).expect("a history");
    let clock = Instant::now();
    let mut first = 0;
    while first < deliveries {
        let traces: Vec<_> = (first..deliveries.min(first + AT_ONCE)).map(delivery).collect();
        history.append_all(&traces).expect("kept");
        first += AT_ONCE;
    }
    let json: u64 = (0..100).map(|number| serde_json::to_vec(&delivery(number)).expect("JSON").len() as u64).sum();
    let bytes = std::fs::metadata(path).expect("a file").len();
    println!(
        "{}",
        json!({ "bench": "history_fill", "deliveries": deliveries, "seconds": round(clock.elapsed().as_secs_f64()),
            "trace_json_bytes": json / 100, "file_mib": bytes >> 20, "bytes_a_delivery": bytes / deliveries })
    );
}

/// Milliseconds that each append took.
fn append(path: &Path, first: u64, count: u64) -> Vec<f64> {
    let history = History::open(path).expect("a history");
    let traces: Vec<_> = (first..first + count).map(delivery).collect();
    traces.iter().map(|trace| milliseconds(|| history.append(trace).expect("kept"))).collect()
}

fn append_in_processes(path: &Path, first: u64) -> Vec<f64> {
    let program = std::env::current_exe().expect("a program");
    let children: Vec<_> = (0..PROCESSES)
        .map(|process| {
            Command::new(&program)
                .args(["append", &path.display().to_string(), &(first + process * APPENDED).to_string()])
                .stdout(std::process::Stdio::piped())
                .spawn()
                .expect("starts")
        })
        .collect();
    let outputs = children.into_iter().map(|child| child.wait_with_output().expect("ends"));
    outputs.flat_map(|output| serde_json::from_slice::<Vec<f64>>(&output.stdout).expect("figures")).collect()
}

fn search(path: &Path, deliveries: u64) {
    let history = History::open(path).expect("a history");
    let any = || HistoryQuery { limit: Some(50), ..HistoryQuery::default() };
    let at = |part: u64| Some(delivery(deliveries * part / 10).started);
    let middle = delivery(deliveries / 2);
    let (large, small) = (Some(tenant(1)), Some("customer-9".to_owned()));
    let text = |words: &str| Some(words.to_owned());
    let failed = Some(StatusFilter::Class(5));
    let a_day = since("2026-03-01", OffsetDateTime::now_utc()).ok();
    for (name, query) in [
        ("newest", any()),
        ("page in the middle", HistoryQuery { before: Some(middle.id.clone()), ..any() }),
        ("large tenant", HistoryQuery { tenant: large.clone(), ..any() }),
        ("small tenant", HistoryQuery { tenant: small.clone(), ..any() }),
        ("adapter", HistoryQuery { tenant: large.clone(), adapter: text("orders-1"), ..any() }),
        ("status class", HistoryQuery { status: failed, ..any() }),
        ("status", HistoryQuery { status: Some(StatusFilter::Exactly(422)), ..any() }),
        ("status that nothing has", HistoryQuery { status: Some(StatusFilter::Exactly(418)), ..any() }),
        ("no answer", HistoryQuery { status: Some(StatusFilter::NoAnswer), ..any() }),
        ("range of time", HistoryQuery { since: at(4), until: at(5), ..any() }),
        ("event", HistoryQuery { event_id: Some(event(deliveries / 3)), ..any() }),
        ("run", HistoryQuery { run: middle.run.clone(), limit: Some(u32::try_from(RUN).expect("small")), ..any() }),
        ("rare word", HistoryQuery { text: text("quetzal"), ..any() }),
        ("frequent word", HistoryQuery { text: text("created"), ..any() }),
        ("beginning of a frequent word", HistoryQuery { text: text("creat*"), ..any() }),
        ("beginning of many words", HistoryQuery { text: text("orders 123*"), ..any() }),
        ("beginning of an id", HistoryQuery { text: Some(format!("{}*", &event(deliveries / 3)[..8])), ..any() }),
        ("id in a body", HistoryQuery { text: Some(format!("order {}", deliveries / 2)), ..any() }),
        ("two frequent words", HistoryQuery { text: text("created warehouse"), ..any() }),
        ("frequent and rare word", HistoryQuery { text: text("created quetzal"), ..any() }),
        ("word that nothing has", HistoryQuery { text: text("zyzzyva"), ..any() }),
        ("tenant, status", HistoryQuery { tenant: large.clone(), status: failed, ..any() }),
        ("small tenant, status", HistoryQuery { tenant: small.clone(), status: failed, ..any() }),
        ("small tenant, frequent word", HistoryQuery { tenant: small.clone(), text: text("created"), ..any() }),
        ("tenant, rare word", HistoryQuery { tenant: large.clone(), text: text("quetzal"), ..any() }),
        (
            "tenant, status, word, time",
            HistoryQuery {
                tenant: large.clone(),
                status: failed,
                text: text("created"),
                since: at(1),
                until: at(2),
                ..any()
            },
        ),
        ("tenant, since a day", HistoryQuery { tenant: large, since: a_day, ..any() }),
        ("large tenant, another's run", HistoryQuery { tenant: small, run: middle.run, ..any() }),
        ("frequent word, old time", HistoryQuery { text: text("created"), until: at(1), ..any() }),
    ] {
        let mut found = 0;
        let took: Vec<f64> = (0..ASKED)
            .map(|_| milliseconds(|| found = history.search(&query).expect("a page").deliveries.len()))
            .collect();
        figure("search", deliveries, &took, &json!({ "query": name, "found": found, "goal_ms": 100 }));
    }
}

/// What does not have to be quick, but has an end.
fn carry_out(path: &Path, deliveries: u64, folder: &Path) {
    let history = History::open(path).expect("a history");
    let clock = Instant::now();
    let query = HistoryQuery { tenant: Some("customer-2".into()), ..HistoryQuery::default() };
    let exported = history.export_to(&query, &folder.join("export.jsonl")).expect("exported");
    println!(
        "{}",
        json!({ "bench": "history_export", "rows": deliveries, "deliveries": exported.deliveries,
            "bytes": exported.bytes, "seconds": round(clock.elapsed().as_secs_f64()) })
    );
    let clock = Instant::now();
    let purged = history.purge("customer-2").expect("purged");
    println!(
        "{}",
        json!({ "bench": "history_purge", "rows": deliveries, "deliveries": purged.deliveries,
            "seconds": round(clock.elapsed().as_secs_f64()) })
    );
}

fn figure(what: &str, rows: u64, took: &[f64], more: &serde_json::Value) {
    let mut line = json!({ "bench": format!("history_{what}"), "rows": rows, "p50_ms": round(percentile(took, 0.5)),
        "p99_ms": round(percentile(took, 0.99)), "longest_ms": round(percentile(took, 1.0)) });
    if let (Some(line), Some(more)) = (line.as_object_mut(), more.as_object()) {
        line.extend(more.clone());
    }
    println!("{line}");
}

fn milliseconds(work: impl FnOnce()) -> f64 {
    let clock = Instant::now();
    work();
    clock.elapsed().as_secs_f64() * 1000.0
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place in a list"
)]
fn percentile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = ((sorted.len() as f64 * part).ceil() as usize).clamp(1, sorted.len());
    sorted[place - 1]
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
