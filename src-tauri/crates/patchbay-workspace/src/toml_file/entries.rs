//! The entries of one table: as JSON, with the places of their parts, and changed one at a time.

use super::{TomlFile, position_at};
use crate::error::WorkspaceError;
use crate::toml_text::range_in_token;
use serde_json::Value as Json;
use std::ops::Range;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, Value};

impl TomlFile {
    /// The entries of a table at the top, in the file's order. Dates and numbers that JSON does not have are errors.
    pub(crate) fn entries(&self, table: &str) -> Result<Vec<(String, Json)>, WorkspaceError> {
        let Some(item) = self.document.get(table) else { return Ok(Vec::new()) };
        let Some(table) = item.as_table_like() else {
            return Err(self.problem_at(&[table], format!("`{table}` is not a table"), format!("Write `[{table}]`")));
        };
        table.iter().map(|(name, item)| Ok((name.to_owned(), self.json(item)?))).collect()
    }

    /// The bytes of the value under these keys, or of the nearest one above it that is there. `within` is a part of a
    /// text's value.
    pub(crate) fn place(&self, keys: &[&str], within: Option<Range<usize>>) -> Range<usize> {
        let mut item = self.document.as_item();
        let mut place = 0..0;
        let mut found = true;
        for (depth, key) in keys.iter().enumerate() {
            let Some(below) = item.get(*key) else {
                found = false;
                break;
            };
            item = below;
            // A table that is written over several lines is shown by its name.
            place = item.as_value().and_then(Value::span).unwrap_or_else(|| self.key_place(&keys[..=depth]));
        }
        match within.filter(|_| found && item.is_str()) {
            Some(within) => {
                let part = range_in_token(self.text.get(place.clone()).unwrap_or_default(), within);
                place.start + part.start..place.start + part.end
            }
            None => place,
        }
    }

    /// The bytes of the last of these keys, or of the nearest one above it that is there.
    pub(crate) fn key_place(&self, keys: &[&str]) -> Range<usize> {
        let mut table: Option<&dyn TableLike> = Some(self.document.as_table());
        let mut place = 0..0;
        for key in keys {
            let Some((name, item)) = table.and_then(|table| table.get_key_value(key)) else { break };
            place = name.span().unwrap_or(place);
            table = item.as_table_like();
        }
        place
    }

    /// The text with one entry of a table set. Comments stay, inside the entry too where it was a table and is one.
    pub(crate) fn with_entry(&self, table: &str, name: &str, entry: &Json) -> Result<Self, WorkspaceError> {
        let mut value = toml(entry).ok_or_else(|| {
            let problem = format!("`{name}` is given `null`, which TOML does not have");
            self.problem_at(&[table], problem, "Leave the key out instead".into())
        })?;
        let not_a_table =
            || self.problem_at(&[table], format!("`{table}` is not a table"), format!("Write `[{table}]`"));
        let mut document: DocumentMut = self.document.clone().into_mut();
        let item = document.entry(table).or_insert_with(|| Item::Table(Table::new()));
        let entries = item.as_table_like_mut().ok_or_else(not_a_table)?;
        match (entries.get_mut(name), &value) {
            (Some(old), Value::InlineTable(new)) if old.is_table_like() => merge(old, new),
            (Some(old), _) if old.is_value() => {
                if let Some(old) = old.as_value() {
                    // A comment behind the value belongs to the value's decor.
                    *value.decor_mut() = old.decor().clone();
                }
                *old = Item::Value(value);
            }
            _ => {
                entries.insert(name, Item::Value(value));
            }
        }
        Self::parse(&self.path, document.to_string())
    }

    fn json(&self, item: &Item) -> Result<Json, WorkspaceError> {
        let problem = |span: Option<Range<usize>>, problem: &str, fix: &str| WorkspaceError::Broken {
            path: self.path.clone(),
            position: position_at(&self.text, span.map_or(0, |span| span.start)),
            problem: problem.to_owned(),
            fix: Some(fix.to_owned()),
        };
        if let Some(table) = item.as_table_like() {
            let fields = table.iter().map(|(name, item)| Ok((name.to_owned(), self.json(item)?)));
            return fields.collect::<Result<_, _>>().map(Json::Object);
        }
        if let Some(tables) = item.as_array_of_tables() {
            let items = tables.iter().map(|table| self.json(&Item::Table(table.clone())));
            return items.collect::<Result<_, _>>().map(Json::Array);
        }
        match item.as_value() {
            Some(Value::String(text)) => Ok(text.value().as_str().into()),
            Some(Value::Integer(number)) => Ok((*number.value()).into()),
            Some(Value::Boolean(flag)) => Ok((*flag.value()).into()),
            Some(Value::Float(number)) => serde_json::Number::from_f64(*number.value())
                .map(Json::Number)
                .ok_or_else(|| problem(item.span(), "this is not a number that JSON has", "Write a finite number")),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| self.json(&Item::Value(item.clone())))
                .collect::<Result<_, _>>()
                .map(Json::Array),
            Some(Value::Datetime(date)) => {
                let fix = format!("Put it in quotes: `\"{}\"`", date.value());
                Err(problem(item.span(), "a date must be a text here", &fix))
            }
            Some(Value::InlineTable(_)) | None => Ok(Json::Null),
        }
    }
}

/// Brings a table in line with another: what both have keeps its place and its comments.
fn merge(item: &mut Item, new: &InlineTable) {
    let Some(old) = item.as_table_like_mut() else { return };
    let gone: Vec<String> =
        old.iter().map(|(name, _)| name.to_owned()).filter(|name| !new.contains_key(name)).collect();
    for name in gone {
        old.remove(&name);
    }
    for (name, value) in new {
        match (old.get_mut(name), value) {
            (Some(below), Value::InlineTable(new)) if below.is_table_like() => merge(below, new),
            (Some(below), _) if below.is_value() => {
                let mut value = value.clone();
                if let Some(below) = below.as_value() {
                    *value.decor_mut() = below.decor().clone();
                }
                *below = Item::Value(value);
            }
            _ => {
                old.insert(name, Item::Value(value.clone()));
            }
        }
    }
    // Within braces there are no comments, and what was the last key may be no longer.
    if let Some(inline) = item.as_inline_table_mut() {
        inline.fmt();
    }
}

/// The TOML of a JSON value; `None` where a `null` stands in it.
fn toml(value: &Json) -> Option<Value> {
    Some(match value {
        Json::Null => return None,
        Json::Bool(flag) => (*flag).into(),
        Json::String(text) => text.as_str().into(),
        Json::Number(number) => number.as_i64().map(Value::from).or_else(|| number.as_f64().map(Value::from))?,
        Json::Array(items) => items.iter().map(toml).collect::<Option<Array>>()?.into(),
        Json::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| Some((name.as_str(), toml(value)?)));
            fields.collect::<Option<InlineTable>>()?.into()
        }
    })
}
