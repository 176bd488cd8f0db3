//! The upload of static assets (CONTRACT rows 20 and 21): a session that says which files are missing, their upload, and
//! the token with which a script then claims them.

use super::assets_token::{AssetsToken, KEY, Stage};
use super::parts::parts_of;
use super::refusal::{Body, JsonBody, Path, Query, Refusal, ok};
use super::{Api, Shared, check_name};
use crate::assets::{AssetsConfig, AssetsConfigError, VersionAssets};
use crate::store::assets::{NewAsset, Wanted};
use crate::store::details::Details;
use crate::store::versions::NewVersion;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, StatusCode};
use patchbay_cloudflare::wire::assets::{AssetsSession, AssetsSessionRequest, UploadedAssets};
use patchbay_cloudflare::wire::codes::ApiCode;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Files of a script at most, and bytes of one, as on a paid plan.
const MOST_FILES: usize = 100_000;
const LARGEST_FILE: u64 = 25 << 20;
/// Files and bytes that a client is told to send at once; base64 of it stays below the largest body.
const MOST_IN_BUCKET: usize = 500;
const LARGEST_BUCKET: u64 = 40 << 20;
/// What clients send where they do not know a file's type.
const UNKNOWN_TYPE: &str = "application/null";

fn refused(text: impl Into<String>) -> Refusal {
    Refusal::with(ApiCode::Validation, text)
}

/// Starts an upload: notes the manifest and answers which of its files the namespace lacks.
pub(super) async fn start(
    State(api): Shared,
    Path((_, namespace, name)): Path<(String, String, String)>,
    JsonBody(request): JsonBody<AssetsSessionRequest>,
) -> Result<Response, Refusal> {
    check_name(&name, "Worker")?;
    let wanted = wanted(request)?;
    let place = namespace.clone();
    let started = api
        .runtime
        .store
        .change(move |change| {
            let Some(manifest) = change.create_manifest(&place, &wanted)? else { return Ok(None) };
            let missing = change.missing_assets(&manifest)?;
            Ok(Some((manifest, missing, change.sealed_key(KEY)?)))
        })
        .await?;
    let (manifest, missing, key) = started.ok_or(ApiCode::NamespaceNotFound)?;
    // Where nothing is missing, the upload is complete already.
    let stage = if missing.is_empty() { Stage::Complete } else { Stage::Upload };
    let jwt = AssetsToken::new(stage, manifest, namespace, name).signed(&key);
    Ok(ok(AssetsSession { jwt, buckets: buckets(missing) }))
}

fn wanted(request: AssetsSessionRequest) -> Result<Vec<Wanted>, Refusal> {
    if request.manifest.len() > MOST_FILES {
        return Err(refused(format!("The manifest names more than {MOST_FILES} files.")));
    }
    let mut wanted = Vec::with_capacity(request.manifest.len());
    for (path, file) in request.manifest {
        let shown = path.escape_debug();
        if !path.starts_with('/') || path.len() > 1024 || path.chars().any(char::is_control) {
            return Err(refused(format!("The path \"{shown}\" of the manifest should begin with `/`.")));
        }
        let is_hash = file.hash.len() == 32 && file.hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hash {
            return Err(refused(format!("The hash of \"{shown}\" should have 32 hex digits.")));
        }
        if file.size > LARGEST_FILE {
            return Err(refused(format!("\"{shown}\" has {} bytes; a file may have 25 MiB.", file.size)));
        }
        wanted.push(Wanted { path, hash: file.hash.to_ascii_lowercase(), size: file.size });
    }
    Ok(wanted)
}

fn buckets(missing: Vec<(String, u64)>) -> Vec<Vec<String>> {
    let mut buckets: Vec<Vec<String>> = Vec::new();
    let mut room = 0;
    for (hash, size) in missing {
        if let Some(bucket) = buckets.last_mut().filter(|bucket| bucket.len() < MOST_IN_BUCKET && size <= room) {
            bucket.push(hash);
        } else {
            buckets.push(vec![hash]);
            room = LARGEST_BUCKET;
        }
        room = room.saturating_sub(size);
    }
    buckets
}

#[derive(Deserialize)]
pub(super) struct UploadQuery {
    #[serde(default)]
    base64: Option<String>,
}

