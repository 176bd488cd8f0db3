//! Choosing a route table of the catalogue for a workspace.

use crate::app::{App, OpenWorkspace};
use crate::routing;
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::route::RoutePresetChosen;
use crate::workspaces::routes_preset;
use patchbay_core::tenant::TenantSettings;
use patchbay_core::{Environment, NamespaceName, Region, TenantId};
use patchbay_workspace::settings::first_environments;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

type Environments = BTreeMap<Environment, BTreeMap<Region, NamespaceName>>;

/// Writes the table, and keeps `patchbay.toml` and the tenants in step with it.
pub(crate) async fn choose(app: &Arc<App>, name: &str, replace: bool) -> Result<RoutePresetChosen, WireError> {
    let table = routes_preset(name)?;
    let open = app.workspace()?;
    if !replace && !is_a_preset(&open) {
        return Err(WireError::new(
            ErrorCode::RouteInvalid,
            format!("{} was changed by hand and would be lost", routes_file(&open)),
        )
        .with_hint("Keep a copy of it, then add --replace"));
    }
    let before = open.workspace.settings().environments.clone();
    let environments = environments(&open, &table)?;
    open.workspace.set_environments(&environments)?;
    open.workspace.write_routes(&table)?;
    app.open_workspace(open.workspace.folder())?;
    let added_tenant = add_tenant(app, &table)?;
    routing::push_if_running(app).await?;
    let runs = app.platform.running_link(app).await?.is_some();
    Ok(RoutePresetChosen {
        preset: name.to_owned(),
        routes: routes_file(&open),
        restart: runs && environments != before,
        namespaces: environments.into_iter().map(named).collect(),
        added_tenant,
    })
}

fn named((environment, regions): (Environment, BTreeMap<Region, NamespaceName>)) -> (String, BTreeMap<String, String>) {
    let regions = regions.into_iter().map(|(region, namespace)| (region.to_string(), namespace.to_string())).collect();
    (environment.to_string(), regions)
}

fn routes_file(open: &OpenWorkspace) -> String {
    open.workspace.folder().join(&open.workspace.settings().routes).display().to_string()
}

/// Whether the workspace's table is one of the catalogue as it is, or there is none: then nothing is lost.
fn is_a_preset(open: &OpenWorkspace) -> bool {
    match open.workspace.routes() {
        Ok(None) => true,
        Ok(Some(routes)) => presets().any(|(_, table)| table == routes.table),
        Err(_) => false,
    }
}

fn presets() -> impl Iterator<Item = (&'static str, Value)> {
    patchbay_templates::routes_preset_names().filter_map(|name| Some((name, routes_preset(name).ok()?)))
}

/// The namespaces that the table names, for every region. A table that names none leaves those of the workspace as
/// they are, unless they are another table's.
fn environments(open: &OpenWorkspace, table: &Value) -> Result<Environments, WireError> {
    let settings = open.workspace.settings();
    let own = namespaces(table)?;
    if own.is_empty() {
        let mut foreign = Vec::new();
        for (_, preset) in presets() {
            foreign.extend(namespaces(&preset)?.into_values());
        }
        let is_foreign = settings.environments.values().flat_map(BTreeMap::values).any(|name| foreign.contains(name));
        return Ok(if is_foreign { first_environments(&settings.name) } else { settings.environments.clone() });
    }
    let regions: Vec<Region> = settings.known_regions().into_keys().collect();
    let everywhere =
        |namespace: NamespaceName| regions.iter().map(|region| (region.clone(), namespace.clone())).collect();
    Ok(own.into_iter().map(|(environment, namespace)| (environment, everywhere(namespace))).collect())
}

fn namespaces(table: &Value) -> Result<BTreeMap<Environment, NamespaceName>, WireError> {
    let named = table.get("namespaces").and_then(Value::as_object).into_iter().flatten();
    named
        .map(|(environment, namespace)| {
            let environment = crate::workspaces::environment(environment)?;
            Ok((environment, NamespaceName::new(namespace.as_str().unwrap_or_default())?))
        })
        .collect()
}

/// Adds the tenant whose settings the services have, so that there is a file in which to allow them something.
fn add_tenant(app: &Arc<App>, table: &Value) -> Result<Option<String>, WireError> {
    let Some(id) = table.get("tenant").and_then(Value::as_str) else { return Ok(None) };
    let id: TenantId = id.parse()?;
    let open = app.workspace()?;
    if open.workspace.tenants()?.iter().any(|entry| entry.folder == id.as_str()) {
        return Ok(None);
    }
    let region = open.workspace.settings().known_regions().into_keys().next().unwrap_or_else(|| Region::new("eu"));
    let settings = TenantSettings {
        name: id.to_string(),
        region,
        egress: Vec::new(),
        retry: patchbay_core::policy::RetryPolicy::default(),
        rate_limit: patchbay_core::policy::RateLimit::default(),
        limits: patchbay_core::policy::PlanLimits::default(),
    };
    open.workspace.add_tenant(&id, &settings)?;
    Ok(Some(id.to_string()))
}
