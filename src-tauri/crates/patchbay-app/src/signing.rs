//! What an adapter's samples are signed with: its signing secret, its provider's settings, the sender's own keys.

use crate::app::{App, OpenWorkspace};
use crate::senders;
use crate::wire::error::{ErrorCode, WireError};
use patchbay_core::sample::Sample;
use patchbay_core::{AdapterManifest, AdapterRef, BindingKind, Hints as _, Secret};
use patchbay_webhooks::prepare::{Moment, Prepared, Signing, prepare_as};
use patchbay_webhooks::{Credentials, Provider, ProviderSettings, SenderKeys, SettingsError, providers};
use patchbay_workspace::binding_of_setting;
use serde_json::{Map, Value};
use std::sync::Arc;
use time::OffsetDateTime;

/// An adapter's side of a provider's scheme.
pub(crate) struct Signer {
    adapter: AdapterRef,
    /// Name of the binding with the signing secret.
    secret_name: Option<String>,
    secret: Secret,
    settings: ProviderSettings,
    /// Settings whose binding has no value, with the binding.
    unset: Vec<(String, String)>,
    keys: Option<Arc<SenderKeys>>,
}

impl Signer {
    /// For samples or requests of a provider. The settings are those of the manifest's own provider and hold for no
    /// other one.
    pub(crate) async fn of(
        app: &Arc<App>,
        adapter: &AdapterRef,
        manifest: &AdapterManifest,
        provider: &str,
        secrets: &[(String, Secret)],
    ) -> Result<Self, WireError> {
        let open = app.workspace()?;
        let secret_of = |name: &str| secrets.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let (settings, unset) = if manifest.provider.as_deref() == Some(provider) {
            settings(&open, adapter, manifest, |name| secret_of(name).map(|value| value.expose().to_owned()))?
        } else {
            (ProviderSettings::default(), Vec::new())
        };
        let signs_with_own_keys = providers::find(provider).is_some_and(|provider| provider.own_keys().is_some());
        let keys = if signs_with_own_keys { Some(senders::keys(&open).await?) } else { None };
        let secret = manifest.signing_secret.as_deref().and_then(secret_of).cloned();
        Ok(Self {
            adapter: adapter.clone(),
            secret_name: manifest.signing_secret.clone(),
            secret: secret.unwrap_or_else(|| Secret::new("")),
            settings,
            unset,
            keys,
        })
    }

    /// What the provider's scheme needs.
    pub(crate) fn credentials(&self) -> Credentials<'_> {
        Credentials { secret: &self.secret, settings: &self.settings, sender: self.keys.as_deref() }
    }

    /// The signing secret that is declared and has no value.
    pub(crate) fn missing_secret(&self) -> Option<&str> {
        self.secret_name.as_deref().filter(|_| self.secret.is_empty())
    }

    /// The sample as its provider would send it now. `url` is where the adapter is reached; the sample's path follows.
    pub(crate) fn prepare(&self, sample: &Sample, url: &str) -> Result<Prepared, WireError> {
        let moment = Moment { now: OffsetDateTime::now_utc(), uuid: uuid::Uuid::new_v4().to_string() };
        self.prepare_at(sample, url, &moment)
    }

    /// The same at another moment, or as the delivery that was sent before.
    pub(crate) fn prepare_at(&self, sample: &Sample, url: &str, moment: &Moment) -> Result<Prepared, WireError> {
        let prepared = prepare_as(sample, url, &self.credentials(), moment)?;
        self.signed(prepared, &sample.provider)
    }

    /// Lets through what lacks no value that this tenant has to set.
    fn signed(&self, prepared: Prepared, provider: &str) -> Result<Prepared, WireError> {
        let without_value = match prepared.signing {
            Signing::NoSecret => self.missing_secret(),
            Signing::NoSetting(setting) => {
                let bound = self.unset.iter().find(|(name, _)| name == setting).map(|(_, binding)| binding.as_str());
                bound.or_else(|| self.missing_secret())
            }
            _ => None,
        };
        match without_value {
            None => Ok(prepared),
            Some(name) => Err(WireError::new(
                ErrorCode::ReplayNoSigningSecret,
                format!("The sample cannot be signed as {provider}: `{name}` is not set"),
            )
            .with_hint(format!("patchbay secret set {} {name}", self.adapter))),
        }
    }
}

/// Checks the provider's settings as far as they stand in the manifest; the error names the place.
pub(crate) fn check(open: &OpenWorkspace, adapter: &AdapterRef, manifest: &AdapterManifest) -> Result<(), WireError> {
    settings(open, adapter, manifest, |_| None).map(|_| ())
}

/// The settings with the values of bindings put in, and those whose binding has none.
fn settings(
    open: &OpenWorkspace,
    adapter: &AdapterRef,
    manifest: &AdapterManifest,
    secret_of: impl Fn(&str) -> Option<String>,
) -> Result<(ProviderSettings, Vec<(String, String)>), WireError> {
    let Some(provider) = manifest.provider.as_deref().filter(|_| !manifest.provider_settings.is_empty()) else {
        return Ok((ProviderSettings::default(), Vec::new()));
    };
    let (mut values, mut unset) = (Map::new(), Vec::new());
    for (name, value) in &manifest.provider_settings {
        let Some(binding) = binding_of_setting(value) else {
            values.insert(name.clone(), value.clone());
            continue;
        };
        let declared = manifest.bindings.iter().find(|declared| declared.name.as_str() == binding);
        let bound = match declared.map(|declared| (declared.kind, &declared.value)) {
            Some((BindingKind::SecretText, _)) => secret_of(binding).map(Value::String),
            Some((_, value)) => value.clone(),
            None => None,
        };
        match bound {
            Some(bound) => drop(values.insert(name.clone(), bound)),
            None => unset.push((name.clone(), binding.to_owned())),
        }
    }
    let settings = ProviderSettings::new(provider, &Value::Object(values))
        .map_err(|error| WireError::from(misplaced(open, adapter, &error)))?;
    // A name that no provider has is wrong also while its binding has no value.
    let known = providers::find(provider).map(Provider::settings).unwrap_or_default();
    if let Some((name, _)) = unset.iter().find(|(name, _)| !known.iter().any(|setting| setting.name == name)) {
        let probe = Value::Object(Map::from_iter([(name.clone(), Value::Null)]));
        if let Err(error) = ProviderSettings::new(provider, &probe) {
            return Err(misplaced(open, adapter, &error).into());
        }
    }
    Ok((settings, unset))
}

fn misplaced(open: &OpenWorkspace, adapter: &AdapterRef, error: &SettingsError) -> patchbay_workspace::WorkspaceError {
    let setting = match error {
        SettingsError::UnknownSetting { name, .. } => Some(name.as_str()),
        SettingsError::Value { name, .. } => Some(*name),
        SettingsError::UnknownProvider { .. } | SettingsError::NotATable { .. } => None,
    };
    open.workspace.provider_setting_error(adapter, setting, error.to_string(), error.hints().join("; "))
}
