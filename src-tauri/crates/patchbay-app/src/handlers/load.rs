//! Load runs.

use crate::app::App;
use crate::convert::loads::progressed;
use crate::loading;
use crate::wire::error::WireError;
use crate::wire::events::AppEvent;
use crate::wire::load::{LoadFinished, LoadProgressed, LoadResult, LoadStartRequest};
use crate::wire::publish::JobStarted;
use crate::wire::replay::ReplayStarted;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Starts a load run. How far it is and its end come as events.
pub async fn load_start(app: &Arc<App>, request: LoadStartRequest) -> Result<ReplayStarted, WireError> {
    let planned = loading::planned(app, &request).await?;
    let (job, cancel) = app.begin_job();
    let run = planned.run().to_owned();
    let webhooks = u32::try_from(planned.webhooks()).unwrap_or(u32::MAX);
    let started = ReplayStarted { job: job.clone(), run: run.clone(), webhooks };
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let told = |progress| app.emit(AppEvent::LoadProgressed(progressed(&job, &run, &progress)));
        let outcome = loading::load(&app, planned, &told, &cancel).await;
        app.end_job(&job);
        let (result, error) = match outcome {
            Ok(result) => (Some(result), None),
            Err(error) => (None, Some(error)),
        };
        app.emit(AppEvent::LoadFinished(Box::new(LoadFinished { job: job.clone(), run: run.clone(), result, error })));
    });
    Ok(started)
}

/// Ends a load run; its end comes with what was measured until then.
pub async fn load_cancel(app: &Arc<App>, job: JobStarted) -> Result<(), WireError> {
    app.cancel_job(&job.job);
    Ok(())
}

/// A whole load run, for a host that waits for it.
pub async fn load(
    app: &Arc<App>,
    request: &LoadStartRequest,
    told: &(dyn Fn(LoadProgressed) + Send + Sync),
    cancel: &CancellationToken,
) -> Result<LoadResult, WireError> {
    let planned = loading::planned(app, request).await?;
    let run = planned.run().to_owned();
    let told = |progress| told(progressed("", &run, &progress));
    loading::load(app, planned, &told, cancel).await
}
