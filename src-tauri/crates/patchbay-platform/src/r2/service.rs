//! The HTTP that the binding speaks.

use super::Buckets;
use super::answer::{METADATA_SIZE, answer, with_body};
use super::objects::{Opened, Piece};
use super::range::Range;
use super::receive::Incoming;
use super::refusal::BucketError;
use super::request::Request;
use crate::error::PlatformError;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt, stream};
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use serde_json::json;
use std::collections::BTreeSet;
use std::io::SeekFrom;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

/// Header in which the config of a process names the bucket of a binding.
pub(crate) const BUCKET_HEADER: &str = "x-patchbay-bucket";
const REQUEST: &str = "cf-r2-request";
/// A deletion of a thousand long keys, with room for JSON's escapes.
const LARGEST_METADATA: usize = 8 << 20;
/// Body of one upload at most, as on R2.
const LARGEST_BODY: u64 = 5 << 30;
/// Bytes that are read from a file at once.
const CHUNK: usize = 256 << 10;

struct Served {
    buckets: Arc<Buckets>,
    allowed: BTreeSet<String>,
}

/// The service for one process: the buckets that its script's bindings name, and no others.
pub(crate) fn router(buckets: &Arc<Buckets>, allowed: BTreeSet<String>) -> Router {
    let served = Arc::new(Served { buckets: Arc::clone(buckets), allowed });
    Router::new().fallback(serve).with_state(served)
}

async fn serve(State(served): State<Arc<Served>>, request: http::Request<Body>) -> Result<Response, BucketError> {
    let (parts, body) = request.into_parts();
    let bucket = parts.headers.get(BUCKET_HEADER).and_then(|name| name.to_str().ok()).unwrap_or_default();
    let bucket = served.allowed.get(bucket);
    let (metadata, incoming) = if let Some(json) = parts.headers.get(REQUEST) {
        (Bytes::copy_from_slice(json.as_bytes()), None)
    } else {
        let (metadata, incoming) = metadata(&parts, body).await?;
        (metadata, Some(incoming))
    };
    let read = bucket.ok_or(BucketError::NoSuchBucket).and_then(|bucket| Ok((bucket, Request::read(&metadata)?)));
    match read {
        Ok((bucket, request)) => {
            let (buckets, bucket) = (Arc::clone(&served.buckets), bucket.clone());
            // To the end, also when whoever asked goes away meanwhile: an object whose row is committed while its file is
            // given up would be lost, and the one before it, too.
            let done = tokio::spawn(async move { buckets.do_request(&bucket, request, incoming).await });
            done.await.map_err(|_| PlatformError::TaskEnded)?
        }
        Err(error) => {
            drain(incoming).await;
            Err(error)
        }
    }
}

impl Buckets {
    async fn do_request(
        &self,
        bucket: &str,
        request: Request,
        incoming: Option<Incoming>,
    ) -> Result<Response, BucketError> {
        let body = || incoming.ok_or_else(|| BucketError::InvalidArgument("The request has no body.".into()));
        Ok(match request {
            Request::Head(key) => answer(&self.head(bucket, key).await?.whole()),
            Request::Get(get) => self.streamed(self.open_object(bucket, *get).await?),
            Request::Put(put) => answer(&self.put(bucket, *put, body()?).await?.whole()),
            Request::Delete(keys) => {
                self.delete(bucket, keys).await?;
                answer(&json!({}))
            }
            Request::List(list) => answer(&self.list(bucket, *list).await?),
            Request::CreateUpload(new) => answer(&json!({ "uploadId": self.create_upload(bucket, *new).await? })),
            Request::UploadPart { upload, number } => {
                answer(&json!({ "etag": self.upload_part(bucket, upload, number, body()?).await? }))
            }
            Request::CompleteUpload { upload, parts } => {
                answer(&self.complete_upload(bucket, upload, parts).await?.whole())
            }
            Request::AbortUpload(upload) => {
                self.abort_upload(bucket, upload).await?;
                answer(&json!({}))
            }
        })
    }

    /// An object's metadata and the asked-for bytes of its body, read from its files as the reader takes them.
    fn streamed(&self, opened: Opened) -> Response {
        let Opened { object, range, pieces, lease } = opened;
        let metadata = object.shown(Some(range), true, true).to_string();
        let parts: Vec<(PathBuf, Range)> =
            covered(&pieces, range).map(|(piece, range)| (self.files.path(&piece.file), range)).collect();
        let size = metadata.len() as u64 + range.length;
        let length = metadata.len();
        let body = stream::iter(parts)
            .then(|(path, range)| async move {
                let mut file = tokio::fs::File::open(path).await?;
                file.seek(SeekFrom::Start(range.offset)).await?;
                Ok::<_, std::io::Error>(ReaderStream::with_capacity(file.take(range.length), CHUNK))
            })
            .try_flatten()
            // The files stay as long as the stream does.
            .inspect(move |_| {
                let _held = &lease;
            });
        let body = stream::once(async move { Ok(Bytes::from(metadata)) }).chain(body);
        with_body(length, size, Body::from_stream(body))
    }
}

