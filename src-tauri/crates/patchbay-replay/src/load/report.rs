//! What a load run found out, as it is shown and kept.

use super::sender::Shared;
use super::tally::Tally;
use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use time::OffsetDateTime;

/// A whole run, or the part of it that was made before somebody ended it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadReport {
    /// When the first delivery could be sent.
    #[serde(with = "time::serde::rfc3339")]
    pub started: OffsetDateTime,
    /// Until the last answer, in seconds.
    pub seconds: f64,
    /// Whether it was ended before its plan was.
    pub is_partial: bool,
    /// How deliveries were timed.
    pub timing: Loop,
    /// Deliveries that were begun.
    pub sent: u64,
    /// Those with the answer that was expected, in time.
    pub succeeded: u64,
    /// Those without.
    pub failed: u64,
    /// Those that were given up when the run was ended; neither succeeded nor failed.
    pub abandoned: u64,
    /// Deliveries that were due before the run's time was over and for which no sender was free.
    pub unsent: u64,
    /// Whole answers a second.
    pub per_second: f64,
    /// Bytes of the requests.
    pub bytes_sent: u64,
    /// Bytes of the answers.
    pub bytes_received: u64,
    /// Connections that were made.
    pub connections: u64,
    /// From when a delivery was due until its whole answer: free of coordinated omission.
    pub latency: Latencies,
    /// From when a delivery was sent until its whole answer, as measured.
    pub waits: Latencies,
    /// `latency` as bars.
    pub histogram: Vec<Bar>,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Failures by kind, the most frequent first.
    pub failures: Vec<FailureReport>,
    /// Deliveries by webhook.
    pub webhooks: Vec<WebhookReport>,
    /// How often deliveries were signed.
    pub signed: Resigned,
    /// The part of the senders' time that was spent waiting for signatures, from 0 to 1.
    pub waiting_for_signatures: f64,
}

/// Whether deliveries waited for answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loop {
    /// Sent at a rate; latencies count from when a delivery was due.
    Open,
    /// Each sender waited for its answer; latencies are corrected by the median time between two of its deliveries.
    Closed,
}

/// How often deliveries were signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resigned {
    /// Each one.
    EachDelivery,
    /// Once a second, because nothing in them changes more often.
    EachSecond,
}

/// Times in milliseconds; all 0 where there were none.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Latencies {
    /// How many there are; corrected ones included.
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
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// Longer than the bar before and up to this, in milliseconds.
    pub to_ms: f64,
    /// How many.
    pub count: u64,
}

/// Why deliveries failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// No connection, or no TLS over it.
    Connect,
    /// The connection ended before the whole answer.
    Reset,
    /// No whole answer in the time that the run waits.
    Timeout,
    /// Something else than HTTP/1.1.
    NotHttp,
    /// A page for people: not what an adapter answers.
    Html,
    /// 3xx.
    Redirect,
    /// 4xx.
    ClientError,
    /// 5xx.
    ServerError,
    /// A status below 300 where another one was expected.
    Unexpected,
    /// The right answer after the sender's deadline.
    Late,
    /// It could not be signed, and was not sent.
    Unsigned,
}

/// Failures of a kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FailureReport {
    /// Kind.
    pub kind: FailureKind,
    /// How many.
    pub count: u64,
    /// Webhook of the first one.
    pub webhook: String,
    /// Status of the first one.
    pub status: Option<u16>,
    /// What was seen of the first one, redacted.
    pub example: String,
    /// When it was, in milliseconds after the start.
    pub at_ms: f64,
}

/// Deliveries of a webhook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookReport {
    /// Name of its sample.
    pub name: String,
    /// How many ended.
    pub ended: u64,
    /// How many of them failed.
    pub failed: u64,
}

/// The same figures of two runs: how far the second is from the first, in parts of the first (0.1 is 10 % more).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LoadChange {
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
    /// Failed in 1 of the second run less failed in 1 of the first.
    pub failed: f64,
}

