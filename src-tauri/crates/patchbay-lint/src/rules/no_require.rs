use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::ast::ast::{Argument, Expression};
use oxc::ast::{AstKind, AstType};
use oxc::span::GetSpan as _;

pub struct NoRequire;

static DOCS: Docs = Docs {
    id: "no-require",
    group: Group::Runtime,
    severity: Severity::Error,
    what: "`require(…)` and `module.exports` in the adapter's own files.",
    why: "An adapter is an ES module. The runtime has no `require`, so the adapter throws before it sees its first event.",
    good: "import { Client } from '@notionhq/client';\nexport default { async fetch(request, env) { … } };",
};

impl Rule for NoRequire {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::CallExpression) {
                let AstKind::CallExpression(call) = node.kind() else { continue };
                if !context.meaning(file, &call.callee).is_some_and(|meaning| meaning.is_global("require")) {
                    continue;
                }
                let help = match call.arguments.first().and_then(Argument::as_expression) {
                    Some(Expression::StringLiteral(name)) => {
                        format!("Write `import … from \"{}\";` at the top of the file", name.value)
                    }
                    _ => "Write an `import` at the top of the file, or `await import(…)`".to_owned(),
                };
                context.report(file, call.callee.span(), "`require` does not exist in an ES module").help(help);
            }
            for node in file.of_type(AstType::AssignmentExpression) {
                let AstKind::AssignmentExpression(assignment) = node.kind() else { continue };
                let Some(member) = assignment.left.as_member_expression() else { continue };
                if member.static_property_name() == Some("exports")
                    && context.meaning(file, member.object()).is_some_and(|meaning| meaning.is_global("module"))
                {
                    context
                        .report(file, assignment.left.span(), "`module.exports` does not exist in an ES module")
                        .help("Write `export default` or `export`");
                }
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
            &super::NoRequire,
            &[
                case(
                    "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\nexport default { fetch: () => ({ x: require('x') }) };",
                ),
                handler("return { require: request.require('x') };"),
            ],
            &[
                case(
                    "const crypto = require('crypto');\nexport default { fetch: () => ({ id: crypto.randomUUID() }) };",
                ),
                case("module.exports = { fetch() { return {}; } };"),
            ],
        );
    }
}
