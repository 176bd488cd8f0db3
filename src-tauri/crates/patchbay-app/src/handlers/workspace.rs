//! Opening workspaces.

use crate::app::App;
use crate::wire::error::WireError;
use crate::wire::workspace::{WorkspaceOpenRequest, WorkspaceOverview};
use crate::{demo, workspaces};
use std::path::Path;
use std::sync::Arc;

/// Opens a folder and starts its embedded platform in the background.
pub async fn workspace_open(app: &Arc<App>, request: WorkspaceOpenRequest) -> Result<WorkspaceOverview, WireError> {
    app.platform.stop().await;
    app.open_workspace(Path::new(&request.path))?;
    require_overview(app)
}

/// Makes (or resets) the demo workspace and opens it.
pub async fn workspace_create_demo(app: &Arc<App>, (): ()) -> Result<WorkspaceOverview, WireError> {
    let folder = app.demo_workspace_folder();
    demo::prepare(app, &folder).await?;
    require_overview(app)
}

/// The open workspace, if one is.
pub async fn workspace_overview(app: &Arc<App>, (): ()) -> Result<Option<WorkspaceOverview>, WireError> {
    if app.has_workspace() { require_overview(app).map(Some) } else { Ok(None) }
}

/// The open workspace, or an error that says that none is.
pub fn require_overview(app: &Arc<App>) -> Result<WorkspaceOverview, WireError> {
    workspaces::overview(&*app.workspace()?)
}
