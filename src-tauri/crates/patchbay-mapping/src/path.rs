//! `event.files[].name`: where a value stands in the document.

use crate::error::Unfit;
use crate::text::{trim_end, trim_start};
use serde_json::Value;
use std::fmt;

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// As it stands in the expression.
    pub source: String,
    /// Names and indexes from the document downwards.
    pub segments: Vec<Segment>,
}

/// One step down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The name of a field, or the index in a list.
    pub name: String,
    /// Whether the rest is read from each element of the list here.
    pub each: bool,
}

impl Path {
    /// Reads a path; `None` when the text is none.
    pub fn parse(source: &str) -> Option<Self> {
        let mut segments = Vec::new();
        let mut rest = source;
        loop {
            let length = name_length(rest)?;
            let (name, behind) = rest.split_at(length);
            let each = behind.starts_with("[]");
            rest = if each { &behind[2..] } else { behind };
            let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
            segments.push(Segment { name: name.to_owned(), each });
            if rest.is_empty() {
                return Some(Self { source: source.to_owned(), segments });
            }
            rest = rest.strip_prefix('.')?;
        }
    }

    /// The value at this path; `None` when it is missing.
    pub fn read(&self, document: &Value) -> Result<Option<Value>, Unfit> {
        read(&self.segments, document)
    }
}

/// Bytes of the name that the text begins with; `None` when it begins with none.
fn name_length(text: &str) -> Option<usize> {
    if let Some(inside) = text.strip_prefix('"') {
        let length = inside.find('"')?;
        return (length > 0).then_some(length + 2);
    }
    let length = text.find(['.', '|', '{', '}', '[', ']', '"']).unwrap_or(text.len());
    (length > 0).then_some(length)
}

fn read(segments: &[Segment], value: &Value) -> Result<Option<Value>, Unfit> {
    let mut value = value;
    for (depth, segment) in segments.iter().enumerate() {
        match child(value, &segment.name) {
            None | Some(Value::Null) => return Ok(None),
            Some(found) => value = found,
        }
        if segment.each {
            let items = value.as_array().ok_or_else(|| Unfit::ListMarkAfter(segment.name.clone()))?;
            let mut found = Vec::new();
            for item in items {
                match read(&segments[depth + 1..], item)? {
                    Some(Value::Array(inner)) => found.extend(inner),
                    Some(value) => found.push(value),
                    None => {}
                }
            }
            return Ok(Some(Value::Array(found)));
        }
    }
    Ok(if value.is_null() { None } else { Some(value.clone()) })
}

pub(crate) fn child<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Array(items) => {
            let is_index = name == "0" || (!name.starts_with('0') && name.bytes().all(|byte| byte.is_ascii_digit()));
            if is_index { name.parse::<usize>().ok().and_then(|index| items.get(index)) } else { None }
        }
        Value::Object(fields) => fields.get(name),
        _ => None,
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, Segment { name, each }) in self.segments.iter().enumerate() {
            let dot = if depth == 0 { "" } else { "." };
            // White space counts inside a path and not around it.
            let is_first = depth == 0 && name.len() > trim_start(name).len();
            let is_last = depth + 1 == self.segments.len() && !each && name.len() > trim_end(name).len();
            let is_plain = name_length(name) == Some(name.len()) && !is_first && !is_last;
            let quote = if is_plain { "" } else { "\"" };
            write!(formatter, "{dot}{quote}{name}{quote}{}", if *each { "[]" } else { "" })?;
        }
        Ok(())
    }
}
