//! Past deliveries.

use crate::app::{App, blocking};
use crate::history::{exported, page_query, query};
use crate::wire::error::WireError;
use crate::wire::history::{
    HistoryExportRequest, HistoryExported, HistoryPage, HistoryPurgeRequest, HistoryPurged, HistorySearchRequest,
};
use patchbay_core::TenantId;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Kept deliveries that meet every condition, newest first.
pub async fn history_search(app: &Arc<App>, request: HistorySearchRequest) -> Result<HistoryPage, WireError> {
    let open = app.workspace()?;
    let query = page_query(request)?;
    let page = blocking(move || Ok::<_, WireError>(open.history()?.search(&query)?)).await??;
    Ok(page.into())
}

/// Writes deliveries into a file as JSON lines.
pub async fn history_export(app: &Arc<App>, request: HistoryExportRequest) -> Result<HistoryExported, WireError> {
    let open = app.workspace()?;
    let query = query(request.search)?;
    let output = request.output;
    blocking(move || {
        let written = open.history()?.export_to(&query, Path::new(&output))?;
        Ok(exported(written, Some(output)))
    })
    .await?
}

/// Removes everything that is kept of a tenant's deliveries, from backups as well.
pub async fn history_purge(app: &Arc<App>, request: HistoryPurgeRequest) -> Result<HistoryPurged, WireError> {
    let open = app.workspace()?;
    // Not looked up: deliveries of a tenant that was removed are purged as well.
    let tenant: TenantId = request.tenant.parse()?;
    let shown = |paths: Vec<PathBuf>| paths.iter().map(|path| path.display().to_string()).collect();
    blocking(move || {
        let purged = open.history()?.purge(tenant.as_str())?;
        Ok(HistoryPurged {
            tenant: tenant.to_string(),
            deliveries: u32::try_from(purged.deliveries).unwrap_or(u32::MAX),
            backups: shown(purged.backups),
            set_aside: shown(purged.set_aside),
        })
    })
    .await?
}
