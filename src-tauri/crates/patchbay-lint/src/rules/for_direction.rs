use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::ast::ast::{AssignmentOperator, AssignmentTarget, BinaryOperator, Expression, UnaryOperator, UpdateOperator};
use oxc::ast::{AstKind, AstType};
use oxc::span::GetSpan as _;

pub struct ForDirection;

static DOCS: Docs = Docs {
    id: "for-direction",
    group: Group::Correctness,
    severity: Severity::Error,
    what: "A `for` loop whose counter moves away from its bound. Same as oxlint's `for-direction`.",
    why: "It never ends: the adapter runs into its CPU limit and the webhook fails.",
    good: "for (let attempt = 3; attempt > 0; attempt--) { … }",
};

impl Rule for ForDirection {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::ForStatement) {
                let AstKind::ForStatement(repeat) = node.kind() else { continue };
                let (Some(Expression::BinaryExpression(test)), Some(update)) = (&repeat.test, &repeat.update) else {
                    continue;
                };
                let sign = match test.operator {
                    BinaryOperator::LessThan | BinaryOperator::LessEqualThan => 1,
                    BinaryOperator::GreaterThan | BinaryOperator::GreaterEqualThan => -1,
                    _ => continue,
                };
                let wrong = |side: &Expression<'_>, wanted: i8| match side {
                    Expression::Identifier(counter) => step(update, counter.name.as_str()) == Some(-wanted),
                    _ => false,
                };
                if wrong(&test.left, sign) || wrong(&test.right, -sign) {
                    context
                        .report(file, test.span, "The loop never comes to its end")
                        .and(update.span(), "This moves the counter away from it")
                        .help("Count in the other direction, or turn the comparison round");
                }
            }
        }
    }
}

/// Which way an update moves a counter: 1 up, -1 down, nothing where it is not known.
fn step(update: &Expression<'_>, counter: &str) -> Option<i8> {
    match update {
        Expression::UpdateExpression(update) if update.argument.get_identifier_name() == Some(counter) => {
            Some(if update.operator == UpdateOperator::Increment { 1 } else { -1 })
        }
        Expression::AssignmentExpression(assignment) => {
            let AssignmentTarget::AssignmentTargetIdentifier(target) = &assignment.left else { return None };
            let by = match &assignment.right {
                Expression::NumericLiteral(by) if by.value > 0.0 => 1,
                Expression::UnaryExpression(unary)
                    if unary.operator == UnaryOperator::UnaryNegation
                        && matches!(&unary.argument, Expression::NumericLiteral(by) if by.value > 0.0) =>
                {
                    -1
                }
                _ => return None,
            };
            match assignment.operator {
                AssignmentOperator::Addition if target.name == counter => Some(by),
                AssignmentOperator::Subtraction if target.name == counter => Some(-by),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{handler, test};

    #[test]
    fn cases() {
        test(
            &super::ForDirection,
            &[
                handler(
                    "for (let i = 0; i < 3; i++) console.log(i); for (let i = 3; i > 0; i--) console.log(i); return {};",
                ),
                handler("for (let i = 0, j = 9; i < j; j--) console.log(i); return {};"),
                handler("const by = -1; for (let i = 0; i < 3; i += by) console.log(i); return {};"),
                handler(
                    "for (let i = 0; i !== 3; i--) console.log(i); for (let i = 3; 0 < i; i -= 1) console.log(i); return {};",
                ),
            ],
            &[
                handler("for (let i = 0; i < 3; i--) console.log(i); return {};"),
                handler("for (let i = 3; i >= 0; i += 1) console.log(i); return {};"),
                handler("for (let i = 0; 3 > i; i -= 1) console.log(i); return {};"),
            ],
        );
    }
}
