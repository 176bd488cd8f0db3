//! What the dispatcher reads: the workspace's route table, and each tenant's policy.

use crate::app::App;
use crate::platform_host::Link;
use crate::wire::error::WireError;
use patchbay_replay::platform_link::Routing;
use serde_json::{Map, json};
use std::sync::Arc;

/// Hands the workspace's routing to the platform; live with the next request. A broken tenant keeps no policy, so the
/// outbound worker refuses all its calls; the others are not affected.
pub(crate) async fn push(app: &Arc<App>, link: &Link) -> Result<(), WireError> {
    let routing = routing(app)?;
    link.local.put_routing(&routing).await?;
    Ok(())
}

/// The same, where a platform runs already.
pub(crate) async fn push_if_running(app: &Arc<App>) -> Result<(), WireError> {
    match app.platform.running_link(app).await? {
        Some(link) => push(app, &link).await,
        None => Ok(()),
    }
}

fn routing(app: &Arc<App>) -> Result<Routing, WireError> {
    let open = app.workspace()?;
    let routes = match open.workspace.routes()? {
        Some(routes) => routes,
        None => crate::workspaces::routes_preset("default")?,
    };
    let mut tenants = Map::new();
    for entry in open.workspace.tenants()? {
        if let Ok(tenant) = entry.tenant {
            let settings = tenant.settings;
            let policy = json!({
                "region": settings.region,
                "egress": settings.egress,
                "rate_limit": settings.rate_limit,
                "limits": settings.limits,
            });
            tenants.insert(tenant.id.to_string(), policy);
        }
    }
    Ok(Routing { routes, tenants, keys: Map::new() })
}
