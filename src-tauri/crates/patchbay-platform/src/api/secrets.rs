//! Secrets of a script. Each change is a new version, live on the next request, without an upload.

use super::binding_types::checked;
use super::limits::check_binding_name;
use super::refusal::{JsonBody, Path, Query, Refusal, done, ok};
use super::{Api, Shared};
use crate::runtime::changes::Publication;
use crate::store::scripts::StoredScript;
use crate::store::versions::NewVersion;
use axum::extract::State;
use axum::response::Response;
use patchbay_cloudflare::wire::binding::Binding;
use patchbay_cloudflare::wire::codes::ApiCode;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub(super) async fn list(
    State(api): Shared,
    Path((_, namespace, name)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    let script = api.script(&namespace, &name).await?;
    let secrets = script.live.bindings.into_iter().filter(Binding::is_secret);
    Ok(ok(secrets.map(Binding::without_secret_value).collect::<Vec<_>>()))
}

pub(super) async fn get(
    State(api): Shared,
    Path((_, namespace, name, secret)): Path<(String, String, String, String)>,
    Query(query): Query<SecretQuery>,
) -> Result<Response, Refusal> {
    let script = api.script(&namespace, &name).await?;
    let secret = query.meant(&script.live.bindings, secret)?;
    let found = script.live.bindings.into_iter().find(|binding| binding.name == secret);
    Ok(ok(found.ok_or(ApiCode::BindingNotFound)?.without_secret_value()))
}

pub(super) async fn put(
    State(api): Shared,
    Path((_, namespace, name)): Path<(String, String, String)>,
    JsonBody(secret): JsonBody<Binding>,
) -> Result<Response, Refusal> {
    let secret = check(secret)?;
    let set = secret.clone();
    change(&api, &namespace, &name, move |bindings| {
        replace(bindings, set);
        Ok(())
    })
    .await?;
    Ok(ok(secret.without_secret_value()))
}

pub(super) async fn delete(
    State(api): Shared,
    Path((_, namespace, name, secret)): Path<(String, String, String, String)>,
    Query(query): Query<SecretQuery>,
) -> Result<Response, Refusal> {
    change(&api, &namespace, &name, move |bindings| {
        let secret = query.meant(bindings, secret)?;
        bindings.retain(|binding| binding.name != secret);
        Ok(())
    })
    .await?;
    Ok(done())
}

/// Whether the name in the path is encoded once more than paths are.
#[derive(Deserialize)]
pub(super) struct SecretQuery {
    url_encoded: Option<String>,
}

impl SecretQuery {
    /// The name of the secret that a client means. Clients that send `url_encoded` encode the name once, like any
    /// other part of a path, or once more; the name as it was decoded wins where there is such a secret.
    fn meant(&self, bindings: &[Binding], name: String) -> Result<String, Refusal> {
        let is_secret = |name: &str| bindings.iter().any(|binding| binding.is_secret() && binding.name == name);
        if is_secret(&name) {
            return Ok(name);
        }
        let decoded = percent_decode_str(&name).decode_utf8().map(std::borrow::Cow::into_owned).unwrap_or_default();
        if self.url_encoded.as_deref() == Some("true") && is_secret(&decoded) {
            return Ok(decoded);
        }
        Err(ApiCode::BindingNotFound.into())
    }
}

#[derive(Deserialize)]
pub(super) struct SecretsPatch {
    /// By name: a value sets, `null` deletes, what is absent stays.
    #[serde(default)]
    secrets: Map<String, Value>,
}

pub(super) async fn bulk(
    State(api): Shared,
    Path((_, namespace, name)): Path<(String, String, String)>,
    JsonBody(SecretsPatch { secrets }): JsonBody<SecretsPatch>,
) -> Result<Response, Refusal> {
    let changes = secrets
        .into_iter()
        .map(|(name, value)| {
            if value.is_null() {
                return Ok((name, None));
            }
            let mut secret: Binding = serde_json::from_value(value).map_err(|_| {
                let text = format!("The secret '{name}' must be an object with a `type` and a value, or null.");
                Refusal::with(ApiCode::CannotParseBody, text)
            })?;
            secret.name.clone_from(&name);
            Ok((name, Some(check(secret)?)))
        })
        .collect::<Result<Vec<_>, Refusal>>()?;
    let script = change(&api, &namespace, &name, move |bindings| {
        for (name, secret) in changes {
            match secret {
                Some(secret) => replace(bindings, secret),
                // RFC 7396: deleting what is not there is no failure.
                None => bindings.retain(|binding| !(binding.is_secret() && binding.name == name)),
            }
        }
        Ok(())
    })
    .await?;
    let shown: Map<String, Value> = script
        .live
        .bindings
        .into_iter()
        .filter(Binding::is_secret)
        .map(|secret| (secret.name.clone(), json!(secret.without_secret_value())))
        .collect();
    Ok(ok(shown))
}

fn check(secret: Binding) -> Result<Binding, Refusal> {
    check_binding_name(&secret.name)?;
    if !secret.is_secret() {
        let text = format!("The secret '{}' must have the `type` secret_text or secret_key.", secret.name);
        return Err(Refusal::with(ApiCode::CannotParseBody, text));
    }
    checked(secret)
}

fn replace(bindings: &mut Vec<Binding>, secret: Binding) {
    bindings.retain(|binding| binding.name != secret.name);
    bindings.push(secret);
}

/// Publishes the live version again with other bindings.
async fn change(
    api: &Api,
    namespace: &str,
    name: &str,
    edit: impl FnOnce(&mut Vec<Binding>) -> Result<(), Refusal>,
) -> Result<StoredScript, Refusal> {
    let lock = api.runtime.lock_script(namespace, name).await;
    let script = api.script(namespace, name).await?;
    let live = script.live;
    let mut bindings = live.bindings;
    edit(&mut bindings)?;
    let id = live.id;
    let modules = api.runtime.store.change(move |change| change.modules(&id)).await?;
    let version = NewVersion { entry: live.entry, modules, bindings, details: live.details };
    let publication = Publication { namespace: namespace.to_owned(), script: name.to_owned(), tags: None, version };
    Ok(api.runtime.publish(lock, publication).await?.ok_or(ApiCode::NamespaceNotFound)?)
}
