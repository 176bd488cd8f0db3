use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::meaning::Definition;
use crate::patterns::method_call;
use crate::project::File;
use crate::secrets::{Shown, report_secret};
use crate::text_value::host;
use oxc::ast::ast::{Argument, Expression, LogicalOperator};
use oxc::ast::{AstKind, AstType};

pub struct SecretInUrl;

static DOCS: Docs = Docs {
    id: "secret-in-url",
    group: Group::Tenant,
    severity: Severity::Warning,
    what: "A secret binding in the path, the query or the user part of a URL that the adapter calls.",
    why: "URLs are written to the logs of every proxy and server on the way, and to the recorded calls of a delivery; headers and bodies are not.",
    good: "fetch('https://api.example.com/items', { headers: { authorization: `Bearer ${env.API_TOKEN}` } });",
};

/// Hosts whose API takes the secret in the URL and nowhere else: <https://core.telegram.org/bots/api#making-requests>
const IN_URL_ONLY: &[&str] = &["api.telegram.org"];

impl Rule for SecretInUrl {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        if context.secret_bindings().next().is_none() {
            return;
        }
        for file in context.checked_files() {
            for node in file.of_type(AstType::CallExpression) {
                let AstKind::CallExpression(call) = node.kind() else { continue };
                let first = call.arguments.first().and_then(Argument::as_expression);
                let Some(first) = first else { continue };
                if context.meaning(file, &call.callee).is_some_and(|callee| callee.is_global("fetch")) {
                    check_url(context, file, first);
                } else if let Some((object, "set" | "append")) = method_call(call)
                    && let Some(value) = call.arguments.get(1).and_then(Argument::as_expression)
                    && let Some(member) = object.get_inner_expression().as_member_expression()
                    && member.static_property_name() == Some("searchParams")
                    && is_url(context, file, member.object())
                {
                    report_secret(context, file, value, Shown::AsText, ADVICE);
                }
            }
            for node in file.of_type(AstType::NewExpression) {
                let AstKind::NewExpression(made) = node.kind() else { continue };
                if context.meaning(file, &made.callee).is_some_and(|class| class.is_global("Request"))
                    && let Some(url) = made.arguments.first().and_then(Argument::as_expression)
                {
                    check_url(context, file, url);
                }
            }
            for node in file.of_type(AstType::AssignmentExpression) {
                let AstKind::AssignmentExpression(assignment) = node.kind() else { continue };
                if let Some(member) = assignment.left.as_member_expression()
                    && let Some("search" | "username" | "password" | "pathname" | "hash") =
                        member.static_property_name()
                    && is_url(context, file, member.object())
                {
                    report_secret(context, file, &assignment.right, Shown::AsText, ADVICE);
                }
            }
        }
    }
}

fn is_url<'a>(context: &Context<'_, 'a>, file: &File<'a>, object: &'a Expression<'a>) -> bool {
    match context.definition(file, object) {
        Some((defined_in, Definition::Expression(value @ Expression::NewExpression(made)))) => {
            let defined_in = &context.files[defined_in];
            context.meaning(defined_in, &made.callee).is_some_and(|class| class.is_global("URL"))
                && !takes_secrets(context, defined_in, value)
        }
        _ => false,
    }
}

fn takes_secrets<'a>(context: &Context<'_, 'a>, file: &File<'a>, url: &'a Expression<'a>) -> bool {
    host(&context.text_value(file, url)).is_some_and(|host| IN_URL_ONLY.contains(&host.as_str()))
}

fn check_url<'a>(context: &Context<'_, 'a>, file: &File<'a>, url: &'a Expression<'a>) {
    if takes_secrets(context, file, url) || is_secret_itself(context, file, url, 8) {
        return;
    }
    report_secret(context, file, url, Shown::AsText, ADVICE);
}

