use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::project::File;
use oxc::ast::ast::RegExpFlags;
use oxc::ast::{AstKind, AstType};
use oxc::span::Span;

pub struct NoUselessEscape;

static DOCS: Docs = Docs {
    id: "no-useless-escape",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "A backslash before a character that needs none. Same as oxlint's `no-useless-escape`.",
    why: "It looks as if it meant something; often another escape was meant, such as `\\\\d` in a text for `RegExp`.",
    good: "const digits = new RegExp('\\\\d+');",
};

impl Rule for NoUselessEscape {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            let report = |start: u32, backslash: usize, escaped: char| {
                let place = Span::sized(
                    start + u32::try_from(backslash).unwrap_or_default(),
                    1 + u32::try_from(escaped.len_utf8()).unwrap_or(1),
                );
                context
                    .report(file, place, format!("The backslash before `{escaped}` does nothing"))
                    .help("Remove it, or write the escape that was meant");
            };
            for node in file.of_type(AstType::StringLiteral) {
                let AstKind::StringLiteral(literal) = node.kind() else { continue };
                let Some(raw) = literal.raw.as_ref().filter(|raw| raw.contains('\\')) else { continue };
                // Attributes of JSX know no escapes.
                if matches!(file.nodes().parent_kind(node.id()), AstKind::JSXAttribute(_)) {
                    continue;
                }
                let quote = raw.chars().next();
                for (at, escaped, _) in escapes(raw) {
                    if Some(escaped) != quote && !IN_TEXTS.contains(escaped) {
                        report(literal.span.start, at, escaped);
                    }
                }
            }
            for node in file.of_type(AstType::TemplateElement) {
                let AstKind::TemplateElement(element) = node.kind() else { continue };
                let raw = element.value.raw.as_str();
                if !raw.contains('\\') {
                    continue;
                }
                let template = file.nodes().parent_id(node.id());
                if matches!(file.nodes().parent_kind(template), AstKind::TaggedTemplateExpression(_)) {
                    continue;
                }
                let start = text_start(file, element.span, raw);
                for (at, escaped, before) in escapes(raw) {
                    let is_needed = match escaped {
                        '`' | '$' => true,
                        '{' => before == Some('$'),
                        escaped => IN_TEXTS.contains(escaped),
                    };
                    if !is_needed {
                        report(start, at, escaped);
                    }
                }
            }
            for node in file.of_type(AstType::RegExpLiteral) {
                let AstKind::RegExpLiteral(literal) = node.kind() else { continue };
                let text = literal.regex.pattern.text.as_str();
                // With the flag `v` classes nest and have escapes of their own.
                if text.contains('\\') && !literal.regex.flags.contains(RegExpFlags::V) {
                    for (at, escaped) in useless_in_regex(text) {
                        report(literal.span.start + 1, at, escaped);
                    }
                }
            }
        }
    }
}

/// Characters that mean something behind a backslash in a text.
const IN_TEXTS: &str = "\\nrvtbfux\n\r\u{2028}\u{2029}0123456789";
/// The same in a regular expression, in classes and elsewhere.
const IN_REGEXES: &str = "\\bcdDfnpPrsStvwWxu0123456789]";
/// What means something only outside of classes.
const OUTSIDE_CLASSES: &str = "^/.$*+?[{}|()Bk";

/// Every escape of a text: where the backslash is, what it escapes, and what stands before it.
fn escapes(raw: &str) -> impl Iterator<Item = (usize, char, Option<char>)> {
    let mut characters = raw.char_indices();
    let mut before = None;
    std::iter::from_fn(move || {
        loop {
            let (at, character) = characters.next()?;
            if character == '\\' {
                let escaped = characters.next()?.1;
                return Some((at, escaped, before.replace(escaped)));
            }
            before = Some(character);
        }
    })
}

/// Where the text of a template's part begins: its span may or may not hold the delimiter before it.
fn text_start(file: &File<'_>, part: Span, raw: &str) -> u32 {
    let text = &file.source.text()[part.start as usize..];
    if text.starts_with(raw) { part.start } else { part.start + 1 }
}

/// The escapes of a regular expression that do nothing.
fn useless_in_regex(text: &str) -> Vec<(usize, char)> {
    let mut found = Vec::new();
    let mut class_start = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match (character, class_start) {
            ('[', None) => class_start = Some(at + 1),
            (']', Some(_)) => class_start = None,
            ('\\', _) => {
                let Some((_, escaped)) = characters.next() else { break };
                let is_needed = IN_REGEXES.contains(escaped)
                    || match class_start {
                        None => OUTSIDE_CLASSES.contains(escaped),
                        Some(start) => {
                            let is_last = characters.peek().is_some_and(|(_, next)| *next == ']');
                            match escaped {
                                '^' => at == start,
                                '-' => at != start && !is_last,
                                _ => false,
                            }
                        }
                    };
                if !is_needed {
                    found.push((at, escaped));
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::tester::{handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoUselessEscape,
            &[
                handler("return { a: 'it\\'s', b: \"a\\n\\t\\\\\", c: `\\`\\${a}`, d: String.raw`\\d`, e: '\\0' };"),
                handler(
                    "return { a: /\\d\\w\\.\\*\\/\\\\/.test('a'), b: /[\\]\\-\\\\a]/.test('b'), c: /[a\\-z]/.test('c') };",
                ),
                handler(
                    "return { a: /\\p{L}(?<x>a)\\k<x>/u.test('a'), b: '\\u0041\\x41', c: /^\\$\\(\\)\\[\\]\\{\\}\\|\\+\\?$/.test('x') };",
                ),
            ],
            &[
                handler("return { a: new RegExp('\\d+').test('1') };"),
                handler("return { a: /[\\.]\\:/.test('a'), b: \"it\\'s\" };"),
                handler("return { a: `\\#` };"),
            ],
        );
    }
}
