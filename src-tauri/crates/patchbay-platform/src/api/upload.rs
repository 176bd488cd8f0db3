//! Uploads: multipart bodies as different clients write them (CONTRACT sections 1 and 4), and the publish of a version.

use super::refusal::{Body, Path, Query, Refusal, ok};
use super::{Api, Shared, bindings, check_name, scripts, tags};
use crate::runtime::changes::Publication;
use crate::runtime::validate::Validation;
use crate::store::versions::{Details, NewVersion};
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, USER_AGENT};
use patchbay_cloudflare::wire::codes::ApiCode;
use patchbay_cloudflare::wire::metadata::Metadata;
use patchbay_cloudflare::wire::module::kind_of_content_type;
use patchbay_core::{Module, ModuleKind};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::convert::Infallible;
use std::io::Write as _;

/// Modules of a script together after gzip, as on a paid plan.
const LARGEST_SCRIPT: usize = 10 << 20;
/// Parts of an upload at most.
const MOST_PARTS: usize = 2000;
/// Keys of metadata and settings that ask for something the platform does not serve.
const UNSERVED: [(&str, &str); 4] = [
    ("assets", "Static assets are"),
    ("migrations", "Durable Objects are"),
    ("exports", "Exports are"),
    ("containers", "Containers are"),
];

/// One part of a multipart body.
pub(super) struct Part {
    pub(super) name: String,
    filename: Option<String>,
    content_type: Option<String>,
    pub(super) content: Bytes,
}

/// Reads a multipart body; nothing when the content type is another one.
pub(super) async fn parts_of(headers: &HeaderMap, body: Bytes) -> Result<Option<Vec<Part>>, Refusal> {
    let unreadable = |_| Refusal::with(ApiCode::CannotParseBody, "Could not parse the multipart body.");
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Ok(boundary) = multer::parse_boundary(content_type) else { return Ok(None) };
    let mut multipart = multer::Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
    let mut parts = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(unreadable)? {
        if parts.len() == MOST_PARTS {
            return Err(Refusal::with(ApiCode::CannotParseBody, format!("More than {MOST_PARTS} parts.")));
        }
        parts.push(Part {
            name: field.name().unwrap_or_default().to_owned(),
            filename: field.file_name().map(str::to_owned),
            content_type: field.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned),
            content: field.bytes().await.map_err(unreadable)?,
        });
    }
    Ok(Some(parts))
}

/// An upload that was understood.
pub(super) struct Upload {
    pub(super) entry: String,
    pub(super) modules: Vec<Module>,
    pub(super) metadata: Metadata,
}

impl Upload {
    pub(super) async fn read(headers: &HeaderMap, body: Bytes) -> Result<Self, Refusal> {
        let Some(parts) = parts_of(headers, body).await? else { return Err(service_worker()) };
        let mut metadata = None;
        let mut files = Vec::new();
        for part in parts {
            if part.name == "metadata" && metadata.is_none() {
                metadata = Some(part);
            } else {
                files.push(part);
            }
        }
        // The entry may also be named by a header (`PUT …/content`).
        let mut metadata: Metadata = match &metadata {
            Some(part) => serde_json::from_slice(&part.content)
                .map_err(|error| refused(format!("could not parse part metadata: line {}", error.line())))?,
            None if headers.contains_key("cf-worker-main-module-part") => Metadata::default(),
            None => return Err(refused("could not read content for part metadata")),
        };
        if metadata.main_module.is_none() {
            let named = headers.get("cf-worker-main-module-part").and_then(|name| name.to_str().ok());
            metadata.main_module = named.map(str::to_owned);
        }
        check_unserved(&metadata.other)?;
        let Some(main) = metadata.main_module.clone() else { return Err(service_worker()) };
        let entry = files
            .iter()
            .map(|part| (module_name(part), &part.name))
            .find(|(name, part)| *name == main || (**part == main))
            .map(|(name, _)| name.to_owned())
            .ok_or_else(|| refused(format!("No such module \"{main}\".")))?;
        let modules = files.into_iter().map(|part| module(part, &entry)).collect::<Result<Vec<_>, _>>()?;
        check_names(&modules)?;
        let mut modules = check_size(modules).await?;
        // The loader and `GET …/content` want the entry first; the others keep their order.
        modules.sort_by_key(|module| module.name != entry);
        Ok(Self { entry, modules, metadata })
    }
}

fn refused(text: impl Into<String>) -> Refusal {
    Refusal::with(ApiCode::Validation, text)
}

fn service_worker() -> Refusal {
    refused(
        "Scripts in service-worker syntax are not served by the embedded platform; upload ES modules and name the entry as `main_module`.",
    )
}

/// A module is known by its file name; clients use the part's name for other things (CONTRACT section 1.3).
fn module_name(part: &Part) -> &str {
    part.filename.as_deref().unwrap_or(&part.name)
}

