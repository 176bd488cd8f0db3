//! `patchbay bridge`: the window's commands over HTTP on loopback, for browser tests. The same `dispatch()` as the window.

use crate::Verdict;
use crate::args::BridgeArguments;
use crate::session::{Session, interrupted};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::stream::{Stream, StreamExt as _};
use patchbay_app::App;
use patchbay_app::wire::error::{ErrorCode, WireError};
use std::path::PathBuf;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;
use tokio_stream::wrappers::BroadcastStream;

#[derive(Clone)]
struct Bridge {
    app: Arc<App>,
    ui: PathBuf,
    token: String,
}

pub async fn run(session: &Session, arguments: &BridgeArguments) -> Result<Verdict, WireError> {
    if session.given_workspace().is_some() {
        session.open_workspace()?;
    }
    let unusable = |error: std::io::Error| {
        WireError::new(ErrorCode::PlatformPortInUse, format!("Port {} cannot be used: {error}", arguments.port))
            .with_hint("Choose another one with --port, or 0 for any")
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", arguments.port)).await.map_err(unusable)?;
    let address = listener.local_addr().map_err(unusable)?;
    let bridge = Bridge {
        app: Arc::clone(session.app()),
        ui: arguments.ui.clone(),
        token: hex::encode(rand::random::<[u8; 32]>()),
    };
    let guarded = Router::new()
        .route("/rpc/{command}", post(rpc))
        .route("/events", get(events))
        .layer(middleware::from_fn_with_state(bridge.clone(), require_token));
    let router = guarded.fallback(get(page)).layer(middleware::from_fn(require_loopback)).with_state(bridge);
    session
        .printer()
        .answer(&serde_json::json!({ "url": format!("http://{address}/") }), &format!("http://{address}/"));
    axum::serve(listener, router)
        .with_graceful_shutdown(interrupted())
        .await
        .map_err(|error| WireError::internal("The bridge ended", &error))?;
    Ok(Verdict::Held)
}

/// A page of another site may send requests to loopback; its `Host` (after DNS rebinding) or `Origin` tells it apart.
async fn require_loopback(request: Request, next: Next) -> Response {
    if is_from_loopback(request.headers()) { next.run(request).await } else { StatusCode::FORBIDDEN.into_response() }
}

fn is_from_loopback(headers: &HeaderMap) -> bool {
    let is_loopback = |value: &HeaderValue| {
        let text = value.to_str().unwrap_or_default().trim_start_matches("http://");
        let host = text.rsplit_once(':').map_or(text, |(host, _)| host);
        matches!(host, "127.0.0.1" | "localhost")
    };
    headers.get(header::HOST).is_some_and(is_loopback) && headers.get(header::ORIGIN).is_none_or(is_loopback)
}

async fn require_token(State(bridge): State<Bridge>, headers: HeaderMap, request: Request, next: Next) -> Response {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default();
    if bool::from(given.as_bytes().ct_eq(bridge.token.as_bytes())) {
        next.run(request).await
    } else {
        StatusCode::UNAUTHORIZED.into_response()
    }
}

async fn rpc(State(bridge): State<Bridge>, Path(command): Path<String>, body: axum::body::Bytes) -> Response {
    let payload = match serde_json::from_slice(&body) {
        Ok(payload) => payload,
        Err(error) => return failure(&WireError::malformed_request(&command, &error)),
    };
    match patchbay_app::dispatch(&bridge.app, &command, payload).await {
        Ok(answer) => axum::Json(answer).into_response(),
        Err(error) => failure(&error),
    }
}

fn failure(error: &WireError) -> Response {
    let status = match error.code {
        ErrorCode::InternalBug => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::UsageUnknownCommand => StatusCode::NOT_FOUND,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    (status, axum::Json(serde_json::json!({ "error": error }))).into_response()
}

async fn events(State(bridge): State<Bridge>) -> Sse<impl Stream<Item = Result<Event, axum::Error>>> {
    // A reader that fell behind misses events, as a window would; the next ones still come.
    let events = BroadcastStream::new(bridge.app.subscribe())
        .filter_map(|event| async move { event.ok() })
        .map(|event| Event::default().json_data(event));
    Sse::new(events)
}

/// Serves the built user interface, with the token in the page.
async fn page(State(bridge): State<Bridge>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let path = if path.is_empty() { "index.html" } else { path };
    if path.split('/').any(|part| part == ".." || part.is_empty()) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Ok(bytes) = tokio::fs::read(bridge.ui.join(path)).await else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("ttf") => "font/ttf",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    };
    let body = if path == "index.html" {
        let meta = format!("<head><meta name=\"patchbay-bridge-token\" content=\"{}\">", bridge.token);
        Body::from(String::from_utf8_lossy(&bytes).replacen("<head>", &meta, 1))
    } else {
        Body::from(bytes)
    };
    let policy = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
                  img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-src 'none'; object-src 'none'";
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, policy)], body).into_response()
}
