//! The functions that the runtime calls: what the entry's default export holds.

use crate::meaning::{Definition, FunctionId, Root};
use crate::patterns::key_name;
use crate::project::{File, FileId, Project};
use oxc::ast::AstKind;
use oxc::ast::AstType;
use oxc::ast::ast::{
    Class, ClassElement, ExportDefaultDeclarationKind, Expression, ObjectExpression, ObjectPropertyKind,
};
use oxc::span::{GetSpan as _, Span};

/// What the entry's default export is.
#[derive(Default, Clone, Copy)]
pub(crate) enum DefaultExport<'a> {
    /// There is no entry, or what it exports cannot be told.
    #[default]
    Unknown,
    /// The entry exports no default.
    Missing,
    /// An object literal.
    Object { file: FileId, object: &'a ObjectExpression<'a>, export: Span },
    /// A class, or an instance of one.
    Class { file: FileId, class: &'a Class<'a>, is_instance: bool, export: Span },
    /// Something that the runtime cannot call: a function, a string, a number.
    Wrong { export: Span, what: &'static str },
}

/// The default export and the functions in it.
#[derive(Default)]
pub(crate) struct Handlers<'a> {
    pub(crate) export: DefaultExport<'a>,
    /// Name and function of each handler that is known.
    functions: Vec<(&'a str, FunctionId)>,
    /// The handlers stand in a class that gets `env` as `this.env`.
    is_entrypoint: bool,
}

impl<'a> Handlers<'a> {
    /// The function that answers requests.
    pub(crate) fn fetch(&self) -> Option<FunctionId> {
        self.functions.iter().find(|(name, _)| *name == "fetch").map(|(_, function)| *function)
    }

    /// What a handler is given in a parameter.
    pub(crate) fn parameter(&self, function: FunctionId, index: usize) -> Option<Root<'a>> {
        let (name, _) = self.functions.iter().find(|(_, known)| *known == function)?;
        match (*name, index) {
            ("fetch", 0) => Some(Root::Request),
            (_, 1) if !self.is_entrypoint => Some(Root::Environment),
            (_, 2) if !self.is_entrypoint => Some(Root::Context),
            _ => None,
        }
    }
}

/// Names of the functions that the runtime calls.
pub(crate) const HANDLERS: &[&str] = &["fetch", "scheduled", "queue", "email", "tail", "trace"];

pub(crate) fn find<'a>(project: &Project<'a>) -> Handlers<'a> {
    let Some(entry) = project.entry_file() else { return Handlers::default() };
    let export = default_export(project, entry);
    let mut handlers = Handlers { export, ..Handlers::default() };
    match export {
        DefaultExport::Object { file, object, .. } => {
            for property in &object.properties {
                let ObjectPropertyKind::ObjectProperty(property) = property else { continue };
                let Some(name) = key_name(&property.key, property.computed) else { continue };
                if HANDLERS.contains(&name)
                    && let Some(function) = function_of(project, &project.files[file], &property.value)
                {
                    handlers.functions.push((name, function));
                }
            }
        }
        DefaultExport::Class { file, class, is_instance, .. } => {
            handlers.is_entrypoint = !is_instance;
            for element in &class.body.body {
                let ClassElement::MethodDefinition(method) = element else { continue };
                let Some(name) = key_name(&method.key, method.computed) else { continue };
                if HANDLERS.contains(&name) {
                    handlers.functions.push((name, FunctionId { file, node: method.value.node_id.get() }));
                }
            }
        }
        DefaultExport::Unknown | DefaultExport::Missing | DefaultExport::Wrong { .. } => {}
    }
    handlers
}

fn function_of<'a>(project: &Project<'a>, file: &File<'a>, value: &'a Expression<'a>) -> Option<FunctionId> {
    let (file, definition) = project.definition(file, value)?;
    let node = match definition {
        Definition::Function(function) => function.node_id.get(),
        Definition::Expression(Expression::ArrowFunctionExpression(function)) => function.node_id.get(),
        _ => return None,
    };
    Some(FunctionId { file, node })
}

