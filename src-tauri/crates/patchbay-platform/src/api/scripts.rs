//! One script: look at it, delete it.

use super::refusal::{Path, Query, Refusal, done, ok};
use super::{Api, Found, Shared};
use crate::store::scripts::StoredScript;
use axum::extract::State;
use axum::response::Response;
use patchbay_cloudflare::wire::codes::ApiCode;
use patchbay_cloudflare::wire::script::{NamespacedScript, Script};
use serde::Deserialize;
use serde_json::{Value, json};

/// A script as answers show it.
pub(super) fn shown(script: &StoredScript) -> Script {
    let details = &script.live.details;
    Script {
        id: script.name.clone(),
        tag: Some(script.tag.clone()),
        etag: Some(script.live.etag.clone()),
        handlers: Some(details.handlers.clone()),
        named_handlers: Some(details.named_handlers.iter().map(|handler| json!(handler)).collect()),
        created_on: Some(script.created_on.clone()),
        modified_on: Some(script.modified_on.clone()),
        usage_model: Some("standard".into()),
        has_assets: Some(details.assets.is_some()),
        has_modules: Some(!details.service_worker && !script.live.entry.is_empty()),
        compatibility_date: details.compatibility_date.clone(),
        compatibility_flags: Some(details.compatibility_flags.clone()),
        logpush: Some(details.other.get("logpush").and_then(Value::as_bool).unwrap_or(false)),
        last_deployed_from: Some(details.deployed_from.clone()),
        tags: Some(script.tags.clone()),
        migration_tag: details.migration_tag.clone(),
        entry_point: Some(script.live.entry.clone()).filter(|entry| !entry.is_empty()),
        startup_time_ms: details.startup_time_ms,
        deployment_id: Some(script.live.id.clone()),
    }
}

pub(super) async fn get(
    State(api): Shared,
    Path((_, namespace, name)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    match api.found(&namespace, &name).await? {
        Found::Script(script) => Ok(ok(NamespacedScript {
            script: Some(shown(&script)),
            dispatch_namespace: namespace,
            created_on: script.created_on.clone(),
            modified_on: script.modified_on.clone(),
        })),
        // The one place where a missing script is 10092: wrangler takes nothing else for "not there yet".
        Found::NoScript => Err(ApiCode::EnvironmentNotFound.into()),
        Found::NoNamespace => Err(ApiCode::NamespaceNotFound.into()),
    }
}

#[derive(Deserialize)]
pub(super) struct DeleteQuery {
    force: Option<String>,
}

pub(super) async fn delete(
    State(api): Shared,
    Path((_, namespace, name)): Path<(String, String, String)>,
    Query(query): Query<DeleteQuery>,
) -> Result<Response, Refusal> {
    remove(&api, &namespace, &name, query.force.as_deref() == Some("true")).await?;
    Ok(done())
}

/// Deletes a script. Without force, one that others are bound to stays.
pub(super) async fn remove(api: &Api, namespace: &str, name: &str, force: bool) -> Result<(), Refusal> {
    let lock = api.runtime.lock_script(namespace, name).await;
    let place = (namespace.to_owned(), name.to_owned());
    api.runtime
        .changed(lock, vec![place.clone()], move |change| {
            let script = match Found::in_store(change, &place.0, &place.1)?.or_not_found() {
                Ok(script) => script,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let others = if force { Vec::new() } else { change.bound_by(&place.0, &place.1)? };
            if !others.is_empty() {
                let text = format!(
                    "The Worker '{}' is bound by {}. Delete those bindings first, or delete it with `force=true`.",
                    place.1,
                    others.join(", ")
                );
                return Ok(Err(Refusal::with(ApiCode::ServiceBindingConflict, text)));
            }
            change.delete_script(script.row)?;
            Ok(Ok(()))
        })
        .await?
}
