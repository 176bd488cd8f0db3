//! The modules of a script.

use super::refusal::{Body, Path, Refusal, ok};
use super::upload::{Upload, validate};
use super::{Shared, scripts};
use crate::runtime::changes::Publication;
use crate::store::new_id;
use crate::store::versions::NewVersion;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue};
use patchbay_cloudflare::wire::codes::ApiCode;
use patchbay_core::Module;

pub(super) async fn get(
    State(api): Shared,
    Path((_, namespace, name)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    let live = api.script(&namespace, &name).await?.live;
    let id = live.id;
    let modules = api.runtime.store.change(move |change| change.modules(&id)).await?;
    let boundary = new_id();
    let body = encoded(&boundary, &modules);
    let mut response = body.into_response();
    let content_type = HeaderValue::try_from(format!("multipart/form-data; boundary={boundary}"));
    response.headers_mut().insert(CONTENT_TYPE, content_type.map_err(|_| ApiCode::Internal)?);
    // Percent-encoding is not known here; a name that is no header value is left out, and the first part is the entry.
    if let Ok(entry) = HeaderValue::try_from(live.entry) {
        response.headers_mut().insert(HeaderName::from_static("cf-entrypoint"), entry);
    }
    Ok(response)
}

/// The modules as multipart/form-data, as Cloudflare answers.
fn encoded(boundary: &str, modules: &[Module]) -> Vec<u8> {
    let mut body = Vec::new();
    for module in modules {
        // As browsers escape them in form-data.
        let name = module.name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\nContent-Type: {}\r\n\r\n",
            module.kind.content_type()
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&module.content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    body
}

/// Replaces modules and entry; bindings, tags, compatibility and the rest stay.
pub(super) async fn put(
    State(api): Shared,
    Path((_, namespace, name)): Path<(String, String, String)>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Refusal> {
    let Upload { entry, modules, .. } = Upload::read(&headers, body).await?;
    let lock = api.runtime.lock_script(&namespace, &name).await;
    let live = api.script(&namespace, &name).await?.live;
    let mut version = NewVersion { entry, modules, bindings: live.bindings, details: live.details };
    validate(&api, &mut version).await?;
    let publication = Publication { namespace, script: name, tags: None, version };
    let script = api.runtime.publish(lock, publication).await?.ok_or(ApiCode::NamespaceNotFound)?;
    Ok(ok(scripts::shown(&script)))
}
