//! Tenants.

use crate::app::App;
use crate::handlers::workspace::require_overview;
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::tenant::TenantAddRequest;
use crate::wire::workspace::WorkspaceOverview;
use patchbay_core::tenant::TenantSettings;
use patchbay_core::{Region, TenantId};
use patchbay_workspace::TenantFile;
use serde::Serialize;
use std::sync::Arc;

/// Everything a tenant's file says.
#[derive(Debug, Clone, Serialize)]
pub struct TenantDetail {
    /// Tenant id.
    pub id: String,
    /// The settings.
    #[serde(flatten)]
    pub settings: TenantSettings,
    /// Keys that nothing reads.
    pub warnings: Vec<String>,
    /// The same for people.
    #[serde(skip)]
    pub text: String,
}

/// Adds a tenant.
pub async fn tenant_add(app: &Arc<App>, request: TenantAddRequest) -> Result<WorkspaceOverview, WireError> {
    let id: TenantId = request.id.parse()?;
    let open = app.workspace()?;
    let settings = TenantSettings {
        name: request.name.unwrap_or_else(|| id.to_string()),
        region: Region::new(request.region),
        egress: request.egress,
        retry: patchbay_core::policy::RetryPolicy::default(),
        rate_limit: patchbay_core::policy::RateLimit::default(),
        limits: patchbay_core::policy::PlanLimits::default(),
    };
    open.workspace.add_tenant(&id, &settings)?;
    crate::routing::push_if_running(app).await?;
    require_overview(app)
}

/// One tenant.
pub fn tenant_show(app: &Arc<App>, id: &str) -> Result<TenantDetail, WireError> {
    let open = app.workspace()?;
    detail(open.workspace.tenant(&id.parse()?)?)
}

/// Changes one setting; the running platform knows it with the next request.
pub async fn tenant_set(app: &Arc<App>, id: &str, key: &str, value: &str) -> Result<TenantDetail, WireError> {
    let open = app.workspace()?;
    let tenant = open.workspace.set_tenant(&id.parse()?, &[(key, value)])?;
    crate::routing::push_if_running(app).await?;
    detail(tenant)
}

fn detail(tenant: TenantFile) -> Result<TenantDetail, WireError> {
    let settings = tenant.settings;
    let text = serde_json::to_string_pretty(&settings)
        .map_err(|error| WireError::new(ErrorCode::InternalBug, error.to_string()))?;
    Ok(TenantDetail {
        id: tenant.id.to_string(),
        settings,
        warnings: tenant.warnings.iter().map(ToString::to_string).collect(),
        text,
    })
}
