use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::ast::ast::Expression;
use oxc::ast::{AstKind, AstType};
use oxc::span::{ContentEq as _, GetSpan as _, Span};
use std::collections::HashMap;

pub struct NoDuplicateCase;

static DOCS: Docs = Docs {
    id: "no-duplicate-case",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "Two `case`s of one `switch` that ask for the same. Same as oxlint's `no-duplicate-case`.",
    why: "The second is never reached, so an event that it was written for is not handled.",
    good: "case 'invoice.paid': …\ncase 'invoice.voided': …",
};

impl Rule for NoDuplicateCase {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::SwitchStatement) {
                let AstKind::SwitchStatement(switch) = node.kind() else { continue };
                let mut texts: HashMap<&str, Span> = HashMap::new();
                let mut others: Vec<&Expression<'_>> = Vec::new();
                for test in switch.cases.iter().filter_map(|case| case.test.as_ref()) {
                    let bare = test.without_parentheses();
                    let earlier = if let Expression::StringLiteral(text) = bare {
                        texts.insert(text.value.as_str(), text.span)
                    } else {
                        let earlier =
                            others.iter().rev().find(|other| other.content_eq(bare)).map(|other| other.span());
                        if others.len() < MOST {
                            others.push(bare);
                        }
                        earlier
                    };
                    if let Some(earlier) = earlier {
                        context
                            .report(file, bare.span(), "This `case` is never reached")
                            .and(earlier, "This one asks for the same")
                            .help("Remove it, or ask for what you meant");
                    }
                }
            }
        }
    }
}

/// Tests of one `switch`, texts left out, that are compared with each other. Code that has more is machine-made.
const MOST: usize = 200;

#[cfg(test)]
mod tests {
    use crate::tester::{handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoDuplicateCase,
            &[
                handler(
                    "switch (request.url) { case 'a': return { a: 1 }; case 'b': return { b: 1 }; default: return {}; }",
                ),
                handler(
                    "switch (request.n) { case 1: return { a: 1 }; case '1': return { b: 1 }; case 1n: return { c: 1 }; default: return {}; }",
                ),
                handler(
                    "switch (request.n) { case env.a(1): return { a: 1 }; case env.a(2): return { b: 1 }; default: return {}; }",
                ),
                handler(
                    "switch (request.a) { case 'a': switch (request.b) { case 'a': return { a: 1 }; default: return {}; } default: return {}; }",
                ),
            ],
            &[
                handler(
                    "switch (request.url) { case 'paid': return { a: 1 }; case 'voided': return { b: 1 }; case \"paid\": return { c: 1 }; default: return {}; }",
                ),
                handler(
                    "switch (request.n) { case env.a: return { a: 1 }; case (env.a): return { b: 1 }; default: return {}; }",
                ),
            ],
        );
    }
}
