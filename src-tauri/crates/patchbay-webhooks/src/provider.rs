//! What every provider can say about itself.

use crate::error::WebhookError;
use patchbay_core::{HttpRequest, Secret};
use std::fmt;
use std::time::Duration;
use time::OffsetDateTime;

/// A sender of webhooks. One file under `providers/` implements one.
pub trait Provider: Sync {
    /// The word in `adapter.toml` and in samples.
    fn id(&self) -> &'static str;

    /// How long the sender waits for an answer; `None` where it does not publish a figure.
    fn deadline(&self) -> Option<Duration>;

    /// Signs the exact bytes of the request as the provider would at `now`.
    ///
    /// A timestamp or message id that the request already carries is used as it is, so that a sample can be
    /// stale on purpose and still be signed correctly.
    fn sign(
        &self,
        request: &HttpRequest,
        secret: &Secret,
        now: OffsetDateTime,
        delivery: &str,
    ) -> Result<Signature, WebhookError>;

    /// Judges a request as a careful receiver would.
    fn verify(&self, request: &HttpRequest, secret: &Secret, now: OffsetDateTime) -> Verdict;

    /// Whether the request is the provider's question "is this endpoint yours?" rather than an event.
    fn handshake(&self, request: &HttpRequest) -> Option<Handshake>;

    /// The id that stays the same when the provider delivers the event again.
    fn event_id(&self, request: &HttpRequest) -> Option<String>;

    /// Headers that the sender adds to its `attempt`-th retry (from 1).
    fn retry_headers(&self, attempt: u32, failure: Failure) -> Vec<(&'static str, String)>;

    /// When the sender tries again.
    fn retry_schedule(&self) -> RetrySchedule;
}

/// The headers that carry a signature, and the values that fill a sample's placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Headers in the provider's spelling, complete.
    pub headers: Vec<(&'static str, String)>,
    /// Placeholder name → value, for example `signature` → the bare digest.
    pub placeholders: Vec<(&'static str, String)>,
}

/// What a receiver concludes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The request is from whoever knows the secret, and fresh.
    Accepted,
    /// It must not be trusted.
    Refused(Refusal),
}

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A header that the scheme needs is absent.
    HeaderMissing(&'static str),
    /// A header does not have the scheme's form.
    HeaderMalformed(&'static str),
    /// The timestamp is further from now than the scheme allows. Seconds; negative lies in the future.
    Stale {
        /// Age in seconds.
        age_seconds: i64,
    },
    /// No signature matches the bytes.
    Mismatch,
    /// The secret does not have the provider's form.
    SecretMalformed,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HeaderMissing(name) => write!(formatter, "the header `{name}` is missing"),
            Self::HeaderMalformed(name) => write!(formatter, "the header `{name}` does not have the expected form"),
            Self::Stale { age_seconds } => write!(formatter, "the timestamp is {age_seconds} s old"),
            Self::Mismatch => formatter.write_str("no signature matches the body"),
            Self::SecretMalformed => formatter.write_str("the signing secret does not have the provider's form"),
        }
    }
}

/// A provider's question whether the endpoint is the right one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handshake {
    /// The answer must contain this text.
    Challenge(String),
    /// Any 2xx is an answer.
    Ping,
}

/// What went wrong with the attempt before a retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No answer within the deadline.
    Timeout,
    /// An answer outside 2xx.
    Status,
    /// No connection.
    Connection,
}

/// How a sender tries again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetrySchedule {
    /// Waits before the first, second, … retry, as far as they are published.
    pub waits: &'static [Duration],
    /// When the sender gives up, counted from the first attempt; `None` when the waits say it all.
    pub gives_up_after: Option<Duration>,
}

/// The schedule of a sender that tries once.
pub const NO_RETRIES: RetrySchedule = RetrySchedule { waits: &[], gives_up_after: None };
