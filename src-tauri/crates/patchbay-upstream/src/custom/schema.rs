//! JSON Schema as `OpenAPI` uses it: what does not fit, and a value that does.

use crate::complaint::Complaint;
use regex::Regex;
use serde_json::{Map, Number, Value, json};
use std::cell::Cell;
use time::format_description::well_known::{Iso8601, Rfc3339};
use time::{Date, OffsetDateTime};
use url::Url;
use uuid::Uuid;

/// Deepest nesting that is followed; schemas may refer to themselves.
const DEEPEST: usize = 48;
/// Most schemas that one check looks at; schemas that refer to themselves in several ways would never end.
const MOST_STEPS: u32 = 100_000;
/// Most values that one example holds.
const MOST_MADE: u32 = 2_000;

/// The schemas of one document.
#[derive(Clone, Copy)]
pub struct Schemas<'a> {
    pub root: &'a Value,
}

/// How far a walk through schemas has come.
#[derive(Clone, Copy)]
struct Steps<'a> {
    depth: usize,
    left: &'a Cell<u32>,
}

impl Steps<'_> {
    /// One schema further in. `None`: far enough.
    fn further(self, deepest: usize) -> Option<Self> {
        let left = self.left.get().checked_sub(1)?;
        self.left.set(left);
        (self.depth < deepest).then_some(Self { depth: self.depth + 1, ..self })
    }
}

