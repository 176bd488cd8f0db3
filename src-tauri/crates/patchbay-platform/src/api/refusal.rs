//! Answers: the envelope, and a refusal with Cloudflare's code and status.

use super::body;
use crate::error::PlatformError;
use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use patchbay_cloudflare::wire::codes::ApiCode;
use patchbay_cloudflare::wire::envelope::{ApiMessage, Envelope};
use patchbay_core::Hints;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes of an error's text at most.
const LONGEST_TEXT: usize = 4096;

/// A success with a result.
pub(crate) fn ok<T: Serialize>(result: T) -> Response {
    Json(Envelope::of(result)).into_response()
}

/// A success whose result is `null`.
pub(crate) fn done() -> Response {
    Json(Envelope::<()>::empty()).into_response()
}

/// Why the API does not do what it was asked.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    messages: Vec<ApiMessage>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, message: ApiMessage) -> Self {
        Self { status, messages: vec![message] }
    }

    /// The same code with several texts, one for each thing that is wrong.
    pub(crate) fn with_each(code: ApiCode, messages: Vec<String>) -> Self {
        let messages = messages.into_iter().map(|message| ApiMessage::new(code.code(), cut(message))).collect();
        Self { messages, ..Self::from(code) }
    }

    /// A code with a text of its own.
    pub(crate) fn with(code: ApiCode, message: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::new(status, ApiMessage::new(code.code(), cut(message.into())))
    }

    /// Status, code and text, as the answer tells them.
    #[cfg(test)]
    pub(crate) fn told(&self) -> (u16, u32, &str) {
        (self.status.as_u16(), self.messages[0].code, &self.messages[0].message)
    }

    /// Whether this is why.
    pub(crate) fn is(&self, code: ApiCode) -> bool {
        self.messages.iter().any(|message| message.code == code.code())
    }

    /// The same with another status.
    pub(crate) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
}

/// A text that quotes what was sent is as long as what was sent.
fn cut(mut text: String) -> String {
    if text.len() > LONGEST_TEXT {
        text.truncate(text.floor_char_boundary(LONGEST_TEXT));
        text.push('…');
    }
    text
}

impl From<ApiCode> for Refusal {
    fn from(code: ApiCode) -> Self {
        Self::with(code, code.message())
    }
}

impl From<PlatformError> for Refusal {
    fn from(error: PlatformError) -> Self {
        tracing::error!(%error, "the platform failed");
        // What a person can do about it is worth more here than Cloudflare's text, which says nothing.
        let hint = error.hints().first().map(|hint| format!(". {hint}.")).unwrap_or_default();
        Self::with(ApiCode::Unknown, format!("{error}{hint}"))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(Envelope::<()>::failed(self.messages))).into_response()
    }
}

/// Path parameters, decoded once.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Refusal))]
pub(crate) struct Path<T>(pub(crate) T);

/// The query string.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Refusal))]
pub(crate) struct Query<T>(pub(crate) T);

/// A JSON body, whatever content type it claims (`application/merge-patch+json` is one of them).
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let (head, body) = request.into_parts();
        let body = body::read(&head.headers, body, body::LONGEST_JSON).await?;
        serde_json::from_slice(&body).map(Self).map_err(|error| {
            // The position helps; the text around it might be a secret.
            let place = format!("line {} column {}", error.line(), error.column());
            Refusal::with(
                ApiCode::CannotParseBody,
                format!("Could not parse the request body: not as expected at {place}."),
            )
        })
    }
}

/// The whole body.
pub(crate) struct Body(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let (head, body) = request.into_parts();
        Ok(Self(body::read(&head.headers, body, body::LONGEST_BODY).await?))
    }
}

impl From<PathRejection> for Refusal {
    fn from(_: PathRejection) -> Self {
        ApiCode::InvalidScriptName.into()
    }
}

impl From<QueryRejection> for Refusal {
    fn from(rejection: QueryRejection) -> Self {
        // It says which parameter and what it should have been: `limit: invalid digit found in string`.
        Self::with(ApiCode::CannotParseBody, format!("Could not parse the query: {}.", rejection.body_text()))
    }
}
