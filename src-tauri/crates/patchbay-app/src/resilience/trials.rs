//! What is tried, and how.

use super::kinds::{Kind, kinds, outage};
use super::{Plain, Room, kept, seen};
use crate::replaying::{Attempted, Stage, Webhook, attempt, this_moment, until_taken};
use crate::wire::error::WireError;
use patchbay_replay::resilience::{BrokenCall, Judged, Kept, Trial, Trouble, Verdict, judge};
use patchbay_webhooks::sender::{Event, SenderError, Sending, reordered};
use patchbay_webhooks::{Provider, Reaction, providers};
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// A trial to be made.
pub(super) struct Planned {
    what: Trouble,
    how: How,
}

impl Planned {
    /// Whether late answers are what is tried.
    pub(super) fn holds_answers_up(&self) -> bool {
        match &self.how {
            How::Broken { fault } => fault.contains(":slow:") || fault.contains(":timeout:"),
            _ => false,
        }
    }
}

enum How {
    /// The sender tries until the event is taken; a fault holds for all attempts.
    Broken {
        fault: String,
    },
    /// The same; the fault holds for the first attempt.
    Outage {
        fault: String,
    },
    Duplicate,
    Reordered,
    Stale,
    /// The n-th of the ways in which a signature is bad.
    Forged(usize),
}

/// Everything that is tried with a sample whose plain run made these calls.
pub(super) fn planned(stage: &Stage, webhook: &Webhook, calls: &[BrokenCall]) -> Result<Vec<Planned>, WireError> {
    let provider = providers::find(webhook.provider());
    let deadline = provider.and_then(Provider::deadline);
    let mut planned = Vec::new();
    for call in calls {
        for Kind { how, fault } in kinds(deadline) {
            let fault = format!("{}#{}:{fault}", call.upstream, call.number);
            let what = Trouble::Call { call: call.clone(), how, fault: fault.clone() };
            planned.push(Planned { what, how: How::Broken { fault } });
        }
    }
    let upstreams: BTreeSet<&str> = calls.iter().map(|call| call.upstream.as_str()).collect();
    for upstream in upstreams {
        let Kind { how, fault } = outage();
        let fault = format!("{upstream}:{fault}");
        let what = Trouble::Outage { upstream: upstream.to_owned(), how, fault: fault.clone() };
        planned.push(Planned { what, how: How::Outage { fault } });
    }
    let mut sender = |behaviour: &str, detail: Option<String>, how: How| {
        planned.push(Planned { what: Trouble::Sender { behaviour: behaviour.into(), how: detail }, how });
    };
    sender("duplicate", None, How::Duplicate);
    sender("reordered", None, How::Reordered);
    let now = OffsetDateTime::now_utc();
    let event = stage.event(webhook, this_moment(), 0)?;
    match event.stale(None, now) {
        Ok(_) => sender("stale", None, How::Stale),
        Err(error) => tell_apart(error)?,
    }
    match event.forged(now) {
        Ok(ways) => {
            for (number, way) in ways.iter().enumerate() {
                let detail = way.remark.as_ref().and_then(|remark| remark.split_once(": "));
                sender("bad-signature", detail.map(|(_, what)| what.to_owned()), How::Forged(number));
            }
        }
        Err(error) => tell_apart(error)?,
    }
    Ok(planned)
}

/// What a sender cannot do is not tried; a request that cannot be written is an error.
fn tell_apart(error: SenderError) -> Result<(), WireError> {
    match error {
        SenderError::Webhook(_) => Err(error.into()),
        _ => Ok(()),
    }
}

/// Makes a trial.
pub(super) async fn trial(
    room: &Room<'_>,
    webhook: &Webhook,
    plain: &Plain,
    planned: &Planned,
) -> Result<Trial, WireError> {
    let (attempts, judged, note) = match &planned.how {
        How::Broken { fault } => broken(room, webhook, plain, fault, false).await?,
        How::Outage { fault } => broken(room, webhook, plain, fault, true).await?,
        How::Duplicate => duplicate(room, webhook, plain).await?,
        How::Reordered => out_of_order(room, webhook).await?,
        How::Stale => {
            let sending = room.stage.event(webhook, this_moment(), 0)?.stale(None, OffsetDateTime::now_utc())?;
            to_be_refused(room, webhook, plain, sending).await?
        }
        How::Forged(number) => {
            let mut ways = room.stage.event(webhook, this_moment(), 0)?.forged(OffsetDateTime::now_utc())?;
            let way = if *number < ways.len() { ways.swap_remove(*number) } else { return Err(vanished()) };
            to_be_refused(room, webhook, plain, way).await?
        }
    };
    Ok(Trial {
        what: planned.what.clone(),
        attempts: attempts.iter().map(seen).collect(),
        verdict: judged.verdict,
        made: judged.made,
        note,
    })
}