impl<'a> Schemas<'a> {
    /// Follows `$ref`s; the document was checked to hold what they name.
    pub fn resolved(self, mut value: &'a Value) -> &'a Value {
        for _ in 0..DEEPEST {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
                break;
            };
            value = reference.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer)).unwrap_or(&Value::Null);
        }
        value
    }

    /// The first thing in a value that does not fit a schema.
    pub fn complaint(self, place: &str, value: &Value, schema: &'a Value) -> Option<String> {
        self.check(place, value, schema, Steps { depth: 0, left: &Cell::new(MOST_STEPS) })
            .err()
            .map(|complaint| complaint.to_string())
    }

    fn check(self, place: &str, value: &Value, schema: &'a Value, steps: Steps<'_>) -> Result<(), Complaint> {
        let Some(steps) = steps.further(DEEPEST) else {
            return Err(Complaint::new(format!("`{place}` is described too deeply to be checked")));
        };
        let schema = self.resolved(schema);
        if *schema == Value::Bool(false) {
            return Err(Complaint::new(format!("`{place}` is not allowed")));
        }
        if value.is_null() && schema["nullable"] == true {
            return Ok(());
        }
        let again = |schema: &'a Value| self.check(place, value, schema, steps);
        for part in array(schema, "allOf") {
            again(part)?;
        }
        for choice in ["anyOf", "oneOf"] {
            let choices = array(schema, choice);
            let fitting = choices.iter().filter(|part| again(part).is_ok()).count();
            if !choices.is_empty() && (fitting == 0 || (choice == "oneOf" && fitting > 1)) {
                // With one candidate its own complaint says more.
                return match choices {
                    [only] => again(only),
                    _ => Err(Complaint::new(format!(
                        "`{place}` fits {fitting} of the {} forms of `{choice}`",
                        choices.len()
                    ))),
                };
            }
        }
        if let Some(wanted) = schema.get("enum").and_then(Value::as_array).filter(|wanted| !wanted.contains(value)) {
            let known: Vec<String> = wanted.iter().take(20).map(Value::to_string).collect();
            return Err(Complaint::new(format!("`{place}` is none of {}", known.join(", "))));
        }
        if schema.get("const").is_some_and(|wanted| wanted != value) {
            return Err(Complaint::new(format!("`{place}` is not {}", schema["const"])));
        }
        check_type(place, value, schema)?;
        match value {
            Value::String(text) => check_text(place, text, schema),
            Value::Number(number) => check_number(place, number, schema),
            Value::Array(items) => self.check_items(place, items, schema, steps),
            Value::Object(fields) => self.check_fields(place, fields, schema, steps),
            Value::Null | Value::Bool(_) => Ok(()),
        }
    }

    fn check_items(self, place: &str, items: &[Value], schema: &'a Value, steps: Steps<'_>) -> Result<(), Complaint> {
        if let Some(least) = size(schema, "minItems").filter(|least| items.len() < *least) {
            return Err(Complaint::new(format!("`{place}` has fewer than {least} items")));
        }
        if let Some(most) = size(schema, "maxItems").filter(|most| items.len() > *most) {
            return Err(Complaint::new(format!("`{place}` has more than {most} items")));
        }
        if schema["uniqueItems"] == true && items.iter().enumerate().any(|(index, item)| items[..index].contains(item))
        {
            return Err(Complaint::new(format!("`{place}` has the same item twice")));
        }
        let Some(of) = schema.get("items") else {
            return Ok(());
        };
        items.iter().enumerate().try_for_each(|(index, item)| self.check(&format!("{place}[{index}]"), item, of, steps))
    }

    fn check_fields(
        self,
        place: &str,
        fields: &Map<String, Value>,
        schema: &'a Value,
        steps: Steps<'_>,
    ) -> Result<(), Complaint> {
        for name in array(schema, "required").iter().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                return Err(Complaint::new(format!("`{place}.{name}` is missing")));
            }
        }
        if let Some(most) = size(schema, "maxProperties").filter(|most| fields.len() > *most) {
            return Err(Complaint::new(format!("`{place}` has more than {most} fields")));
        }
        if let Some(least) = size(schema, "minProperties").filter(|least| fields.len() < *least) {
            return Err(Complaint::new(format!("`{place}` has fewer than {least} fields")));
        }
        let known = schema.get("properties").and_then(Value::as_object);
        for (name, value) in fields {
            let place = format!("{place}.{name}");
            match known.and_then(|known| known.get(name)) {
                Some(property) => {
                    if self.resolved(property)["readOnly"] == true {
                        return Err(Complaint::new(format!("`{place}` is read only")));
                    }
                    self.check(&place, value, property, steps)?;
                }
                None => match schema.get("additionalProperties") {
                    Some(Value::Bool(false)) => return Err(Complaint::new(format!("`{place}` is not described"))),
                    Some(other @ Value::Object(_)) => self.check(&place, value, other, steps)?,
                    _ => {}
                },
            }
        }
        Ok(())
    }

    /// A text from a URL or a form as the type that its schema wants, where it can be read so.
    pub fn read_as(self, schema: &'a Value, text: &str) -> Value {
        let schema = self.resolved(schema);
        match schema["type"].as_str() {
            Some("integer" | "number") => text.parse::<Number>().map_or_else(|_| text.into(), Value::Number),
            Some("boolean") => text.parse::<bool>().map_or_else(|_| text.into(), Value::Bool),
            Some("array") => {
                let items = schema.get("items").unwrap_or(&Value::Null);
                text.split(',').map(|item| self.read_as(items, item)).collect()
            }
            Some("object") => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
            _ => text.into(),
        }
    }

    /// The example of a media type, else a value made from its schema.
    pub fn example(self, media: &'a Value) -> Value {
        if let Some(example) = media.get("example") {
            return example.clone();
        }
        let examples = media.get("examples").and_then(Value::as_object);
        if let Some((_, example)) = examples.and_then(|examples| examples.iter().next()) {
            return self.resolved(example)["value"].clone();
        }
        media
            .get("schema")
            .map_or(Value::Null, |schema| self.made(schema, Steps { depth: 0, left: &Cell::new(MOST_MADE) }))
    }

    fn made(self, schema: &'a Value, steps: Steps<'_>) -> Value {
        let schema = self.resolved(schema);
        for name in ["example", "default", "const"] {
            if let Some(value) = schema.get(name) {
                return value.clone();
            }
        }
        if let Some(value) = array(schema, "examples").first().or_else(|| array(schema, "enum").first()) {
            return value.clone();
        }
        let Some(steps) = steps.further(8) else {
            return Value::Null;
        };
        for choice in ["oneOf", "anyOf"] {
            if let Some(first) = array(schema, choice).first() {
                return self.made(first, steps);
            }
        }
        let mut fields = Map::new();
        for part in array(schema, "allOf") {
            if let Value::Object(made) = self.made(part, steps) {
                fields.extend(made);
            }
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            if self.resolved(property)["writeOnly"] != true {
                fields.insert(name.clone(), self.made(property, steps));
            }
        }
        let kind = schema["type"].as_str().or_else(|| schema["type"].as_array()?.iter().find_map(Value::as_str));
        match kind {
            Some("string") => made_text(schema).into(),
            Some("integer") => schema["minimum"].as_i64().unwrap_or(1).into(),
            Some("number") => schema["minimum"].as_f64().map_or_else(|| json!(1), |least| json!(least)),
            Some("boolean") => true.into(),
            Some("null") => Value::Null,
            Some("array") => match schema.get("items") {
                Some(items) => vec![self.made(items, steps)].into(),
                None => json!([]),
            },
            _ => fields.into(),
        }
    }
}