/// Takes files. The answer to the last one has the token with which the script claims them.
pub(super) async fn upload(
    State(api): Shared,
    Query(query): Query<UploadQuery>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Refusal> {
    let key = api.runtime.store.change(|change| change.sealed_key(KEY)).await?;
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let token = AssetsToken::read(bearer.unwrap_or_default().trim(), &key, Stage::Upload)
        .map_err(|text| Refusal::with(ApiCode::Authentication, text))?;
    if query.base64.as_deref() != Some("true") {
        return Err(refused("Files are sent in base64: add `?base64=true`."));
    }
    let parts = parts_of(&headers, body).await?.ok_or(ApiCode::ContentTypeRequired)?;
    let manifest = token.manifest.clone();
    let sizes = api.runtime.store.change(move |change| change.wanted_sizes(&manifest)).await?;
    let sizes = sizes.ok_or_else(|| refused("The upload session is over; start another one."))?;
    let mut assets = Vec::with_capacity(parts.len());
    for part in parts {
        let hash = part.name.to_ascii_lowercase();
        let shown = hash.escape_debug();
        let size =
            sizes.get(&hash).ok_or_else(|| refused(format!("The manifest has no file with the hash \"{shown}\".")))?;
        // Clients wrap lines, or do not.
        let text: Vec<u8> = part.content.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let content =
            STANDARD.decode(text).map_err(|_| refused(format!("The file with the hash \"{shown}\" is not base64.")))?;
        if content.len() as u64 != *size {
            let text =
                format!("The file with the hash \"{shown}\" has {} bytes; the manifest says {size}.", content.len());
            return Err(refused(text));
        }
        let content_type = part.content_type.filter(|kind| kind != UNKNOWN_TYPE);
        assets.push(NewAsset { hash, content: Bytes::from(content), content_type });
    }
    let manifest = token.manifest.clone();
    let missing = api
        .runtime
        .store
        .change(move |change| {
            change.add_assets(&manifest, &assets)?;
            change.missing_assets(&manifest)
        })
        .await?;
    if !missing.is_empty() {
        return Ok((StatusCode::ACCEPTED, ok(UploadedAssets::default())).into_response());
    }
    let jwt = token.completed().signed(&key);
    Ok((StatusCode::CREATED, ok(UploadedAssets { jwt: Some(jwt) })).into_response())
}

/// What an upload of a script says about its assets, as its version has them. Takes the keys out of the metadata.
pub(super) async fn claimed(
    api: &Api,
    (namespace, name): (&str, &str),
    metadata: &mut Map<String, Value>,
    before: Option<&Details>,
) -> Result<Option<VersionAssets>, Refusal> {
    let keep = metadata.shift_remove("keep_assets").is_some_and(|keep| keep == Value::Bool(true));
    let before = before.and_then(|before| before.assets.clone());
    let said = match metadata.shift_remove("assets") {
        None | Some(Value::Null) if !keep => return Ok(None),
        None | Some(Value::Null) => Value::Object(Map::new()),
        Some(said) if said.is_object() => said,
        Some(_) => return Err(refused("`assets` of the metadata is no object.")),
    };
    let config = match &said["config"] {
        Value::Null => None,
        config => Some(AssetsConfig::read(config).map_err(|error| refuse_config(&error))?),
    };
    if let Some(jwt) = said["jwt"].as_str() {
        let key = api.runtime.store.change(|change| change.sealed_key(KEY)).await?;
        let token = AssetsToken::read(jwt, &key, Stage::Complete).map_err(refused)?;
        if (token.namespace.as_str(), token.script.as_str()) != (namespace, name) {
            return Err(refused("`assets.jwt` belongs to the upload of another script."));
        }
        let manifest = token.manifest.clone();
        let known = api.runtime.store.change(move |change| change.wanted_sizes(&manifest)).await?;
        known.ok_or_else(|| refused("The files of `assets.jwt` are gone; upload them again."))?;
        return Ok(Some(VersionAssets { manifest: token.manifest, config: config.unwrap_or_default() }));
    }
    match before.filter(|_| keep) {
        Some(before) => Ok(Some(VersionAssets { config: config.unwrap_or(before.config), ..before })),
        None if keep => Err(refused("`keep_assets` keeps nothing: the script has no assets.")),
        None => Err(refused("`assets` has no `jwt`, the token that the end of an upload of assets gives.")),
    }
}

fn refuse_config(error: &AssetsConfigError) -> Refusal {
    let is_file = matches!(error, AssetsConfigError::File { .. });
    Refusal::with(if is_file { ApiCode::InvalidAssetsConfig } else { ApiCode::Validation }, error.to_string())
}

/// Refuses a version whose assets and bindings do not fit.
pub(super) fn check(version: &NewVersion) -> Result<(), Refusal> {
    let Some(assets) = &version.details.assets else {
        return match version.bindings.iter().find(|binding| binding.kind == "assets") {
            Some(binding) => {
                Err(refused(format!("Binding '{}' has the type assets, but the script has no assets.", binding.name)))
            }
            None if version.entry.is_empty() => Err(refused("The upload has neither a script nor assets.")),
            None => Ok(()),
        };
    };
    if version.bindings.iter().filter(|binding| binding.kind == "assets").count() > 1 {
        return Err(refused("A script can have one binding of the type assets."));
    }
    let routing = &assets.config.routing;
    if version.entry.is_empty() && (routing.first || !routing.adapter.is_empty()) {
        return Err(refused("`assets.config.run_worker_first` is set, but the upload has no script that could run."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::buckets;

    #[test]
    fn what_is_sent_at_once_fits_into_a_body() {
        let of = |sizes: &[u64]| -> Vec<usize> {
            let missing = sizes.iter().map(|size| (size.to_string(), *size)).collect();
            buckets(missing).iter().map(Vec::len).collect()
        };
        assert_eq!(of(&[]), Vec::<usize>::new());
        assert_eq!(of(&[1; 501]), [500, 1]);
        assert_eq!(of(&[25 << 20, 15 << 20, 1, 25 << 20]), [2, 2]);
    }
}
