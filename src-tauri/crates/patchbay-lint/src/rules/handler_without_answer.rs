use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::flow::End;
use crate::meaning::{FunctionId, Root};
use crate::patterns::as_call;
use crate::project::File;
use oxc::ast::AstKind;
use oxc::ast::ast::{Expression, UnaryOperator};
use oxc::span::{GetSpan as _, Span};

pub struct HandlerWithoutAnswer;

static DOCS: Docs = Docs {
    id: "handler-without-answer",
    group: Group::Runtime,
    severity: Severity::Error,
    what: "A way through `fetch`, or through a function whose result it returns, that ends without an answer: no `return`, an empty one, or one of `undefined`, `null`, a text or a number.",
    why: "A request that comes this way is answered with status 500. The sender counts that as failed and sends the webhook again and again.",
    good: "if (event.type !== 'message') return { ignored: event.type };\nreturn handle(event);",
};

/// Functions whose results are passed on that are followed into one another.
const DEEPEST: usize = 6;

impl Rule for HandlerWithoutAnswer {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        if let Some(handler) = context.handlers.fetch() {
            let mut search = Search { context, seen: Vec::new() };
            search.function(handler, "fetch", DEEPEST);
        }
    }
}

struct Search<'s, 'p, 'a> {
    context: &'s Context<'p, 'a>,
    seen: Vec<FunctionId>,
}

impl<'a> Search<'_, '_, 'a> {
    fn function(&mut self, function: FunctionId, name: &str, steps: usize) {
        if steps == 0 || self.seen.contains(&function) {
            return;
        }
        self.seen.push(function);
        let file = &self.context.files[function.file];
        // Behind a mistake that was cut out there may have been a `return`.
        if !file.is_whole {
            return;
        }
        if let AstKind::ArrowFunctionExpression(arrow) = file.nodes().kind(function.node)
            && let Some(value) = arrow.get_expression()
        {
            self.value(file, value, name, steps);
            return;
        }
        let Some(ways) = self.context.ways(function) else { return };
        if ways.end == End::Reached {
            let end = file.nodes().kind(function.node).span().end;
            let report = self
                .context
                .report(
                    file,
                    Span::new(end.saturating_sub(1), end),
                    format!("{} ends here without an answer", named(name)),
                )
                .help("Return a Response, a plain object or an array on every way, or throw");
            if let Some(key) = key_of(file, function) {
                report.and(key, "It begins here");
            }
        }
        for returned in ways.returns {
            match &returned.argument {
                Some(value) => self.value(file, value, name, steps),
                None => self.wrong(file, returned.span, name, "nothing"),
            }
        }
    }

    /// Looks at what is returned.
    fn value(&mut self, file: &File<'a>, value: &'a Expression<'a>, name: &str, steps: usize) {
        let what = match value.get_inner_expression() {
            Expression::AwaitExpression(awaited) => return self.value(file, &awaited.argument, name, steps),
            Expression::ConditionalExpression(choice) => {
                self.value(file, &choice.consequent, name, steps);
                return self.value(file, &choice.alternate, name, steps);
            }
            Expression::Identifier(given) if given.name == "undefined" => "`undefined`",
            Expression::UnaryExpression(unary) if unary.operator == UnaryOperator::Void => "`undefined`",
            Expression::NullLiteral(_) => "`null`",
            Expression::StringLiteral(_) | Expression::TemplateLiteral(_) => "a text",
            Expression::NumericLiteral(_) => "a number",
            Expression::BooleanLiteral(_) => "a truth value",
            inner => {
                // What a function of the project returns is passed on.
                if let Some(call) = as_call(inner)
                    && let Some(callee) = self.context.meaning(file, &call.callee)
                    && let (Root::Function(function), []) = (callee.root, callee.members)
                {
                    let callee = match call.callee.get_inner_expression() {
                        Expression::Identifier(given) => given.name.as_str(),
                        _ => "",
                    };
                    self.function(function, callee, steps - 1);
                }
                return;
            }
        };
        self.wrong(file, value.span(), name, what);
    }

