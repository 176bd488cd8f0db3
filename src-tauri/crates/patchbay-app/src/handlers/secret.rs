//! Secrets and bindings of one adapter.

use crate::app::{App, blocking};
use crate::bindings::{self, declared};
use crate::wire::adapter::AdapterKey;
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::secret::{BindingList, BindingStatus, SecretDeleteRequest, SecretSetRequest};
use patchbay_core::{AdapterRef, Environment, Secret};
use patchbay_secrets::SecretName;
use serde::Serialize;
use std::sync::Arc;

/// Declared bindings with their state, and secrets that are set without being declared.
pub async fn secret_list(app: &Arc<App>, key: AdapterKey) -> Result<BindingList, WireError> {
    let adapter = key.parse()?;
    Ok(BindingList { bindings: bindings::status(app, &adapter).await? })
}

/// Sets a secret that the manifest declares.
pub async fn secret_set(app: &Arc<App>, request: SecretSetRequest) -> Result<BindingList, WireError> {
    let adapter = AdapterRef { tenant: request.tenant.parse()?, adapter: request.adapter.parse()? };
    store(app, &adapter, &request.name, Secret::new(request.value)).await?;
    Ok(BindingList { bindings: bindings::status(app, &adapter).await? })
}

/// Deletes a secret from the vault. What is live keeps the value until the next publish.
pub async fn secret_delete(app: &Arc<App>, request: SecretDeleteRequest) -> Result<BindingList, WireError> {
    let adapter = AdapterRef { tenant: request.tenant.parse()?, adapter: request.adapter.parse()? };
    let open = app.workspace()?;
    let name = SecretName::new(adapter.adapter.clone(), binding_name(&request.name)?);
    let tenant = adapter.tenant.clone();
    let was_there = blocking(move || open.secrets.delete(&tenant, &name)).await??;
    if !was_there {
        return Err(WireError::new(ErrorCode::SecretUnknown, format!("`{}` of {adapter} is not set", request.name))
            .with_hint(format!("`patchbay secret list {adapter}` shows what is")));
    }
    Ok(BindingList { bindings: bindings::status(app, &adapter).await? })
}

/// A rotation that went well.
#[derive(Debug, Clone, Serialize)]
pub struct Rotated {
    /// The binding with its new state.
    pub binding: Option<BindingStatus>,
    /// Environments whose running script has the new value already.
    pub live_in: Vec<String>,
}

/// Sets a new value here and on every environment where the adapter is live, without a publish.
pub async fn secret_rotate(app: &Arc<App>, request: SecretSetRequest) -> Result<Rotated, WireError> {
    let adapter = AdapterRef { tenant: request.tenant.parse()?, adapter: request.adapter.parse()? };
    let value = Secret::new(request.value);
    store(app, &adapter, &request.name, value.clone()).await?;
    let mut live_in = Vec::new();
    for environment in Environment::ALL {
        if crate::publishing::put_live_secret(app, &adapter, environment, &request.name, &value).await? {
            live_in.push(environment.to_string());
        }
    }
    let binding = bindings::status(app, &adapter).await?.into_iter().find(|binding| binding.name == request.name);
    Ok(Rotated { binding, live_in })
}

async fn store(app: &Arc<App>, adapter: &AdapterRef, name: &str, value: Secret) -> Result<(), WireError> {
    let open = app.workspace()?;
    let manifest = open.workspace.adapter(adapter)?.manifest;
    declared(&manifest, adapter, name)?;
    let secret = SecretName::new(adapter.adapter.clone(), binding_name(name)?);
    let tenant = adapter.tenant.clone();
    blocking(move || open.secrets.set(&tenant, &secret, &value)).await??;
    Ok(())
}

fn binding_name(name: &str) -> Result<patchbay_core::BindingName, WireError> {
    patchbay_core::BindingName::new(name)
        .map_err(|error| WireError::new(ErrorCode::BindingUndeclared, error.to_string()))
}
