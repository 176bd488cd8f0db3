use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::ast::ast::{
    ArrayExpressionElement, AssignmentOperator, AssignmentTarget, AssignmentTargetMaybeDefault,
    AssignmentTargetProperty, Expression, MemberExpression, ObjectPropertyKind,
};
use oxc::ast::{AstKind, AstType};
use oxc::span::{ContentEq as _, GetSpan as _, Span};

pub struct NoSelfAssign;

static DOCS: Docs = Docs {
    id: "no-self-assign",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "An assignment of something to itself. Same as oxlint's `no-self-assign`.",
    why: "It does nothing; one of the sides should be something else.",
    good: "page.title = event.title;",
};

impl Rule for NoSelfAssign {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::AssignmentExpression) {
                let AstKind::AssignmentExpression(assignment) = node.kind() else { continue };
                let gives_as_it_is = matches!(
                    assignment.operator,
                    AssignmentOperator::Assign
                        | AssignmentOperator::LogicalAnd
                        | AssignmentOperator::LogicalOr
                        | AssignmentOperator::LogicalNullish
                );
                if !gives_as_it_is {
                    continue;
                }
                let mut found = Vec::new();
                compare(&assignment.left, &assignment.right, &mut found);
                for place in found {
                    context
                        .report(file, place, "This is assigned to itself")
                        .help("Assign what you meant, or remove it");
                }
            }
        }
    }
}

/// Finds the parts of a value that are given to themselves.
fn compare(target: &AssignmentTarget<'_>, value: &Expression<'_>, found: &mut Vec<Span>) {
    let value = value.without_parentheses();
    match (target, value) {
        (AssignmentTarget::AssignmentTargetIdentifier(name), Expression::Identifier(given)) => {
            if name.name == given.name {
                found.push(given.span);
            }
        }
        (AssignmentTarget::ArrayAssignmentTarget(pattern), Expression::ArrayExpression(array)) => {
            for (part, element) in pattern.elements.iter().zip(&array.elements) {
                let Some(given) = element.as_expression() else {
                    // Behind a spread the places are not known.
                    if matches!(element, ArrayExpressionElement::SpreadElement(_)) {
                        return;
                    }
                    continue;
                };
                if let Some(target) = part.as_ref().and_then(AssignmentTargetMaybeDefault::as_assignment_target) {
                    compare(target, given, found);
                }
            }
            if let (Some(rest), Some(ArrayExpressionElement::SpreadElement(last))) =
                (&pattern.rest, array.elements.last())
                && array.elements.len() == pattern.elements.len() + 1
            {
                compare(&rest.target, &last.argument, found);
            }
        }
        (AssignmentTarget::ObjectAssignmentTarget(pattern), Expression::ObjectExpression(object)) => {
            // What stands before a spread may come from it.
            let spread = object.properties.iter().rposition(|property| property.as_property().is_none());
            let own = &object.properties[spread.map_or(0, |last| last + 1)..];
            for property in own.iter().filter_map(ObjectPropertyKind::as_property) {
                let Some(key) = property.key.static_name() else { continue };
                for part in &pattern.properties {
                    match part {
                        AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(part) => {
                            let is_same = matches!(&property.value, Expression::Identifier(given) if given.name == part.binding.name);
                            if key == part.binding.name && is_same {
                                found.push(property.span);
                            }
                        }
                        AssignmentTargetProperty::AssignmentTargetPropertyProperty(part) => {
                            if part.name.static_name().is_some_and(|name| name == key)
                                && let Some(target) = part.binding.as_assignment_target()
                            {
                                let mut inner = Vec::new();
                                compare(target, &property.value, &mut inner);
                                found.append(&mut inner);
                            }
                        }
                    }
                }
            }
        }
        _ => {
            let (Some(target), Some(given)) = (target.as_member_expression(), value.as_member_expression()) else {
                return;
            };
            if is_plain(target) && target.content_eq(given) {
                found.push(value.span());
            }
        }
    }
}

/// Whether reading a member twice gives the same: no calls, and every name is written out.
fn is_plain(member: &MemberExpression<'_>) -> bool {
    let is_known = match member {
        MemberExpression::ComputedMemberExpression(member) => {
            matches!(member.expression.without_parentheses(), Expression::Identifier(_))
                || member.expression.is_literal()
        }
        _ => true,
    };
    is_known
        && match member.object().without_parentheses() {
            Expression::Identifier(_) | Expression::ThisExpression(_) => true,
            object => object.as_member_expression().is_some_and(is_plain),
        }
}

#[cfg(test)]
mod tests {
    use crate::tester::{handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoSelfAssign,
            &[
                handler("let a = 1, b = 2; a = b; [a, b] = [b, a]; a += a; return { a, b };"),
                handler("const page = { a: 1 }; page.a = page.b; page.a = request.a; return page;"),
                handler("request.next().a = request.next().a; return {};"),
                handler("let a = {}; a = { a }; return { a };"),
            ],
            &[
                handler("let a = 1; a = a; return { a };"),
                handler("const page = { a: { b: 1 } }; page.a.b = page.a.b; page['a'] = page['a']; return page;"),
                handler("let a = 1, b = 2; [a, b] = [a, 1]; ({ a, b } = { a: 1, b }); return { a, b };"),
            ],
        );
    }
}
