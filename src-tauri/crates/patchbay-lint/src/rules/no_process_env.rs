use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::meaning::Root;
use crate::node_support::NodeSupport;
use oxc::ast::{AstKind, AstType};

pub struct NoProcessEnv;

static DOCS: Docs = Docs {
    id: "no-process-env",
    group: Group::Tenant,
    severity: Severity::Error,
    what: "`process.env`, from the global or from `node:process`.",
    why: "Bindings come as the second parameter of the handler. Whether `process.env` holds any depends on the compatibility date, it holds texts only, and a missing declaration goes unnoticed.",
    good: "async fetch(request, env) { const token = env.NOTION_TOKEN; … }",
};

impl Rule for NoProcessEnv {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        let is_filled = NodeSupport::of(context.manifest).has_process_env;
        for file in context.checked_files() {
            for node in file.of_type(AstType::StaticMemberExpression) {
                let AstKind::StaticMemberExpression(member) = node.kind() else { continue };
                if member.property.name != "env" {
                    continue;
                }
                let Some(object) = context.meaning(file, &member.object) else { continue };
                let is_process = object.is_global("process")
                    || matches!(object.root, Root::Import { from: "node:process" | "process", name: "default" } if object.members.is_empty());
                if !is_process {
                    continue;
                }
                let (severity, message) = if is_filled {
                    (
                        Severity::Warning,
                        "`process.env` has only the bindings that are texts, and hides from checks which ones are read",
                    )
                } else {
                    (Severity::Error, "`process.env` does not hold the bindings")
                };
                context
                    .report(file, member.span, message)
                    .severity(severity)
                    .help("Read the handler's second parameter: `async fetch(request, env)` and `env.NAME`");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};
    use serde_json::json;

    #[test]
    fn cases() {
        test(
            &super::NoProcessEnv,
            &[
                handler("const process = { env: { A: 1 } }; return { a: process.env.A };"),
                handler("return { token: env.TOKEN };"),
            ],
            &[
                handler("return { token: process.env.TOKEN };")
                    .manifest(&json!({ "compatibility_date": "2026-06-01" })),
                handler("const { TOKEN } = globalThis.process.env; return { TOKEN };"),
                case("import process from 'node:process';\nexport default { fetch: () => ({ a: process.env.A }) };")
                    .manifest(&json!({ "compatibility_flags": ["no_nodejs_compat"] })),
            ],
        );
    }
}
