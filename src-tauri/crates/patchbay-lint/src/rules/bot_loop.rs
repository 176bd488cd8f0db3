use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::object_fields::Field;
use crate::outbound::{Fetch, Options};
use crate::patterns::{key_name, method_call};
use crate::project::File;
use oxc::ast::ast::{Argument, Expression};
use oxc::ast::{AstKind, AstType};

pub struct BotLoop;

static DOCS: Docs = Docs {
    id: "bot-loop",
    group: Group::Webhook,
    severity: Severity::Warning,
    what: "An adapter that answers Slack's message events with a message in the same channel and never looks at who wrote the event's message.",
    why: "Slack sends the adapter's own message back as the next event. The adapter answers that too, and so on for ever.",
    good: "if (event.bot_id || event.subtype) return new Response(null, { status: 200 });",
};

/// Fields and values by which an author tells people from bots, and one app from another.
const AUTHORS: &[&str] = &[
    "bot_id",
    "bot_profile",
    "subtype",
    "bot_message",
    "bot_user_id",
    "is_bot",
    "app_id",
    "api_app_id",
    "authorizations",
    "client_msg_id",
];

impl Rule for BotLoop {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        let is_slack = context.manifest.and_then(|manifest| manifest.provider.as_deref()) == Some("slack")
            || context.signature_reads().iter().any(|read| read.provider.id == "slack");
        if !is_slack || !context.is_whole() {
            return;
        }
        let calls = context.upstream_calls();
        let Some(answer) = calls.iter().find(|call| answers_in_channel(context, call)) else { return };
        let takes_messages = context.checked_files().any(takes_messages);
        if !takes_messages
            || context.has_packages()
            || context.mentions(AUTHORS)
            || context.checked_files().any(chooses)
        {
            return;
        }
        context
            .report(
                &context.files[answer.file],
                answer.call.span,
                "Slack sends this message back as an event, and nothing keeps the adapter from answering itself",
            )
            .help(
                "Ignore events that have a `bot_id`, or a `subtype` such as `bot_message`, before doing anything else",
            );
    }
}

/// Whether a call posts a message in the channel that it has from the event.
fn answers_in_channel<'a>(context: &Context<'_, 'a>, fetch: &Fetch<'a>) -> bool {
    if !fetch.is_slack_method() || fetch.path() != "/api/chat.postMessage" {
        return false;
    }
    let Options::Known(options) = context.options(fetch) else { return false };
    let Field::Value(file, body) = context.field(options, "body") else { return false };
    let Some(body) = context.stringified(file, body) else { return false };
    let Field::Value(file, channel) = context.field(body, "channel") else { return false };
    let is_channel = |file: &File<'a>, value: &'a Expression<'a>| {
        file.field_read(value) == Some("channel")
            && context.meaning(file, value).is_none_or(|meaning| meaning.binding().is_none())
    };
    is_channel(&context.files[file], channel)
        || context
            .origins(file, channel)
            .iter()
            .any(|origin| is_channel(&context.files[origin.file], origin.expression))
}

/// Whether the code asks whether an event is a message.
fn takes_messages(file: &File<'_>) -> bool {
    file.of_type(AstType::StringLiteral).any(|node| match node.kind() {
        AstKind::StringLiteral(text) if text.value == "message" => match file.parent(node.id()) {
            AstKind::BinaryExpression(comparison) => {
                comparison.operator.is_equality()
                    && [&comparison.left, &comparison.right]
                        .into_iter()
                        .any(|side| file.field_read(side) == Some("type"))
            }
            AstKind::SwitchCase(_) => true,
            _ => false,
        },
        _ => false,
    })
}

/// Whether the code chooses among messages by what they say, who wrote them, or whether they stand in a thread: the
/// adapter's own may be among those that it leaves alone.
fn chooses(file: &File<'_>) -> bool {
    let asks_text = file.of_type(AstType::CallExpression).any(|node| match node.kind() {
        AstKind::CallExpression(call) => method_call(call).is_some_and(|(object, method)| {
            let is_question = matches!(
                method,
                "startsWith" | "endsWith" | "includes" | "match" | "test" | "exec" | "search" | "indexOf" | "has"
            );
            let argument = call.arguments.first().and_then(Argument::as_expression);
            is_question
                && std::iter::once(object)
                    .chain(argument)
                    .any(|value| matches!(made_from(file, value), Some("text" | "user" | "channel")))
        }),
        _ => false,
    });
    let compares = file.of_type(AstType::BinaryExpression).any(|node| match node.kind() {
        AstKind::BinaryExpression(comparison) => {
            comparison.operator.is_equality()
                && [&comparison.left, &comparison.right].into_iter().any(|side| {
                    matches!(made_from(file, side), Some("text" | "user" | "user_id" | "channel" | "username"))
                })
        }
        _ => false,
    });
    let reads_thread = file.of_type(AstType::StaticMemberExpression).any(|node| match node.kind() {
        AstKind::StaticMemberExpression(member) => member.property.name == "thread_ts",
        _ => false,
    }) || file.of_type(AstType::BindingProperty).any(|node| match node.kind() {
        AstKind::BindingProperty(property) => key_name(&property.key, property.computed) == Some("thread_ts"),
        _ => false,
    });
    asks_text || compares || reads_thread
}

