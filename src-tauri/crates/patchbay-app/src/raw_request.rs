//! A webhook request as the bytes of HTTP/1.1, as request catchers show it and `nc` sends it.

use crate::wire::error::{ErrorCode, WireError};
use crate::wire::sample::WebhookRequest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;

/// More than any sender has, so that a file that is no request is seen to be none.
const MOST_HEADERS: usize = 200;
/// Headers about the connection and not about the webhook.
const OF_THE_CONNECTION: [&str; 3] = ["connection", "content-length", "host"];

/// The whole request, with `Host` and `Content-Length`.
pub fn write(request: &WebhookRequest) -> Result<Vec<u8>, WireError> {
    let body = STANDARD
        .decode(&request.body_base64)
        .map_err(|error| WireError::internal("The body of the request could not be decoded", &error))?;
    let (host, path) = place(&request.url);
    let mut head = format!("{} {path} HTTP/1.1\r\nHost: {host}\r\n", request.method);
    for (name, value) in request.headers.iter().filter(|(name, _)| !is_of_the_connection(name)) {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let _ = write!(head, "Content-Length: {}\r\n\r\n", body.len());
    let mut bytes = head.into_bytes();
    bytes.extend(body);
    Ok(bytes)
}

/// Reads a whole request. `url` is where it was sent to, where `http://` and its `Host` do not say that.
pub fn read(bytes: &[u8], url: Option<&str>) -> Result<WebhookRequest, WireError> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let head = match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(head)) => head,
        Ok(httparse::Status::Partial) => return Err(refused("it ends within its headers; an empty line follows them")),
        Err(error) => return Err(refused(&error.to_string())),
    };
    let (Some(method), Some(target)) = (parsed.method, parsed.path) else {
        return Err(refused("its first line is not `POST /path HTTP/1.1`"));
    };
    let mut list = Vec::new();
    for header in parsed.headers.iter() {
        let value = std::str::from_utf8(header.value)
            .map_err(|_| refused(&format!("the header `{}` is not UTF-8", header.name)))?;
        list.push((header.name.to_owned(), value.to_owned()));
    }
    let header =
        |wanted: &str| list.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.as_str());
    if header("transfer-encoding").is_some() {
        return Err(refused("its body is in chunks; give it in one piece, without `Transfer-Encoding`"));
    }
    let body = body(&bytes[head..], header("content-length"))?;
    let base = match url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!(
            "http://{}",
            header("host").ok_or_else(|| refused("it has no `Host`; say with --url where it went"))?
        ),
    };
    let url = if target.starts_with('/') { format!("{base}{target}") } else { target.to_owned() };
    list.retain(|(name, _)| !is_of_the_connection(name));
    Ok(WebhookRequest { method: method.to_owned(), url, headers: list, body_base64: STANDARD.encode(body) })
}

/// The signature covers the exact bytes, so nothing is added to them or guessed.
fn body<'a>(rest: &'a [u8], length: Option<&str>) -> Result<&'a [u8], WireError> {
    let Some(length) = length else { return Ok(rest) };
    match length.parse::<usize>() {
        Ok(length) if length == rest.len() => Ok(rest),
        _ => Err(refused(&format!("`Content-Length` says {length} bytes, but the body has {}", rest.len()))),
    }
}

/// Host and path of an absolute URL.
pub(crate) fn place(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find(['/', '?']).map_or((rest, "/"), |at| rest.split_at(at))
}

fn is_of_the_connection(name: &str) -> bool {
    OF_THE_CONNECTION.iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn refused(reason: &str) -> WireError {
    WireError::new(ErrorCode::ReplayInvalidSample, format!("This is not a whole HTTP request: {reason}"))
        .with_hint("Give the exact bytes: `POST /path HTTP/1.1`, headers, an empty line, the body")
}

#[cfg(test)]
mod tests {
    use super::{read, write};

    const REQUEST: &[u8] =
        b"POST /hook?a=1 HTTP/1.1\r\nHost: hooks.example.com\r\nX-Signature: v0=ab\r\nContent-Length: 4\r\n\r\n\x00\xff\r\n";

    #[test]
    fn a_request_survives_its_bytes() {
        let request = read(REQUEST, Some("https://hooks.example.com/")).expect("a request");
        assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://hooks.example.com/hook?a=1"));
        assert_eq!(request.headers, [("X-Signature".to_owned(), "v0=ab".to_owned())]);
        assert_eq!(request.body_base64, "AP8NCg==");
        assert_eq!(write(&request).expect("bytes"), REQUEST);
        assert_eq!(read(REQUEST, None).expect("a request").url, "http://hooks.example.com/hook?a=1");
    }

    #[test]
    fn what_is_not_a_whole_request_is_refused_with_the_reason() {
        for (bytes, reason) in [
            ("POST / HTTP/1.1\r\nHost: a", "ends within its headers"),
            ("POST / HTTP/1.1\r\n\r\n", "no `Host`"),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab", "says 3 bytes, but the body has 2"),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "in chunks"),
            ("{\"a\": 1}\r\n\r\n", "not a whole HTTP request"),
            ("", "ends within its headers"),
        ] {
            let error = read(bytes.as_bytes(), None).expect_err(reason);
            assert!(error.message.contains(reason), "{}", error.message);
            assert!(!error.hints.is_empty());
        }
    }
}
