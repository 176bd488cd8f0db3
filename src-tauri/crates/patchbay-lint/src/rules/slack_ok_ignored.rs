use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::meaning::Root;
use crate::outbound::Fetch;
use crate::project::File;
use oxc::ast::AstKind;
use oxc::ast::ast::{BindingPattern, ObjectPattern};
use oxc::semantic::{NodeId, SymbolId};

pub struct SlackOkIgnored;

static DOCS: Docs = Docs {
    id: "slack-ok-ignored",
    group: Group::Webhook,
    severity: Severity::Warning,
    what: "A call to Slack's Web API of which nobody looks at `ok` in the answer's body.",
    why: "Slack answers 200 also when it has done nothing (`channel_not_found`, `not_in_channel`, `invalid_auth`), so a message is lost without a trace.",
    good: "const answer = await response.json();\nif (!answer.ok) throw new Error(`Slack refused: ${answer.error}`);",
};

impl Rule for SlackOkIgnored {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for fetch in context.upstream_calls().iter().filter(|fetch| fetch.is_slack_method()) {
            let file = &context.files[fetch.file];
            if is_ignored(context, file, fetch) {
                let method = fetch.path().trim_start_matches("/api/");
                let method =
                    if method.is_empty() || !fetch.url.is_complete { "the call" } else { &format!("`{method}`") };
                let message = format!("Nobody sees whether Slack has refused {method}: it answers 200 even then");
                context
                    .report(file, fetch.call.span, message)
                    .help("Read the body and look at `ok`; if it is false, `error` says why");
            }
        }
    }
}

/// Whether the answer certainly is thrown away, or only its status is looked at.
fn is_ignored<'a>(context: &Context<'_, 'a>, file: &File<'a>, fetch: &Fetch<'a>) -> bool {
    match file.parent(fetch.node) {
        AstKind::AwaitExpression(awaited) => is_answer_ignored(file, awaited.node_id.get()),
        AstKind::CallExpression(call) => {
            let callee = context.meaning(file, &call.callee);
            callee.is_some_and(|callee| callee.root == Root::Context && callee.members == ["waitUntil"])
        }
        _ => false,
    }
}

/// Whether a response is thrown away: its expression is a statement, or a name of which only the status is read.
fn is_answer_ignored(file: &File<'_>, response: NodeId) -> bool {
    match file.parent(response) {
        AstKind::ExpressionStatement(_) => true,
        AstKind::StaticMemberExpression(member) => is_part_ignored(file, member.node_id.get(), &member.property.name),
        AstKind::VariableDeclarator(declarator) => match &declarator.id {
            BindingPattern::BindingIdentifier(name) => name.symbol_id.get().is_some_and(|symbol| {
                references_all(file, symbol, |node| match file.parent(node) {
                    AstKind::StaticMemberExpression(member) => {
                        is_part_ignored(file, member.node_id.get(), &member.property.name)
                    }
                    _ => false,
                })
            }),
            BindingPattern::ObjectPattern(pattern) => takes_only(pattern, STATUS),
            _ => false,
        },
        _ => false,
    }
}

/// Parts of a response that say nothing about the body.
const STATUS: &[&str] = &["ok", "status", "statusText"];

/// Whether what is read of a response is its status, or a body of which `ok` is not looked at.
fn is_part_ignored(file: &File<'_>, member: NodeId, name: &str) -> bool {
    if STATUS.contains(&name) {
        return true;
    }
    let AstKind::CallExpression(call) = file.parent(member) else { return false };
    let AstKind::AwaitExpression(awaited) = file.parent(call.node_id.get()) else { return false };
    name == "json" && is_body_ignored(file, awaited.node_id.get())
}

