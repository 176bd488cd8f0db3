//! Dispatch namespaces.

use super::refusal::{JsonBody, Path, Refusal, done, ok};
use super::{Shared, check_name};
use axum::extract::State;
use axum::response::Response;
use patchbay_cloudflare::wire::codes::ApiCode;
use patchbay_cloudflare::wire::namespace::{Namespace, NamespaceChange, NamespaceCreation};

pub(super) async fn list(State(api): Shared) -> Result<Response, Refusal> {
    let account = api.account_id.clone();
    Ok(ok(api.runtime.store.change(move |change| change.namespaces(&account)).await?))
}

pub(super) async fn create(State(api): Shared, body: JsonBody<NamespaceCreation>) -> Result<Response, Refusal> {
    let JsonBody(NamespaceCreation { name }) = body;
    check_name(&name, "dispatch namespace")?;
    let account = api.account_id.clone();
    let created = api
        .runtime
        .store
        .change(move |change| {
            Ok(if change.create_namespace(&name)? { change.namespace(&account, &name)? } else { None })
        })
        .await?;
    Ok(ok(created.ok_or(ApiCode::NamespaceExists)?))
}

pub(super) async fn get(State(api): Shared, Path((_, name)): Path<(String, String)>) -> Result<Response, Refusal> {
    let account = api.account_id.clone();
    let found = api.runtime.store.change(move |change| change.namespace(&account, &name)).await?;
    Ok(ok(found.ok_or(ApiCode::NamespaceNotFound)?))
}

/// `PUT` (wrangler's rename, and trust) and `PATCH` do the same: what the body does not name stays.
pub(super) async fn change(
    State(api): Shared,
    Path((_, name)): Path<(String, String)>,
    JsonBody(wanted): JsonBody<NamespaceChange>,
) -> Result<Response, Refusal> {
    if let Some(name) = &wanted.name {
        check_name(name, "dispatch namespace")?;
    }
    let account = api.account_id.clone();
    let lock = api.runtime.lock_script(&name, "").await;
    let new_name = wanted.name.clone().unwrap_or_else(|| name.clone());
    let scripts = scripts_under(&api, &[&name, &new_name], &name).await?;
    let changed: Result<Namespace, ApiCode> = api
        .runtime
        .changed(lock, scripts, move |change| {
            if change.namespace(&account, &name)?.is_none() {
                return Ok(Err(ApiCode::NamespaceNotFound));
            }
            if new_name != name && change.namespace(&account, &new_name)?.is_some() {
                return Ok(Err(ApiCode::NamespaceExists));
            }
            change.change_namespace(&name, wanted.name.as_deref(), wanted.trusted_workers)?;
            Ok(change.namespace(&account, &new_name)?.ok_or(ApiCode::NamespaceNotFound))
        })
        .await?;
    Ok(ok(changed?))
}

pub(super) async fn delete(State(api): Shared, Path((_, name)): Path<(String, String)>) -> Result<Response, Refusal> {
    let lock = api.runtime.lock_script(&name, "").await;
    let scripts = scripts_under(&api, &[&name], &name).await?;
    let deleted = api.runtime.changed(lock, scripts, move |change| change.delete_namespace(&name)).await?;
    if deleted { Ok(done()) } else { Err(ApiCode::NamespaceNotFound.into()) }
}

/// The scripts of a namespace, under each of several names of it.
async fn scripts_under(api: &super::Api, names: &[&str], namespace: &str) -> Result<Vec<(String, String)>, Refusal> {
    let namespace = namespace.to_owned();
    let scripts = api.runtime.store.change(move |change| change.script_names(&namespace)).await?;
    Ok(names.iter().flat_map(|name| scripts.iter().map(|script| ((*name).to_owned(), script.clone()))).collect())
}
