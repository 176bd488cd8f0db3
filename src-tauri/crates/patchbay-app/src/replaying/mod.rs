//! From webhooks to kept traces: a run sends them one after another through a dispatcher.
//!
//! A [`ReplayPlan`] says what a run is to do, a [`Stage`] is what stands while it goes on, its [`Desk`] signs.

mod attempts;
mod code;
mod desk;
mod plan;
mod planning;
mod recorded;
mod samples;
mod sender;
mod smoke;
mod stacks;
mod stage;
mod texts;

pub(crate) use attempts::{Attempted, attempt, until_taken};
pub(crate) use desk::{secrets_of, this_moment};
pub(crate) use plan::{ReplayPlace, ReplayPlan, Webhook};
pub(crate) use planning::{against, planned, selected};
pub(crate) use recorded::kept;
pub(crate) use samples::{sample, samples_in_telling_order};
pub(crate) use smoke::{check_smoke, status};
pub(crate) use stage::Stage;

use crate::app::App;
use crate::upstreams::Scope;
use crate::wire::error::WireError;
use patchbay_core::{AdapterRef, Environment};
use patchbay_replay::Trace;
use patchbay_workspace::VersionModule;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What a run did.
#[derive(Debug)]
pub(crate) struct ReplayRun {
    /// `run-…`.
    pub(crate) id: String,
    /// In the order in which they were sent.
    pub(crate) traces: Vec<Trace>,
}

/// Told of every trace as it is kept.
pub(crate) type OnTrace<'a> = &'a (dyn Fn(&Trace) + Send + Sync);

/// Sends the webhooks of a plan one after another and keeps each trace. Where one cannot be sent the traces before it
/// are kept, and the error says so. A cancel ends it between two webhooks.
pub(crate) async fn run(
    app: &Arc<App>,
    plan: &ReplayPlan,
    on_trace: OnTrace<'_>,
    cancel: &CancellationToken,
) -> Result<ReplayRun, WireError> {
    let stage = Stage::set(app, plan).await?;
    let mut traces = Vec::new();
    let sent = if plan.sender.is_empty() && plan.clock_skew == 0 {
        each_once(&stage, plan, on_trace, cancel, &mut traces).await
    } else {
        sender::run(&stage, plan, on_trace, cancel, &mut traces).await
    };
    match sent {
        Ok(()) => Ok(ReplayRun { id: plan.run.clone(), traces }),
        Err(error) if traces.is_empty() => Err(error),
        Err(error) => Err(after(error, plan, traces.len())),
    }
}

async fn each_once(
    stage: &Stage,
    plan: &ReplayPlan,
    on_trace: OnTrace<'_>,
    cancel: &CancellationToken,
    traces: &mut Vec<Trace>,
) -> Result<(), WireError> {
    for webhook in &plan.webhooks {
        if cancel.is_cancelled() {
            break;
        }
        let trace = send(stage, plan, webhook).await?;
        on_trace(&trace);
        traces.push(trace);
    }
    Ok(())
}

/// One webhook of a plan, with the plan's faults in force.
async fn send(stage: &Stage, plan: &ReplayPlan, webhook: &Webhook) -> Result<Trace, WireError> {
    let prepared = stage.prepare(webhook, &this_moment())?;
    in_scope(stage, plan, async |scope| stage.send(webhook, prepared, None, scope).await).await
}

/// Runs something while the plan's faults are in force for it.
async fn in_scope<T>(
    stage: &Stage,
    plan: &ReplayPlan,
    work: impl AsyncFnOnce(Option<&Scope>) -> Result<T, WireError>,
) -> Result<T, WireError> {
    let scope = match stage.link().filter(|_| !plan.faults.is_empty()) {
        Some(link) => Some(Scope::of_run(link, &plan.adapter.tenant, &plan.faults).await?),
        None => None,
    };
    let done = work(scope.as_ref()).await;
    let closed = match scope {
        Some(scope) => scope.close().await,
        None => Ok(()),
    };
    let done = done?;
    closed.map(|()| done)
}

/// An error that came when some webhooks were sent already.
fn after(error: WireError, plan: &ReplayPlan, sent: usize) -> WireError {
    let of = plan.webhooks.len();
    error.with_hint(format!(
        "{sent} of {of} webhooks were sent before; `patchbay deliveries list --run {}` shows them",
        plan.run
    ))
}

/// Sends one sample to what is live on the embedded platform. `modules` are those of the version that serves, where it
/// is not written down yet; `faults` hold for this replay.
pub(crate) async fn replay(
    app: &Arc<App>,
    adapter: &AdapterRef,
    sample_name: &str,
    environment: Environment,
    modules: Option<&[VersionModule]>,
    faults: &[String],
) -> Result<Trace, WireError> {
    let webhook = sample(&*app.workspace()?, adapter, sample_name)?;
    let mut plan = ReplayPlan::new(adapter.clone(), environment, vec![webhook]);
    plan.faults = faults.to_vec();
    let stage = Stage::set(app, &plan).await?.served_by(modules);
    send(&stage, &plan, &plan.webhooks[0]).await
}
