//! Signatures without a delivery: a sample signed for somebody else to send or check, and a request that came from
//! elsewhere judged as a receiver would.

use crate::app::App;
use crate::replaying;
use crate::signing::Signer;
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::sample::{SampleVerdict, SenderKey, SignedSample, WebhookRequest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Uri;
use patchbay_core::{AdapterRef, Environment, HttpRequest};
use patchbay_webhooks::Verdict;
use patchbay_webhooks::prepare::Signing;
use patchbay_webhooks::providers::{self, graph, paypal};
use std::sync::Arc;
use time::OffsetDateTime;

/// Signs a sample with the adapter's secret. `url` is where the adapter is reached; the sample's path follows.
pub(crate) async fn sign(
    app: &Arc<App>,
    adapter: &AdapterRef,
    sample_name: &str,
    environment: Environment,
    url: &str,
) -> Result<SignedSample, WireError> {
    require_url(url)?;
    let open = app.workspace()?;
    let manifest = open.workspace.adapter(adapter)?.manifest;
    let sample = open.workspace.sample(adapter, sample_name)?.sample;
    let secrets = replaying::secrets_of(app, adapter, &manifest, environment).await?;
    let signer = Signer::of(app, adapter, &manifest, &sample.provider, &secrets).await?;
    let prepared = signer.prepare(&sample, url)?;
    Ok(SignedSample {
        accepted: prepared.signing == Signing::Signed,
        signing: prepared.signing.to_string(),
        keys: keys_of(&sample.provider, &signer),
        request: WebhookRequest {
            method: prepared.request.method,
            url: prepared.request.url,
            headers: prepared.request.headers.0,
            body_base64: STANDARD.encode(&prepared.request.body),
        },
    })
}

/// What a receiver has to fetch, of a sender that signs with keys of its own.
fn keys_of(provider: &str, signer: &Signer) -> Vec<SenderKey> {
    let key = |url: &str, text: String| vec![SenderKey { url: url.to_owned(), text }];
    match provider {
        "paypal" => paypal::certificate_pem(signer.credentials().sender_keys())
            .map_or_else(Vec::new, |text| key(paypal::CERTIFICATE_URL, text)),
        "graph" => key(graph::KEY_SET_URL, signer.credentials().sender_keys().key_set().to_string()),
        _ => Vec::new(),
    }
}

/// Judges a request by the scheme of the provider that the adapter's manifest names.
pub(crate) async fn verify(
    app: &Arc<App>,
    adapter: &AdapterRef,
    environment: Environment,
    request: &WebhookRequest,
) -> Result<SampleVerdict, WireError> {
    require_url(&request.url)?;
    let body = STANDARD.decode(&request.body_base64).map_err(|error| {
        WireError::new(ErrorCode::UsageMalformed, format!("`body_base64` is not base64: {error}"))
            .with_hint("Encode the exact bytes of the body with the standard alphabet and padding")
    })?;
    let manifest = app.workspace()?.workspace.adapter(adapter)?.manifest;
    let id = manifest.provider.as_deref().unwrap_or_default();
    let provider = providers::find(id).ok_or_else(|| {
        let known: Vec<&str> = providers::ALL.iter().map(|provider| provider.id()).collect();
        WireError::new(ErrorCode::ReplayInvalidSample, format!("{adapter} names no provider whose scheme is known"))
            .with_hint(format!("Set `provider` in its adapter.toml to one of {}", known.join(", ")))
    })?;
    let secrets = replaying::secrets_of(app, adapter, &manifest, environment).await?;
    let signer = Signer::of(app, adapter, &manifest, provider.id(), &secrets).await?;
    if let Some(name) = signer.missing_secret() {
        let message = format!("Nothing can be verified as {}: `{name}` is not set", provider.name());
        return Err(WireError::new(ErrorCode::ReplayNoSigningSecret, message)
            .with_hint(format!("patchbay secret set {adapter} {name}")));
    }
    let request = HttpRequest {
        method: request.method.clone(),
        url: request.url.clone(),
        headers: request.headers.iter().cloned().collect(),
        body: body.into(),
    };
    let verdict = provider.verify(&request, &signer.credentials(), OffsetDateTime::now_utc());
    Ok(SampleVerdict {
        provider: provider.id().to_owned(),
        accepted: verdict == Verdict::Accepted,
        refusal: match verdict {
            Verdict::Accepted => None,
            Verdict::Refused(refusal) => Some(refusal.to_string()),
        },
        handshake: provider.handshake(&request).is_some(),
        event_id: provider.event_id(&request),
    })
}

fn require_url(url: &str) -> Result<(), WireError> {
    let is_url = url.parse::<Uri>().is_ok_and(|uri| uri.host().is_some() && uri.scheme().is_some());
    if is_url {
        return Ok(());
    }
    Err(WireError::new(ErrorCode::UsageMalformed, format!("`{url}` is not a URL"))
        .with_hint("Write it with its scheme, for example https://hooks.example.com"))
}
