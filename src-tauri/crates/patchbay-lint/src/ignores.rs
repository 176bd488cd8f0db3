//! `// patchbay-ignore rule, rule -- reason`: findings that the author has looked at and keeps.
//!
//! A comment behind or before code speaks about its line; one that stands alone speaks about the next line of code.

use oxc::ast::ast::Comment;
use oxc::span::Span;
use patchbay_core::SourceText;
use std::cell::Cell;

/// The word that such a comment begins with.
const WORD: &str = "patchbay-ignore";

/// One such comment.
pub(crate) struct Ignore<'a> {
    /// The whole comment.
    pub(crate) span: Span,
    /// The line of its findings, from 1.
    pub(crate) line: u32,
    pub(crate) rules: Vec<IgnoredRule<'a>>,
    /// Why; a comment without a reason ignores nothing.
    pub(crate) reason: Option<&'a str>,
    /// What stands directly behind the word, where that is no space: `-next-line`, for example.
    pub(crate) suffix: &'a str,
    /// Nothing else stands on its lines.
    pub(crate) is_alone: bool,
}

impl Ignore<'_> {
    /// Whether it is written as it must be to have an effect.
    pub(crate) fn is_effective(&self) -> bool {
        self.suffix.is_empty() && self.reason.is_some()
    }

    /// Whether it keeps back what a rule found in a line; remembers that it did.
    pub(crate) fn covers(&self, rule: &str, line: u32) -> bool {
        let mut is_covered = false;
        if self.line == line && self.is_effective() {
            for ignored in self.rules.iter().filter(|ignored| ignored.name == rule) {
                ignored.is_used.set(true);
                is_covered = true;
            }
        }
        is_covered
    }
}

/// A rule that it names.
pub(crate) struct IgnoredRule<'a> {
    pub(crate) name: &'a str,
    pub(crate) span: Span,
    /// A finding was kept back because of it.
    pub(crate) is_used: Cell<bool>,
}

/// The comments of a file that say so. `comments` are all of its comments, in the order of the text.
pub(crate) fn find<'a>(source: &SourceText<'a>, comments: &[Comment]) -> Vec<Ignore<'a>> {
    let text = source.text();
    let mut found = Vec::new();
    for (index, comment) in comments.iter().enumerate() {
        let content = comment.content_span();
        let Some(said) = text.get(content.start as usize..content.end as usize) else { continue };
        // `/** … */` is a comment too.
        let Some(rest) = said.trim_start_matches(|c: char| c == '*' || c.is_whitespace()).strip_prefix(WORD) else {
            continue;
        };
        let (suffix, rest) = rest.split_at(rest.find(is_separator).unwrap_or(rest.len()));
        if suffix.starts_with(char::is_alphanumeric) {
            continue;
        }
        let (names, reason) = match rest.split_once("--") {
            Some((names, reason)) => (names, Some(reason.trim()).filter(|reason| !reason.is_empty())),
            None => (rest, None),
        };
        let base = content.end as usize - rest.len();
        let (line, is_alone) = place(source, comments, index);
        found.push(Ignore { span: comment.span, line, rules: names_in(names, base), reason, suffix, is_alone });
    }
    found
}

/// What stands between names. Each of these is one byte.
fn is_separator(character: char) -> bool {
    character == ',' || character.is_ascii_whitespace()
}

/// The words of a list with commas or spaces between them; `base` is the list's place in the text.
fn names_in(list: &str, base: usize) -> Vec<IgnoredRule<'_>> {
    let mut names = Vec::new();
    let mut at = 0;
    for word in list.split(is_separator) {
        if !word.is_empty() {
            let start = u32::try_from(base + at).unwrap_or(u32::MAX);
            let span = Span::sized(start, u32::try_from(word.len()).unwrap_or_default());
            names.push(IgnoredRule { name: word, span, is_used: Cell::new(false) });
        }
        at += word.len() + 1;
    }
    names
}

/// The line that a comment speaks about, and whether the comment stands alone.
fn place(source: &SourceText<'_>, comments: &[Comment], index: usize) -> (u32, bool) {
    let text = source.text();
    let span = comments[index].span;
    let (start, end) = (span.start as usize, span.end as usize);
    let before = text[..start].rsplit(['\n', '\r']).next().unwrap_or_default().trim_start_matches('\u{feff}').trim();
    let after = text[end..].split(['\n', '\r']).next().unwrap_or_default().trim();
    // In JSX a comment needs braces: `{/* … */}`.
    let in_braces = before == "{" && after == "}";
    let stands_alone = before.is_empty() && after.is_empty();
    if !in_braces && !stands_alone {
        let at = if before.is_empty() { end } else { start };
        return (source.position(at).line, false);
    }
    let mut at = end;
    let mut following = comments[index + 1..].iter().peekable();
    loop {
        let is_filler = |c: char| c.is_whitespace() || (in_braces && c == '}');
        at = text.len() - text[at..].trim_start_matches(is_filler).len();
        match following.next_if(|comment| comment.span.start as usize == at) {
            Some(comment) => at = comment.span.end as usize,
            None => return (source.position(at).line, !in_braces),
        }
    }
}
