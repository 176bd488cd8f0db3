//! Bodies as a trace keeps them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_core::HttpMessageHeaders;
use patchbay_core::redact::Redactor;
use serde::{Deserialize, Serialize};

/// A body.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TracedBody {
    /// The text, or base64 of bytes that are not UTF-8.
    pub text: String,
    /// Whether `text` is base64.
    pub base64: bool,
    /// Bytes on the wire, also those that were not kept.
    pub bytes: u64,
}

impl TracedBody {
    /// Of bytes that are all there.
    pub fn new(bytes: &[u8], redactor: &Redactor) -> Self {
        Self::of(&HttpMessageHeaders::default(), bytes, redactor)
    }

    /// The same with the headers of its message. What is compressed is kept as what it says.
    pub fn of(headers: &HttpMessageHeaders, bytes: &[u8], redactor: &Redactor) -> Self {
        Self::cut(headers, bytes, bytes.len() as u64, redactor)
    }

    /// Of the first bytes of a longer body.
    pub fn cut(headers: &HttpMessageHeaders, kept: &[u8], bytes: u64, redactor: &Redactor) -> Self {
        let is_whole = kept.len() as u64 >= bytes;
        let mut shown = redactor.body(headers.get("content-encoding"), kept, is_whole);
        if !is_whole
            && let Err(error) = std::str::from_utf8(&shown)
            && error.error_len().is_none()
        {
            // The cut went through a character, which does not make the body something else than text.
            shown.truncate(error.valid_up_to());
        }
        match String::from_utf8(shown) {
            Ok(text) => Self { text, base64: false, bytes },
            Err(error) => Self { text: STANDARD.encode(error.as_bytes()), base64: true, bytes },
        }
    }

    /// The body as JSON, when it is.
    pub fn json(&self) -> Option<serde_json::Value> {
        if self.base64 { None } else { serde_json::from_str(&self.text).ok() }
    }
}
