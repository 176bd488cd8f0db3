//! Publishing, versions, rollback.

use crate::app::App;
use crate::publishing::{self, Target};
use crate::wire::error::WireError;
use crate::wire::events::AppEvent;
use crate::wire::publish::{
    JobStarted, PublishFinished, PublishRequest, RollbackRequest, RolledBack, VersionList, VersionListRequest,
};
use crate::{linting, workspaces};
use patchbay_core::AdapterRef;
use std::sync::Arc;

pub use crate::publishing::version_before_live;

/// Starts a publish to the embedded platform. Steps and end come as events.
pub async fn publish_start(app: &Arc<App>, request: PublishRequest) -> Result<JobStarted, WireError> {
    let adapter = AdapterRef { tenant: request.tenant.parse()?, adapter: request.adapter.parse()? };
    let (job, cancel) = app.begin_job();
    let started = JobStarted { job: job.clone() };
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let report = |progress| app.emit(AppEvent::PublishProgressed(progress));
        let outcome = publishing::publish_job(&app, &request, Target::Local, &report, &job, &cancel).await;
        let diagnostics =
            linting::lint_adapter(&app, &adapter, &[]).map(|report| report.diagnostics).unwrap_or_default();
        app.end_job(&job);
        let (version, error) = match outcome {
            Ok(version) => (Some(version), None),
            Err(error) => (None, Some(error)),
        };
        app.emit(AppEvent::PublishFinished(Box::new(PublishFinished { job, version, error, diagnostics })));
    });
    Ok(started)
}

/// Cancels a publish between its steps.
pub async fn publish_cancel(app: &Arc<App>, job: JobStarted) -> Result<(), WireError> {
    app.cancel_job(&job.job);
    Ok(())
}

/// What was published, newest first.
pub async fn version_list(app: &Arc<App>, request: VersionListRequest) -> Result<VersionList, WireError> {
    let adapter = AdapterRef { tenant: request.tenant.parse()?, adapter: request.adapter.parse()? };
    let environment = workspaces::environment(&request.environment)?;
    Ok(VersionList { versions: publishing::summaries(app, &adapter, environment).await? })
}

/// Publishes a kept version again.
pub async fn version_rollback(app: &Arc<App>, request: RollbackRequest) -> Result<RolledBack, WireError> {
    publishing::rollback(app, &request).await
}
