use super::{Docs, Group, Rule};
use crate::constants::is_constant;
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::project::File;
use oxc::ast::ast::Expression;
use oxc::ast::{AstKind, AstType};
use oxc::span::{GetSpan as _, Span};

pub struct NoConstantCondition;

static DOCS: Docs = Docs {
    id: "no-constant-condition",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "A condition that is the same every time. Same as oxlint's `no-constant-condition`.",
    why: "One of the branches never runs; often a comparison or an operator is missing.",
    good: "while (true) {\n  if (!page.next_cursor) break;\n}",
};

impl Rule for NoConstantCondition {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            let is_constant = |test: &Expression<'_>| is_constant(file, test, true);
            for node in file.of_type(AstType::IfStatement) {
                if let AstKind::IfStatement(choice) = node.kind()
                    && is_constant(&choice.test)
                {
                    report(context, file, choice.test.span());
                }
            }
            for node in file.of_type(AstType::ConditionalExpression) {
                if let AstKind::ConditionalExpression(choice) = node.kind()
                    && is_constant(&choice.test)
                {
                    report(context, file, choice.test.span());
                }
            }
            let loops = [AstType::WhileStatement, AstType::DoWhileStatement, AstType::ForStatement];
            for node in loops.into_iter().flat_map(|kind| file.of_type(kind)) {
                let test = match node.kind() {
                    // `while (true)` is how people write a loop that is left from inside.
                    AstKind::WhileStatement(repeat) => {
                        let is_meant = matches!(&repeat.test, Expression::BooleanLiteral(literal) if literal.value);
                        (!is_meant).then_some(&repeat.test)
                    }
                    AstKind::DoWhileStatement(repeat) => Some(&repeat.test),
                    AstKind::ForStatement(repeat) => repeat.test.as_ref(),
                    _ => None,
                };
                if let Some(test) = test.filter(|test| is_constant(test)) {
                    report(context, file, test.span());
                }
            }
        }
    }
}

fn report<'a>(context: &Context<'_, 'a>, file: &File<'a>, place: Span) {
    context
        .report(file, place, "This condition is the same every time")
        .help("Ask what you meant to ask, or remove the branch that never runs");
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoConstantCondition,
            &[
                handler("while (true) { if (request.url) break; } for (;;) { return {}; }"),
                handler("if (request.url) return {}; return env.A ? { a: 1 } : {};"),
                handler("const debug = false; if (debug) console.log('x'); return {};"),
                handler(
                    "if (typeof request === 'object' || request.a) return {}; if (`${request.url}`) return {}; return {};",
                ),
                handler("let a; if ((a = request.url)) return { a }; do { console.log(a); } while (a--); return {};"),
                case("export default { fetch: (undefined) => (undefined ? { a: 1 } : {}) };"),
                handler("if (request.a || false) return {}; if (Boolean(request.b)) return {}; return {};"),
            ],
            &[
                handler("if (true) return {}; return { a: 1 };"),
                handler("if (request.type || 'paid') return {}; return {};"),
                handler("let kind; if ((kind = 'paid')) return { kind }; return {};"),
                handler("do { console.log(request.url); } while (false); return {} ? { a: 1 } : {};"),
                handler("while (1) { if (request.url) return {}; } if (!undefined) return {};"),
            ],
        );
    }
}
