use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::meaning::FunctionId;
use crate::project::{File, Project};
use crate::unused::is_used;
use oxc::ast::AstKind;
use oxc::ast::ast::{BindingPattern, FormalParameter, MethodDefinitionKind, PropertyKind};
use oxc::semantic::{NodeId, SymbolId};

pub struct NoUnusedVars;

static DOCS: Docs = Docs {
    id: "no-unused-vars",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "Imports, variables, functions, classes, types and parameters that nothing reads. Same as oxlint's `no-unused-vars`.",
    why: "What is left over misleads the next reader, and an unused value is often one that was meant to be sent.",
    good: "const { text, user } = event;\nreturn { text, user };",
};

impl Rule for NoUnusedVars {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files().filter(|file| file.is_whole) {
            let scoping = file.scoping();
            for symbol in scoping.symbol_ids() {
                if is_used(file, symbol) {
                    continue;
                }
                let Some(kind) = kind(context, file, symbol) else { continue };
                let name = scoping.symbol_name(symbol);
                // A leading underscore says that it is left unused on purpose; a `catch` needs no name at all.
                if name.starts_with('_') && kind != "caught error" {
                    continue;
                }
                let is_written = scoping.get_resolved_references(symbol).any(oxc::semantic::Reference::is_write);
                let what = if is_written { "is given a value that nothing reads" } else { "is never used" };
                let help = match kind {
                    "caught error" => "Write `catch { … }`, or say in the log what went wrong".to_owned(),
                    "parameter" => format!("Remove it, or name it `_{name}` if it has to stand there"),
                    _ => "Remove it, or use it where it was meant to be used".to_owned(),
                };
                context.report(file, scoping.symbol_span(symbol), format!("The {kind} `{name}` {what}")).help(help);
            }
        }
    }
}

/// What a name stands for; nothing where it may be left unused.
fn kind(project: &Project<'_>, file: &File<'_>, symbol: SymbolId) -> Option<&'static str> {
    let scoping = file.scoping();
    if scoping.symbol_declarations(symbol).any(|declaration| is_offered(file, declaration)) {
        return None;
    }
    let declaration = scoping.symbol_declaration(symbol);
    match file.nodes().kind(declaration) {
        AstKind::ImportSpecifier(_)
        | AstKind::ImportDefaultSpecifier(_)
        | AstKind::ImportNamespaceSpecifier(_)
        | AstKind::TSImportEqualsDeclaration(_) => Some("import"),
        AstKind::VariableDeclarator(_) => Some("variable"),
        AstKind::Function(function) => function.is_declaration().then_some("function"),
        AstKind::Class(class) => class.is_declaration().then_some("class"),
        AstKind::CatchParameter(_) => Some("caught error"),
        AstKind::FormalParameter(parameter) => {
            let may_stay = parameter.accessibility.is_some() || parameter.readonly || parameter.r#override;
            (!may_stay
                && has_body(file, declaration)
                && !is_before_used(file, declaration, parameter)
                && !is_handed_by_runtime(project, file, declaration, parameter))
            .then_some("parameter")
        }
        AstKind::FormalParameterRest(_) => has_body(file, declaration).then_some("parameter"),
        AstKind::TSTypeAliasDeclaration(_) | AstKind::TSInterfaceDeclaration(_) => Some("type"),
        AstKind::TSTypeParameter(_) => {
            // The key of a mapped type has to have a name.
            let is_key = matches!(file.nodes().parent_kind(declaration), AstKind::TSMappedType(_));
            (!is_key).then_some("type parameter")
        }
        AstKind::TSEnumDeclaration(_) => Some("enum"),
        AstKind::TSNamespaceDeclaration(_) => Some("namespace"),
        _ => None,
    }
}

/// Whether others can use what is declared: it is exported, or belongs to what is declared for all.
fn is_offered(file: &File<'_>, declaration: NodeId) -> bool {
    let mut around = file.nodes().ancestor_kinds(declaration);
    let mut next = around.next();
    if matches!(next, Some(AstKind::VariableDeclaration(_))) {
        // `for (const item of items) return item;` only asks whether there is one.
        match around.next() {
            Some(AstKind::ForInStatement(each)) if begins_with_return(&each.body) => return true,
            Some(AstKind::ForOfStatement(each)) if begins_with_return(&each.body) => return true,
            other => next = other,
        }
    }
    matches!(next, Some(AstKind::ExportDeclaration(_) | AstKind::ExportDefaultDeclaration(_)))
        || around.any(|kind| matches!(kind, AstKind::TSGlobalDeclaration(_) | AstKind::TSExternalModuleDeclaration(_)))
}