fn module(part: Part, entry: &str) -> Result<Module, Refusal> {
    let name = module_name(&part).to_owned();
    let kind = match &part.content_type {
        Some(content_type) => kind_of_content_type(content_type).ok_or_else(|| {
            refused(format!("module files has unsupported Content-Type \"{content_type}\" for \"{name}\""))
        })?,
        None => ModuleKind::EsModule,
    };
    // Cloudflare's own examples label ES modules as plain JavaScript.
    let kind = if name == entry && kind == ModuleKind::CommonJs { ModuleKind::EsModule } else { kind };
    if kind == ModuleKind::Json && serde_json::from_slice::<Value>(&part.content).is_err() {
        return Err(refused(format!("The module \"{name}\" is not JSON.")));
    }
    Ok(Module { name, kind, content: part.content })
}

fn check_names(modules: &[Module]) -> Result<(), Refusal> {
    let mut names = std::collections::HashSet::new();
    for module in modules {
        let bad = module.name.is_empty() || module.name.len() > 1024 || module.name.chars().any(char::is_control);
        if bad || module.name.split('/').any(|part| part == "..") || module.name.starts_with('/') {
            return Err(refused(format!("Invalid module name \"{}\".", module.name.escape_debug())));
        }
        if !names.insert(&module.name) {
            return Err(refused(format!("The module \"{}\" is there twice.", module.name)));
        }
    }
    Ok(())
}

/// Gzip never makes a script noticeably larger, so only what is large to begin with needs to be squeezed.
async fn check_size(modules: Vec<Module>) -> Result<Vec<Module>, Refusal> {
    let size: usize = modules.iter().map(|module| module.content.len()).sum();
    if size <= LARGEST_SCRIPT {
        return Ok(modules);
    }
    let squeezed = tokio::task::spawn_blocking(move || (!is_too_large(&modules)).then_some(modules));
    let too_large = || Refusal::with(ApiCode::ScriptTooLarge, "Your Worker exceeded the size limit of 10 MiB.");
    squeezed.await.map_err(|_| ApiCode::Internal)?.ok_or_else(too_large)
}

fn is_too_large(modules: &[Module]) -> bool {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    modules.iter().flat_map(|module| module.content.chunks(1 << 18)).any(|chunk| {
        // Writing to memory cannot fail.
        let _ = encoder.write_all(chunk);
        encoder.get_ref().len() > LARGEST_SCRIPT
    })
}

/// Refuses what the platform does not serve, instead of ignoring it.
pub(super) fn check_unserved(keys: &Map<String, Value>) -> Result<(), Refusal> {
    for (key, subject) in UNSERVED {
        if keys.get(key).is_some_and(|value| !value.is_null() && *value != Value::Array(Vec::new())) {
            return Err(refused(format!("{subject} not served by the embedded platform (`{key}`).")));
        }
    }
    Ok(())
}

/// Starts a version and notes what it handles. The version that is live keeps serving when it does not start.
pub(super) async fn validate(api: &Api, version: &mut NewVersion) -> Result<(), Refusal> {
    let started = match api.runtime.validate(version).await? {
        Validation::Started(started) => started,
        Validation::Refused(message) => return Err(refused(message)),
    };
    let handlers = started.handlers.unwrap_or_default();
    if handlers.is_empty() && started.named.is_empty() {
        return Err(ApiCode::NoHandlers.into());
    }
    version.details.handlers = handlers;
    version.details.named_handlers = started.named;
    version.details.startup_time_ms = started.startup_ms;
    Ok(())
}

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
    let Upload { entry, modules, metadata } = Upload::read(&headers, body).await?;
    if let Some(Some(tags)) = &metadata.tags {
        tags::check(tags)?;
    }
    let strict = query.bindings_inherit.as_deref() == Some("strict");

    let lock = api.runtime.lock_script(&namespace, &name).await;
    let previous = api.previous(&namespace, &name).await?;
    let bindings = bindings::merged(
        metadata.bindings.unwrap_or_default(),
        previous.as_ref().map(|script| &script.live),
        metadata.keep_bindings.as_deref(),
        strict,
    )?;
    let from_wrangler = headers
        .get(USER_AGENT)
        .and_then(|agent| agent.to_str().ok())
        .is_some_and(|agent| agent.starts_with("wrangler/"));
    let details = Details {
        compatibility_date: metadata.compatibility_date,
        compatibility_flags: metadata.compatibility_flags.unwrap_or_default(),
        limits: metadata.limits,
        deployed_from: if from_wrangler { "wrangler" } else { "api" }.into(),
        other: metadata.other,
        ..Details::default()
    };
    let mut version = NewVersion { entry, modules, bindings, details };
    validate(&api, &mut version).await?;
    let tags = metadata.tags.map(Option::unwrap_or_default);
    let publication = Publication { namespace, script: name, tags, version };
    let script = api.runtime.publish(lock, publication).await?.ok_or(ApiCode::NamespaceNotFound)?;
    Ok(ok(scripts::shown(&script)))
}
