//! Uploads that are not to go live: an adapter's files as they stand, or a kept version, loaded for a replay.

use super::rollback::kept_bindings;
use super::steps::metadata;
use super::{check_size, gate};
use crate::app::App;
use crate::bindings::{UploadBindings, for_upload};
use crate::linting;
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::publish::LintAllowance;
use patchbay_bundle::SourceMap;
use patchbay_cloudflare::multipart::{Multipart, upload};
use patchbay_core::{AdapterRef, Environment, Module, Secret};
use patchbay_replay::ReplayError;
use patchbay_workspace::VersionRecord;
use std::sync::Arc;

/// An upload, checked as a publish checks it.
pub(crate) struct Drafted {
    /// The dispatch namespace that the adapter is served from.
    pub(crate) namespace: String,
    pub(crate) form: Multipart,
    pub(crate) modules: Vec<Module>,
    /// Values of the bindings that are secret.
    pub(crate) secrets: Vec<Secret>,
    source_map: Option<SourceMap>,
}

/// The adapter's files as they stand on disk. Rules that the newest version was allowed to break may be broken here, too.
pub(crate) async fn draft(
    app: &Arc<App>,
    adapter: &AdapterRef,
    environment: Environment,
) -> Result<Drafted, WireError> {
    let open = app.workspace()?;
    let file = open.workspace.adapter(adapter)?;
    crate::signing::check(&open, adapter, &file.manifest)?;
    let tenant = open.workspace.tenant(&adapter.tenant)?;
    let namespace = open.workspace.namespace(environment, &tenant.settings.region)?.to_string();
    let newest = open.workspace.newest_version(adapter, environment)?;
    let allowances: Vec<LintAllowance> = newest
        .into_iter()
        .flat_map(|version| version.lint_allowances)
        .map(|allowed| LintAllowance { rule: allowed.rule, reason: allowed.reason })
        .collect();
    gate::pass(adapter, &linting::lint_adapter(app, adapter, &[])?, &allowances)?;
    let root = open.workspace.adapter_folder(adapter)?;
    let request = patchbay_bundle::Request { root: &root, entry: &file.manifest.entry, overlay: &[] };
    let bundle = patchbay_bundle::bundle(request).await?;
    check_size(&bundle)?;
    let bindings = for_upload(app, adapter, &file.manifest, environment).await?;
    let metadata = metadata(
        adapter,
        &file.manifest.compatibility_date,
        &file.manifest.compatibility_flags,
        tenant.settings.limits,
        0,
        &bundle.main_module,
        &bindings,
    );
    Ok(Drafted {
        namespace,
        form: upload(&metadata, &bundle.modules),
        modules: bundle.modules,
        secrets: secrets_of(&bindings),
        source_map: Some(bundle.source_map),
    })
}

/// A kept version with the secrets as they are now, as a rollback would bring it back.
pub(crate) async fn kept(
    app: &Arc<App>,
    adapter: &AdapterRef,
    environment: Environment,
    record: &VersionRecord,
) -> Result<Drafted, WireError> {
    let open = app.workspace()?;
    let tenant = open.workspace.tenant(&adapter.tenant)?;
    let namespace = open.workspace.namespace(environment, &tenant.settings.region)?.to_string();
    let bindings = kept_bindings(app, adapter, environment, record).await?;
    let modules: Vec<Module> = record.modules.iter().cloned().map(Into::into).collect();
    let metadata = metadata(
        adapter,
        &record.compatibility_date,
        &record.compatibility_flags,
        tenant.settings.limits,
        record.number,
        &record.main_module,
        &bindings,
    );
    Ok(Drafted {
        namespace,
        form: upload(&metadata, &modules),
        source_map: SourceMap::from_modules(&modules).ok(),
        modules,
        secrets: secrets_of(&bindings),
    })
}

impl Drafted {
    /// Why the platform does not load it. A start-up error names places in the uploaded modules; the author knows their
    /// own files.
    pub(crate) fn refused(&self, error: ReplayError) -> WireError {
        let said = match &error {
            ReplayError::PlatformRefused { status: 429, .. } => {
                let mut wire = WireError::from(error);
                wire.hints = vec!["Run fewer replays of drafts at the same time".into()];
                return wire;
            }
            ReplayError::PlatformRefused { message, .. } => message.trim_end().to_owned(),
            _ => return error.into(),
        };
        let said = self.source_map.as_ref().map_or_else(|| said.clone(), |map| map.rewrite_stack(&said));
        let mut wire = WireError::from(error);
        if wire.code == ErrorCode::TargetInvalidScript {
            wire.message = format!("The code cannot be loaded beside the live version: {said}");
            wire.hints = vec!["The live version is as it was".into()];
        }
        wire
    }
}

fn secrets_of(bindings: &UploadBindings) -> Vec<Secret> {
    let secrets = bindings.upload.iter().filter(|binding| binding.is_secret());
    secrets.filter_map(|binding| binding.text_field("text").map(Secret::new)).collect()
}