/// The pieces that hold a range, each with its own part of it.
fn covered(pieces: &[Piece], range: Range) -> impl Iterator<Item = (&Piece, Range)> {
    let (first, end) = (range.offset, range.offset + range.length);
    let mut start = 0;
    pieces.iter().filter_map(move |piece| {
        let begin = start;
        start += piece.size;
        let (from, to) = (first.max(begin), end.min(start));
        (from < to).then(|| (piece, Range { offset: from - begin, length: to - from }))
    })
}

/// Reads the JSON at the beginning of a body.
async fn metadata(parts: &Parts, body: Body) -> Result<(Bytes, Incoming), BucketError> {
    let number = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let unannounced = || BucketError::InvalidArgument("The request does not say how long it is.".into());
    let size = number(METADATA_SIZE).and_then(|size| usize::try_from(size).ok()).ok_or_else(unannounced)?;
    let total = number(CONTENT_LENGTH.as_str()).ok_or_else(unannounced)?;
    let body_size = total.checked_sub(size as u64).ok_or_else(unannounced)?;
    if size > LARGEST_METADATA || body_size > LARGEST_BODY {
        return Err(BucketError::EntityTooLarge);
    }
    let mut rest = body.into_data_stream();
    let mut read = BytesMut::new();
    while read.len() < size {
        let chunk = rest.next().await.ok_or(BucketError::IncompleteBody)?.map_err(|_| BucketError::IncompleteBody)?;
        read.extend_from_slice(&chunk);
    }
    let mut read = read.freeze();
    let metadata = read.split_to(size);
    Ok((metadata, Incoming { first: read, rest, size: body_size }))
}

/// Takes the rest of a refused body: the runtime reads no answer while it still writes.
async fn drain(incoming: Option<Incoming>) {
    let Some(mut incoming) = incoming else { return };
    while let Some(Ok(_)) = incoming.rest.next().await {}
}

#[cfg(test)]
mod tests {
    use super::super::Buckets;
    use super::{BUCKET_HEADER, METADATA_SIZE, Piece, REQUEST, Range, Served, covered, serve};
    use axum::body::Body;
    use axum::extract::State;
    use http_body_util::BodyExt;
    use serde_json::json;
    use std::sync::Arc;
    use std::time::Duration;

    #[tokio::test]
    async fn a_process_reaches_only_the_buckets_that_it_was_given() {
        let folder = tempfile::tempdir().expect("a folder");
        let buckets = Buckets::open(folder.path()).expect("opens");
        let served = Arc::new(Served { buckets, allowed: ["mine".to_owned()].into() });
        for (bucket, code) in [("mine", 10007), ("somebody-elses", 10006), ("", 10006)] {
            let request = http::Request::get("https://fake-host/").header(BUCKET_HEADER, bucket);
            let request = request.header(REQUEST, r#"{"version":1,"method":"head","object":"k"}"#);
            let answer = serve(State(Arc::clone(&served)), request.body(Body::empty()).expect("a request")).await;
            assert_eq!(answer.expect_err("no object is there").code().0, code, "{bucket}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_put_whose_sender_goes_away_leaves_the_old_object_or_the_new_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let buckets = Buckets::open(folder.path()).expect("opens");
        let served = Arc::new(Served { buckets, allowed: ["mine".to_owned()].into() });
        let asked = |method: &str, content: &[u8]| {
            let metadata = json!({ "version": 1, "method": method, "object": "k" }).to_string();
            let size = metadata.len();
            let body = [metadata.as_bytes(), content].concat();
            let request = http::Request::put("https://fake-host/").header(BUCKET_HEADER, "mine");
            let request = request.header(METADATA_SIZE, size).header("content-length", body.len());
            serve(State(Arc::clone(&served)), request.body(Body::from(body)).expect("a request"))
        };
        for step in 0..60 {
            let content = vec![step; 100_000];
            // At another moment each time, the last ones after the end.
            let moment = Duration::from_micros(u64::from(step) * 150);
            let _ = tokio::time::timeout(moment, asked("put", &content)).await;
            let Ok(answer) = asked("get", &[]).await else { continue };
            let size: usize = answer.headers()[METADATA_SIZE].to_str().expect("text").parse().expect("a number");
            let body = answer.into_body().collect().await.expect("the object is there whole").to_bytes();
            let body = &body[size..];
            assert!(body.len() == 100_000 && body.iter().all(|byte| *byte == body[0]), "{step}");
        }
    }

    #[test]
    fn a_range_is_found_in_the_pieces_that_hold_it() {
        let pieces: Vec<Piece> = [4, 4, 2].map(|size| Piece { file: size.to_string(), size }).to_vec();
        let of = |offset, length| -> Vec<(u64, u64)> {
            covered(&pieces, Range { offset, length }).map(|(_, range)| (range.offset, range.length)).collect()
        };
        assert_eq!(of(0, 10), [(0, 4), (0, 4), (0, 2)]);
        assert_eq!(of(3, 2), [(3, 1), (0, 1)]);
        assert_eq!(of(8, 2), [(0, 2)]);
        assert_eq!(of(4, 0), []);
    }
}