/// A URL that is a secret, as those of incoming webhooks are, has no other place to be in.
fn is_secret_itself<'a>(context: &Context<'_, 'a>, file: &File<'a>, url: &'a Expression<'a>, steps: u32) -> bool {
    let Some(steps) = steps.checked_sub(1) else { return true };
    match url.get_inner_expression() {
        Expression::TemplateLiteral(template) => {
            template.quasis.first().is_some_and(|text| text.value.raw.is_empty())
                && template.expressions.first().is_some_and(|first| is_secret_itself(context, file, first, steps))
        }
        Expression::BinaryExpression(sum) => is_secret_itself(context, file, &sum.left, steps),
        Expression::LogicalExpression(logical) if logical.operator != LogicalOperator::And => {
            is_secret_itself(context, file, &logical.left, steps)
        }
        Expression::NewExpression(made) => {
            // With two arguments the second is where the URL begins.
            let start = made.arguments.get(1).or(made.arguments.first()).and_then(Argument::as_expression);
            start.is_some_and(|start| is_secret_itself(context, file, start, steps))
        }
        Expression::Identifier(_) if context.meaning(file, url).is_none() => match context.definition(file, url) {
            Some((defined_in, Definition::Expression(made))) => {
                is_secret_itself(context, &context.files[defined_in], made, steps)
            }
            // A parameter: what it is called with is the whole URL.
            _ => context.secret_in(file, url, Shown::AsText).is_some(),
        },
        Expression::StringLiteral(_) => false,
        _ => context.secret_in(file, url, Shown::AsText).is_some(),
    }
}

const ADVICE: (&str, &str) = (
    "is in a URL",
    "Send it in a header, `authorization` for most APIs; if this one takes it only in the URL, keep the finding back with a reason",
);

#[cfg(test)]
mod tests {
    use crate::tester::{Case, case, handler, test};
    use serde_json::json;

    fn declared(case: Case) -> Case {
        case.manifest(&json!({
            "bindings": [
                { "name": "API_KEY", "kind": "secret_text" },
                { "name": "HOOK_URL", "kind": "secret_text" },
                { "name": "BOARD", "kind": "plain_text" },
            ],
        }))
    }

    #[test]
    fn cases() {
        test(
            &super::SecretInUrl,
            &[
                declared(handler(
                    "return fetch(`https://api.example.com/boards/${env.BOARD}`, { headers: { 'x-api-key': env.API_KEY } });",
                )),
                // A URL that is a secret as a whole: incoming webhooks of Slack and Teams.
                declared(handler("return fetch(env.HOOK_URL, { method: 'POST' });")),
                declared(handler("return fetch(`${env.HOOK_URL}?wait=true`, { method: 'POST' });")),
                declared(handler("const url = new URL(env.HOOK_URL); url.searchParams.set('wait', 'true'); return fetch(url);")),
                declared(handler("return fetch(new URL('/x', env.HOOK_URL));")),
                // A form in a body is not a URL.
                declared(handler(
                    "const form = new URLSearchParams({ client_secret: env.API_KEY }); return fetch('https://api.example.com/token', { method: 'POST', body: form });",
                )),
                declared(handler("const form = new URLSearchParams(); form.set('key', env.API_KEY); return fetch('https://api.example.com/', { method: 'POST', body: form });")),
                declared(handler("return fetch(`https://api.telegram.org/bot${env.API_KEY}/sendMessage`);")),
                declared(handler("const cache = { searchParams: new Map() }; cache.searchParams.set('key', env.API_KEY); return {};")),
                handler("return fetch(`https://api.example.com/?key=${env.API_KEY}`);"),
                declared(handler("const fetch = () => ({}); return fetch(`https://api.example.com/?key=${env.API_KEY}`);")),
                declared(handler("return fetch(`https://api.example.com/?signed=${env.API_KEY ? 1 : 0}`);")),
            ],
            &[
                declared(handler("return fetch(`https://api.example.com/items?key=${env.API_KEY}`);")),
                declared(handler("const { API_KEY: key } = env; return fetch('https://api.example.com/items?key=' + encodeURIComponent(key));")),
                declared(handler("const url = new URL('https://api.example.com/items'); url.searchParams.set('key', env.API_KEY); return fetch(url);")),
                declared(handler("const query = new URLSearchParams({ board: env.BOARD, key: env.API_KEY }); return fetch(`https://api.example.com/items?${query}`);")),
                declared(handler("const url = new URL('https://api.example.com'); url.password = env.API_KEY; return fetch(url);")),
                declared(handler("return fetch(new Request(`https://bot:${env.API_KEY}@api.example.com/`));")),
                declared(
                    case("import { items } from './api';\nexport default { fetch: (request, env) => items(env.API_KEY) };")
                        .file("src/api.ts", "export const items = (key: string) => fetch(`https://api.example.com/items/${key}`);"),
                ),
            ],
        );
    }
}
