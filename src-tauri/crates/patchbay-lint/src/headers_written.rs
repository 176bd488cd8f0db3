//! The headers that the code sets, on calls and on answers.

use crate::meaning::Definition;
use crate::patterns::{key_name, method_call};
use crate::project::{File, FileId, Project};
use oxc::ast::ast::{Argument, Expression, ObjectExpression, ObjectPropertyKind};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::SymbolId;
use oxc::span::Span;
use std::collections::HashSet;

/// Which headers are set together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum HeaderSet {
    /// Those of one object literal or one `new Headers(…)`, by where it stands.
    Made(FileId, u32),
    /// Those of a request or response, by its name.
    Of(FileId, SymbolId),
}

/// One header that is set.
pub(crate) struct HeaderWrite<'a> {
    pub(crate) file: FileId,
    /// Its name as it is written; compare without regard to case.
    pub(crate) name: &'a str,
    pub(crate) value: &'a Expression<'a>,
    /// Name and value, or the call that sets them.
    pub(crate) span: Span,
    pub(crate) set: HeaderSet,
}

impl HeaderWrite<'_> {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

impl<'a> Project<'a> {
    /// Every header that is set under a name that is written out: in `headers` of a `fetch`, `Request`, `Response` or
    /// `Response.json`, in `new Headers(…)`, and by `set` or `append`.
    pub(crate) fn header_writes(&self) -> &[HeaderWrite<'a>] {
        self.header_writes.get_or_init(|| {
            let mut search = Search { project: self, seen: HashSet::new(), writes: Vec::new() };
            for file in self.checked_files() {
                search.file(file);
            }
            search.writes
        })
    }
}

struct Search<'s, 'a> {
    project: &'s Project<'a>,
    seen: HashSet<HeaderSet>,
    writes: Vec<HeaderWrite<'a>>,
}

impl<'a> Search<'_, 'a> {
    fn file(&mut self, file: &File<'a>) {
        for node in file.of_type(AstType::NewExpression) {
            let AstKind::NewExpression(made) = node.kind() else { continue };
            let Some(class) = self.project.meaning(file, &made.callee) else { continue };
            let argument = |index: usize| made.arguments.get(index).and_then(Argument::as_expression);
            if class.is_global("Headers") {
                self.literal(file, argument(0), Some(HeaderSet::Made(file.id, made.span.start)));
            } else if class.is_global("Request") || class.is_global("Response") {
                self.init(file, argument(1));
            }
        }
        for node in file.of_type(AstType::CallExpression) {
            let AstKind::CallExpression(call) = node.kind() else { continue };
            let argument = |index: usize| call.arguments.get(index).and_then(Argument::as_expression);
            let Some(second) = argument(1) else { continue };
            if let Some((object, "set" | "append")) = method_call(call) {
                if let (Some(set), Some(Expression::StringLiteral(name))) = (self.set_of(file, object), argument(0)) {
                    let name = name.value.as_str();
                    self.writes.push(HeaderWrite { file: file.id, name, value: second, span: call.span, set });
                }
                continue;
            }
            let callee = self.project.meaning(file, &call.callee);
            if callee.is_some_and(|callee| callee.is_global("fetch") || callee.is_global("Response.json")) {
                self.init(file, Some(second));
            }
        }
    }

    /// The object literal that an expression is, and the file it stands in.
    fn object(&self, file: &File<'a>, value: &'a Expression<'a>) -> Option<(FileId, &'a ObjectExpression<'a>)> {
        match self.project.definition(file, value)? {
            (defined_in, Definition::Expression(Expression::ObjectExpression(object))) => Some((defined_in, object)),
            _ => None,
        }
    }

    fn init(&mut self, file: &File<'a>, init: Option<&'a Expression<'a>>) {
        let Some((defined_in, init)) = init.and_then(|init| self.object(file, init)) else { return };
        let headers = property(init, "headers");
        let project = self.project;
        self.literal(&project.files[defined_in], headers, None);
    }

    fn literal(&mut self, file: &File<'a>, headers: Option<&'a Expression<'a>>, set: Option<HeaderSet>) {
        let Some((defined_in, object)) = headers.and_then(|headers| self.object(file, headers)) else { return };
        let set = set.unwrap_or(HeaderSet::Made(defined_in, object.span.start));
        if !self.seen.insert(set) {
            return;
        }
        for property in &object.properties {
            let ObjectPropertyKind::ObjectProperty(property) = property else { continue };
            let Some(name) = key_name(&property.key, property.computed) else { continue };
            self.writes.push(HeaderWrite { file: defined_in, name, value: &property.value, span: property.span, set });
        }
    }

    /// The headers that `set` is called on.
    fn set_of(&self, file: &File<'a>, object: &'a Expression<'a>) -> Option<HeaderSet> {
        if let Some((defined_in, Definition::Expression(Expression::NewExpression(made)))) =
            self.project.definition(file, object)
        {
            let class = self.project.meaning(&self.project.files[defined_in], &made.callee)?;
            return class.is_global("Headers").then_some(HeaderSet::Made(defined_in, made.span.start));
        }
        let member = object.get_inner_expression().as_member_expression()?;
        if member.static_property_name() != Some("headers") {
            return None;
        }
        // What has `headers` with a `set` is a request or a response, if the code makes it or is given it.
        let Expression::Identifier(owner) = member.object().get_inner_expression() else { return None };
        let symbol = file.scoping().get_reference(owner.reference_id.get()?).symbol_id()?;
        let made = match self.project.definition(file, member.object()) {
            Some((defined_in, Definition::Expression(made))) => {
                let file = &self.project.files[defined_in];
                let class = match without_await(made) {
                    Expression::NewExpression(made) => self.project.meaning(file, &made.callee),
                    Expression::CallExpression(call) => self.project.meaning(file, &call.callee),
                    _ => None,
                };
                class.is_some_and(|class| {
                    ["Request", "Response", "Response.json", "fetch"].iter().any(|name| class.is_global(name))
                })
            }
            _ => false,
        };
        made.then_some(HeaderSet::Of(file.id, symbol))
    }
}

/// The value of a property of an object literal.
pub(crate) fn property<'a>(object: &'a ObjectExpression<'a>, name: &str) -> Option<&'a Expression<'a>> {
    object.properties.iter().find_map(|property| match property {
        ObjectPropertyKind::ObjectProperty(property) if key_name(&property.key, property.computed) == Some(name) => {
            Some(&property.value)
        }
        _ => None,
    })
}

/// What is awaited, or the expression itself.
pub(crate) fn without_await<'e, 'a>(expression: &'e Expression<'a>) -> &'e Expression<'a> {
    match expression.get_inner_expression() {
        Expression::AwaitExpression(awaited) => awaited.argument.get_inner_expression(),
        inner => inner,
    }
}
