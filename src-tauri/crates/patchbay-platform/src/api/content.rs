//! The modules of a script.

use super::publish::validate;
use super::refusal::{Body, Path, Refusal, ok};
use super::upload::Upload;
use super::{Shared, scripts};
use crate::runtime::changes::Publication;
use crate::runtime::service_worker::is_service_worker;
use crate::store::new_id;
use crate::store::versions::NewVersion;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue};
use patchbay_cloudflare::wire::codes::ApiCode;
use patchbay_core::Module;

/// The modules as multipart/form-data; a script in service-worker syntax as it is.
pub(super) async fn get(
    State(api): Shared,
    Path((_, namespace, name)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    let live = api.script(&namespace, &name).await?.live;
    let id = live.id;
    let mut modules = api.runtime.store.change(move |change| change.modules(&id)).await?;
    let (body, content_type) = if is_service_worker(&live.entry, &modules) {
        // The entry comes first.
        (modules.swap_remove(0).content, "application/javascript".to_owned())
    } else {
        let boundary = new_id();
        (encoded(&boundary, &modules).into(), format!("multipart/form-data; boundary={boundary}"))
    };
    let mut response = body.into_response();
    let content_type = HeaderValue::try_from(content_type).map_err(|_| ApiCode::Internal)?;
    response.headers_mut().insert(CONTENT_TYPE, content_type);
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
    let before = live.details;
    let trusted_of = namespace.clone();
    let trusted = api.runtime.store.change(move |change| change.is_trusted(&trusted_of)).await?;
    let mut version = NewVersion { entry, modules, bindings: live.bindings, details: before.clone() };
    // New code is a deployment, too.
    version.details.trusted = trusted.ok_or(ApiCode::NamespaceNotFound)?;
    validate(&api, &mut version, Some(&before)).await?;
    let publication = Publication { namespace, script: name, tags: None, version };
    let script = api.runtime.publish(lock, publication).await?.ok_or(ApiCode::NamespaceNotFound)?;
    Ok(ok(scripts::shown(&script)))
}
