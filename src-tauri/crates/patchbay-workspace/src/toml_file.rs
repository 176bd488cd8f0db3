//! TOML files with their places, and rewriting them without losing what a person wrote around the values.

mod entries;

use crate::error::WorkspaceError;
use crate::files;
use crate::keys::{self, FileWarning, Keys};
use patchbay_core::position::Position;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use toml_edit::{Document, DocumentMut, Item, Table, TableLike, Value};

/// Largest TOML file.
const MAX: u64 = 1_000_000;

/// A TOML file as it was read.
#[derive(Debug)]
pub(crate) struct TomlFile {
    path: PathBuf,
    text: String,
    document: Document<String>,
}

impl TomlFile {
    /// Reads and parses a file; `None` where there is none.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, WorkspaceError> {
        files::read_text(path, MAX)?.map(|text| Self::parse(path, text)).transpose()
    }

    /// Parses text that stands, or will stand, in a file.
    pub(crate) fn parse(path: &Path, text: String) -> Result<Self, WorkspaceError> {
        let document = Document::parse(text.clone()).map_err(|error| WorkspaceError::Broken {
            path: path.to_owned(),
            position: position_at(&text, error.span().map_or(0, |span| span.start)),
            problem: one_line(error.message()),
            fix: Some("TOML wants `key = value` on each line, text in double quotes, lists in [ ]".into()),
        })?;
        Ok(Self { path: path.to_owned(), text, document })
    }

    /// The value of the whole file. `examples` has a line to write for each key that may be missing.
    pub(crate) fn decode<T: DeserializeOwned>(&self, examples: &[(&str, String)]) -> Result<T, WorkspaceError> {
        let deserializer = toml_edit::de::Deserializer::from(self.document.clone());
        T::deserialize(deserializer).map_err(|error| {
            let problem = one_line(error.message());
            let missing = examples.iter().find(|(key, _)| problem.contains(&format!("missing field `{key}`")));
            let file = self.path.file_name().unwrap_or_default().to_string_lossy();
            let position = position_at(&self.text, error.span().map_or(0, |span| span.start));
            let fix = missing.map_or_else(
                || format!("Correct line {} of {file}", position.line),
                |(_, line)| format!("Add `{line}` to {file}"),
            );
            WorkspaceError::Broken { path: self.path.clone(), position, problem, fix: Some(fix) }
        })
    }

    /// The keys that nobody reads.
    pub(crate) fn warnings(&self, known: &'static [(&'static str, Keys)]) -> Vec<FileWarning> {
        keys::unknown(self.document.as_table(), known)
            .into_iter()
            .map(|unknown| FileWarning {
                path: self.path.clone(),
                position: position_at(&self.text, unknown.offset),
                key: unknown.key,
                nearest: unknown.nearest,
            })
            .collect()
    }

    /// An error at a value, found by the keys above it; a number stands for an element of a list.
    pub(crate) fn problem_at(&self, keys: &[&str], problem: String, fix: String) -> WorkspaceError {
        let mut item = self.document.as_item();
        for key in keys {
            let below = match key.parse::<usize>() {
                Ok(index) => item.get(index),
                Err(_) => item.get(*key),
            };
            let Some(below) = below else { break };
            item = below;
        }
        let offset = item.span().map_or(0, |span| span.start);
        WorkspaceError::Broken {
            path: self.path.clone(),
            position: position_at(&self.text, offset),
            problem,
            fix: Some(fix),
        }
    }

    /// The text with one value replaced; comments, order and unknown keys stay as they are.
    pub(crate) fn with_value(&self, key: &str, mut value: Value) -> Result<Self, WorkspaceError> {
        let mut document: DocumentMut = self.document.clone().into_mut();
        let mut table: &mut dyn TableLike = document.as_table_mut();
        let mut parts: Vec<&str> = key.split('.').collect();
        let last = parts.pop().expect("split yields at least one part");
        for part in parts {
            let position = || self.problem_at(&[part], format!("`{part}` is not a table"), format!("Write `[{part}]`"));
            let below = table.entry(part).or_insert_with(|| Item::Table(Table::new()));
            table = below.as_table_like_mut().ok_or_else(position)?;
        }
        match table.get_mut(last).and_then(Item::as_value_mut) {
            Some(old) => {
                // A comment behind the value belongs to the value's decor.
                *value.decor_mut() = old.decor().clone();
                *old = value;
            }
            None => {
                table.insert(last, Item::Value(value));
            }
        }
        Self::parse(&self.path, document.to_string())
    }

    /// The text without one key and what stands under it.
    pub(crate) fn without(&self, key: &str) -> Result<Self, WorkspaceError> {
        self.without_at(&key.split('.').collect::<Vec<_>>())
    }

    /// The same for a key that may have dots in it.
    pub(crate) fn without_at(&self, keys: &[&str]) -> Result<Self, WorkspaceError> {
        let mut document: DocumentMut = self.document.clone().into_mut();
        let Some((last, above)) = keys.split_last() else { return Self::parse(&self.path, self.text.clone()) };
        let mut table: Option<&mut dyn TableLike> = Some(document.as_table_mut());
        for part in above {
            table = table.and_then(|table| table.get_mut(part)).and_then(Item::as_table_like_mut);
        }
        table.and_then(|table| table.remove(last));
        Self::parse(&self.path, document.to_string())
    }

    /// The text with one key set in the table of an array of tables that has this name; `None` where no table has it.
    pub(crate) fn with_named_value(
        &self,
        array: &str,
        name: &str,
        key: &str,
        value: Value,
    ) -> Result<Option<Self>, WorkspaceError> {
        let mut document: DocumentMut = self.document.clone().into_mut();
        let tables = document.get_mut(array).and_then(Item::as_array_of_tables_mut);
        let is_named = |table: &&mut Table| table.get("name").and_then(Item::as_str) == Some(name);
        let Some(table) = tables.and_then(|tables| tables.iter_mut().find(is_named)) else { return Ok(None) };
        table.insert(key, Item::Value(value));
        Self::parse(&self.path, document.to_string()).map(Some)
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// Line and column of a byte offset, as editors count them.
pub(crate) fn position_at(text: &str, offset: usize) -> Position {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let line = before.split(|byte| *byte == b'\n').count();
    let column = String::from_utf8_lossy(&before[line_start..]).encode_utf16().count() + 1;
    Position { line: u32::try_from(line).unwrap_or(u32::MAX), column: u32::try_from(column).unwrap_or(u32::MAX) }
}

fn one_line(message: &str) -> String {
    message.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{TomlFile, position_at};
    use patchbay_core::position::Position;
    use std::path::Path;

    #[test]
    fn columns_count_as_editors_count_them() {
        let text = "a = 1\nb = \"😀\" # x\r\nc";
        assert_eq!(position_at(text, 0), Position { line: 1, column: 1 });
        let comment = text.find('#').expect("there");
        assert_eq!(position_at(text, comment), Position { line: 2, column: 10 });
        assert_eq!(position_at(text, text.len()), Position { line: 3, column: 2 });
    }

    #[test]
    fn a_changed_value_leaves_the_rest_as_it_was() {
        let text = "# ours\nname = \"A\" # why\nstrange = 1\n\n[retry] # how\njitter = 0.2\n";
        let file = TomlFile::parse(Path::new("tenant.toml"), text.into()).expect("TOML");
        let changed = file.with_value("name", "B".into()).expect("changed");
        let changed = changed.with_value("retry.jitter", 0.5.into()).expect("changed");
        let changed = changed.with_value("limits.cpu_ms", 10.into()).expect("changed");
        let expected =
            "# ours\nname = \"B\" # why\nstrange = 1\n\n[retry] # how\njitter = 0.5\n\n[limits]\ncpu_ms = 10\n";
        assert_eq!(changed.text(), expected);
    }
}
