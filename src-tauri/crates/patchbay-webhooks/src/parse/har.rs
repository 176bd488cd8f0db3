//! An entry of an HTTP archive (HAR 1.2), as browsers and proxies save it.

use super::capture::{Capture, Pasted};
use super::error::SampleTextError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_core::HttpMessageHeaders;
use serde_json::Value;
use std::borrow::Cow;

/// The sample of one entry: a HAR with a single entry, an entry, or its `request`.
pub fn parse(text: &str) -> Result<Pasted, SampleTextError> {
    let mut all = entries(text)?;
    match all.len() {
        1 => all.remove(0),
        0 => Err(problem("log.entries", "there are no entries")),
        many => {
            Err(problem("log.entries", format!("there are {many} entries; paste the one that is to be the sample")))
        }
    }
}

/// Every entry of a HAR, each with its own result.
pub fn entries(text: &str) -> Result<Vec<Result<Pasted, SampleTextError>>, SampleTextError> {
    let har: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(SampleTextError::HarJson)?;
    if let Some(entries) = har.pointer("/log/entries") {
        let entries = entries.as_array().ok_or_else(|| problem("log.entries", "it is not a list"))?;
        let read = |(index, entry): (usize, &Value)| entry_request(entry, &format!("log.entries[{index}]"));
        return Ok(entries.iter().enumerate().map(read).collect());
    }
    if let Some(list) = har.as_array() {
        return Ok(list.iter().enumerate().map(|(index, entry)| entry_request(entry, &format!("[{index}]"))).collect());
    }
    if har.get("request").is_some() {
        return Ok(vec![entry_request(&har, "")]);
    }
    if har.get("method").is_some() && har.get("url").is_some() {
        return Ok(vec![request(&har, "")]);
    }
    Err(problem("log.entries", "neither this nor `request` is there, so it is not a HAR"))
}

fn entry_request(entry: &Value, path: &str) -> Result<Pasted, SampleTextError> {
    let path = join(path, "request");
    request(entry.get("request").ok_or_else(|| problem(&path, "it is missing"))?, &path)
}

fn request(request: &Value, path: &str) -> Result<Pasted, SampleTextError> {
    let text = |name: &str| {
        let value = request.get(name).and_then(Value::as_str);
        value.map(str::to_owned).ok_or_else(|| problem(&join(path, name), "it is missing or not a text"))
    };
    let (method, url) = (text("method")?, text("url")?);
    let mut headers = HttpMessageHeaders::default();
    for (index, header) in list(request, "headers", path)?.iter().enumerate() {
        let (name, value) = pair(header, &join(path, &format!("headers[{index}]")))?;
        headers.append(name, value);
    }
    let post = request.get("postData").filter(|post| !post.is_null());
    let body = match post {
        Some(post) => body(post, &join(path, "postData"))?,
        None => Vec::new(),
    };
    let kind = post.and_then(|post| post.get("mimeType")).and_then(Value::as_str).filter(|kind| !kind.is_empty());
    if let Some(kind) = kind
        && headers.get("content-type").is_none()
    {
        headers.append("Content-Type", kind);
    }
    Capture { method, url, headers, body, left_out: Vec::new() }.into_sample()
}

fn body(post: &Value, path: &str) -> Result<Vec<u8>, SampleTextError> {
    if let Some(text) = post.get("text").and_then(Value::as_str).filter(|text| !text.is_empty()) {
        if post.get("encoding").and_then(Value::as_str) != Some("base64") {
            return Ok(text.as_bytes().to_vec());
        }
        return STANDARD.decode(text).map_err(|_| problem(&join(path, "text"), "it is not base64, as `encoding` says"));
    }
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (index, parameter) in list(post, "params", path)?.iter().enumerate() {
        let at = join(path, &format!("params[{index}]"));
        if parameter.get("fileName").is_some() {
            return Err(problem(&at, "it is a file of a multipart form, which is not read"));
        }
        let (name, value) = pair(parameter, &at)?;
        form.append_pair(name, value);
    }
    Ok(form.finish().into_bytes())
}

fn list<'a>(object: &'a Value, name: &str, path: &str) -> Result<&'a [Value], SampleTextError> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(problem(&join(path, name), "it is not a list")),
    }
}

fn pair<'a>(item: &'a Value, path: &str) -> Result<(&'a str, &'a str), SampleTextError> {
    let text = |name: &str| {
        let value = item.get(name).and_then(Value::as_str);
        value.ok_or_else(|| problem(&join(path, name), "it is missing or not a text"))
    };
    Ok((text("name")?, text("value")?))
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn problem(path: &str, problem: impl Into<Cow<'static, str>>) -> SampleTextError {
    SampleTextError::Har { path: path.to_owned(), problem: problem.into() }
}
