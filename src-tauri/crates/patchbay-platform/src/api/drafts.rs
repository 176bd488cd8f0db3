//! Versions that are loaded without being published. They serve the deliveries that are registered for them.

use super::bindings::{self, Sources};
use super::publish::validate;
use super::refusal::{Body, Path, Refusal};
use super::upload::Upload;
use super::{Api, Shared, check_name, tags};
use crate::local_api::LoadedDraft;
use crate::runtime::drafts::DraftHold;
use crate::runtime::placement::ScriptName;
use crate::store::details::Details;
use crate::store::versions::NewVersion;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use patchbay_cloudflare::wire::codes::ApiCode;
use patchbay_cloudflare::wire::metadata::Metadata;
use serde_json::Value;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// How often an empty line shows that the connection is still there.
const BEAT: Duration = Duration::from_secs(10);

/// Loads an upload beside what is live. The draft goes with the connection that this is answered on.
pub(super) async fn load(
    State(api): Shared,
    Path((namespace, name)): Path<(String, String)>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Refusal> {
    check_name(&name, "Worker")?;
    let upload = Upload::read(&headers, body).await?;
    let place = namespace.clone();
    let trusted = api.runtime.store.change(move |change| change.is_trusted(&place)).await?;
    let trusted = trusted.ok_or(ApiCode::NamespaceNotFound)?;
    let (tags, version) = drafted(&api, (&namespace, &name), upload, trusted).await?;
    let script = ScriptName { namespace: namespace.into(), script: name.into() };
    let Some(hold) = api.runtime.load_draft(script, &tags, version) else {
        let text = "Too many drafts are loaded; wait until another replay of a draft is over.";
        return Err(Refusal::with(ApiCode::Unknown, text).status(StatusCode::TOO_MANY_REQUESTS));
    };
    api.runtime.start_draft(&hold).await?;
    Ok(held(&api, hold))
}

/// What an upload is as a draft: tags and version, checked as a publish checks them and started once.
async fn drafted(
    api: &Api,
    (namespace, name): (&str, &str),
    Upload { entry, modules, metadata }: Upload,
    trusted: bool,
) -> Result<(Vec<String>, NewVersion), Refusal> {
    let Metadata { bindings, compatibility_date, compatibility_flags, limits, tags, other, .. } = metadata;
    let tags = tags.flatten().unwrap_or_default();
    tags::check(&tags)?;
    refuse_what_is_stored(&other)?;
    let sources = Sources { strict: true, ..Sources::default() };
    let bindings = sources.merged(bindings.unwrap_or_default())?;
    let own_objects = bindings.iter().find(|binding| {
        let of = binding.text_field("script_name").unwrap_or_default();
        binding.kind == "durable_object_namespace" && (of.is_empty() || of == name)
    });
    if let Some(binding) = own_objects {
        return Err(refused(format!(
            "A draft cannot have Durable Objects of its own (binding '{}'): their storage is held by the process of the live version. Publish it to another environment to try it.",
            binding.name
        )));
    }
    let details = Details {
        compatibility_date,
        compatibility_flags: compatibility_flags.unwrap_or_default(),
        limits,
        deployed_from: "draft".into(),
        trusted,
        other,
        ..Details::default()
    };
    let mut version = NewVersion { entry, modules, bindings, details };
    bindings::check_targets(api, namespace, name, &version).await?;
    validate(api, &mut version, None).await?;
    Ok((tags, version))
}

/// Migrations and assets change what is stored, which a draft does not.
fn refuse_what_is_stored(other: &serde_json::Map<String, Value>) -> Result<(), Refusal> {
    match ["migrations", "assets", "keep_assets"].into_iter().find(|key| other.contains_key(*key)) {
        Some(key) => Err(refused(format!("A draft stores nothing, so it cannot have `{key}`; publish it."))),
        None => Ok(()),
    }
}

fn refused(text: impl Into<String>) -> Refusal {
    Refusal::with(ApiCode::Validation, text)
}

/// The draft's id, then an empty line from time to time, until the client hangs up or the platform stops.
fn held(api: &Arc<Api>, hold: DraftHold) -> Response {
    let loaded = serde_json::to_vec(&LoadedDraft { draft: hold.id().to_owned() }).unwrap_or_default();
    let first = Bytes::from([loaded.as_slice(), b"\n"].concat());
    let stop = api.runtime.stop.clone();
    let lines = stream::unfold((Some(first), hold, stop), |(first, hold, stop)| async move {
        let line = if let Some(first) = first {
            first
        } else {
            tokio::select! {
                () = stop.cancelled() => return None,
                () = tokio::time::sleep(BEAT) => Bytes::from_static(b"\n"),
            }
        };
        Some((Ok::<_, Infallible>(line), (None, hold, stop)))
    });
    let mut response = axum::body::Body::from_stream(lines).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    response
}
