//! Declared bindings and their values: what is shown, and what is uploaded.

use crate::app::{App, blocking};
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::secret::BindingStatus;
use patchbay_cloudflare::wire::binding::Binding;
use patchbay_core::{AdapterManifest, AdapterRef, BindingDeclaration, BindingKind, BindingName, Environment, Secret};
use patchbay_workspace::VersionBinding;
use serde_json::Value;
use std::sync::Arc;

/// The `json` binding under which an adapter finds its `[mapping]`.
const MAPPING: &str = "MAPPING";

/// A secret's value with what identifies it.
pub(crate) struct SecretValue {
    pub name: String,
    pub value: Secret,
    pub fingerprint: String,
}

/// Bindings ready to go up, and what is kept of them.
pub(crate) struct UploadBindings {
    pub upload: Vec<Binding>,
    pub recorded: Vec<VersionBinding>,
}

/// Every declared binding with its state; then secrets that are set without being declared.
pub(crate) async fn status(app: &Arc<App>, adapter: &AdapterRef) -> Result<Vec<BindingStatus>, WireError> {
    let open = app.workspace()?;
    let manifest = open.workspace.adapter(adapter)?.manifest;
    let tenant = adapter.tenant.clone();
    let secrets = blocking(move || open.secrets.list(&tenant)).await??;
    let of_adapter: Vec<_> = secrets.into_iter().filter(|info| info.name.adapter == adapter.adapter).collect();
    let info_of = |name: &str| of_adapter.iter().find(|info| info.name.binding.as_str() == name);
    let mut statuses: Vec<BindingStatus> = manifest
        .bindings
        .iter()
        .map(|binding| {
            let info = info_of(binding.name.as_str()).filter(|_| binding.kind == BindingKind::SecretText);
            BindingStatus {
                name: binding.name.to_string(),
                kind: binding.kind.as_str().into(),
                required: binding.required,
                description: binding.description.clone(),
                set: info.is_some() || binding.value.is_some(),
                changed_at: info.map(|info| info.changed_at.clone()),
                fingerprint: info.map(|info| info.fingerprint.clone()),
                value: binding.value.clone().filter(|_| binding.kind != BindingKind::SecretText),
            }
        })
        .collect();
    for info in of_adapter {
        let name = info.name.binding.to_string();
        if !statuses.iter().any(|status| status.name == name) {
            statuses.push(BindingStatus {
                name,
                kind: BindingKind::SecretText.as_str().into(),
                required: false,
                description: "Set, but adapter.toml does not declare it".into(),
                set: true,
                changed_at: Some(info.changed_at),
                fingerprint: Some(info.fingerprint),
                value: None,
            });
        }
    }
    Ok(statuses)
}

/// The declaration of a secret, or an error that names the nearest.
pub(crate) fn declared<'a>(
    manifest: &'a AdapterManifest,
    adapter: &AdapterRef,
    name: &str,
) -> Result<&'a BindingDeclaration, WireError> {
    let secrets = || manifest.bindings.iter().filter(|binding| binding.kind == BindingKind::SecretText);
    secrets().find(|binding| binding.name.as_str() == name).ok_or_else(|| {
        let known: Vec<&str> = secrets().map(|binding| binding.name.as_str()).collect();
        let hint = if known.is_empty() {
            "Declare it under [[bindings]] in adapter.toml first".to_owned()
        } else {
            format!("It declares {}; add a [[bindings]] entry for another one", known.join(", "))
        };
        WireError::new(ErrorCode::BindingUndeclared, format!("{adapter} declares no secret `{name}`")).with_hint(hint)
    })
}

