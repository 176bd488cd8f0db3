use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::project::File;
use crate::secrets::{Shown, report_secret};
use oxc::ast::ast::{Argument, Expression};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::NodeId;
use oxc::span::GetSpan as _;

pub struct SecretInAnswer;

static DOCS: Docs = Docs {
    id: "secret-in-answer",
    group: Group::Tenant,
    severity: Severity::Error,
    what: "A secret binding, or `env` as a whole, in the body, a header or the redirect of an answer, or in an object that the handler returns.",
    why: "Whoever can send a request gets the secret. The answer is also kept with the recorded delivery.",
    good: "return Response.json({ error: 'NOTION_TOKEN is not accepted' }, { status: 500 });",
};

impl Rule for SecretInAnswer {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        if context.secret_bindings().next().is_none() {
            return;
        }
        for file in context.checked_files() {
            for node in file.of_type(AstType::NewExpression) {
                let AstKind::NewExpression(made) = node.kind() else { continue };
                let is_answer = context.meaning(file, &made.callee).is_some_and(|class| class.is_global("Response"));
                if is_answer && is_answered(file, node.id(), 4) {
                    let argument = |index: usize| made.arguments.get(index).and_then(Argument::as_expression);
                    report(context, file, argument(0), Shown::AsText);
                    report(context, file, argument(1), Shown::Whole);
                }
            }
            for node in file.of_type(AstType::CallExpression) {
                let AstKind::CallExpression(call) = node.kind() else { continue };
                let Some(callee) = context.meaning(file, &call.callee) else { continue };
                let argument = |index: usize| call.arguments.get(index).and_then(Argument::as_expression);
                if callee.is_global("Response.json") && is_answered(file, node.id(), 4) {
                    report(context, file, argument(0), Shown::AsJson);
                    report(context, file, argument(1), Shown::Whole);
                } else if callee.is_global("Response.redirect") && is_answered(file, node.id(), 4) {
                    report(context, file, argument(0), Shown::AsText);
                }
            }
        }
        let Some(handler) = context.handlers.fetch() else { return };
        for value in context.returned_values(handler) {
            report(context, &context.files[handler.file], Some(value), Shown::AsJson);
        }
    }
}

/// Whether a response goes to the one who asked, and is not only made to be read or kept.
fn is_answered(file: &File<'_>, node: NodeId, steps: u32) -> bool {
    let Some(steps) = steps.checked_sub(1) else { return false };
    let mut at = node;
    for ancestor in file.nodes().ancestors(node) {
        match ancestor.kind() {
            AstKind::ReturnStatement(_) | AstKind::ArrowFunctionExpression(_) => return true,
            AstKind::ParenthesizedExpression(_)
            | AstKind::LogicalExpression(_)
            | AstKind::AwaitExpression(_)
            | AstKind::TSAsExpression(_)
            | AstKind::TSSatisfiesExpression(_) => {}
            AstKind::ConditionalExpression(choice) if choice.test.span() != file.nodes().kind(at).span() => {}
            AstKind::VariableDeclarator(declarator) => {
                let symbol = declarator.id.get_binding_identifier().and_then(|name| name.symbol_id.get());
                return symbol.is_some_and(|symbol| {
                    let mut references = file.scoping().get_resolved_references(symbol);
                    references.any(|reference| is_answered(file, reference.node_id(), steps))
                });
            }
            _ => return false,
        }
        at = ancestor.id();
    }
    false
}

const ADVICE: (&str, &str) =
    ("is in the answer", "Answer with what the sender needs to know, never with a value from the vault");

fn report<'a>(context: &Context<'_, 'a>, file: &File<'a>, value: Option<&'a Expression<'a>>, shown: Shown) {
    let Some(value) = value else { return };
    report_secret(context, file, value, shown, ADVICE);
}

#[cfg(test)]
mod tests {
    use crate::tester::{Case, case, handler, test};
    use serde_json::json;

    fn declared(case: Case) -> Case {
        case.manifest(&json!({
            "bindings": [{ "name": "TOKEN", "kind": "secret_text" }, { "name": "CHANNEL", "kind": "plain_text" }],
        }))
    }

    #[test]
    fn cases() {
        test(
            &super::SecretInAnswer,
            &[
                declared(handler("return Response.json({ channel: env.CHANNEL, set: Boolean(env.TOKEN), length: env.TOKEN.length });")),
                declared(handler("return new Response(env.TOKEN ? 'set' : 'missing', { status: env.TOKEN ? 200 : 500 });")),
                // Made to be read, not to be sent.
                declared(handler("const bytes = await new Response(env.TOKEN).arrayBuffer(); return { size: bytes.byteLength };")),
                declared(handler("const text = new Response(env.TOKEN); await text.text(); return {};")),
                declared(handler("return fetch('https://api.example.com/', { headers: { authorization: `Bearer ${env.TOKEN}` } });")),
                declared(handler("return new Request('https://api.example.com/', { headers: { authorization: env.TOKEN } });")),
                declared(handler("return new Response(`${env}`);")),
                declared(handler("const Response = class { static json() { return {}; } }; return Response.json({ token: env.TOKEN });")),
                declared(handler("const sign = async (key) => (await crypto.subtle.sign('HMAC', key, new Uint8Array())).byteLength; return { size: await sign(env.TOKEN) };")),
                declared(handler("try { if (!env.TOKEN) throw new Error('TOKEN is missing'); } catch (error) { return new Response(error.message, { status: 500 }); } return {};")),
                declared(handler("const items = ['a'].map((item) => ({ item, token: env.TOKEN })); await fetch('https://api.example.com/', { body: JSON.stringify(items) }); return {};")),
                handler("return { token: env.TOKEN };"),
            ],
            &[
                declared(handler("return new Response(`token: ${env.TOKEN}`);")),
                declared(handler("return Response.json({ env });")),
                declared(handler("return new Response('ok', { headers: { 'x-token': env.TOKEN } });")),
                declared(handler("return Response.redirect(`https://app.example.com/?token=${env.TOKEN}`);")),
                declared(handler("const { TOKEN } = env; return { token: TOKEN };")),
                declared(handler("const answer = new Response(JSON.stringify(env)); return answer;")),
                declared(handler("try { throw new Error(`refused: ${env.TOKEN}`); } catch (error) { return new Response(error.message, { status: 500 }); }")),
                declared(
                    case(
                        "import { answer } from './answer';\nexport default { async fetch(request, env) { return answer({ ok: true, token: env.TOKEN }); } };",
                    )
                    .file("src/answer.ts", "export const answer = (value: object, status = 200) => new Response(JSON.stringify(value), { status });"),
                ),
            ],
        );
    }
}
