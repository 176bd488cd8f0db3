//! Which bindings the code reads from `env`, and whether that can be told at all.

use crate::meaning::Root;
use crate::patterns::key_name;
use crate::project::{File, FileId, Project};
use oxc::ast::ast::{Argument, BindingPattern, Expression, ObjectPattern};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::NodeId;
use oxc::span::{GetSpan as _, Span};

/// One place where a binding is read.
pub(crate) struct BindingUse<'a> {
    pub(crate) file: FileId,
    pub(crate) name: &'a str,
    pub(crate) span: Span,
    /// The method that is called on it, for example `put` in `env.CACHE.put(…)`.
    pub(crate) method: Option<&'a str>,
    /// `{ NAME }` takes it out of `env` and names a variable at once.
    pub(crate) is_shorthand: bool,
}

/// All of them.
#[derive(Default)]
pub(crate) struct Environment<'a> {
    pub(crate) uses: Vec<BindingUse<'a>>,
    /// `env` goes where the rules cannot follow, so a binding without a use may be used all the same.
    pub(crate) escapes: bool,
}

impl<'a> Project<'a> {
    /// Which bindings the code reads.
    pub(crate) fn environment(&self) -> &Environment<'a> {
        self.environment.get_or_init(|| {
            let mut environment = Environment::default();
            for file in self.checked_files() {
                let mut search = Search { project: self, file, environment: &mut environment };
                search.run();
            }
            environment.uses.sort_by_key(|read| (read.file, read.span.start));
            environment
        })
    }
}

struct Search<'s, 'a> {
    project: &'s Project<'a>,
    file: &'s File<'a>,
    environment: &'s mut Environment<'a>,
}

impl<'a> Search<'_, 'a> {
    fn run(&mut self) {
        for node in self.file.of_type(AstType::IdentifierReference) {
            let AstKind::IdentifierReference(identifier) = node.kind() else { continue };
            let Some(reference) = identifier.reference_id.get() else { continue };
            let Some(symbol) = self.file.scoping().get_reference(reference).symbol_id() else { continue };
            let meaning = self.project.symbol_meaning(self.file.id, symbol);
            if meaning.is_some_and(|meaning| meaning.is_environment()) {
                self.follow(node.id(), identifier.span);
            }
        }
        for node in self.file.of_type(AstType::StaticMemberExpression) {
            let AstKind::StaticMemberExpression(member) = node.kind() else { continue };
            if let Expression::ThisExpression(_) = &member.object
                && member.property.name == "env"
                && self.project.meaning(self.file, &member.object).is_some_and(|meaning| meaning.root == Root::This)
            {
                self.follow(node.id(), member.span);
            }
        }
        for node in self.file.of_type(AstType::FormalParameter) {
            let AstKind::FormalParameter(parameter) = node.kind() else { continue };
            let BindingPattern::ObjectPattern(pattern) = &parameter.pattern else { continue };
            let nodes = self.file.nodes();
            let AstKind::FormalParameters(all) = nodes.parent_kind(node.id()) else { continue };
            let function = nodes.parent_id(nodes.parent_id(node.id()));
            let Some(index) = all.items.iter().position(|item| item.span == parameter.span) else { continue };
            let function = crate::meaning::FunctionId { file: self.file.id, node: function };
            if self.project.parameter_meaning(function, index).is_some_and(|meaning| meaning.is_environment()) {
                self.destructured(pattern);
            }
        }
    }

    /// Looks at what is done with `env` at one place.
    fn follow(&mut self, node: NodeId, span: Span) {
        match self.file.parent(node) {
            AstKind::StaticMemberExpression(member) => {
                let method = self.method_on(member.node_id.get());
                self.found(member.property.name.as_str(), member.property.span, method, false);
            }
            AstKind::ComputedMemberExpression(member) if member.object.span().contains_inclusive(span) => {
                match &member.expression {
                    Expression::StringLiteral(name) => {
                        let method = self.method_on(member.node_id.get());
                        // Without the quotes.
                        let inner = name.span.shrink(1);
                        self.found(name.value.as_str(), inner, method, false);
                    }
                    _ => self.environment.escapes = true,
                }
            }
            AstKind::VariableDeclarator(declarator) => match &declarator.id {
                // The references of the alias are looked at by themselves.
                BindingPattern::BindingIdentifier(_) => {}
                BindingPattern::ObjectPattern(pattern) => self.destructured(pattern),
                _ => self.environment.escapes = true,
            },
            AstKind::CallExpression(call) => {
                let index = call.arguments.iter().position(|argument| argument.span().contains_inclusive(span));
                let callee = self.project.meaning(self.file, &call.callee);
                let is_followed = match (index, callee.map(|callee| callee.root)) {
                    (Some(index), Some(Root::Function(function)))
                        if matches!(
                            call.arguments[index],
                            Argument::Identifier(_) | Argument::StaticMemberExpression(_)
                        ) =>
                    {
                        self.project.parameter_meaning(function, index).is_some_and(|meaning| meaning.is_environment())
                    }
                    _ => false,
                };
                self.environment.escapes |= !is_followed;
            }
            // `typeof env`, types and re-declared parameters read nothing.
            AstKind::UnaryExpression(_) | AstKind::TSTypeQuery(_) | AstKind::ExpressionStatement(_) => {}
            _ => self.environment.escapes = true,
        }
    }

    fn method_on(&self, member: NodeId) -> Option<&'a str> {
        match self.file.parent(member) {
            AstKind::StaticMemberExpression(outer) => Some(outer.property.name.as_str()),
            _ => None,
        }
    }

    fn destructured(&mut self, pattern: &ObjectPattern<'a>) {
        self.environment.escapes |= pattern.rest.is_some();
        for property in &pattern.properties {
            match key_name(&property.key, property.computed) {
                Some(name) => self.found(name, property.key.span(), None, property.shorthand),
                None => self.environment.escapes = true,
            }
        }
    }

    fn found(&mut self, name: &'a str, span: Span, method: Option<&'a str>, is_shorthand: bool) {
        self.environment.uses.push(BindingUse { file: self.file.id, name, span, method, is_shorthand });
    }
}
