use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::ast::ast::{BinaryOperator, Expression, UnaryOperator};
use oxc::ast::{AstKind, AstType};
use oxc::span::GetSpan as _;

pub struct NoUnsafeNegation;

static DOCS: Docs = Docs {
    id: "no-unsafe-negation",
    group: Group::Correctness,
    severity: Severity::Error,
    what: "`!key in table` and `!value instanceof Class`. Same as oxlint's `no-unsafe-negation`.",
    why: "The `!` belongs to the left side only, so that the question is whether `false` is in the table.",
    good: "if (!(key in table)) { … }",
};

impl Rule for NoUnsafeNegation {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::BinaryExpression) {
                let AstKind::BinaryExpression(relation) = node.kind() else { continue };
                let Expression::UnaryExpression(negation) = &relation.left else { continue };
                if !matches!(relation.operator, BinaryOperator::In | BinaryOperator::Instanceof)
                    || negation.operator != UnaryOperator::LogicalNot
                {
                    continue;
                }
                let operator = relation.operator.as_str();
                let text = file.source.text();
                let rest = &text[negation.argument.span().start as usize..relation.span.end as usize];
                context
                    .report(file, negation.span, format!("The `!` applies to the left side of `{operator}` only"))
                    .help("Put the whole question in parentheses")
                    .fix("Negate the whole question", false, relation.span, format!("!({rest})"));
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
            &super::NoUnsafeNegation,
            &[
                handler("return { a: !('x' in env), b: !(request instanceof Request) };"),
                handler("return { a: (!request) in env, b: !request === env };"),
                handler("return { a: -1 in env };"),
            ],
            &[
                handler("if (!'TOKEN' in env) return {}; return { ok: true };"),
                handler("return { a: !request instanceof Request };"),
            ],
        );
    }
}
