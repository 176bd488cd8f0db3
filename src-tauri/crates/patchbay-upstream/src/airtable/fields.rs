//! Field values: which type they have, whether they fit, and how a table stores them.

use super::error::Refusal;
use patchbay_core::field::{FieldType as MappedType, Holds, UpstreamFields};
use serde_json::{Map, Value};

/// Fields of a record by name.
pub type Fields = Map<String, Value>;

/// Longest text that a long text field takes, in characters.
const LONGEST_TEXT: usize = 100_000;

/// What a mapping may write: the customer's own fields, with the types that a base's schema names.
pub fn mapped() -> UpstreamFields {
    let text = ["singleLineText", "multilineText", "richText", "email", "url", "phoneNumber", "singleSelect"];
    let text = text.map(|name| MappedType { name, holds: Holds::Text, longest: Some(LONGEST_TEXT) });
    let others = [
        ("number", Holds::Number),
        ("currency", Holds::Number),
        ("percent", Holds::Number),
        ("rating", Holds::Number),
        ("duration", Holds::Number),
        ("checkbox", Holds::Boolean),
        ("date", Holds::Date),
        ("dateTime", Holds::Date),
        ("multipleSelects", Holds::Texts),
        ("multipleRecordLinks", Holds::Texts),
        ("multipleAttachments", Holds::Anything),
        ("singleCollaborator", Holds::Anything),
        ("multipleCollaborators", Holds::Anything),
        ("barcode", Holds::Anything),
    ];
    let others = others.map(|(name, holds)| MappedType { name, holds, longest: None });
    let computed = [
        "formula",
        "rollup",
        "count",
        "multipleLookupValues",
        "createdTime",
        "lastModifiedTime",
        "createdBy",
        "lastModifiedBy",
        "autoNumber",
        "button",
        "externalSyncSource",
        "aiText",
    ];
    let computed = computed.map(|name| MappedType { name, holds: Holds::Computed, longest: None });
    UpstreamFields {
        types: text.into_iter().chain(others).chain(computed).collect(),
        untyped: |_| Some("multilineText"),
        ..UpstreamFields::open("airtable", "Airtable")
    }
}

/// A field's type, as far as values tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    Text,
    Number,
    Checkbox,
    /// Several texts: options or linked records.
    Texts,
    Attachments,
    /// A person, a barcode, a button.
    Object,
}

impl FieldType {
    /// The type that a value has; `None` for null, which every field takes, and for what no field takes.
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::String(_) => Some(Self::Text),
            Value::Number(_) => Some(Self::Number),
            Value::Bool(_) => Some(Self::Checkbox),
            Value::Object(_) => Some(Self::Object),
            Value::Array(items) if items.iter().all(Value::is_string) => Some(Self::Texts),
            Value::Array(items) if items.iter().all(|item| item.get("url").is_some_and(Value::is_string)) => {
                Some(Self::Attachments)
            }
            Value::Array(items) if items.iter().all(|item| item.get("id").is_some_and(Value::is_string)) => {
                Some(Self::Attachments)
            }
            Value::Null | Value::Array(_) => None,
        }
    }

    /// The name that the schema of a base gives the type.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "multilineText",
            Self::Number => "number",
            Self::Checkbox => "checkbox",
            Self::Texts => "multipleSelects",
            Self::Attachments => "multipleAttachments",
            Self::Object => "singleCollaborator",
        }
    }
}

/// Checks one value against the field's type and answers the type and what is stored.
pub fn fitted(
    name: &str,
    value: &Value,
    known: Option<FieldType>,
    typecast: bool,
) -> Result<(Option<FieldType>, Value), Refusal> {
    if name.is_empty() {
        return Err(Refusal::unknown_field(name));
    }
    if value.is_null() {
        return Ok((known, Value::Null));
    }
    let kind = FieldType::of(value).ok_or_else(|| Refusal::value(name))?;
    if value.as_str().is_some_and(|text| text.chars().count() > LONGEST_TEXT) {
        return Err(Refusal::value(name));
    }
    match known {
        Some(known) if known != kind => {
            let cast = typecast.then(|| cast(value, known)).flatten();
            cast.map(|cast| (Some(known), cast)).ok_or_else(|| Refusal::value(name))
        }
        _ => Ok((Some(kind), value.clone())),
    }
}

/// What `typecast` makes of a value of another type.
fn cast(value: &Value, wanted: FieldType) -> Option<Value> {
    match (wanted, value) {
        (FieldType::Text, Value::Number(number)) => Some(number.to_string().into()),
        (FieldType::Text, Value::Bool(given)) => Some(given.to_string().into()),
        (FieldType::Text, Value::Array(items)) => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            texts.map(|texts| texts.join(", ").into())
        }
        (FieldType::Number, Value::String(text)) => text.trim().parse().ok().map(Value::Number),
        (FieldType::Checkbox, Value::String(text)) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "checked" | "1" => Some(true.into()),
            "false" | "unchecked" | "0" | "" => Some(false.into()),
            _ => None,
        },
        (FieldType::Texts, Value::String(text)) => {
            Some(text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Value::from).collect())
        }
        _ => None,
    }
}

/// Whether Airtable leaves the value out of its answers.
pub fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}