type Ended = (Vec<Attempted>, Judged, Option<String>);

async fn broken(
    room: &Room<'_>,
    webhook: &Webhook,
    plain: &Plain,
    fault: &str,
    first_attempt_only: bool,
) -> Result<Ended, WireError> {
    let scope = room.scope(&[fault.to_owned()]).await?;
    let event = room.stage.event(webhook, this_moment(), 0)?;
    let mend = async || if first_attempt_only { scope.set_faults(&[]).await } else { Ok(()) };
    let attempts = until_taken(room.stage, webhook, &event, Some(&scope), room.cancel, mend).await?;
    let judged = judge(&plain.kept, &plain.again, &kept(scope).await?, OffsetDateTime::now_utc());
    let note = given_up(&attempts);
    Ok((attempts, judged, note))
}

/// Why the sender is not content at the end.
fn given_up(attempts: &[Attempted]) -> Option<String> {
    let last = attempts.last()?;
    match last.reaction {
        Reaction::Delivered => None,
        Reaction::Retried => Some(format!("the sender gives up after {} attempts", attempts.len())),
        other => Some(other.to_string()),
    }
}

async fn duplicate(room: &Room<'_>, webhook: &Webhook, plain: &Plain) -> Result<Ended, WireError> {
    let scope = room.scope(&[]).await?;
    let event = room.stage.event(webhook, this_moment(), 0)?;
    let mut attempts = Vec::new();
    for number in 1..=2 {
        let sending = event.duplicate(number, OffsetDateTime::now_utc())?;
        attempts.push(attempt(room.stage, webhook, sending, Some(&scope)).await?);
    }
    let judged = judge(&plain.kept, &plain.again, &kept(scope).await?, OffsetDateTime::now_utc());
    let note = given_up(&attempts);
    Ok((attempts, judged, note))
}

/// Two events ten seconds apart, the newer first, beside the same in order.
async fn out_of_order(room: &Room<'_>, webhook: &Webhook) -> Result<Ended, WireError> {
    let sent = async |in_order: bool| -> Result<(Vec<Attempted>, Vec<Kept>), WireError> {
        let event: Event<'_> = room.stage.event(webhook, this_moment(), 0)?;
        let mut sendings = reordered(&[event], &this_moment().uuid, OffsetDateTime::now_utc())?;
        if in_order {
            sendings.reverse();
        }
        let scope = room.scope(&[]).await?;
        let mut attempts = Vec::new();
        for sending in sendings {
            let remark = if in_order { None } else { sending.remark };
            let sending = Sending { remark, ..sending };
            attempts.push(attempt(room.stage, webhook, sending, Some(&scope)).await?);
        }
        Ok((attempts, kept(scope).await?))
    };
    let (_, plain) = sent(true).await?;
    let (_, again) = sent(true).await?;
    let (attempts, found) = sent(false).await?;
    let note = given_up(&attempts);
    Ok((attempts, judge(&plain, &again, &found, OffsetDateTime::now_utc()), note))
}

/// A request that must leave nothing behind.
async fn to_be_refused(
    room: &Room<'_>,
    webhook: &Webhook,
    plain: &Plain,
    sending: Sending,
) -> Result<Ended, WireError> {
    let scope = room.scope(&[]).await?;
    let attempted = attempt(room.stage, webhook, sending, Some(&scope)).await?;
    let found = kept(scope).await?;
    let mut judged = judge(&plain.kept, &plain.again, &found, OffsetDateTime::now_utc());
    let taken = attempted.trace.response.as_ref().is_some_and(|answer| (200..300).contains(&answer.status));
    judged.verdict = if taken || !found.is_empty() { Verdict::LetIn } else { Verdict::Refused };
    for made in &mut judged.made {
        made.expected = 0;
    }
    Ok((vec![attempted], judged, None))
}

fn vanished() -> WireError {
    let cause = std::io::Error::other("a way to forge the request was there when trials were planned");
    WireError::internal("The sample changed while it was tried", &cause)
}
