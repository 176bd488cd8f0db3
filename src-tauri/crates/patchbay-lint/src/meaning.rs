//! What an expression refers to: aliases, destructuring, parameters and imports are followed, names are never trusted.

use crate::project::{File, FileId, Project};
use oxc::allocator::Allocator;
use oxc::ast::AstKind;
use oxc::ast::ast::{Argument, BindingPattern, Class, Expression, Function};
use oxc::semantic::{NodeId, SymbolId};
use std::cell::{Cell, RefCell};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meaning<'a> {
    pub(crate) root: Root<'a>,
    pub(crate) members: &'a [&'a str],
}

impl<'a> Meaning<'a> {
    fn of(root: Root<'a>) -> Self {
        Self { root, members: &[] }
    }

    fn member(self, name: &'a str, allocator: &'a Allocator) -> Self {
        match (self.root, self.members, name) {
            (Root::Global("globalThis" | "self" | "global"), [], name) => Self::of(Root::Global(name)),
            (Root::Import { from, name: "*" }, [], name) => Self::of(imported(from, name)),
            (Root::This, [], "env") => Self::of(Root::Environment),
            (Root::This, [], "ctx") => Self::of(Root::Context),
            (root, [], name) => Self { root, members: allocator.alloc_slice_copy(&[name]) },
            (root, members, name) => {
                let members = members.iter().copied().chain(std::iter::once(name)).collect::<Vec<_>>();
                Self { root, members: allocator.alloc_slice_copy(&members) }
            }
        }
    }

    /// Whether it is a global, or a property path of one: `crypto`, `crypto.subtle.verify`.
    pub(crate) fn is_global(&self, path: &str) -> bool {
        let Root::Global(first) = self.root else { return false };
        let Some(mut rest) = path.strip_prefix(first) else { return false };
        for member in self.members {
            match rest.strip_prefix('.').and_then(|rest| rest.strip_prefix(member)) {
                Some(next) => rest = next,
                None => return false,
            }
        }
        rest.is_empty()
    }

    /// Whether it begins with a global.
    pub(crate) fn begins_with_global(&self, name: &str) -> bool {
        self.root == Root::Global(name)
    }

    /// The name of the binding, if it is exactly one: `env.NAME`.
    pub(crate) fn binding(&self) -> Option<&'a str> {
        match (self.root, self.members) {
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

/// What is known of the meanings of a file's names and property accesses, each found once however many rules ask.
pub(crate) struct KnownMeanings<'a> {
    /// By symbol, and by node for property accesses: `UNASKED`, `NOTHING`, or a place in `found` behind them.
    symbols: Vec<Cell<u32>>,
    nodes: Vec<Cell<u32>>,
    found: RefCell<Vec<Meaning<'a>>>,
    /// Where property paths are kept.
    allocator: &'a Allocator,
}

const UNASKED: u32 = 0;
const NOTHING: u32 = 1;
const FIRST: u32 = 2;

impl<'a> KnownMeanings<'a> {
    pub(crate) fn new(symbols: usize, nodes: usize, allocator: &'a Allocator) -> Self {
        let unasked = |count| vec![Cell::new(UNASKED); count];
        Self { symbols: unasked(symbols), nodes: unasked(nodes), found: RefCell::default(), allocator }
    }

    fn find(&self, slot: &Cell<u32>, find: impl FnOnce() -> Option<Meaning<'a>>) -> Option<Meaning<'a>> {
        match slot.get() {
            UNASKED => {}
            NOTHING => return None,
            place => return self.found.borrow().get((place - FIRST) as usize).copied(),
        }
        // What is defined by itself means nothing; this ends the circle.
        slot.set(NOTHING);
        let meaning = find()?;
        let mut found = self.found.borrow_mut();
        if let Ok(place) = u32::try_from(found.len()) {
            slot.set(place + FIRST);
            found.push(meaning);
        }
        Some(meaning)
    }
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
                self.member_meaning(file, member.node_id.get(), &member.object, member.property.name.as_str())
            }
            Expression::ComputedMemberExpression(member) => {
                let Expression::StringLiteral(name) = &member.expression else { return None };
                self.member_meaning(file, member.node_id.get(), &member.object, name.value.as_str())
            }
            Expression::ChainExpression(chain) => {
                let member = chain.expression.member_expression()?;
                let name = member.static_property_name()?;
                self.member_meaning(file, member.node_id(), member.object(), name)
            }
            Expression::ThisExpression(this) => self.runtime_class(file, this.node_id.get()),
            Expression::FunctionExpression(function) => Some(function_meaning(file.id, function.node_id.get())),
            Expression::ArrowFunctionExpression(function) => Some(function_meaning(file.id, function.node_id.get())),
            _ => None,
        }
    }

    fn member_meaning(
        &self,
        file: &File<'a>,
        node: NodeId,
        object: &Expression<'a>,
        name: &'a str,
    ) -> Option<Meaning<'a>> {
        let known = &file.meanings;
        known.find(known.nodes.get(node.index())?, || Some(self.meaning(file, object)?.member(name, known.allocator)))
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
        let file = &self.files[file];
        let known = &file.meanings;
        known.find(known.symbols.get(symbol.index())?, || self.find_symbol_meaning(file, symbol))
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
                    return Some(
                        path.into_iter().fold(start, |meaning, name| meaning.member(name, file.meanings.allocator)),
                    );
                }
                AstKind::FormalParameter(parameter) => {
                    let path = path_to(&parameter.pattern, symbol)?;
                    let AstKind::FormalParameters(all) = file.nodes().parent_kind(id) else { return None };
                    let index = all.items.iter().position(|item| item.span == parameter.span)?;
                    let function = file.nodes().parent_id(file.nodes().parent_id(id));
                    let start = self.parameter_meaning(FunctionId { file: file.id, node: function }, index)?;
                    return Some(
                        path.into_iter().fold(start, |meaning, name| meaning.member(name, file.meanings.allocator)),
                    );
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
        self.take_step()?;
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
