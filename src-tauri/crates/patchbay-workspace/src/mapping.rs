//! `[mapping]` of an `adapter.toml`: its entries in the file's order, with their places, and changing one of them.

use crate::adapter_files::{Expected, Revision, check_expected};
use crate::adapters::{decode, no_manifest};
use crate::error::WorkspaceError;
use crate::files;
use crate::toml_file::TomlFile;
use crate::workspace::Workspace;
use patchbay_core::AdapterRef;
use serde_json::{Map, Value};
use std::ops::Range;
use std::path::Path;

/// The field mapping of an adapter as its file says.
#[derive(Debug)]
pub struct MappingTable {
    file: TomlFile,
    entries: Vec<MappingEntry>,
    computed: Map<String, Value>,
}

/// One entry of `[mapping]`.
#[derive(Debug, Clone, PartialEq)]
pub struct MappingEntry {
    /// The field that it fills.
    pub column: String,
    /// The entry: a text, or a table as an object.
    pub value: Value,
}

impl MappingTable {
    /// Reads the mapping in a text that stands, or will stand, in this file.
    pub fn parse(path: &Path, text: String) -> Result<Self, WorkspaceError> {
        Self::of(TomlFile::parse(path, text)?)
    }

    fn of(file: TomlFile) -> Result<Self, WorkspaceError> {
        let entries = file.entries("mapping")?;
        let entries = entries.into_iter().map(|(column, value)| MappingEntry { column, value }).collect();
        let computed = file.entries("computed")?.into_iter().collect();
        Ok(Self { file, entries, computed })
    }

    /// The entries in the file's order.
    pub fn entries(&self) -> &[MappingEntry] {
        &self.entries
    }

    /// The whole file's text, in which places are byte offsets.
    pub fn text(&self) -> &str {
        self.file.text()
    }

    /// The examples of `[computed]`: fields that the adapter's code adds to what the mapping reads.
    pub fn computed(&self) -> &Map<String, Value> {
        &self.computed
    }

    /// Where the name of a column stands, or of a key below it.
    pub fn key_place(&self, column: &str, keys: &[&str]) -> Range<usize> {
        let keys: Vec<&str> = ["mapping", column].into_iter().chain(keys.iter().copied()).collect();
        self.file.key_place(&keys)
    }

    /// Where the value under these keys of an entry stands. `within` is a range of bytes of a text.
    pub fn place(&self, column: &str, keys: &[&str], within: Option<Range<usize>>) -> Range<usize> {
        let keys: Vec<&str> = ["mapping", column].into_iter().chain(keys.iter().copied()).collect();
        self.file.place(&keys, within)
    }
}

impl Workspace {
    /// The field mapping of an adapter.
    pub fn mapping(&self, adapter: &AdapterRef) -> Result<MappingTable, WorkspaceError> {
        let path = self.manifest_path(adapter)?;
        let file = TomlFile::read(&path)?.ok_or_else(|| no_manifest(&path))?;
        MappingTable::of(file)
    }

    /// Reads the mapping in a text that may come to be the adapter's `adapter.toml`.
    pub fn mapping_in(&self, adapter: &AdapterRef, text: String) -> Result<MappingTable, WorkspaceError> {
        MappingTable::parse(&self.adapter_folder(adapter)?.join("adapter.toml"), text)
    }

