use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::patterns::is_unbound;
use oxc::ast::ast::Expression;
use oxc::ast::{AstKind, AstType};
use oxc::span::GetSpan as _;

pub struct ValidTypeof;

static DOCS: Docs = Docs {
    id: "valid-typeof",
    group: Group::Correctness,
    severity: Severity::Error,
    what: "A `typeof` compared with something that it never gives. Same as oxlint's `valid-typeof`.",
    why: "The check never holds, so the case that it was written for is not handled.",
    good: "if (typeof event.amount === 'number') { … }",
};

impl Rule for ValidTypeof {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::UnaryExpression) {
                let AstKind::UnaryExpression(unary) = node.kind() else { continue };
                if !unary.operator.is_typeof() {
                    continue;
                }
                let AstKind::BinaryExpression(comparison) = file.parent(node.id()) else { continue };
                if !comparison.operator.is_equality() {
                    continue;
                }
                let is_left = comparison.left.get_inner_expression().span() == unary.span;
                let other = if is_left { &comparison.right } else { &comparison.left };
                let given = match other.get_inner_expression() {
                    Expression::StringLiteral(text) => text.value.as_str(),
                    Expression::TemplateLiteral(template) if template.is_no_substitution_template() => {
                        template.quasis.first().map_or("", |quasi| quasi.value.raw.as_str())
                    }
                    Expression::Identifier(name) if name.name == "undefined" && is_unbound(file, name) => {
                        context
                            .report(file, other.span(), "`typeof` gives a text, which is never `undefined`")
                            .help("Compare with the text `'undefined'`");
                        continue;
                    }
                    _ => continue,
                };
                if !VALUES.contains(&given) {
                    context
                        .report(file, other.span(), format!("`typeof` never gives `{given}`"))
                        .help(format!("It gives one of {}", VALUES.join(", ")));
                }
            }
        }
    }
}

/// What `typeof` can give.
const VALUES: &[&str] = &["undefined", "object", "boolean", "number", "string", "function", "symbol", "bigint"];

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    #[test]
    fn cases() {
        test(
            &super::ValidTypeof,
            &[
                handler(
                    "return { a: typeof request === 'object', b: typeof env === typeof ctx, c: typeof request == `string` };",
                ),
                handler("const kind = 'x'; return { a: typeof request === kind, b: 'text' === kind };"),
                handler(
                    "return { a: typeof request + 'x', b: typeof request === 'bigint', c: 'function' !== typeof request };",
                ),
                case("export default { fetch: (undefined) => ({ a: typeof 1 === undefined }) };"),
            ],
            &[
                handler(
                    "const { amount } = await request.json(); if (typeof amount === 'nmuber') return {}; return { amount };",
                ),
                handler("return { a: typeof request.body === undefined };"),
                handler("return { a: 'array' == typeof request };"),
            ],
        );
    }
}
