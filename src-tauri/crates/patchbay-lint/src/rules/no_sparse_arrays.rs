use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::ast::{AstKind, AstType};
use oxc::span::{GetSpan, Span};

pub struct NoSparseArrays;

static DOCS: Docs = Docs {
    id: "no-sparse-arrays",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "A hole in an array literal. Same as oxlint's `no-sparse-arrays`.",
    why: "It is `undefined` when read and skipped by `map` and `forEach`; most often it is a comma too many.",
    good: "const fields = ['text', 'user', 'ts'];",
};

impl Rule for NoSparseArrays {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::Elision) {
                let AstKind::ArrayExpression(array) = file.nodes().parent_kind(node.id()) else { continue };
                // One report for an array, at its first hole.
                let first = array.elements.iter().find(|element| element.is_elision()).map(GetSpan::span);
                let hole = node.kind().span();
                if first == Some(hole) {
                    context
                        .report(file, Span::new(hole.start, hole.start + 1), "The array has a hole here")
                        .help("Remove the comma, or write `undefined`");
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
            &super::NoSparseArrays,
            &[
                case("export default { fetch: () => [1, 2,] };"),
                handler("const [, second] = [1, 2]; return { second };"),
                handler("let first; [, first] = [1, 2]; return { first };"),
            ],
            &[case("export default { fetch: () => [1, , 2] };"), handler("return { fields: [, 'text', , 'user'] };")],
        );
    }
}
