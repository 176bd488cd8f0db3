use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::meaning::{FunctionId, Root};
use crate::project::File;
use crate::reach::{function_of, is_promise_executor, makes_stream};
use oxc::ast::ast::{Argument, CallExpression};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::NodeId;

pub struct TimeoutAfterAnswer;

static DOCS: Docs = Docs {
    id: "timeout-after-answer",
    group: Group::Runtime,
    severity: Severity::Error,
    what: "`setTimeout` or `setInterval` in a handler whose work calls other hosts or stores, without anything that waits for it.",
    why: "When the answer is sent the runtime cancels the request's timers, so the work is never done and nobody is told.",
    good: "ctx.waitUntil(scheduler.wait(1000).then(() => fetch(url)));",
};

impl Rule for TimeoutAfterAnswer {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::ExpressionStatement) {
                let AstKind::ExpressionStatement(statement) = node.kind() else { continue };
                let Some(call) = crate::patterns::as_call(&statement.expression) else { continue };
                let Some(callee) = context.meaning(file, &call.callee) else { continue };
                let name = match callee.root {
                    Root::Global(name @ ("setTimeout" | "setInterval")) if callee.members.is_empty() => name,
                    _ => continue,
                };
                let Some(work) = work_of(context, file, call) else { continue };
                if !reaches_out(context, work) || !is_in_handler(context, file, node.id()) {
                    continue;
                }
                context
                    .report(file, call.span, format!("The work of this `{name}` is cancelled when the answer is sent"))
                    .help("Await it (`await scheduler.wait(ms)`), or hand a promise of the whole work to `ctx.waitUntil(…)`");
            }
        }
    }
}

/// The function that the timer calls.
fn work_of<'a>(context: &Context<'_, 'a>, file: &File<'a>, call: &CallExpression<'a>) -> Option<FunctionId> {
    let work = call.arguments.first().and_then(Argument::as_expression)?;
    function_of(&context.meaning(file, work)?)
}

/// Whether the work is lost for certain when it is not done: requests, and writes to a store.
fn reaches_out(context: &Context<'_, '_>, work: FunctionId) -> bool {
    let file = &context.files[work.file];
    context.function_sends_request(work, 4)
        || context.own_calls(work).any(|(_, call)| {
            context.meaning(file, &call.callee).is_some_and(|callee| {
                matches!(
                    (callee.root, callee.members),
                    (Root::Environment, [_, "put" | "delete" | "send" | "sendBatch" | "fetch"])
                )
            })
        })
}

/// Whether the code runs while a request is answered and what starts the timer is not waited for: in a handler, or in
/// functions that it calls. Promises, streams, sockets and objects that live longer keep their timers.
fn is_in_handler<'a>(context: &Context<'_, 'a>, file: &File<'a>, timer: NodeId) -> bool {
    let Some(around) = file.function_around(timer) else { return false };
    let function = FunctionId { file: file.id, node: around.id() };
    if is_promise_executor(context, file, around.id()) || makes_stream(context, file, timer) || waits(context, function)
    {
        return false;
    }
    let is_fetch = context.handlers.fetch() == Some(function);
    // A named function at the top of a module that is called and not handed around.
    let declared = match around.kind() {
        AstKind::Function(declared) if declared.is_declaration() => {
            declared.id.as_ref().and_then(|id| id.symbol_id.get())
        }
        _ => match file.parent(around.id()) {
            AstKind::VariableDeclarator(declarator) => {
                declarator.id.get_binding_identifier().and_then(|id| id.symbol_id.get())
            }
            _ => None,
        },
    };
    is_fetch
        || declared.is_some_and(|symbol| {
            let mut sites = context.call_sites(file.id, symbol).peekable();
            sites.peek().is_some()
                && sites.all(|site| {
                    let site_file = &context.files[site.file];
                    let caller = site_file.function_around(site.call.node_id.get());
                    caller.is_some_and(|caller| {
                        context.handlers.fetch() == Some(FunctionId { file: site.file, node: caller.id() })
                    })
                })
        })
}

/// Whether a function waits for time to pass or makes a promise by hand, so that its timers may get their turn.
fn waits(context: &Context<'_, '_>, function: FunctionId) -> bool {
    let file = &context.files[function.file];
    let makes_promise = file.of_type_in(AstType::NewExpression, function.node).any(|node| match node.kind() {
        AstKind::NewExpression(made) => {
            context.meaning(file, &made.callee).is_some_and(|callee| callee.is_global("Promise"))
        }
        _ => false,
    });
    makes_promise
        || context.own_calls(function).any(|(_, call)| {
            context.meaning(file, &call.callee).is_some_and(|callee| {
                callee.is_global("scheduler.wait")
                    || matches!(callee.root, Root::Import { from: "node:timers/promises", .. })
            })
        })
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    #[test]
    fn cases() {
        test(
            &super::TimeoutAfterAnswer,
            &[
                handler("await new Promise((done) => { setTimeout(done, 100); }); return fetch('https://a.example');"),
                handler("ctx.waitUntil(scheduler.wait(100).then(() => fetch('https://a.example'))); return {};"),
                handler("const controller = new AbortController(); setTimeout(() => controller.abort(), 2000); return fetch('https://a.example', { signal: controller.signal });"),
                handler("const timer = setTimeout(() => fetch('https://a.example'), 2000); clearTimeout(timer); return {};"),
                handler("setTimeout(() => { console.log('late'); }, 10); return {};"),
                handler("ctx.waitUntil(new Promise((done) => { setTimeout(async () => { await fetch('https://a.example'); done(); }, 100); })); return {};"),
                handler("setTimeout(() => fetch('https://a.example'), 10); await scheduler.wait(1000); return {};"),
                case("function setTimeout(work) { return work(); }\nexport default { fetch() { setTimeout(() => fetch('https://a.example')); return {}; } };"),
                case("export class Room { alarm() { setTimeout(() => fetch('https://a.example'), 1); } }\nexport default { fetch: () => ({}) };"),
                handler("const body = new ReadableStream({ start(c) { setInterval(async () => { const r = await fetch('https://a.example'); c.enqueue(r.status); }, 100); } }); return new Response(body);"),
                case("import { later } from 'toolbox';\nfunction start() { setTimeout(() => fetch('https://a.example'), 1); }\nexport default { fetch() { later(start); return {}; } };"),
            ],
            &[
                handler("setTimeout(() => fetch('https://a.example'), 1000); return { ok: true };"),
                handler("setTimeout(async () => { await env.CACHE.put('a', 'b'); }, 1000); return { ok: true };"),
                handler("setInterval(poll, 1000); return { ok: true };\nasync function poll() { await fetch('https://a.example'); }"),
                case("import { poll } from './poll';\nconst later = setTimeout;\nfunction start() { later(poll, 1000); }\nexport default { fetch() { start(); return {}; } };")
                    .file("src/poll.ts", "const ask = () => fetch('https://a.example');\nexport const poll = async () => { await ask(); };"),
            ],
        );
    }
}
