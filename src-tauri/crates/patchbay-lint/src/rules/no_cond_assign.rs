use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::ast::{AstKind, AstType};
use oxc::span::{GetSpan as _, Span};

pub struct NoCondAssign;

static DOCS: Docs = Docs {
    id: "no-cond-assign",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "An assignment where a condition stands. Same as oxlint's `no-cond-assign`.",
    why: "`=` in the place of `===` makes the condition hold whatever the event says, and changes the variable.",
    good: "if (event.type === 'paid') { … }",
};

impl Rule for NoCondAssign {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::AssignmentExpression) {
                let AstKind::AssignmentExpression(assignment) = node.kind() else { continue };
                // Parentheses around the whole say that it is meant.
                let test = match file.nodes().parent_kind(node.id()) {
                    AstKind::IfStatement(choice) => Some(&choice.test),
                    AstKind::WhileStatement(repeat) => Some(&repeat.test),
                    AstKind::DoWhileStatement(repeat) => Some(&repeat.test),
                    AstKind::ForStatement(repeat) => repeat.test.as_ref(),
                    AstKind::ParenthesizedExpression(outer) => {
                        match file.nodes().parent_kind(file.nodes().parent_id(node.id())) {
                            // A conditional expression needs these parentheses anyway.
                            AstKind::ConditionalExpression(choice) if choice.test.span() == outer.span => {
                                Some(&choice.test)
                            }
                            _ => None,
                        }
                    }
                    _ => None,
                };
                if test.is_none_or(|test| test.without_parentheses().span() != assignment.span) {
                    continue;
                }
                let (start, end) = (assignment.left.span().end, assignment.right.span().start);
                let sign = assignment.operator.as_str();
                let between = &file.source.text()[start as usize..end as usize];
                let at = start + u32::try_from(between.find(sign).unwrap_or_default()).unwrap_or_default();
                let length = u32::try_from(sign.len()).unwrap_or(1);
                context
                    .report(file, Span::sized(at, length), "This assigns where a condition is expected")
                    .help("Compare with `===`; if it is meant, put the assignment in parentheses");
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
            &super::NoCondAssign,
            &[
                handler("let a; if ((a = request.url)) return { a }; return {};"),
                handler("let a; while ((a = request.next()) !== null) console.log(a); return {};"),
                handler("let a; if (request.url && (a = request.url)) return { a }; return {};"),
                handler("if (request.a === request.b) return {}; let c; return { c: (c = 1) };"),
                handler("let a; return ((a = request.url)) ? { a } : {};"),
                handler("let a; for (a = 1; a < 2; a += 1) console.log(a); return {};"),
            ],
            &[
                handler("let paid; if (paid = request.url) return { paid }; return {};"),
                handler("let a; while (a = request.next()) console.log(a); return {};"),
                handler("let a; return (a = request.url) ? { a } : {};"),
                handler("let a; do console.log(a); while (a = request.next()); return {};"),
            ],
        );
    }
}
