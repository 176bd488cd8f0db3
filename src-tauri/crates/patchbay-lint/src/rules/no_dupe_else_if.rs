use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::ast::ast::{Expression, LogicalOperator};
use oxc::ast::{AstKind, AstType};
use oxc::span::{ContentEq as _, GetSpan as _};

pub struct NoDupeElseIf;

static DOCS: Docs = Docs {
    id: "no-dupe-else-if",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "An `else if` whose condition an earlier one covers. Same as oxlint's `no-dupe-else-if`.",
    why: "The branch never runs, so an event that it was written for is not handled.",
    good: "if (event.type === 'paid') { … } else if (event.type === 'voided') { … }",
};

impl Rule for NoDupeElseIf {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::IfStatement) {
                let AstKind::IfStatement(choice) = node.kind() else { continue };
                if !matches!(file.nodes().parent_kind(node.id()), AstKind::IfStatement(_)) {
                    continue;
                }
                // What this condition needs, one list for each `||`, as far as no earlier condition covers it.
                let mut open: Vec<Vec<&Expression<'_>>> = split(&choice.test, LogicalOperator::Or)
                    .into_iter()
                    .map(|part| split(part, LogicalOperator::And))
                    .collect();
                let mut inner = choice.span;
                for kind in file.nodes().ancestor_kinds(node.id()).take(MOST) {
                    let AstKind::IfStatement(earlier) = kind else { break };
                    if earlier.alternate.as_ref().is_none_or(|otherwise| otherwise.span() != inner) {
                        break;
                    }
                    inner = earlier.span;
                    for covering in split(&earlier.test, LogicalOperator::Or) {
                        let needed = split(covering, LogicalOperator::And);
                        open.retain(|own| !needed.iter().all(|part| own.iter().any(|own| is_same(own, part))));
                    }
                    if open.is_empty() {
                        context
                            .report(file, choice.test.span(), "This branch never runs")
                            .and(earlier.test.span(), "This condition covers it")
                            .help("Ask for what you meant, or remove the branch");
                        break;
                    }
                }
            }
        }
    }
}

/// Conditions of one chain that are compared with each other. Code that has more is machine-made.
const MOST: usize = 100;

/// The parts of a condition between operators of one kind.
fn split<'e, 'a>(expression: &'e Expression<'a>, operator: LogicalOperator) -> Vec<&'e Expression<'a>> {
    let mut parts = Vec::new();
    let mut open = vec![expression];
    while let Some(part) = open.pop() {
        match part.without_parentheses() {
            Expression::LogicalExpression(logical) if logical.operator == operator => {
                open.push(&logical.left);
                open.push(&logical.right);
            }
            part => parts.push(part),
        }
    }
    parts
}

/// Whether two conditions are the same, `a || b` and `b || a` included.
fn is_same(one: &Expression<'_>, other: &Expression<'_>) -> bool {
    match (one.without_parentheses(), other.without_parentheses()) {
        (Expression::LogicalExpression(one), Expression::LogicalExpression(other))
            if one.operator == other.operator =>
        {
            (is_same(&one.left, &other.left) && is_same(&one.right, &other.right))
                || (is_same(&one.left, &other.right) && is_same(&one.right, &other.left))
        }
        (one, other) => one.content_eq(other),
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoDupeElseIf,
            &[
                handler(
                    "if (request.a) return { a: 1 }; else if (request.b) return { b: 1 }; else if (request.c || request.d) return {}; return {};",
                ),
                handler("if (request.a && request.b) return { a: 1 }; else if (request.a) return { b: 1 }; return {};"),
                handler("if (request.a) return { a: 1 }; if (request.a) return { b: 1 }; return {};"),
                handler("if (request.a) { if (request.a) return { a: 1 }; } else { return {}; } return {};"),
            ],
            &[
                handler(
                    "if (request.a === 1) return { a: 1 }; else if (request.b) return {}; else if (request.a === 1) return { b: 1 }; return {};",
                ),
                handler("if (request.a || request.b) return { a: 1 }; else if (request.a) return { b: 1 }; return {};"),
                handler(
                    "if (request.a) return { a: 1 }; else if (request.b) return {}; else if (request.b || request.a) return { b: 1 }; return {};",
                ),
            ],
        );
    }
}
