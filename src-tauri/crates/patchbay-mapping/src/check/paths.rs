//! The paths that documents have, for those who misspell one.

use crate::path::{Path, Segment};
use patchbay_core::nearest;
use serde_json::Value;
use std::collections::BTreeSet;

/// Most paths that are looked through for a suggestion.
const MOST_PATHS: usize = 5_000;
/// Levels that are looked into.
const DEEPEST: usize = 12;
/// Elements of a list that are looked into; they are alike.
const MOST_ELEMENTS: usize = 20;

/// Whether a document has something at a path. What is read from each element is there when one element has it.
pub(super) fn has(path: &Path, document: &Value) -> bool {
    match path.read(document) {
        Ok(Some(Value::Array(items))) if path.segments.iter().any(|segment| segment.each) => {
            !items.is_empty() || has_empty_list(path, document)
        }
        Ok(found) => found.is_some(),
        // `[]` after something that is no list: the field is there.
        Err(_) => true,
    }
}

/// Whether the first list on the way is there and empty, so that nothing is known of its elements.
fn has_empty_list(path: &Path, document: &Value) -> bool {
    let Some(depth) = path.segments.iter().position(|segment| segment.each) else { return false };
    let mut segments: Vec<Segment> = path.segments[..=depth].to_vec();
    if let Some(last) = segments.last_mut() {
        last.each = false;
    }
    let list = Path { source: String::new(), segments }.read(document);
    matches!(list, Ok(Some(Value::Array(items))) if items.is_empty())
}

/// The path that was probably meant.
pub(super) fn meant<'a>(path: &Path, documents: impl Iterator<Item = &'a Value>) -> Option<String> {
    let mut known = BTreeSet::new();
    for document in documents {
        gather(document, &mut Vec::new(), &mut known);
    }
    let written = path.to_string();
    let last = path.segments.last().map(|segment| segment.name.as_str()).unwrap_or_default();
    let named_alike: Vec<&str> =
        known.iter().map(String::as_str).filter(|known| known.rsplit(['.']).next() == Some(last)).collect();
    // A name that stands in one other place only was meant there.
    match named_alike.as_slice() {
        [only] => Some((*only).to_owned()),
        [] => nearest(&written, known.iter().map(String::as_str)),
        several => nearest(&written, several.iter().copied())
            .or_else(|| several.iter().min_by_key(|path| path.len()).map(|path| (*path).to_owned())),
    }
}

fn gather(value: &Value, above: &mut Vec<Segment>, known: &mut BTreeSet<String>) {
    if above.len() > DEEPEST || known.len() >= MOST_PATHS {
        return;
    }
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|(name, _)| !name.contains('"')) {
                above.push(Segment { name: name.clone(), each: false });
                known.insert(Path { source: String::new(), segments: above.clone() }.to_string());
                gather(value, above, known);
                above.pop();
            }
        }
        Value::Array(items) => {
            if let Some(last) = above.last_mut() {
                last.each = true;
            }
            items.iter().take(MOST_ELEMENTS).for_each(|item| gather(item, above, known));
            if let Some(last) = above.last_mut() {
                last.each = false;
            }
        }
        _ => {}
    }
}