fn default_export<'a>(project: &Project<'a>, entry: &File<'a>) -> DefaultExport<'a> {
    let declaration = entry.of_type(AstType::ExportDefaultDeclaration).find_map(|node| match node.kind() {
        AstKind::ExportDefaultDeclaration(declaration) => Some(declaration),
        _ => None,
    });
    let Some(declaration) = declaration else {
        let names = entry.record.exported_bindings.keys().any(|name| name.as_str() == "default");
        let re_exports = entry.record.indirect_export_entries.iter().any(|export| export.export_name.is_default())
            || entry.record.local_export_entries.iter().any(|export| export.export_name.is_default());
        if !names && !re_exports {
            return if entry.is_whole { DefaultExport::Missing } else { DefaultExport::Unknown };
        }
        let found =
            project.exported(entry.id, "default").and_then(|(file, symbol)| project.symbol_definition(file, symbol, 8));
        let export =
            entry.record.exported_bindings.iter().find(|(name, _)| name.as_str() == "default").map(|(_, span)| *span);
        return found.map_or(DefaultExport::Unknown, |found| classify(project, found, export.unwrap_or_default()));
    };
    // Only the words `export default` are marked, not the whole adapter.
    let export = Span::sized(declaration.span.start, 14);
    match &declaration.declaration {
        ExportDefaultDeclarationKind::FunctionDeclaration(_) => DefaultExport::Wrong { export, what: "a function" },
        ExportDefaultDeclarationKind::ClassDeclaration(class) => {
            DefaultExport::Class { file: entry.id, class, is_instance: false, export }
        }
        ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => DefaultExport::Missing,
        other => match other.as_expression() {
            Some(expression) => project
                .definition(entry, expression)
                .map_or(DefaultExport::Unknown, |found| classify(project, found, export)),
            None => DefaultExport::Unknown,
        },
    }
}

fn classify<'a>(
    project: &Project<'a>,
    (file, definition): (FileId, Definition<'a>),
    export: Span,
) -> DefaultExport<'a> {
    match definition {
        Definition::Class(class) => DefaultExport::Class { file, class, is_instance: false, export },
        Definition::Function(_) => DefaultExport::Wrong { export, what: "a function" },
        Definition::Expression(expression) => match expression {
            Expression::ObjectExpression(object) => DefaultExport::Object { file, object, export },
            Expression::ArrowFunctionExpression(_) => DefaultExport::Wrong { export, what: "a function" },
            Expression::StringLiteral(_) | Expression::TemplateLiteral(_) => {
                DefaultExport::Wrong { export, what: "a text" }
            }
            Expression::NumericLiteral(_) => DefaultExport::Wrong { export, what: "a number" },
            Expression::NullLiteral(_) => DefaultExport::Wrong { export, what: "null" },
            Expression::ArrayExpression(_) => DefaultExport::Wrong { export, what: "an array" },
            Expression::NewExpression(made) => match project.definition(&project.files[file], &made.callee) {
                Some((file, Definition::Class(class))) => {
                    DefaultExport::Class { file, class, is_instance: true, export }
                }
                _ => DefaultExport::Unknown,
            },
            _ => DefaultExport::Unknown,
        },
    }
}

/// Where something is reported that a handler as a whole lacks: its name.
pub(crate) fn name_of(file: &File<'_>, handler: FunctionId) -> Span {
    match file.nodes().parent_kind(handler.node) {
        AstKind::ObjectProperty(property) => property.key.span(),
        AstKind::MethodDefinition(method) => method.key.span(),
        _ => Span::sized(file.nodes().kind(handler.node).span().start, 0),
    }
}

/// Where a missing handler is reported: the default export, else the first statement.
pub(crate) fn start_of(file: &File<'_>) -> Span {
    let program = file.nodes().program();
    program.body.first().map_or(Span::sized(program.span.start, 0), |statement| {
        let span = statement.span();
        let text = &file.source.text()[span.start as usize..span.end as usize];
        let length = text.lines().next().map_or(0, str::len);
        Span::sized(span.start, u32::try_from(length).unwrap_or(0))
    })
}
