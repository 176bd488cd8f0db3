use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::globals::{is_global, is_node_only};
use crate::node_support::NodeSupport;
use oxc::ast::AstKind;
use oxc::span::GetSpan as _;

pub struct NoUndef;

static DOCS: Docs = Docs {
    id: "no-undef",
    group: Group::Correctness,
    severity: Severity::Error,
    what: "Names that are neither declared nor provided by the Workers runtime. Same as oxlint's `no-undef` with the globals of Workers.",
    why: "Reading such a name throws a ReferenceError, often only in the branch that handles the rare event.",
    good: "import { mapFields } from './map';\nreturn mapFields(event);",
};

impl Rule for NoUndef {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        let node = NodeSupport::of(context.manifest);
        for file in context.checked_files().filter(|file| file.is_whole) {
            for (name, references) in file.scoping().root_unresolved_references() {
                let name = name.as_str();
                // Other rules say more about these.
                if is_global(name, node) || is_node_only(name) || matches!(name, "require" | "module") {
                    continue;
                }
                for id in references {
                    if context.is_full() {
                        return;
                    }
                    let reference = file.scoping().get_reference(*id);
                    // `typeof name` is how code asks whether a name is there; types have names of their own.
                    let asks = matches!(file.parent(reference.node_id()), AstKind::UnaryExpression(unary) if unary.operator.is_typeof());
                    if !reference.is_value() || asks || is_ambient(file, reference.node_id()) {
                        continue;
                    }
                    let span = file.nodes().kind(reference.node_id()).span();
                    let report = context.report(file, span, format!("`{name}` is not declared"));
                    let help = match name {
                        "window" | "document" | "localStorage" | "XMLHttpRequest" => {
                            format!("`{name}` belongs to browsers; use `fetch` and `globalThis`")
                        }
                        _ => "Declare or import it, or check its spelling".to_owned(),
                    };
                    report.help(help);
                }
            }
        }
    }
}

/// Whether a name stands where nothing is executed, as in `declare` or in types.
fn is_ambient(file: &crate::project::File<'_>, node: oxc::semantic::NodeId) -> bool {
    file.nodes().ancestor_kinds(node).any(|kind| {
        matches!(
            kind,
            AstKind::TSTypeQuery(_)
                | AstKind::TSTypeAnnotation(_)
                | AstKind::TSInterfaceDeclaration(_)
                | AstKind::TSTypeAliasDeclaration(_)
        ) || matches!(kind, AstKind::VariableDeclaration(declaration) if declaration.declare)
    })
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};
    use serde_json::json;

    #[test]
    fn cases() {
        test(
            &super::NoUndef,
            &[
                handler("return { now: Date.now(), id: crypto.randomUUID(), url: new URL(request.url).pathname };"),
                handler("if (typeof Bun !== 'undefined') return {}; return {};"),
                case(
                    "type Event = Missing<string>;\nexport default { async fetch(request: Request, env: Env): Promise<Nothing> { return (await request.json()) as Event; } };",
                ),
                handler("return { b: Buffer.from('x') };").manifest(&json!({ "compatibility_date": "2026-11-01" })),
                // Said by `node-without-compat`.
                handler("return { b: Buffer.from('x') };").manifest(&json!({ "compatibility_date": "2026-06-01" })),
                case(
                    "enum Kind { One }\nnamespace Names { export const a = 1; }\nexport default { fetch: () => ({ a: Kind.One, b: Names.a }) };",
                ),
                case("declare const BUILD: string;\nexport default { fetch: () => ({ build: BUILD }) };"),
            ],
            &[handler("return mapFeilds(await request.json());"), handler("window.location = '/'; return {};")],
        );
    }
}