/// The field that a value is made from by methods of its own: `text` for `event.text.trim().toLowerCase()`.
fn made_from<'a>(file: &File<'a>, value: &Expression<'a>) -> Option<&'a str> {
    match value.get_inner_expression() {
        Expression::CallExpression(call) => {
            let callee = call.callee.get_inner_expression().get_member_expr()?;
            made_from(file, callee.object())
        }
        Expression::ChainExpression(chain) => match &chain.expression {
            oxc::ast::ast::ChainElement::CallExpression(call) => {
                made_from(file, call.callee.get_inner_expression().get_member_expr()?.object())
            }
            _ => file.field_read(value),
        },
        Expression::LogicalExpression(logical) => made_from(file, &logical.left),
        _ => file.field_read(value),
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{Case, case, handler, test};
    use serde_json::json;

    fn slack(case: Case) -> Case {
        case.manifest(&json!({ "provider": "slack" }))
    }

    /// A handler that answers messages in their channel, with more before that.
    fn answer(guard: &str) -> Case {
        slack(handler(&format!(
            "const {{ event }} = await request.json(); {guard} if (event.type === 'message') {{ await fetch('https://slack.com/api/chat.postMessage', {{ method: 'POST', body: JSON.stringify({{ channel: event.channel, text: 'Thank you' }}) }}); }} return {{}};"
        )))
    }

    #[test]
    fn cases() {
        test(
            &super::BotLoop,
            &[
                answer("if (event.bot_id) return {};"),
                answer("if (event.subtype !== undefined) return {};"),
                answer("const { subtype, bot_profile } = event; if (subtype || bot_profile) return {};"),
                answer("if (event.user === env.BOT_USER) return {};"),
                answer("if (!event.text.trim().toLowerCase().startsWith('!deploy')) return {};"),
                answer("if (!/^deploy/.test(event.text)) return {};"),
                answer("if (event.thread_ts) return {};"),
                slack(case("import { isHuman } from './people';\nexport default { async fetch(request) { const { event } = await request.json(); if (event.type !== 'message' || !isHuman(event)) return {}; return fetch('https://slack.com/api/chat.postMessage', { method: 'POST', body: JSON.stringify({ channel: event.channel, text: 'x' }) }); } };"))
                    .file("src/people.ts", "const BOT = 'bot_id';\nexport const isHuman = (event) => !(BOT in event);"),
                // Mentions of the app, which its own message does not have.
                slack(handler("const { event } = await request.json(); if (event.type === 'app_mention') await fetch('https://slack.com/api/chat.postMessage', { method: 'POST', body: JSON.stringify({ channel: event.channel, text: 'x' }) }); return {};")),
                // Another channel, of which no events may come.
                slack(handler("const { event } = await request.json(); if (event.type === 'message') await fetch('https://slack.com/api/chat.postMessage', { method: 'POST', body: JSON.stringify({ channel: env.ALERTS, text: event.text }) }); return {};")),
                slack(handler("const { event } = await request.json(); if (event.type === 'message') await fetch('https://slack.com/api/reactions.add', { method: 'POST', body: JSON.stringify({ channel: event.channel }) }); return {};")),
                slack(handler("const { event } = await request.json(); if (event.type === 'message') await fetch('https://api.notion.com/v1/pages', { method: 'POST', body: JSON.stringify({ channel: event.channel }) }); return {};")),
                handler("const { event } = await request.json(); if (event.type === 'message') await fetch('https://slack.com/api/chat.postMessage', { method: 'POST', body: JSON.stringify({ channel: event.channel }) }); return {};"),
            ],
            &[
                answer(""),
                answer("if (request.headers.get('x-slack-signature').startsWith('v0=')) console.log('signed');"),
                slack(case("import { post } from './post';\nexport default { async fetch(request, env) { const { event } = await request.json(); switch (event.type) { case 'message': await post(env, event.channel, `You said ${event.text}`); } return {}; } };"))
                    .file("src/post.ts", "const send = fetch;\nexport async function post(env, channel, text) { const body = JSON.stringify({ channel, text }); return send('https://slack.com/api/chat.postMessage', { method: 'POST', body, headers: { authorization: env.TOKEN } }); }"),
                slack(handler("const { event: { type, channel } } = await request.json(); if (type !== 'message') return {}; return fetch('https://slack.com/api/chat.postMessage', { method: 'POST', body: JSON.stringify({ channel, text: 'hello' }) });")),
            ],
        );
    }
}
