use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::patterns::is_unbound;
use oxc::ast::ast::Expression;
use oxc::ast::{AstKind, AstType};
use oxc::span::Span;

pub struct NoNewNativeNonconstructor;

static DOCS: Docs = Docs {
    id: "no-new-native-nonconstructor",
    group: Group::Correctness,
    severity: Severity::Error,
    what: "`new Symbol` and `new BigInt`. Same as oxlint's `no-new-native-nonconstructor`.",
    why: "They are functions, not classes: `new` throws a TypeError.",
    good: "const amount = BigInt(event.amount);",
};

impl Rule for NoNewNativeNonconstructor {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::NewExpression) {
                let AstKind::NewExpression(made) = node.kind() else { continue };
                let Expression::Identifier(callee) = made.callee.get_inner_expression() else { continue };
                let name = callee.name.as_str();
                if !matches!(name, "Symbol" | "BigInt") || !is_unbound(file, callee) {
                    continue;
                }
                let keyword = Span::sized(made.span.start, 3);
                let message = format!("`{name}` cannot be called with `new`");
                context.report(file, keyword, message).help(format!("Write `{name}(…)`"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoNewNativeNonconstructor,
            &[
                handler("return { a: String(Symbol('a')), b: BigInt(1) > 0n };"),
                case("export default { fetch: (Symbol) => new Symbol('a') };"),
                case(
                    "class BigInt { constructor(value) { this.value = value; } } export default { fetch: () => new BigInt(1) };",
                ),
            ],
            &[
                handler("return { amount: new BigInt(request.url) };"),
                handler("const key = new Symbol('key'); return { [key]: 1 };"),
            ],
        );
    }
}
