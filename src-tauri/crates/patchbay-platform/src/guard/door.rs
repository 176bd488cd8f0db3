//! The API's listening side: bounded connections, each with bounded time for the head of a request.

use super::head::{LONGEST_HEADERS, MOST_HEADERS};
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Connections at once; others wait in the backlog.
const MOST_CONNECTIONS: usize = 256;
/// Time for the head of a request, and for the next one on an open connection.
pub(crate) const HEAD_PATIENCE: Duration = Duration::from_secs(30);
/// Time for requests under way when the platform stops.
const GRACE: Duration = Duration::from_secs(2);
/// Wait after a failed accept, which says that descriptors have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until the platform stops, and a moment longer for requests that are under way.
pub(crate) async fn serve(listener: TcpListener, router: Router, patience: Duration, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let open = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    // Beyond twice of what the guard refuses in words, the parser refuses without.
    http.timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_headers(2 * MOST_HEADERS)
        .max_buf_size(4 * LONGEST_HEADERS);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = stop.cancelled() => break,
            next = next => next,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "the API cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection stays with Nagle's algorithm");
        }
        let service = TowerToHyperService::new(router.clone());
        let connection = open.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to the API ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    // Tails never end by themselves.
    let _ = tokio::time::timeout(GRACE, open.shutdown()).await;
}

#[cfg(test)]
mod tests {
    use super::serve;
    use axum::Router;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio_util::sync::CancellationToken;

    #[tokio::test]
    async fn a_client_that_never_ends_its_head_is_hung_up_on() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
        let address = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, Router::new(), Duration::from_millis(200), stop.clone()));
        let mut client = TcpStream::connect(address).await.expect("connects");
        client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n").await.expect("writes");
        let dripping = async {
            // The end of the connection shows as an error here or as an end of the answer below.
            while client.write_all(b"x-a: b\r\n").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), dripping).await.expect("hung up on while it drips");
        let mut idle = TcpStream::connect(address).await.expect("connects");
        let mut word = [0; 16];
        let read = tokio::time::timeout(Duration::from_secs(10), idle.read(&mut word));
        assert_eq!(read.await.expect("hung up on").expect("reads"), 0, "also without a word");
        stop.cancel();
        serving.await.expect("ends");
    }
}
