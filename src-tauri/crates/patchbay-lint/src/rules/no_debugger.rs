use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::ast::{AstKind, AstType};

pub struct NoDebugger;

static DOCS: Docs = Docs {
    id: "no-debugger",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "`debugger` statements. Same as oxlint's `no-debugger`.",
    why: "They do nothing on the platform, and stop whoever inspects the adapter later.",
    good: "console.log(event.event_id);",
};

impl Rule for NoDebugger {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::DebuggerStatement) {
                let AstKind::DebuggerStatement(statement) = node.kind() else { continue };
                let report = context
                    .report(file, statement.span, "A `debugger` statement does nothing in production")
                    .help("Remove it");
                // Where a statement must stand, as in `if (x) debugger;`, the place cannot be left empty.
                let stands_alone = matches!(
                    file.parent(node.id()),
                    AstKind::Program(_) | AstKind::FunctionBody(_) | AstKind::BlockStatement(_)
                );
                if stands_alone {
                    report.fix("Remove `debugger`", true, statement.span, "");
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
            &super::NoDebugger,
            &[handler("return { debugger: 'debugger' };"), case("// debugger\nexport default { fetch: () => ({}) };")],
            &[handler("debugger; return {};"), handler("if (request) debugger; return {};")],
        );
    }
}
