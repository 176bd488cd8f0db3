//! Block Kit: at most 50 blocks, each of a known type with its required fields within their sizes.
//!
//! Facts: docs.slack.dev/reference/block-kit/blocks.

use super::reply::Refusal;
use serde_json::Value;

const MOST_BLOCKS: usize = 50;
const TYPES: [&str; 14] = [
    "actions",
    "call",
    "context",
    "divider",
    "file",
    "header",
    "image",
    "input",
    "markdown",
    "rich_text",
    "section",
    "table",
    "video",
    "context_actions",
];

/// Reads `blocks`, which a form carries as JSON text.
pub fn read(given: Option<&Value>) -> Result<Option<Value>, Refusal> {
    let blocks = match given {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.is_empty() => return Ok(None),
        Some(Value::String(text)) => {
            serde_json::from_str(text).map_err(|_| Refusal::because("invalid_blocks_format"))?
        }
        Some(blocks) => blocks.clone(),
    };
    let Some(items) = blocks.as_array() else {
        return Err(Refusal::because("invalid_blocks_format"));
    };
    if items.len() > MOST_BLOCKS {
        return Err(invalid("no more than 50 items allowed", "/blocks"));
    }
    items.iter().enumerate().try_for_each(|(index, block)| one(&format!("/blocks/{index}"), block))?;
    Ok((!items.is_empty()).then_some(blocks))
}

fn invalid(complaint: &str, pointer: &str) -> Refusal {
    Refusal::at("invalid_blocks", complaint, pointer)
}

fn one(pointer: &str, block: &Value) -> Result<(), Refusal> {
    let Some(kind) = block.get("type").and_then(Value::as_str) else {
        return Err(invalid("missing required field: type", pointer));
    };
    if !TYPES.contains(&kind) {
        return Err(invalid(&format!("unsupported type: {kind}"), &format!("{pointer}/type")));
    }
    longest(block.get("block_id"), 255, &format!("{pointer}/block_id"))?;
    match kind {
        "section" => {
            if block.get("text").is_none() && block.get("fields").is_none() {
                return Err(invalid("missing required field: text", pointer));
            }
            if let Some(text) = block.get("text") {
                text_object(text, 3000, false, &format!("{pointer}/text"))?;
            }
            let fields = items(block, "fields", 10, pointer)?;
            fields
                .iter()
                .enumerate()
                .try_for_each(|(index, field)| text_object(field, 2000, false, &format!("{pointer}/fields/{index}")))
        }
        "header" => match block.get("text") {
            None => Err(invalid("missing required field: text", pointer)),
            Some(text) => text_object(text, 150, true, &format!("{pointer}/text")),
        },
        "context" => required_items(block, "elements", 10, pointer),
        "actions" => required_items(block, "elements", 25, pointer),
        "image" => {
            if block.get("image_url").is_none() && block.get("slack_file").is_none() {
                return Err(invalid("missing required field: image_url", pointer));
            }
            longest(block.get("image_url"), 3000, &format!("{pointer}/image_url"))?;
            match block.get("alt_text") {
                None => Err(invalid("missing required field: alt_text", pointer)),
                Some(text) => longest(Some(text), 2000, &format!("{pointer}/alt_text")),
            }
        }
        "markdown" => match block.get("text") {
            None => Err(invalid("missing required field: text", pointer)),
            Some(text) => longest(Some(text), 12_000, &format!("{pointer}/text")),
        },
        _ => Ok(()),
    }
}

fn text_object(text: &Value, most: usize, plain: bool, pointer: &str) -> Result<(), Refusal> {
    let kinds: &[&str] = if plain { &["plain_text"] } else { &["plain_text", "mrkdwn"] };
    let kind = text.get("type").and_then(Value::as_str);
    if !kind.is_some_and(|kind| kinds.contains(&kind)) {
        return Err(invalid("must provide a valid text object type", &format!("{pointer}/type")));
    }
    let pointer = format!("{pointer}/text");
    match text.get("text").and_then(Value::as_str) {
        None => Err(invalid("missing required field: text", &pointer)),
        Some("") => Err(invalid("must be more than 0 characters", &pointer)),
        Some(_) => longest(text.get("text"), most, &pointer),
    }
}

fn longest(given: Option<&Value>, most: usize, pointer: &str) -> Result<(), Refusal> {
    match given {
        None => Ok(()),
        Some(Value::String(text)) if text.chars().count() <= most => Ok(()),
        Some(Value::String(_)) => Err(invalid(&format!("must be less than {} characters", most + 1), pointer)),
        Some(_) => Err(invalid("must be a string", pointer)),
    }
}

fn items<'a>(block: &'a Value, name: &str, most: usize, pointer: &str) -> Result<&'a [Value], Refusal> {
    match block.get(name) {
        None => Ok(&[]),
        Some(Value::Array(items)) if items.len() <= most => Ok(items),
        Some(Value::Array(_)) => {
            Err(invalid(&format!("no more than {most} items allowed"), &format!("{pointer}/{name}")))
        }
        Some(_) => Err(invalid("must be an array", &format!("{pointer}/{name}"))),
    }
}

fn required_items(block: &Value, name: &str, most: usize, pointer: &str) -> Result<(), Refusal> {
    if items(block, name, most, pointer)?.is_empty() {
        return Err(invalid(&format!("missing required field: {name}"), pointer));
    }
    Ok(())
}