/// The secret values of an adapter in one environment; a value of that environment alone wins.
pub(crate) async fn secret_values(
    app: &Arc<App>,
    adapter: &AdapterRef,
    environment: Environment,
) -> Result<Vec<SecretValue>, WireError> {
    let open = app.workspace()?;
    let (tenant, id) = (adapter.tenant.clone(), adapter.adapter.clone());
    let read = move || -> Result<_, WireError> {
        Ok((open.secrets.values_of(&tenant, &id, environment)?, open.secrets.list(&tenant)?))
    };
    let (values, infos) = blocking(read).await??;
    let fingerprint = |name: &BindingName| {
        let of_binding =
            || infos.iter().filter(|info| info.name.adapter == adapter.adapter && info.name.binding == *name);
        let own = of_binding().find(|info| info.name.environment == Some(environment));
        own.or_else(|| of_binding().find(|info| info.name.environment.is_none())).map(|info| info.fingerprint.clone())
    };
    Ok(values
        .into_iter()
        .map(|(name, value)| SecretValue {
            fingerprint: fingerprint(&name).unwrap_or_default(),
            name: name.to_string(),
            value,
        })
        .collect())
}

/// What goes up: every declared binding that has a value. A required one without is an error that names them all.
pub(crate) async fn for_upload(
    app: &Arc<App>,
    adapter: &AdapterRef,
    manifest: &AdapterManifest,
    environment: Environment,
) -> Result<UploadBindings, WireError> {
    let needs_secrets = manifest.bindings.iter().any(|binding| binding.kind == BindingKind::SecretText);
    // An adapter without secrets publishes on a machine without a keychain.
    let secrets = if needs_secrets { secret_values(app, adapter, environment).await? } else { Vec::new() };
    let mut bindings = UploadBindings { upload: Vec::new(), recorded: Vec::new() };
    let mut missing = Vec::new();
    for binding in &manifest.bindings {
        let name = binding.name.as_str();
        if binding.kind == BindingKind::SecretText {
            match secrets.iter().find(|secret| secret.name == name) {
                Some(secret) => {
                    bindings.upload.push(Binding::secret_text(name, &secret.value));
                    bindings.recorded.push(recorded(binding, None, Some(secret.fingerprint.clone())));
                }
                None if binding.required => missing.push(binding),
                None => {}
            }
        } else if let Some(value) = &binding.value {
            bindings.upload.push(open_binding(name, binding.kind, Some(value)));
            bindings.recorded.push(recorded(binding, Some(value.clone()), None));
        } else if binding.required {
            missing.push(binding);
        }
    }
    if !missing.is_empty() {
        return Err(missing_bindings(adapter, &missing));
    }
    if !manifest.mapping.is_empty() {
        let value = Value::Object(manifest.mapping.clone());
        bindings.upload.push(Binding::json(MAPPING, value.clone()));
        if let Ok(name) = BindingName::new(MAPPING) {
            bindings.recorded.push(VersionBinding {
                name,
                kind: BindingKind::Json,
                value: Some(value),
                fingerprint: None,
            });
        }
    }
    Ok(bindings)
}

/// A binding that anyone may read.
pub(crate) fn open_binding(name: &str, kind: BindingKind, value: Option<&Value>) -> Binding {
    let value = value.cloned().unwrap_or(Value::Null);
    let text = || value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match kind {
        BindingKind::PlainText => Binding::plain_text(name, text()),
        // Not one that anyone may read: what the target has stays there.
        BindingKind::SecretText => Binding::inherit(name),
        BindingKind::KvNamespace => Binding::kv_namespace(name, text()),
        BindingKind::Json => Binding::json(name, value),
    }
}

fn recorded(binding: &BindingDeclaration, value: Option<Value>, fingerprint: Option<String>) -> VersionBinding {
    VersionBinding { name: binding.name.clone(), kind: binding.kind, value, fingerprint }
}

fn missing_bindings(adapter: &AdapterRef, missing: &[&BindingDeclaration]) -> WireError {
    let names: Vec<&str> = missing.iter().map(|binding| binding.name.as_str()).collect();
    let mut error =
        WireError::new(ErrorCode::BindingMissing, format!("{adapter} needs values for {}", names.join(", ")));
    for binding in missing {
        let about =
            if binding.description.is_empty() { String::new() } else { format!("   # {}", binding.description) };
        error = error.with_hint(match binding.kind {
            BindingKind::SecretText => format!("patchbay secret set {adapter} {}{about}", binding.name),
            _ => format!("Give `{}` a `value` in adapter.toml{about}", binding.name),
        });
    }
    error
}
