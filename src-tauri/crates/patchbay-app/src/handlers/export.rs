//! Deliveries in the formats of other programs.

use crate::app::{App, blocking};
use crate::exporting::exported;
use crate::wire::error::WireError;
use crate::wire::export::{ReplayExportRequest, ReplayExportSaveRequest, ReplayExportSaved, ReplayExported};
use std::path::Path;
use std::sync::Arc;

/// A delivery or a run as OpenTelemetry, HAR, `JUnit` or a report.
pub async fn replay_export(app: &Arc<App>, request: ReplayExportRequest) -> Result<ReplayExported, WireError> {
    let open = app.workspace()?;
    blocking(move || exported(&open, &request.id, request.format)).await?
}

/// The same into a file that only its owner reads, for a host that has files.
pub async fn replay_export_to(app: &Arc<App>, request: ReplayExportRequest, file: &Path) -> Result<(), WireError> {
    let export = replay_export(app, request).await?;
    Ok(patchbay_replay::export::write(file, &export.content)?)
}

/// The same into a file that a person named, for a host that has none of its own.
pub async fn replay_export_save(
    app: &Arc<App>,
    request: ReplayExportSaveRequest,
) -> Result<ReplayExportSaved, WireError> {
    let open = app.workspace()?;
    let export = replay_export(app, request.export).await?;
    blocking(move || {
        let file = open.workspace.folder().join(request.output);
        patchbay_replay::export::write(&file, &export.content)?;
        Ok(ReplayExportSaved { output: file.display().to_string(), deliveries: export.deliveries })
    })
    .await?
}
