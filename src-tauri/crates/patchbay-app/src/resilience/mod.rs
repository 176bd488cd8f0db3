//! The resilience report: every way in which a call can break and everything that senders do, tried with an adapter's
//! samples against what is live, each trial with simulated upstreams of its own.

mod kinds;
mod trials;

use crate::app::App;
use crate::replaying::{Attempted, ReplayPlan, Stage, Webhook, attempt, sample, samples_in_telling_order, this_moment};
use crate::upstreams::{Scope, ScopeKept};
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::resilience::ResilienceProgress;
use futures_util::StreamExt as _;
use futures_util::stream;
use patchbay_core::{AdapterRef, Environment};
use patchbay_replay::Trace;
use patchbay_replay::resilience::{
    Attempt, BrokenCall, Kept, PlainRun, ResilienceReport, SampleResilience, Trial, judge,
};
use patchbay_replay::trace::TracedAnswerer;
use patchbay_upstream::Upstreams;
use patchbay_webhooks::sender::RetryPlan;
use patchbay_webhooks::{Provider, Reaction, providers};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;
use trials::{Planned, planned};

/// Trials at the same time. A process has sixteen lanes for recorded deliveries, and a late delivery overlaps the retry.
const MOST_AT_ONCE: u32 = 4;
/// Calls a second that one trial at a time needs, so that trials do not wait for each other in the tenant's pace.
const PACE_OF_A_TRIAL: u32 = 5;

/// How often a trial is made at most whose answers come late although nothing holds them up: then this machine is busy.
const MOST_TIMES: u32 = 3;

/// Told of what is being tried.
pub(crate) type OnProgress<'a> = &'a (dyn Fn(ResilienceProgress) + Send + Sync);

/// What is to be tried.
pub(crate) struct ResiliencePlan {
    pub(crate) adapter: AdapterRef,
    pub(crate) environment: Environment,
    /// Names of samples; all of them when none is named.
    pub(crate) samples: Vec<String>,
}

/// Makes the report. A cancel ends it after the trials that are under way, with what there is.
pub(crate) async fn report(
    app: &Arc<App>,
    plan: &ResiliencePlan,
    progress: OnProgress<'_>,
    cancel: &CancellationToken,
) -> Result<ResilienceReport, WireError> {
    let (started, clock) = (OffsetDateTime::now_utc(), Instant::now());
    let open = app.workspace()?;
    let names = match plan.samples.as_slice() {
        [] => samples_in_telling_order(&open, &plan.adapter)?,
        named => named.to_vec(),
    };
    if names.is_empty() {
        let message = format!("{} has no samples, so nothing can be tried", plan.adapter);
        return Err(WireError::new(ErrorCode::ReplayNothingSelected, message)
            .with_hint(format!("`patchbay sample add {}` adds one", plan.adapter)));
    }
    let webhooks = names.iter().map(|name| sample(&open, &plan.adapter, name)).collect::<Result<Vec<_>, _>>()?;
    let run = ReplayPlan::new(plan.adapter.clone(), plan.environment, webhooks);
    let stage = Stage::set(app, &run).await?;
    let pace = open.workspace.tenant(&plan.adapter.tenant)?.settings.rate_limit.requests_per_second;
    let room = Room { stage: &stage, plan, at_once: (pace / PACE_OF_A_TRIAL).clamp(1, MOST_AT_ONCE), cancel };
    let mut samples = Vec::new();
    for webhook in &run.webhooks {
        if cancel.is_cancelled() {
            break;
        }
        samples.push(room.tried(webhook, progress).await?.summarised());
    }
    Ok(ResilienceReport {
        tenant: plan.adapter.tenant.to_string(),
        adapter: plan.adapter.adapter.to_string(),
        environment: plan.environment.to_string(),
        run: run.run.clone(),
        started,
        took_ms: clock.elapsed().as_secs_f64() * 1000.0,
        cancelled: cancel.is_cancelled(),
        samples,
    })
}

/// Where trials are made.
struct Room<'a> {
    stage: &'a Stage,
    plan: &'a ResiliencePlan,
    at_once: u32,
    cancel: &'a CancellationToken,
}

/// Two runs of a sample in which nothing broke: where they differ, a trial may differ, too.
struct Plain {
    trace: Trace,
    kept: Vec<Kept>,
    again: Vec<Kept>,
}

