//! Replays and their traces.

use crate::app::App;
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::replay::{ReplayList, ReplayListRequest, ReplayRequest, ReplayShowRequest, Trace};
use crate::{replaying, workspaces};
use patchbay_core::AdapterRef;
use patchbay_replay::HistoryFilter;
use std::sync::Arc;

/// Sends one sample through the dispatcher and answers its trace.
pub async fn replay_run(app: &Arc<App>, request: ReplayRequest) -> Result<Trace, WireError> {
    let adapter = AdapterRef { tenant: request.tenant.parse()?, adapter: request.adapter.parse()? };
    let environment = workspaces::environment(&request.environment)?;
    Ok(replaying::replay(app, &adapter, &request.sample, environment, None, &request.faults).await?.into())
}

/// Kept deliveries, newest first.
pub async fn replay_list(app: &Arc<App>, request: ReplayListRequest) -> Result<ReplayList, WireError> {
    let open = app.workspace()?;
    let filter = HistoryFilter { tenant: request.tenant, adapter: request.adapter, limit: Some(request.limit) };
    let deliveries = open.history()?.list(&filter)?.into_iter().map(Into::into).collect();
    Ok(ReplayList { deliveries })
}

/// One kept delivery.
pub async fn replay_show(app: &Arc<App>, request: ReplayShowRequest) -> Result<Trace, WireError> {
    let open = app.workspace()?;
    match open.history()?.show(&request.delivery)? {
        Some(trace) => Ok(trace.into()),
        None => Err(WireError::new(
            ErrorCode::ReplayUnknownDelivery,
            format!("There is no delivery `{}`", request.delivery),
        )
        .with_hint("`patchbay deliveries list` shows what is kept")),
    }
}
