//! Expressions that have the same value every time they are evaluated.

use crate::patterns::is_unbound;
use crate::project::File;
use oxc::ast::ast::{
    Argument, ArrayExpressionElement, AssignmentOperator, BinaryOperator, Expression, LogicalOperator,
};

/// Whether an expression is constant; with `as_condition` it is enough that it is always true or always false, as for
/// `{}`. Type assertions are not looked through: whoever writes one there wants the condition.
pub(crate) fn is_constant(file: &File<'_>, expression: &Expression<'_>, as_condition: bool) -> bool {
    match expression {
        Expression::BooleanLiteral(_)
        | Expression::NullLiteral(_)
        | Expression::NumericLiteral(_)
        | Expression::BigIntLiteral(_)
        | Expression::StringLiteral(_)
        | Expression::RegExpLiteral(_)
        | Expression::ArrowFunctionExpression(_)
        | Expression::FunctionExpression(_) => true,
        Expression::ObjectExpression(_) | Expression::ClassExpression(_) | Expression::NewExpression(_) => as_condition,
        Expression::ParenthesizedExpression(inner) => is_constant(file, &inner.expression, as_condition),
        Expression::TemplateLiteral(template) => {
            let has_text = template.quasis.iter().any(|quasi| !quasi.value.raw.is_empty());
            (as_condition && has_text) || template.expressions.iter().all(|part| is_constant(file, part, false))
        }
        Expression::ArrayExpression(array) => {
            as_condition
                || array.elements.iter().all(|element| match element {
                    ArrayExpressionElement::SpreadElement(spread) => is_constant(file, &spread.argument, false),
                    ArrayExpressionElement::Elision(_) => true,
                    element => element.as_expression().is_some_and(|element| is_constant(file, element, false)),
                })
        }
        Expression::UnaryExpression(unary) => {
            unary.operator.is_void()
                || (unary.operator.is_typeof() && as_condition)
                || is_constant(file, &unary.argument, unary.operator.is_not())
        }
        Expression::BinaryExpression(binary) => {
            binary.operator != BinaryOperator::In
                && is_constant(file, &binary.left, false)
                && is_constant(file, &binary.right, false)
        }
        Expression::LogicalExpression(logical) => {
            let left = is_constant(file, &logical.left, as_condition);
            let right = is_constant(file, &logical.right, as_condition);
            let left_decides = left && decides(&logical.left, logical.operator);
            let right_decides = as_condition && right && decides(&logical.right, logical.operator);
            (left && right) || left_decides || right_decides
        }
        Expression::AssignmentExpression(assignment) => match assignment.operator {
            AssignmentOperator::Assign => is_constant(file, &assignment.right, as_condition),
            AssignmentOperator::LogicalOr => as_condition && decides(&assignment.right, LogicalOperator::Or),
            AssignmentOperator::LogicalAnd => as_condition && decides(&assignment.right, LogicalOperator::And),
            _ => false,
        },
        Expression::SequenceExpression(sequence) => {
            sequence.expressions.last().is_some_and(|last| is_constant(file, last, as_condition))
        }
        Expression::Identifier(name) => name.name == "undefined" && is_unbound(file, name),
        Expression::CallExpression(call) => {
            let Expression::Identifier(callee) = &call.callee else { return false };
            let argument = call.arguments.first();
            callee.name == "Boolean"
                && is_unbound(file, callee)
                && argument.is_none_or(|first| {
                    first.as_expression().is_some_and(|first| is_constant(file, first, true))
                        && !matches!(first, Argument::SpreadElement(_))
                })
        }
        _ => false,
    }
}

/// Whether a constant side decides the whole: `true || …`, `false && …`.
fn decides(side: &Expression<'_>, operator: LogicalOperator) -> bool {
    let is_true = match side.without_parentheses() {
        Expression::BooleanLiteral(literal) => literal.value,
        Expression::NumericLiteral(literal) => literal.value != 0.0 && !literal.value.is_nan(),
        Expression::BigIntLiteral(literal) => literal.value != "0",
        Expression::StringLiteral(literal) => !literal.value.is_empty(),
        Expression::NullLiteral(_) => false,
        Expression::RegExpLiteral(_) => true,
        Expression::UnaryExpression(unary) if unary.operator.is_void() => false,
        Expression::LogicalExpression(logical) => {
            return logical.operator == operator
                && (decides(&logical.left, operator) || decides(&logical.right, operator));
        }
        _ => return false,
    };
    match operator {
        LogicalOperator::Or => is_true,
        LogicalOperator::And => !is_true,
        LogicalOperator::Coalesce => false,
    }
}
