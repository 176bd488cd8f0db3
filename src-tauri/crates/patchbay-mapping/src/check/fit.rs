//! Whether a value is what a field holds.

use crate::date;
use crate::transform::is_number;
use crate::value::is_empty;
use patchbay_core::field::Holds;
use serde_json::Value;

/// What an entry's field takes, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Takes {
    pub holds: Holds,
    pub longest: Option<usize>,
    pub one_of: &'static [&'static str],
}

/// Why a value does not fit. Continues a sentence that names the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unsuited {
    /// Not what the field holds.
    Type(String),
    /// What it holds, but not one that it takes.
    Value(String),
}

impl Unsuited {
    pub(super) fn reason(self) -> String {
        match self {
            Self::Type(reason) | Self::Value(reason) => reason,
        }
    }
}

/// Checks one value. Empty values are left out by adapters, so they fit everywhere.
pub(super) fn judge(takes: Takes, value: &Value) -> Result<(), Unsuited> {
    if is_empty(Some(value)) {
        return Ok(());
    }
    let fits = match (takes.holds, value) {
        (Holds::Anything, _) | (Holds::Number, Value::Number(_)) | (Holds::Boolean, Value::Bool(_)) => true,
        (Holds::Text, value) => !value.is_array() && !value.is_object(),
        (Holds::Number, Value::String(text)) => is_number(text.trim()),
        (Holds::Boolean, Value::String(text)) => matches!(text.as_str(), "true" | "false"),
        (Holds::Date, Value::String(text)) => date::is_iso(text),
        (Holds::Texts, Value::Array(items)) => items.iter().all(|item| !item.is_array() && !item.is_object()),
        (Holds::Texts, value) => !value.is_object(),
        (Holds::Number | Holds::Boolean | Holds::Date | Holds::Computed, _) => false,
    };
    if !fits {
        return Err(Unsuited::Type(format!("holds {}, but its value is {}", takes.holds.what(), shown(value))));
    }
    let Some(text) = value.as_str() else { return Ok(()) };
    if !takes.one_of.is_empty() && !takes.one_of.contains(&text) {
        return Err(Unsuited::Value(format!("takes {}, but its value is {}", takes.one_of.join(", "), shown(value))));
    }
    match takes.longest {
        Some(longest) if text.chars().count() > longest => Err(Unsuited::Value(format!(
            "takes {longest} characters at most, but its value has {}",
            text.chars().count()
        ))),
        _ => Ok(()),
    }
}

/// A value for people, cut short.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) if text.chars().count() > 60 => format!("\"{}…\"", crate::text::beginning(text, 59)),
        value => value.to_string(),
    }
}
