//! Replays and their traces.

use crate::app::App;
use crate::wire::error::WireError;
use crate::wire::events::AppEvent;
use crate::wire::publish::JobStarted;
use crate::wire::replay::{
    ReplayFinished, ReplayList, ReplayListRequest, ReplayProgress, ReplayRequest, ReplayRun, ReplayShowRequest,
    ReplayStartRequest, ReplayStarted, Trace,
};
use crate::{replaying, workspaces};
use patchbay_core::AdapterRef;
use patchbay_replay::HistoryQuery;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio_util::sync::CancellationToken;

/// Sends one sample through the dispatcher and answers its trace.
pub async fn replay_run(app: &Arc<App>, request: ReplayRequest) -> Result<Trace, WireError> {
    let adapter = AdapterRef { tenant: request.tenant.parse()?, adapter: request.adapter.parse()? };
    let environment = workspaces::environment(&request.environment)?;
    Ok(replaying::replay(app, &adapter, &request.sample, environment, None, &request.faults).await?.into())
}

/// Starts a run. Its deliveries and its end come as events.
pub async fn replay_start(app: &Arc<App>, request: ReplayStartRequest) -> Result<ReplayStarted, WireError> {
    let plan = replaying::planned(app, &request).await?;
    let webhooks = count(plan.webhooks.len());
    let (job, cancel) = app.begin_job();
    let started = ReplayStarted { job: job.clone(), run: plan.run.clone(), webhooks };
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let run = plan.run.clone();
        let sent = AtomicU32::new(0);
        let told = |trace: &patchbay_replay::Trace| {
            let sent = sent.fetch_add(1, Ordering::Relaxed) + 1;
            let (job, run, delivery) = (job.clone(), run.clone(), trace.into());
            app.emit(AppEvent::ReplayProgressed(Box::new(ReplayProgress { job, run, sent, webhooks, delivery })));
        };
        let outcome = replaying::run(&app, &plan, &told, &cancel).await;
        app.end_job(&job);
        let finished = ReplayFinished {
            job: job.clone(),
            run: run.clone(),
            sent: sent.load(Ordering::Relaxed),
            cancelled: cancel.is_cancelled(),
            error: outcome.err(),
        };
        app.emit(AppEvent::ReplayFinished(Box::new(finished)));
    });
    Ok(started)
}

/// Ends a run between two webhooks.
pub async fn replay_cancel(app: &Arc<App>, job: JobStarted) -> Result<(), WireError> {
    app.cancel_job(&job.job);
    Ok(())
}

/// A whole run, for a host that waits for it. `told` gets every trace as it is kept.
pub async fn replay(
    app: &Arc<App>,
    request: &ReplayStartRequest,
    told: &(dyn Fn(&Trace) + Send + Sync),
    cancel: &CancellationToken,
) -> Result<ReplayRun, WireError> {
    let plan = replaying::planned(app, request).await?;
    let told = |trace: &patchbay_replay::Trace| told(&trace.clone().into());
    let done = replaying::run(app, &plan, &told, cancel).await?;
    Ok(ReplayRun { run: done.id, deliveries: done.traces.into_iter().map(Into::into).collect() })
}

fn count(webhooks: usize) -> u32 {
    u32::try_from(webhooks).unwrap_or(u32::MAX)
}

/// Kept deliveries, newest first.
pub async fn replay_list(app: &Arc<App>, request: ReplayListRequest) -> Result<ReplayList, WireError> {
    let open = app.workspace()?;
    let query = HistoryQuery {
        tenant: request.tenant,
        adapter: request.adapter,
        limit: Some(request.limit),
        ..HistoryQuery::default()
    };
    let page = open.history()?.search(&query)?;
    let deliveries = page.deliveries.into_iter().map(Into::into).collect();
    Ok(ReplayList { deliveries })
}

/// One kept delivery.
pub async fn replay_show(app: &Arc<App>, request: ReplayShowRequest) -> Result<Trace, WireError> {
    let open = app.workspace()?;
    Ok(crate::history::trace(&open, &request.delivery)?.into())
}
