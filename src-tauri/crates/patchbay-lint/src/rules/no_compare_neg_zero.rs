use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::ast::ast::{Expression, UnaryOperator};
use oxc::ast::{AstKind, AstType};

pub struct NoCompareNegZero;

static DOCS: Docs = Docs {
    id: "no-compare-neg-zero",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "A comparison with `-0`. Same as oxlint's `no-compare-neg-zero`.",
    why: "It holds for `0` too, so it does not ask what it seems to ask.",
    good: "if (Object.is(amount, -0)) { … }",
};

impl Rule for NoCompareNegZero {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::BinaryExpression) {
                let AstKind::BinaryExpression(comparison) = node.kind() else { continue };
                let compares = comparison.operator.is_equality() || comparison.operator.is_compare();
                if compares && (is_negative_zero(&comparison.left) || is_negative_zero(&comparison.right)) {
                    let operator = comparison.operator.as_str();
                    context
                        .report(file, comparison.span, format!("`{operator}` does not tell `-0` from `0`"))
                        .help("Compare with `0`, or ask with `Object.is(…, -0)`");
                }
            }
        }
    }
}

fn is_negative_zero(expression: &Expression<'_>) -> bool {
    matches!(expression.without_parentheses(), Expression::UnaryExpression(unary)
        if unary.operator == UnaryOperator::UnaryNegation && unary.argument.is_number_0())
}

#[cfg(test)]
mod tests {
    use crate::tester::{handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoCompareNegZero,
            &[
                handler("return { a: request.a === 0, b: Object.is(request.a, -0), c: request.a - 0 };"),
                handler("return { a: request.a === -1 };"),
            ],
            &[handler("return { a: request.a === -0 };"), handler("return { a: -0 >= request.a };")],
        );
    }
}
