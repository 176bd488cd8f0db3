use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::regexes::{for_each_literal, for_each_made};
use oxc::regular_expression::ast::{Character, CharacterClassRange, CharacterKind, Pattern};
use oxc::regular_expression::visit::Visit;
use oxc::span::Span;

pub struct NoControlRegex;

static DOCS: Docs = Docs {
    id: "no-control-regex",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "A control character, U+0000 to U+001F, in a regular expression. Same as oxlint's `no-control-regex`.",
    why: "Texts of webhooks rarely hold them; most often another escape was meant.",
    good: "const hasBreaks = /[\\t\\n]/.test(text);",
};

impl Rule for NoControlRegex {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            let look = |pattern: &Pattern<'_>| {
                let mut found = Controls(Vec::new());
                found.visit_pattern(pattern);
                for place in found.0 {
                    context
                        .report(file, place, "This matches a control character")
                        .help("Check the escape; `\\t`, `\\n` and `\\r` have names of their own");
                }
            };
            let may_match =
                |text: &str| text.contains(r"\x") || text.contains(r"\u") || text.contains(char::is_control);
            for_each_literal(file, may_match, look);
            for_each_made(file, |made| {
                if let Ok(pattern) = &made.pattern {
                    look(pattern);
                }
            });
        }
    }
}

struct Controls(Vec<Span>);

impl Visit<'_> for Controls {
    fn visit_character_class_range(&mut self, range: &CharacterClassRange) {
        // Both ends of `[\x00-\x1f]` are one thing.
        self.visit_character(&range.min);
    }

    fn visit_character(&mut self, character: &Character) {
        let is_escape = matches!(
            character.kind,
            CharacterKind::HexadecimalEscape | CharacterKind::UnicodeEscape | CharacterKind::Symbol
        );
        if is_escape && character.value <= 0x1f {
            self.0.push(character.span);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoControlRegex,
            &[
                handler(
                    "return { a: /\\x20\\t\\n/.test('a'), b: /\\u{1F}/.test('b'), c: new RegExp('\\\\t').test('c') };",
                ),
                case("export default { fetch: (RegExp) => new RegExp('\\\\x1f') };"),
            ],
            &[
                handler("return { a: /\\x1f/.test(request.url) };"),
                handler("return { a: new RegExp('\\\\u001f').test(request.url) };"),
            ],
        );
    }
}
