//! Answers in the form that the binding reads: JSON first, then a body where there is one.

use super::objects::Object;
use super::range::Range;
use super::refusal::BucketError;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

/// Size of the JSON before a body, in requests and answers.
pub(super) const METADATA_SIZE: &str = "cf-r2-metadata-size";
const ERROR: &str = "cf-r2-error";

impl Object {
    /// What the binding is told of an object, with the metadata that it asked for.
    pub(super) fn shown(&self, range: Option<Range>, http: bool, custom: bool) -> Value {
        let mut shown = Map::new();
        let mut set = |key: &str, value: Value| shown.insert(key.to_owned(), value);
        set("name", self.key.as_str().into());
        set("version", self.version.as_str().into());
        set("size", self.size.into());
        set("etag", self.etag.as_str().into());
        set("uploaded", self.uploaded.into());
        set("storageClass", self.storage_class.as_str().into());
        set("checksums", self.checksums.clone());
        if http && !self.http_metadata.is_null() {
            set("httpFields", self.http_metadata.clone());
        }
        if custom && !self.custom_metadata.is_null() {
            set("customFields", self.custom_metadata.clone());
        }
        if let Some(Range { offset, length }) = range {
            set("range", json!({ "offset": offset, "length": length }));
        }
        Value::Object(shown)
    }

    /// The same with all there is.
    pub(super) fn whole(&self) -> Value {
        self.shown(None, true, true)
    }
}

/// An answer that is only JSON.
pub(super) fn answer(value: &Value) -> Response {
    with_status(StatusCode::OK, value)
}

fn with_status(status: StatusCode, value: &Value) -> Response {
    let text = value.to_string();
    let headers = [(METADATA_SIZE, text.len().to_string()), (CONTENT_TYPE.as_str(), "application/json".into())];
    (status, headers, text).into_response()
}

/// JSON and a body; `body` begins with `metadata` bytes of JSON and has `size` bytes in all.
pub(super) fn with_body(metadata: usize, size: u64, body: Body) -> Response {
    let headers = [
        (METADATA_SIZE, metadata.to_string()),
        (CONTENT_LENGTH.as_str(), size.to_string()),
        (CONTENT_TYPE.as_str(), "application/json".to_owned()),
    ];
    (headers, body).into_response()
}

impl IntoResponse for BucketError {
    fn into_response(self) -> Response {
        let (code, status) = self.code();
        if let Self::Failed(error) = &self {
            tracing::error!(%error, "a bucket failed");
        }
        let error = json!({ "version": 1, "v4code": code, "message": self.to_string() });
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = match &self {
            // A read whose condition does not hold still learns what the object is.
            Self::PreconditionFailed(Some(object)) => with_status(status, &object.whole()),
            _ => status.into_response(),
        };
        if let Ok(value) = HeaderValue::from_bytes(error.to_string().as_bytes()) {
            response.headers_mut().insert(ERROR, value);
        }
        response
    }
}