fn array<'a>(schema: &'a Value, name: &str) -> &'a [Value] {
    schema.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn size(schema: &Value, name: &str) -> Option<usize> {
    schema.get(name)?.as_u64().and_then(|size| usize::try_from(size).ok())
}

fn check_type(place: &str, value: &Value, schema: &Value) -> Result<(), Complaint> {
    let wanted: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => return Ok(()),
    };
    let fits = |kind: &&str| match *kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => true,
    };
    if wanted.iter().any(fits) {
        Ok(())
    } else {
        Err(Complaint::new(format!("`{place}` is not of the type {}", wanted.join(" or "))))
    }
}

fn check_text(place: &str, text: &str, schema: &Value) -> Result<(), Complaint> {
    let length = text.chars().count();
    if let Some(least) = size(schema, "minLength").filter(|least| length < *least) {
        return Err(Complaint::new(format!("`{place}` has fewer than {least} characters")));
    }
    if let Some(most) = size(schema, "maxLength").filter(|most| length > *most) {
        return Err(Complaint::new(format!("`{place}` has more than {most} characters")));
    }
    // Patterns of another kind are listed by `Document::unchecked_patterns`.
    if let Some(Ok(pattern)) = schema["pattern"].as_str().map(Regex::new)
        && !pattern.is_match(text)
    {
        return Err(Complaint::new(format!("`{place}` does not fit the pattern `{}`", pattern.as_str())));
    }
    let format = schema["format"].as_str().unwrap_or_default();
    let valid = match format {
        "date" => Date::parse(text, &Iso8601::DATE).is_ok(),
        "date-time" => OffsetDateTime::parse(text, &Rfc3339).is_ok(),
        "uuid" => Uuid::try_parse(text).is_ok(),
        "uri" | "url" => Url::parse(text).is_ok(),
        "email" => {
            text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty()) && !text.contains(' ')
        }
        _ => true,
    };
    if valid { Ok(()) } else { Err(Complaint::new(format!("`{place}` is not of the format {format}"))) }
}

fn check_number(place: &str, number: &Number, schema: &Value) -> Result<(), Complaint> {
    let value = number.as_f64().unwrap_or_default();
    let bound = |name: &str| schema[name].as_f64();
    // In 3.0 the exclusive bounds are booleans beside the inclusive ones.
    let least =
        bound("minimum").filter(|least| value < *least || (schema["exclusiveMinimum"] == true && value <= *least));
    if let Some(least) = least.or_else(|| bound("exclusiveMinimum").filter(|least| value <= *least)) {
        return Err(Complaint::new(format!("`{place}` is below {least}")));
    }
    let most = bound("maximum").filter(|most| value > *most || (schema["exclusiveMaximum"] == true && value >= *most));
    if let Some(most) = most.or_else(|| bound("exclusiveMaximum").filter(|most| value >= *most)) {
        return Err(Complaint::new(format!("`{place}` is above {most}")));
    }
    Ok(())
}

fn made_text(schema: &Value) -> String {
    let text = match schema["format"].as_str().unwrap_or_default() {
        "date" => "2026-01-01",
        "date-time" => "2026-01-01T00:00:00Z",
        "uuid" => "00000000-0000-4000-8000-000000000000",
        "uri" | "url" => "https://example.com/",
        "email" => "someone@example.com",
        _ => "text",
    };
    let least = size(schema, "minLength").unwrap_or_default();
    let most = size(schema, "maxLength").unwrap_or(usize::MAX);
    text.chars().chain(std::iter::repeat_n('x', least.saturating_sub(text.len()))).take(most).collect()
}
