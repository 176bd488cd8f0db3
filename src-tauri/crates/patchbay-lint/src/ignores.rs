//! `// patchbay-ignore rule, rule -- reason`: findings that the author has looked at and keeps.
//!
//! A comment behind or before code speaks about its line; one that stands alone speaks about the next line of code.

use oxc::ast::ast::Comment;
use oxc::span::Span;
use patchbay_core::SourceText;
use std::cell::Cell;
use std::collections::HashMap;

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
}

/// A rule that it names.
pub(crate) struct IgnoredRule<'a> {
    pub(crate) name: &'a str,
    pub(crate) span: Span,
    /// A finding was kept back because of it.
    pub(crate) is_used: Cell<bool>,
}

/// What the comments of a file keep back, by line and rule.
pub(crate) struct KeptBack<'i>(HashMap<(u32, &'i str), Vec<&'i IgnoredRule<'i>>>);

impl<'i> KeptBack<'i> {
    pub(crate) fn by(ignores: &'i [Ignore<'_>]) -> Self {
        let mut all: HashMap<_, Vec<&IgnoredRule<'_>>> = HashMap::new();
        for ignore in ignores.iter().filter(|ignore| ignore.is_effective()) {
            for rule in &ignore.rules {
                all.entry((ignore.line, rule.name)).or_default().push(rule);
            }
        }
        Self(all)
    }

    /// Whether a comment keeps back what a rule found in a line; remembers that it did.
    pub(crate) fn covers(&self, rule: &str, line: u32) -> bool {
        let Some(rules) = self.0.get(&(line, rule)) else { return false };
        // Of several comments each is of use. They are marked together, so the first one tells of all.
        if rules.first().is_some_and(|first| !first.is_used.get()) {
            for rule in rules {
                rule.is_used.set(true);
            }
        }
        true
    }
}

/// The comments of a file that say so. `comments` are all of its comments, in the order of the text.
pub(crate) fn find<'a>(source: &SourceText<'a>, comments: &[Comment]) -> Vec<Ignore<'a>> {
    let text = source.text();
    let mut found = Vec::new();
    let mut behind = Vec::new();
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
        if behind.is_empty() {
            behind = behind_each(text, comments);
        }
        let (line, is_alone) = place(source, comment.span, behind[index]);
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

/// Space within a line.
fn is_blank(character: char) -> bool {
    character.is_whitespace() && !matches!(character, '\n' | '\r')
}

/// Where code goes on behind a comment and those that follow it.
#[derive(Clone, Copy)]
struct Behind {
    plain: usize,
    /// The same where the braces around the comment are no code.
    in_braces: usize,
}

/// That place for each comment, found from the last one on, so that a long row of comments is gone through once.
fn behind_each(text: &str, comments: &[Comment]) -> Vec<Behind> {
    let mut found: Vec<Behind> = Vec::with_capacity(comments.len());
    let mut next: Option<(usize, Behind)> = None;
    for comment in comments.iter().rev() {
        let end = comment.span.end as usize;
        let plain = text.len() - text[end..].trim_start().len();
        let in_braces = text.len() - text[end..].trim_start_matches(|c: char| c.is_whitespace() || c == '}').len();
        let follows = |at: usize| next.filter(|(start, _)| *start == at).map(|(_, behind)| behind);
        let behind = Behind {
            plain: follows(plain).map_or(plain, |next| next.plain),
            in_braces: follows(in_braces).map_or(in_braces, |next| next.in_braces),
        };
        next = Some((comment.span.start as usize, behind));
        found.push(behind);
    }
    found.reverse();
    found
}

/// The line that a comment speaks about, and whether the comment stands alone.
fn place(source: &SourceText<'_>, span: Span, behind: Behind) -> (u32, bool) {
    let text = source.text();
    let (start, end) = (span.start as usize, span.end as usize);
    // The line is not searched for its ends: it may be all of a minified file.
    let before = text[..start].trim_end_matches(is_blank);
    let after = text[end..].trim_start_matches(is_blank);
    let begins_line = |before: &str| before.is_empty() || before.ends_with(['\n', '\r', '\u{feff}']);
    let ends_line = |after: &str| after.is_empty() || after.starts_with(['\n', '\r']);
    // In JSX a comment needs braces: `{/* … */}`.
    let in_braces = before.strip_suffix('{').is_some_and(|before| begins_line(before.trim_end_matches(is_blank)))
        && after.strip_prefix('}').is_some_and(|after| ends_line(after.trim_start_matches(is_blank)));
    let stands_alone = begins_line(before) && ends_line(after);
    if !in_braces && !stands_alone {
        let at = if begins_line(before) { end } else { start };
        return (source.position(at).line, false);
    }
    let code = if in_braces { behind.in_braces } else { behind.plain };
    (source.position(code).line, !in_braces)
}
