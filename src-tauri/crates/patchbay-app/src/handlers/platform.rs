//! The embedded platform, as a person sees it.

use crate::app::App;
use crate::wire::error::WireError;
use crate::wire::platform::PlatformStatus;
use std::sync::Arc;

/// Whether it runs, and where.
pub async fn platform_status(app: &Arc<App>, (): ()) -> Result<PlatformStatus, WireError> {
    Ok(app.platform.status(app).await)
}

/// Starts it, or joins one that runs for this workspace already.
pub async fn platform_start(app: &Arc<App>, (): ()) -> Result<PlatformStatus, WireError> {
    app.platform.link(app).await?;
    Ok(app.platform.status(app).await)
}
