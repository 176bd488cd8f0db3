//! Where webhooks are signed: an adapter's secrets, its providers' schemes and the senders' own keys.

use super::plan::{Webhook, WebhookContent};
use crate::app::App;
use crate::bindings;
use crate::signing::Signer;
use crate::wire::error::{ErrorCode, WireError};
use patchbay_core::{AdapterManifest, AdapterRef, BindingKind, Environment, Secret};
use patchbay_webhooks::Moment;
use patchbay_webhooks::prepare::Prepared;
use std::collections::HashMap;
use std::sync::Arc;
use time::OffsetDateTime;

/// Bytes of a request's body at most, as on Cloudflare:
/// <https://developers.cloudflare.com/workers/platform/limits/#request-limits>.
const LONGEST_BODY: usize = 100_000_000;
/// Headers under which the presets' first rule finds tenant and adapter.
const TENANT_HEADER: &str = "x-customer-id";
const ADAPTER_HEADER: &str = "x-script-id";

/// Signs webhooks for one adapter. Reads secrets once, when it is set up.
pub(crate) struct Desk {
    adapter: AdapterRef,
    secrets: Vec<(String, Secret)>,
    signers: HashMap<String, Signer>,
}

impl Desk {
    /// For webhooks of these providers.
    pub(crate) async fn of(
        app: &Arc<App>,
        adapter: &AdapterRef,
        environment: Environment,
        providers: impl IntoIterator<Item = &str>,
    ) -> Result<Self, WireError> {
        let manifest = app.workspace()?.workspace.adapter(adapter)?.manifest;
        let secrets = secrets_of(app, adapter, &manifest, environment).await?;
        let mut signers = HashMap::new();
        for provider in providers {
            if !signers.contains_key(provider) {
                signers.insert(provider.to_owned(), Signer::of(app, adapter, &manifest, provider, &secrets).await?);
            }
        }
        Ok(Self { adapter: adapter.clone(), secrets, signers })
    }

    /// Values that must not stand in a trace, by name.
    pub(crate) fn secrets(&self) -> &[(String, Secret)] {
        &self.secrets
    }

    /// The webhook as its provider would send it at that moment, on its way to the adapter through the dispatcher at
    /// `dispatcher_url`. The same moment makes the same request again.
    pub(crate) fn prepare(
        &self,
        webhook: &Webhook,
        dispatcher_url: &str,
        moment: &Moment,
    ) -> Result<Prepared, WireError> {
        let signer = self.signer(webhook.provider())?;
        let prepared = match &webhook.content {
            WebhookContent::Sample(sample) => signer.prepare_at(sample, dispatcher_url, moment)?,
        };
        self.addressed(prepared)
    }

    /// A signed request on its way to the adapter.
    pub(crate) fn addressed(&self, mut prepared: Prepared) -> Result<Prepared, WireError> {
        let bytes = prepared.request.body.len();
        if bytes > LONGEST_BODY {
            return Err(WireError::new(
                ErrorCode::ReplayTooLarge,
                format!("The webhook has {bytes} bytes; a platform takes at most {LONGEST_BODY}"),
            )
            .with_hint("Send a smaller one; senders of webhooks keep far below"));
        }
        prepared.request.headers.set(TENANT_HEADER, self.adapter.tenant.as_str());
        prepared.request.headers.set(ADAPTER_HEADER, self.adapter.adapter.as_str());
        Ok(prepared)
    }

    /// What signs webhooks of a provider. It must be one that the desk was set up for.
    pub(crate) fn signer(&self, provider: &str) -> Result<&Signer, WireError> {
        self.signers.get(provider).ok_or_else(|| {
            let missing = std::io::Error::other(format!("nothing was read for `{provider}`"));
            WireError::internal("A webhook was added after the signing secrets were read", &missing)
        })
    }
}

/// Now, as a delivery of its own.
pub(crate) fn this_moment() -> Moment {
    Moment { now: OffsetDateTime::now_utc(), uuid: uuid::Uuid::new_v4().to_string() }
}

/// The adapter's secrets by name. One that declares none needs no keychain.
pub(crate) async fn secrets_of(
    app: &Arc<App>,
    adapter: &AdapterRef,
    manifest: &AdapterManifest,
    environment: Environment,
) -> Result<Vec<(String, Secret)>, WireError> {
    if !manifest.bindings.iter().any(|binding| binding.kind == BindingKind::SecretText) {
        return Ok(Vec::new());
    }
    let values = bindings::secret_values(app, adapter, environment).await?;
    Ok(values.into_iter().map(|secret| (secret.name, secret.value)).collect())
}