/// Whether nobody looks at `ok` of a body. Who tests another part of it (`if (!answer.ts)`) sees a failure too.
fn is_body_ignored(file: &File<'_>, body: NodeId) -> bool {
    match file.parent(body) {
        AstKind::ExpressionStatement(_) => true,
        AstKind::StaticMemberExpression(member) => is_taken_untested(file, member.node_id.get(), &member.property.name),
        AstKind::VariableDeclarator(declarator) => match &declarator.id {
            BindingPattern::BindingIdentifier(name) => name.symbol_id.get().is_some_and(|symbol| {
                references_all(file, symbol, |node| match file.parent(node) {
                    AstKind::StaticMemberExpression(member) => {
                        is_taken_untested(file, member.node_id.get(), &member.property.name)
                    }
                    _ => false,
                })
            }),
            _ => false,
        },
        _ => false,
    }
}

/// Whether a part of the body is another one than `ok` and `error`, and is used as it is.
fn is_taken_untested(file: &File<'_>, member: NodeId, name: &str) -> bool {
    let is_used = matches!(
        file.parent(member),
        AstKind::ObjectProperty(_)
            | AstKind::TemplateLiteral(_)
            | AstKind::ReturnStatement(_)
            | AstKind::AwaitExpression(_)
    );
    !matches!(name, "ok" | "error") && is_used
}

fn references_all(file: &File<'_>, symbol: SymbolId, holds: impl Fn(NodeId) -> bool) -> bool {
    !file.scoping().symbol_is_mutated(symbol)
        && file.scoping().get_resolved_references(symbol).all(|reference| holds(reference.node_id()))
}

fn takes_only(pattern: &ObjectPattern<'_>, names: &[&str]) -> bool {
    pattern.rest.is_none()
        && pattern.properties.iter().all(|property| {
            crate::patterns::key_name(&property.key, property.computed).is_some_and(|name| names.contains(&name))
        })
}

#[cfg(test)]
mod tests {
    use crate::tester::{Case, case, handler, test};

    /// A handler that posts and then does this with the response.
    fn post(then: &str) -> Case {
        handler(&format!(
            "const response = await fetch('https://slack.com/api/chat.postMessage', {{ method: 'POST' }}); {then}"
        ))
    }

    #[test]
    fn cases() {
        test(
            &super::SlackOkIgnored,
            &[
                post("const answer = await response.json(); if (!answer.ok) throw new Error(answer.error); return {};"),
                post("const { ok, error } = await response.json(); return { ok, error };"),
                post("return response;"),
                post("await check(response); return {};"),
                post("return response.json();"),
                post("const answer = await response.json(); return check(answer);"),
                post("const answer = await response.json(); if (!answer.ts) return {}; return { ts: answer.ts };"),
                post("const text = await response.text(); return { ok: text.includes('\"ok\":true') };"),
                handler("return fetch('https://slack.com/api/chat.postMessage', { method: 'POST' });"),
                handler("const post = async () => await fetch('https://slack.com/api/chat.postMessage', { method: 'POST' }); return check(await post());"),
                handler("if (!(await (await fetch('https://slack.com/api/auth.test')).json()).ok) return {}; return {};"),
                // Incoming webhooks answer with plain text and a status.
                handler("const r = await fetch('https://hooks.slack.com/services/T/B/x', { method: 'POST' }); return { ok: r.ok };"),
                handler("await fetch('https://api.notion.com/v1/pages', { method: 'POST' }); return {};"),
                handler("const fetch = async () => ({}); await fetch('https://slack.com/api/chat.postMessage'); return {};"),
            ],
            &[
                handler("await fetch('https://slack.com/api/chat.postMessage', { method: 'POST' }); return {};"),
                handler("ctx.waitUntil(fetch('https://slack.com/api/reactions.add', { method: 'POST' })); return {};"),
                post("if (!response.ok) throw new Error(`Slack answered ${response.status}`); return {};"),
                post("const answer = await response.json(); return { ts: answer.ts };"),
                case("import { post } from './slack';\nexport default { async fetch(request, env) { await post(env, 'hello'); return {}; } };")
                    .file("src/slack.ts", "const API = 'https://slack.com/api/';\nconst send = fetch;\nexport async function post(env, method) { const { ok } = await send(`${API}${method}`, { headers: { authorization: env.TOKEN } }); return ok; }"),
            ],
        );
    }
}
