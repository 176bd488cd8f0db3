//! Deliveries against deliveries: what an adapter did with the same webhooks at two times, or in two versions.
//!
//! Compared are the answer, the outbound calls (in order, by method and URL), logs, exceptions, the outcome and the time
//! that it took. Values that vary from delivery to delivery by their nature (ids, times, durations) are told apart and do not count.

mod delivery;
mod parts;
mod render;
mod runs;
mod timing;
mod values;
mod varying;

pub use render::text;
pub use runs::compare_runs;
pub use timing::Timing;

use serde_json::Value;

/// How strictly deliveries are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Strictness {
    /// Count values that vary by their nature, and what upstreams answered.
    pub strict: bool,
}

/// Two sets of deliveries against each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Deliveries of the same webhook, in the order in which they were sent.
    pub pairs: Vec<Pair>,
    /// Deliveries that only the first set has: what was sent, and the delivery id.
    pub only_before: Vec<(String, String)>,
    /// Deliveries that only the second set has.
    pub only_after: Vec<(String, String)>,
    /// How long they took.
    pub timing: Timing,
}

/// Two deliveries of one webhook.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// What was sent, for people: the sample's name, or where the webhook came from.
    pub name: String,
    /// Delivery id of the first one.
    pub before: String,
    /// Delivery id of the second one.
    pub after: String,
    /// What differs.
    pub changes: Vec<Change>,
    /// What differs and varies from delivery to delivery by its nature.
    pub varies: Vec<Change>,
    /// What could not be compared, for people.
    pub unseen: Option<String>,
}

/// One thing that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Which part of the delivery.
    pub part: Part,
    /// Where, for example `outbound[1].body.properties.Title`.
    pub path: String,
    /// The outbound call that it belongs to, `POST https://api.notion.com/v1/pages`.
    pub call: Option<String>,
    /// What happened to the value.
    pub kind: ChangeKind,
    /// The value before; `null` where there was none.
    pub before: Value,
    /// The value after; `null` where there is none.
    pub after: Value,
}

/// Parts of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What was sent to the adapter.
    Webhook,
    /// What the sender got.
    Answer,
    /// Calls of the adapter.
    Outbound,
    /// Console lines.
    Logs,
    /// Exceptions that left the adapter.
    Exceptions,
    /// How the adapter ended, and whether in time.
    Outcome,
}

impl Part {
    /// The word, as it is shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Answer => "answer",
            Self::Outbound => "outbound",
            Self::Logs => "logs",
            Self::Exceptions => "exceptions",
            Self::Outcome => "outcome",
        }
    }
}

/// What happened to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is another one.
    Changed,
    /// It is not there any more.
    Removed,
    /// It is new.
    Added,
    /// An outbound call or a line at another place in the order; `before` and `after` are the places, from 0.
    Moved,
}

impl ChangeKind {
    /// The word, as it is shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Removed => "removed",
            Self::Added => "added",
            Self::Moved => "moved",
        }
    }
}

impl Comparison {
    /// Whether anything differs.
    pub fn differs(&self) -> bool {
        let pairs_differ = self.pairs.iter().any(|pair| !pair.changes.is_empty());
        pairs_differ || !self.only_before.is_empty() || !self.only_after.is_empty() || self.timing.is_slower
    }
}
