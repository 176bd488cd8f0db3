//! What the dispatcher's module for the inbox asks of this process, over a socket of its own.

use super::{Destination, Inbox, Outcome, Received, Report, Unkept};
use crate::runtime::observe::{Mark, Observed};
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use http::StatusCode;
use patchbay_core::{Environment, HttpMessageHeaders, HttpRequest};
use serde::Deserialize;
use std::sync::Arc;
use std::time::UNIX_EPOCH;
use time::OffsetDateTime;

#[derive(Clone)]
struct Served {
    observed: Arc<Observed>,
    inbox: Arc<dyn Inbox>,
}

/// The inbox, as the dispatcher's process sees it.
pub(crate) fn of_dispatcher(observed: &Arc<Observed>, inbox: &Arc<dyn Inbox>) -> Router {
    Router::new()
        .route("/webhooks", post(receive))
        .route("/outcomes", post(report))
        .route("/mark", post(mark))
        // Only the module sends here, and it says where the limit is.
        .layer(DefaultBodyLimit::disable())
        .with_state(Served { observed: Arc::clone(observed), inbox: Arc::clone(inbox) })
}

/// The first line of a webhook; the bytes of its body follow.
#[derive(Deserialize)]
struct Head {
    environment: Environment,
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    #[serde(default)]
    left: Option<Left>,
    #[serde(default)]
    destination: Option<Place>,
}

#[derive(Deserialize)]
struct Place {
    namespace: String,
    script: String,
    #[serde(default)]
    version: Option<String>,
    #[serde(default)]
    owner: Option<String>,
}

/// Why no body follows.
#[derive(Deserialize)]
struct Left {
    bytes: u64,
    /// Nobody knows how many more there are.
    #[serde(default)]
    stream: bool,
}

async fn receive(State(served): State<Served>, bytes: Bytes) -> Response {
    let at = OffsetDateTime::now_utc();
    let Some(mut webhook) = webhook(&bytes, at) else {
        tracing::error!("the dispatcher sent a webhook that cannot be read");
        return (StatusCode::BAD_REQUEST, "not a webhook").into_response();
    };
    if let Some(version) = webhook.destination.as_ref().and_then(|destination| destination.version.as_deref()) {
        webhook.redactor = served.observed.redactor(version).await;
    }
    match served.inbox.receive(webhook).await {
        Ok(id) => id.into_response(),
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            tracing::error!(%error, cause, "the sender is told to try again");
            (StatusCode::SERVICE_UNAVAILABLE, format!("{error}: {cause}")).into_response()
        }
    }
}

fn webhook(bytes: &Bytes, at: OffsetDateTime) -> Option<Received> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let Head { environment, method, url, headers, left, destination } = serde_json::from_slice(&bytes[..end]).ok()?;
    let unkept = left.map(
        |Left { bytes, stream }| {
            if stream { Unkept::Stream { at_least: bytes.max(1) } } else { Unkept::TooLarge { bytes } }
        },
    );
    let body = bytes.slice(end + 1..);
    let request = HttpRequest { method, url, headers: HttpMessageHeaders(headers), body };
    let destination = destination.map(|Place { namespace, script, version, owner }| Destination {
        namespace,
        script,
        version,
        owner,
    });
    Some(Received { environment, at, request, unkept, destination, redactor: None })
}

/// One entry of a report.
#[derive(Deserialize)]
struct Entry {
    id: String,
    ms: f64,
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    thrown: Option<String>,
}

impl From<Entry> for Report {
    fn from(Entry { id, ms, status, thrown }: Entry) -> Self {
        let outcome = match (status, thrown) {
            (Some(status), _) => Outcome::Answered(status),
            (None, message) => Outcome::Thrown(message.unwrap_or_else(|| "The dispatcher gave no answer".into())),
        };
        Self { id, outcome, duration_ms: ms }
    }
}

async fn report(State(served): State<Served>, bytes: Bytes) -> StatusCode {
    match serde_json::from_slice::<Vec<Entry>>(&bytes) {
        Ok(entries) => {
            served.inbox.report(entries.into_iter().map(Report::from).collect()).await;
            StatusCode::NO_CONTENT
        }
        Err(error) => {
            tracing::error!(%error, "the dispatcher sent a report that cannot be read");
            StatusCode::BAD_REQUEST
        }
    }
}

/// Whether a mark is ours; for that of a load run the answer says until when, in milliseconds since the epoch.
async fn mark(State(served): State<Served>, value: String) -> Response {
    match served.observed.proven(&value) {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(Mark::Delivery) => StatusCode::NO_CONTENT.into_response(),
        Some(Mark::Load(until)) => {
            until.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis().to_string().into_response()
        }
    }
}
