use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::meaning::{FunctionId, Meaning, Root};
use crate::project::File;
use crate::reach::function_of;
use oxc::ast::ast::{CallExpression, Expression};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::NodeId;
use oxc::span::{GetSpan as _, Span};

pub struct StartupIo;

static DOCS: Docs = Docs {
    id: "startup-io",
    group: Group::Runtime,
    severity: Severity::Error,
    what: "Requests, timers, stores and random values at the top of a module, where code runs once before any webhook.",
    why: "The runtime allows none of them outside of a handler: the adapter does not start, and every webhook is answered with an error.",
    good: "let tableOnce: Promise<Table> | undefined;\nexport default { async fetch(request, env) { const table = await (tableOnce ??= loadTable(env)); … } };",
};

/// Globals that throw `Disallowed operation called within global scope` in workerd 1.20261117, and what they are.
/// `Math.random`, `Date.now`, `queueMicrotask` and hashing are allowed there.
const FORBIDDEN: &[(&str, &str)] = &[
    ("fetch", "sends a request"),
    ("setTimeout", "starts a timer"),
    ("setInterval", "starts a timer"),
    ("setImmediate", "starts a timer"),
    ("scheduler.wait", "starts a timer"),
    ("AbortSignal.timeout", "starts a timer"),
    ("crypto.randomUUID", "takes a random value"),
    ("crypto.getRandomValues", "takes a random value"),
    ("crypto.subtle.generateKey", "takes a random value"),
    ("caches.open", "uses a store"),
    ("caches.default.match", "uses a store"),
    ("caches.default.put", "uses a store"),
    ("caches.default.delete", "uses a store"),
];

/// Functions that are called at start-up and followed into one another.
const DEEPEST: usize = 4;

impl Rule for StartupIo {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::CallExpression) {
                let AstKind::CallExpression(call) = node.kind() else { continue };
                if !runs_at_start(file, node.id()) {
                    continue;
                }
                let Some(found) = forbidden(context, file, call, DEEPEST) else { continue };
                let name = match call.callee.get_inner_expression() {
                    Expression::FunctionExpression(_) | Expression::ArrowFunctionExpression(_) => {
                        "This function".to_owned()
                    }
                    _ => format!("`{}`", call.callee.span().source_text(file.source.text())),
                };
                let message = format!("{name} {} while the adapter starts, which the runtime refuses", found.what);
                let report = context
                    .report(file, call.span, message)
                    .help("Do it in the handler, or at its first call and keep the promise for the next ones");
                if let Some(span) = found.span
                    && found.file == file.id
                {
                    report.and(span, "It is needed here");
                }
            }
        }
    }
}

/// What is forbidden, and where it stands in a function that is called.
struct Found {
    what: &'static str,
    file: usize,
    span: Option<Span>,
}

fn forbidden<'a>(context: &Context<'_, 'a>, file: &File<'a>, call: &CallExpression<'a>, steps: usize) -> Option<Found> {
    context.take_step()?;
    let callee = context.meaning(file, &call.callee)?;
    if let Some(what) = forbidden_itself(&callee) {
        return Some(Found { what, file: file.id, span: None });
    }
    let steps = steps.checked_sub(1)?;
    let function = function_of(&callee)?;
    if is_generator(context, function) {
        return None;
    }
    let inside = &context.files[function.file];
    context.own_calls(function).find_map(|(node, call)| {
        if !is_always_reached(inside, node, function.node) {
            return None;
        }
        let found = forbidden(context, inside, call, steps)?;
        Some(Found { span: found.span.or(Some(call.span)), ..found })
    })
}

