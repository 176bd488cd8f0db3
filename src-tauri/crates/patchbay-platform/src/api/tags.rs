//! Tags of a script.

use super::refusal::{JsonBody, Path, Refusal, done, ok};
use super::{Api, Found, Shared};
use axum::extract::State;
use axum::response::Response;
use patchbay_cloudflare::wire::codes::ApiCode;
use std::collections::HashSet;

/// Tags of a script at most, and bytes of one (CONTRACT section 7).
const MOST_TAGS: usize = 8;
const LONGEST_TAG: usize = 1024;

/// Refuses more or longer tags than Cloudflare documents.
pub(super) fn check(tags: &[String]) -> Result<(), Refusal> {
    if tags.len() > MOST_TAGS {
        let text = format!("A script may have {MOST_TAGS} tags; {} were given.", tags.len());
        return Err(Refusal::with(ApiCode::Validation, text));
    }
    if let Some(bad) = tags.iter().find(|tag| tag.is_empty() || tag.chars().count() > LONGEST_TAG) {
        let text = format!("A tag has between 1 and {LONGEST_TAG} characters; one has {}.", bad.chars().count());
        return Err(Refusal::with(ApiCode::Validation, text));
    }
    Ok(())
}

pub(super) async fn list(
    State(api): Shared,
    Path((_, namespace, name)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    Ok(ok(api.script(&namespace, &name).await?.tags))
}

pub(super) async fn replace(
    State(api): Shared,
    Path((_, namespace, name)): Path<(String, String, String)>,
    JsonBody(tags): JsonBody<Option<Vec<String>>>,
) -> Result<Response, Refusal> {
    let tags = tags.unwrap_or_default();
    Ok(ok(change(&api, &namespace, &name, move |_| tags).await?))
}

pub(super) async fn add(
    State(api): Shared,
    Path((_, namespace, name, tag)): Path<(String, String, String, String)>,
) -> Result<Response, Refusal> {
    change(&api, &namespace, &name, move |mut tags| {
        tags.push(tag);
        tags
    })
    .await?;
    Ok(done())
}

pub(super) async fn remove(
    State(api): Shared,
    Path((_, namespace, name, tag)): Path<(String, String, String, String)>,
) -> Result<Response, Refusal> {
    change(&api, &namespace, &name, move |mut tags| {
        tags.retain(|other| *other != tag);
        tags
    })
    .await?;
    Ok(done())
}

async fn change(
    api: &Api,
    namespace: &str,
    name: &str,
    edit: impl FnOnce(Vec<String>) -> Vec<String> + Send + 'static,
) -> Result<Vec<String>, Refusal> {
    let lock = api.runtime.lock_script(namespace, name).await;
    let place = (namespace.to_owned(), name.to_owned());
    // A tag may decide which process serves the script, so the dispatcher must hear of it.
    api.runtime
        .changed(lock, vec![place.clone()], move |change| {
            let mut script = match Found::in_store(change, &place.0, &place.1)?.or_not_found() {
                Ok(script) => script,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let mut seen = HashSet::new();
            let mut tags = edit(std::mem::take(&mut script.tags));
            tags.retain(|tag| seen.insert(tag.clone()));
            if let Err(refusal) = check(&tags) {
                return Ok(Err(refusal));
            }
            change.set_tags(script.row, &tags)?;
            Ok(Ok(tags))
        })
        .await?
}
