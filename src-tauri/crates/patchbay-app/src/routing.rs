//! What the dispatcher reads: the workspace's route table, each tenant's policy, and routing keys.

use crate::app::{App, OpenWorkspace};
use crate::platform_host::Link;
use crate::wire::error::WireError;
use patchbay_core::{AdapterRef, IdError, TenantId};
use patchbay_replay::platform_link::Routing;
use patchbay_workspace::{TenantEntry, WorkspaceError};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The routing of a workspace, and what a person should know about it.
pub(crate) struct Prepared {
    pub(crate) routing: Routing,
    pub(crate) warnings: Vec<String>,
}

/// Hands the workspace's routing to the platform; live with the next request. While the table is wrong the platform
/// keeps the one that it has.
pub(crate) async fn push(app: &Arc<App>, link: &Link) -> Result<(), WireError> {
    let prepared = prepare(&*app.workspace()?)?;
    link.local.put_routing(&prepared.routing).await?;
    Ok(())
}

/// The same, where a platform runs already.
pub(crate) async fn push_if_running(app: &Arc<App>) -> Result<(), WireError> {
    match app.platform.running_link(app).await? {
        Some(link) => push(app, &link).await,
        None => Ok(()),
    }
}

/// Reads the workspace's routing. A broken tenant or adapter does not stop the others.
pub(crate) fn prepare(open: &OpenWorkspace) -> Result<Prepared, WireError> {
    let (routes, mut warnings) = match open.workspace.routes()? {
        Some(file) => (file.table, file.warnings.iter().map(ToString::to_string).collect()),
        None => (crate::workspaces::routes_preset("default")?, Vec::new()),
    };
    let entries = open.workspace.tenants()?;
    let tenants: Map<String, Value> = entries.iter().filter_map(policy).collect();
    let keys = routing_keys(open, &entries, &mut warnings)?;
    Ok(Prepared { routing: Routing { routes, tenants, keys }, warnings })
}

/// What the dispatcher knows of a tenant. A broken one is known without a policy, so that the outbound worker refuses
/// all its calls. One whose id makes its scripts another one's is not known at all: they are the other one's.
fn policy(entry: &TenantEntry) -> Option<(String, Value)> {
    let id = TenantId::new(entry.folder.as_str()).ok()?;
    let policy = match &entry.tenant {
        Ok(tenant) => {
            let settings = &tenant.settings;
            json!({
                "region": settings.region,
                "egress": settings.egress,
                "rate_limit": settings.rate_limit,
                "limits": settings.limits,
            })
        }
        Err(WorkspaceError::Id(IdError::OwnsAnother { existing, .. })) if existing.len() < id.as_str().len() => {
            return None;
        }
        Err(_) => json!({}),
    };
    Some((id.to_string(), policy))
}

/// Which adapter each key leads to. A key that two of them claim leads nowhere.
fn routing_keys(
    open: &OpenWorkspace,
    tenants: &[TenantEntry],
    warnings: &mut Vec<String>,
) -> Result<Map<String, Value>, WireError> {
    let mut claims: BTreeMap<String, Vec<AdapterRef>> = BTreeMap::new();
    for tenant in tenants.iter().filter_map(|entry| entry.tenant.as_ref().ok()) {
        for adapter in open.workspace.adapters(&tenant.id)?.into_iter().filter_map(|entry| entry.adapter.ok()) {
            for key in adapter.manifest.routing_keys {
                claims.entry(key).or_default().push(adapter.reference.clone());
            }
        }
    }
    let mut keys = Map::new();
    for (key, adapters) in claims {
        match adapters.as_slice() {
            [only] => {
                keys.insert(key, json!({ "tenant": only.tenant, "adapter": only.adapter }));
            }
            several => {
                let names: Vec<String> = several.iter().map(ToString::to_string).collect();
                warnings.push(format!(
                    "The routing key `{key}` leads nowhere, because it stands in the adapter.toml of {}",
                    names.join(" and of ")
                ));
            }
        }
    }
    Ok(keys)
}
