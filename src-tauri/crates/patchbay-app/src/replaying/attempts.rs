//! One event and the sender's attempts to deliver it.

use super::plan::Webhook;
use super::stage::Stage;
use crate::upstreams::Scope;
use crate::wire::error::WireError;
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use patchbay_core::HttpResponse;
use patchbay_replay::Trace;
use patchbay_replay::trace::{DeadlineVerdict, TracedResponse};
use patchbay_webhooks::sender::{self, Event, RetryPlan, Sending};
use patchbay_webhooks::{Failure, Provider, Reaction, providers};
use std::time::Duration;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

/// An answer that has not come so long after the deadline is late. What is measured begins a little after what is awaited.
const GRACE: Duration = Duration::from_millis(300);

/// One delivery, and what its sender made of it.
#[derive(Debug)]
pub(crate) struct Attempted {
    pub(crate) trace: Trace,
    pub(crate) reaction: Reaction,
}

impl Attempted {
    /// Whether an answer came in time.
    pub(crate) fn in_time(&self) -> bool {
        answered_in_time(&self.trace)
    }
}

/// Sends one request of an event, to its end.
pub(crate) async fn attempt(
    stage: &Stage,
    webhook: &Webhook,
    sending: Sending,
    scope: Option<&Scope>,
) -> Result<Attempted, WireError> {
    let prepared = stage.addressed(sending.prepared)?;
    let request = prepared.request.clone();
    let trace = stage.send(webhook, prepared, sending.remark, scope).await?;
    let answer = trace.response.as_ref().filter(|_| answered_in_time(&trace)).map(response);
    let reaction = match providers::find(webhook.provider()) {
        Some(provider) => sender::reaction(provider, &request, answer.as_ref()).0,
        None => reaction_of_nobody(answer.as_ref()),
    };
    Ok(Attempted { trace, reaction })
}

/// Sends an event until its sender is content or gives up. The waits between attempts are not waited for, except that a
/// retry that comes later than at once waits for the end of what is still on its way. `first_over` is called when the
/// sender is through with the first attempt.
pub(crate) async fn until_taken(
    stage: &Stage,
    webhook: &Webhook,
    event: &Event<'_>,
    scope: Option<&Scope>,
    cancel: &CancellationToken,
    first_over: impl AsyncFnOnce() -> Result<(), WireError>,
) -> Result<Vec<Attempted>, WireError> {
    let provider = providers::find(webhook.provider());
    let plan = provider.map(RetryPlan::of);
    let retries = plan.as_ref().map_or(&[][..], |plan| &plan.retries);
    let mut first_over = Some(first_over);
    let mut over: Vec<Option<Attempted>> = Vec::new();
    let mut late = FuturesUnordered::new();
    let mut next = Some(first_of_all(event, plan.as_ref())?);
    while let Some(sending) = next.take() {
        let index = over.len();
        over.push(None);
        let request = sending.prepared.request.clone();
        let mut delivery = Box::pin(attempt(stage, webhook, sending, scope));
        let in_time = match provider.and_then(Provider::deadline) {
            None => Some((&mut delivery).await?),
            Some(deadline) => tokio::select! {
                done = &mut delivery => Some(done?),
                () = tokio::time::sleep(deadline + GRACE) => None,
            },
        };
        let (reaction, failure) = match (&in_time, provider) {
            (Some(done), _) => (done.reaction, failure_of(done)),
            (None, Some(provider)) => sender::reaction(provider, &request, None),
            (None, None) => (Reaction::Dropped, Failure::Timeout),
        };
        match in_time {
            Some(done) => over[index] = Some(done),
            None => late.push(async move { (index, delivery.await) }),
        }
        if let Some(first_over) = first_over.take() {
            first_over().await?;
        }
        let planned = retries.get(index).filter(|_| reaction == Reaction::Retried && !cancel.is_cancelled());
        let Some(planned) = planned else { break };
        if !planned.wait.is_zero() {
            while let Some((index, done)) = late.next().await {
                over[index] = Some(done?);
            }
        }
        next = Some(event.retry(planned, failure, OffsetDateTime::now_utc())?);
    }
    while let Some((index, done)) = late.next().await {
        over[index] = Some(done?);
    }
    Ok(over.into_iter().flatten().collect())
}

/// The first attempt; of a sender that has no other, it says so.
fn first_of_all(event: &Event<'_>, plan: Option<&RetryPlan>) -> Result<Sending, WireError> {
    let mut first = event.sent(OffsetDateTime::now_utc())?;
    if let Some(plan) = plan.filter(|plan| plan.retries.is_empty()) {
        first.remark = Some(format!("the only attempt: {}", plan.policy));
    }
    Ok(first)
}

fn failure_of(done: &Attempted) -> Failure {
    match (&done.trace.response, done.in_time()) {
        (Some(_), true) => Failure::Status,
        (Some(_), false) => Failure::Timeout,
        (None, _) => Failure::Connection,
    }
}

fn answered_in_time(trace: &Trace) -> bool {
    trace.response.is_some() && !matches!(trace.deadline, DeadlineVerdict::Late { .. })
}

/// Of a sender that is not known, a 2xx is all that can be said.
fn reaction_of_nobody(answer: Option<&HttpResponse>) -> Reaction {
    if answer.is_some_and(|answer| (200..300).contains(&answer.status)) {
        Reaction::Delivered
    } else {
        Reaction::Dropped
    }
}

/// What the sender's rules look at: status, headers and text.
fn response(traced: &TracedResponse) -> HttpResponse {
    HttpResponse {
        status: traced.status,
        headers: traced.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        body: Bytes::from(traced.body.text.clone()),
    }
}
