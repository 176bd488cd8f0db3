//! Replays and their traces.

use crate::app::App;
use crate::wire::error::WireError;
use crate::wire::replay::{ReplayList, ReplayListRequest, ReplayRequest, ReplayShowRequest, Trace};
use crate::{replaying, workspaces};
use patchbay_core::AdapterRef;
use patchbay_replay::HistoryQuery;
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
    let query = HistoryQuery {
        tenant: request.tenant,
        adapter: request.adapter,
        limit: Some(request.limit),
        ..HistoryQuery::default()
    };
    let page = open.history()?.search(&query)?;
    let deliveries = page.deliveries.into_iter().map(|head| head.summary.into()).collect();
    Ok(ReplayList { deliveries })
}

/// One kept delivery.
pub async fn replay_show(app: &Arc<App>, request: ReplayShowRequest) -> Result<Trace, WireError> {
    let open = app.workspace()?;
    Ok(crate::history::trace(&open, &request.delivery)?.into())
}
