//! The resilience report of an adapter: what a sender sees and what upstreams end up with when calls break and senders do
//! what senders do.
//!
//! A *trial* is one thing that goes wrong with one sample. What was made upstream is compared with what two plain runs
//! made: where those two differ (ids, times), so may a trial.

mod judge;
mod words;

pub use judge::{Judged, Kept, judge};

use serde::Serialize;
use time::OffsetDateTime;

/// The report of one adapter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResilienceReport {
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// `production`, …
    pub environment: String,
    /// The run that its deliveries belong to, `run-…`.
    pub run: String,
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    pub started: OffsetDateTime,
    /// How long it took.
    pub took_ms: f64,
    /// Whether somebody ended it before all trials were made.
    pub cancelled: bool,
    /// By sample.
    pub samples: Vec<SampleResilience>,
}

/// What one sample came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SampleResilience {
    /// Name of the sample.
    pub sample: String,
    /// The sender's name, `Slack`.
    pub sender: String,
    /// How long it waits for an answer, where it says so.
    pub deadline_ms: Option<f64>,
    /// What it says about its retries.
    pub retry_policy: String,
    /// The run in which nothing was broken.
    pub plain: Option<PlainRun>,
    /// Why no trials were made, where none were.
    pub problem: Option<String>,
    /// In the order of the adapter's calls, then what senders do.
    pub trials: Vec<Trial>,
    /// The whole in a sentence.
    pub summary: String,
}

/// A run in which nothing was broken.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlainRun {
    /// What the sender saw.
    pub attempt: Attempt,
    /// The calls that the adapter made.
    pub calls: Vec<BrokenCall>,
    /// What upstreams had afterwards.
    pub made: Vec<Made>,
}

/// A call that a trial breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BrokenCall {
    /// Id of the upstream.
    pub upstream: String,
    /// Which of the calls to this upstream, from 1.
    pub number: u32,
    /// Method.
    pub method: String,
    /// Path, without a query.
    pub path: String,
}

/// Things of one kind that an upstream keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Made {
    /// Id of the upstream.
    pub upstream: String,
    /// `page`, …
    pub kind: String,
    /// How many there should be.
    pub expected: u32,
    /// How many there are.
    pub found: u32,
}

/// One thing that went wrong, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trial {
    /// What went wrong.
    pub what: Trouble,
    /// What the sender sent and saw, in the order in which it sent.
    pub attempts: Vec<Attempt>,
    /// What became of it upstream.
    pub verdict: Verdict,
    /// What upstreams had afterwards.
    pub made: Vec<Made>,
    /// What a person should know besides.
    pub note: Option<String>,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// One call of the first attempt breaks.
    Call {
        /// Which.
        call: BrokenCall,
        /// How, for people: `503`.
        how: String,
        /// How, for `--fault`.
        fault: String,
    },
    /// Every call to an upstream breaks until the first attempt is over.
    Outage {
        /// Id of the upstream.
        upstream: String,
        /// How, for people: `503`.
        how: String,
        /// How, for `--fault`.
        fault: String,
    },
    /// The sender does something, in the words of `--sender`.
    Sender {
        /// `duplicate`, …
        behaviour: String,
        /// What exactly, where there are several ways.
        how: Option<String>,
    },
}

/// One delivery of a trial, as its sender saw it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attempt {
    /// Delivery id.
    pub delivery: String,
    /// What the sender did, where it was not the first attempt.
    pub sender: Option<String>,
    /// Status of the answer, if there was one.
    pub status: Option<u16>,
    /// Until the whole answer was there, or the wait was over.
    pub ms: f64,
    /// Whether the answer came before the sender's deadline.
    pub in_time: bool,
    /// What the sender makes of it: `delivered`, `the sender tries again`, …
    pub reaction: String,
    /// Whether the sender is content.
    pub delivered: bool,
}

/// What became of an event upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything is there once.
    Once,
    /// Nothing was to be there, and nothing is.
    Nothing,
    /// A request that had to be refused was, and left nothing.
    Refused,
    /// Something is there more often than it should be.
    Twice,
    /// Nothing is there.
    Lost,
    /// Some of it is there.
    Partial,
    /// As much is there as should be, and it is something else.
    Different,
    /// A request that had to be refused was taken.
    LetIn,
}

impl Verdict {
    /// Whether a person can live with it.
    pub fn holds(self) -> bool {
        matches!(self, Self::Once | Self::Nothing | Self::Refused)
    }

    /// For people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Nothing => "nothing",
            Self::Refused => "refused",
            Self::Twice => "twice",
            Self::Lost => "lost",
            Self::Partial => "partial",
            Self::Different => "different",
            Self::LetIn => "let in",
        }
    }
}

impl ResilienceReport {
    /// Whether every trial ended as it should, and every sample could be tried.
    pub fn holds(&self) -> bool {
        !self.cancelled
            && self
                .samples
                .iter()
                .all(|sample| sample.problem.is_none() && sample.trials.iter().all(|trial| trial.verdict.holds()))
    }

    /// How many trials were made.
    pub fn trials(&self) -> usize {
        self.samples.iter().map(|sample| sample.trials.len()).sum()
    }
}
