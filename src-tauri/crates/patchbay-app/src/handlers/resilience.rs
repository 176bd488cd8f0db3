//! The resilience report.

use crate::app::App;
use crate::resilience::{self, OnProgress, ResiliencePlan};
use crate::wire::error::WireError;
use crate::wire::events::AppEvent;
use crate::wire::publish::JobStarted;
use crate::wire::resilience::{ResilienceAnswer, ResilienceFinished, ResilienceProgress, ResilienceRequest};
use crate::workspaces;
use patchbay_core::AdapterRef;
use patchbay_replay::export;
use patchbay_replay::resilience::ResilienceReport;
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Starts a report. Its progress and its end come as events.
pub async fn resilience_start(app: &Arc<App>, request: ResilienceRequest) -> Result<JobStarted, WireError> {
    let plan = plan(&request)?;
    let (job, cancel) = app.begin_job();
    let started = JobStarted { job: job.clone() };
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let progress = |progress: ResilienceProgress| {
            app.emit(AppEvent::ResilienceProgressed(ResilienceProgress { job: job.clone(), ..progress }));
        };
        let outcome = resilience::report(&app, &plan, &progress, &cancel).await.and_then(|report| answer(&report));
        app.end_job(&job);
        let (report, error) = match outcome {
            Ok(report) => (Some(report), None),
            Err(error) => (None, Some(error)),
        };
        app.emit(AppEvent::ResilienceFinished(Box::new(ResilienceFinished { job: job.clone(), report, error })));
    });
    Ok(started)
}

/// Ends a report after the trials that are under way.
pub async fn resilience_cancel(app: &Arc<App>, job: JobStarted) -> Result<(), WireError> {
    app.cancel_job(&job.job);
    Ok(())
}

/// A whole report, for a host that waits for it.
pub async fn resilience_report(
    app: &Arc<App>,
    request: &ResilienceRequest,
    progress: OnProgress<'_>,
    cancel: &CancellationToken,
) -> Result<ResilienceReport, WireError> {
    resilience::report(app, &plan(request)?, progress, cancel).await
}

/// The report as hosts show it.
pub fn answer(report: &ResilienceReport) -> Result<ResilienceAnswer, WireError> {
    let encoded = serde_json::to_value(report)
        .map_err(|error| WireError::internal("The resilience report could not be encoded", &error))?;
    Ok(ResilienceAnswer { holds: report.holds(), report: encoded, text: report.text() })
}

/// Writes the report as one HTML file that needs nothing else.
pub fn write_resilience_html(report: &ResilienceReport, file: &Path) -> Result<(), WireError> {
    Ok(export::write(file, &export::resilience_html(report))?)
}

fn plan(request: &ResilienceRequest) -> Result<ResiliencePlan, WireError> {
    Ok(ResiliencePlan {
        adapter: AdapterRef { tenant: request.tenant.parse()?, adapter: request.adapter.parse()? },
        environment: workspaces::environment(&request.environment)?,
        samples: request.samples.clone(),
    })
}
