use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::globals::is_node_only;
use crate::node_support::{NodeModules, NodeSupport, node_module};
use crate::project::File;
use oxc::ast::AstKind;
use oxc::ast::AstType;
use oxc::ast::ast::{Expression, ImportDeclaration, ImportDeclarationSpecifier};
use oxc::semantic::NodeId;
use oxc::span::{GetSpan as _, Span};

pub struct NodeWithoutCompat;

static DOCS: Docs = Docs {
    id: "node-without-compat",
    group: Group::Runtime,
    severity: Severity::Error,
    what: "Modules and globals of Node (`node:fs`, `Buffer`, `process`, `__dirname`) in an adapter whose compatibility date and flags do not bring them.",
    why: "An import of a module that is not there keeps the adapter from starting; a global that is not there throws a ReferenceError.",
    good: "# adapter.toml\ncompatibility_date = \"2026-08-04\" # Node is there from this date on",
};

impl Rule for NodeWithoutCompat {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        let node = NodeSupport::of(context.manifest);
        for file in context.checked_files().filter(|file| file.is_whole) {
            if node.modules != NodeModules::Many {
                modules(context, file, node);
            }
            globals(context, file, node);
        }
    }
}

fn modules<'a>(context: &Context<'_, 'a>, file: &File<'a>, node: NodeSupport) {
    let report = |specifier: &str, span: Span| {
        let Some(name) = node_module(specifier) else { return };
        // The runtime has the first of these with the flag, the second always.
        if (name == "async_hooks" && node.modules == NodeModules::AsyncHooks) || specifier == "node:process" {
            return;
        }
        let instead = match name {
            "crypto" => "; `crypto.subtle` and `crypto.randomUUID()` are there without Node",
            "fs" | "fs/promises" => "; import files as modules, there are no others at run time",
            "http" | "https" => "; `fetch` is there without Node",
            _ => "",
        };
        context
            .report(file, span, format!("`{specifier}` belongs to Node, which the date and flags in adapter.toml do not bring"))
            .help(format!(
                "Set `compatibility_date` in adapter.toml to 2026-08-04 or later, or `compatibility_flags = [\"nodejs_compat\"]`{instead}"
            ));
    };
    for node in file.of_type(AstType::ImportDeclaration) {
        let AstKind::ImportDeclaration(import) = node.kind() else { continue };
        if !is_erased(file, import) {
            report(import.source.value.as_str(), import.source.span);
        }
    }
    for node in file.of_type(AstType::ImportExpression) {
        let AstKind::ImportExpression(import) = node.kind() else { continue };
        if let Expression::StringLiteral(source) = &import.source
            && !is_guarded(file, node.id())
        {
            report(source.value.as_str(), source.span);
        }
    }
}

/// Whether nothing of an import is left when the types are gone.
fn is_erased(file: &File<'_>, import: &ImportDeclaration<'_>) -> bool {
    if import.import_kind.is_type() {
        return true;
    }
    let Some(specifiers) = &import.specifiers else { return false };
    let is_used = |specifier: &ImportDeclarationSpecifier<'_>| {
        let symbol = specifier.local().symbol_id.get();
        symbol.is_some_and(|symbol| {
            file.scoping().get_resolved_references(symbol).any(oxc::semantic::Reference::is_value)
        })
    };
    file.semantic.source_type().is_typescript() && !specifiers.is_empty() && !specifiers.iter().any(is_used)
}

/// Whether a `try` or `catch(…)` stands around it, so that the author counts with its failing.
fn is_guarded(file: &File<'_>, node: NodeId) -> bool {
    file.nodes().ancestor_kinds(node).any(|kind| match kind {
        AstKind::TryStatement(_) => true,
        AstKind::StaticMemberExpression(member) => member.property.name == "catch",
        _ => false,
    })
}

fn globals<'a>(context: &Context<'_, 'a>, file: &File<'a>, node: NodeSupport) {
    for (name, references) in file.scoping().root_unresolved_references() {
        let name = name.as_str();
        let is_file_name = matches!(name, "__dirname" | "__filename");
        if !is_node_only(name) || (node.has_globals && !is_file_name) {
            continue;
        }
        for id in references {
            let reference = file.scoping().get_reference(*id);
            let parent = file.parent(reference.node_id());
            let asks = matches!(parent, AstKind::UnaryExpression(unary) if unary.operator.is_typeof());
            // `no-process-env` says more about that.
            let is_env = matches!(parent, AstKind::StaticMemberExpression(member) if name == "process" && member.property.name == "env");
            if !reference.is_value() || asks || is_env || is_asked_for(file, name, reference.node_id()) {
                continue;
            }
            let span = file.nodes().kind(reference.node_id()).span();
            let help = match name {
                "__dirname" | "__filename" => {
                    "There are no files at run time; import what you need as a module".to_owned()
                }
                "global" => "Write `globalThis`".to_owned(),
                "setImmediate" | "clearImmediate" => {
                    "Write `queueMicrotask(…)` or `await scheduler.wait(0)`, or set `compatibility_date` in adapter.toml to 2026-08-04 or later".to_owned()
                }
                name if node.modules == NodeModules::Many => format!("Import it from `node:{}`", name.to_ascii_lowercase()),
                _ => "Set `compatibility_date` in adapter.toml to 2026-08-04 or later, or `compatibility_flags = [\"nodejs_compat\"]`".to_owned(),
            };
            let message = if is_file_name {
                format!("`{name}` does not exist in an ES module")
            } else {
                format!("`{name}` belongs to Node, which the date and flags in adapter.toml do not bring")
            };
            context.report(file, span, message).help(help);
        }
    }
}

