//! Request bodies, read within limits of size and time.

use super::refusal::Refusal;
use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, EXPECT};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use patchbay_cloudflare::wire::codes::ApiCode;
use std::time::Duration;

/// Longest body, as on Cloudflare.
pub(super) const LONGEST_BODY: usize = 100 << 20;
/// Longest body of JSON. The largest is a routing table, whose values are far smaller.
pub(super) const LONGEST_JSON: usize = 16 << 20;

/// How long a sender may take.
#[derive(Clone, Copy)]
struct Patience {
    /// Between two pieces.
    pause: Duration,
    /// For the whole.
    whole: Duration,
}

const PATIENCE: Patience = Patience { pause: Duration::from_secs(30), whole: Duration::from_mins(10) };

/// Reads a whole body of at most that many bytes.
pub(super) async fn read(headers: &HeaderMap, body: Body, longest: usize) -> Result<Bytes, Refusal> {
    // Nothing is decompressed here, so no small body becomes a large one.
    let encoding = headers.get(CONTENT_ENCODING).map(|encoding| encoding.as_bytes().to_ascii_lowercase());
    if encoding.is_some_and(|encoding| encoding != b"identity") {
        let text = "A body with a Content-Encoding is not accepted; send it as it is.";
        return Err(Refusal::with(ApiCode::CannotParseBody, text).status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|announced| announced > longest) && headers.contains_key(EXPECT) {
        return Err(too_large(longest));
    }
    collected(body, longest, PATIENCE).await
}

async fn collected(mut body: Body, longest: usize, patience: Patience) -> Result<Bytes, Refusal> {
    let reading = async {
        let mut whole = BytesMut::new();
        while let Some(frame) = tokio::time::timeout(patience.pause, body.frame()).await.map_err(|_| too_slow())? {
            let frame = frame.map_err(|_| Refusal::from(ApiCode::CannotParseBody))?;
            let Ok(piece) = frame.into_data() else { continue };
            if whole.len() + piece.len() > longest {
                drop(std::mem::take(&mut whole));
                swallow(&mut body, longest, patience).await;
                return Err(too_large(longest));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    };
    tokio::time::timeout(patience.whole, reading).await.map_err(|_| too_slow())?
}

/// Reads on for as much again. A client that is still sending when the connection closes never sees the answer.
async fn swallow(body: &mut Body, most: usize, patience: Patience) {
    let mut swallowed = 0;
    while swallowed < most {
        match tokio::time::timeout(patience.pause, body.frame()).await {
            Ok(Some(Ok(frame))) => swallowed += frame.data_ref().map_or(0, Bytes::len),
            // Its end, or a client that does not go on.
            _ => return,
        }
    }
}

fn too_large(longest: usize) -> Refusal {
    let text = format!("The request body is larger than {} MB.", longest >> 20);
    Refusal::with(ApiCode::CannotParseBody, text).status(StatusCode::PAYLOAD_TOO_LARGE)
}

fn too_slow() -> Refusal {
    let text = "The request body did not arrive in time: at most 30 s between two pieces, at most 10 minutes in all.";
    Refusal::with(ApiCode::CannotParseBody, text).status(StatusCode::REQUEST_TIMEOUT)
}

#[cfg(test)]
mod tests {
    use super::{Patience, collected};
    use axum::body::Body;
    use axum::response::IntoResponse;
    use bytes::Bytes;
    use futures_util::{StreamExt, stream};
    use std::convert::Infallible;
    use std::time::Duration;

    const QUICK: Patience = Patience { pause: Duration::from_millis(100), whole: Duration::from_secs(1) };

    fn pieces(every: Duration) -> Body {
        let pieces = stream::repeat(Bytes::from_static(b"x")).then(move |piece| async move {
            tokio::time::sleep(every).await;
            Ok::<_, Infallible>(piece)
        });
        Body::from_stream(pieces)
    }

    #[tokio::test]
    async fn a_sender_that_stops_or_drips_is_not_waited_for() {
        let stopped = collected(Body::from_stream(stream::pending::<Result<Bytes, Infallible>>()), 100, QUICK).await;
        assert_eq!(stopped.expect_err("refused").into_response().status(), 408);
        let dripping = collected(pieces(Duration::from_millis(20)), 1000, QUICK).await;
        assert_eq!(dripping.expect_err("refused").into_response().status(), 408);
    }

    #[tokio::test]
    async fn a_body_ends_at_its_limit() {
        let endless = collected(pieces(Duration::ZERO), 100, QUICK).await;
        assert_eq!(endless.expect_err("refused").into_response().status(), 413);
        let exact = collected(Body::from(vec![b'x'; 1000]), 1000, QUICK).await;
        assert_eq!(exact.expect("accepted").len(), 1000);
    }
}
