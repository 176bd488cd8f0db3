use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::meaning::Root;
use crate::patterns::as_call;
use crate::project::File;
use oxc::ast::ast::{
    Argument, AssignmentExpression, AssignmentTarget, Expression, IdentifierReference, ObjectPropertyKind,
};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::NodeId;
use oxc::span::Span;

pub struct SharedMutableState;

static DOCS: Docs = Docs {
    id: "shared-mutable-state",
    group: Group::Runtime,
    severity: Severity::Warning,
    what: "What belongs to one webhook (the request, its body, the context) put into a variable of the module or of `globalThis`.",
    why: "Webhooks are handled at the same time in one isolate. While the first waits for an answer the second overwrites the variable, and the first goes on with somebody else's data.",
    good: "const event = await request.json();\nawait notify(event); // hand it on as a parameter",
};

/// Names and wrappings that are followed from a value to the request.
const MOST_STEPS: usize = 10;

impl Rule for SharedMutableState {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::AssignmentExpression) {
                let AstKind::AssignmentExpression(assignment) = node.kind() else { continue };
                // `??=` and `||=` keep the first value, as caches do.
                if !assignment.operator.is_assign() || file.function_around(node.id()).is_none() {
                    continue;
                }
                let Some((name, span)) = shared_name(context, file, assignment, node.id()) else { continue };
                let Some(what) = of_one_webhook(context, file, &assignment.right, MOST_STEPS) else { continue };
                context
                    .report(file, span, format!("`{name}` is shared by all webhooks, but is given {what} of one"))
                    .help("Declare it in the handler and hand it on as a parameter");
            }
        }
    }
}

/// The name of the module or of `globalThis` that an assignment writes, where something reads it too.
fn shared_name<'a>(
    context: &Context<'_, 'a>,
    file: &File<'a>,
    assignment: &'a AssignmentExpression<'a>,
    node: NodeId,
) -> Option<(&'a str, Span)> {
    match &assignment.left {
        AssignmentTarget::AssignmentTargetIdentifier(target) => {
            let symbol = file.scoping().get_reference(target.reference_id.get()?).symbol_id()?;
            let is_of_module = file.scoping().symbol_scope_id(symbol) == file.scoping().root_scope_id();
            let is_read = file.semantic.symbol_references(symbol).any(oxc::semantic::Reference::is_read);
            let is_kept = is_read || file.record.exported_bindings.contains_key(target.name.as_str());
            (is_of_module && is_kept && !is_asked_before(file, node, target.name.as_str()))
                .then_some((target.name.as_str(), target.span))
        }
        AssignmentTarget::StaticMemberExpression(member) => {
            let Expression::Identifier(object) = member.object.get_inner_expression() else { return None };
            let is_global = context.meaning(file, &member.object).is_some_and(|meaning| {
                meaning.members.is_empty() && matches!(meaning.root, Root::Global("globalThis" | "self" | "global"))
            });
            let name = member.span.source_text(file.source.text());
            (is_global || (is_object_of_module(file, object) && !is_asked_before(file, node, object.name.as_str())))
                .then_some((name, member.span))
        }
        _ => None,
    }
}

/// Whether a name of the module stands for one object literal.
fn is_object_of_module(file: &File<'_>, object: &IdentifierReference<'_>) -> bool {
    let symbol = object.reference_id.get().and_then(|id| file.scoping().get_reference(id).symbol_id());
    symbol.is_some_and(|symbol| {
        let declaration = file.nodes().kind(file.scoping().symbol_declaration(symbol));
        file.scoping().symbol_scope_id(symbol) == file.scoping().root_scope_id()
            && matches!(declaration, AstKind::VariableDeclarator(declarator) if declarator.init.as_ref().is_some_and(
                |init| matches!(init.get_inner_expression(), Expression::ObjectExpression(_))))
    })
}

/// Whether the assignment stands in an `if` that asks for the same name, as caches do.
fn is_asked_before(file: &File<'_>, node: NodeId, name: &str) -> bool {
    file.nodes().ancestor_kinds(node).any(|kind| match kind {
        AstKind::IfStatement(choice) => {
            file.of_type_in(AstType::IdentifierReference, choice.test.node_id()).any(|node| match node.kind() {
                AstKind::IdentifierReference(asked) => asked.name == name,
                _ => false,
            })
        }
        _ => false,
    })
}

