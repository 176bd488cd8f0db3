//! `<any>`, `<id>`, `<iso-time>` and `<text:REGEX>` in expected strings.

use regex::Regex;
use serde_json::Value;

/// What `<id>` covers inside a longer text: UUIDs, numbers, and prefixed ids such as `evt_1`.
const ID: &str = r"[A-Za-z0-9][A-Za-z0-9._~-]*";
/// A date, or a date and time with an offset (RFC 3339).
const ISO_TIME: &str = r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2}))?";

/// Whether a value is as the pattern says. The error is that of a `<text:…>` that holds no regular expression.
pub fn matches(pattern: &str, actual: &Value) -> Result<bool, regex::Error> {
    match (pattern, actual) {
        ("<any>", actual) => return Ok(!actual.is_null()),
        ("<id>", Value::Number(number)) => return Ok(number.is_u64() || number.is_i64()),
        _ => {}
    }
    let Value::String(text) = actual else {
        return Ok(false);
    };
    if !pattern.contains('<') {
        return Ok(pattern == text);
    }
    Ok(pattern == text || compiled(pattern)?.is_match(text))
}

fn compiled(pattern: &str) -> Result<Regex, regex::Error> {
    let mut expression = String::from(r"\A(?s:");
    let mut rest = pattern;
    while let Some(start) = rest.find('<') {
        expression.push_str(&regex::escape(&rest[..start]));
        rest = &rest[start..];
        let (part, length) = matcher(rest).map_or_else(|| ("<".to_owned(), 1), |(part, length)| (part, length));
        expression.push_str(&part);
        rest = &rest[length..];
    }
    expression.push_str(&regex::escape(rest));
    expression.push_str(r")\z");
    Regex::new(&expression)
}

/// The expression of the matcher that a text begins with, and the matcher's length.
fn matcher(text: &str) -> Option<(String, usize)> {
    for (name, expression) in [("<any>", ".*"), ("<id>", ID), ("<iso-time>", ISO_TIME)] {
        if text.starts_with(name) {
            return Some((format!("(?:{expression})"), name.len()));
        }
    }
    let inner = text.strip_prefix("<text:")?;
    // The expression may hold `>` itself, as in `(?<name>…)`: the last one of the pattern ends it.
    let end = inner.rfind('>')?;
    Some((format!("(?:{})", &inner[..end]), "<text:".len() + end + 1))
}

#[cfg(test)]
mod tests {
    use super::matches;
    use serde_json::{Value, json};

    #[test]
    fn matchers_stand_alone_and_inside_texts() {
        let id = "5f0e3c1a-0000-4000-8000-000000000001";
        for (pattern, actual, expected) in [
            ("<any>", json!("x"), true),
            ("<any>", json!([]), true),
            ("<any>", json!(""), true),
            ("<any>", Value::Null, false),
            ("<id>", json!(id), true),
            ("<id>", json!(42), true),
            ("<id>", json!(4.2), false),
            ("<id>", json!(""), false),
            ("<id>", json!("two words"), false),
            ("<iso-time>", json!("2026-11-21T08:30:00.250Z"), true),
            ("<iso-time>", json!("2026-11-21"), true),
            ("<iso-time>", json!("21.11.2026"), false),
            ("<text:ev_[0-9]+>", json!("ev_12"), true),
            ("<text:ev_[0-9]+>", json!("my ev_12"), false),
            ("<text:(?<name>a+)>", json!("aa"), true),
            ("a < b and 1.5", json!("a < b and 1.5"), true),
            ("a < b and 1.5", json!("a < b and 1x5"), false),
            ("https://api.notion.com/v1/pages/<id>", json!(format!("https://api.notion.com/v1/pages/{id}")), true),
            ("https://api.notion.com/v1/pages/<id>", json!(format!("https://api.notion.com/v1/pages/{id}/x")), false),
            ("<any> at <iso-time>", json!("done\nall at 2026-11-21"), true),
            ("plain", json!("plain"), true),
            ("1", json!(1), false),
        ] {
            assert_eq!(matches(pattern, &actual), Ok(expected), "{pattern} ~ {actual}");
        }
    }

    #[test]
    fn a_broken_expression_is_said_and_not_a_match() {
        let reason = matches("<text:(>", &json!("(")).expect_err("an open group");
        assert!(matches!(reason, regex::Error::Syntax(_)), "{reason}");
    }
}
