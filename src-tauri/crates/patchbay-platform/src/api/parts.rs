//! Multipart bodies, as different clients write them.

use super::refusal::Refusal;
use bytes::Bytes;
use futures_util::stream;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use patchbay_cloudflare::wire::codes::ApiCode;
use std::convert::Infallible;

/// Parts of an upload at most.
pub(super) const MOST_PARTS: usize = 2000;
/// Bytes of a part's head at most: two names of 1024 bytes and what stands around them.
const LONGEST_HEAD: usize = 4096;

/// One part of a multipart body.
pub(super) struct Part {
    pub(super) name: String,
    pub(super) filename: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) content: Bytes,
}

impl Part {
    /// A module is known by its file name; clients use the part's name for other things (CONTRACT section 1.3).
    pub(super) fn module_name(&self) -> &str {
        self.filename.as_deref().unwrap_or(&self.name)
    }

    /// Whether metadata means this part by that name.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.module_name() == name || self.name == name
    }
}

/// The content type without its parameters, in lower case; empty when there is none.
pub(super) fn essence(headers: &HeaderMap) -> String {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Reads a multipart body; nothing when the content type is another one.
pub(super) async fn parts_of(headers: &HeaderMap, body: Bytes) -> Result<Option<Vec<Part>>, Refusal> {
    let unreadable = |error: multer::Error| {
        Refusal::with(ApiCode::CannotParseBody, format!("Could not parse the multipart body: {error}."))
    };
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let boundary = match multer::parse_boundary(content_type) {
        Ok(boundary) => boundary,
        Err(_) if essence(headers) != "multipart/form-data" => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let mut multipart = multer::Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
    let mut parts = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(unreadable)? {
        if parts.len() == MOST_PARTS {
            let text = format!("The multipart body has more than {MOST_PARTS} parts.");
            return Err(Refusal::with(ApiCode::CannotParseBody, text));
        }
        let head = field.headers().values().map(http::HeaderValue::len).sum::<usize>();
        if head > LONGEST_HEAD {
            let text = format!("The head of part {} has {head} bytes; it may have {LONGEST_HEAD}.", parts.len() + 1);
            return Err(Refusal::with(ApiCode::CannotParseBody, text));
        }
        parts.push(Part {
            name: field.name().unwrap_or_default().to_owned(),
            filename: field.file_name().map(str::to_owned),
            content_type: field.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned),
            content: field.bytes().await.map_err(unreadable)?,
        });
    }
    Ok(Some(parts))
}