fn begins_with_return(body: &oxc::ast::ast::Statement<'_>) -> bool {
    use oxc::ast::ast::Statement;
    match body {
        Statement::ReturnStatement(_) => true,
        Statement::BlockStatement(block) => matches!(block.body.first(), Some(Statement::ReturnStatement(_))),
        _ => false,
    }
}

/// Whether a parameter belongs to a function that has code, a setter's left out.
fn has_body(file: &File<'_>, parameter: NodeId) -> bool {
    let mut around = file.nodes().ancestor_kinds(parameter).skip(1);
    match around.next() {
        Some(AstKind::ArrowFunctionExpression(_)) => true,
        Some(AstKind::Function(function)) => {
            let is_setter = match around.next() {
                Some(AstKind::MethodDefinition(method)) => method.kind == MethodDefinitionKind::Set,
                Some(AstKind::ObjectProperty(property)) => property.kind == PropertyKind::Set,
                _ => false,
            };
            function.body.is_some() && !is_setter
        }
        _ => false,
    }
}

/// Whether a parameter is one that the runtime hands to a handler: `fetch(request, env, ctx)` is written as one knows it.
fn is_handed_by_runtime(project: &Project<'_>, file: &File<'_>, id: NodeId, parameter: &FormalParameter<'_>) -> bool {
    let all = file.nodes().parent_node(id);
    let AstKind::FormalParameters(parameters) = all.kind() else { return false };
    let function = FunctionId { file: file.id, node: file.nodes().parent_id(all.id()) };
    let index = parameters.items.iter().position(|item| item.span == parameter.span);
    parameter.pattern.is_binding_identifier()
        && index.is_some_and(|index| project.handlers.parameter(function, index).is_some())
}

/// Whether a parameter has to stand there because a later one is used.
fn is_before_used(file: &File<'_>, id: NodeId, parameter: &FormalParameter<'_>) -> bool {
    let AstKind::FormalParameters(all) = file.nodes().parent_kind(id) else { return false };
    if !parameter.pattern.is_binding_identifier() {
        return false;
    }
    let uses = |pattern: &BindingPattern<'_>| {
        pattern
            .get_binding_identifiers()
            .iter()
            .any(|name| name.symbol_id.get().is_some_and(|name| is_used(file, name)))
    };
    let later = all.items.iter().filter(|item| item.span.start > parameter.span.start).map(|item| &item.pattern);
    later.chain(all.rest.iter().map(|rest| &rest.rest.argument)).any(uses)
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoUnusedVars,
            &[
                case("export default { async fetch(request, env, ctx) { return { ok: true }; } };"),
                case(
                    "import { mapFields } from './map'; import type { Event } from './types'; export default { fetch: (event: Event) => mapFields(event) };",
                ),
                handler(
                    "const { url } = request; const _later = 1; let count = 0; const id = count++; return { url, id, a: env, b: ctx };",
                ),
                case(
                    "export const a = 1; export function go(first, second) { return second; } export default { fetch: go };",
                ),
                case("type Used = string; interface Shape { a: Used } export default { fetch: (a: Shape) => a };"),
                case(
                    "export function go(value: string): string; export function go(value: unknown): unknown { return value; } export default { fetch: go };",
                ),
                case(
                    "class Client { constructor(private token: string) {} set name(value: string) {} } export default { fetch: () => new Client('a') };",
                ),
                handler(
                    "for (const item of [request, env, ctx]) { return { found: true }; } try { return {}; } catch { return {}; }",
                ),
                case(
                    "function even(n) { return n === 0 || odd(n - 1); } function odd(n) { return n !== 0 && even(n - 1); } export default { fetch: () => even };",
                ),
                handler("const timer = { request, env, ctx }; let sum = 0; return { timer, total: (sum += 1) };"),
            ],
            &[
                case("import { mapFields, retry } from './kit'; export default { fetch: () => retry() };"),
                case(
                    "export default { async fetch(request, env, ctx) { const event = await request.json(); let last; last = 1; return {}; } };",
                ),
                case(
                    "function again() { return again(); } const later = () => later(); export default { fetch: () => ({}) };",
                ),
                case(
                    "type Left = { next: Left }; export default { fetch<T>(request: Request) { try { return request; } catch (error) { return {}; } } };",
                ),
                handler(
                    "const { text, ...rest } = await request.json(); let attempts = 0; attempts++; let all = []; all = [...all, 1]; return { rest };",
                ),
            ],
        );
    }
}
