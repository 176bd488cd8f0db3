//! Scripts of a namespace: list them, or delete those that carry tags.

use super::refusal::{Path, Query, Refusal, ok};
use super::scripts::{remove, shown};
use super::{Api, Shared};
use crate::store::scripts::StoredScript;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use patchbay_cloudflare::wire::codes::ApiCode;
use patchbay_cloudflare::wire::envelope::{Envelope, ResultInfo};
use patchbay_cloudflare::wire::script::{DeletedScript, DeletedScripts, ListedScript};
use serde::Deserialize;

/// Entries of a list at most.
const LONGEST_LIST: usize = 1000;

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

impl ListQuery {
    fn limit(&self) -> Result<usize, Refusal> {
        match self.limit.unwrap_or(LONGEST_LIST) {
            limit @ 1..=LONGEST_LIST => Ok(limit),
            limit => {
                let text = format!("`limit` is {limit}; it may be between 1 and {LONGEST_LIST}.");
                Err(Refusal::with(ApiCode::CannotParseBody, text))
            }
        }
    }
}

/// A page of the scripts that match, and whether there are more.
async fn matching(api: &Api, namespace: &str, query: &ListQuery) -> Result<(Vec<StoredScript>, bool), Refusal> {
    let filter = filter(query.tags.as_deref())?;
    let limit = query.limit()?;
    // The cursor is the name of the last script of the page before; the list is sorted by name.
    let after = query.cursor.clone().unwrap_or_default();
    let namespace = namespace.to_owned();
    let found = api
        .runtime
        .store
        .change(move |change| {
            if !change.has_namespace(&namespace)? {
                return Ok(None);
            }
            let tagged = change.tagged(&namespace, &after)?;
            let holds = |tags: &[String]| filter.iter().all(|(tag, wanted)| tags.contains(tag) == *wanted);
            let mut names = tagged.into_iter().filter(|(_, tags)| holds(tags)).map(|(name, _)| name);
            let mut page = Vec::new();
            for name in names.by_ref().take(limit) {
                page.extend(change.script(&namespace, &name)?);
            }
            Ok(Some((page, names.next().is_some())))
        })
        .await?;
    found.ok_or_else(|| ApiCode::NamespaceNotFound.into())
}

pub(super) async fn list(
    State(api): Shared,
    Path((_, namespace)): Path<(String, String)>,
    Query(query): Query<ListQuery>,
) -> Result<Response, Refusal> {
    let (found, has_more) = matching(&api, &namespace, &query).await?;
    let listed = |script: &StoredScript| {
        let script = shown(script);
        ListedScript { flat: script.clone(), dispatch_namespace: namespace.clone(), script: Some(script) }
    };
    let mut envelope = Envelope::of(found.iter().map(listed).collect::<Vec<_>>());
    if has_more {
        let cursor = found.last().map(|script| script.name.clone());
        envelope.result_info = Some(ResultInfo { cursor, ..ResultInfo::default() });
    }
    Ok(Json(envelope).into_response())
}

/// Scripts go one by one, and others may be bound to them: whoever deletes by tag means all of them.
pub(super) async fn delete_by_tags(
    State(api): Shared,
    Path((_, namespace)): Path<(String, String)>,
    Query(query): Query<ListQuery>,
) -> Result<Response, Refusal> {
    if query.tags.as_deref().unwrap_or_default().is_empty() {
        return Err(Refusal::with(ApiCode::CannotParseBody, "Say with `tags` which scripts to delete."));
    }
    let (found, has_more) = matching(&api, &namespace, &query).await?;
    let mut deleted = Vec::new();
    for script in found {
        match remove(&api, &namespace, &script.name, true).await {
            Ok(()) => deleted.push(DeletedScript { id: script.name }),
            // Somebody else was faster.
            Err(refusal) if refusal.is(ApiCode::ScriptNotFound) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    let deleted_count = deleted.len() as u64;
    Ok(ok(DeletedScripts { deleted, deleted_count, has_more }))
}