    /// Sets an entry of `[mapping]`, or removes it; comments, order and everything else in the file stay. `expected` is
    /// about the whole file. Answers its new revision.
    pub fn set_mapping_entry(
        &self,
        adapter: &AdapterRef,
        column: &str,
        entry: Option<&Value>,
        expected: &Expected,
    ) -> Result<Revision, WorkspaceError> {
        let _lock = self.lock()?;
        let path = self.manifest_path(adapter)?;
        check_expected(&path, expected)?;
        let file = TomlFile::read(&path)?.ok_or_else(|| no_manifest(&path))?;
        let changed = match entry {
            Some(entry) => file.with_entry("mapping", column, entry)?,
            None => file.without_at(&["mapping", column])?,
        };
        decode(&changed)?;
        files::replace(&path, changed.text().as_bytes())?;
        Ok(Revision::of(changed.text().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::MappingTable;
    use crate::toml_file::TomlFile;
    use serde_json::json;
    use std::path::Path;

    const TEXT: &str = "compatibility_date = \"2026-11-01\"\n\n# what goes where\n[mapping]\nTitle = \"[{event.channel}] {event.text}\" # the page\n\"a.b\" = { type = \"date\", value = '{event.ts | date}' }\n\n[mapping.Priority]\n# the words of our board\nvalue = \"{p}\" # as sent\nlookup = { high = \"1\" }\n";

    fn table() -> MappingTable {
        MappingTable::parse(Path::new("adapter.toml"), TEXT.into()).expect("TOML")
    }

    #[test]
    fn entries_come_in_the_files_order() {
        let table = table();
        let columns: Vec<&str> = table.entries().iter().map(|entry| entry.column.as_str()).collect();
        assert_eq!(columns, ["Title", "a.b", "Priority"]);
        assert_eq!(table.entries()[2].value, json!({ "value": "{p}", "lookup": { "high": "1" } }));
    }

    #[test]
    fn every_part_of_an_entry_has_a_place() {
        let table = table();
        let at = |range: std::ops::Range<usize>| &TEXT[range];
        assert_eq!(at(table.key_place("a.b", &[])), "\"a.b\"");
        assert_eq!(at(table.place("Title", &[], Some(1..16))), "{event.channel}");
        assert_eq!(at(table.place("a.b", &["value"], Some(12..16))), "date");
        assert_eq!(at(table.place("Priority", &["lookup", "high"], None)), "\"1\"");
        assert_eq!(at(table.place("Priority", &["type"], None)), "Priority", "the nearest that is there");
        assert_eq!(at(table.place("Priority", &["type"], Some(0..1))), "Priority");
    }

    #[test]
    fn an_entry_is_changed_without_touching_the_rest() {
        let file = TomlFile::parse(Path::new("adapter.toml"), TEXT.into()).expect("TOML");
        let changed = file.with_entry("mapping", "Title", &json!("{event.text}")).expect("changed");
        assert_eq!(changed.text(), TEXT.replace("\"[{event.channel}] {event.text}\"", "\"{event.text}\""));
        let entry = json!({ "value": "{q}", "lookup": { "high": "1", "low": "2" }, "required": true });
        let changed = file.with_entry("mapping", "Priority", &entry).expect("changed");
        let expected = TEXT
            .replace("\"{p}\"", "\"{q}\"")
            .replace("{ high = \"1\" }\n", "{ high = \"1\", low = \"2\" }\nrequired = true\n");
        assert_eq!(changed.text(), expected);
        let changed =
            file.with_entry("mapping", "New one", &json!({ "type": "number", "value": "{n}" })).expect("changed");
        let line = "\"New one\" = { type = \"number\", value = \"{n}\" }\n";
        assert_eq!(changed.text(), TEXT.replace("\n\n[mapping.Priority]", &format!("\n{line}\n[mapping.Priority]")));
        let changed = file.without_at(&["mapping", "a.b"]).expect("changed");
        assert_eq!(changed.text().lines().count(), TEXT.lines().count() - 1);
        file.with_entry("mapping", "Title", &json!(null)).expect_err("TOML has no null");
    }

    #[test]
    fn a_date_without_quotes_is_an_error_with_its_place() {
        let text = "[mapping]\nA = { value = 2026-11-01 }\n";
        let error = MappingTable::parse(Path::new("adapter.toml"), text.into()).expect_err("a date");
        assert_eq!(error.to_string(), "adapter.toml:2:15: a date must be a text here");
    }
}
