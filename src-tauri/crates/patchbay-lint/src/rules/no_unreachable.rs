use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::reachability::unreachable;
use oxc::ast::ast::Statement;
use oxc::ast::{AstKind, AstType};

pub struct NoUnreachable;

static DOCS: Docs = Docs {
    id: "no-unreachable",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "Code behind `return`, `throw`, `break`, `continue` or an endless loop. Same as oxlint's `no-unreachable`.",
    why: "It never runs: the call to the upstream that stands there is not made.",
    good: "await notify(event);\nreturn { ok: true };",
};

impl Rule for NoUnreachable {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            let report = |statements: &[Statement<'_>]| {
                for span in unreachable(statements) {
                    context.report(file, span, "This is never reached").help("Move it up, or remove it");
                }
            };
            report(&file.semantic.nodes().program().body);
            for node in file.of_type(AstType::FunctionBody) {
                if let AstKind::FunctionBody(body) = node.kind() {
                    report(&body.statements);
                }
            }
            for node in file.of_type(AstType::StaticBlock) {
                if let AstKind::StaticBlock(block) = node.kind() {
                    report(&block.body);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoUnreachable,
            &[
                handler("if (request.url) { return { a: 1 }; } return {};"),
                handler("return helper(); function helper() { return {}; }"),
                handler("for (;;) { if (request.url) break; } return {};"),
                handler("try { return await request.json(); } catch { console.log('no JSON'); } return {};"),
                handler(
                    "switch (request.url) { case 'a': return { a: 1 }; case 'b': break; default: throw new Error('x'); } return {};",
                ),
                handler("outer: while (true) { for (const a of [1]) { if (a) break outer; } } return {};"),
                handler("const go = () => { return 1; }; return { a: go() };"),
                handler("do { if (request.url) continue; return { a: 1 }; } while (request.a); return {};"),
            ],
            &[
                handler("return {}; console.log('never');"),
                handler("if (request.url) { return { a: 1 }; } else { throw new Error('x'); } return {};"),
                handler("while (true) { await fetch('https://a.example'); } return {};"),
                handler(
                    "switch (request.url) { case 'a': return { a: 1 }; break; default: return {}; } await fetch('https://a.example');",
                ),
                handler(
                    "for (const a of [1]) { continue; console.log(a); } try { return {}; } finally { console.log('done'); } console.log('never');",
                ),
            ],
        );
    }
}
