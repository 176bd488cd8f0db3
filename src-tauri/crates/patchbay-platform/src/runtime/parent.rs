//! What the children may ask this process for, each over a socket of its own.

use super::Runtime;
use super::bindings::is_native;
use super::lanes::Reserved;
use super::limits::Announcement;
use super::observe::{Answered, Refused, Watching, epoch_ms};
use super::placement::{Key, Occupant, ScriptName, owner};
use super::pool::{Awaited, Member};
use super::tail::{TailReport, TailReports};
use super::thrown::{Thrown, ThrownReport};
use super::turns::Turn;
use super::watch::cpu_time;
use crate::cache::Owner;
use crate::error::PlatformError;
use crate::store::assets::{Asset, RoutedAssets};
use crate::store::placement::LivePlacement;
use axum::body::Body;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use patchbay_cloudflare::wire::script::Limits;
use serde::Deserialize;
use serde_json::json;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Serves a router on a Unix socket until it is told to stop.
pub(crate) fn serve(
    stop: &CancellationToken,
    path: &Path,
    listener: UnixListener,
    router: Router,
) -> Result<(), PlatformError> {
    let failed = |source| PlatformError::file("create", path, source);
    listener.set_nonblocking(true).map_err(failed)?;
    let listener = tokio::net::UnixListener::from_std(listener).map_err(failed)?;
    let stop = stop.clone();
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
        .route("/ended", post(ended))
        .with_state(Arc::clone(runtime))
}

#[derive(Deserialize)]
struct ScriptQuery {
    namespace: String,
    script: String,
}

/// Where a script is to be found: the process, and the live version.
pub(crate) async fn placed(
    runtime: &Arc<Runtime>,
    namespace: &str,
    script: &str,
) -> Result<Option<(Arc<Member>, Placed)>, PlatformError> {
    placed_by(runtime, namespace, script, key).await
}

/// The same for a script that is to run in a process of its own, whatever its bindings are.
pub(crate) async fn placed_alone(
    runtime: &Arc<Runtime>,
    namespace: &str,
    script: &str,
) -> Result<Option<(Arc<Member>, Placed)>, PlatformError> {
    placed_by(runtime, namespace, script, |_, namespace, script, live| alone(namespace, script, live)).await
}

async fn placed_by(
    runtime: &Arc<Runtime>,
    namespace: &str,
    script: &str,
    key: fn(&Runtime, &str, &str, &LivePlacement) -> Key,
) -> Result<Option<(Arc<Member>, Placed)>, PlatformError> {
    let live = || {
        let place = (namespace.to_owned(), script.to_owned());
        runtime.store.change(move |change| change.live_placement(&place.0, &place.1))
    };
    let mut found = live().await?;
    while let Some(wanted) = found {
        match runtime.place(&key(runtime, namespace, script, &wanted)).await {
            Ok(member) => {
                let LivePlacement { version, trusted, assets, limits, .. } = wanted;
                return Ok(Some((member, Placed { version, trusted, assets, limits })));
            }
            Err(error) => {
                found = live().await?;
                // What was wanted may have been replaced or deleted in between, and then only the new state counts.
                if found.as_ref().is_some_and(|found| found.version == wanted.version) {
                    return Err(error);
                }
            }
        }
    }
    Ok(None)
}

/// Which process runs a version.
fn key(runtime: &Runtime, namespace: &str, script: &str, live: &LivePlacement) -> Key {
    if !live.has_classes && !live.kinds.iter().any(|kind| is_native(kind)) {
        let name = ScriptName { namespace: namespace.into(), script: script.into() };
        return runtime.offenders.place(&owner(namespace, script, &live.tags), name);
    }
    alone(namespace, script, live)
}

/// The process of its own that runs a version.
fn alone(namespace: &str, script: &str, live: &LivePlacement) -> Key {
    let owner = owner(namespace, script, &live.tags).into();
    let script = ScriptName { namespace: namespace.into(), script: script.into() };
    let version = live.version.as_str().into();
    Key { owner, occupant: Occupant::Dedicated { script, version, exclusive: live.has_classes } }
}

/// The live version, where its process is known.
pub(crate) struct Placed {
    pub(crate) version: String,
    /// It may see `request.cf`.
    pub(crate) trusted: bool,
    /// Which requests its assets answer, when it has any.
    pub(crate) assets: Option<RoutedAssets>,
    /// What its upload said that a request may use.
    pub(crate) limits: Option<Limits>,
}

fn place(member: &Member, Placed { version, trusted, assets, limits }: &Placed, lane: Option<u32>) -> Response {
    let Member { slot, serial, key, .. } = member;
    let place = json!({ "slot": slot, "process": serial, "version": version, "tenant": key.owner.as_ref(), "lane": lane,
        "trusted": trusted, "assets": assets, "limits": limits });
    Json(place).into_response()
}

