//! Settings of a script: everything but its code.

use super::bindings::{self, Sources};
use super::parts::parts_of;
use super::publish::validate;
use super::refusal::{Body, Path, Refusal, ok};
use super::upload::check_unserved;
use super::{Shared, limits, migrations, tags};
use crate::runtime::changes::Publication;
use crate::store::scripts::StoredScript;
use crate::store::versions::NewVersion;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use patchbay_cloudflare::wire::codes::ApiCode;
use patchbay_cloudflare::wire::script::Settings;
use serde_json::{Map, Value, json};

/// Keys of an upload that say how to do it; no setting of the script.
const NO_SETTINGS: [&str; 4] = ["assets", "keep_assets", "migrations", "keep_bindings"];

fn shown(script: &StoredScript) -> Settings {
    let details = &script.live.details;
    let mut other: Map<String, Value> =
        [("logpush", json!(false)), ("tail_consumers", json!([])), ("usage_model", json!("standard"))]
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
    // Clients that check the schema take neither `null` nor an empty placement (CONTRACT section 3.2).
    let is_empty = |value: &Value| value.is_null() || value.as_object().is_some_and(Map::is_empty);
    let kept = details.other.iter().filter(|(key, value)| !NO_SETTINGS.contains(&key.as_str()) && !is_empty(value));
    other.extend(kept.map(|(key, value)| (key.clone(), value.clone())));
    Settings {
        bindings: Some(bindings::shown(&script.live)),
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
    let unreadable = |text: &str| Refusal::with(ApiCode::CannotParseBody, text);
    let part = parts
        .iter()
        .find(|part| part.name == "settings")
        .ok_or_else(|| unreadable("The multipart body has no part `settings`."))?;
    limits::check_metadata(&part.content)?;
    let mut wanted: Settings = serde_json::from_slice(&part.content)
        .map_err(|error| unreadable(&format!("Could not parse the part `settings`: line {}.", error.line())))?;
    if let Some(wanted) = &wanted.tags {
        tags::check(wanted)?;
    }
    check_unserved(&wanted.other)?;
    limits::check_flags(wanted.compatibility_flags.as_ref())?;
    limits::check_count(wanted.bindings.as_deref().unwrap_or_default())?;
    let wanted_migrations = wanted.other.shift_remove("migrations");

    let lock = api.runtime.lock_script(&namespace, &name).await;
    let live = api.script(&namespace, &name).await?.live;
    let bindings = match wanted.bindings {
        Some(uploaded) => {
            let others = api.inherited_versions(&namespace, &name, &uploaded).await?;
            Sources { live: Some(&live), others, ..Sources::default() }.merged(uploaded)?
        }
        None => live.bindings,
    };
    let before = live.details;
    let mut details = before.clone();
    details.compatibility_date = wanted.compatibility_date.or(details.compatibility_date);
    details.compatibility_flags = wanted.compatibility_flags.unwrap_or(details.compatibility_flags);
    details.limits = wanted.limits.or(details.limits);
    details.other.extend(wanted.other);
    migrations::apply(wanted_migrations, Some(&before), &mut details)?;
    let id = live.id;
    let modules = api.runtime.store.change(move |change| change.modules(&id)).await?;
    let mut version = NewVersion { entry: live.entry, modules, bindings, details };
    bindings::check_targets(&api, &namespace, &name, &version).await?;
    validate(&api, &mut version, Some(&before)).await?;
    let publication = Publication { namespace, script: name, tags: wanted.tags, version };
    let script = api.runtime.publish(lock, publication).await?.ok_or(ApiCode::NamespaceNotFound)?;
    Ok(ok(shown(&script)))
}
