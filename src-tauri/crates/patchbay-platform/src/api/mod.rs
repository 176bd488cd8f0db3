//! The API server: Cloudflare's v4 API under `/client/v4`, Patchbay's own routes under `/patchbay/v1`.

mod assets;
mod assets_token;
mod binding_types;
mod bindings;
mod body;
mod content;
mod drafts;
mod identity;
mod limits;
mod local;
mod migrations;
mod modules;
mod namespaces;
mod parts;
mod publish;
pub(crate) mod refusal;
mod script_lists;
mod scripts;
mod secrets;
mod settings;
mod tags;
pub(crate) mod throttle;
mod upload;

use crate::guard::guard;
use crate::runtime::Runtime;
use crate::store::scripts::StoredScript;
use crate::store::{Change, StoreError};
use axum::routing::{delete, get, patch, post, put};
use axum::{Router, middleware};
use http::Uri;
use patchbay_cloudflare::wire::codes::ApiCode;
use refusal::Refusal;
use std::sync::Arc;

/// What the handlers share.
pub(crate) struct Api {
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) account_id: String,
    pub(crate) token: String,
    /// Whether an explain worker was given.
    pub(crate) explains: bool,
    pub(crate) throttle: throttle::Throttle,
}

type Shared = axum::extract::State<Arc<Api>>;

/// All routes, behind the guard.
pub(crate) fn router(api: &Arc<Api>) -> Router {
    let client = identity::routes().merge(namespace_routes());
    Router::new()
        .nest("/client/v4", client)
        .nest("/patchbay/v1", local::routes())
        .fallback(no_route)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state(Arc::clone(api), throttle::admit))
        .layer(middleware::from_fn_with_state(Arc::clone(api), guard))
        .layer(middleware::from_fn_with_state(Arc::clone(api), throttle::announce))
        .with_state(Arc::clone(api))
}

fn namespace_routes() -> Router<Arc<Api>> {
    const NAMESPACES: &str = "/accounts/{account}/workers/dispatch/namespaces";
    let script = Router::new()
        .route("/", put(publish::put).get(scripts::get).delete(scripts::delete))
        .route("/content", get(content::get).put(content::put))
        .route("/settings", get(settings::get).patch(settings::patch))
        .route("/bindings", get(bindings::list))
        .route("/secrets", get(secrets::list).put(secrets::put))
        .route("/secrets/{secret}", get(secrets::get).delete(secrets::delete))
        .route("/secrets-bulk", patch(secrets::bulk))
        .route("/tags", get(tags::list).put(tags::replace))
        .route("/tags/{tag}", put(tags::add).delete(tags::remove))
        .route("/assets-upload-session", post(assets::start));
    Router::new()
        .route(NAMESPACES, get(namespaces::list).post(namespaces::create))
        .route(
            &format!("{NAMESPACES}/{{namespace}}"),
            get(namespaces::get).put(namespaces::change).patch(namespaces::change).delete(namespaces::delete),
        )
        .route(
            &format!("{NAMESPACES}/{{namespace}}/scripts"),
            get(script_lists::list).delete(script_lists::delete_by_tags),
        )
        .nest(&format!("{NAMESPACES}/{{namespace}}/scripts/{{script}}"), script)
        // The account's own Workers are other Workers, and there are none (CONTRACT section 1.2).
        .route("/accounts/{account}/workers/scripts/{script}/secrets", get(no_account_script))
        .route("/accounts/{account}/workers/scripts/{script}/settings", get(no_account_script))
        .route("/accounts/{account}/workers/assets/upload", post(assets::upload))
        .route("/accounts/{account}/workers/scripts/{script}", delete(no_account_script).get(no_account_script))
}

async fn no_account_script() -> Refusal {
    ApiCode::ScriptNotFound.into()
}

async fn no_route(uri: Uri) -> Refusal {
    Refusal::with(
        ApiCode::NoRoute,
        format!("Could not route to {}, perhaps your object identifier is invalid?", uri.path()),
    )
}

async fn method_not_allowed(method: http::Method) -> Refusal {
    Refusal::with(
        ApiCode::Authentication,
        format!("{method} method not allowed for the api_token authentication scheme"),
    )
    .status(http::StatusCode::METHOD_NOT_ALLOWED)
}

/// What a read finds.
enum Found {
    NoNamespace,
    NoScript,
    Script(Box<StoredScript>),
}

impl Found {
    fn in_store(change: &Change<'_>, namespace: &str, script: &str) -> Result<Self, StoreError> {
        if let Some(found) = change.script(namespace, script)? {
            return Ok(Self::Script(Box::new(found)));
        }
        Ok(if change.has_namespace(namespace)? { Self::NoScript } else { Self::NoNamespace })
    }

    /// The script, or the refusal that every operation but the plain `GET` gives.
    fn or_not_found(self) -> Result<StoredScript, Refusal> {
        match self {
            Self::Script(script) => Ok(*script),
            Self::NoScript => Err(ApiCode::ScriptNotFound.into()),
            Self::NoNamespace => Err(ApiCode::NamespaceNotFound.into()),
        }
    }
}

impl Api {
    async fn found(&self, namespace: &str, script: &str) -> Result<Found, Refusal> {
        let place = (namespace.to_owned(), script.to_owned());
        Ok(self.runtime.store.change(move |change| Found::in_store(change, &place.0, &place.1)).await?)
    }

    async fn script(&self, namespace: &str, script: &str) -> Result<StoredScript, Refusal> {
        self.found(namespace, script).await?.or_not_found()
    }
}

/// A name as it may stand in a URL: what the schema allows, without what would make a path ambiguous.
fn check_name(name: &str, what: &str) -> Result<(), Refusal> {
    let bad = name.is_empty()
        || name.len() > 255
        || matches!(name, "." | "..")
        || name.chars().any(|character| character == '/' || character.is_control());
    if bad {
        return Err(Refusal::with(ApiCode::InvalidScriptName, format!("Invalid {what} name.")));
    }
    Ok(())
}
