//! Takes secret values out of text and bytes, by value, also where they stand encoded.
//!
//! The text is searched as it is and as each of its readings: with escapes taken away (percent, JSON, HTML; again where
//! escapes are escaped), and with what may be base64 decoded at every alignment. A value that is found in a reading is taken
//! out of the text that it was read from, so no list of encodings has to be complete.

mod bodies;
mod needles;
mod views;

use crate::secret::Secret;
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::fmt;
use std::sync::Arc;
use views::View;

/// Bytes that are searched at once, so that readings of a large body take little memory.
const WINDOW: usize = 256 * 1024;
/// How many bytes one byte of a value takes at most where it is encoded several times over: `\u0041` in a JSON text within a
/// JSON text takes 7, base64 of that 10.
const LONGEST_ENCODED: usize = 16;
/// How often escapes are taken away.
const LEVELS: usize = 4;
/// Bytes of patterns up to which they are searched for by the fastest automaton, which takes about 256 bytes for each.
const MOST_FOR_DFA: usize = 4096;
/// How often base64 is decoded.
const BASE64_LEVELS: usize = 2;

/// Replaces known secret values by `<redacted:NAME>`. Cheap to clone.
#[derive(Clone, Default)]
pub struct Redactor {
    /// Absent where there is nothing to look for.
    search: Option<Arc<Search>>,
}

struct Search {
    automaton: AhoCorasick,
    /// What to write instead, by the number of the pattern.
    marks: Vec<Arc<str>>,
    shortest: usize,
    longest: usize,
}

/// Bytes to be taken out.
struct Found {
    start: usize,
    end: usize,
    pattern: usize,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let patterns = self.search.as_ref().map_or(0, |search| search.marks.len());
        formatter.debug_struct("Redactor").field("patterns", &patterns).finish_non_exhaustive()
    }
}

impl Redactor {
    /// Prepares the search for each value, given with its name. Values of fewer than six bytes are not searched for: they
    /// would hit ordinary words and reveal themselves by the holes.
    pub fn new<'a>(secrets: impl IntoIterator<Item = (&'a str, &'a Secret)>) -> Self {
        let mut patterns: Vec<(Vec<u8>, Arc<str>)> = Vec::new();
        for (name, secret) in secrets {
            let mark: Arc<str> = format!("<redacted:{name}>").into();
            patterns.extend(needles::of(secret.expose()).into_iter().map(|needle| (needle, Arc::clone(&mark))));
        }
        // The first of equal ones counts, as it did when the values were given.
        patterns.sort_by(|left, right| left.0.cmp(&right.0));
        patterns.dedup_by(|later, earlier| later.0 == earlier.0);
        let lengths = || patterns.iter().map(|(needle, _)| needle.len());
        let (Some(shortest), Some(longest)) = (lengths().min(), lengths().max()) else { return Self::default() };
        let (needles, marks): (Vec<Vec<u8>>, Vec<Arc<str>>) = patterns.into_iter().unzip();
        // Building fails only beyond 2^31 states, which is gigabytes of secrets.
        let is_small = needles.iter().map(Vec::len).sum::<usize>() <= MOST_FOR_DFA;
        let kind = if is_small { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
        let Ok(automaton) = AhoCorasick::builder().kind(Some(kind)).build(&needles) else { return Self::default() };
        Self { search: Some(Arc::new(Search { automaton, marks, shortest, longest })) }
    }

    /// The text without the values.
    pub fn text(&self, text: &str) -> String {
        match self.replaced(text.as_bytes(), text.len()) {
            Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            None => text.to_owned(),
        }
    }

    /// The bytes without the values.
    pub fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        self.replaced(bytes, bytes.len()).unwrap_or_else(|| bytes.to_vec())
    }

    /// The same for the beginning of something longer. What stands so near to the end that the rest of a value may be cut
    /// off goes, too.
    pub fn beginning(&self, bytes: &[u8]) -> Vec<u8> {
        let Some(search) = &self.search else { return bytes.to_vec() };
        let whole = bytes.len().saturating_sub(search.reach());
        self.replaced(bytes, whole).unwrap_or_else(|| bytes[..whole].to_vec())
    }

    /// Whether any value occurs in the bytes.
    pub fn finds(&self, bytes: &[u8]) -> bool {
        self.search.as_ref().is_some_and(|search| !search.all(bytes).is_empty())
    }

    /// The bytes up to `end`, with marks in the place of values that begin there; `None` where there are none.
    fn replaced(&self, bytes: &[u8], end: usize) -> Option<Vec<u8>> {
        let search = self.search.as_ref()?;
        let found = search.all(bytes);
        if found.is_empty() {
            return None;
        }
        let mut out = Vec::with_capacity(end);
        let mut at = 0;
        for one in found.iter().filter(|one| one.start < end) {
            out.extend_from_slice(&bytes[at..one.start]);
            out.extend_from_slice(search.marks[one.pattern].as_bytes());
            at = one.end;
        }
        out.extend_from_slice(bytes.get(at..end).unwrap_or_default());
        Some(out)
    }
}

impl Search {
    /// Bytes that the longest value may take, however it is encoded.
    fn reach(&self) -> usize {
        self.longest * LONGEST_ENCODED
    }

    /// Where values stand, in order and without overlaps.
    fn all(&self, bytes: &[u8]) -> Vec<Found> {
        let mut found = Vec::new();
        let mut start = 0;
        while start < bytes.len() {
            let end = bytes.len().min(start + WINDOW + self.reach());
            let first = found.len();
            self.look(&View::of(&bytes[start..end]), LEVELS, BASE64_LEVELS, &mut found);
            for one in &mut found[first..] {
                one.start += start;
                one.end += start;
            }
            start += WINDOW;
        }
        joined(found)
    }

    fn look(&self, view: &View<'_>, levels: usize, base64_levels: usize, found: &mut Vec<Found>) {
        for hit in self.automaton.find_overlapping_iter(view.bytes()) {
            let (start, end) = view.source(hit.start(), hit.end());
            found.push(Found { start, end, pattern: hit.pattern().as_usize() });
        }
        // Bytes that are no text have no escapes, only what looks like them.
        if levels > 0
            && view.is_text()
            && let Some(plain) = view.unescaped()
        {
            self.look(&plain, levels - 1, base64_levels, found);
        }
        if base64_levels > 0 {
            // Three bytes take four characters; what fills the last four up is none of them.
            view.each_decoded((self.shortest * 4).div_ceil(3), |decoded| {
                self.look(&decoded, levels, base64_levels - 1, found);
            });
        }
    }
}

/// In order; those that overlap as one, under the name of the longest.
fn joined(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by(|left, right| left.start.cmp(&right.start).then(right.end.cmp(&left.end)));
    let mut apart: Vec<Found> = Vec::new();
    let mut longest = 0;
    for one in found {
        match apart.last_mut() {
            Some(last) if one.start < last.end => {
                if one.end - one.start > longest {
                    longest = one.end - one.start;
                    last.pattern = one.pattern;
                }
                last.end = last.end.max(one.end);
            }
            _ => {
                longest = one.end - one.start;
                apart.push(one);
            }
        }
    }
    apart
}

#[cfg(test)]
mod tests;
