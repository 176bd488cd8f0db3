//! What an expression refers to: aliases, destructuring, parameters and imports are followed, names are never trusted.

use crate::project::{File, FileId, Project};
use oxc::ast::AstKind;
use oxc::ast::ast::{Argument, BindingPattern, Class, Expression, Function};
use oxc::semantic::{NodeId, SymbolId};

/// Where a chain of property accesses begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Root<'a> {
    /// A name that no file declares: `fetch`, `crypto`.
    Global(&'a str),
    /// An export of a module that is not a file of the project. `*` is the whole module.
    Import { from: &'a str, name: &'a str },
    /// The request that a handler is given.
    Request,
    /// The `env` that a handler is given.
    Environment,
    /// The execution context that a handler is given.
    Context,
    /// `this` of a class that the runtime makes.
    This,
    /// A function of the project.
    Function(FunctionId),
}

/// A function of the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct FunctionId {
    pub(crate) file: FileId,
    pub(crate) node: NodeId,
}

/// `root.member.member`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Meaning<'a> {
    pub(crate) root: Root<'a>,
    pub(crate) members: Vec<&'a str>,
}

impl<'a> Meaning<'a> {
    fn of(root: Root<'a>) -> Self {
        Self { root, members: Vec::new() }
    }

    fn member(mut self, name: &'a str) -> Self {
        match (self.root, self.members.is_empty(), name) {
            (Root::Global("globalThis" | "self" | "global"), true, name) => self.root = Root::Global(name),
            (Root::Import { from, name: "*" }, true, name) => self.root = imported(from, name),
            (Root::This, true, "env") => self.root = Root::Environment,
            (Root::This, true, "ctx") => self.root = Root::Context,
            _ => self.members.push(name),
        }
        self
    }

    /// Whether it is a global, or a property path of one: `crypto`, `crypto.subtle.verify`.
    pub(crate) fn is_global(&self, path: &str) -> bool {
        let mut parts = path.split('.');
        let first = parts.next().unwrap_or_default();
        self.root == Root::Global(first) && parts.eq(self.members.iter().copied())
    }

    /// Whether it begins with a global.
    pub(crate) fn begins_with_global(&self, name: &str) -> bool {
        self.root == Root::Global(name)
    }

    /// The name of the binding, if it is exactly one: `env.NAME`.
    pub(crate) fn binding(&self) -> Option<&'a str> {
        match (self.root, &self.members[..]) {
            (Root::Environment, [name]) => Some(name),
            _ => None,
        }
    }

    /// Whether it is `env` itself.
    pub(crate) fn is_environment(&self) -> bool {
        self.root == Root::Environment && self.members.is_empty()
    }
}

fn imported<'a>(from: &'a str, name: &'a str) -> Root<'a> {
    if from == "cloudflare:workers" && name == "env" { Root::Environment } else { Root::Import { from, name } }
}

/// Where something is made.
#[derive(Clone, Copy)]
pub(crate) enum Definition<'a> {
    Expression(&'a Expression<'a>),
    Function(&'a Function<'a>),
    Class(&'a Class<'a>),
}

