//! What senders do beyond sending each webhook once.

use super::attempts::{attempt, until_taken};
use super::desk::this_moment;
use super::plan::{ReplayPlan, Webhook};
use super::stage::Stage;
use super::{OnTrace, in_scope};
use crate::wire::error::WireError;
use patchbay_replay::Trace;
use patchbay_webhooks::sender::{Event, Sending, reordered};
use patchbay_webhooks::{Behaviour, Signing};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

/// Sends the webhooks of a plan as each of its behaviours says, one behaviour after another. With none, each is sent once
/// by a clock that may be off.
pub(super) async fn run(
    stage: &Stage,
    plan: &ReplayPlan,
    on_trace: OnTrace<'_>,
    cancel: &CancellationToken,
    traces: &mut Vec<Trace>,
) -> Result<(), WireError> {
    let mut keep = |trace: Trace| {
        on_trace(&trace);
        traces.push(trace);
    };
    let event = |webhook| stage.event(webhook, this_moment(), plan.clock_skew);
    if plan.sender.is_empty() {
        for webhook in &plan.webhooks {
            let sending = event(webhook)?.sent(OffsetDateTime::now_utc())?;
            send(stage, plan, webhook, sending, cancel, &mut keep).await?;
        }
    }
    for behaviour in &plan.sender {
        if *behaviour == Behaviour::Reordered {
            let events = plan.webhooks.iter().map(event).collect::<Result<Vec<_>, _>>()?;
            let sendings = reordered(&events, &this_moment().uuid, OffsetDateTime::now_utc())?;
            // The newest first; one sample alone is sent twice.
            let webhooks = plan.webhooks.iter().rev().cycle();
            for (sending, webhook) in sendings.into_iter().zip(webhooks) {
                send(stage, plan, webhook, sending, cancel, &mut keep).await?;
            }
            continue;
        }
        for webhook in &plan.webhooks {
            let event = event(webhook)?;
            if *behaviour == Behaviour::Retries {
                retry(stage, plan, webhook, &event, cancel, &mut keep).await?;
                continue;
            }
            for sending in sendings(*behaviour, &event)? {
                send(stage, plan, webhook, sending, cancel, &mut keep).await?;
            }
        }
    }
    Ok(())
}

fn sendings(behaviour: Behaviour, event: &Event<'_>) -> Result<Vec<Sending>, WireError> {
    let now = OffsetDateTime::now_utc();
    Ok(match behaviour {
        Behaviour::Duplicate => vec![event.duplicate(1, now)?, event.duplicate(2, now)?],
        Behaviour::Stale { age } => vec![event.stale(age, now)?],
        Behaviour::BadSignature => event.forged(now)?,
        Behaviour::Reordered | Behaviour::Retries => Vec::new(),
    })
}

async fn send(
    stage: &Stage,
    plan: &ReplayPlan,
    webhook: &Webhook,
    sending: Sending,
    cancel: &CancellationToken,
    keep: &mut impl FnMut(Trace),
) -> Result<(), WireError> {
    if cancel.is_cancelled() {
        return Ok(());
    }
    // Expectations are about what is sent once and to be taken.
    let refused = matches!(sending.prepared.signing, Signing::SignedToBeRefused(_));
    let webhook = if plan.sender.is_empty() && !refused { webhook.clone() } else { without_expectation(webhook) };
    let done = in_scope(stage, plan, async |scope| attempt(stage, &webhook, sending, scope).await).await?;
    keep(done.trace);
    Ok(())
}

fn without_expectation(webhook: &Webhook) -> Webhook {
    Webhook { expectation: None, ..webhook.clone() }
}

/// The faults hold for the whole event: of its calls, `notion#1` is the first.
async fn retry(
    stage: &Stage,
    plan: &ReplayPlan,
    webhook: &Webhook,
    event: &Event<'_>,
    cancel: &CancellationToken,
    keep: &mut impl FnMut(Trace),
) -> Result<(), WireError> {
    if cancel.is_cancelled() {
        return Ok(());
    }
    let webhook = without_expectation(webhook);
    let attempts =
        in_scope(stage, plan, async |scope| until_taken(stage, &webhook, event, scope, cancel, async || Ok(())).await);
    for attempted in attempts.await? {
        keep(attempted.trace);
    }
    Ok(())
}
