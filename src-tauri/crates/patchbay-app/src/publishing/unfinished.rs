//! What a publish that was killed left: a version that is live, or that never got there.

use super::Target;
use crate::app::App;
use crate::wire::error::WireError;
use patchbay_cloudflare::wire::codes::ApiCode;
use patchbay_core::{AdapterRef, Environment};
use patchbay_workspace::VersionRecord;
use std::sync::Arc;

/// Records what killed publishes of an adapter made live, and forgets what they did not. Asks the target, which says by
/// the tag of an upload which version it is. Costs nothing where nothing was left.
pub(crate) async fn settle_unfinished(
    app: &Arc<App>,
    adapter: &AdapterRef,
    environment: Environment,
) -> Result<(), WireError> {
    let open = app.workspace()?;
    for abandoned in open.workspace.abandoned_versions(adapter, environment)? {
        let record = abandoned.record();
        let client = Target::from(record.target).client(app).await?;
        let script = adapter.script_name();
        match client.script_tags(&record.namespace, script.as_str()).await {
            Ok(tags) if tags.contains(&version_tag(record.number)) => {
                let live = client.script(&record.namespace, script.as_str()).await?;
                let id = live.script.and_then(|script| script.deployment_id).unwrap_or_default();
                let record = VersionRecord { id, ..record.clone() };
                open.workspace.append_version(adapter, environment, &record)?;
            }
            // Another version is live, so this one never was, or was followed by one that is recorded.
            Ok(_) => {}
            Err(error) if matches!(error.api_code(), Some(ApiCode::ScriptNotFound | ApiCode::NamespaceNotFound)) => {}
            Err(error) => return Err(error.into()),
        }
        abandoned.forget()?;
    }
    Ok(())
}

/// The tag that says which version an upload is.
pub(super) fn version_tag(number: u64) -> String {
    format!("version:{number}")
}
