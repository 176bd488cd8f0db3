//! The HTTP by which the processes of scripts use the caches: what is to be done stands as JSON in a header, and so does
//! the head of an answer, because nothing on the way may act on its headers.

use super::answer::{Wanted, answer};
use super::{Caches, Head, LARGEST, Owner, Place};
use crate::workerd::config::header_json;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt, Limited};
use serde::Deserialize;
use serde_json::json;
use std::time::{Duration, SystemTime};

/// Header with what is to be done, and with the head of an answer.
const HEADER: &str = "x-patchbay-cache";
/// How long the body of an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of a cache's name at most.
const LONGEST_NAME: usize = 1024;

/// One use of a cache.
#[derive(Deserialize)]
struct Use {
    #[serde(rename = "do")]
    what: What,
    cache: Option<String>,
    url: String,
    #[serde(default)]
    head: Option<Head>,
    #[serde(default)]
    wanted: Wanted,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum What {
    Put,
    Match,
    Delete,
}

/// Serves a script that has caches. Only a trusted one has the default cache.
pub(crate) async fn serve(caches: &Caches, owner: Owner, trusted: bool, headers: &HeaderMap, body: Body) -> Response {
    let used = headers.get(HEADER).and_then(|used| serde_json::from_slice::<Use>(used.as_bytes()).ok());
    let Some(Use { what, cache, url, head, wanted }) = used else {
        return (StatusCode::BAD_REQUEST, "This is no use of a cache.").into_response();
    };
    if cache.is_none() && !trusted {
        // Cloudflare disables it for isolation.
        let text =
            "caches.default is disabled for the Workers of an untrusted dispatch namespace. Use caches.open(name).";
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    if cache.as_ref().is_some_and(|name| name.len() > LONGEST_NAME) {
        let text = format!("The name of a cache may have {LONGEST_NAME} bytes.");
        return (StatusCode::BAD_REQUEST, text).into_response();
    }
    let (place, now) = (Place { owner, cache, url }, SystemTime::now());
    match (what, head) {
        (What::Put, Some(head)) => {
            let kept = if let Some(body) = received(caches, body).await {
                caches.put(place, head, body, now)
            } else {
                caches.delete(&place, now);
                false
            };
            // Cloudflare's answer for what is too large or must not be kept. Scripts are not told.
            if kept { StatusCode::NO_CONTENT } else { StatusCode::PAYLOAD_TOO_LARGE }.into_response()
        }
        (What::Put, None) => (StatusCode::BAD_REQUEST, "The answer to keep has no head.").into_response(),
        (What::Match, _) => caches.get(&place, now).map_or_else(
            || StatusCode::NO_CONTENT.into_response(),
            |kept| {
                let (head, body) = answer(kept, &wanted, now);
                found(&head, body)
            },
        ),
        (What::Delete, _) if caches.delete(&place, now) => StatusCode::NO_CONTENT.into_response(),
        (What::Delete, _) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The body of an answer to keep; nothing when it is too large or takes too long.
async fn received(caches: &Caches, body: Body) -> Option<Bytes> {
    let whole = async {
        let _receiving = caches.receiving.acquire().await.ok()?;
        Some(Limited::new(body, LARGEST).collect().await.ok()?.to_bytes())
    };
    tokio::time::timeout(PATIENCE, whole).await.ok()?
}

fn found(head: &Head, body: Bytes) -> Response {
    ([(HEADER, header_json(&json!(head)))], body).into_response()
}
