//! What the head of a request may be: bounded, and not to be read in two ways.

use crate::api::refusal::Refusal;
use axum::extract::Request;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, StatusCode};
use patchbay_cloudflare::wire::codes::ApiCode;

/// Headers of a request at most. Official clients send about twenty.
pub(crate) const MOST_HEADERS: usize = 100;
/// Bytes of all names and values at most.
pub(crate) const LONGEST_HEADERS: usize = 32 << 10;
/// Bytes of path and query at most. A name has 255, percent-encoded three times as many.
const LONGEST_TARGET: usize = 8 << 10;
/// What decides who asks for what, and where the request ends.
const ONCE: [HeaderName; 5] = [HOST, AUTHORIZATION, CONTENT_TYPE, CONTENT_LENGTH, TRANSFER_ENCODING];

/// Refuses a head that is too large or says one thing twice.
pub(super) fn check(request: &Request) -> Result<(), Refusal> {
    let length = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if length > LONGEST_TARGET {
        let text = format!("The URL has {length} bytes; at most {LONGEST_TARGET} are accepted.");
        return Err(Refusal::with(ApiCode::NoRoute, text).status(StatusCode::URI_TOO_LONG));
    }
    check_size(request.headers())?;
    check_repetition(request.headers())
}

fn check_size(headers: &HeaderMap) -> Result<(), Refusal> {
    let too_large = |text: String| {
        Err(Refusal::with(ApiCode::InvalidHeaders, text).status(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE))
    };
    if headers.len() > MOST_HEADERS {
        return too_large(format!("The request has {} headers; at most {MOST_HEADERS} are accepted.", headers.len()));
    }
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > LONGEST_HEADERS {
        return too_large(format!("The headers have {size} bytes; at most {LONGEST_HEADERS} are accepted."));
    }
    Ok(())
}

fn check_repetition(headers: &HeaderMap) -> Result<(), Refusal> {
    if let Some(name) = ONCE.iter().find(|name| headers.get_all(*name).iter().count() > 1) {
        return Err(Refusal::with(ApiCode::InvalidHeaders, format!("The header `{name}` is there more than once.")));
    }
    if headers.contains_key(TRANSFER_ENCODING) && headers.contains_key(CONTENT_LENGTH) {
        let text = "A request has either Content-Length or Transfer-Encoding, not both.";
        return Err(Refusal::with(ApiCode::InvalidHeaders, text));
    }
    Ok(())
}
