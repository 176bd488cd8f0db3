//! From an HTTP answer to a result or a typed error.

use crate::error::{CloudflareError, Refusal};
use crate::retry::retry_after;
use crate::wire::envelope::{ApiMessage, Envelope};
use bytes::Bytes;
use patchbay_core::redact::Redactor;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// An answer that has arrived completely.
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the envelope, and not content, is in the body.
    pub fn is_json(&self) -> bool {
        self.header("content-type").is_some_and(|value| value.starts_with("application/json"))
    }

    /// The envelope of a success.
    pub fn into_envelope(
        self,
        operation: &'static str,
        redactor: &Redactor,
    ) -> Result<Envelope<Value>, CloudflareError> {
        let status = self.status.as_u16();
        let retry_after = retry_after(self.header("retry-after"));
        if matches!(status, 204 | 205) {
            return Ok(Envelope::empty());
        }
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Err(CloudflareError::Empty { operation, status, retry_after });
        }
        let is_page = self.header("content-type").is_some_and(|value| value.starts_with("text/html"))
            || self.body.trim_ascii_start().starts_with(b"<");
        if is_page {
            return Err(CloudflareError::Html { operation, status, retry_after });
        }
        let envelope: Envelope<Value> = serde_json::from_slice(&self.body)
            .map_err(|source| CloudflareError::Malformed { operation, status, source, retry_after })?;
        if envelope.success && self.status.is_success() {
            return Ok(envelope);
        }
        let errors = envelope.errors.into_iter().map(|error| redacted(error, redactor)).collect();
        Err(CloudflareError::Refused(Box::new(Refusal { operation, status, errors, retry_after })))
    }
}

/// The result of an envelope as the operation's type.
pub(crate) fn result<T: DeserializeOwned>(
    envelope: Envelope<Value>,
    operation: &'static str,
) -> Result<T, CloudflareError> {
    let result = envelope.result.unwrap_or(Value::Null);
    serde_json::from_value(result).map_err(|source| CloudflareError::UnexpectedResult { operation, source })
}

fn redacted(mut message: ApiMessage, redactor: &Redactor) -> ApiMessage {
    message.message = redactor.text(&message.message);
    message.documentation_url = message.documentation_url.map(|url| redactor.text(&url));
    message.error_chain = message.error_chain.into_iter().map(|cause| redacted(cause, redactor)).collect();
    message.meta = message.meta.map(|meta| {
        let text = redactor.text(&meta.to_string());
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    });
    if let Some(source) = &mut message.source {
        source.pointer = redactor.text(&source.pointer);
    }
    message
}
