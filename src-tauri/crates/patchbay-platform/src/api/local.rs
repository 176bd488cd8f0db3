//! Patchbay's own routes: the routing table, recorded deliveries, tails, status, explanations. Plain JSON, no envelope
//! on success; refusals are those of the v4 API.

use super::refusal::{Body, JsonBody, Path, Query, Refusal};
use super::{Api, Shared};
use crate::local_api::{PlatformStatus, ProcessStatus, Question, Routing, TailEvent};
use crate::workerd::socket::ask;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use bytes::Bytes;
use futures_util::stream;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, StatusCode};
use patchbay_cloudflare::wire::codes::ApiCode;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use time::format_description::well_known::Rfc3339;
use tokio::sync::broadcast::error::RecvError;

/// Longest wait for observations.
const LONGEST_WAIT: Duration = Duration::from_mins(2);
const EXPLAIN_PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/routing", put(set_routing))
        .route("/deliveries", post(register_delivery))
        .route("/drafts/{namespace}/{script}", post(super::drafts::load))
        .route("/deliveries/{delivery}/observations", get(observations))
        .route("/tail", get(tail))
        .route("/status", get(status))
        .route("/queues", get(queues))
        .route("/explain", post(explain))
        .route("/upstreams", post(ask_upstreams))
}

async fn set_routing(State(api): Shared, JsonBody(routing): JsonBody<Routing>) -> Result<Response, Refusal> {
    let Routing { routes, tenants, keys } = routing;
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    if routes != Value::Null {
        values.insert("routes".into(), routes.to_string());
    }
    values.extend(tenants.into_iter().map(|(id, settings)| (format!("tenant:{id}"), settings.to_string())));
    values.extend(keys.into_iter().map(|(key, target)| (format!("key:{key}"), target.to_string())));
    let runtime = Arc::clone(&api.runtime);
    // To the end even when the client goes away, as with scripts.
    tokio::spawn(async move { runtime.change_routing(values).await }).await.map_err(|_| ApiCode::Internal)??;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What waits in the queues that scripts send to.
async fn queues(State(api): Shared) -> Result<Response, Refusal> {
    Ok(Json(api.runtime.backlogs().await?).into_response())
}

/// Body of `POST /deliveries`; none registers one delivery.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    /// A mark for the many requests of a load run, which are neither recorded nor stored.
    #[serde(default)]
    load: bool,
    /// The draft that is to serve it, in the place of what is live.
    #[serde(default)]
    draft: Option<String>,
}

async fn register_delivery(State(api): Shared, Body(body): Body) -> Result<Response, Refusal> {
    let registration = if body.is_empty() {
        Registration::default()
    } else {
        serde_json::from_slice(&body).map_err(|_| {
            Refusal::with(ApiCode::CannotParseBody, "Send nothing, {\"load\": true}, or {\"draft\": id}.")
        })?
    };
    let observed = &api.runtime.observed;
    let draft =
        match &registration.draft {
            Some(id) => Some(api.runtime.drafts.get(id).ok_or_else(|| {
                Refusal::with(ApiCode::NoRoute, format!("No draft `{}` is loaded.", id.escape_debug()))
            })?),
            None => None,
        };
    let registered = if registration.load { observed.register_load() } else { observed.register(draft.as_ref()) };
    Ok(Json(registered).into_response())
}

#[derive(Deserialize)]
struct ObservationsQuery {
    #[serde(default)]
    wait_ms: u64,
    /// The sender has its answer: when no script was reached until now, none will be.
    #[serde(default)]
    answered: bool,
}

async fn observations(
    State(api): Shared,
    Path(delivery): Path<String>,
    Query(query): Query<ObservationsQuery>,
) -> Result<Response, Refusal> {
    let patience = Duration::from_millis(query.wait_ms).min(LONGEST_WAIT);
    match api.runtime.observed.observations(&delivery, patience, query.answered).await {
        Some(observations) => Ok(Json(observations).into_response()),
        None => Err(Refusal::with(ApiCode::NoRoute, "No such delivery was registered.")),
    }
}

#[derive(Deserialize)]
struct TailQuery {
    script: Option<String>,
}

/// One line of JSON for each request that an adapter served, as it happens.
async fn tail(State(api): Shared, Query(query): Query<TailQuery>) -> Response {
    let tails = api.runtime.watch_requests().await;
    let stop = api.runtime.stop.clone();
    let lines = stream::unfold((tails, query.script, stop), |(mut tails, script, stop)| async move {
        loop {
            let event = tokio::select! {
                () = stop.cancelled() => return None,
                event = tails.recv() => event,
            };
            match event {
                Ok(event) if script.as_ref().is_none_or(|script| *script == event.served_by.script) => {
                    let mut line = serde_json::to_vec(&TailEvent::from((*event).clone())).unwrap_or_default();
                    line.push(b'\n');
                    return Some((Ok::<_, Infallible>(Bytes::from(line)), (tails, script, stop)));
                }
                Ok(_) => {}
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "a tail reader is too slow");
                }
                Err(RecvError::Closed) => return None,
            }
        }
    });
    let mut response = axum::body::Body::from_stream(lines).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    response
}

async fn status(State(api): Shared) -> Response {
    let mut processes = Vec::new();
    api.runtime.each_process(|process| {
        let state = process.state();
        processes.push(ProcessStatus {
            role: process.role.into(),
            tenant: process.tenant.clone(),
            pid: state.pid,
            started: state.started.format(&Rfc3339).unwrap_or_default(),
            restarts: state.restarts,
            rss: state.pid.and_then(resident_bytes),
        });
    });
    Json(PlatformStatus { pid: std::process::id(), processes }).into_response()
}

/// Resident memory of a process. Linux tells it in kB in `/proc/<pid>/status`.
fn resident_bytes(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// A question to whoever answers the calls of adapters, and what that says.
async fn ask_upstreams(State(api): Shared, JsonBody(question): JsonBody<Value>) -> Response {
    Json(api.runtime.gateway.ask(question).await).into_response()
}

async fn explain(State(api): Shared, Body(body): Body) -> Result<Response, Refusal> {
    if !api.explains {
        return Err(Refusal::with(ApiCode::NoRoute, "This platform was started without an explain worker."));
    }
    if serde_json::from_slice::<Question>(&body).is_err() {
        return Err(Refusal::with(ApiCode::CannotParseBody, "Send {\"url\": …, \"headers\": [[name, value], …]}."));
    }
    let socket = api.runtime.folder().join("explain");
    let (status, answer) = ask("dispatcher", &socket, Method::POST, "http://explain/", body, EXPLAIN_PATIENCE).await?;
    let mut response = (status, answer).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
