//! The publish of a version: an upload, and what else makes a new version of a script.

use super::assets;
use super::bindings::{self, Sources};
use super::refusal::{Body, Path, Query, Refusal, ok};
use super::upload::Upload;
use super::{Api, Shared, check_name, migrations, scripts, tags};
use crate::runtime::changes::Publication;
use crate::runtime::service_worker::is_service_worker;
use crate::runtime::validate::Validation;
use crate::store::details::{Details, NamedHandler};
use crate::store::versions::NewVersion;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use http::header::USER_AGENT;
use patchbay_cloudflare::wire::codes::ApiCode;
use serde::Deserialize;

/// Starts a version and notes what it handles. The version that is live keeps serving when it does not start.
pub(super) async fn validate(api: &Api, version: &mut NewVersion, before: Option<&Details>) -> Result<(), Refusal> {
    // A Worker of only assets runs nothing.
    if version.entry.is_empty() {
        return Ok(());
    }
    let started = match api.runtime.validate(version).await? {
        Validation::Started(started) => started,
        Validation::Refused(message) => return Err(Refusal::with(ApiCode::Validation, message)),
    };
    let handlers = started.handlers.unwrap_or_default();
    if handlers.is_empty() && started.named.is_empty() {
        return Err(ApiCode::NoHandlers.into());
    }
    migrations::check_exports(&version.details, before, &started.named)?;
    version.details.service_worker = is_service_worker(&version.entry, &version.modules);
    version.details.handlers = handlers;
    version.details.named_handlers =
        started.named.into_iter().map(|export| NamedHandler { name: export.name, handlers: export.handlers }).collect();
    version.details.startup_time_ms = started.startup_ms;
    Ok(())
}

/// `excludeScript` needs no answer here: no answer contains the script.
#[derive(Deserialize)]
pub(super) struct UploadQuery {
    bindings_inherit: Option<String>,
}

pub(super) async fn put(
    State(api): Shared,
    Path((_, namespace, name)): Path<(String, String, String)>,
    Query(query): Query<UploadQuery>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Refusal> {
    check_name(&name, "Worker")?;
    let Upload { entry, modules, mut metadata } = Upload::read(&headers, body).await?;
    if let Some(Some(tags)) = &metadata.tags {
        tags::check(tags)?;
    }
    let wanted_migrations = metadata.other.shift_remove("migrations");

    let lock = api.runtime.lock_script(&namespace, &name).await;
    let place = (namespace.clone(), name.clone());
    let (trusted, previous) = api
        .runtime
        .store
        .change(move |change| Ok((change.is_trusted(&place.0)?, change.script(&place.0, &place.1)?)))
        .await?;
    let trusted = trusted.ok_or(ApiCode::NamespaceNotFound)?;
    let live = previous.as_ref().map(|script| &script.live);
    let uploaded = metadata.bindings.unwrap_or_default();
    let sources = Sources {
        live,
        others: api.inherited_versions(&namespace, &name, &uploaded).await?,
        keep: metadata.keep_bindings.as_deref(),
        strict: query.bindings_inherit.as_deref() == Some("strict"),
    };
    let bindings = sources.merged(uploaded)?;
    let before = live.map(|live| &live.details);
    let claimed = assets::claimed(&api, (&namespace, &name), &mut metadata.other, before).await?;
    let from_wrangler = headers
        .get(USER_AGENT)
        .and_then(|agent| agent.to_str().ok())
        .is_some_and(|agent| agent.starts_with("wrangler/"));
    let mut details = Details {
        compatibility_date: metadata.compatibility_date,
        compatibility_flags: metadata.compatibility_flags.unwrap_or_default(),
        limits: metadata.limits,
        deployed_from: if from_wrangler { "wrangler" } else { "api" }.into(),
        trusted,
        other: metadata.other,
        ..Details::default()
    };
    migrations::apply(wanted_migrations, before, &mut details)?;
    details.assets = claimed;
    let mut version = NewVersion { entry, modules, bindings, details };
    assets::check(&version)?;
    bindings::check_targets(&api, &namespace, &name, &version).await?;
    validate(&api, &mut version, before).await?;
    let tags = metadata.tags.map(Option::unwrap_or_default);
    let publication = Publication { namespace, script: name, tags, version };
    let script = api.runtime.publish(lock, publication).await?.ok_or(ApiCode::NamespaceNotFound)?;
    Ok(ok(scripts::shown(&script)))
}
