use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::project::File;
use oxc::ast::{AstKind, AstType};
use oxc::semantic::{AstNode, NodeId};
use oxc::span::Span;
use std::collections::HashSet;

pub struct NoUnusedLabels;

static DOCS: Docs = Docs {
    id: "no-unused-labels",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "A label that no `break` or `continue` names. Same as oxlint's `no-unused-labels`.",
    why: "It is left over, or `{ a: b }` was meant as an object and is a block with a label.",
    good: "return { status: 'ok' };",
};

impl Rule for NoUnusedLabels {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            let mut labels = file.of_type(AstType::LabeledStatement).peekable();
            if labels.peek().is_none() {
                continue;
            }
            let jumps = file.of_type(AstType::BreakStatement).chain(file.of_type(AstType::ContinueStatement));
            let used: HashSet<NodeId> = jumps.filter_map(|jump| target(file, jump)).collect();
            for node in labels {
                let AstKind::LabeledStatement(labelled) = node.kind() else { continue };
                if !used.contains(&node.id()) {
                    let name = labelled.label.name.as_str();
                    // The colon belongs to what is left over.
                    let between = &file.source.text()[labelled.label.span.end as usize..labelled.span.end as usize];
                    let colon = u32::try_from(between.find(':').unwrap_or_default()).unwrap_or_default();
                    let place = Span::new(labelled.label.span.start, labelled.label.span.end + colon + 1);
                    context
                        .report(file, place, format!("Nothing jumps to the label `{name}`"))
                        .help("Remove it; where an object was meant, write `return { … }` or put it in parentheses");
                }
            }
        }
    }
}

/// The labelled statement that a jump names.
fn target(file: &File<'_>, jump: &AstNode<'_>) -> Option<NodeId> {
    let label = match jump.kind() {
        AstKind::BreakStatement(jump) => jump.label.as_ref()?,
        AstKind::ContinueStatement(jump) => jump.label.as_ref()?,
        _ => return None,
    };
    file.nodes().ancestors(jump.id()).find_map(|around| match around.kind() {
        AstKind::LabeledStatement(labelled) if labelled.label.name == label.name => Some(around.id()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoUnusedLabels,
            &[
                handler("outer: for (const a of [[1]]) { for (const b of a) { if (b) continue outer; } } return {};"),
                handler("block: { if (request.url) break block; return { a: 1 }; } return {};"),
                handler("return { outer: 1 };"),
            ],
            &[
                handler("outer: for (const a of [1]) { console.log(a); } return {};"),
                case("export default { fetch: () => { ok: true } };"),
                handler("inner: for (;;) { inner2: for (;;) { break inner; } } return {};"),
            ],
        );
    }
}
