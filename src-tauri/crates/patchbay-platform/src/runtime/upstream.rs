//! The calls that the outbound worker lets through, on their way to the gateway, and their record.

use super::Runtime;
use crate::gateway::{CallContext, UpstreamAnswer};
use crate::runtime::observe::epoch_ms;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, stream};
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt;
use patchbay_core::observation::{self, AnsweredBy, Interruption, OutboundCall};
use patchbay_core::{HttpMessageHeaders, HttpRequest};
use serde::Deserialize;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Longest body of a call.
const LONGEST_BODY: usize = 100 << 20;
/// KiB of bodies that the calls of one process hold in this one at a time. This process serves every tenant.
const MOST_HELD: usize = 256 << 10;

#[derive(Clone)]
struct Gateway {
    runtime: Arc<Runtime>,
    tenant: Arc<str>,
    process: u64,
    room: Arc<Semaphore>,
}

/// What the router module says about a call.
#[derive(Deserialize)]
struct CallFacts {
    patchbay: Origin,
}

#[derive(Deserialize)]
struct Origin {
    lane: Option<u32>,
    caller: Option<Caller>,
}

#[derive(Deserialize)]
struct Caller {
    namespace: String,
    script: String,
    version: String,
    /// When a recorded delivery's call left the adapter, in milliseconds since the Unix epoch.
    #[serde(default)]
    left_ms: Option<f64>,
}

impl Caller {
    fn served_by(self) -> observation::ServedBy {
        observation::ServedBy { namespace: self.namespace, script: self.script, version: self.version }
    }
}

/// Who calls where the outbound worker did not pass the adapter's own request on.
fn nobody() -> observation::ServedBy {
    observation::ServedBy { namespace: String::new(), script: String::new(), version: String::new() }
}

/// The upstream side of a process that serves an owner's scripts.
pub(crate) fn of_member(runtime: &Arc<Runtime>, owner: &Arc<str>, process: u64) -> Router {
    let room = Arc::new(Semaphore::new(MOST_HELD));
    let state = Gateway { runtime: Arc::clone(runtime), tenant: Arc::clone(owner), process, room };
    Router::new().fallback(call).with_state(state)
}

async fn call(State(gateway): State<Gateway>, request: Request) -> Response {
    let Gateway { runtime, tenant, process, room } = gateway;
    if request.method() == Method::CONNECT {
        return (StatusCode::FORBIDDEN, "raw sockets are refused").into_response();
    }
    let facts_header = format!("{}-cf", runtime.mark);
    let origin = request
        .headers()
        .get(&facts_header)
        .and_then(|facts| serde_json::from_slice::<CallFacts>(facts.as_bytes()).ok())
        .map(|facts| facts.patchbay);
    let Some(Origin { lane, caller }) = origin else {
        tracing::error!("a call reached the upstream gateway without saying who makes it");
        return StatusCode::BAD_REQUEST.into_response();
    };
    let (parts, body) = request.into_parts();
    // The room is given back when the call is over.
    let (body, _held) = match held(body, &room).await {
        Ok(held) => held,
        Err(refusal) => return refusal.into_response(),
    };
    let request = HttpRequest {
        method: parts.method.as_str().to_owned(),
        url: parts.uri.to_string(),
        headers: headers(&parts.headers, &facts_header),
        body,
    };
    let in_lane = lane.and_then(|lane| runtime.observed.in_lane(process, lane));
    let left_ms = caller.as_ref().and_then(|caller| caller.left_ms);
    let pacing_ms = lane.zip(left_ms).and_then(|(lane, left_ms)| runtime.observed.waited(process, lane, left_ms));
    let (delivery, served_by) = match in_lane {
        Some((delivery, served_by)) => (Some(delivery), served_by),
        None => (None, caller.map_or_else(nobody, Caller::served_by)),
    };
    // To the end even when the process that waits for the answer dies: what went out belongs into the record.
    let call = Call { runtime: Arc::clone(&runtime), tenant, served_by, delivery, request, left_ms, pacing_ms };
    let Ok(answered) = tokio::spawn(call.make()).await else {
        return (StatusCode::BAD_GATEWAY, "the upstream gateway failed").into_response();
    };
    let mut answer = into_response(&answered);
    if lane.is_some() && answered.answered_by != AnsweredBy::Refused {
        // Tells the router module that the call got here; it takes the header out again.
        if let Ok(name) = HeaderName::try_from(format!("{}-call", runtime.mark)) {
            answer.headers_mut().insert(name, HeaderValue::from_static("1"));
        }
    }
    answer
}

