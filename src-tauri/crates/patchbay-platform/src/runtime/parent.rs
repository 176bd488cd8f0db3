//! What the children may ask this process for, each over a socket of its own.

use super::Runtime;
use super::lanes::Reserved;
use super::observe::{Answered, Refused, epoch_ms};
use super::tail::TailReport;
use super::tenants::owner;
use super::thrown::{Thrown, ThrownReport};
use crate::error::PlatformError;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;

/// Serves a router on a Unix socket until the platform stops.
pub(crate) fn serve(
    runtime: &Arc<Runtime>,
    path: &Path,
    listener: UnixListener,
    router: Router,
) -> Result<(), PlatformError> {
    let failed = |source| PlatformError::file("create", path, source);
    listener.set_nonblocking(true).map_err(failed)?;
    let listener = tokio::net::UnixListener::from_std(listener).map_err(failed)?;
    let stop = runtime.stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = stop.cancelled() => {}
            served = axum::serve(listener, router) => drop(served),
        }
    });
    Ok(())
}

/// A failure on the way to an answer for a child.
struct Failed(PlatformError);

impl From<PlatformError> for Failed {
    fn from(error: PlatformError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        tracing::error!(error = %self.0, "a child could not be answered");
        (StatusCode::INTERNAL_SERVER_ERROR, self.0.to_string()).into_response()
    }
}

/// What the dispatcher's process may ask.
pub(crate) fn of_dispatcher(runtime: &Arc<Runtime>) -> Router {
    Router::new()
        .route("/resolve", get(resolve))
        .route("/routing", get(routing))
        .route("/lanes", post(reserve))
        .with_state(Arc::clone(runtime))
}

#[derive(Deserialize)]
struct ScriptQuery {
    namespace: String,
    script: String,
}

/// Where a script is to be found.
async fn placed(runtime: &Arc<Runtime>, query: ScriptQuery) -> Result<Option<(usize, String, String)>, Failed> {
    let ScriptQuery { namespace, script } = query;
    let place = (namespace.clone(), script.clone());
    let live = runtime.store.change(move |change| change.live_version(&place.0, &place.1)).await?;
    let Some((version, tags)) = live else { return Ok(None) };
    let tenant = owner(&namespace, &script, &tags);
    let slot = runtime.slot(&tenant)?;
    Ok(Some((slot, version, tenant)))
}

async fn resolve(State(runtime): State<Arc<Runtime>>, Query(query): Query<ScriptQuery>) -> Result<Response, Failed> {
    Ok(match placed(&runtime, query).await? {
        Some((slot, version, tenant)) => {
            Json(json!({ "slot": slot, "version": version, "tenant": tenant })).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    })
}

#[derive(Deserialize)]
struct RoutingQuery {
    key: String,
}

async fn routing(State(runtime): State<Arc<Runtime>>, Query(query): Query<RoutingQuery>) -> Result<Response, Failed> {
    let value = runtime.store.change(move |change| change.routing_value(&query.key)).await?;
    Ok(value.map_or_else(|| StatusCode::NOT_FOUND.into_response(), IntoResponse::into_response))
}

#[derive(Deserialize)]
struct Reservation {
    namespace: String,
    script: String,
    delivery: String,
}

async fn reserve(State(runtime): State<Arc<Runtime>>, body: Bytes) -> Result<Response, Failed> {
    let Ok(Reservation { namespace, script, delivery }) = serde_json::from_slice(&body) else {
        return Ok(StatusCode::BAD_REQUEST.into_response());
    };
    let Some(delivery) = runtime.observed.delivery_of(&delivery) else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let query = ScriptQuery { namespace: namespace.clone(), script: script.clone() };
    let Some((slot, version, tenant)) = placed(&runtime, query).await? else {
        return Ok(Json(json!({ "missing": true })).into_response());
    };
    let served_by = patchbay_core::observation::ServedBy { namespace, script, version: version.clone() };
    match runtime.observed.reserve(&tenant, &delivery, served_by).await {
        Reserved::Lane(lane) => {
            Ok(Json(json!({ "slot": slot, "version": version, "tenant": tenant, "lane": lane })).into_response())
        }
        Reserved::Busy => Ok((StatusCode::SERVICE_UNAVAILABLE, "every lane of the tenant is busy").into_response()),
    }
}

/// A tenant's process.
#[derive(Clone)]
struct TenantState {
    runtime: Arc<Runtime>,
    tenant: Arc<str>,
}

/// What a tenant's process may ask: only for its own scripts.
pub(crate) fn of_tenant(runtime: &Arc<Runtime>, tenant: &str) -> Router {
    Router::new()
        .route("/code", get(code))
        .route("/outbound", get(outbound))
        .route("/clock", post(clock))
        .route("/tail", post(tail))
        .route("/answered", post(answered))
        .route("/refused", post(refused))
        .route("/thrown", post(thrown))
        // Reports hold whole bodies.
        .layer(DefaultBodyLimit::disable())
        .with_state(TenantState { runtime: Arc::clone(runtime), tenant: tenant.into() })
}

#[derive(Deserialize)]
struct CodeQuery {
    namespace: String,
    script: String,
    version: String,
}

async fn code(State(state): State<TenantState>, Query(query): Query<CodeQuery>) -> Result<Response, Failed> {
    let CodeQuery { namespace, script, version } = query;
    let code = state.runtime.code_for(&state.tenant, namespace, script, version).await?;
    Ok(code
        .map_or_else(|| (StatusCode::NOT_FOUND, "no such version").into_response(), |code| Json(code).into_response()))
}

async fn outbound(State(state): State<TenantState>) -> Response {
    Json(state.runtime.outbound_code()).into_response()
}

async fn clock() -> String {
    epoch_ms().to_string()
}

/// Reads a report of our own module; one that cannot be read is a defect and said so.
fn report<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, StatusCode> {
    serde_json::from_slice(body).map_err(|error| {
        tracing::error!(%error, "a tenant's process sent a report that cannot be read");
        StatusCode::BAD_REQUEST
    })
}

async fn tail(State(state): State<TenantState>, body: Bytes) -> Result<StatusCode, StatusCode> {
    let TailReport { caller, lane, events } = report(&body)?;
    state.runtime.observed.tail(&state.tenant, caller, lane, events).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn answered(State(state): State<TenantState>, body: Bytes) -> Result<StatusCode, StatusCode> {
    let answered: Answered = report(&body)?;
    state.runtime.observed.answered(&state.tenant, &answered);
    Ok(StatusCode::NO_CONTENT)
}

async fn refused(State(state): State<TenantState>, body: Bytes) -> Result<StatusCode, StatusCode> {
    let refused: Refused = report(&body)?;
    state.runtime.observed.refused(&state.tenant, refused).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn thrown(State(state): State<TenantState>, body: Bytes) -> Result<Json<Thrown>, StatusCode> {
    Ok(Json(state.runtime.observed.thrown(report::<ThrownReport>(&body)?).await))
}