impl LoadReport {
    #[expect(clippy::cast_precision_loss, reason = "2^53 deliveries are never made")]
    pub(super) fn of(shared: &Shared, tally: &Tally, started: OffsetDateTime, is_partial: bool) -> Self {
        let since_start = |at: std::time::Instant| at.saturating_duration_since(shared.start);
        let elapsed = tally.last_end.map_or(Duration::ZERO, since_start);
        let seconds = elapsed.as_secs_f64().max(1e-9);
        let timing = if shared.plan.rate.is_some() { Loop::Open } else { Loop::Closed };
        let latency = match timing {
            Loop::Open => tally.latency.clone(),
            Loop::Closed => corrected(&tally.latency, &tally.intervals),
        };
        let time_over = if is_partial { elapsed } else { shared.plan.duration.unwrap_or(elapsed) };
        let unsent = shared.plan.due_before(time_over).map_or(0, |due| due.saturating_sub(tally.begun));
        let webhooks = shared.supply.webhooks();
        let mut failures: Vec<FailureReport> = tally
            .failures
            .iter()
            .map(|(kind, (count, example))| FailureReport {
                kind: *kind,
                count: *count,
                webhook: webhooks[example.webhook].name.clone(),
                status: example.status,
                example: example.text.clone(),
                at_ms: since_start(example.at).as_secs_f64() * 1e3,
            })
            .collect();
        failures.sort_by_key(|failure| std::cmp::Reverse(failure.count));
        let senders_seconds = seconds * f64::from(shared.plan.concurrency);
        Self {
            started,
            seconds,
            is_partial,
            timing,
            sent: tally.begun,
            succeeded: tally.succeeded,
            failed: tally.ended - tally.succeeded,
            abandoned: tally.begun - tally.ended,
            unsent,
            per_second: tally.answered as f64 / seconds,
            bytes_sent: tally.bytes_sent,
            bytes_received: tally.bytes_received,
            connections: tally.connections,
            latency: Latencies::of(&latency),
            waits: Latencies::of(&tally.waits),
            histogram: bars(&latency),
            statuses: tally.statuses.clone(),
            failures,
            webhooks: webhooks
                .iter()
                .zip(&tally.by_webhook)
                .map(|(webhook, (ended, failed))| WebhookReport {
                    name: webhook.name.clone(),
                    ended: *ended,
                    failed: *failed,
                })
                .collect(),
            signed: if shared.supply.signs_by_second() { Resigned::EachSecond } else { Resigned::EachDelivery },
            waiting_for_signatures: (shared.supply.starved().as_secs_f64() / senders_seconds).min(1.0),
        }
    }

