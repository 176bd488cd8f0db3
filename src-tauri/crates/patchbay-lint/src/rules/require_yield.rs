use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::ast::{AstKind, AstType};
use oxc::semantic::NodeId;
use std::collections::HashSet;

pub struct RequireYield;

static DOCS: Docs = Docs {
    id: "require-yield",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "A generator without `yield`. Same as oxlint's `require-yield`.",
    why: "It gives an empty sequence, so that the loop over it does nothing.",
    good: "function* pages() {\n  yield first;\n}",
};

impl Rule for RequireYield {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            let mut generators = file
                .of_type(AstType::Function)
                .filter(|node| matches!(node.kind(), AstKind::Function(function) if function.generator))
                .peekable();
            if generators.peek().is_none() {
                continue;
            }
            let yields = file.of_type(AstType::YieldExpression);
            let yielding: HashSet<NodeId> =
                yields.filter_map(|node| Some(file.function_around(node.id())?.id())).collect();
            for node in generators {
                let AstKind::Function(function) = node.kind() else { continue };
                let has_code = function.body.as_ref().is_some_and(|body| !body.statements.is_empty());
                if has_code && !yielding.contains(&node.id()) {
                    let place = function.id.as_ref().map_or(function.span, |name| name.span);
                    context.report(file, place, "This generator yields nothing").help("Add `yield`, or remove the `*`");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, test};

    #[test]
    fn cases() {
        test(
            &super::RequireYield,
            &[
                case("export function* pages() { yield 1; } export default { fetch: () => [...pages()] };"),
                case("export function* empty() {} export default { fetch: () => [...empty()] };"),
                case("const all = { *pages() { yield* [1]; } }; export default { fetch: () => [...all.pages()] };"),
            ],
            &[
                case("export function* pages() { return 1; } export default { fetch: () => [...pages()] };"),
                case(
                    "export function* outer() { function* inner() { yield 1; } return inner; } export default { fetch: () => outer() };",
                ),
                case("const all = { *pages() { return 1; } }; export default { fetch: () => [...all.pages()] };"),
            ],
        );
    }
}
