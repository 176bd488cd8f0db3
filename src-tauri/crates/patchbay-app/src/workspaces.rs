//! Making workspaces, and the overview that a person starts from.

use crate::app::OpenWorkspace;
use crate::publishing::source_digest;
use crate::wire::adapter::AdapterSummary;
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::tenant::TenantSummary;
use crate::wire::workspace::WorkspaceOverview;
use patchbay_core::{AdapterRef, Environment, TenantId};
use patchbay_workspace::Workspace;
use std::path::Path;

/// The route table that a new workspace begins with: `x-customer-id` and `x-script-id` name the adapter.
const FIRST_ROUTES: &str = "default";

/// Makes a workspace named after its folder.
pub(crate) fn create(folder: &Path) -> Result<Workspace, WireError> {
    let name = folder.file_name().map_or_else(|| "workspace".into(), |name| name.to_string_lossy().into_owned());
    create_named(folder, &name)
}

/// Makes a workspace with a name.
pub(crate) fn create_named(folder: &Path, name: &str) -> Result<Workspace, WireError> {
    Ok(Workspace::create(folder, name, &routes_preset(FIRST_ROUTES)?)?)
}

/// A route table of the catalogue.
pub(crate) fn routes_preset(name: &str) -> Result<serde_json::Value, WireError> {
    let text = patchbay_templates::routes_preset(name)?;
    serde_json::from_str(text).map_err(|error| WireError::internal("A route preset is not JSON", &error))
}

/// Tenants and adapters; what is broken is listed with its problem and hides nothing else.
pub(crate) fn overview(open: &OpenWorkspace) -> Result<WorkspaceOverview, WireError> {
    let workspace = &open.workspace;
    let mut warnings: Vec<String> = workspace.warnings().iter().map(ToString::to_string).collect();
    let mut tenants = Vec::new();
    for entry in workspace.tenants()? {
        match entry.tenant {
            Ok(tenant) => {
                warnings.extend(tenant.warnings.iter().map(ToString::to_string));
                tenants.push(TenantSummary {
                    adapters: adapters(workspace, &tenant.id)?,
                    id: tenant.id.to_string(),
                    name: tenant.settings.name,
                    region: tenant.settings.region.to_string(),
                    egress: tenant.settings.egress,
                    problem: None,
                });
            }
            Err(error) => tenants.push(TenantSummary {
                id: entry.folder.clone(),
                name: entry.folder,
                region: String::new(),
                egress: Vec::new(),
                adapters: Vec::new(),
                problem: Some(error.into()),
            }),
        }
    }
    match crate::routing::prepare(open) {
        Ok(prepared) => warnings.extend(prepared.warnings),
        // What the table says matters to whoever sends requests, and hides no tenant.
        Err(error) => warnings.push(error.message),
    }
    Ok(WorkspaceOverview {
        path: workspace.folder().display().to_string(),
        name: workspace.settings().name.clone(),
        tenants,
        warnings,
    })
}

fn adapters(workspace: &Workspace, tenant: &TenantId) -> Result<Vec<AdapterSummary>, WireError> {
    let mut summaries = Vec::new();
    for entry in workspace.adapters(tenant)? {
        let broken = |problem: WireError| AdapterSummary {
            id: entry.folder.clone(),
            template: None,
            provider: None,
            live_version: None,
            draft_differs: None,
            problem: Some(problem),
        };
        let summary = match entry.adapter {
            Err(error) => broken(error.into()),
            Ok(adapter) => match live_state(workspace, &adapter.reference) {
                Err(problem) => broken(problem),
                Ok((live_version, draft_differs)) => AdapterSummary {
                    id: adapter.reference.adapter.to_string(),
                    template: adapter.manifest.template,
                    provider: adapter.manifest.provider,
                    live_version,
                    draft_differs,
                    problem: None,
                },
            },
        };
        summaries.push(summary);
    }
    Ok(summaries)
}

fn live_state(workspace: &Workspace, adapter: &AdapterRef) -> Result<(Option<u32>, Option<bool>), WireError> {
    let newest = workspace.versions(adapter, Environment::Production)?.into_iter().find_map(|entry| entry.record.ok());
    let Some(live) = newest else { return Ok((None, None)) };
    let differs = source_digest(workspace, adapter)? != live.source_digest;
    Ok((u32::try_from(live.number).ok(), Some(differs)))
}

/// The error for an environment word that is not one.
pub(crate) fn environment(word: &str) -> Result<Environment, WireError> {
    word.parse().map_err(|error: patchbay_core::environment::UnknownWord| {
        WireError::new(ErrorCode::UsageMalformed, error.to_string())
    })
}