    fn wrong(&self, file: &File<'a>, span: Span, name: &str, what: &str) {
        self.context
            .report(file, span, format!("{} returns {what} here, which is no answer", named(name)))
            .help("Return a Response, a plain object or an array");
    }
}

/// How the function is called in messages.
fn named(name: &str) -> String {
    match name {
        "" => "This function, whose result is the answer,".to_owned(),
        "fetch" => "`fetch`".to_owned(),
        name => format!("`{name}`, whose result is the answer,"),
    }
}

fn key_of(file: &File<'_>, function: FunctionId) -> Option<Span> {
    match file.nodes().parent_kind(function.node) {
        AstKind::ObjectProperty(property) => Some(property.key.span()),
        AstKind::MethodDefinition(method) => Some(method.key.span()),
        _ => match file.nodes().kind(function.node) {
            AstKind::Function(declared) => declared.id.as_ref().map(|id| id.span),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    #[test]
    fn cases() {
        test(
            &super::HandlerWithoutAnswer,
            &[
                handler("if (request.method !== 'POST') { return new Response(null, { status: 405 }); } else { throw new Error('no'); }"),
                handler("try { return await request.json(); } catch (error) { return { error: error.message }; }"),
                handler("try { return await request.json(); } finally { console.log('done'); }"),
                handler("switch (request.method) { case 'GET': return {}; case 'POST': default: return { ok: true }; }"),
                // The author may know that there are no other kinds.
                handler("const { kind } = await request.json(); switch (kind) { case 'a': return {}; case 'b': return []; }"),
                handler("for (;;) { const r = await fetch('https://a.example'); if (r.ok) return r; }"),
                handler("outer: while (true) { for (const x of [1]) { if (x) break; } return {}; }"),
                handler("do { return {}; } while (true);"),
                case("function refuse(status) { throw new Error(status); }\nexport default { fetch(request) { if (request.method === 'POST') return {}; refuse(405); } };"),
                case("import { refuse } from './errors';\nexport default { async fetch(request) { if (request.method === 'POST') return {}; await refuse(405); } };")
                    .file("src/errors.ts", "export const refuse = async (status) => { throw new Error(status); };"),
                // What a package or an unknown object does is not known.
                case("import { fail } from 'toolbox';\nexport default { fetch(request) { if (request.method === 'POST') return {}; fail(405); } };"),
                case("import { app } from 'toolbox';\nexport default { fetch: (request) => app.fetch(request) };"),
                case("export default { async fetch() { return {}; }, async scheduled() { console.log('tick'); } };"),
                case("function note(x) { console.log(x); }\nexport default { fetch(request) { note(1); [1].forEach((x) => { note(x); }); return {}; } };"),
                case("import { answer } from './answer';\nexport default { fetch: (request) => answer(request) };")
                    .file("src/answer.ts", "export function answer(request) { if (request.url) { return {}; } return []; }"),
                case("class Base { fetch() { return {}; } }\nexport default class extends Base { other() {} }"),
            ],
            &[
                handler("if (request.method === 'POST') { return { ok: true }; }"),
                handler("const event = await request.json(); console.log(event.type);"),
                handler("if (request.method !== 'POST') return; return {};"),
                handler("try { return await request.json(); } catch (error) { console.error(error); }"),
                handler("for (const x of [1, 2]) { if (x > 1) return { x }; }"),
                handler("switch (request.method) { case 'GET': return {}; default: break; }"),
                handler("while (true) { if (request.url) break; }"),
                case("import { answer } from './answer';\nexport default { async fetch(request) { return await answer(request); } };")
                    .file("src/answer.ts", "export const answer = async (request) => { if (request.url) return {}; };"),
                case("const done = () => 'done';\nexport default { fetch: (request) => request.url ? done() : null };"),
                case("import { WorkerEntrypoint } from 'cloudflare:workers';\nexport default class extends WorkerEntrypoint { async fetch() { this.ctx.waitUntil(Promise.resolve()); } }"),
            ],
        );
    }
}
