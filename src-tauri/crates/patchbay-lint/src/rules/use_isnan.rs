use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::patterns::is_unbound;
use crate::project::File;
use oxc::ast::ast::Expression;
use oxc::ast::{AstKind, AstType};
use oxc::span::GetSpan as _;

pub struct UseIsnan;

static DOCS: Docs = Docs {
    id: "use-isnan",
    group: Group::Correctness,
    severity: Severity::Error,
    what: "A comparison with `NaN`. Same as oxlint's `use-isnan`.",
    why: "Nothing equals NaN, not even NaN: the check never finds the broken number.",
    good: "if (Number.isNaN(amount)) { … }",
};

impl Rule for UseIsnan {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            let is_nan = |expression: &Expression<'_>| is_nan(file, expression);
            for node in file.of_type(AstType::BinaryExpression) {
                let AstKind::BinaryExpression(comparison) = node.kind() else { continue };
                if !comparison.operator.is_equality() && !comparison.operator.is_compare() {
                    continue;
                }
                if let Some(nan) = [&comparison.left, &comparison.right].into_iter().find(|side| is_nan(side)) {
                    context
                        .report(file, nan.span(), "Nothing compares with NaN, not even NaN itself")
                        .help("Ask with `Number.isNaN(…)`");
                }
            }
            for node in file.of_type(AstType::SwitchStatement) {
                let AstKind::SwitchStatement(switch) = node.kind() else { continue };
                let tests = switch.cases.iter().filter_map(|case| case.test.as_ref());
                for nan in std::iter::once(&switch.discriminant).chain(tests).filter(|value| is_nan(value)) {
                    context
                        .report(file, nan.span(), "A `switch` compares with `===`, which NaN never passes")
                        .help("Ask with `Number.isNaN(…)` before the `switch`");
                }
            }
        }
    }
}

/// `NaN` or `Number.NaN` of the runtime.
fn is_nan(file: &File<'_>, expression: &Expression<'_>) -> bool {
    match expression.get_inner_expression() {
        Expression::Identifier(name) => name.name == "NaN" && is_unbound(file, name),
        inner => inner.get_member_expr().is_some_and(|member| {
            let Expression::Identifier(object) = member.object().get_inner_expression() else { return false };
            object.name == "Number" && member.static_property_name() == Some("NaN") && is_unbound(file, object)
        }),
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    #[test]
    fn cases() {
        test(
            &super::UseIsnan,
            &[
                handler("const n = Number(request.url); return { bad: Number.isNaN(n), same: Object.is(n, NaN) };"),
                case("export default { fetch: (NaN) => ({ a: 1 === NaN }) };"),
                case("const Number = { NaN: 1 }; export default { fetch: () => ({ a: 1 === Number.NaN }) };"),
                handler("const n = NaN; return { n: n + NaN };"),
            ],
            &[
                handler("const n = Number(request.url); if (n === NaN) return {}; return { n };"),
                handler("return { a: Number.NaN != Number(request.url) };"),
                handler("switch (Number(request.url)) { case NaN: return {}; default: return { ok: true }; }"),
            ],
        );
    }
}
