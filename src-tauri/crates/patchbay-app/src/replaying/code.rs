//! Code that is loaded for a run beside what is live.

use crate::app::App;
use crate::platform_host::Link;
use crate::publishing::{Drafted, draft, kept};
use crate::upstreams;
use crate::wire::error::WireError;
use patchbay_core::{AdapterRef, Environment};
use patchbay_replay::LoadedDraft;
use patchbay_replay::trace::Against;
use patchbay_workspace::VersionModule;
use std::sync::Arc;

/// Code that serves a run. The platform forgets it when this is dropped.
pub(super) struct Loaded {
    pub(super) draft: LoadedDraft,
    pub(super) modules: Vec<VersionModule>,
}

/// What is to serve a run; nothing for what is live. Lints and bundles, so that what is wrong is said before a platform is
/// started.
pub(super) async fn drafted(
    app: &Arc<App>,
    adapter: &AdapterRef,
    environment: Environment,
    against: &Against,
) -> Result<Option<Drafted>, WireError> {
    match against {
        Against::Live => Ok(None),
        Against::Draft => draft(app, adapter, environment).await.map(Some),
        Against::Version(version) => {
            let record = app.workspace()?.workspace.version(adapter, environment, version)?;
            kept(app, adapter, environment, &record).await.map(Some)
        }
    }
}

/// Loads it, and tells the simulated upstreams with which tokens it comes.
pub(super) async fn load(link: &Link, adapter: &AdapterRef, drafted: Drafted) -> Result<Loaded, WireError> {
    let (script, form) = (adapter.script_name(), drafted.form.clone());
    let loading = link.local.load_draft(&drafted.namespace, script.as_str(), &form.content_type, form.body);
    let draft = loading.await.map_err(|error| drafted.refused(error))?;
    let secrets: Vec<String> = drafted.secrets.iter().map(|secret| secret.expose().to_owned()).collect();
    if !secrets.is_empty() {
        upstreams::note_secrets(link, draft.id().to_owned(), secrets).await?;
    }
    Ok(Loaded { draft, modules: drafted.modules.into_iter().map(Into::into).collect() })
}
