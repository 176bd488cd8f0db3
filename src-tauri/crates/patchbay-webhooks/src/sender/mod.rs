//! What senders do beyond sending an event once: they send it again, out of order, late, by a clock that is off; and what
//! strangers send in their name.
//!
//! An [`Event`] is one thing that happened; it makes requests and says about each, for people, what the sender did. What
//! differs between senders stands in their files under `providers/`.

mod behaviour;
mod error;
mod forged;
mod schedule;

pub use behaviour::Behaviour;
pub use error::SenderError;
pub use schedule::{PlannedRetry, RetryPlan, in_words};

use crate::credentials::Credentials;
use crate::error::WebhookError;
use crate::prepare::{Clocks, Moment, Prepared, Signing, prepare_at, prepare_retry_at};
use crate::provider::{Failure, Provider, Refusal, Verdict};
use crate::providers;
use crate::reaction::Reaction;
use bytes::Bytes;
use patchbay_core::sample::Sample;
use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse};
use std::time::Duration;
use time::OffsetDateTime;

/// How much older than its receiver takes a stale request is, where nobody says how old.
const STALE_BY: Duration = Duration::from_mins(1);
/// How far inside a receiver's window the time stays that a retry is signed for.
const WINDOW_MARGIN: Duration = Duration::from_secs(30);
/// How far apart events lie that are sent out of order.
const EVENTS_APART: Duration = Duration::from_secs(10);

/// One thing that happened at a sender, and who receives word of it.
#[derive(Debug, Clone)]
pub struct Event<'a> {
    /// What the sender sends.
    pub sample: &'a Sample,
    /// The dispatcher's URL.
    pub base_url: &'a str,
    /// What it is signed with.
    pub credentials: Credentials<'a>,
    /// When it happened, and which it is.
    pub moment: Moment,
    /// How far the sender's clock is ahead of the receiver's, in seconds.
    pub skew_seconds: i64,
}

/// A request that is ready to go, and what the sender does with it, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// What to send.
    pub prepared: Prepared,
    /// `duplicate 2 of 2`; `None` where there is nothing to say.
    pub remark: Option<String>,
}

