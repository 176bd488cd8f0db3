use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::handlers::DefaultExport;
use crate::meaning::{Meaning, Root};
use crate::patterns::{as_call, key_name, method_call};
use crate::project::File;
use crate::reach::{function_of, is_in_promise_executor, makes_stream};
use oxc::ast::ast::{Argument, CallExpression, ClassElement, Expression, UnaryOperator};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::NodeId;
use oxc::span::{GetSpan as _, Span};
use patchbay_core::BindingKind;

pub struct FloatingPromise;

static DOCS: Docs = Docs {
    id: "floating-promise",
    group: Group::Runtime,
    severity: Severity::Error,
    what: "A call that returns a promise which nobody awaits, returns, keeps or hands to `ctx.waitUntil`: `fetch`, reads of the request, KV writes, async functions of the project, also in `forEach`; and a `ctx.waitUntil` that is given a function or has lost its context.",
    why: "Once the response is sent the runtime cancels what is still running, so the call may never be made, and its error is lost.",
    good: "await fetch(url);\nctx.waitUntil(writeLog(event)); // may go on after the response",
};

impl Rule for FloatingPromise {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::ExpressionStatement) {
                let AstKind::ExpressionStatement(statement) = node.kind() else { continue };
                // At the top of a module there is no response to be sent; `startup-io` looks there.
                if file.function_around(node.id()).is_some() {
                    Place { context, file, node: node.id() }.statement(&statement.expression, None);
                }
            }
            for node in file.of_type(AstType::VariableDeclarator) {
                forgotten(context, file, node.id());
            }
            for node in file.of_type(AstType::CallExpression) {
                let AstKind::CallExpression(call) = node.kind() else { continue };
                wait_until(context, file, call);
            }
        }
    }
}

/// A statement.
struct Place<'c, 'p, 'a> {
    context: &'c Context<'p, 'a>,
    file: &'c File<'a>,
    node: NodeId,
}

impl<'a> Place<'_, '_, 'a> {
    /// Looks at an expression whose value nobody takes. `void` is where a `void` stands before it.
    fn statement(&self, expression: &Expression<'a>, void: Option<Span>) {
        match expression.get_inner_expression() {
            Expression::LogicalExpression(both) => self.statement(&both.right, None),
            Expression::ConditionalExpression(choice) => {
                self.statement(&choice.consequent, None);
                self.statement(&choice.alternate, None);
            }
            Expression::SequenceExpression(all) => {
                for one in &all.expressions {
                    self.statement(one, None);
                }
            }
            Expression::UnaryExpression(unary) if unary.operator == UnaryOperator::Void => {
                let word = Span::new(unary.span.start, unary.argument.span().start);
                self.statement(&unary.argument, Some(word));
            }
            inner => {
                if let Some(call) = as_call(inner) {
                    self.call(expression.span(), call, void);
                }
            }
        }
    }

    fn call(&self, span: Span, call: &CallExpression<'a>, void: Option<Span>) {
        let (context, file) = (self.context, self.file);
        if let Some(what) = in_for_each(context, file, call) {
            context
                .report(
                    file,
                    span,
                    format!("`forEach` waits for nothing, so {what} may be cut off when the response is sent"),
                )
                .help("Write `for (const … of …) await …`, or `await Promise.all(….map(…))`");
            return;
        }
        let Some(what) = promise(context, file, call) else { return };
        if is_in_promise_executor(context, file, self.node) || makes_stream(context, file, self.node) {
            return;
        }
        let report = context
            .report(file, span, format!("Nobody waits for {what}, so it may be cut off when the response is sent"))
            .help("Write `await`, return it, or hand it to `ctx.waitUntil(…)`");
        // Who writes `void` means it, but may not know what the runtime does then.
        let report = if void.is_some() { report.severity(Severity::Warning) } else { report };
        if is_in_async(file, self.node) {
            report.fix("Await it", false, void.unwrap_or(Span::sized(span.start, 0)), "await ");
        }
    }
}

fn is_in_async(file: &File<'_>, node: NodeId) -> bool {
    match file.function_around(node).map(oxc::semantic::AstNode::kind) {
        Some(AstKind::Function(function)) => function.r#async,
        Some(AstKind::ArrowFunctionExpression(function)) => function.r#async,
        _ => false,
    }
}

