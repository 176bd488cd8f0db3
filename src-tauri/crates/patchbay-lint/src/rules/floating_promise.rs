use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::meaning::{Meaning, Root};
use crate::patterns::{as_call, method_call};
use crate::project::File;
use oxc::ast::ast::CallExpression;
use oxc::ast::{AstKind, AstType};
use oxc::span::{GetSpan as _, Span};
use patchbay_core::BindingKind;

pub struct FloatingPromise;

static DOCS: Docs = Docs {
    id: "floating-promise",
    group: Group::Runtime,
    severity: Severity::Error,
    what: "A call that returns a promise which nobody awaits, returns, keeps or hands to `ctx.waitUntil`: `fetch`, KV writes, async functions of the project.",
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
                let Some(call) = as_call(&statement.expression) else { continue };
                let Some(what) = promise(context, file, call) else { continue };
                let report = context
                    .report(
                        file,
                        statement.expression.span(),
                        format!("Nobody waits for {what}, so it may be cut off when the response is sent"),
                    )
                    .help("Write `await`, return it, or hand it to `ctx.waitUntil(…)`");
                let can_await = match file.function_around(node.id()).map(oxc::semantic::AstNode::kind) {
                    Some(AstKind::Function(function)) => function.r#async,
                    Some(AstKind::ArrowFunctionExpression(function)) => function.r#async,
                    _ => false,
                };
                if can_await {
                    report.fix("Await it", false, Span::sized(statement.span.start, 0), "await ");
                }
            }
        }
    }
}

/// What promise a call gives, if that is certain.
fn promise<'a>(context: &Context<'_, 'a>, file: &File<'a>, call: &CallExpression<'a>) -> Option<String> {
    if let Some(meaning) = context.meaning(file, &call.callee)
        && let Some(what) = known_promise(context, &meaning)
    {
        return Some(what);
    }
    // `fetch(…).then(…)` and its like are as lonely as what they hang on. A `catch` does not keep the runtime waiting.
    let (object, method) = method_call(call)?;
    if matches!(method, "then" | "catch" | "finally") {
        return promise(context, file, as_call(object)?);
    }
    None
}

fn known_promise(context: &Context<'_, '_>, meaning: &Meaning<'_>) -> Option<String> {
    if meaning.is_global("fetch") {
        return Some("this `fetch`".into());
    }
    match (meaning.root, &meaning.members[..]) {
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
                handler("void fetch('https://a.example'); return {};"),
                case("function log() {}\nexport default { async fetch() { log(); return {}; } };"),
                case("import { fetch } from './mine';\nexport default { async fetch() { fetch(); return {}; } };")
                    .file("src/mine.ts", "export function fetch() {}"),
                handler("env.CACHE.put('a', 'b'); return {};"),
                handler("[1].forEach((n) => { n.toString(); }); return {};"),
            ],
            &[
                handler("fetch('https://a.example'); return {};"),
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
