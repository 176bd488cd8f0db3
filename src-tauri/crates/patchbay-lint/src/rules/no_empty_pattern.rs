use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::ast::{AstKind, AstType};

pub struct NoEmptyPattern;

static DOCS: Docs = Docs {
    id: "no-empty-pattern",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "A destructuring pattern without names. Same as oxlint's `no-empty-pattern`.",
    why: "It takes nothing out; often it was meant as a default: `{ a = {} }`.",
    good: "const { options = {} } = event;",
};

impl Rule for NoEmptyPattern {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            let objects = file.of_type(AstType::ObjectPattern).filter_map(|node| match node.kind() {
                AstKind::ObjectPattern(pattern) if pattern.is_empty() => Some(pattern.span),
                _ => None,
            });
            let arrays = file.of_type(AstType::ArrayPattern).filter_map(|node| match node.kind() {
                AstKind::ArrayPattern(pattern) if pattern.is_empty() => Some(pattern.span),
                _ => None,
            });
            for span in objects.chain(arrays) {
                context
                    .report(file, span, "The pattern takes nothing out")
                    .help("Name what you need; for a default write `= {}` behind the name");
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
            &super::NoEmptyPattern,
            &[
                handler("const { options = {} } = env; return { options };"),
                handler("const [first = []] = [request]; const { ...rest } = env; return { first, rest };"),
            ],
            &[handler("const { options: {} } = env; return {};"), case("export default { fetch: ([]) => ({}) };")],
        );
    }
}
