use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::handlers::{DefaultExport, start_of};
use crate::patterns::as_call;
use oxc::ast::{AstKind, AstType};
use oxc::span::GetSpan as _;

pub struct NoDefaultExport;

static DOCS: Docs = Docs {
    id: "no-default-export",
    group: Group::Runtime,
    severity: Severity::Error,
    what: "An entry without a default export.",
    why: "The platform calls `fetch` of the entry's default export. Without one the upload is refused.",
    good: "export default { async fetch(request, env) { return { ok: true }; } };",
};

impl Rule for NoDefaultExport {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        let (Some(entry), DefaultExport::Missing) = (context.entry_file(), context.handlers.export) else { return };
        let old_syntax = entry.of_type(AstType::ExpressionStatement).find_map(|node| match node.kind() {
            AstKind::ExpressionStatement(statement) => {
                let call = as_call(&statement.expression)?;
                let listens = context.meaning(entry, &call.callee)?.is_global("addEventListener");
                listens.then_some(call.callee.span())
            }
            _ => None,
        });
        let message = "The entry has no default export, so the platform has nothing to call";
        match old_syntax {
            Some(span) => context
                .report(entry, span, message)
                .help("`addEventListener(\"fetch\", …)` is the old syntax; write `export default { async fetch(request, env) { … } };`"),
            None => context
                .report(entry, start_of(entry), message)
                .help("Write `export default { async fetch(request, env) { … } };`"),
        };
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, test};

    #[test]
    fn cases() {
        test(
            &super::NoDefaultExport,
            &[
                case("const adapter = { fetch: () => ({}) };\nexport { adapter as default };"),
                case("export { default } from './other';")
                    .file("src/other.ts", "export default { fetch: () => ({}) };"),
                case("import app from './other';\nexport default app;")
                    .file("src/other.ts", "export default { fetch: () => ({}) };"),
                case("export default class { fetch() { return {}; } }"),
            ],
            &[
                case("export async function fetch(request) { return {}; }"),
                case("addEventListener('fetch', (event) => event.respondWith(new Response('ok')));"),
                case(""),
            ],
        );
    }
}
