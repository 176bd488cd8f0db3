//! A load run as text, for people.

use super::report::{FailureKind, Latencies, LoadChange, LoadReport, Loop, Resigned};
use std::fmt::Write as _;

/// Columns of the longest bar.
const BAR: f64 = 40.0;
/// The part of the senders' time from which on signing was what held a run up.
const SIGNING_HELD_UP: f64 = 0.05;

/// The report as lines.
pub fn render(report: &LoadReport) -> String {
    let mut out = String::new();
    head(&mut out, report);
    latencies(&mut out, report);
    histogram(&mut out, report);
    failures(&mut out, report);
    for remark in report.remarks() {
        line(&mut out, format_args!("  ! {remark}"));
    }
    out
}

/// What has changed since the last run of the same settings, as a line.
pub fn render_change(change: &LoadChange) -> String {
    let percent = |part: f64| format!("{:+.1} %", part * 100.0);
    format!(
        "  since the last run of these settings: throughput {}, p50 {}, p90 {}, p99 {}, p99.9 {}, max {}, failed {:+.2} points\n",
        percent(change.per_second),
        percent(change.p50),
        percent(change.p90),
        percent(change.p99),
        percent(change.p999),
        percent(change.max),
        change.failed * 100.0
    )
}

impl LoadReport {
    /// Sentences that a person should read before believing the figures.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.is_partial {
            remarks.push("The run was ended before its time; this is what was measured until then".to_owned());
        }
        if self.unsent > 0 {
            remarks.push(format!(
                "The target did not keep up: {} deliveries were due and no sender was free (more --concurrency tells whether it can)",
                count(self.unsent)
            ));
        }
        if self.waiting_for_signatures > SIGNING_HELD_UP {
            remarks.push(format!(
                "Signing held the run up: senders waited for signatures {:.0} % of their time, so the target can take more",
                self.waiting_for_signatures * 100.0
            ));
        }
        if self.timing == Loop::Closed {
            remarks.push(
                "No --rate was given: each sender waited for its answer. The latencies are corrected for the deliveries that \
                 a stall kept from being sent, by the median time between two; `measured` is as it was seen"
                    .to_owned(),
            );
        }
        if self.signed == Resigned::EachSecond {
            remarks.push("Deliveries were signed once a second: nothing in them changes more often".to_owned());
        }
        remarks
    }
}

impl FailureKind {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Connect => "no connection",
            Self::Reset => "connection ended",
            Self::Timeout => "no answer in time",
            Self::NotHttp => "not HTTP",
            Self::Html => "HTML page",
            Self::Redirect => "redirect",
            Self::ClientError => "refused (4xx)",
            Self::ServerError => "server error (5xx)",
            Self::Unexpected => "unexpected success",
            Self::Late => "after the sender's deadline",
            Self::Unsigned => "could not be signed",
        }
    }
}

fn head(out: &mut String, report: &LoadReport) {
    line(
        out,
        format_args!(
            "{} deliveries in {:.2} s: {}/s, {} sent, {} received, {} connections",
            count(report.sent),
            report.seconds,
            rate(report.per_second),
            bytes(report.bytes_sent),
            bytes(report.bytes_received),
            count(report.connections)
        ),
    );
    let abandoned = match report.abandoned {
        0 => String::new(),
        abandoned => format!(", {} given up at the end", count(abandoned)),
    };
    line(out, format_args!("  {} succeeded, {} failed{abandoned}", count(report.succeeded), count(report.failed)));
    let statuses: Vec<String> =
        report.statuses.iter().map(|(status, number)| format!("{status} × {}", count(*number))).collect();
    if !statuses.is_empty() {
        line(out, format_args!("  answers: {}", statuses.join(", ")));
    }
    if report.webhooks.len() > 1 {
        for webhook in &report.webhooks {
            line(out, format_args!("  {}: {}, {} failed", webhook.name, count(webhook.ended), count(webhook.failed)));
        }
    }
}

fn latencies(out: &mut String, report: &LoadReport) {
    if report.latency.count == 0 {
        return;
    }
    line(out, format_args!("\n  {:<10}{:>10}{:>10}{:>10}{:>10}{:>10}  ms", "", "p50", "p90", "p99", "p99.9", "max"));
    let mut row = |name: &str, times: &Latencies| {
        let cell = |ms: f64| format!("{:>10}", milliseconds(ms));
        let cells: String = [times.p50_ms, times.p90_ms, times.p99_ms, times.p999_ms, times.max_ms].map(cell).concat();
        line(out, format_args!("  {name:<10}{cells}"));
    };
    row("latency", &report.latency);
    row("measured", &report.waits);
}

fn histogram(out: &mut String, report: &LoadReport) {
    let Some(longest) = report.histogram.iter().map(|bar| bar.count).max().filter(|longest| *longest > 0) else {
        return;
    };
    out.push('\n');
    for bar in &report.histogram {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "columns of a bar"
        )]
        let columns = (bar.count as f64 / longest as f64 * BAR).ceil() as usize;
        line(
            out,
            format_args!("  ≤ {:>8} ms {:<41}{}", milliseconds(bar.to_ms), "█".repeat(columns), count(bar.count)),
        );
    }
}

fn failures(out: &mut String, report: &LoadReport) {
    if report.failures.is_empty() {
        return;
    }
    out.push('\n');
    for failure in &report.failures {
        let status = failure.status.map_or(String::new(), |status| format!(" {status}"));
        line(
            out,
            format_args!(
                "  ✗ {} × {}, first {} after {:.2} s:{status} {}",
                count(failure.count),
                failure.kind.words(),
                failure.webhook,
                failure.at_ms / 1e3,
                failure.example
            ),
        );
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing into a `String` cannot fail.
    let _ = writeln!(out, "{text}");
}

/// `12,345`.
fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn rate(per_second: f64) -> String {
    if per_second < 100.0 {
        return format!("{per_second:.2}");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number for people")]
    count(per_second.round() as u64)
}

fn milliseconds(ms: f64) -> String {
    let digits = match ms {
        ..10.0 => 3,
        10.0..100.0 => 2,
        100.0..1000.0 => 1,
        _ => 0,
    };
    let text = format!("{ms:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[expect(clippy::cast_precision_loss, reason = "a number for people")]
fn bytes(number: u64) -> String {
    let mut value = number as f64;
    for unit in ["B", "kB", "MB"] {
        if value < 1000.0 {
            return format!("{} {unit}", milliseconds((value * 10.0).round() / 10.0));
        }
        value /= 1000.0;
    }
    format!("{value:.2} GB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(
            ["0", "999", "1,000", "1,234,567"],
            [0, 999, 1000, 1_234_567].map(count).each_ref().map(String::as_str)
        );
        let times = [0.0421, 3.0, 12.345, 123.45, 1234.5].map(milliseconds);
        assert_eq!(times, ["0.042", "3", "12.35", "123.5", "1234"]);
        assert_eq!([12, 2_500, 7_340_000].map(bytes), ["12 B", "2.5 kB", "7.3 MB"]);
    }
}