/// A whole body, with the room that it takes. Refused instead of waited for: calls that each hold a part of the room
/// would wait for each other.
async fn held(
    mut body: Body,
    room: &Arc<Semaphore>,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), (StatusCode, &'static str)> {
    let mut whole = BytesMut::new();
    let mut held: Option<OwnedSemaphorePermit> = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| (StatusCode::BAD_REQUEST, "the body of the call broke off"))?;
        let Ok(piece) = frame.into_data() else { continue };
        if whole.len() + piece.len() > LONGEST_BODY {
            return Err((StatusCode::PAYLOAD_TOO_LARGE, "the body of the call is larger than 100 MB"));
        }
        let has = held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let lacks = (whole.len() + piece.len()).div_ceil(1024).saturating_sub(has);
        if let Ok(lacks @ 1..) = u32::try_from(lacks) {
            let more = Arc::clone(room).try_acquire_many_owned(lacks).map_err(|_| {
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "the calls under way have bodies of more than 256 MB; make fewer at once",
                )
            })?;
            match &mut held {
                Some(held) => held.merge(more),
                None => held = Some(more),
            }
        }
        whole.extend_from_slice(&piece);
    }
    Ok((whole.freeze(), held))
}

/// One call on its way.
struct Call {
    runtime: Arc<Runtime>,
    tenant: Arc<str>,
    served_by: observation::ServedBy,
    delivery: Option<String>,
    request: HttpRequest,
    left_ms: Option<f64>,
    pacing_ms: Option<f64>,
}

impl Call {
    /// Makes the call, and records it when it belongs to a recorded delivery.
    async fn make(self) -> UpstreamAnswer {
        let Self { runtime, tenant, served_by, delivery, request, left_ms, pacing_ms } = self;
        let context =
            CallContext { served_by: served_by.clone(), delivery: delivery.clone(), tenant: tenant.to_string() };
        let Some(delivery) = delivery else { return runtime.gateway.call(context, request).await };
        runtime.observed.calling(&delivery);
        let now_ms = epoch_ms();
        let started_ms = left_ms.map_or(now_ms, |left_ms| left_ms.min(now_ms));
        let since = Instant::now();
        let answer = runtime.gateway.call(context, request.clone()).await;
        let call = OutboundCall {
            served_by,
            delivery: Some(delivery),
            request,
            response: answer.response.clone(),
            answered_by: answer.answered_by,
            interruption: answer.interruption,
            started_ms,
            duration_ms: now_ms - started_ms + since.elapsed().as_secs_f64() * 1000.0,
            pacing_ms,
        };
        runtime.observed.called(call).await;
        answer
    }
}

/// Headers as the adapter sent them: without ours, and without what only concerned the socket between the processes.
fn headers(map: &HeaderMap, facts_header: &str) -> HttpMessageHeaders {
    map.iter()
        .filter(|(name, _)| {
            name.as_str() != facts_header && *name != CONNECTION && *name != TRANSFER_ENCODING && *name != HOST
        })
        .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}

fn into_response(answered: &UpstreamAnswer) -> Response {
    let UpstreamAnswer { response: answer, interruption, .. } = answered;
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let body = match interruption {
        None => Body::from(answer.body.clone()),
        Some(interruption) => broken_body(answer.body.clone(), *interruption),
    };
    let mut response = Response::builder().status(status).body(body).unwrap_or_default();
    for (name, value) in answer.headers.iter() {
        let Ok(name) = HeaderName::try_from(name) else { continue };
        // Only of an answer that breaks off the server does not know the length itself.
        let of_the_socket = name == CONTENT_LENGTH && interruption.is_none();
        if of_the_socket || [TRANSFER_ENCODING, CONNECTION, UPGRADE].contains(&name) {
            continue;
        }
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// A body that ends in an error, at which the server closes the connection. The server writes out what it has when a body
/// makes it wait: so it does for an answer that is cut off, and never for one that is not to come.
fn broken_body(bytes: Bytes, interruption: Interruption) -> Body {
    let written = (!bytes.is_empty()).then_some(Ok(bytes));
    let end = stream::once(async move {
        match interruption {
            Interruption::CutOff => {
                tokio::task::yield_now().await;
                Err(std::io::Error::from(ErrorKind::UnexpectedEof))
            }
            Interruption::Reset => Err(ErrorKind::ConnectionReset.into()),
        }
    });
    Body::from_stream(stream::iter(written).chain(end))
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_BODY, held};
    use axum::body::Body;
    use http::StatusCode;
    use std::sync::Arc;
    use tokio::sync::Semaphore;

    #[tokio::test]
    async fn bodies_of_calls_under_way_share_bounded_room() {
        let room = Arc::new(Semaphore::new(100));
        let first = held(Body::from(vec![0; 60 << 10]), &room).await.expect("there is room");
        let second = held(Body::from(vec![0; 60 << 10]), &room).await.expect_err("there is not");
        assert_eq!(second.0, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(room.available_permits(), 40, "what was refused holds nothing");
        assert!(held(Body::empty(), &room).await.expect("needs no room").1.is_none());
        drop(first);
        assert!(held(Body::from(vec![0; 60 << 10]), &room).await.is_ok(), "the room is free again");
        let large = held(Body::from(vec![0; LONGEST_BODY + 1]), &room).await.expect_err("too large");
        assert_eq!(large.0, StatusCode::PAYLOAD_TOO_LARGE);
    }
}
