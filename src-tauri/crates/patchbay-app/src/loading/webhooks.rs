//! The webhooks of a load run, each signed afresh as its provider would.

use crate::replaying::{ReplayPlan, Stage, Webhook};
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::load::LoadWeight;
use patchbay_replay::RegisteredDelivery;
use patchbay_replay::load::{LoadError, LoadWebhook, MOST_WEIGHT};
use patchbay_webhooks::{Moment, providers};
use std::sync::Arc;

/// Weights by name, in the order of the plan; 1 where none was given.
pub(super) fn weights(plan: &ReplayPlan, given: &[LoadWeight]) -> Result<Vec<(String, u32)>, WireError> {
    let names: Vec<String> = plan.webhooks.iter().enumerate().map(|(place, webhook)| name(webhook, place)).collect();
    if let Some(unknown) = given.iter().find(|given| !names.contains(&given.sample)) {
        let message = format!("`{}` has a weight and is not among the webhooks of this run", unknown.sample);
        return Err(
            WireError::new(ErrorCode::ReplayUnknownSample, message).with_hint(format!("They are {}", names.join(", ")))
        );
    }
    if let Some(LoadWeight { sample, weight }) = given.iter().find(|given| !(1..=MOST_WEIGHT).contains(&given.weight)) {
        return Err(LoadError::Weight { name: sample.clone(), most: MOST_WEIGHT, given: *weight }.into());
    }
    let weight = |name: &String| given.iter().rfind(|given| given.sample == *name).map_or(1, |given| given.weight);
    Ok(names.into_iter().map(|name| (name.clone(), weight(&name))).collect())
}

/// The webhooks with their weights. A platform that is asked not to record them knows them by `mark`.
pub(super) fn of(
    stage: &Arc<Stage>,
    plan: &ReplayPlan,
    weights: &[LoadWeight],
    mark: Option<RegisteredDelivery>,
) -> Result<Vec<LoadWebhook>, WireError> {
    let mark = mark.map(|mark| (mark.header, mark.value));
    // Events of two runs are different events.
    let first = uuid::Uuid::new_v4().as_u128();
    let webhooks = plan.webhooks.iter().zip(weights).map(|(webhook, weight)| {
        let (stage, signed, mark) = (Arc::clone(stage), webhook.clone(), mark.clone());
        let sign = move |now, event: u64| {
            let uuid =
                uuid::Builder::from_random_bytes(first.wrapping_add(u128::from(event)).to_be_bytes()).into_uuid();
            let prepared = stage.prepare(&signed, &Moment { now, uuid: uuid.to_string() });
            let mut request = prepared.map_err(|error| Failed(error.message))?.request;
            if let Some((name, value)) = &mark {
                request.headers.set(name, value.clone());
            }
            Ok(request)
        };
        let mut load = LoadWebhook::new(&weight.sample, sign);
        load.weight = weight.weight;
        load.deadline = providers::find(webhook.provider()).and_then(patchbay_webhooks::Provider::deadline);
        let expected = webhook.expectation.as_ref().and_then(|expected| expected["status"].as_u64());
        load.expected_status = expected.and_then(|status| u16::try_from(status).ok());
        load
    });
    let webhooks: Vec<LoadWebhook> = webhooks.collect();
    // What cannot be signed is told here in the words of a replay.
    for webhook in &plan.webhooks {
        stage.prepare(webhook, &crate::replaying::this_moment())?;
    }
    Ok(webhooks)
}

/// What it is called in a report.
fn name(webhook: &Webhook, place: usize) -> String {
    webhook.sample.clone().unwrap_or_else(|| format!("webhook {}", place + 1))
}

/// Why a webhook could not be signed, while the run goes on.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Failed(String);
