//! What every provider can say about itself.

use crate::credentials::{Credentials, Missing};
use crate::error::WebhookError;
use crate::reaction::{self, Reaction};
use crate::settings::{ProviderSettings, Setting};
use patchbay_core::sample::Sample;
use patchbay_core::{HttpRequest, HttpResponse};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;
use time::OffsetDateTime;

/// A sender of webhooks. One file under `providers/` implements one.
pub trait Provider: Sync {
    /// The word in `adapter.toml` and in samples.
    fn id(&self) -> &'static str;

    /// Its own spelling, for people.
    fn name(&self) -> &'static str;

    /// How long the sender waits for an answer; `None` where it does not publish a figure.
    fn deadline(&self) -> Option<Duration>;

    /// What it must know besides the signing secret.
    fn settings(&self) -> &'static [Setting] {
        &[]
    }

    /// For a sender that signs with keys of its own: where a receiver gets their public part.
    fn own_keys(&self) -> Option<&'static str> {
        None
    }

    /// What is not set and needed to send this sample as the provider would.
    fn missing(&self, _sample: &Sample, credentials: &Credentials<'_>) -> Option<Missing> {
        credentials.secret.is_empty().then_some(Missing::Secret)
    }

    /// Placeholders of the body that only this provider knows, for example `client_state`.
    fn body_values(&self, _credentials: &Credentials<'_>) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Puts into the JSON body what the provider proves or encrypts there instead of in a header.
    fn seal(
        &self,
        _body: &mut Value,
        _credentials: &Credentials<'_>,
        _now: OffsetDateTime,
    ) -> Result<(), WebhookError> {
        Ok(())
    }

    /// Whether the provider proves with a signature that it sent this request.
    fn signs(&self, _request: &HttpRequest) -> bool {
        true
    }

    /// Signs the exact bytes of the request as the provider would at `now`.
    ///
    /// A timestamp or message id that the request already carries is used as it is, so that a sample can be
    /// stale on purpose and still be signed correctly.
    fn sign(
        &self,
        request: &HttpRequest,
        credentials: &Credentials<'_>,
        now: OffsetDateTime,
        delivery: &str,
    ) -> Result<Signature, WebhookError>;

    /// Judges a request as a careful receiver would.
    fn verify(&self, request: &HttpRequest, credentials: &Credentials<'_>, now: OffsetDateTime) -> Verdict;

    /// Whether the request is the provider's question "is this endpoint yours?" rather than an event.
    fn handshake(&self, request: &HttpRequest) -> Option<Handshake>;

    /// The id that stays the same when the provider delivers the event again.
    fn event_id(&self, request: &HttpRequest) -> Option<String>;

    /// Headers that the sender adds to its `attempt`-th retry (from 1).
    fn retry_headers(&self, attempt: u32, failure: Failure) -> Vec<(&'static str, String)>;

    /// Changes in the JSON body of its `attempt`-th retry (from 1). Says whether there were any.
    fn retry_body(&self, _body: &mut Value, _attempt: u32) -> bool {
        false
    }

    /// What the sender makes of an answer that came in time.
    fn reaction(&self, request: &HttpRequest, response: &HttpResponse) -> Reaction {
        reaction::by_status(self.handshake(request).as_ref(), self.retry_schedule(), response)
    }

    /// When the sender tries again.
    fn retry_schedule(&self) -> RetrySchedule;

    /// What the sender says about its retries, as one sentence without a full stop.
    fn retry_policy(&self) -> &'static str;

    /// How far from its own time a receiver takes this request; `None` where nothing that is proven tells the time.
    fn freshness(&self, _request: &HttpRequest, _credentials: &Credentials<'_>) -> Option<Freshness> {
        None
    }

    /// The ways in which a request that is not the provider's can be wrong, the plainest first.
    fn forgeries(&self, _request: &HttpRequest, credentials: &Credentials<'_>) -> Vec<Forgery>;

    /// What a stranger would have in the place of the settings that prove something.
    fn strangers_settings(&self, settings: &ProviderSettings) -> ProviderSettings {
        settings.clone()
    }
}

/// How far a timestamp may be from the receiver's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// Older ones are refused.
    pub past: Duration,
    /// Ones that are further ahead are refused; `None` where any future one is taken.
    pub future: Option<Duration>,
}

/// One way in which a request is not the provider's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgery {
    /// What is wrong, for people: `changed body`.
    pub what: Cow<'static, str>,
    /// What is done to a right request.
    pub change: Change,
}

/// How a right request becomes a wrong one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// One character of the body is another than the signed one.
    Body,
    /// It is signed by a stranger, who has another key.
    Key,
    /// These headers are absent.
    Without(Vec<Cow<'static, str>>),
    /// A text in a header is another.
    Header {
        /// The header.
        name: &'static str,
        /// What stands there.
        from: &'static str,
        /// What stands there instead.
        to: &'static str,
    },
}

impl Forgery {
    /// A body that was changed after it was signed.
    pub fn body() -> Self {
        Self { what: "changed body".into(), change: Change::Body }
    }

    /// A stranger's key.
    pub fn key() -> Self {
        Self { what: "signed with another key".into(), change: Change::Key }
    }

    /// A header left out.
    pub fn without(name: impl Into<Cow<'static, str>>) -> Self {
        let name = name.into();
        Self { what: format!("no {name}").into(), change: Change::Without(vec![name]) }
    }

    /// What the schemes have in common that sign the body into one header.
    pub fn of_header(name: impl Into<Cow<'static, str>>) -> Vec<Self> {
        vec![Self::body(), Self::key(), Self::without(name)]
    }
}

/// The headers that carry a signature, and the values that fill a sample's placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Headers in the provider's spelling, complete.
    pub headers: Vec<(Cow<'static, str>, String)>,
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
    HeaderMissing(Cow<'static, str>),
    /// A header does not have the scheme's form.
    HeaderMalformed(Cow<'static, str>),
    /// The body does not have the provider's form; says which.
    BodyMalformed(&'static str),
    /// The header names a place that the provider does not own.
    ForeignCertificate,
    /// A claim of a token is not the expected one.
    Claim(&'static str),
    /// A setting that the scheme needs is not set.
    SettingMissing(&'static str),
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
            Self::BodyMalformed(expected) => write!(formatter, "the body is not {expected}"),
            Self::ForeignCertificate => formatter.write_str("the certificate is not on one of the provider's hosts"),
            Self::Claim(name) => write!(formatter, "the claim `{name}` of the token is not the expected one"),
            Self::SettingMissing(name) => write!(formatter, "the setting `{name}` is not set"),
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
    /// How many retries there are at most, where that is published instead of the waits.
    pub at_most: Option<u32>,
    /// The longest wait, where that is published instead of the waits.
    pub longest_wait: Option<Duration>,
}

impl RetrySchedule {
    /// Whether the sender retries at all.
    pub fn retries(&self) -> bool {
        *self != NO_RETRIES
    }
}

/// The schedule of a sender that tries once.
pub const NO_RETRIES: RetrySchedule =
    RetrySchedule { waits: &[], gives_up_after: None, at_most: None, longest_wait: None };
