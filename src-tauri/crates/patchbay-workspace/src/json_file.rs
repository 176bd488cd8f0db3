//! JSON files with their places.

use crate::error::WorkspaceError;
use crate::files;
use crate::json_place::{self, Step};
use crate::keys::{FileWarning, nearest};
use crate::toml_file::position_at;
use patchbay_core::position::Position;
use serde::de::DeserializeOwned;
use std::path::Path;

/// Largest JSON file. Webhook bodies are limited by their senders to about 1 MB.
const MAX: u64 = 10_000_000;

/// Reads a JSON file's text; `None` where there is none.
pub(crate) fn read(path: &Path) -> Result<Option<String>, WorkspaceError> {
    files::read_text(path, MAX)
}

pub(crate) fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, WorkspaceError> {
    serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        // serde_json ends its message with the place, which is told apart here.
        let problem = message.rsplit_once(" at line ").map_or(message.as_str(), |(problem, _)| problem).to_owned();
        let line_start: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        // Its columns count bytes, and 0 stands for the end of the line before.
        let position = position_at(text, line_start + error.column().saturating_sub(1));
        let fix = if error.is_data() {
            format!("Correct line {} of {}", position.line, path.display())
        } else {
            "JSON wants double quotes, a comma between entries and none after the last".into()
        };
        WorkspaceError::Broken { path: path.to_owned(), position, problem, fix: Some(fix) }
    })
}

/// Top-level keys that are not among the known ones.
pub(crate) fn warnings(path: &Path, text: &str, known: &[&str]) -> Vec<FileWarning> {
    let Ok(serde_json::Value::Object(object)) = serde_json::from_str(text) else { return Vec::new() };
    object
        .keys()
        .filter(|key| !known.contains(&key.as_str()))
        .map(|key| FileWarning {
            path: path.to_owned(),
            position: position_of(text, key),
            key: key.clone(),
            nearest: nearest(key, known.iter().copied()),
        })
        .collect()
}

/// Where a key of the outermost object stands.
fn position_of(text: &str, key: &str) -> Position {
    let place = json_place::find(text, &[Step::Key(key.to_owned())]);
    position_at(text, place.and_then(|place| place.key).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{parse, warnings};
    use patchbay_core::position::Position;
    use std::path::Path;

    #[test]
    fn an_error_has_its_place() {
        let path = Path::new("samples/message.json");
        let error = parse::<serde_json::Value>(path, "{\n  \"a\": 1,\n  \"größe\" 2\n}").expect_err("no colon");
        assert_eq!(error.to_string(), "samples/message.json:3:11: expected `:`");
    }

    #[test]
    fn an_unknown_key_is_found_at_the_top_and_not_in_the_body() {
        let text = "{\n \"body\": { \"methd\": 1, \"x\": \"\\\"methd\\\":\" },\n \"methd\": \"GET\"\n}";
        let found = warnings(Path::new("s.json"), text, &["body", "method"]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].position, Position { line: 3, column: 2 });
        assert_eq!(found[0].nearest.as_deref(), Some("method"));
    }
}
