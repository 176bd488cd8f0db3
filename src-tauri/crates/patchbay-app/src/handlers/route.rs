//! Route tests, and choosing a route table.

use crate::app::App;
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::route::{RouteDecision, RoutePresetChosen, RouteTestRequest};
use crate::{route_presets, routing, workspaces};
use std::sync::Arc;

/// Asks the dispatcher's own code how it would route a request.
pub async fn route_test(app: &Arc<App>, request: RouteTestRequest) -> Result<RouteDecision, WireError> {
    if !request.url.starts_with("http://") && !request.url.starts_with("https://") {
        return Err(WireError::new(ErrorCode::RouteInvalid, format!("`{}` is not a URL", request.url))
            .with_hint("Write it with its scheme, for example http://gateway.do/path"));
    }
    let environment = request.environment.as_deref().map(workspaces::environment).transpose()?;
    // Before anything is started, because a table that is wrong needs no platform to say so.
    routing::prepare(&*app.workspace()?)?;
    let link = app.platform.link(app).await?;
    routing::push(app, &link).await?;
    let decision = link.local.explain(&request.url, &request.headers, environment).await?;
    serde_json::from_value(decision)
        .map_err(|error| WireError::internal("The dispatcher's explanation could not be read", &error))
}

/// What is odd about the route table and the routing keys, without being wrong.
pub fn route_warnings(app: &Arc<App>) -> Result<Vec<String>, WireError> {
    Ok(routing::prepare(&*app.workspace()?)?.warnings)
}

/// The names of the route tables to choose from.
pub fn route_presets() -> Vec<&'static str> {
    patchbay_templates::routes_preset_names().collect()
}

/// Makes a table of the catalogue the workspace's, with the namespaces and the tenant that it names. `replace` also
/// gives up a table that a person has changed.
pub async fn route_preset(app: &Arc<App>, name: &str, replace: bool) -> Result<RoutePresetChosen, WireError> {
    route_presets::choose(app, name, replace).await
}
