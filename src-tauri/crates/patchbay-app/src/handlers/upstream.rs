//! The simulated upstreams of a tenant: what they keep, and how they break.

use crate::app::App;
use crate::upstreams;
use crate::wire::error::WireError;
use crate::wire::upstream::{
    UpstreamFaultRequest, UpstreamList, UpstreamListRequest, UpstreamResetRequest, UpstreamShowRequest, UpstreamState,
};
use std::sync::Arc;

/// Every upstream with what it has seen, and the documents of the workspace.
pub async fn upstream_list(app: &Arc<App>, request: UpstreamListRequest) -> Result<UpstreamList, WireError> {
    upstreams::list(app, &request.tenant.parse()?).await
}

/// What one upstream keeps.
pub async fn upstream_show(app: &Arc<App>, request: UpstreamShowRequest) -> Result<UpstreamState, WireError> {
    upstreams::show(app, &request.tenant.parse()?, &request.upstream).await
}

/// Forgets what one, or every one, keeps.
pub async fn upstream_reset(app: &Arc<App>, request: UpstreamResetRequest) -> Result<UpstreamList, WireError> {
    upstreams::reset(app, &request.tenant.parse()?, request.upstream).await
}

/// Breaks calls from now on.
pub async fn upstream_fault(app: &Arc<App>, request: UpstreamFaultRequest) -> Result<UpstreamList, WireError> {
    upstreams::set_faults(app, &request.tenant.parse()?, request.faults).await
}