/// What of a webhook a value is or holds, if that is certain.
fn of_one_webhook<'a>(
    context: &Context<'_, 'a>,
    file: &File<'a>,
    value: &Expression<'a>,
    steps: usize,
) -> Option<&'static str> {
    let steps = steps.checked_sub(1)?;
    context.take_step()?;
    let next = |value: &Expression<'a>| of_one_webhook(context, file, value, steps);
    let value = value.get_inner_expression();
    if let Some(meaning) = context.meaning(file, value) {
        match meaning.root {
            Root::Request => return Some(if meaning.members.is_empty() { "the request" } else { "data" }),
            Root::Context if meaning.members.is_empty() => return Some("the context"),
            _ => {}
        }
    }
    match value {
        Expression::AwaitExpression(awaited) => next(&awaited.argument),
        Expression::StaticMemberExpression(member) => next(&member.object).map(|_| "data"),
        Expression::ComputedMemberExpression(member) => next(&member.object).map(|_| "data"),
        Expression::LogicalExpression(both) => next(&both.left).or_else(|| next(&both.right)),
        Expression::ConditionalExpression(choice) => next(&choice.consequent).or_else(|| next(&choice.alternate)),
        Expression::BinaryExpression(sum) if sum.operator == oxc::ast::ast::BinaryOperator::Addition => {
            next(&sum.left).or_else(|| next(&sum.right))
        }
        Expression::TemplateLiteral(text) => text.expressions.iter().find_map(next).map(|_| "data"),
        Expression::ObjectExpression(object) => object.properties.iter().find_map(|property| match property {
            ObjectPropertyKind::ObjectProperty(property) => next(&property.value),
            ObjectPropertyKind::SpreadProperty(spread) => next(&spread.argument),
        }),
        Expression::NewExpression(made) => {
            let class = context.meaning(file, &made.callee)?;
            let keeps = ["URL", "Request", "Headers", "URLSearchParams"].iter().any(|name| class.is_global(name));
            let first = made.arguments.first().and_then(Argument::as_expression)?;
            if keeps { next(first).map(|_| "data") } else { None }
        }
        Expression::ChainExpression(chain) => next(chain.expression.member_expression()?.object()).map(|_| "data"),
        Expression::CallExpression(_) => {
            let call = as_call(value)?;
            let parses = context.meaning(file, &call.callee).is_some_and(|callee| {
                ["JSON.parse", "String", "structuredClone"].iter().any(|name| callee.is_global(name))
            });
            if parses {
                return next(call.arguments.first().and_then(Argument::as_expression)?).map(|_| "data");
            }
            // A method of the request or of what was taken from it: `request.headers.get(…)`, `text.trim()`.
            next(call.callee.get_member_expr()?.object()).map(|_| "data")
        }
        Expression::Identifier(name) => {
            let symbol = file.scoping().get_reference(name.reference_id.get()?).symbol_id()?;
            if file.scoping().symbol_is_mutated(symbol) {
                return None;
            }
            let declaration = file.scoping().symbol_declaration(symbol);
            let kinds = std::iter::once(declaration).chain(file.nodes().ancestor_ids(declaration));
            for id in kinds {
                match file.nodes().kind(id) {
                    AstKind::VariableDeclarator(declarator) => {
                        return next(declarator.init.as_ref()?).map(|_| "data");
                    }
                    AstKind::FormalParameter(_)
                    | AstKind::Function(_)
                    | AstKind::Program(_)
                    | AstKind::CatchParameter(_) => {
                        return None;
                    }
                    _ => {}
                }
            }
            None
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, test};

    /// A module with declarations, and a handler with a body.
    fn module(top: &str, body: &str) -> crate::tester::Case {
        case(&format!("{top}\nexport default {{\n  async fetch(request, env, ctx) {{\n    {body}\n  }},\n}};\n"))
    }

    #[test]
    fn cases() {
        test(
            &super::SharedMutableState,
            &[
                module("", "let event; event = await request.json(); return event;"),
                module("const seen = new Map();", "const event = await request.json(); seen.set(event.id, Date.now()); return { count: seen.size };"),
                module("let calls = 0;", "calls += 1; calls = calls + 1; return { calls };"),
                // Bindings are the same for every webhook of an isolate.
                module("let token;\nlet client;", "token = env.TOKEN; client ??= { token }; return { client };"),
                module("let table;", "if (!table) { table = await (await fetch('https://a.example')).json(); } return { table };"),
                module("let origin;", "origin ??= new URL(request.url).origin; return { origin };"),
                module("let origin;", "if (!origin) origin = new URL(request.url).origin; return { origin };"),
                module("let table;\nconst load = async (from, keep) => ({ from, keep });", "table = await load(env.TABLE, ctx); return { table };"),
                module("let last;", "last = Date.now(); return { last };"),
                module("let current;", "{ let current; current = request; console.log(current.url); } return { current };"),
                module("let event;\nconst other = { json: () => 1 };", "event = other.json(); return { event };"),
                module("const state = {};", "if (!state.url) { state.url = request.url; } return state;"),
                module("", "const state = {}; state.url = request.url; return state;"),
                module("let never;", "never = request; return {};"),
            ],
            &[
                module("let event;", "event = await request.json(); await fetch('https://a.example'); return event;"),
                module("let current;", "current = request; return { url: current.url };"),
                module("let user;", "const { body: { user: sender } } = await request.json(); user = sender; return { user };"),
                module("let caller = '';", "caller = `by ${request.headers.get('x-user') ?? ''}`; return { caller };"),
                module("const state = { url: '' };", "state.url = request.url; await fetch('https://a.example'); return state;"),
                module("", "globalThis.context = ctx; return {};"),
                case("import { remember, told } from './state';\nexport default { async fetch(request) { remember(request); await fetch('https://a.example'); return { url: told() }; } };")
                    .file("src/state.ts", "let current;\nexport function remember(given) { current = given; }\nexport const told = () => current.url;"),
                case("let url;\nclass Adapter { async fetch(given) { url = new URL(given.url); return { at: url.href }; } }\nexport default new Adapter();"),
            ],
        );
    }
}
