//! Route tests.

use crate::app::App;
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::route::{RouteDecision, RouteTestRequest};
use std::sync::Arc;

/// Asks the dispatcher's own code how it would route a request.
pub async fn route_test(app: &Arc<App>, request: RouteTestRequest) -> Result<RouteDecision, WireError> {
    if !request.url.starts_with("http://") && !request.url.starts_with("https://") {
        return Err(WireError::new(ErrorCode::RouteInvalid, format!("`{}` is not a URL", request.url))
            .with_hint("Write it with its scheme, for example http://gateway.do/path"));
    }
    let link = app.platform.link(app).await?;
    crate::routing::push(app, &link).await?;
    let decision = link.local.explain(&request.url, &request.headers).await?;
    serde_json::from_value(decision)
        .map_err(|error| WireError::internal("The dispatcher's explanation could not be read", &error))
}
