use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::project::File;
use oxc::ast::ast::{BinaryOperator, LogicalOperator};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::NodeId;
use oxc::span::GetSpan as _;

pub struct NoUnsafeOptionalChaining;

static DOCS: Docs = Docs {
    id: "no-unsafe-optional-chaining",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "`?.` whose `undefined` is used where it throws: `(a?.b).c`, `[...a?.b]`. Same as oxlint's `no-unsafe-optional-chaining`.",
    why: "The `?.` says that the value may be missing, and then this throws a TypeError and the webhook fails.",
    good: "const name = event?.user?.name;",
};

impl Rule for NoUnsafeOptionalChaining {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::ChainExpression) {
                if throws_on_undefined(file, node.id()) {
                    context
                        .report(
                            file,
                            node.kind().span(),
                            "This may be `undefined`, and what is done with it then throws",
                        )
                        .help("Go on with `?.`, or give a default with `??`");
                }
            }
        }
    }
}

/// Whether the value of an expression goes where `undefined` throws.
fn throws_on_undefined(file: &File<'_>, chain: NodeId) -> bool {
    let mut at = chain;
    loop {
        let own = file.nodes().kind(at).span();
        let parent = file.nodes().parent_id(at);
        match file.nodes().kind(parent) {
            // These hand the value on.
            AstKind::ParenthesizedExpression(_)
            | AstKind::TSAsExpression(_)
            | AstKind::TSSatisfiesExpression(_)
            | AstKind::TSNonNullExpression(_)
            | AstKind::TSTypeAssertion(_)
            | AstKind::AwaitExpression(_) => {}
            AstKind::SequenceExpression(sequence) => {
                if sequence.expressions.last().is_none_or(|last| last.span() != own) {
                    return false;
                }
            }
            AstKind::LogicalExpression(logical) => {
                if logical.operator != LogicalOperator::And && logical.right.span() != own {
                    return false;
                }
            }
            AstKind::ConditionalExpression(choice) => {
                if choice.test.span() == own {
                    return false;
                }
            }
            AstKind::StaticMemberExpression(member) => return !member.optional && member.object.span() == own,
            AstKind::ComputedMemberExpression(member) => return !member.optional && member.object.span() == own,
            AstKind::PrivateFieldExpression(member) => return !member.optional && member.object.span() == own,
            AstKind::CallExpression(call) => return !call.optional && call.callee.span() == own,
            AstKind::NewExpression(made) => return made.callee.span() == own,
            AstKind::TaggedTemplateExpression(tagged) => return tagged.tag.span() == own,
            AstKind::SpreadElement(_) => {
                // An object can be made from nothing, a list cannot.
                return !matches!(file.nodes().parent_kind(parent), AstKind::ObjectExpression(_));
            }
            AstKind::BinaryExpression(relation) => {
                return matches!(relation.operator, BinaryOperator::In | BinaryOperator::Instanceof)
                    && relation.right.span() == own;
            }
            AstKind::ForOfStatement(each) => return each.right.span() == own,
            AstKind::VariableDeclarator(declarator) => return declarator.id.is_destructuring_pattern(),
            AstKind::AssignmentPattern(pattern) => return pattern.left.is_destructuring_pattern(),
            AstKind::FormalParameter(parameter) => return parameter.pattern.is_destructuring_pattern(),
            AstKind::AssignmentExpression(assignment) => {
                return assignment.left.as_assignment_target_pattern().is_some();
            }
            AstKind::AssignmentTargetWithDefault(target) => {
                return target.binding.as_assignment_target_pattern().is_some();
            }
            AstKind::Class(class) => return class.heritage_expression().is_some_and(|base| base.span() == own),
            _ => return false,
        }
        at = parent;
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoUnsafeOptionalChaining,
            &[
                handler("const { a = request?.b } = env; const c = (await request?.c)?.d; return { a, c };"),
                handler(
                    "return { a: request?.a.b, b: (request?.a)?.b, c: (request?.a ?? {}).b, d: { ...request?.a } };",
                ),
                handler(
                    "const { a } = request?.b ?? {}; const c = [...(request?.c ?? [])]; return { a, c, d: request?.e + 1 };",
                ),
                handler(
                    "request?.a.b(); const d = request?.a; return { d: (request.x ? request.y : env?.z)?.k, s: `${request?.a}` };",
                ),
            ],
            &[
                handler("return { a: (request?.a).b };"),
                handler("const { a } = request?.b; const [b] = request?.c; return { a, b };"),
                handler("for (const item of request?.items) console.log(item); return [...request?.a];"),
                handler(
                    "const { text } = await request?.json(); return { text, a: (request.a || request?.b).c, d: 'x' in request?.d };",
                ),
            ],
        );
    }
}
