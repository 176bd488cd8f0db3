//! Requests of one process, sent on to another over its Unix socket.

use crate::error::PlatformError;
use crate::workerd::config::header_json;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONNECTION, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderValue, Request, StatusCode};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use std::path::Path;

/// Sends a request on, on a connection of its own, and hands the answer back: bodies as they come, `WebSockets` whole.
pub(super) async fn forward(
    role: &'static str,
    socket: &Path,
    mut request: Request<Body>,
) -> Result<Response, PlatformError> {
    let lost = |error: &dyn std::error::Error| PlatformError::RuntimeLost { role, detail: error.to_string() };
    let stream = tokio::net::UnixStream::connect(socket).await.map_err(|error| lost(&error))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| lost(&error))?;
    tokio::spawn(connection.with_upgrades());
    let from = request.extensions_mut().remove::<OnUpgrade>();
    let is_upgrade = request.headers().contains_key(UPGRADE);
    if !is_upgrade {
        // What concerned the connection that it came by.
        request.headers_mut().remove(CONNECTION);
    }
    request.headers_mut().remove(TRANSFER_ENCODING);
    let mut answer = sender.send_request(request).await.map_err(|error| lost(&error))?;
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS
        && let Some(from) = from
    {
        let to = hyper::upgrade::on(&mut answer);
        tokio::spawn(async move {
            if let (Ok(from), Ok(to)) = (from.await, to.await) {
                // An end on either side is the end, whatever its reason.
                let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(from), &mut TokioIo::new(to)).await;
            }
        });
    } else {
        answer.headers_mut().remove(CONNECTION);
    }
    answer.headers_mut().remove(TRANSFER_ENCODING);
    Ok(answer.into_response())
}

/// A header value of JSON.
pub(super) fn json_header(value: &serde_json::Value) -> HeaderValue {
    HeaderValue::try_from(header_json(value)).unwrap_or_else(|_| HeaderValue::from_static("{}"))
}

#[cfg(test)]
mod tests {
    use super::json_header;
    use serde_json::json;

    #[test]
    fn facts_cross_in_a_header_whatever_their_letters() {
        assert_eq!(json_header(&json!({"id": "größe\n😀"})), r#"{"id":"gr\u00f6\u00dfe\n\ud83d\ude00"}"#);
    }
}
