//! Property values: checked as the API checks them, and written back as it answers them.

use super::error::{Refusal, body_uuid};
use super::rich_text;
use patchbay_core::field::{FieldType, Holds, UpstreamFields};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use time::format_description::well_known::Iso8601;
use time::{Date, OffsetDateTime, PrimitiveDateTime};

/// Property types that a request may write.
const WRITABLE: [&str; 14] = [
    "title",
    "rich_text",
    "number",
    "select",
    "multi_select",
    "status",
    "date",
    "checkbox",
    "url",
    "email",
    "phone_number",
    "people",
    "relation",
    "files",
];
/// Property types that Notion computes.
const COMPUTED: [&str; 8] =
    ["formula", "rollup", "created_time", "created_by", "last_edited_time", "last_edited_by", "unique_id", "button"];

/// What a mapping may write: the customer's own columns, with types of the API.
pub fn mapped() -> UpstreamFields {
    let writable = WRITABLE.into_iter().map(|name| {
        let (holds, longest) = match name {
            "number" => (Holds::Number, None),
            "checkbox" => (Holds::Boolean, None),
            "date" => (Holds::Date, None),
            "multi_select" => (Holds::Texts, None),
            "people" | "relation" | "files" => (Holds::Anything, None),
            "url" => (Holds::Text, Some(LONGEST_URL)),
            "email" | "phone_number" => (Holds::Text, Some(LONGEST_ADDRESS)),
            _ => (Holds::Text, None),
        };
        FieldType { name, holds, longest }
    });
    let computed = COMPUTED.into_iter().map(|name| FieldType { name, holds: Holds::Computed, longest: None });
    UpstreamFields {
        types: writable.chain(computed).collect(),
        untyped: |field| Some(if field == "Title" { "title" } else { "rich_text" }),
        ..UpstreamFields::open("notion", "Notion")
    }
}

/// Longest `url` and longest `email` or `phone_number`, in characters.
const LONGEST_URL: usize = 2000;
const LONGEST_ADDRESS: usize = 200;

/// A property value of a known type.
pub struct Given {
    /// One of the writable types.
    pub kind: &'static str,
    /// The value under the type's key.
    pub value: Value,
}

/// Checks `body.properties`.
pub fn checked(properties: Option<&Value>) -> Result<BTreeMap<String, Given>, Refusal> {
    let expected = if properties.is_some() { "an object" } else { "defined" };
    let fields = properties.and_then(Value::as_object);
    let fields = fields.ok_or_else(|| Refusal::should_be("body.properties", expected, properties))?;
    let given = fields.iter().map(|(name, value)| Ok((name.clone(), one(name, value)?)));
    let given: BTreeMap<String, Given> = given.collect::<Result<_, Refusal>>()?;
    if given.values().filter(|given| given.kind == "title").count() > 1 {
        return Err(Refusal::validation("body.properties should have one property of the type `title` at most"));
    }
    Ok(given)
}

fn one(name: &str, property: &Value) -> Result<Given, Refusal> {
    let place = format!("body.properties.{name}");
    // The short form `"title": [ … ]` is allowed for the title alone.
    if name == "title" && property.is_array() {
        rich_text::check(&place, property)?;
        return Ok(Given { kind: "title", value: property.clone() });
    }
    let fields = property.as_object().ok_or_else(|| Refusal::should_be(&place, "an object", Some(property)))?;
    let kind = kind(&place, fields)?;
    let value = &fields[kind];
    check(&format!("{place}.{kind}"), kind, value)?;
    Ok(Given { kind, value: value.clone() })
}

fn kind(place: &str, fields: &Map<String, Value>) -> Result<&'static str, Refusal> {
    if let Some(computed) = COMPUTED.into_iter().find(|kind| fields.contains_key(*kind)) {
        return Err(Refusal::validation(format!("{place} cannot be written: `{computed}` is computed by Notion")));
    }
    let mut present = WRITABLE.into_iter().filter(|kind| fields.contains_key(*kind));
    if let (Some(kind), None) = (present.next(), present.next()) {
        return Ok(kind);
    }
    let known = WRITABLE.map(|kind| format!("`{kind}`")).join(", ");
    let given = Value::Object(fields.clone());
    Err(Refusal::should_be(place, &format!("an object with exactly one of {known}"), Some(&given)))
}