fn forbidden_itself(callee: &Meaning<'_>) -> Option<&'static str> {
    match callee.root {
        Root::Global(_) => FORBIDDEN.iter().find(|(path, _)| callee.is_global(path)).map(|(_, what)| *what),
        Root::Import { from: "node:crypto" | "crypto", name } => {
            let name = callee.members.last().copied().unwrap_or(name);
            matches!(name, "randomBytes" | "randomInt" | "randomUUID" | "generateKeyPairSync")
                .then_some("takes a random value")
        }
        Root::Import { from: "node:timers/promises", .. } => Some("starts a timer"),
        Root::Import { from: "cloudflare:sockets", name: "connect" } => Some("sends a request"),
        Root::Import { from: "cloudflare:workers", name: "waitUntil" } => Some("needs a webhook's request"),
        _ => None,
    }
}

fn is_generator(context: &Context<'_, '_>, function: FunctionId) -> bool {
    matches!(context.files[function.file].nodes().kind(function.node), AstKind::Function(declared) if declared.generator)
}

/// Whether code runs when its module is loaded: not in a function, and not in a field of instances.
fn runs_at_start(file: &File<'_>, node: NodeId) -> bool {
    for kind in file.nodes().ancestor_kinds(node) {
        match kind {
            AstKind::PropertyDefinition(field) if !field.r#static => return false,
            AstKind::AccessorProperty(field) if !field.r#static => return false,
            // Whoever asks first or counts with an error may know when the code runs.
            AstKind::Function(_)
            | AstKind::ArrowFunctionExpression(_)
            | AstKind::TryStatement(_)
            | AstKind::IfStatement(_)
            | AstKind::ConditionalExpression(_)
            | AstKind::LogicalExpression(_)
            | AstKind::Decorator(_) => return false,
            _ => {}
        }
    }
    true
}

/// Whether a call in a function's body is reached whenever the function is called.
fn is_always_reached(file: &File<'_>, node: NodeId, function: NodeId) -> bool {
    let mut below = node;
    for around in file.nodes().ancestors(node) {
        if around.id() == function {
            return !returns_before(file, function, file.nodes().kind(node).span().start);
        }
        let part = file.nodes().kind(below).span();
        let is_conditional = match around.kind() {
            AstKind::IfStatement(choice) => !choice.test.span().contains_inclusive(part),
            AstKind::ConditionalExpression(choice) => !choice.test.span().contains_inclusive(part),
            AstKind::LogicalExpression(both) => !both.left.span().contains_inclusive(part),
            AstKind::AssignmentExpression(assignment) => assignment.operator.is_logical(),
            AstKind::ForStatement(_)
            | AstKind::ForOfStatement(_)
            | AstKind::ForInStatement(_)
            | AstKind::WhileStatement(_)
            | AstKind::SwitchCase(_)
            | AstKind::TryStatement(_) => true,
            _ => false,
        };
        if is_conditional {
            return false;
        }
        below = around.id();
    }
    false
}

/// Whether a `return` or `throw` may end the function before a place.
fn returns_before(file: &File<'_>, function: NodeId, place: u32) -> bool {
    file.own_nodes(function).any(|node| match node.kind() {
        AstKind::ReturnStatement(left) => left.span.end <= place,
        AstKind::ThrowStatement(left) => left.span.end <= place,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    /// A module with code at its top.
    fn top(code: &str) -> crate::tester::Case {
        case(&format!("{code}\nexport default {{ fetch: () => ({{}}) }};"))
    }

    #[test]
    fn cases() {
        test(
            &super::StartupIo,
            &[
                handler(
                    "const r = await fetch('https://a.example'); setTimeout(() => {}, 1); return { id: crypto.randomUUID(), ok: r.ok };",
                ),
                // Measured: the runtime allows these.
                top(
                    "export const salt = Math.random();\nexport const started = Date.now();\nqueueMicrotask(() => {});",
                ),
                top("export const hash = await crypto.subtle.digest('SHA-256', new Uint8Array(1));"),
                top("const load = async () => fetch('https://a.example');\nexport const later = () => load();"),
                top("let table;\nexport const get = () => (table ??= fetch('https://a.example'));"),
                top("export class Client { id = crypto.randomUUID(); send() { return fetch('https://a.example'); } }"),
                top("import { fetch } from './mine';\nexport const x = fetch();")
                    .file("src/mine.ts", "export const fetch = () => 1;"),
                top(
                    "const make = (now) => { if (now) { setTimeout(() => {}, 1); } return 1; };\nexport const x = make(false);",
                ),
                top(
                    "const make = (now) => { if (!now) return 1; return crypto.randomUUID(); };\nexport const x = make(false);",
                ),
                top("function* ids() { while (true) yield crypto.randomUUID(); }\nexport const all = ids();"),
                top(
                    "export const names = ['a'].map((name) => name.trim());\nexport const wait = (ms) => new Promise((done) => setTimeout(done, ms));",
                ),
                top("function setTimeout(work) { work(); }\nsetTimeout(() => {});"),
            ],
            &[
                top("const response = await fetch('https://a.example');\nexport const table = await response.json();"),
                top("const send = fetch;\nsend('https://a.example').catch(() => {});"),
                top("export const id = crypto.randomUUID();"),
                top(
                    "const { getRandomValues } = globalThis.crypto;\nexport const key = getRandomValues(new Uint8Array(4));",
                ),
                top("setInterval(() => {}, 1000);"),
                top("import { randomBytes } from 'node:crypto';\nexport const key = randomBytes(4);"),
                top("import { makeId } from './id';\nexport const id = makeId();")
                    .file("src/id.ts", "export function makeId() { return crypto.randomUUID(); }"),
                top("(async () => { await fetch('https://a.example'); })();"),
                top("export class Ids { static first = crypto.randomUUID(); }"),
            ],
        );
    }
}
