use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::project::File;
use oxc::ast::{AstKind, AstType};
use oxc::semantic::AstNode;
use oxc::span::GetSpan as _;

pub struct NoUnsafeFinally;

static DOCS: Docs = Docs {
    id: "no-unsafe-finally",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "`return`, `throw`, `break` or `continue` that leaves a `finally`. Same as oxlint's `no-unsafe-finally`.",
    why: "It throws away what was returned or thrown before, also the error that should have made the sender try again.",
    good: "finally {\n  timer.stop();\n}",
};

impl Rule for NoUnsafeFinally {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            let mut attempts = file.of_type(AstType::TryStatement);
            if !attempts
                .any(|node| matches!(node.kind(), AstKind::TryStatement(attempt) if attempt.finalizer.is_some()))
            {
                continue;
            }
            for kind in
                [AstType::ReturnStatement, AstType::ThrowStatement, AstType::BreakStatement, AstType::ContinueStatement]
            {
                for node in file.of_type(kind).filter(|node| leaves_finally(file, node)) {
                    context
                        .report(
                            file,
                            node.kind().span(),
                            "This overrides what was returned or thrown before the `finally`",
                        )
                        .help("Keep the `finally` for cleaning up, and leave after it");
                }
            }
        }
    }
}

/// Whether a jump leads out of a `finally` that it stands in.
fn leaves_finally(file: &File<'_>, jump: &AstNode<'_>) -> bool {
    let (label, stops_at_loops, stops_at_switches) = match jump.kind() {
        AstKind::BreakStatement(jump) => (jump.label.as_ref(), jump.label.is_none(), jump.label.is_none()),
        AstKind::ContinueStatement(jump) => (jump.label.as_ref(), jump.label.is_none(), false),
        _ => (None, false, false),
    };
    let mut inner = jump.kind().span();
    for kind in file.nodes().ancestor_kinds(jump.id()) {
        match kind {
            AstKind::Function(_) | AstKind::ArrowFunctionExpression(_) | AstKind::Class(_) | AstKind::Program(_) => {
                return false;
            }
            AstKind::LabeledStatement(labelled) if label.is_some_and(|label| label.name == labelled.label.name) => {
                return false;
            }
            AstKind::SwitchStatement(_) if stops_at_switches => return false,
            kind if stops_at_loops && kind.is_iteration_statement() => return false,
            AstKind::TryStatement(attempt) if attempt.finalizer.as_ref().is_some_and(|last| last.span == inner) => {
                return true;
            }
            _ => {}
        }
        inner = kind.span();
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::tester::{handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoUnsafeFinally,
            &[
                handler("try { return {}; } finally { for (const a of [1]) { if (a) break; continue; } }"),
                handler("try { return {}; } finally { [1].map(() => { return 1; }); }"),
                handler("try { return {}; } catch { return { a: 1 }; } finally { console.log('done'); }"),
                handler(
                    "try { return {}; } finally { switch (request.url) { case 'a': break; } block: { break block; } }",
                ),
            ],
            &[
                handler("try { return await request.json(); } finally { return {}; }"),
                handler("try { return {}; } finally { if (request.url) { throw new Error('x'); } }"),
                handler("for (const a of [1]) { try { console.log(a); } finally { continue; } } return {};"),
                handler("outer: for (;;) { try { return {}; } finally { for (;;) { break outer; } } }"),
            ],
        );
    }
}
