//! `{{unix_ts}}` and the others, filled at send time.
//!
//! A name that is not known stays as it stands: message text may contain braces of its own.

use serde_json::Value;
use std::borrow::Cow;

/// Placeholder names and their values.
pub type Values = Vec<(&'static str, String)>;

/// The text with every known placeholder filled. Filled values are not searched again.
pub fn fill<'a>(text: &'a str, values: &Values) -> Cow<'a, str> {
    if !text.contains("{{") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let known = values.iter().find_map(|(name, value)| {
            let after = rest.strip_prefix("{{")?.strip_prefix(name)?.strip_prefix("}}")?;
            Some((value, after))
        });
        if let Some((value, after)) = known {
            out.push_str(value);
            rest = after;
        } else {
            out.push('{');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The JSON value with the placeholders in its texts filled. Keys stay as they are.
pub fn fill_json(value: &Value, values: &Values) -> Value {
    match value {
        Value::String(text) => number(text, values).unwrap_or_else(|| Value::String(fill(text, values).into_owned())),
        Value::Array(items) => items.iter().map(|item| fill_json(item, values)).collect(),
        Value::Object(fields) => fields.iter().map(|(name, field)| (name.clone(), fill_json(field, values))).collect(),
        other => other.clone(),
    }
}

/// `{{unix_ts:number}}` alone in a text stands for the number itself: JSON has no other way to leave a gap for one.
fn number(text: &str, values: &Values) -> Option<Value> {
    let name = text.strip_prefix("{{")?.strip_suffix(":number}}")?;
    let (_, value) = values.iter().find(|(known, _)| *known == name)?;
    value.parse::<i64>().ok().map(Value::from)
}

#[cfg(test)]
mod tests {
    use super::{Values, fill, fill_json};
    use serde_json::json;

    #[test]
    fn numbers_are_filled_as_numbers() {
        let values: Values = vec![("uuid", "a".into()), ("unix_ts", "17".into())];
        let body = json!(["{{unix_ts:number}}", "{{unix_ts}}", "{{uuid:number}}", "at {{unix_ts:number}}"]);
        assert_eq!(fill_json(&body, &values), json!([17, "17", "{{uuid:number}}", "at {{unix_ts:number}}"]));
    }

    #[test]
    fn known_names_are_filled_once_and_others_stay() {
        let values: Values = vec![("uuid", "{{unix_ts}}".into()), ("unix_ts", "17".into())];
        for (text, expected) in [
            ("t={{unix_ts}},u={{uuid}}", "t=17,u={{unix_ts}}"),
            ("{{other}} {{{unix_ts}}}", "{{other}} {17}"),
            ("{{unix_ts", "{{unix_ts"),
            ("größe {{", "größe {{"),
        ] {
            assert_eq!(fill(text, &values), expected, "{text}");
        }
    }
}
