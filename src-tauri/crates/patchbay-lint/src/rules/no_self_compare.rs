use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::ast::{AstKind, AstType};
use oxc::span::ContentEq as _;

pub struct NoSelfCompare;

static DOCS: Docs = Docs {
    id: "no-self-compare",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "A comparison of something with itself. Same as oxlint's `no-self-compare`.",
    why: "It has the same outcome every time; one of the sides should be something else.",
    good: "if (event.amount === invoice.amount) { … }",
};

impl Rule for NoSelfCompare {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::BinaryExpression) {
                let AstKind::BinaryExpression(comparison) = node.kind() else { continue };
                let compares = comparison.operator.is_equality() || comparison.operator.is_compare();
                if compares && comparison.left.without_parentheses().content_eq(comparison.right.without_parentheses())
                {
                    context
                        .report(file, comparison.span, "Both sides of this comparison are the same")
                        .help("Compare with what you meant; `Number.isNaN(…)` asks whether something is NaN");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoSelfCompare,
            &[
                handler("return { a: request.a === request.b, b: request.url === env.url };"),
                handler("return { a: request + request, b: request.a > request['b'] };"),
                handler("const n = Number(request.url); return { nan: Number.isNaN(n) };"),
            ],
            &[
                handler("return { a: request.url === request.url };"),
                handler("const n = 1; if (n !== n) return {}; return { a: (n) > n };"),
            ],
        );
    }
}
