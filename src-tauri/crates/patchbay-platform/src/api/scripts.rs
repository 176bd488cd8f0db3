//! Scripts: list, look at, delete.

use super::refusal::{Path, Query, Refusal, done, ok};
use super::{Api, Found, Shared};
use crate::store::scripts::StoredScript;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use patchbay_cloudflare::wire::codes::ApiCode;
use patchbay_cloudflare::wire::envelope::{Envelope, ResultInfo};
use patchbay_cloudflare::wire::script::{DeletedScript, DeletedScripts, ListedScript, NamespacedScript, Script};
use serde::Deserialize;
use serde_json::{Value, json};

/// Entries of a list at most.
const LONGEST_LIST: usize = 1000;

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
        has_assets: Some(false),
        has_modules: Some(!details.service_worker),
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

#[derive(Deserialize)]
pub(super) struct ListQuery {
    tags: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// `tag:yes` and `tag:no`; all must hold. A tag may contain a colon, so the last one separates.
fn filter(tags: Option<&str>) -> Result<Vec<(String, bool)>, Refusal> {
    tags.unwrap_or_default()
        .split(',')
        .filter(|part| !part.is_empty())
        .map(|part| match part.rsplit_once(':') {
            Some((tag, "yes")) => Ok((tag.to_owned(), true)),
            Some((tag, "no")) => Ok((tag.to_owned(), false)),
            _ => Err(Refusal::with(ApiCode::CannotParseBody, "Write the filter as `tag:yes` or `tag:no`.")),
        })
        .collect()
}

async fn matching(api: &Api, namespace: &str, query: &ListQuery) -> Result<Vec<StoredScript>, Refusal> {
    let filter = filter(query.tags.as_deref())?;
    let namespace = namespace.to_owned();
    let scripts = api
        .runtime
        .store
        .change(move |change| {
            Ok(if change.has_namespace(&namespace)? { Some(change.scripts(&namespace)?) } else { None })
        })
        .await?
        .ok_or(ApiCode::NamespaceNotFound)?;
    let holds = |script: &StoredScript| filter.iter().all(|(tag, wanted)| script.tags.contains(tag) == *wanted);
    // The cursor is the name of the last script of the page before; the list is sorted by name.
    let after = |script: &StoredScript| query.cursor.as_ref().is_none_or(|cursor| script.name > *cursor);
    Ok(scripts.into_iter().filter(|script| holds(script) && after(script)).collect())
}

pub(super) async fn list(
    State(api): Shared,
    Path((_, namespace)): Path<(String, String)>,
    Query(query): Query<ListQuery>,
) -> Result<Response, Refusal> {
    let mut found = matching(&api, &namespace, &query).await?;
    let limit = query.limit.unwrap_or(LONGEST_LIST).clamp(1, LONGEST_LIST);
    let is_last = found.len() <= limit;
    found.truncate(limit);
    let listed = |script: &StoredScript| {
        let script = shown(script);
        ListedScript { flat: script.clone(), dispatch_namespace: namespace.clone(), script: Some(script) }
    };
    let mut envelope = Envelope::of(found.iter().map(listed).collect::<Vec<_>>());
    if !is_last {
        let cursor = found.last().map(|script| script.name.clone());
        envelope.result_info = Some(ResultInfo { cursor, ..ResultInfo::default() });
    }
    Ok(Json(envelope).into_response())
}

pub(super) async fn delete_by_tags(
    State(api): Shared,
    Path((_, namespace)): Path<(String, String)>,
    Query(query): Query<ListQuery>,
) -> Result<Response, Refusal> {
    if query.tags.as_deref().unwrap_or_default().is_empty() {
        return Err(Refusal::with(ApiCode::CannotParseBody, "Say with `tags` which scripts to delete."));
    }
    let found = matching(&api, &namespace, &query).await?;
    let limit = query.limit.unwrap_or(LONGEST_LIST).min(LONGEST_LIST);
    let mut deleted = Vec::new();
    for script in found.iter().take(limit) {
        if remove(&api, &namespace, &script.name).await?.is_ok() {
            deleted.push(DeletedScript { id: script.name.clone() });
        }
    }
    let deleted_count = deleted.len() as u64;
    Ok(ok(DeletedScripts { deleted, deleted_count, has_more: found.len() > limit }))
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

pub(super) async fn delete(
    State(api): Shared,
    Path((_, namespace, name)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    remove(&api, &namespace, &name).await??;
    Ok(done())
}

async fn remove(api: &Api, namespace: &str, name: &str) -> Result<Result<(), Refusal>, Refusal> {
    let lock = api.runtime.lock_script(namespace, name).await;
    let place = (namespace.to_owned(), name.to_owned());
    let found = api
        .runtime
        .changed(lock, vec![place.clone()], move |change| {
            let found = Found::in_store(change, &place.0, &place.1)?;
            if let Found::Script(script) = &found {
                change.delete_script(script.row)?;
            }
            Ok(found)
        })
        .await?;
    Ok(found.or_not_found().map(drop))
}
