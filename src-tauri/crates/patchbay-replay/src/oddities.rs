//! What is odd about a delivery on its own, so that a person does not look for the reason elsewhere. Nothing here fails a
//! replay: a broken body may be sent on purpose.

use crate::trace::{Trace, TracedBody};

/// Sentences without a full stop, the request's first.
pub fn oddities(trace: &Trace) -> Vec<String> {
    let request = other_than_said(&trace.request.headers, &trace.request.body);
    request.into_iter().chain(no_dispatcher(trace)).collect()
}

/// A body that is not what its `Content-Type` says.
fn other_than_said(headers: &[(String, String)], body: &TracedBody) -> Option<String> {
    // What is not kept whole cannot be judged. Redaction puts words into strings and leaves JSON what it is.
    if body.bytes == 0 {
        return None;
    }
    let kind = media_type(headers)?;
    let start = body.text.trim_start().chars().next();
    let problem = if is_json(&kind) {
        let found: Result<serde::de::IgnoredAny, _> = serde_json::from_str(&body.text);
        match found {
            _ if body.base64 => Some("it is no text".to_owned()),
            Ok(_) => None,
            Err(error) if error.is_eof() && body.text.len() as u64 != body.bytes => None,
            Err(error) => Some(format!("line {}, column {}", error.line(), error.column())),
        }
    } else if kind == "application/x-www-form-urlencoded" && matches!(start, Some('{' | '[' | '<')) {
        Some("it looks like JSON or XML".to_owned())
    } else if (kind.ends_with("/xml") || kind.ends_with("+xml")) && start != Some('<') {
        Some("it does not begin with `<`".to_owned())
    } else {
        None
    };
    problem.map(|problem| {
        format!("the body is not the {kind} that its Content-Type says ({problem}); it was sent as it is")
    })
}

/// A page in the place of an adapter's answer.
fn no_dispatcher(trace: &Trace) -> Option<String> {
    let response = trace.response.as_ref().filter(|_| trace.adapter_run.is_none())?;
    let kind = media_type(&response.headers)?;
    (kind == "text/html").then(|| {
        "HTML came back, and dispatchers answer in JSON: something else may be at that URL, a login page or a proxy"
            .to_owned()
    })
}

fn media_type(headers: &[(String, String)]) -> Option<String> {
    let (_, value) = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"))?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

fn is_json(kind: &str) -> bool {
    kind == "application/json" || kind.ends_with("+json")
}

#[cfg(test)]
mod tests {
    use super::other_than_said;
    use crate::trace::TracedBody;

    fn judged(kind: &str, text: &str) -> Option<String> {
        let body = TracedBody { text: text.into(), base64: false, bytes: text.len() as u64 };
        other_than_said(&[("Content-Type".into(), kind.into())], &body)
    }

    #[test]
    fn a_body_that_is_not_what_it_says_is_remarked() {
        for (kind, text, says) in [
            ("application/json; charset=utf-8", "{\"a\":\n1,}", "line 2, column 3"),
            ("application/cloudevents+json", "<a/>", "line 1, column 1"),
            ("application/x-www-form-urlencoded", " {\"a\":1}", "looks like JSON"),
            ("text/xml", "{}", "does not begin with `<`"),
        ] {
            assert!(judged(kind, text).is_some_and(|remark| remark.contains(says)), "{kind} {text}");
        }
        for (kind, text) in [
            ("application/json", "{\"a\": \"<redacted:TOKEN>\"}"),
            ("application/json", ""),
            ("application/x-www-form-urlencoded", "payload=%7B%7D"),
            ("application/soap+xml", "\n<a/>"),
            ("text/plain", "{"),
        ] {
            assert_eq!(judged(kind, text), None, "{kind} {text}");
        }
    }
}
