//! A request as it goes over the wire.

use super::target::LoadTarget;
use patchbay_core::HttpRequest;
use reqwest::Url;

/// Headers that belong to the connection, which the generator writes itself.
const OWN: [&str; 5] = ["content-length", "connection", "transfer-encoding", "keep-alive", "expect"];

/// The bytes of an HTTP/1.1 request. The error is what is wrong with it, without a value of it.
pub(super) fn wire(request: &HttpRequest, target: &LoadTarget) -> Result<Vec<u8>, String> {
    let url = Url::parse(&request.url).map_err(|_| "its URL is none".to_owned())?;
    if !target.reaches(&url) {
        return Err("its URL is not the target's".to_owned());
    }
    if request.method.is_empty() || !request.method.bytes().all(is_token) {
        return Err(format!("`{}` is not an HTTP method", request.method.escape_default()));
    }
    let mut wire = Vec::with_capacity(request.body.len() + 512);
    let mut put = |parts: &[&str]| parts.iter().for_each(|part| wire.extend_from_slice(part.as_bytes()));
    // `Url` percent-encodes what a request line cannot carry.
    put(&[&request.method, " ", url.path()]);
    if let Some(query) = url.query() {
        put(&["?", query]);
    }
    put(&[" HTTP/1.1\r\n"]);
    if !request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        put(&["Host: ", target.authority(), "\r\n"]);
    }
    for (name, value) in request.headers.iter() {
        if OWN.iter().any(|own| name.eq_ignore_ascii_case(own)) {
            continue;
        }
        let is_value = !value.bytes().any(|byte| matches!(byte, b'\r' | b'\n' | 0));
        if name.is_empty() || !name.bytes().all(is_token) || !is_value {
            return Err(format!("its header `{}` cannot be sent", name.escape_default()));
        }
        put(&[name, ": ", value, "\r\n"]);
    }
    put(&["Content-Length: ", &request.body.len().to_string(), "\r\n\r\n"]);
    wire.extend_from_slice(&request.body);
    Ok(wire)
}

/// RFC 9110, 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn bytes_of(url: &str, headers: &[(&str, &str)], body: &str) -> Result<String, String> {
        let target = LoadTarget::resolve("http://127.0.0.1:8787/").await.expect("an address");
        let request = HttpRequest {
            method: "POST".into(),
            url: url.into(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: body.to_owned().into(),
        };
        wire(&request, &target).map(|bytes| String::from_utf8(bytes).expect("text"))
    }

    #[tokio::test]
    async fn a_request_is_written_as_it_is_with_the_headers_of_the_connection_made_anew() {
        let headers = [("X-Sig", "v0=é"), ("Content-Length", "9"), ("Expect", "100-continue")];
        let wire = bytes_of("http://127.0.0.1:8787/hooks/ä?a=1#x", &headers, "{}").await;
        assert_eq!(
            wire.as_deref(),
            Ok("POST /hooks/%C3%A4?a=1 HTTP/1.1\r\nHost: 127.0.0.1:8787\r\nX-Sig: v0=é\r\nContent-Length: 2\r\n\r\n{}")
        );
        let own = bytes_of("http://127.0.0.1:8787/", &[("host", "hooks.example.com")], "").await.expect("bytes");
        assert!(own.contains("host: hooks.example.com\r\n") && !own.contains("127.0.0.1"), "{own}");
    }

    #[tokio::test]
    async fn what_would_be_another_request_is_not_sent() {
        for (url, name, value, said) in [
            ("http://127.0.0.1:8787/", "X-A", "1\r\nX-B: 2", "header `X-A`"),
            ("http://127.0.0.1:8787/", "X A", "1", "header `X A`"),
            ("http://127.0.0.1:8788/", "X-A", "1", "not the target's"),
            ("https://127.0.0.1:8787/", "X-A", "1", "not the target's"),
        ] {
            let error = bytes_of(url, &[(name, value)], "").await.expect_err("it is refused");
            assert!(error.contains(said), "{error}");
        }
    }
}
