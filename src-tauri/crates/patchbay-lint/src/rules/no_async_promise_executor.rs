use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::ast::ast::{Argument, Expression};
use oxc::ast::{AstKind, AstType};
use oxc::span::Span;

pub struct NoAsyncPromiseExecutor;

static DOCS: Docs = Docs {
    id: "no-async-promise-executor",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "`new Promise(async …)`. Same as oxlint's `no-async-promise-executor`.",
    why: "What the async function throws rejects nothing: the promise stays pending and the webhook times out.",
    good: "const answer = await send(event);",
};

impl Rule for NoAsyncPromiseExecutor {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::NewExpression) {
                let AstKind::NewExpression(made) = node.kind() else { continue };
                let Some(executor) = made.arguments.first().and_then(Argument::as_expression) else { continue };
                let start = match executor.get_inner_expression() {
                    Expression::ArrowFunctionExpression(function) if function.r#async => function.span.start,
                    Expression::FunctionExpression(function) if function.r#async => function.span.start,
                    _ => continue,
                };
                if context.meaning(file, &made.callee).is_some_and(|callee| callee.is_global("Promise")) {
                    let keyword = Span::sized(start, 5);
                    context
                        .report(
                            file,
                            keyword,
                            "What this `async` function throws is lost, and the promise never settles",
                        )
                        .help("Make the whole function async and `await` in it, without `new Promise`");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoAsyncPromiseExecutor,
            &[
                handler("await new Promise((resolve) => setTimeout(resolve, 10)); return {};"),
                case(
                    "import { Promise } from './promise'; export default { fetch: () => ({ a: new Promise(async () => 1) }) };",
                ),
                case(
                    "class Task { constructor(go) { this.go = go; } } export default { fetch: () => ({ t: new Task(async () => 1) }) };",
                ),
            ],
            &[
                handler("return new Promise(async (resolve) => resolve(await fetch('https://a.example')));"),
                handler("return new globalThis.Promise((async function (resolve) { resolve(1); }));"),
            ],
        );
    }
}