impl Room<'_> {
    async fn tried(&self, webhook: &Webhook, progress: OnProgress<'_>) -> Result<SampleResilience, WireError> {
        let provider = providers::find(webhook.provider());
        let name = webhook.sample.clone().unwrap_or_default();
        let mut sample = SampleResilience {
            sample: name.clone(),
            sender: provider.map_or_else(|| webhook.provider().to_owned(), |provider| provider.name().to_owned()),
            deadline_ms: provider.and_then(Provider::deadline).map(|deadline| deadline.as_secs_f64() * 1000.0),
            retry_policy: provider
                .map_or("What this sender does after a failure is not known", |provider| RetryPlan::of(provider).policy)
                .to_owned(),
            plain: None,
            problem: None,
            trials: Vec::new(),
            summary: String::new(),
        };
        let (plain, first) = self.plain(webhook).await?;
        let calls = calls_of(&plain.trace);
        let judged = judge(&plain.kept, &plain.again, &plain.kept, OffsetDateTime::now_utc());
        let delivered = first.reaction == Reaction::Delivered;
        let as_expected = plain.trace.differences.as_ref().is_some_and(Vec::is_empty);
        sample.plain = Some(PlainRun { attempt: seen(&first), calls: calls.clone(), made: judged.made });
        if !delivered {
            let answered = seen(&first);
            if !as_expected {
                sample.problem = Some(format!("its plain run already ends with {answered}: {}", first.reaction));
            }
            return Ok(sample);
        }
        if plain.kept.len() != plain.again.len() {
            sample.problem = Some(
                "a second event of this sample is not handled as the first one, so that trials cannot be compared: \
                 write {{uuid}} into the event's id"
                    .into(),
            );
            return Ok(sample);
        }
        let planned = planned(self.stage, webhook, &calls)?;
        let total = u32::try_from(planned.len()).unwrap_or(u32::MAX);
        let done = AtomicU32::new(0);
        let (done, plain, name) = (&done, &plain, &name);
        let trials = planned.into_iter().enumerate().map(|(place, planned)| async move {
            if self.cancel.is_cancelled() {
                return Ok(None);
            }
            let trial = self.trial(webhook, plain, planned).await?;
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            progress(ResilienceProgress { job: String::new(), sample: name.clone(), done, of: total });
            Ok::<_, WireError>(Some((place, trial)))
        });
        let mut trials = stream::iter(trials).buffer_unordered(self.at_once as usize);
        let mut made = Vec::new();
        while let Some(trial) = trials.next().await {
            made.extend(trial?);
        }
        drop(trials);
        // The report has them in the order of the calls.
        made.sort_by_key(|(place, _)| *place);
        sample.trials = made.into_iter().map(|(_, trial)| trial).collect();
        Ok(sample)
    }

    async fn plain(&self, webhook: &Webhook) -> Result<(Plain, Attempted), WireError> {
        let (kept, first) = self.once(webhook).await?;
        let (again, _) = self.once(webhook).await?;
        Ok((Plain { trace: first.trace.clone(), kept, again }, first))
    }

    async fn once(&self, webhook: &Webhook) -> Result<(Vec<Kept>, Attempted), WireError> {
        let scope = self.scope(&[]).await?;
        let event = self.stage.event(webhook, this_moment(), 0)?;
        let sending = event.sent(OffsetDateTime::now_utc())?;
        let attempted = attempt(self.stage, webhook, sending, Some(&scope)).await?;
        Ok((kept(scope).await?, attempted))
    }

    async fn trial(&self, webhook: &Webhook, plain: &Plain, planned: Planned) -> Result<Trial, WireError> {
        // What a trial gives is no matter of the sample's expectation.
        let webhook = Webhook { expectation: None, ..webhook.clone() };
        let mut times = 1;
        loop {
            let trial = trials::trial(self, &webhook, plain, &planned).await?;
            let in_time = trial.attempts.iter().all(|attempt| attempt.in_time);
            if in_time || planned.holds_answers_up() || times == MOST_TIMES || self.cancel.is_cancelled() {
                return Ok(trial);
            }
            times += 1;
        }
    }

    /// Upstreams for one trial.
    async fn scope(&self, faults: &[String]) -> Result<Scope, WireError> {
        match self.stage.link() {
            Some(link) => Scope::of_trial(link, &self.plan.adapter.tenant, faults).await,
            None => Err(WireError::new(
                ErrorCode::ReplayNotRemote,
                "A resilience report needs the embedded platform, whose upstreams can be broken",
            )),
        }
    }
}

/// What upstreams keep at the end of a trial.
async fn kept(scope: Scope) -> Result<Vec<Kept>, WireError> {
    let kept = scope.kept().await;
    scope.close().await?;
    let one = |ScopeKept { upstream, kind, content, .. }| Kept { upstream, kind, content };
    Ok(kept?.into_iter().map(one).collect())
}

/// A delivery as its sender saw it.
fn seen(attempted: &Attempted) -> Attempt {
    let trace = &attempted.trace;
    Attempt {
        delivery: trace.id.clone(),
        sender: trace.sender.clone(),
        status: trace.response.as_ref().map(|response| response.status),
        ms: trace.total_ms,
        in_time: attempted.in_time(),
        reaction: attempted.reaction.to_string(),
        delivered: attempted.reaction == Reaction::Delivered,
    }
}

/// The calls of a delivery that a simulated upstream answered, each counted by its upstream.
fn calls_of(trace: &Trace) -> Vec<BrokenCall> {
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let simulated = trace.outbound.iter().filter(|call| call.answered_by == TracedAnswerer::Simulated);
    simulated
        .map(|call| {
            // Hosts that no built-in upstream has are described by documents, for which `custom` answers.
            let upstream = Upstreams::id_for_url(&call.request.url).unwrap_or("custom").to_owned();
            let number = numbers.entry(upstream.clone()).or_default();
            *number += 1;
            let address = call.request.url.split_once("://").map_or(call.request.url.as_str(), |(_, rest)| rest);
            let path = address.find('/').map_or("/", |at| &address[at..]);
            let path = path.split(['?', '#']).next().unwrap_or(path).to_owned();
            BrokenCall { upstream, number: *number, method: call.request.method.clone(), path }
        })
        .collect()
}
