//! Load runs.

use super::error::WireError;
use super::replay::ReplayStartRequest;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `load_start`: many deliveries of the webhooks of a run.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct LoadStartRequest {
    /// What is sent, and where. What a sender does beyond sending and a draft belong to recorded deliveries, not to load.
    pub replay: ReplayStartRequest,
    /// So many deliveries; without it as many as the duration allows.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub count: Option<u64>,
    /// Seconds after which no delivery begins; 10 without a count.
    #[serde(default)]
    #[ts(optional)]
    pub duration: Option<f64>,
    /// Senders, each with a connection of its own; 16 unless given.
    #[serde(default)]
    #[ts(optional)]
    pub concurrency: Option<u32>,
    /// Deliveries a second that are due whatever the target does. Without it each sender waits for its answer.
    #[serde(default)]
    #[ts(optional)]
    pub rate: Option<f64>,
    /// Seconds in which the rate, or the number of senders, grows to its full value.
    #[serde(default)]
    #[ts(optional)]
    pub ramp: Option<f64>,
    /// How often each sample is sent beside the others; 1 where it is not named.
    #[serde(default)]
    #[ts(as = "Option<Vec<LoadWeight>>", optional)]
    pub weights: Vec<LoadWeight>,
}

/// How often a sample is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LoadWeight {
    /// The sample's name.
    pub sample: String,
    /// 1 to 1000.
    pub weight: u32,
}

/// How far a load run is. Comes about five times a second.
#[derive(Debug, Clone, Serialize, TS)]
pub struct LoadProgressed {
    /// Job id.
    pub job: String,
    /// Run id.
    pub run: String,
    /// Deliveries that are over.
    #[ts(type = "number")]
    pub ended: u64,
    /// Those that failed.
    #[ts(type = "number")]
    pub failed: u64,
    /// Deliveries of the whole run, where that is known.
    #[ts(type = "number | null")]
    pub total: Option<u64>,
    /// Since the start.
    pub elapsed_seconds: f64,
    /// Deliveries a second since the last report.
    pub per_second: f64,
    /// Until the end, as far as can be told.
    pub remaining_seconds: Option<f64>,
}

/// A load run that is over.
#[derive(Debug, Clone, Serialize, TS)]
pub struct LoadFinished {
    /// Job id.
    pub job: String,
    /// Run id.
    pub run: String,
    /// What it found out; absent where nothing was sent.
    pub result: Option<LoadResult>,
    /// Why nothing was sent.
    pub error: Option<WireError>,
}

/// What a load run found out.
#[derive(Debug, Clone, Serialize, TS)]
pub struct LoadResult {
    /// `run-…`.
    pub run: String,
    /// What was asked for.
    pub settings: LoadSettings,
    /// RFC 3339.
    pub started_at: String,
    /// Until the last answer.
    pub seconds: f64,
    /// Whether it was ended before its plan was.
    pub is_partial: bool,
    /// Deliveries that were begun.
    #[ts(type = "number")]
    pub sent: u64,
    /// Those with the answer that was expected, in time.
    #[ts(type = "number")]
    pub succeeded: u64,
    /// Those without.
    #[ts(type = "number")]
    pub failed: u64,
    /// Those that were given up when the run was ended.
    #[ts(type = "number")]
    pub abandoned: u64,
    /// Deliveries that were due and for which no sender was free.
    #[ts(type = "number")]
    pub unsent: u64,
    /// Whole answers a second.
    pub per_second: f64,
    /// Bytes of the requests.
    #[ts(type = "number")]
    pub bytes_sent: u64,
    /// Bytes of the answers.
    #[ts(type = "number")]
    pub bytes_received: u64,
    /// Connections that were made.
    #[ts(type = "number")]
    pub connections: u64,
    /// From when a delivery was due until its whole answer, free of coordinated omission.
    pub latency: LoadLatencies,
    /// From when a delivery was sent until its whole answer, as measured.
    pub waits: LoadLatencies,
    /// `latency` as bars.
    pub histogram: Vec<LoadBar>,
    /// Answers by status.
    pub statuses: Vec<LoadStatus>,
    /// Failures by kind, the most frequent first.
    pub failures: Vec<LoadFailure>,
    /// Deliveries by webhook.
    pub webhooks: Vec<LoadWebhook>,
    /// `each_delivery`, or `each_second` where nothing in the deliveries changes more often.
    pub signed: String,
    /// The part of the senders' time that was spent waiting for signatures, from 0 to 1.
    pub waiting_for_signatures: f64,
    /// Sentences that a person should read before believing the figures.
    pub remarks: Vec<String>,
    /// How it differs from the last run of the same settings; `null` where there is none.
    pub change: Option<LoadChange>,
    /// The same as text, for people.
    pub text: String,
}