impl Event<'_> {
    /// The same place and clock for something that happens now.
    #[must_use]
    pub fn anew(&self, moment: Moment) -> Self {
        Self { moment, ..self.clone() }
    }

    /// Sent once, now.
    pub fn sent(&self, now: OffsetDateTime) -> Result<Sending, WebhookError> {
        let prepared = self.prepared(now, now)?;
        let remark = (self.skew_seconds != 0).then(|| format!("its clock is {}", off(self.skew_seconds)));
        Ok(Sending { prepared, remark })
    }

    /// The `number`-th of two deliveries of the event. The second is what the sender's first retry would be.
    pub fn duplicate(&self, number: u32, now: OffsetDateTime) -> Result<Sending, WebhookError> {
        let prepared = match number {
            1 => self.prepared(now, now)?,
            _ => self.retried(now, now, 1, Failure::Timeout)?,
        };
        Ok(Sending { prepared, remark: Some(format!("duplicate {number} of 2")) })
    }

    /// A delivery of long ago, rightly signed for that time: what somebody has who wrote a request down and sends it again.
    /// `age` is older than the receiver takes where it is not said.
    pub fn stale(&self, age: Option<Duration>, now: OffsetDateTime) -> Result<Sending, SenderError> {
        let provider = self.provider("stale")?;
        let today = self.prepared(now, now)?;
        let window = provider
            .freshness(&today.request, &self.credentials)
            .ok_or(SenderError::NothingAges { provider: provider.name(), event: self.sample.event.clone() })?;
        let age = age.unwrap_or(window.past + STALE_BY);
        let then = now - age;
        let event = self.anew(Moment { now: then, uuid: self.moment.uuid.clone() });
        let prepared = event.prepared(then, now)?;
        let refused = provider.verify(&prepared.request, &self.credentials, now);
        if age > window.past && !matches!(refused, Verdict::Refused(Refusal::Stale { .. })) {
            return Err(SenderError::FixedTime { event: self.sample.event.clone() });
        }
        let remark = format!("stale by {} (receivers take up to {})", in_words(age), in_words(window.past));
        Ok(Sending { prepared, remark: Some(remark) })
    }

    /// One request for each way in which a stranger's can be wrong. All are refused by who verifies carefully.
    pub fn forged(&self, now: OffsetDateTime) -> Result<Vec<Sending>, SenderError> {
        let provider = self.provider("bad-signature")?;
        let right = self.prepared(now, now)?;
        let mut forged = Vec::new();
        for way in provider.forgeries(&right.request, &self.credentials) {
            let prepared = forged::forge(self, provider, &right, &way.change, now)?;
            // A request that was wrong before, or that nothing proves, says nothing about who lets it in.
            if let Verdict::Refused(refusal) = provider.verify(&prepared.request, &self.credentials, now) {
                let signing = Signing::SignedToBeRefused(refusal);
                forged.push((Prepared { signing, ..prepared }, way.what));
            }
        }
        let right_one = provider.verify(&right.request, &self.credentials, now) == Verdict::Accepted;
        if forged.is_empty() || !right_one {
            return Err(SenderError::NothingProven { provider: provider.name(), event: self.sample.event.clone() });
        }
        let of = forged.len();
        let with_remark = |(index, (prepared, what)): (usize, (Prepared, _))| Sending {
            prepared,
            remark: Some(format!("bad signature {} of {of}: {what}", index + 1)),
        };
        Ok(forged.into_iter().enumerate().map(with_remark).collect())
    }

    /// A retry as its plan has it. The waits are not waited for: the receiver's clock shows now, and the time that is
    /// signed moves on by what was not waited for, as far as the receiver takes times that lie ahead.
    pub fn retry(
        &self,
        planned: &PlannedRetry,
        failure: Failure,
        now: OffsetDateTime,
    ) -> Result<Sending, WebhookError> {
        let mut ahead = planned.elapsed;
        let mut note = String::new();
        if let Some(provider) = providers::find(&self.sample.provider) {
            let today = self.prepared(now, now)?;
            let window = provider.freshness(&today.request, &self.credentials).and_then(|window| window.future);
            if let Some(most) = window.map(|future| future.saturating_sub(WINDOW_MARGIN)).filter(|most| ahead > *most) {
                ahead = most;
                note = format!(", signed for {} ahead", in_words(most));
            }
        }
        let prepared = self.retried(now + ahead, now, planned.number, failure)?;
        Ok(Sending { prepared, remark: Some(format!("{planned}{note}")) })
    }

    /// The id that the sender has for the event.
    pub fn id(&self, prepared: &Prepared) -> Option<String> {
        providers::find(&self.sample.provider)?.event_id(&prepared.request)
    }

    fn provider(&self, behaviour: &'static str) -> Result<&'static dyn Provider, SenderError> {
        providers::find(&self.sample.provider)
            .ok_or_else(|| SenderError::UnknownProvider { behaviour, provider: self.sample.provider.clone() })
    }

    fn clocks(&self, sent: OffsetDateTime, receiver: OffsetDateTime) -> Clocks {
        Clocks { sender: sent + time::Duration::seconds(self.skew_seconds), receiver }
    }

    fn prepared(&self, sent: OffsetDateTime, receiver: OffsetDateTime) -> Result<Prepared, WebhookError> {
        self.prepared_with(&self.credentials, sent, receiver)
    }

    fn prepared_with(
        &self,
        credentials: &Credentials<'_>,
        sent: OffsetDateTime,
        receiver: OffsetDateTime,
    ) -> Result<Prepared, WebhookError> {
        prepare_at(self.sample, self.base_url, credentials, &self.moment, &self.clocks(sent, receiver))
    }

    fn retried(
        &self,
        sent: OffsetDateTime,
        receiver: OffsetDateTime,
        number: u32,
        failure: Failure,
    ) -> Result<Prepared, WebhookError> {
        let clocks = self.clocks(sent, receiver);
        prepare_retry_at(self.sample, self.base_url, &self.credentials, &self.moment, &clocks, number, failure)
    }
}

/// Several events, the newest first. They happened in the order in which they are given, each ten seconds after the one
/// before, the last one now; they are sent in the opposite order. One sample alone is two events: itself, and the same
/// again ten seconds later under an id of its own.
pub fn reordered<'a>(events: &[Event<'a>], second_id: &str, now: OffsetDateTime) -> Result<Vec<Sending>, WebhookError> {
    let again = |first: &Event<'a>| first.anew(Moment { now: first.moment.now, uuid: second_id.to_owned() });
    let events: Vec<Event<'a>> = match events {
        [alone] => vec![alone.clone(), again(alone)],
        several => several.to_vec(),
    };
    let of = events.len();
    let mut sendings = Vec::new();
    for (sent, (index, event)) in events.iter().enumerate().rev().enumerate() {
        let later = u32::try_from(of - 1 - index).unwrap_or(u32::MAX);
        let happened = now - EVENTS_APART * later;
        let event = event.anew(Moment { now: happened, uuid: event.moment.uuid.clone() });
        let remark = format!("reordered {} of {of}: event {} of {of} by its time", sent + 1, index + 1);
        sendings.push(Sending { prepared: event.prepared(happened, now)?, remark: Some(remark) });
    }
    Ok(sendings)
}

/// What the sender makes of how an attempt ended: `None` for an answer that did not come, or came after its deadline.
pub fn reaction(provider: &dyn Provider, request: &HttpRequest, in_time: Option<&HttpResponse>) -> (Reaction, Failure) {
    if let Some(response) = in_time {
        return (provider.reaction(request, response), Failure::Status);
    }
    // To whoever retries, no answer is what an answer of 500 is.
    let failed = HttpResponse { status: 500, headers: HttpMessageHeaders::default(), body: Bytes::new() };
    (provider.reaction(request, &failed), Failure::Timeout)
}

fn off(seconds: i64) -> String {
    let size = in_words(Duration::from_secs(seconds.unsigned_abs()));
    if seconds < 0 { format!("{size} behind") } else { format!("{size} ahead") }
}
