//! What a thread of senders counts. Nothing is kept of a delivery but its counts, and one example of each kind of failure.

use super::answer::{Answer, Broken, EXCERPT};
use super::error::LoadError;
use super::report::FailureKind;
use super::webhook::LoadWebhook;
use hdrhistogram::Histogram;
use patchbay_core::redact::Redactor;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Characters of an example.
const EXAMPLE: usize = 300;
/// Shortest and longest time that a histogram tells apart, in nanoseconds, and its digits.
const SHORTEST_NS: u64 = 100;
const LONGEST_NS: u64 = 3_600_000_000_000;
const DIGITS: u8 = 3;

/// What became of a delivery.
pub(super) enum Outcome {
    Answered(Answer),
    NoConnection(std::io::Error),
    Broken(Broken),
    TooLate(Duration),
    Unsigned(String),
}

/// One failure of a kind, redacted.
#[derive(Debug, Clone)]
pub(super) struct Example {
    pub webhook: usize,
    pub status: Option<u16>,
    pub text: String,
    pub at: Instant,
}

pub(super) struct Tally {
    /// From when a delivery was due, in nanoseconds; in a closed loop the same as `waits`.
    pub latency: Histogram<u64>,
    /// From when it was sent.
    pub waits: Histogram<u64>,
    /// Between two deliveries of a sender.
    pub intervals: Histogram<u64>,
    pub begun: u64,
    pub ended: u64,
    pub succeeded: u64,
    pub answered: u64,
    pub connections: u64,
    pub bytes_sent: u64,
    pub bytes_received: u64,
    pub statuses: BTreeMap<u16, u64>,
    pub failures: BTreeMap<FailureKind, (u64, Example)>,
    /// Deliveries and failures by webhook.
    pub by_webhook: Vec<(u64, u64)>,
    pub last_end: Option<Instant>,
}

impl Tally {
    pub(super) fn new(webhooks: usize) -> Result<Self, LoadError> {
        Ok(Self {
            latency: histogram()?,
            waits: histogram()?,
            intervals: histogram()?,
            begun: 0,
            ended: 0,
            succeeded: 0,
            answered: 0,
            connections: 0,
            bytes_sent: 0,
            bytes_received: 0,
            statuses: BTreeMap::new(),
            failures: BTreeMap::new(),
            by_webhook: vec![(0, 0); webhooks],
            last_end: None,
        })
    }

    /// Counts a delivery that is over. Says whether it failed.
    ///
    /// An answer of any status and a wait that was given up are latencies; a connection that broke is none.
    pub(super) fn end(&mut self, over: &Over<'_>, redactor: &Redactor) -> bool {
        self.ended += 1;
        self.last_end = Some(over.at);
        let by_webhook = &mut self.by_webhook[over.place];
        by_webhook.0 += 1;
        if matches!(over.outcome, Outcome::Answered(_) | Outcome::TooLate(_)) {
            self.latency.saturating_record(nanoseconds(over.latency));
            self.waits.saturating_record(nanoseconds(over.waited));
        }
        if let Some(interval) = over.since_last {
            self.intervals.saturating_record(nanoseconds(interval));
        }
        if let Outcome::Answered(answer) = over.outcome {
            self.answered += 1;
            self.bytes_received += answer.bytes;
            *self.statuses.entry(answer.status).or_default() += 1;
        }
        let Some(kind) = failure(over) else {
            self.succeeded += 1;
            return false;
        };
        by_webhook.1 += 1;
        let example =
            || Example { webhook: over.place, status: over.status(), text: example(over, redactor), at: over.at };
        self.failures.entry(kind).or_insert_with(|| (0, example())).0 += 1;
        true
    }

    /// Adds what another thread counted.
    pub(super) fn add(&mut self, other: Self) {
        // Histograms of equal bounds can always be added.
        let _ = self.latency.add(&other.latency);
        let _ = self.waits.add(&other.waits);
        let _ = self.intervals.add(&other.intervals);
        self.begun += other.begun;
        self.ended += other.ended;
        self.succeeded += other.succeeded;
        self.answered += other.answered;
        self.connections += other.connections;
        self.bytes_sent += other.bytes_sent;
        self.bytes_received += other.bytes_received;
        self.last_end = self.last_end.max(other.last_end);
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        for (kind, (count, example)) in other.failures {
            let known = self.failures.entry(kind).or_insert_with(|| (0, example.clone()));
            known.0 += count;
            if example.at < known.1.at {
                known.1 = example;
            }
        }
        for (mine, theirs) in self.by_webhook.iter_mut().zip(other.by_webhook) {
            mine.0 += theirs.0;
            mine.1 += theirs.1;
        }
    }
}

