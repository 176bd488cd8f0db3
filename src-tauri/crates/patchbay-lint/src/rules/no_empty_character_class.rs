use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::regexes::for_each_literal;
use oxc::regular_expression::ast::CharacterClass;
use oxc::regular_expression::visit::{Visit, walk};
use oxc::span::Span;

pub struct NoEmptyCharacterClass;

static DOCS: Docs = Docs {
    id: "no-empty-character-class",
    group: Group::Correctness,
    severity: Severity::Error,
    what: "`[]` in a regular expression. Same as oxlint's `no-empty-character-class`.",
    why: "It matches nothing, so that the whole expression never matches.",
    good: "/^[a-z]+$/.test(kind)",
};

impl Rule for NoEmptyCharacterClass {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for_each_literal(
                file,
                |text| text.contains("[]"),
                |pattern| {
                    let mut found = Empty(Vec::new());
                    found.visit_pattern(pattern);
                    for place in found.0 {
                        context
                            .report(file, place, "`[]` matches nothing, so the expression never does")
                            .help("Write what may stand here; `\\[\\]` means the brackets themselves");
                    }
                },
            );
        }
    }
}

struct Empty(Vec<Span>);

impl<'a> Visit<'a> for Empty {
    fn visit_character_class(&mut self, class: &CharacterClass<'a>) {
        if class.body.is_empty() && !class.negative {
            self.0.push(class.span);
        }
        walk::walk_character_class(self, class);
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoEmptyCharacterClass,
            &[
                handler("return { a: /[a]/.test('a'), b: /[^]/.test('b'), c: /\\[]/.test('c'), d: /[[]/.test('d') };"),
                handler("return { a: '[]' };"),
            ],
            &[
                handler("return { a: /^abc[]/.test(request.url) };"),
                handler("return { a: request.url.match(/[[]x]/v) };"),
            ],
        );
    }
}
