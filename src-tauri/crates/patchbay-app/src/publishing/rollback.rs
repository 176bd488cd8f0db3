//! Bringing a kept version back, and changing a secret of what is live.

use super::steps::{Prepared, metadata};
use super::unfinished::settle_unfinished;
use super::{Target, record};
use crate::app::App;
use crate::bindings::{self, UploadBindings};
use crate::wire::adapter::AdapterKey;
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::publish::{RollbackRequest, RolledBack};
use crate::workspaces;
use patchbay_cloudflare::Client;
use patchbay_cloudflare::wire::binding::Binding;
use patchbay_cloudflare::wire::codes::ApiCode;
use patchbay_core::{AdapterRef, BindingKind, Environment, Module, Secret};
use patchbay_workspace::VersionRecord;
use std::sync::Arc;

/// The number that a rollback without one means: the version before the live one.
pub async fn version_before_live(app: &Arc<App>, key: &AdapterKey, environment: &str) -> Result<u32, WireError> {
    let adapter = key.parse()?;
    let versions = record::summaries(app, &adapter, workspaces::environment(environment)?).await?;
    versions.get(1).map(|version| version.number).ok_or_else(|| {
        WireError::new(
            ErrorCode::VersionUnknown,
            format!("{adapter} has no version before the live one in {environment}"),
        )
        .with_hint(format!("`patchbay versions {adapter}` lists what is kept"))
    })
}

/// Publishes a kept version again, with the secrets as they are now, as a new version.
pub async fn rollback(app: &Arc<App>, request: &RollbackRequest) -> Result<RolledBack, WireError> {
    let adapter = AdapterRef { tenant: request.tenant.parse()?, adapter: request.adapter.parse()? };
    let environment = workspaces::environment(&request.environment)?;
    settle_unfinished(app, &adapter, environment).await?;
    let open = app.workspace()?;
    let tenant = open.workspace.tenant(&adapter.tenant)?;
    let kept = open.workspace.version(&adapter, environment, &request.number.to_string())?;
    let target = Target::from(kept.target);
    let upload = kept_bindings(app, &adapter, environment, &kept).await?;
    let changed = changed_secrets(&kept, &upload);
    let number = open.workspace.reserve_version_number(&adapter, environment)?;
    let client = target.client(app).await?;
    let modules: Vec<Module> = kept.modules.iter().cloned().map(Into::into).collect();
    let metadata = metadata(
        &adapter,
        &kept.compatibility_date,
        &kept.compatibility_flags,
        tenant.settings.limits,
        number,
        &kept.main_module,
        &upload,
    );
    let record = VersionRecord {
        id: String::new(),
        number,
        created_at: record::now(),
        note: format!("rollback to version {}", kept.number),
        bindings: upload.recorded,
        ..kept
    };
    let unfinished = open.workspace.begin_version(&adapter, environment, &record)?;
    let script = client.upload_script(&record.namespace, adapter.script_name().as_str(), metadata, &modules).await?;
    let record = VersionRecord { id: script.deployment_id.unwrap_or_default(), ..record };
    open.workspace.append_version(&adapter, environment, &record)?;
    unfinished.forget()?;
    Ok(RolledBack { version: record::summary(&record, environment, true), secrets_changed_since: changed })
}

/// Puts a record's modules back after a publish that did not hold. Makes no new version: it is the old one.
pub(super) async fn upload(client: &Client, prepared: &Prepared<'_>, before: &VersionRecord) -> Result<(), WireError> {
    let bindings = kept_bindings(prepared.app, prepared.adapter, prepared.environment, before).await?;
    let modules: Vec<Module> = before.modules.iter().cloned().map(Into::into).collect();
    let metadata = metadata(
        prepared.adapter,
        &before.compatibility_date,
        &before.compatibility_flags,
        prepared.limits,
        before.number,
        &before.main_module,
        &bindings,
    );
    client.upload_script(&before.namespace, prepared.adapter.script_name().as_str(), metadata, &modules).await?;
    Ok(())
}

/// Changes one secret of the running script; whether the adapter is live in that environment.
pub async fn put_live_secret(
    app: &Arc<App>,
    adapter: &AdapterRef,
    environment: Environment,
    name: &str,
    value: &Secret,
) -> Result<bool, WireError> {
    settle_unfinished(app, adapter, environment).await?;
    let open = app.workspace()?;
    let Some(live) = open.workspace.versions(adapter, environment)?.into_iter().find_map(|entry| entry.record.ok())
    else {
        return Ok(false);
    };
    if !live.bindings.iter().any(|binding| binding.name.as_str() == name) {
        return Ok(false);
    }
    let client = Target::from(live.target).client(app).await?;
    match client.put_secret(&live.namespace, adapter.script_name().as_str(), name, value).await {
        Ok(_) => Ok(true),
        Err(error) if error.api_code() == Some(ApiCode::ScriptNotFound) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The bindings of a kept version, with the secrets as they are now.
pub(super) async fn kept_bindings(
    app: &Arc<App>,
    adapter: &AdapterRef,
    environment: Environment,
    kept: &VersionRecord,
) -> Result<UploadBindings, WireError> {
    let secrets = bindings::secret_values(app, adapter, environment).await?;
    let mut upload = Vec::new();
    let mut recorded = Vec::new();
    for binding in &kept.bindings {
        let name = binding.name.as_str();
        let mut kept_binding = binding.clone();
        match binding.kind {
            BindingKind::SecretText => {
                let secret = secrets.iter().find(|secret| secret.name == name).ok_or_else(|| {
                    WireError::new(
                        ErrorCode::BindingMissing,
                        format!("Version {} needs the secret `{name}`, which is not set", kept.number),
                    )
                    .with_hint(format!("patchbay secret set {adapter} {name}"))
                })?;
                kept_binding.fingerprint = Some(secret.fingerprint.clone());
                upload.push(Binding::secret_text(name, &secret.value));
            }
            kind => upload.push(bindings::open_binding(name, kind, binding.value.as_ref())),
        }
        recorded.push(kept_binding);
    }
    Ok(UploadBindings { upload, recorded })
}

fn changed_secrets(kept: &VersionRecord, now: &UploadBindings) -> Vec<String> {
    kept.bindings
        .iter()
        .filter(|old| old.kind == BindingKind::SecretText)
        .filter(|old| now.recorded.iter().any(|new| new.name == old.name && new.fingerprint != old.fingerprint))
        .map(|old| old.name.to_string())
        .collect()
}