/// A delivery that is over.
pub(super) struct Over<'a> {
    pub webhook: &'a LoadWebhook,
    /// The webhook's place among those of the run.
    pub place: usize,
    pub outcome: &'a Outcome,
    /// From when it was due.
    pub latency: Duration,
    /// From when it was sent.
    pub waited: Duration,
    /// From when its sender sent the one before.
    pub since_last: Option<Duration>,
    pub at: Instant,
}

impl Over<'_> {
    fn status(&self) -> Option<u16> {
        match self.outcome {
            Outcome::Answered(answer) => Some(answer.status),
            _ => None,
        }
    }
}

fn failure(over: &Over<'_>) -> Option<FailureKind> {
    let answer = match over.outcome {
        Outcome::Answered(answer) => answer,
        Outcome::NoConnection(_) => return Some(FailureKind::Connect),
        Outcome::Broken(Broken::Ended { .. }) => return Some(FailureKind::Reset),
        Outcome::Broken(Broken::NotHttp(_)) => return Some(FailureKind::NotHttp),
        Outcome::TooLate(_) => return Some(FailureKind::Timeout),
        Outcome::Unsigned(_) => return Some(FailureKind::Unsigned),
    };
    // A page for people comes from something before the adapter, whatever status it has.
    if answer.is_html {
        return Some(FailureKind::Html);
    }
    let is_as_expected = match over.webhook.expected_status {
        Some(expected) => answer.status == expected,
        None => (200..300).contains(&answer.status),
    };
    if is_as_expected {
        return over.webhook.deadline.is_some_and(|deadline| over.waited > deadline).then_some(FailureKind::Late);
    }
    Some(match answer.status {
        ..300 => FailureKind::Unexpected,
        300..400 => FailureKind::Redirect,
        400..500 => FailureKind::ClientError,
        500.. => FailureKind::ServerError,
    })
}

/// What a person needs to understand a failure.
fn example(over: &Over<'_>, redactor: &Redactor) -> String {
    let text = match over.outcome {
        Outcome::Answered(answer) => {
            let late = over.webhook.deadline.filter(|deadline| over.waited > *deadline).map(|deadline| {
                format!(
                    "answered after {:.1} s, the sender waits {} s",
                    over.waited.as_secs_f64(),
                    deadline.as_secs_f64()
                )
            });
            let to = answer.location.as_ref().map(|location| format!("to {location}"));
            let expected = over.webhook.expected_status.filter(|expected| *expected != answer.status);
            let expected = expected.map(|expected| format!("{expected} was expected"));
            // Half a secret at the place where the excerpt was cut would not be found.
            let is_cut = answer.excerpt.len() >= EXCERPT;
            let body = if is_cut { redactor.beginning(&answer.excerpt) } else { answer.excerpt.clone() };
            let body = Some(String::from_utf8_lossy(&body).into_owned()).filter(|body| !body.is_empty());
            [late, to, expected, body].into_iter().flatten().collect::<Vec<_>>().join(": ")
        }
        Outcome::NoConnection(source) => source.to_string(),
        Outcome::Broken(Broken::NotHttp(why)) => (*why).to_owned(),
        Outcome::Broken(Broken::Ended { in_the_middle, source }) => {
            let place = if *in_the_middle { "in the middle of the answer" } else { "without an answer" };
            let source = source.as_ref().map_or(String::new(), |source| format!(": {source}"));
            format!("the connection ended {place}{source}")
        }
        Outcome::TooLate(timeout) => format!("no whole answer within {} s", timeout.as_secs_f64()),
        Outcome::Unsigned(why) => why.clone(),
    };
    redactor.text(&text).split_whitespace().collect::<Vec<_>>().join(" ").chars().take(EXAMPLE).collect()
}

pub(super) fn histogram() -> Result<Histogram<u64>, LoadError> {
    Histogram::new_with_bounds(SHORTEST_NS, LONGEST_NS, DIGITS).map_err(|_| LoadError::Ended)
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(SHORTEST_NS)
}