/// A promise that is kept under a name which is never looked at again.
fn forgotten<'a>(context: &Context<'_, 'a>, file: &File<'a>, node: NodeId) {
    let AstKind::VariableDeclarator(declarator) = file.nodes().kind(node) else { return };
    let (Some(name), Some(init)) = (declarator.id.get_binding_identifier(), &declarator.init) else { return };
    let is_unread = name.symbol_id.get().is_some_and(|symbol| file.scoping().symbol_is_unused(symbol));
    if !is_unread || file.function_around(node).is_none() {
        return;
    }
    let Some(what) = as_call(init).and_then(|call| promise(context, file, call)) else { return };
    if is_in_promise_executor(context, file, node) || makes_stream(context, file, node) {
        return;
    }
    let report = context
        .report(file, init.span(), format!("Nobody waits for {what}: `{}` is never looked at", name.name))
        .help("Write `await`, return it, or hand it to `ctx.waitUntil(…)`");
    if is_in_async(file, node) {
        report.fix("Await it", false, Span::sized(init.span().start, 0), "await ");
    }
}

/// The promise that each call of a `forEach`'s function gives.
fn in_for_each<'a>(context: &Context<'_, 'a>, file: &File<'a>, call: &CallExpression<'a>) -> Option<String> {
    let (_, "forEach") = method_call(call)? else { return None };
    let work = call.arguments.first().and_then(Argument::as_expression)?;
    let meaning = context.meaning(file, work)?;
    let function = function_of(&meaning)?;
    if let Some(what) = known_promise(context, &meaning) {
        // An async function that waits for nothing is done when it returns.
        let inside = &context.files[function.file];
        let waits = inside.of_type_in(AstType::AwaitExpression, function.node).next().is_some();
        return waits.then_some(what);
    }
    match context.files[function.file].nodes().kind(function.node) {
        AstKind::ArrowFunctionExpression(arrow) => {
            promise(context, &context.files[function.file], as_call(arrow.get_expression()?)?)
        }
        _ => None,
    }
}

/// `ctx.waitUntil` that cannot do what it is for.
fn wait_until<'a>(context: &Context<'_, 'a>, file: &File<'a>, call: &CallExpression<'a>) {
    let Some(callee) = context.meaning(file, &call.callee) else { return };
    if callee.root != Root::Context || callee.members[..] != ["waitUntil"] {
        return;
    }
    if let Expression::Identifier(name) = call.callee.get_inner_expression() {
        context
            .report(
                file,
                call.callee.span(),
                format!("`{}` has lost the context it was taken from, so calling it throws", name.name),
            )
            .help("Write `ctx.waitUntil(…)`");
        return;
    }
    let Some(given) = call.arguments.first().and_then(Argument::as_expression) else { return };
    if context.meaning(file, given).is_some_and(|meaning| function_of(&meaning).is_some()) {
        context
            .report(file, given.span(), "`waitUntil` takes a promise; this function is never called")
            .help("Call it: `ctx.waitUntil(work())`, or `ctx.waitUntil((async () => { … })())`");
    }
}

/// What promise a call gives, if that is certain.
fn promise<'a>(context: &Context<'_, 'a>, file: &File<'a>, call: &CallExpression<'a>) -> Option<String> {
    if let Some(meaning) = context.meaning(file, &call.callee)
        && let Some(what) = known_promise(context, &meaning)
    {
        return Some(what);
    }
    let (object, method) = method_call(call)?;
    // `fetch(…).then(…)` and its like are as lonely as what they hang on. A `catch` does not keep the runtime waiting.
    if matches!(method, "then" | "catch" | "finally") {
        return promise(context, file, as_call(object)?);
    }
    let Expression::ThisExpression(this) = object.get_inner_expression() else { return None };
    own_method(context, file, this.node_id.get(), method)
}

/// An async method of the class that answers requests, called on itself.
fn own_method(context: &Context<'_, '_>, file: &File<'_>, this: NodeId, method: &str) -> Option<String> {
    let DefaultExport::Class { file: answers_in, class, .. } = context.handlers.export else { return None };
    let mut around = file.nodes().ancestors(this);
    around.find(|node| matches!(node.kind(), AstKind::Function(_)))?;
    let is_own = answers_in == file.id
        && matches!(around.next()?.kind(), AstKind::MethodDefinition(_))
        && around.any(|node| node.id() == class.node_id.get());
    let is_async = class.body.body.iter().any(|element| match element {
        ClassElement::MethodDefinition(own) => {
            key_name(&own.key, own.computed) == Some(method) && own.value.r#async && !own.value.generator
        }
        _ => false,
    });
    (is_own && is_async).then(|| format!("the async method `{method}`"))
}

/// Methods of globals whose promises are of no use when nobody waits.
const PROMISING: &[&str] = &[
    "Promise.all",
    "Promise.allSettled",
    "Promise.any",
    "Promise.race",
    "caches.default.delete",
    "caches.default.put",
    "fetch",
    "scheduler.wait",
];