impl<'a> Project<'a> {
    /// What an expression refers to, if that is one thing and it is known.
    pub(crate) fn meaning(&self, file: &File<'a>, expression: &Expression<'a>) -> Option<Meaning<'a>> {
        match expression.get_inner_expression() {
            Expression::Identifier(identifier) => {
                let reference = file.scoping().get_reference(identifier.reference_id.get()?);
                match reference.symbol_id() {
                    Some(symbol) => self.symbol_meaning(file.id, symbol),
                    None => Some(Meaning::of(Root::Global(identifier.name.as_str()))),
                }
            }
            Expression::StaticMemberExpression(member) => {
                Some(self.meaning(file, &member.object)?.member(member.property.name.as_str()))
            }
            Expression::ComputedMemberExpression(member) => {
                let Expression::StringLiteral(name) = &member.expression else { return None };
                Some(self.meaning(file, &member.object)?.member(name.value.as_str()))
            }
            Expression::ChainExpression(chain) => {
                let member = chain.expression.member_expression()?;
                let name = member.static_property_name()?;
                Some(self.meaning(file, member.object())?.member(name))
            }
            Expression::ThisExpression(this) => self.runtime_class(file, this.node_id.get()),
            Expression::FunctionExpression(function) => Some(function_meaning(file.id, function.node_id.get())),
            Expression::ArrowFunctionExpression(function) => Some(function_meaning(file.id, function.node_id.get())),
            _ => None,
        }
    }

    /// `this`, where it is an instance of a class that the runtime makes.
    fn runtime_class(&self, file: &File<'a>, this: NodeId) -> Option<Meaning<'a>> {
        let mut ancestors = file.nodes().ancestors(this);
        ancestors.find(|node| matches!(node.kind(), AstKind::Function(_)))?;
        let AstKind::MethodDefinition(_) = ancestors.next()?.kind() else { return None };
        let class = ancestors.find_map(|node| match node.kind() {
            AstKind::Class(class) => Some(class),
            _ => None,
        })?;
        let base = self.meaning(file, class.heritage_expression()?)?;
        matches!(base.root, Root::Import { from: "cloudflare:workers", .. }).then(|| Meaning::of(Root::This))
    }

    /// What a name refers to.
    pub(crate) fn symbol_meaning(&self, file: FileId, symbol: SymbolId) -> Option<Meaning<'a>> {
        if let Some(known) = self.meanings.borrow().get(&(file, symbol)) {
            return known.clone();
        }
        // A name that is defined by itself means nothing; this entry ends the circle.
        self.meanings.borrow_mut().insert((file, symbol), None);
        let meaning = self.find_symbol_meaning(&self.files[file], symbol);
        self.meanings.borrow_mut().insert((file, symbol), meaning.clone());
        meaning
    }

    fn find_symbol_meaning(&self, file: &File<'a>, symbol: SymbolId) -> Option<Meaning<'a>> {
        if file.scoping().symbol_is_mutated(symbol) {
            return None;
        }
        let declaration = file.scoping().symbol_declaration(symbol);
        let around = std::iter::once(declaration).chain(file.nodes().ancestor_ids(declaration));
        for id in around {
            match file.nodes().kind(id) {
                AstKind::VariableDeclarator(declarator) => {
                    let path = path_to(&declarator.id, symbol)?;
                    let start = self.meaning(file, declarator.init.as_ref()?)?;
                    return Some(path.into_iter().fold(start, Meaning::member));
                }
                AstKind::FormalParameter(parameter) => {
                    let path = path_to(&parameter.pattern, symbol)?;
                    let AstKind::FormalParameters(all) = file.nodes().parent_kind(id) else { return None };
                    let index = all.items.iter().position(|item| item.span == parameter.span)?;
                    let function = file.nodes().parent_id(file.nodes().parent_id(id));
                    let start = self.parameter_meaning(FunctionId { file: file.id, node: function }, index)?;
                    return Some(path.into_iter().fold(start, Meaning::member));
                }
                AstKind::Function(function) => return Some(function_meaning(file.id, function.node_id.get())),
                AstKind::ImportSpecifier(import) => {
                    return self.import_meaning(file, id, import.imported.name().as_str(), symbol);
                }
                AstKind::ImportDefaultSpecifier(_) => return self.import_meaning(file, id, "default", symbol),
                AstKind::ImportNamespaceSpecifier(_) => return self.import_meaning(file, id, "*", symbol),
                AstKind::Class(_)
                | AstKind::CatchParameter(_)
                | AstKind::Program(_)
                | AstKind::FormalParameterRest(_) => return None,
                _ => {}
            }
        }
        None
    }

    fn import_meaning(&self, file: &File<'a>, id: NodeId, name: &'a str, symbol: SymbolId) -> Option<Meaning<'a>> {
        let from = file.nodes().ancestor_kinds(id).find_map(|kind| match kind {
            AstKind::ImportDeclaration(import) => Some(import.source.value.as_str()),
            _ => None,
        })?;
        let Some(target) = self.resolve(file.id, from) else { return Some(Meaning::of(imported(from, name))) };
        if name == "*" {
            return None;
        }
        let (file_of_export, exported) = self.exported(target, name)?;
        if (file_of_export, exported) == (file.id, symbol) {
            return None;
        }
        self.symbol_meaning(file_of_export, exported)
    }

    /// What a function's parameter refers to: by its place in a handler, or because every call passes the same.
    pub(crate) fn parameter_meaning(&self, function: FunctionId, index: usize) -> Option<Meaning<'a>> {
        if let Some(root) = self.handlers.parameter(function, index) {
            return Some(Meaning::of(root));
        }
        let symbol = self.function_symbol(function)?;
        let mut common = None;
        for site in self.call_sites(function.file, symbol) {
            let argument = site.call.arguments.get(index).and_then(Argument::as_expression)?;
            let meaning = self.meaning(&self.files[site.file], argument)?;
            if common.as_ref().is_some_and(|common| *common != meaning) {
                return None;
            }
            common = Some(meaning);
        }
        common
    }

    /// The name by which a function is called.
    pub(crate) fn function_symbol(&self, function: FunctionId) -> Option<SymbolId> {
        let file = &self.files[function.file];
        match file.nodes().kind(function.node) {
            AstKind::Function(declared) if declared.is_declaration() => declared.id.as_ref()?.symbol_id.get(),
            AstKind::Function(_) | AstKind::ArrowFunctionExpression(_) => match file.parent(function.node) {
                AstKind::VariableDeclarator(declarator) => declarator.id.get_binding_identifier()?.symbol_id.get(),
                _ => None,
            },
            _ => None,
        }
    }

    /// Where the value of an expression is made, names followed.
    pub(crate) fn definition(
        &self,
        file: &File<'a>,
        expression: &'a Expression<'a>,
    ) -> Option<(FileId, Definition<'a>)> {
        let Expression::Identifier(identifier) = expression.get_inner_expression() else {
            return Some((
                file.id,
                match expression.get_inner_expression() {
                    Expression::FunctionExpression(function) => Definition::Function(function),
                    Expression::ClassExpression(class) => Definition::Class(class),
                    inner => Definition::Expression(inner),
                },
            ));
        };
        let symbol = file.scoping().get_reference(identifier.reference_id.get()?).symbol_id()?;
        self.symbol_definition(file.id, symbol, 8)
    }

    /// Where a name's value is made.
    pub(crate) fn symbol_definition(
        &self,
        id: FileId,
        symbol: SymbolId,
        steps: usize,
    ) -> Option<(FileId, Definition<'a>)> {
        let steps = steps.checked_sub(1)?;
        let file = &self.files[id];
        if file.scoping().symbol_is_mutated(symbol) {
            return None;
        }
        let declaration = file.scoping().symbol_declaration(symbol);
        for node in std::iter::once(declaration).chain(file.nodes().ancestor_ids(declaration)) {
            match file.nodes().kind(node) {
                AstKind::VariableDeclarator(declarator) => {
                    declarator.id.get_binding_identifier()?;
                    let init: &'a Expression<'a> = declarator.init.as_ref()?;
                    return match init.get_inner_expression() {
                        Expression::Identifier(next) => {
                            let symbol = file.scoping().get_reference(next.reference_id.get()?).symbol_id()?;
                            self.symbol_definition(id, symbol, steps)
                        }
                        _ => self.definition(file, init),
                    };
                }
                AstKind::Function(function) => return Some((id, Definition::Function(function))),
                AstKind::Class(class) => return Some((id, Definition::Class(class))),
                AstKind::ImportDeclaration(import) => {
                    let target = self.resolve(id, import.source.value.as_str())?;
                    let name = match file.nodes().kind(declaration) {
                        AstKind::ImportSpecifier(import) => import.imported.name().as_str(),
                        AstKind::ImportDefaultSpecifier(_) => "default",
                        _ => return None,
                    };
                    let (file, symbol) = self.exported(target, name)?;
                    return self.symbol_definition(file, symbol, steps);
                }
                AstKind::FormalParameter(_) | AstKind::CatchParameter(_) => return None,
                _ => {}
            }
        }
        None
    }
}

fn function_meaning<'a>(file: FileId, node: NodeId) -> Meaning<'a> {
    Meaning::of(Root::Function(FunctionId { file, node }))
}

/// The property names that lead through a pattern to a name; nothing where it takes a rest or an element.
pub(crate) fn path_to<'a>(pattern: &BindingPattern<'a>, symbol: SymbolId) -> Option<Vec<&'a str>> {
    match pattern {
        BindingPattern::BindingIdentifier(name) => (name.symbol_id.get() == Some(symbol)).then(Vec::new),
        BindingPattern::AssignmentPattern(with_default) => path_to(&with_default.left, symbol),
        BindingPattern::ArrayPattern(_) => None,
        BindingPattern::ObjectPattern(object) => object.properties.iter().find_map(|property| {
            let rest = path_to(&property.value, symbol)?;
            let mut path = vec![crate::patterns::key_name(&property.key, property.computed)?];
            path.extend(rest);
            Some(path)
        }),
    }
}