async fn resolve(State(runtime): State<Arc<Runtime>>, Query(query): Query<ScriptQuery>) -> Result<Response, Failed> {
    Ok(match placed(&runtime, &query.namespace, &query.script).await? {
        Some((member, placed)) => {
            runtime.note_served(&query.namespace, &query.script);
            place(&member, &placed, None)
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
    let Some((delivery, draft)) = runtime.observed.delivery_of(&delivery) else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let draft = match draft.map(|draft| draft.upgrade()) {
        // What is live must not answer in its place.
        Some(None) => return Ok((StatusCode::GONE, "the draft that it is for has gone").into_response()),
        Some(Some(draft)) => Some(draft).filter(|draft| draft.is_for(&namespace, &script)),
        None => None,
    };
    let query = ScriptQuery { namespace, script };
    let (member, held, placed) = loop {
        let found = match &draft {
            Some(draft) => Some(runtime.placed_draft(draft).await?),
            None => placed(&runtime, &query.namespace, &query.script).await?,
        };
        let Some((member, found)) = found else {
            return Ok(Json(json!({ "missing": true })).into_response());
        };
        let held = Awaited::new(&member);
        // A process that began to leave before it was held may be gone by now.
        if runtime.pool.is_current(&member) {
            break (member, held, found);
        }
    };
    let ScriptQuery { namespace, script } = query;
    let served_by = patchbay_core::observation::ServedBy { namespace, script, version: placed.version.clone() };
    match runtime.observed.reserve(member.serial, held, &delivery, served_by).await {
        Reserved::Lane(lane) => {
            runtime.observed.serving(member.serial, lane, cpu_time(&member));
            Ok(place(&member, &placed, Some(lane)))
        }
        Reserved::Busy => Ok((StatusCode::SERVICE_UNAVAILABLE, "every lane of the process is busy").into_response()),
    }
}

/// A request that never got its answer.
#[derive(Deserialize)]
struct Lost {
    process: u64,
    sent_ms: f64,
    namespace: String,
    script: String,
}

/// Why a request got no answer, in the words that the namespace binding throws.
async fn ended(State(runtime): State<Arc<Runtime>>, body: Bytes) -> Result<Response, StatusCode> {
    let Lost { process, sent_ms, namespace, script } = report(&body)?;
    let script = ScriptName { namespace: namespace.into(), script: script.into() };
    let words = runtime.ending_of(process, sent_ms, script).await;
    Ok(words.map_or_else(|| StatusCode::NOT_FOUND.into_response(), IntoResponse::into_response))
}

/// A process that serves an owner's scripts.
#[derive(Clone)]
struct Asking {
    runtime: Arc<Runtime>,
    owner: Arc<str>,
    process: u64,
}

/// Bytes of a report at most. That of a refused call holds what was sent and answered, in base64.
const LONGEST_REPORT: usize = 32 << 20;

/// What such a process may ask: only for its owner's scripts.
pub(crate) fn of_member(runtime: &Arc<Runtime>, owner: &Arc<str>, process: u64) -> Router {
    Router::new()
        .route("/code", get(code))
        .route("/assets", get(assets))
        .route("/asset", get(asset))
        .route("/cache", post(cache))
        .route("/outbound", get(outbound))
        .route("/parameters", get(parameters))
        .route("/clock", post(clock))
        .route("/turn", post(turn))
        .route("/tail", post(tail))
        .route("/answered", post(answered))
        .route("/refused", post(refused))
        .layer(DefaultBodyLimit::max(LONGEST_REPORT))
        .route("/thrown", post(thrown))
        .route("/limits", post(limits))
        .with_state(Asking { runtime: Arc::clone(runtime), owner: Arc::clone(owner), process })
}

#[derive(Deserialize)]
struct CodeQuery {
    namespace: String,
    script: String,
    version: String,
}

async fn code(State(state): State<Asking>, Query(query): Query<CodeQuery>) -> Result<Response, Failed> {
    let CodeQuery { namespace, script, version } = query;
    let code = state.runtime.code_for(&state.owner, namespace, script, version).await?;
    Ok(code
        .map_or_else(|| (StatusCode::NOT_FOUND, "no such version").into_response(), |code| Json(code).into_response()))
}

/// What serves the assets of a version.
async fn assets(State(state): State<Asking>, Query(query): Query<CodeQuery>) -> Result<Response, Failed> {
    let CodeQuery { namespace, script, version } = query;
    let served = state.runtime.assets_for(&state.owner, namespace, script, version).await?;
    Ok(served.map_or_else(
        || (StatusCode::NOT_FOUND, "no such assets").into_response(),
        |served| Json(served).into_response(),
    ))
}

#[derive(Deserialize)]
struct AssetQuery {
    namespace: String,
    script: String,
    version: String,
    hash: String,
}

/// A file of a version's assets.
async fn asset(State(state): State<Asking>, Query(query): Query<AssetQuery>) -> Result<Response, Failed> {
    let AssetQuery { namespace, script, version, hash } = query;
    let found = state.runtime.asset_for(&state.owner, namespace, script, version, hash).await?;
    let Some(Asset { content, content_type }) = found else { return Ok(StatusCode::NOT_FOUND.into_response()) };
    let mut response = Body::from(content).into_response();
    if let Some(content_type) = content_type.and_then(|text| HeaderValue::try_from(text).ok()) {
        response.headers_mut().insert(CONTENT_TYPE, content_type);
    }
    Ok(response)
}

/// Uses the caches of one of the owner's scripts.
async fn cache(
    State(state): State<Asking>,
    Query(ScriptQuery { namespace, script }): Query<ScriptQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failed> {
    // A draft's answers are apart from those of what is live.
    let member = state.runtime.pool.with_serial(state.process);
    if let Some(draft) = member.as_ref().and_then(|member| member.key.draft()) {
        let owner = Owner::script(&namespace, draft);
        return Ok(crate::cache::service::serve(&state.runtime.caches, owner, false, &headers, body).await);
    }
    let place = (namespace.clone(), script.clone());
    let live = state.runtime.store.change(move |change| change.live_placement(&place.0, &place.1)).await?;
    let live = live.filter(|live| owner(&namespace, &script, &live.tags) == *state.owner);
    let Some(LivePlacement { trusted, .. }) = live else {
        return Ok((StatusCode::NOT_FOUND, "no such script").into_response());
    };
    let owner = if trusted { Owner::namespace(&namespace) } else { Owner::script(&namespace, &script) };
    Ok(crate::cache::service::serve(&state.runtime.caches, owner, trusted, &headers, body).await)
}

async fn outbound(State(state): State<Asking>) -> Response {
    Json(state.runtime.outbound_code()).into_response()
}

/// Parameters of the outbound worker for what a script does on behalf of no request.
async fn parameters(State(state): State<Asking>, Query(query): Query<CodeQuery>) -> Result<Response, Failed> {
    Ok(Json(state.runtime.own_parameters(&state.owner, &query.script).await?).into_response())
}

async fn clock() -> String {
    epoch_ms().to_string()
}

async fn turn(State(state): State<Asking>, body: Bytes) -> Result<String, StatusCode> {
    let turn: Turn = report(&body)?;
    let wait = state.runtime.turns.take(&turn);
    if let Some(lane) = turn.lane().filter(|_| turn.is_taken_after(wait)) {
        state.runtime.observed.paced(state.process, lane, wait);
    }
    Ok(wait.to_string())
}

/// Reads a report of our own module; one that cannot be read is a defect and said so.
fn report<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, StatusCode> {
    serde_json::from_slice(body).map_err(|error| {
        tracing::error!(%error, "a tenant's process sent a report that cannot be read");
        StatusCode::BAD_REQUEST
    })
}

async fn tail(State(state): State<Asking>, body: Bytes) -> Result<Json<Watching>, StatusCode> {
    let TailReports { reports } = report(&body)?;
    for TailReport { caller, lane, events } in reports {
        state.runtime.observed.tail(state.process, caller, lane, events).await;
    }
    Ok(Json(state.runtime.observed.watching()))
}

async fn limits(State(state): State<Asking>, body: Bytes) -> Result<Json<Watching>, StatusCode> {
    let announcement: Announcement = report(&body)?;
    if let Some(member) = state.runtime.pool.with_serial(state.process) {
        member.watched.announce(announcement);
    }
    Ok(Json(state.runtime.observed.watching()))
}

async fn answered(State(state): State<Asking>, body: Bytes) -> Result<StatusCode, StatusCode> {
    let answered: Answered = report(&body)?;
    let member = state.runtime.pool.with_serial(state.process);
    let used = member.and_then(|member| cpu_time(&member));
    state.runtime.observed.answered(state.process, &answered, used);
    Ok(StatusCode::NO_CONTENT)
}

async fn refused(State(state): State<Asking>, body: Result<Bytes, BytesRejection>) -> Result<StatusCode, StatusCode> {
    let Ok(body) = body else {
        // Which delivery it belongs to stands in what is too long to be read.
        state.runtime.observed.overlooked(state.process);
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let refused: Refused = report(&body)?;
    state.runtime.observed.refused(state.process, refused).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn thrown(State(state): State<Asking>, body: Bytes) -> Result<Json<Thrown>, StatusCode> {
    Ok(Json(state.runtime.observed.thrown(report::<ThrownReport>(&body)?).await))
}
