//! Values on their way through an expression. A missing one is `None`.

use crate::error::Unfit;
use crate::number;
use serde_json::{Map, Value};

/// Missing, `""` or `[]`.
pub(crate) fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(_) => false,
    }
}

/// The value as it stands in a text.
pub(crate) fn as_text(value: &Value) -> Result<String, Unfit> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number::text(number)),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Array(_) => Err(Unfit::List),
        Value::Object(_) | Value::Null => Err(Unfit::Object),
    }
}

/// What a lookup table has for a value, or for each element of a list.
pub(crate) fn look_up(value: Option<Value>, table: &Map<String, Value>) -> Result<Option<Value>, Unfit> {
    let otherwise = table.get("default");
    if is_empty(value.as_ref()) {
        return Ok(otherwise.cloned().or(value));
    }
    match value {
        Some(Value::Array(items)) => {
            let found = items.into_iter().filter(|item| !item.is_null()).map(|item| look_up(Some(item), table));
            let found = found.collect::<Result<Vec<_>, _>>()?;
            Ok(Some(found.into_iter().flatten().collect()))
        }
        Some(value) => {
            let key = as_text(&value)?;
            let found = table.get(&key).or(otherwise).cloned();
            found.map(Some).ok_or_else(|| Unfit::NotInLookup(crate::text::beginning(&key, 40)))
        }
        None => Ok(None),
    }
}