fn check(place: &str, kind: &str, value: &Value) -> Result<(), Refusal> {
    let should_be = |expected: &str| Err(Refusal::should_be(place, expected, Some(value)));
    match kind {
        "title" | "rich_text" => rich_text::check(place, value),
        "checkbox" if !value.is_boolean() => should_be("a boolean"),
        "multi_select" => each(place, value, |place, item| option(place, item, true)),
        "people" | "relation" => {
            each(place, value, |place, item| body_uuid(&format!("{place}.id"), item.get("id")).map(|_| ()))
        }
        "files" => each(place, value, |place, item| {
            rich_text::text(&format!("{place}.name"), item.get("name"), 100).map(|_| ())
        }),
        // Only arrays and checkboxes cannot be emptied with null.
        _ if value.is_null() => Ok(()),
        "number" if !value.is_number() => should_be("a number or `null`"),
        "select" => option(place, value, true),
        "status" => option(place, value, false),
        "date" => date(place, value),
        "url" => rich_text::text(place, Some(value), LONGEST_URL).and_then(|text| not_empty(place, text)),
        "email" | "phone_number" => {
            rich_text::text(place, Some(value), LONGEST_ADDRESS).and_then(|text| not_empty(place, text))
        }
        _ => Ok(()),
    }
}

fn each(place: &str, value: &Value, check: impl Fn(&str, &Value) -> Result<(), Refusal>) -> Result<(), Refusal> {
    let items = rich_text::array(place, value)?;
    items.iter().enumerate().try_for_each(|(index, item)| check(&format!("{place}[{index}]"), item))
}

fn option(place: &str, value: &Value, refuse_commas: bool) -> Result<(), Refusal> {
    if value.get("id").is_some_and(Value::is_string) {
        return Ok(());
    }
    let name = rich_text::text(&format!("{place}.name"), value.get("name"), 100)?;
    if refuse_commas && name.contains(',') {
        return Err(Refusal::validation(format!("Invalid select option, commas not allowed: {name}")));
    }
    not_empty(&format!("{place}.name"), name)
}

fn not_empty(place: &str, text: &str) -> Result<(), Refusal> {
    if text.is_empty() {
        return Err(Refusal::should_be(&format!("{place}.length"), "≥ `1`", Some(&Value::from(0))));
    }
    Ok(())
}

fn date(place: &str, value: &Value) -> Result<(), Refusal> {
    for (end, required) in [("start", true), ("end", false)] {
        let given = value.get(end).filter(|given| required || !given.is_null());
        if !required && given.is_none() {
            continue;
        }
        let place = format!("{place}.{end}");
        let text = rich_text::text(&place, given, 64)?;
        let valid = Date::parse(text, &Iso8601::DEFAULT).is_ok()
            || OffsetDateTime::parse(text, &Iso8601::DEFAULT).is_ok()
            || PrimitiveDateTime::parse(text, &Iso8601::DEFAULT).is_ok();
        if !valid {
            return Err(Refusal::should_be(&place, "a valid ISO 8601 date string", given));
        }
    }
    Ok(())
}

/// The properties as the API answers them, in the order of their names.
pub fn normalised(given: BTreeMap<String, Given>) -> Map<String, Value> {
    given
        .into_iter()
        .map(|(name, given)| {
            let id = property_id(&name, given.kind);
            let value = match given.kind {
                "title" | "rich_text" => rich_text::normalised(&given.value),
                "select" | "status" if !given.value.is_null() => normalised_option(&given.value),
                "multi_select" => given.value.as_array().into_iter().flatten().map(normalised_option).collect(),
                "date" if !given.value.is_null() => json!({
                    "start": given.value["start"], "end": given.value["end"], "time_zone": given.value["time_zone"],
                }),
                _ => given.value,
            };
            (name, json!({ "id": id, "type": given.kind, (given.kind): value }))
        })
        .collect()
}

fn normalised_option(option: &Value) -> Value {
    let name = option["name"].as_str().or_else(|| option["id"].as_str()).unwrap_or_default();
    let color = option["color"].as_str().unwrap_or("default");
    json!({ "id": property_id(name, "option"), "name": name, "color": color })
}

/// A short id that stays the same for a name; the title's is always `title`.
pub fn property_id(name: &str, kind: &str) -> String {
    if kind == "title" {
        return "title".into();
    }
    // FNV-1a: stable over runs, and an id needs no more than that.
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("{hash:08x}")
}
