use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::meaning::{Definition, Root};
use crate::patterns::{as_call, method_call};
use crate::project::File;
use oxc::ast::ast::{CallExpression, Expression};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::NodeId;
use oxc::span::{GetSpan as _, Span};

pub struct AwaitInTry;

static DOCS: Docs = Docs {
    id: "await-in-try",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "A promise that is returned from a `try` without `await`, in an async function. What typescript-eslint calls `return-await`; oxlint has it as `typescript/return-await`, with types only.",
    why: "The `try` is left before the promise fails, so its `catch` never sees the failure.",
    good: "try {\n  return await fetch(url);\n} catch {\n  return { queued: true };\n}",
};

impl Rule for AwaitInTry {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::ReturnStatement) {
                let AstKind::ReturnStatement(leave) = node.kind() else { continue };
                let Some(value) = &leave.argument else { continue };
                let Some(call) = as_call(value) else { continue };
                if !is_guarded(file, node.id()) || !gives_promise(context, file, call) {
                    continue;
                }
                context
                    .report(
                        file,
                        value.span(),
                        "The `catch` does not see when this fails, as nothing waits for it here",
                    )
                    .help("Write `return await …`")
                    .fix("Wait for it", false, Span::sized(value.span().start, 0), "await ");
            }
        }
    }
}

/// Whether a `return` leaves the block of a `try` that has a `catch`, in an async function.
fn is_guarded(file: &File<'_>, leave: NodeId) -> bool {
    let mut inner = file.nodes().kind(leave).span();
    let mut has_catch = false;
    for kind in file.nodes().ancestor_kinds(leave) {
        match kind {
            AstKind::TryStatement(attempt) => has_catch |= attempt.handler.is_some() && attempt.block.span == inner,
            AstKind::Function(function) => return has_catch && function.r#async && !function.generator,
            AstKind::ArrowFunctionExpression(function) => return has_catch && function.r#async,
            _ => {}
        }
        inner = kind.span();
    }
    false
}

/// Whether a call surely gives a promise: `fetch`, an async function of the project, reading a body.
fn gives_promise<'a>(context: &Context<'_, 'a>, file: &File<'a>, call: &'a CallExpression<'a>) -> bool {
    if let Some(callee) = context.meaning(file, &call.callee) {
        match (callee.root, callee.members) {
            (Root::Function(function), []) => {
                return match context.files[function.file].nodes().kind(function.node) {
                    AstKind::Function(function) => function.r#async && !function.generator,
                    AstKind::ArrowFunctionExpression(function) => function.r#async,
                    _ => false,
                };
            }
            (Root::Request, [method]) => return READS.contains(method),
            _ if callee.is_global("fetch") => return true,
            _ => {}
        }
    }
    let Some((object, method)) = method_call(call) else { return false };
    READS.contains(&method) && is_response(context, file, object)
}

/// How bodies are read.
const READS: &[&str] = &["json", "text", "arrayBuffer", "formData", "blob", "bytes"];

/// Whether a name holds what `await fetch(…)` gave.
fn is_response<'a>(context: &Context<'_, 'a>, file: &File<'a>, object: &'a Expression<'a>) -> bool {
    let Some((made_in, Definition::Expression(made))) = context.definition(file, object) else { return false };
    let Expression::AwaitExpression(awaited) = made else { return false };
    let callee = as_call(&awaited.argument).and_then(|call| context.meaning(&context.files[made_in], &call.callee));
    callee.is_some_and(|callee| callee.is_global("fetch"))
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    #[test]
    fn cases() {
        test(
            &super::AwaitInTry,
            &[
                handler("try { return await fetch('https://a.example'); } catch { return {}; }"),
                handler("return fetch('https://a.example');"),
                handler("try { console.log('x'); } catch { return fetch('https://a.example'); } return {};"),
                handler("try { return JSON.parse('{}'); } catch { return {}; }"),
                handler("try { return [1].map(() => fetch('https://a.example')); } catch { return {}; }"),
                handler("try { return fetch('https://a.example'); } finally { console.log('done'); }"),
                case(
                    "import { fetch } from './mine'; export default { async fetch() { try { return fetch(); } catch { return {}; } } };",
                ),
                case(
                    "const later = () => 1; export default { async fetch() { try { return later(); } catch { return {}; } } };",
                ),
                case("export default { fetch(request) { try { return request.json(); } catch { return {}; } } };"),
                handler("const table = { json: () => ({}) }; try { return table.json(); } catch { return {}; }"),
            ],
            &[
                handler("try { return fetch('https://a.example'); } catch { return {}; }"),
                handler(
                    "const send = fetch; try { if (request.url) { return send('https://a.example'); } } catch { return {}; } return {};",
                ),
                case(
                    "const create = async () => { throw new Error('x'); }; export default { async fetch() { try { return create(); } catch { return {}; } } };",
                ),
                handler(
                    "const response = await fetch('https://a.example'); try { return response.json(); } catch { return {}; }",
                ),
                handler("try { return request.json(); } catch { return { error: 'no JSON' }; }"),
            ],
        );
    }
}