fn known_promise(context: &Context<'_, '_>, meaning: &Meaning<'_>) -> Option<String> {
    match (meaning.root, meaning.members) {
        (Root::Global(_), _) => {
            let name = PROMISING.iter().find(|path| meaning.is_global(path))?;
            Some(format!("this `{name}`"))
        }
        (Root::Request, [read @ ("json" | "text" | "arrayBuffer" | "formData" | "blob" | "bytes")]) => {
            Some(format!("`{read}()` of the request"))
        }
        (Root::Environment, [binding, method @ ("put" | "delete")]) => {
            let is_kv = context
                .manifest?
                .bindings
                .iter()
                .any(|declared| declared.name.as_str() == *binding && declared.kind == BindingKind::KvNamespace);
            is_kv.then(|| format!("`{binding}.{method}`"))
        }
        (Root::Function(function), []) => {
            let file = &context.files[function.file];
            let (is_async, name) = match file.nodes().kind(function.node) {
                AstKind::Function(declared) => (declared.r#async && !declared.generator, declared.name()),
                AstKind::ArrowFunctionExpression(arrow) => (arrow.r#async, None),
                _ => return None,
            };
            let named =
                name.map_or_else(|| "this async function".to_owned(), |name| format!("the async function `{name}`"));
            is_async.then_some(named)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};
    use serde_json::json;

    #[test]
    fn cases() {
        test(
            &super::FloatingPromise,
            &[
                handler("await fetch('https://a.example'); return {};"),
                handler("ctx.waitUntil(fetch('https://a.example')); return {};"),
                handler("const pending = fetch('https://a.example'); await pending; return {};"),
                handler("const pending = [fetch('https://a.example')]; await Promise.all(pending); return {};"),
                handler("const { request: r } = { request }; r.json(); void 0; return {};"),
                // The end is told by `resolve`.
                handler(
                    "await new Promise((resolve, reject) => { fetch('https://a.example').then(resolve, reject); }); return {};",
                ),
                // The body that is still written keeps the request at work.
                handler(
                    "const { readable, writable } = new TransformStream(); pump(writable); return new Response(readable);\nasync function pump(to) { await to.close(); }",
                ),
                handler("const later = ctx.waitUntil.bind(ctx); later(fetch('https://a.example')); return {};"),
                handler("ctx.waitUntil((async () => { await fetch('https://a.example'); })()); return {};"),
                handler(
                    "await Promise.all([1].map(async (n) => { await fetch(`https://a.example/${n}`); })); return {};",
                ),
                handler("[1].forEach(async (n) => { console.log(n); }); return {};"),
                handler("request.headers.forEach((value, name) => { console.log(name, value.length); }); return {};"),
                handler("const box = { waitUntil(work) { work(); } }; box.waitUntil(async () => {}); return {};"),
                case(
                    "export class Counter { async save() {} add() { this.save(); } }\nexport default { fetch: () => ({}) };",
                ),
                case(
                    "const ready = load();\nasync function load() {}\nload();\nexport default { async fetch() { await ready; return {}; } };",
                ),
                case("function log() {}\nexport default { async fetch() { log(); return {}; } };"),
                case("import { fetch } from './mine';\nexport default { async fetch() { fetch(); return {}; } };")
                    .file("src/mine.ts", "export function fetch() {}"),
                handler("env.CACHE.put('a', 'b'); return {};"),
                handler("[1].forEach((n) => { n.toString(); }); return {};"),
            ],
            &[
                handler("fetch('https://a.example'); return {};"),
                handler("void fetch('https://a.example'); return {};"),
                handler("request.json(); return {};"),
                handler("env.NOTIFY && fetch('https://a.example'); return {};"),
                handler("const sent = fetch('https://a.example'); return {};"),
                handler("Promise.all([fetch('https://a.example')]); return {};"),
                handler("[1].forEach(async (n) => { await fetch(`https://a.example/${n}`); }); return {};"),
                handler("['https://a.example'].forEach((url) => fetch(url)); return {};"),
                handler("ctx.waitUntil(async () => { await fetch('https://a.example'); }); return {};"),
                handler("const { waitUntil } = ctx; waitUntil(fetch('https://a.example')); return {};"),
                case("export default class Adapter { async save() {} async fetch() { this.save(); return {}; } }"),
                handler("const send = fetch; send('https://a.example').catch(() => {}); return {};"),
                case("import { log } from './log';\nexport default { async fetch() { log('x'); return {}; } };").file(
                    "src/log.ts",
                    "export const log = async (line) => { await fetch('https://a.example', { body: line }); };",
                ),
                case("async function save() {}\nexport default { fetch() { save().then(() => 1); return {}; } };"),
                handler("env.CACHE.put('a', 'b'); return {};")
                    .manifest(&json!({ "bindings": [{ "name": "CACHE", "kind": "kv_namespace" }] })),
            ],
        );
    }
}