    /// How this run differs from an earlier one of the same settings; nothing where either has no answers.
    pub fn change_since(&self, earlier: &Self) -> Option<LoadChange> {
        let part = |now: f64, before: f64| if before > 0.0 { now / before - 1.0 } else { 0.0 };
        if self.latency.count == 0 || earlier.latency.count == 0 {
            return None;
        }
        let (now, before) = (&self.latency, &earlier.latency);
        Some(LoadChange {
            per_second: part(self.per_second, earlier.per_second),
            p50: part(now.p50_ms, before.p50_ms),
            p90: part(now.p90_ms, before.p90_ms),
            p99: part(now.p99_ms, before.p99_ms),
            p999: part(now.p999_ms, before.p999_ms),
            max: part(now.max_ms, before.max_ms),
            failed: self.failed_part() - earlier.failed_part(),
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "2^53 deliveries are never made")]
    fn failed_part(&self) -> f64 {
        let ended = self.succeeded + self.failed;
        if ended == 0 { 0.0 } else { self.failed as f64 / ended as f64 }
    }
}

/// What senders of that pace would have seen who had not waited: for each wait longer than the median time between two
/// deliveries of a sender, the deliveries that were not sent during it, each with what remained of it.
fn corrected(measured: &Histogram<u64>, intervals: &Histogram<u64>) -> Histogram<u64> {
    // Who sent a single delivery had no pace.
    if intervals.is_empty() {
        measured.clone()
    } else {
        measured.clone_correct(intervals.value_at_quantile(0.5).max(1))
    }
}

impl Latencies {
    fn of(histogram: &Histogram<u64>) -> Self {
        if histogram.is_empty() {
            return Self::default();
        }
        let at = |quantile| in_ms(histogram.value_at_quantile(quantile));
        Self {
            count: histogram.len(),
            min_ms: in_ms(histogram.min()),
            mean_ms: histogram.mean() / 1e6,
            p50_ms: at(0.5),
            p90_ms: at(0.9),
            p99_ms: at(0.99),
            p999_ms: at(0.999),
            max_ms: in_ms(histogram.max()),
        }
    }
}

/// Bars that end at 1, 2 and 5 of each power of ten, from the shortest time to the longest.
fn bars(histogram: &Histogram<u64>) -> Vec<Bar> {
    let mut ends = (2..13_u32).flat_map(|power| [1, 2, 5].map(|step| step * 10_u64.pow(power))).peekable();
    let mut bars: Vec<Bar> = Vec::new();
    for recorded in histogram.iter_recorded() {
        let value = histogram.lowest_equivalent(recorded.value_iterated_to());
        while let Some(end) = ends.peek().copied() {
            let is_within = value <= end;
            let is_of_last = bars.last().is_some_and(|bar| bar.to_ms >= in_ms(end));
            if !is_of_last && (is_within || !bars.is_empty()) {
                bars.push(Bar { to_ms: in_ms(end), count: 0 });
            }
            if is_within {
                break;
            }
            ends.next();
        }
        if let Some(bar) = bars.last_mut() {
            bar.count += recorded.count_at_value();
        }
    }
    bars
}

#[expect(clippy::cast_precision_loss, reason = "nanoseconds of hours fit into 53 bits")]
fn in_ms(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::super::tally::histogram;
    use super::*;

    #[test]
    fn percentiles_are_those_of_what_was_recorded() {
        let mut known = histogram().expect("a histogram");
        for millisecond in 1..=1000 {
            known.record(millisecond * 1_000_000).expect("within bounds");
        }
        let found = Latencies::of(&known);
        assert_eq!(found.count, 1000);
        for (name, found, expected) in [
            ("min", found.min_ms, 1.0),
            ("mean", found.mean_ms, 500.5),
            ("p50", found.p50_ms, 500.0),
            ("p90", found.p90_ms, 900.0),
            ("p99", found.p99_ms, 990.0),
            ("p99.9", found.p999_ms, 999.0),
            ("max", found.max_ms, 1000.0),
        ] {
            assert!((found / expected - 1.0).abs() < 0.001, "{name} is {found}, of three digits it is {expected}");
        }
        assert_eq!(Latencies::of(&histogram().expect("a histogram")), Latencies::default());
    }

    #[test]
    fn a_stall_that_kept_a_sender_from_sending_counts_as_if_it_had_sent() {
        let mut measured = histogram().expect("a histogram");
        measured.record_n(1_000_000, 9_999).expect("within bounds");
        measured.record(1_000_000_000).expect("within bounds");
        // 1 in 10,000 is slow, so 99 % look fast; but for a second nobody could be served.
        assert!(Latencies::of(&measured).p99_ms < 1.1);
        let mut intervals = histogram().expect("a histogram");
        intervals.record_n(1_000_000, 9_999).expect("within bounds");
        let corrected = Latencies::of(&corrected(&measured, &intervals));
        assert!(corrected.p99_ms > 800.0, "{corrected:?}");
        assert!((10_990..=11_010).contains(&corrected.count), "one for each millisecond of the stall: {corrected:?}");
    }

    #[test]
    fn bars_hold_every_value_once() {
        let mut known = histogram().expect("a histogram");
        for nanoseconds in [150_000, 200_000, 900_000, 3_000_000, 700_000_000] {
            known.record(nanoseconds).expect("within bounds");
        }
        let bars = bars(&known);
        assert_eq!(bars.iter().map(|bar| bar.count).sum::<u64>(), 5, "{bars:?}");
        assert_eq!(bars.first().map(|bar| (bar.to_ms, bar.count)), Some((0.2, 2)), "{bars:?}");
        assert_eq!(bars.last().map(|bar| (bar.to_ms, bar.count)), Some((1000.0, 1)), "{bars:?}");
    }
}
