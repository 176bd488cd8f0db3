use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::project::File;
use crate::writes::writes;
use oxc::ast::AstKind;
use oxc::semantic::SymbolId;
use oxc::span::{GetSpan as _, Span};

pub struct NoImportAssign;

static DOCS: Docs = Docs {
    id: "no-import-assign",
    group: Group::Correctness,
    severity: Severity::Error,
    what: "An import that is assigned, or a property of a whole imported module. Same as oxlint's `no-import-assign`.",
    why: "Imports are constants: the assignment throws a TypeError at run time.",
    good: "import { limit } from './limits';\nlet current = limit;",
};

impl Rule for NoImportAssign {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            let scoping = file.scoping();
            for symbol in scoping.symbol_ids().filter(|symbol| scoping.symbol_flags(*symbol).is_import()) {
                let whole = matches!(
                    file.nodes().kind(scoping.symbol_declaration(symbol)),
                    AstKind::ImportNamespaceSpecifier(_)
                );
                let written = writes(file, symbol).chain(property_writes(file, symbol).filter(|_| whole));
                for place in written {
                    let name = scoping.symbol_name(symbol);
                    context.report(file, place, format!("`{name}` is imported and cannot be changed here")).help(
                        "Copy it into a variable of your own, or let its module export a function that changes it",
                    );
                }
            }
        }
    }
}

/// Where a property of a module's namespace is written or deleted, or could be by `Object.assign` and the like.
fn property_writes<'p>(file: &'p File<'_>, symbol: SymbolId) -> impl Iterator<Item = Span> + 'p {
    file.semantic.symbol_references(symbol).filter_map(|reference| {
        let own = file.nodes().kind(reference.node_id()).span();
        let member = file.nodes().parent_node(reference.node_id());
        if let AstKind::CallExpression(call) = member.kind() {
            let changes = call.callee.get_member_expr().is_some_and(|callee| {
                let name = callee.static_property_name();
                let changing = ["assign", "defineProperty", "defineProperties", "setPrototypeOf", "freeze"];
                callee.object().is_specific_id("Object") && name.is_some_and(|name| changing.contains(&name))
            });
            return (changes && call.arguments.first().is_some_and(|first| first.span() == own)).then_some(own);
        }
        if !member.kind().is_member_expression_kind() {
            return None;
        }
        let is_written = match file.nodes().parent_kind(member.id()) {
            AstKind::AssignmentExpression(assignment) => assignment.left.span() == member.kind().span(),
            AstKind::UpdateExpression(_) => true,
            AstKind::UnaryExpression(unary) => unary.operator.is_delete(),
            _ => false,
        };
        is_written.then(|| member.kind().span())
    })
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, test};

    #[test]
    fn cases() {
        test(
            &super::NoImportAssign,
            &[
                case("import { table } from './table'; table.a = 1; export default { fetch: () => table };"),
                case(
                    "import { table } from './table'; const go = (table) => { table = 1; return table; }; export default { fetch: () => go(table) };",
                ),
                case(
                    "import * as space from './space'; const copy = { ...space }; copy.a = 1; export default { fetch: () => copy };",
                ),
                case("import * as space from './space'; space.table.a = 1; export default { fetch: () => ({}) };"),
            ],
            &[
                case("import { limit } from './limits'; limit = 1; export default { fetch: () => ({ limit }) };"),
                case(
                    "import * as space from './space'; space.a = 1; delete space.b; export default { fetch: () => ({}) };",
                ),
                case("import limits from './limits'; limits++; export default { fetch: () => ({}) };"),
            ],
        );
    }
}
