//! A request as it stands on the wire, as proxies and request catchers show it.

use super::capture::{Capture, Pasted};
use super::error::SampleTextError;
use crate::header_name::is_header_name;
use patchbay_core::HttpMessageHeaders;
use std::borrow::Cow;

/// The sample that a raw request is.
pub fn parse(text: &str) -> Result<Pasted, SampleTextError> {
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = Lines { rest: text, number: 0 };
    let first = loop {
        match lines.next() {
            None => return Err(SampleTextError::Empty),
            Some(line) if line.trim().is_empty() => {}
            Some(line) => break line,
        }
    };
    let (method, target) = request_line(first, lines.number)?;
    let headers = headers(&mut lines)?;
    let body = body(lines.rest, &headers, lines.number + 1)?;
    let url = if target.starts_with('/') {
        format!("http://{}{target}", headers.get("host").unwrap_or("localhost"))
    } else {
        target.to_owned()
    };
    Capture { method: method.to_owned(), url, headers, body: body.as_bytes().to_vec(), left_out: Vec::new() }
        .into_sample()
}

struct Lines<'a> {
    rest: &'a str,
    number: usize,
}

impl<'a> Lines<'a> {
    /// The next line without its end, which may be CRLF or, after a paste, LF.
    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        self.number += 1;
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        Some(line.strip_suffix('\r').unwrap_or(line))
    }
}

fn request_line(line: &str, number: usize) -> Result<(&str, &str), SampleTextError> {
    let mut words = line.split_ascii_whitespace();
    let (method, target, version) = (words.next().unwrap_or_default(), words.next(), words.next());
    let Some(target) = target else {
        return Err(problem(number, format!("`{line}` is not a request line such as `POST /path HTTP/1.1`")));
    };
    if !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(problem(number, format!("`{method}` is not an HTTP method")));
    }
    if version.is_some_and(|version| !version.starts_with("HTTP/")) || words.next().is_some() {
        return Err(problem(number, "after method and path, only the version such as `HTTP/1.1` may follow"));
    }
    if !target.starts_with('/') && !target.starts_with("http://") && !target.starts_with("https://") {
        return Err(problem(number, format!("`{target}` is neither a path nor a URL")));
    }
    Ok((method, target))
}

fn headers(lines: &mut Lines<'_>) -> Result<HttpMessageHeaders, SampleTextError> {
    let mut headers = HttpMessageHeaders::default();
    while let Some(line) = lines.next() {
        if line.is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) {
            return Err(problem(lines.number, "a header is continued on a second line, which HTTP no longer allows"));
        }
        match line.split_once(':') {
            Some((name, value)) if is_header_name(name) => headers.append(name, value.trim()),
            _ => {
                return Err(problem(
                    lines.number,
                    format!("`{line}` is not a header such as `Name: value`; the body starts after an empty line"),
                ));
            }
        }
    }
    Ok(headers)
}

/// The exact bytes where `Content-Length` tells how many; else everything but the line end that a paste adds.
fn body<'a>(rest: &'a str, headers: &HttpMessageHeaders, line: usize) -> Result<&'a str, SampleTextError> {
    if headers.get("transfer-encoding").is_some_and(|coding| coding.to_ascii_lowercase().contains("chunked")) {
        return Err(problem(line, "the body is in chunks; paste it in one piece and remove `Transfer-Encoding`"));
    }
    let Some(length) = headers.get("content-length") else {
        return Ok(rest.strip_suffix('\n').map_or(rest, |text| text.strip_suffix('\r').unwrap_or(text)));
    };
    let stated: usize =
        length.parse().map_err(|_| problem(line, format!("`Content-Length: {length}` is not a number")))?;
    match rest.split_at_checked(stated) {
        Some((body, after)) if after.trim().is_empty() => Ok(body),
        _ => {
            let is = rest.trim_end().len();
            Err(problem(line, format!("`Content-Length` says {stated} bytes, but the body has {is}")))
        }
    }
}

fn problem(line: usize, problem: impl Into<Cow<'static, str>>) -> SampleTextError {
    SampleTextError::RawHttp { line, problem: problem.into() }
}
