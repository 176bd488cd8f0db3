//! HTTP over the Unix sockets between this process and the runtime's.

use crate::error::PlatformError;
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use std::path::Path;
use std::time::Duration;

/// Sends one request on a connection of its own and reads the whole answer.
pub(crate) async fn ask(
    role: &'static str,
    socket: &Path,
    method: Method,
    target: &str,
    body: Bytes,
    patience: Duration,
) -> Result<(StatusCode, Bytes), PlatformError> {
    let lost = |error: &dyn std::error::Error| PlatformError::RuntimeLost { role, detail: error.to_string() };
    let exchange = async {
        let stream = tokio::net::UnixStream::connect(socket).await.map_err(|error| lost(&error))?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| lost(&error))?;
        let connection = tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header("host", "platform")
            .body(Full::new(body))
            .map_err(|error| lost(&error))?;
        let answer = sender.send_request(request).await.map_err(|error| lost(&error))?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(|error| lost(&error))?.to_bytes();
        connection.abort();
        Ok((status, body))
    };
    tokio::time::timeout(patience, exchange)
        .await
        .unwrap_or(Err(PlatformError::RuntimeSilent { role, seconds: patience.as_secs() }))
}
