//! The figures of a load run, as they cross to a window or a terminal.

use crate::wire::load::{
    LoadBar, LoadChange, LoadFailure, LoadLatencies, LoadProgressed, LoadResult, LoadSettings, LoadStatus, LoadWebhook,
};
use patchbay_replay::load::{Latencies, LoadProgress, LoadReport, render, render_change};
use serde::Serialize;
use time::format_description::well_known::Rfc3339;

/// A report, beside an earlier one where there is one.
pub(crate) fn result(
    run: &str,
    settings: LoadSettings,
    report: &LoadReport,
    earlier: Option<(&str, &LoadReport)>,
) -> LoadResult {
    let change = earlier.and_then(|(since, earlier)| Some((since, report.change_since(earlier)?)));
    let mut text = render(report);
    if let Some((_, change)) = &change {
        text.push_str(&render_change(change));
    }
    LoadResult {
        run: run.to_owned(),
        settings,
        started_at: report.started.format(&Rfc3339).unwrap_or_default(),
        seconds: report.seconds,
        is_partial: report.is_partial,
        sent: report.sent,
        succeeded: report.succeeded,
        failed: report.failed,
        abandoned: report.abandoned,
        unsent: report.unsent,
        per_second: report.per_second,
        bytes_sent: report.bytes_sent,
        bytes_received: report.bytes_received,
        connections: report.connections,
        latency: report.latency.into(),
        waits: report.waits.into(),
        histogram: report.histogram.iter().map(|bar| LoadBar { to_ms: bar.to_ms, count: bar.count }).collect(),
        statuses: report.statuses.iter().map(|(status, count)| LoadStatus { status: *status, count: *count }).collect(),
        failures: report
            .failures
            .iter()
            .map(|failure| LoadFailure {
                kind: word(&failure.kind),
                count: failure.count,
                webhook: failure.webhook.clone(),
                status: failure.status,
                example: failure.example.clone(),
                at_ms: failure.at_ms,
            })
            .collect(),
        webhooks: report
            .webhooks
            .iter()
            .map(|webhook| LoadWebhook { name: webhook.name.clone(), ended: webhook.ended, failed: webhook.failed })
            .collect(),
        signed: word(&report.signed),
        waiting_for_signatures: report.waiting_for_signatures,
        remarks: report.remarks(),
        change: change.map(|(since, change)| LoadChange {
            since: since.to_owned(),
            per_second: change.per_second,
            p50: change.p50,
            p90: change.p90,
            p99: change.p99,
            p999: change.p999,
            max: change.max,
            failed: change.failed,
        }),
        text,
    }
}

/// How far a job's run is.
pub(crate) fn progressed(job: &str, run: &str, progress: &LoadProgress) -> LoadProgressed {
    LoadProgressed {
        job: job.to_owned(),
        run: run.to_owned(),
        ended: progress.ended,
        failed: progress.failed,
        total: progress.total,
        elapsed_seconds: progress.elapsed.as_secs_f64(),
        per_second: progress.per_second,
        remaining_seconds: progress.remaining.map(|remaining| remaining.as_secs_f64()),
    }
}

impl From<Latencies> for LoadLatencies {
    fn from(times: Latencies) -> Self {
        Self {
            count: times.count,
            min_ms: times.min_ms,
            mean_ms: times.mean_ms,
            p50_ms: times.p50_ms,
            p90_ms: times.p90_ms,
            p99_ms: times.p99_ms,
            p999_ms: times.p999_ms,
            max_ms: times.max_ms,
        }
    }
}

/// The word that a kind is written with.
fn word(kind: &impl Serialize) -> String {
    serde_json::to_value(kind).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}
