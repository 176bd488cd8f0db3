//! The expressions that a value may come from: names and parameters followed to where the value is made.

use crate::meaning::{FunctionId, path_to};
use crate::project::{File, FileId, Project};
use oxc::ast::AstKind;
use oxc::ast::ast::{Argument, BindingPattern, Expression};
use oxc::semantic::SymbolId;

/// An expression that makes a value, and the file it stands in.
#[derive(Clone, Copy)]
pub(crate) struct Origin<'a> {
    pub(crate) file: FileId,
    pub(crate) expression: &'a Expression<'a>,
}

/// Origins of one value that are followed. A helper with more callers than this says little about any of them.
const MOST_ORIGINS: usize = 16;
/// Names and calls that are followed from a value to its origin.
const MOST_STEPS: usize = 12;

impl<'a> Project<'a> {
    /// Where a value is made: through constants, imports, and parameters of functions of which every call is known.
    /// Nothing, if one of the ways is not known.
    pub(crate) fn origins(&self, file: FileId, expression: &'a Expression<'a>) -> Vec<Origin<'a>> {
        let mut found = Vec::new();
        let is_known = self.collect_origins(file, expression, MOST_STEPS, &mut found);
        if is_known { found } else { Vec::new() }
    }

    fn collect_origins(
        &self,
        file: FileId,
        expression: &'a Expression<'a>,
        steps: usize,
        found: &mut Vec<Origin<'a>>,
    ) -> bool {
        let expression = expression.get_inner_expression();
        let (Some(steps), Some(())) = (steps.checked_sub(1), self.take_step()) else { return false };
        let Expression::Identifier(name) = expression else {
            found.push(Origin { file, expression });
            return found.len() <= MOST_ORIGINS;
        };
        let reference = name.reference_id.get().map(|id| self.files[file].scoping().get_reference(id));
        match reference.and_then(oxc::semantic::Reference::symbol_id) {
            Some(symbol) => self.collect_symbol_origins(file, symbol, steps, found),
            None => false,
        }
    }

    fn collect_symbol_origins(&self, id: FileId, symbol: SymbolId, steps: usize, found: &mut Vec<Origin<'a>>) -> bool {
        let file = &self.files[id];
        if file.scoping().symbol_is_mutated(symbol) {
            return false;
        }
        let declaration = file.scoping().symbol_declaration(symbol);
        for node in std::iter::once(declaration).chain(file.nodes().ancestor_ids(declaration)) {
            match file.nodes().kind(node) {
                AstKind::VariableDeclarator(declarator) => {
                    let is_plain = matches!(declarator.id, BindingPattern::BindingIdentifier(_));
                    return match &declarator.init {
                        Some(init) if is_plain => self.collect_origins(id, init, steps, found),
                        _ => false,
                    };
                }
                AstKind::FormalParameter(parameter) => {
                    let AstKind::FormalParameters(all) = file.nodes().parent_kind(node) else { return false };
                    let index = all.items.iter().position(|item| item.span == parameter.span);
                    let is_plain = matches!(parameter.pattern, BindingPattern::BindingIdentifier(_));
                    let function = file.nodes().parent_id(file.nodes().parent_id(node));
                    let function = self.function_symbol(FunctionId { file: id, node: function });
                    let (Some(index), Some(function), true) = (index, function, is_plain) else { return false };
                    let mut sites = self.call_sites(id, function).peekable();
                    return sites.peek().is_some()
                        && sites.all(|site| {
                            let argument = site.call.arguments.get(index).and_then(Argument::as_expression);
                            argument.is_some_and(|argument| self.collect_origins(site.file, argument, steps, found))
                        });
                }
                AstKind::ImportSpecifier(_) | AstKind::ImportDefaultSpecifier(_) => {
                    return self
                        .imported_symbol(id, symbol)
                        .is_some_and(|(target, symbol)| self.collect_symbol_origins(target, symbol, steps, found));
                }
                AstKind::Function(_) | AstKind::Class(_) | AstKind::CatchParameter(_) | AstKind::Program(_) => {
                    return false;
                }
                _ => {}
            }
        }
        false
    }

    /// What a name that a file imports is in the file of the project that exports it.
    pub(crate) fn imported_symbol(&self, id: FileId, symbol: SymbolId) -> Option<(FileId, SymbolId)> {
        use oxc::syntax::module_record::ImportImportName;
        let file = &self.files[id];
        let local = file.scoping().symbol_name(symbol);
        let import = file.record.import_entries.iter().find(|import| import.local_name.name == local)?;
        let target = self.resolve(id, import.module_request.name.as_str())?;
        let name = match &import.import_name {
            ImportImportName::Name(name) => name.name.as_str(),
            ImportImportName::Default(_) => "default",
            ImportImportName::NamespaceObject => return None,
        };
        self.exported(target, name)
    }
}

impl<'a> File<'a> {
    /// The field of some object that a value is read from: `amount` for `order.amount`, also through a constant or a
    /// pattern. What the object is does not matter, so this is a question about data and not about names in code.
    pub(crate) fn field_read(&self, expression: &Expression<'a>) -> Option<&'a str> {
        self.field_read_within(expression, MOST_STEPS)
    }

    fn field_read_within(&self, expression: &Expression<'a>, steps: usize) -> Option<&'a str> {
        let steps = steps.checked_sub(1)?;
        match expression.get_inner_expression() {
            Expression::StaticMemberExpression(member) => Some(member.property.name.as_str()),
            Expression::ComputedMemberExpression(member) => match &member.expression {
                Expression::StringLiteral(name) => Some(name.value.as_str()),
                _ => None,
            },
            Expression::ChainExpression(chain) => match &chain.expression {
                oxc::ast::ast::ChainElement::StaticMemberExpression(member) => Some(member.property.name.as_str()),
                _ => None,
            },
            Expression::Identifier(name) => {
                let reference = self.scoping().get_reference(name.reference_id.get()?);
                let symbol = reference.symbol_id()?;
                if self.scoping().symbol_is_mutated(symbol) {
                    return None;
                }
                let declaration = self.scoping().symbol_declaration(symbol);
                let mut around = std::iter::once(declaration).chain(self.nodes().ancestor_ids(declaration));
                let declarator = around.find_map(|node| match self.nodes().kind(node) {
                    AstKind::VariableDeclarator(declarator) => Some(Some(declarator)),
                    AstKind::FormalParameter(_) | AstKind::Function(_) | AstKind::Program(_) => Some(None),
                    _ => None,
                })??;
                match &declarator.id {
                    BindingPattern::BindingIdentifier(_) => self.field_read_within(declarator.init.as_ref()?, steps),
                    pattern => path_to(pattern, symbol)?.last().copied(),
                }
            }
            _ => None,
        }
    }
}
