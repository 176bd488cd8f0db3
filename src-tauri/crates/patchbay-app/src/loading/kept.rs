//! The figures of load runs in the history.

use crate::app::App;
use crate::replaying::ReplayPlan;
use crate::wire::error::WireError;
use crate::wire::load::{LoadResult, LoadSettings};
use patchbay_replay::history::RunResult;
use patchbay_replay::load::LoadReport;
use std::sync::Arc;

/// Keeps the figures. They are compared with the newest ones of the same adapter under the same settings; those of a run
/// that was ended early are not compared with, by later ones.
pub(super) fn keep_and_compare(
    app: &Arc<App>,
    plan: &ReplayPlan,
    settings: LoadSettings,
    report: &LoadReport,
) -> Result<LoadResult, WireError> {
    let unwritable =
        |error: serde_json::Error| WireError::internal("The figures of a load run have no JSON form", &error);
    let open = app.workspace()?;
    let history = open.history()?;
    let (tenant, adapter) = (plan.adapter.tenant.as_str(), plan.adapter.adapter.as_str());
    // The settings are a part of the kind, so that the newest result of a kind is the newest one of these settings.
    let kind = format!("load {}", serde_json::to_string(&settings).map_err(unwritable)?);
    let last = history.last_result(&kind, tenant, adapter)?;
    // Figures of an older form are as if there were none.
    let earlier = last.and_then(|last| Some((last.run, serde_json::from_str::<LoadReport>(&last.result).ok()?)));
    if !report.is_partial {
        history.keep_result(&RunResult {
            run: plan.run.clone(),
            kind,
            tenant: tenant.to_owned(),
            adapter: adapter.to_owned(),
            result: serde_json::to_string(report).map_err(unwritable)?,
        })?;
    }
    let earlier = earlier.as_ref().map(|(run, report)| (run.as_str(), report));
    Ok(crate::convert::loads::result(&plan.run, settings, report, earlier))
}