/// Whether a `typeof name` of the same global stands in a test around the place, as in libraries for several runtimes.
fn is_asked_for(file: &File<'_>, name: &str, node: NodeId) -> bool {
    let asks = |test: &Expression<'_>| {
        let span = test.span();
        file.of_type(AstType::UnaryExpression).any(|node| match node.kind() {
            AstKind::UnaryExpression(unary) if unary.operator.is_typeof() && span.contains_inclusive(unary.span) => {
                matches!(unary.argument.get_inner_expression(), Expression::Identifier(given) if given.name == name)
            }
            _ => false,
        })
    };
    file.nodes().ancestor_kinds(node).any(|kind| match kind {
        AstKind::IfStatement(choice) => asks(&choice.test),
        AstKind::ConditionalExpression(choice) => asks(&choice.test),
        AstKind::LogicalExpression(both) => asks(&both.left),
        AstKind::TryStatement(_) => true,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use crate::tester::{Case, case, handler, test};
    use serde_json::json;

    fn old(case: Case) -> Case {
        case.manifest(&json!({ "compatibility_date": "2026-06-01" }))
    }

    fn with_flag(case: Case, flag: &str) -> Case {
        case.manifest(&json!({ "compatibility_date": "2026-06-01", "compatibility_flags": [flag] }))
    }

    const HASH: &str = "import { createHash } from 'node:crypto';\nexport default { fetch: () => ({ h: createHash('sha256').digest('hex') }) };";

    #[test]
    fn cases() {
        test(
            &super::NodeWithoutCompat,
            &[
                case(HASH),
                case(HASH).manifest(&json!({ "compatibility_date": "2026-08-04" })),
                with_flag(case(HASH), "nodejs_compat"),
                case(HASH).manifest(&json!({ "compatibility_flags": ["no_nodejs_compat"] })),
                with_flag(
                    case(
                        "import { AsyncLocalStorage } from 'node:async_hooks';\nexport const local = new AsyncLocalStorage();\nexport default { fetch: () => ({}) };",
                    ),
                    "nodejs_als",
                ),
                old(case(
                    "import type { Buffer } from 'node:buffer';\nexport default { fetch: (): { b?: Buffer } => ({}) };",
                )),
                old(case(
                    "import { Buffer } from 'node:buffer';\nexport default { fetch: (): { b?: Buffer } => ({}) };",
                )),
                old(case(
                    "import { Buffer } from 'buffer';\nexport default { fetch: () => ({ b: Buffer.from('x') }) };",
                )),
                old(case(
                    "import { Buffer } from './bytes';\nexport default { fetch: () => ({ b: Buffer.from('x') }) };",
                ))
                .file("src/bytes.ts", "export class Buffer { static from(text: string) { return text; } }"),
                old(handler(
                    "const text = typeof Buffer === 'undefined' ? btoa('x') : Buffer.from('x').toString('base64'); return { text };",
                )),
                old(handler("const fs = await import('node:fs').catch(() => null); return { fs: fs !== null };")),
                old(handler("return { token: process.env.TOKEN };")),
                handler("return { b: Buffer.from('x'), up: process.uptime(), g: global.name };"),
            ],
            &[
                old(case(HASH)),
                old(case("import fs from 'fs/promises';\nexport default { fetch: () => fs.readFile('a') };")),
                old(case("import 'node:http';\nexport default { fetch: () => ({}) };")),
                old(handler(
                    "const { readFile } = await import('node:fs/promises'); return { text: await readFile('a') };",
                )),
                old(handler("return { b: Buffer.from('x').toString('base64') };")),
                old(handler("setImmediate(() => {}); return { at: process.hrtime(), g: global.name };")),
                case("import { b } from './b';\nexport default { fetch: () => b() };")
                    .file("src/b.ts", "export const b = () => ({ b: Buffer.from('x') });")
                    .manifest(&json!({ "compatibility_flags": ["no_nodejs_compat_v2"] })),
                handler("return { path: __dirname };"),
            ],
        );
    }
}
