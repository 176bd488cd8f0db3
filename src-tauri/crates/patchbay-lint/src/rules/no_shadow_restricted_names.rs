use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::ast::AstKind;

pub struct NoShadowRestrictedNames;

static DOCS: Docs = Docs {
    id: "no-shadow-restricted-names",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "A variable named `undefined`, `NaN` or `Infinity`. Same as oxlint's `no-shadow-restricted-names`.",
    why: "Code below it that means the built-in reads the variable instead.",
    good: "const missing = undefined;",
};

impl Rule for NoShadowRestrictedNames {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            let scoping = file.scoping();
            for symbol in scoping.symbol_ids() {
                let name = scoping.symbol_name(symbol);
                if !matches!(name, "undefined" | "NaN" | "Infinity" | "globalThis") {
                    continue;
                }
                // `let undefined;` is what it says.
                let is_unset = || {
                    let declared = file.nodes().kind(scoping.symbol_declaration(symbol));
                    matches!(declared, AstKind::VariableDeclarator(declarator) if declarator.init.is_none())
                        && !scoping.symbol_is_mutated(symbol)
                };
                if name == "undefined" && is_unset() {
                    continue;
                }
                context
                    .report(file, scoping.symbol_span(symbol), format!("This hides the built-in `{name}`"))
                    .help("Give the variable another name");
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
            &super::NoShadowRestrictedNames,
            &[
                handler("let undefined; return { undefined };"),
                handler("return { NaN: NaN, undefined: 1 };"),
                handler("const { undefined: a } = request; return { a };"),
            ],
            &[
                handler("const NaN = 1; return { NaN };"),
                case("export default { fetch: (undefined) => ({ undefined }) };"),
            ],
        );
    }
}