/// What was asked for. Two runs with equal ones are compared.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct LoadSettings {
    /// `production`, …
    pub environment: String,
    /// `embedded`, or the URL of a dispatcher elsewhere.
    pub target: String,
    /// Names of the webhooks with their weights.
    pub webhooks: Vec<LoadWeight>,
    /// Deliveries.
    #[ts(type = "number | null")]
    pub count: Option<u64>,
    /// Seconds.
    pub duration: Option<f64>,
    /// Senders.
    pub concurrency: u32,
    /// Deliveries a second; `null` where each sender waits for its answer.
    pub rate: Option<f64>,
    /// Seconds.
    pub ramp: f64,
    /// What breaks meanwhile.
    pub faults: Vec<String>,
}

/// Times in milliseconds; all 0 where there were none.
#[derive(Debug, Clone, Serialize, TS)]
pub struct LoadLatencies {
    /// How many there are; corrected ones included.
    #[ts(type = "number")]
    pub count: u64,
    /// Shortest.
    pub min_ms: f64,
    /// Mean.
    pub mean_ms: f64,
    /// Half are no longer.
    pub p50_ms: f64,
    /// 90 in 100 are no longer.
    pub p90_ms: f64,
    /// 99 in 100 are no longer.
    pub p99_ms: f64,
    /// 999 in 1000 are no longer.
    pub p999_ms: f64,
    /// Longest.
    pub max_ms: f64,
}

/// A bar of the histogram.
#[derive(Debug, Clone, Serialize, TS)]
pub struct LoadBar {
    /// Longer than the bar before and up to this.
    pub to_ms: f64,
    /// How many.
    #[ts(type = "number")]
    pub count: u64,
}

/// Answers of a status.
#[derive(Debug, Clone, Serialize, TS)]
pub struct LoadStatus {
    /// The status.
    pub status: u16,
    /// How many.
    #[ts(type = "number")]
    pub count: u64,
}

/// Failures of a kind.
#[derive(Debug, Clone, Serialize, TS)]
pub struct LoadFailure {
    /// `connect`, `reset`, `timeout`, `not_http`, `html`, `redirect`, `client_error`, `server_error`, `unexpected`, `late`,
    /// `unsigned`.
    pub kind: String,
    /// How many.
    #[ts(type = "number")]
    pub count: u64,
    /// Webhook of the first one.
    pub webhook: String,
    /// Status of the first one.
    pub status: Option<u16>,
    /// What was seen of the first one, redacted.
    pub example: String,
    /// When it was, after the start.
    pub at_ms: f64,
}

/// Deliveries of a webhook.
#[derive(Debug, Clone, Serialize, TS)]
pub struct LoadWebhook {
    /// Name of its sample.
    pub name: String,
    /// How many ended.
    #[ts(type = "number")]
    pub ended: u64,
    /// How many of them failed.
    #[ts(type = "number")]
    pub failed: u64,
}

/// How far a run is from an earlier one, in parts of that one: 0.1 is 10 % more.
#[derive(Debug, Clone, Serialize, TS)]
pub struct LoadChange {
    /// The earlier run, `run-…`.
    pub since: String,
    /// Answers a second.
    pub per_second: f64,
    /// Median latency.
    pub p50: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 99th percentile.
    pub p99: f64,
    /// 99.9th percentile.
    pub p999: f64,
    /// Longest.
    pub max: f64,
    /// Failed in 1 of this run less failed in 1 of the earlier one.
    pub failed: f64,
}
