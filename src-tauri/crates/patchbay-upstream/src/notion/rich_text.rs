//! Rich text: at most 100 items of at most 2000 characters (developers.notion.com/reference/request-limits).

use super::error::Refusal;
use serde_json::{Value, json};

const MOST_ITEMS: usize = 100;
const LONGEST_TEXT: usize = 2000;

/// The array under `place`, with at most 100 items.
pub fn array<'a>(place: &str, value: &'a Value) -> Result<&'a Vec<Value>, Refusal> {
    let items = value.as_array().ok_or_else(|| Refusal::should_be(place, "an array", Some(value)))?;
    if items.len() > MOST_ITEMS {
        let length = Value::from(items.len());
        return Err(Refusal::should_be(&format!("{place}.length"), &format!("≤ `{MOST_ITEMS}`"), Some(&length)));
    }
    Ok(items)
}

/// A string of at most `most` UTF-16 units, which is how Notion counts.
pub fn text<'a>(place: &str, value: Option<&'a Value>, most: usize) -> Result<&'a str, Refusal> {
    let expected = if value.is_some() { "a string" } else { "defined" };
    let text = value.and_then(Value::as_str).ok_or_else(|| Refusal::should_be(place, expected, value))?;
    let length = text.encode_utf16().count();
    if length > most {
        let length = Value::from(length);
        return Err(Refusal::should_be(&format!("{place}.length"), &format!("≤ `{most}`"), Some(&length)));
    }
    Ok(text)
}

/// Checks rich text.
pub fn check(place: &str, value: &Value) -> Result<(), Refusal> {
    for (index, item) in array(place, value)?.iter().enumerate() {
        let place = format!("{place}[{index}]");
        if let Some(content) = item.get("text") {
            text(&format!("{place}.text.content"), content.get("content"), LONGEST_TEXT)?;
            if let Some(link) = content.get("link").filter(|link| !link.is_null()) {
                text(&format!("{place}.text.link.url"), link.get("url"), LONGEST_TEXT)?;
            }
        } else if let Some(equation) = item.get("equation") {
            text(&format!("{place}.equation.expression"), equation.get("expression"), 1000)?;
        } else if item.get("mention").is_none_or(|mention| !mention.is_object()) {
            return Err(Refusal::should_be(&format!("{place}.text"), "defined", None));
        }
    }
    Ok(())
}

/// Rich text as the API answers it.
pub fn normalised(value: &Value) -> Value {
    value.as_array().into_iter().flatten().map(normalised_item).collect()
}

fn normalised_item(item: &Value) -> Value {
    let annotations = json!({
        "bold": false, "italic": false, "strikethrough": false, "underline": false, "code": false, "color": "default",
    });
    let mut merged = annotations;
    for (name, given) in item.get("annotations").and_then(Value::as_object).into_iter().flatten() {
        merged[name] = given.clone();
    }
    let Some(text) = item.get("text") else {
        let kind = if item.get("equation").is_some() { "equation" } else { "mention" };
        let plain = item.pointer("/equation/expression").cloned().unwrap_or_default();
        return json!({ "type": kind, (kind): item[kind], "annotations": merged, "plain_text": plain, "href": null });
    };
    let link = text.get("link").cloned().unwrap_or_default();
    let href = link.get("url").cloned().unwrap_or_default();
    json!({
        "type": "text", "text": { "content": text["content"], "link": link }, "annotations": merged,
        "plain_text": text["content"], "href": href,
    })
}

/// The text without its decoration.
pub fn plain(value: &Value) -> String {
    value.as_array().into_iter().flatten().filter_map(|item| item["plain_text"].as_str()).collect()
}
