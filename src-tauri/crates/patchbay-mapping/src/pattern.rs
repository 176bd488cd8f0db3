//! The regular expressions of the step `regex`.

use regress::Regex;

/// A regular expression of ECMAScript, with the flag `u`.
#[derive(Debug, Clone)]
pub struct Pattern {
    source: String,
    regex: Regex,
}

/// Longest regular expression, in UTF-16 units.
const LONGEST_PATTERN: usize = 200;

impl Pattern {
    /// As its author wrote it.
    pub fn source(&self) -> &str {
        &self.source
    }

    pub(crate) fn parse(source: &str) -> Option<Self> {
        if source.encode_utf16().count() > LONGEST_PATTERN || has_look_around_or_back_reference(source) {
            return None;
        }
        Regex::with_flags(source, "u").ok().map(|regex| Self { source: source.to_owned(), regex })
    }

    /// Whether the time for a match may double with each character: a group that has a repetition or an alternative in it
    /// is repeated.
    pub(crate) fn may_never_end(&self) -> bool {
        let mut rest = plain(&self.source);
        while let Some(end) = rest.find(')') {
            let Some(start) = rest[..end].rfind('(') else { return false };
            let inside = &rest[start + 1..end];
            let is_loose = inside.contains(['*', '+', '?', '|']) || has_range(inside);
            if is_loose && rest[end + 1..].starts_with(['*', '+', '{']) {
                return true;
            }
            rest.replace_range(start..=end, if is_loose { "x+" } else { "x" });
        }
        false
    }

    /// The first group of the first match, or the match where the pattern has no group.
    pub(crate) fn first(&self, text: &str) -> Option<String> {
        let found = self.regex.find(text)?;
        let has_groups = found.groups().count() > 1;
        let range = if has_groups { found.group(1) } else { Some(found.range()) }?;
        text.get(range).map(str::to_owned)
    }
}

/// The pattern with a letter in the place of each escape and each class, and no names of groups.
fn plain(pattern: &str) -> String {
    let mut written = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(sign) = rest.chars().next() {
        let taken = match sign {
            '\\' => rest.chars().take(2).map(char::len_utf8).sum(),
            '[' => class_length(rest),
            _ => sign.len_utf8(),
        };
        written.push(if taken > sign.len_utf8() { 'x' } else { sign });
        rest = &rest[taken..];
        if sign == '(' {
            let name = rest.strip_prefix("?<").and_then(|name| name.find('>')).map(|end| end + 3);
            rest = rest.strip_prefix("?:").unwrap_or(&rest[name.unwrap_or_default()..]);
        }
    }
    written
}

/// Bytes of the character class that the text begins with; of its bracket alone where it is not closed.
fn class_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, sign) in text.char_indices().skip(1) {
        match sign {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' => return at + 1,
            _ => {}
        }
    }
    1
}

/// Whether `{n,` stands in a pattern.
fn has_range(pattern: &str) -> bool {
    pattern.match_indices('{').any(|(at, _)| {
        let behind = &pattern[at + 1..];
        let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
        digits > 0 && behind[digits..].starts_with(',')
    })
}

/// The adapter's half looks for the same signs, without regard to what stands before them.
fn has_look_around_or_back_reference(source: &str) -> bool {
    ["(?=", "(?!", "(?<=", "(?<!", "\\k"].iter().any(|sign| source.contains(sign))
        || source.as_bytes().windows(2).any(|pair| pair[0] == b'\\' && (b'1'..=b'9').contains(&pair[1]))
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}
