//! Settings of a script: everything but its code.

use super::refusal::{Body, Path, Refusal, ok};
use super::upload::parts_of;
use super::{Shared, bindings, tags};
use crate::runtime::changes::Publication;
use crate::store::scripts::StoredScript;
use crate::store::versions::NewVersion;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use patchbay_cloudflare::wire::codes::ApiCode;
use patchbay_cloudflare::wire::script::Settings;
use serde_json::{Map, Value, json};

fn shown(script: &StoredScript) -> Settings {
    let details = &script.live.details;
    let mut other: Map<String, Value> =
        [("logpush", json!(false)), ("tail_consumers", json!([])), ("usage_model", json!("standard"))]
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
    other.extend(details.other.clone());
    Settings {
        bindings: Some(bindings::shown(&script.live.bindings)),
        compatibility_date: details.compatibility_date.clone(),
        compatibility_flags: Some(details.compatibility_flags.clone()),
        limits: details.limits,
        tags: Some(script.tags.clone()),
        other,
    }
}

pub(super) async fn get(
    State(api): Shared,
    Path((_, namespace, name)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    Ok(ok(shown(&api.script(&namespace, &name).await?)))
}

pub(super) async fn patch(
    State(api): Shared,
    Path((_, namespace, name)): Path<(String, String, String)>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Refusal> {
    let parts = parts_of(&headers, body).await?.ok_or(ApiCode::ContentTypeRequired)?;
    let part = parts.iter().find(|part| part.name == "settings").ok_or(ApiCode::CannotParseBody)?;
    let wanted: Settings =
        serde_json::from_slice(&part.content).map_err(|_| Refusal::from(ApiCode::CannotParseBody))?;
    if let Some(wanted) = &wanted.tags {
        tags::check(wanted)?;
    }
    super::upload::check_unserved(&wanted.other)?;

    let lock = api.runtime.lock_script(&namespace, &name).await;
    let live = api.script(&namespace, &name).await?.live;
    let bindings = match wanted.bindings {
        Some(uploaded) => bindings::merged(uploaded, Some(&live), None, false)?,
        None => live.bindings,
    };
    let mut details = live.details;
    details.compatibility_date = wanted.compatibility_date.or(details.compatibility_date);
    details.compatibility_flags = wanted.compatibility_flags.unwrap_or(details.compatibility_flags);
    details.limits = wanted.limits.or(details.limits);
    details.other.extend(wanted.other);
    let id = live.id;
    let modules = api.runtime.store.change(move |change| change.modules(&id)).await?;
    let mut version = NewVersion { entry: live.entry, modules, bindings, details };
    super::upload::validate(&api, &mut version).await?;
    let publication = Publication { namespace, script: name, tags: wanted.tags, version };
    let script = api.runtime.publish(lock, publication).await?.ok_or(ApiCode::NamespaceNotFound)?;
    Ok(ok(shown(&script)))
}
