//! Whether the value of a name is read by anything but its own making.

use crate::project::File;
use oxc::ast::AstKind;
use oxc::semantic::{NodeId, Reference, SymbolId};
use oxc::span::{GetSpan as _, Span};

/// Whether something uses a name. `count++` on its own, `list = [...list, 1]` and a function that only calls itself do
/// not count.
pub(crate) fn is_used(file: &File<'_>, symbol: SymbolId) -> bool {
    let scoping = file.scoping();
    let mut references = scoping.get_resolved_references(symbol).peekable();
    if references.peek().is_none() {
        return false;
    }
    let own = own_code(file, symbol);
    let is_mutated = scoping.symbol_is_mutated(symbol);
    references.any(|reference| {
        let place = file.nodes().kind(reference.node_id()).span();
        if own.is_some_and(|own| own.contains_inclusive(place)) || (reference.is_write() && !reference.is_read()) {
            return false;
        }
        !is_mutated || reference.is_type() || !feeds_itself(file, symbol, reference)
    })
}

/// The code that makes what the name stands for, where using the name means using itself.
fn own_code(file: &File<'_>, symbol: SymbolId) -> Option<Span> {
    match file.nodes().kind(file.scoping().symbol_declaration(symbol)) {
        AstKind::Function(function) => Some(function.span),
        AstKind::Class(class) => Some(class.span),
        AstKind::TSTypeAliasDeclaration(alias) => Some(alias.span),
        AstKind::TSInterfaceDeclaration(interface) => Some(interface.span),
        AstKind::VariableDeclarator(declarator) if declarator.id.is_binding_identifier() => {
            let init = declarator.init.as_ref()?.get_inner_expression();
            init.is_function().then(|| init.span())
        }
        _ => None,
    }
}

/// Whether a read only serves to give the same name a new value that goes nowhere else.
fn feeds_itself(file: &File<'_>, symbol: SymbolId, reference: &Reference) -> bool {
    let mut at = reference.node_id();
    loop {
        let own = file.nodes().kind(at).span();
        let parent = file.nodes().parent_id(at);
        match file.nodes().kind(parent) {
            AstKind::AssignmentExpression(assignment) => {
                let target = assignment.left.get_identifier_name();
                let is_own = target == Some(file.scoping().symbol_name(symbol));
                return is_own && is_dropped(file, parent);
            }
            AstKind::UpdateExpression(_) if reference.is_write() => {
                if is_dropped(file, parent) {
                    return true;
                }
            }
            // Whoever gets it as an argument may keep it.
            AstKind::CallExpression(call) if call.callee.span() == own => {}
            AstKind::BinaryExpression(_)
            | AstKind::LogicalExpression(_)
            | AstKind::ConditionalExpression(_)
            | AstKind::UnaryExpression(_)
            | AstKind::SequenceExpression(_)
            | AstKind::ParenthesizedExpression(_)
            | AstKind::TemplateLiteral(_)
            | AstKind::ArrayExpression(_)
            | AstKind::ObjectExpression(_)
            | AstKind::ObjectProperty(_)
            | AstKind::SpreadElement(_)
            | AstKind::StaticMemberExpression(_)
            | AstKind::ComputedMemberExpression(_)
            | AstKind::ChainExpression(_)
            | AstKind::AwaitExpression(_)
            | AstKind::TSAsExpression(_)
            | AstKind::TSNonNullExpression(_)
            | AstKind::TSSatisfiesExpression(_) => {}
            _ => return false,
        }
        at = parent;
    }
}

/// Whether nobody looks at the value of an expression.
fn is_dropped(file: &File<'_>, expression: NodeId) -> bool {
    let mut at = expression;
    loop {
        let own = file.nodes().kind(at).span();
        at = file.nodes().parent_id(at);
        match file.nodes().kind(at) {
            AstKind::ExpressionStatement(_) => return true,
            AstKind::ParenthesizedExpression(_) => {}
            AstKind::SequenceExpression(sequence) => {
                if sequence.expressions.last().is_none_or(|last| last.span() != own) {
                    return true;
                }
            }
            _ => return false,
        }
    }
}
