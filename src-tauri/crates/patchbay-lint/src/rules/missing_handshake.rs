use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::handlers::name_of;
use crate::meaning::Root;
use oxc::ast::ast::Argument;
use oxc::ast::{AstKind, AstType};

pub struct MissingHandshake;

static DOCS: Docs = Docs {
    id: "missing-handshake",
    group: Group::Webhook,
    severity: Severity::Warning,
    what: "An adapter whose provider asks the address to prove itself before it sends anything (Slack's `url_verification`, Graph's `validationToken`), in which nothing answers that.",
    why: "Without the answer the provider does not accept the address, so no event ever arrives.",
    good: "if (body.type === 'url_verification') return { challenge: body.challenge };",
};

/// A provider that asks first, and how.
struct Handshake {
    provider: &'static str,
    /// Words of which code that answers says at least one.
    words: &'static [&'static str],
    /// Words of code that is sent requests of another kind, for which there is no handshake.
    not_asked: &'static [&'static str],
    message: &'static str,
    help: &'static str,
}

/// Slack: <https://docs.slack.dev/reference/events/url_verification>; slash commands and buttons come as forms and are
/// not asked. Graph: <https://learn.microsoft.com/graph/change-notifications-delivery-webhooks>.
const HANDSHAKES: &[Handshake] = &[
    Handshake {
        provider: "slack",
        words: &["url_verification", "challenge"],
        not_asked: &["formData", "payload", "command", "response_url", "trigger_id"],
        message: "Nothing answers Slack's `url_verification`, so Slack does not accept this address for events",
        help: "Check the signature, then answer a body whose `type` is `url_verification` with `{ challenge: body.challenge }`",
    },
    Handshake {
        provider: "graph",
        words: &["validationToken"],
        not_asked: &[],
        message: "Nothing answers the `validationToken` of Microsoft Graph, so the subscription cannot be created",
        help: "If the URL has the parameter `validationToken`, answer 200 with exactly that text as `text/plain` within 10 seconds",
    },
];

impl Rule for MissingHandshake {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        let declared = context.manifest.and_then(|manifest| manifest.provider.as_deref());
        let handshake = HANDSHAKES.iter().find(|handshake| declared == Some(handshake.provider));
        let (Some(handshake), Some(handler)) = (handshake, context.handlers.fetch()) else { return };
        // A package may answer, and what could not be read may too.
        if !context.is_whole()
            || context.has_packages()
            || context.mentions(handshake.words)
            || context.mentions(handshake.not_asked)
            || reads_form(context)
            || passes_on(context)
        {
            return;
        }
        let file = &context.files[handler.file];
        context.report(file, name_of(file, handler), handshake.message).help(handshake.help);
    }
}

/// Whether the code reads a body that is a form.
fn reads_form(context: &Context<'_, '_>) -> bool {
    context.checked_files().any(|file| {
        file.of_type(AstType::NewExpression).any(|node| match node.kind() {
            AstKind::NewExpression(made) => {
                context.meaning(file, &made.callee).is_some_and(|callee| callee.is_global("URLSearchParams"))
            }
            _ => false,
        })
    })
}

/// Whether the request goes to another worker as it came: who gets it may answer.
fn passes_on(context: &Context<'_, '_>) -> bool {
    context.checked_files().any(|file| {
        file.of_type(AstType::CallExpression).any(|node| match node.kind() {
            AstKind::CallExpression(call) => {
                let is_fetch = context.meaning(file, &call.callee).is_some_and(|callee| {
                    callee.is_global("fetch") || (callee.root == Root::Environment && callee.members.len() > 1)
                });
                is_fetch
                    && call.arguments.iter().filter_map(Argument::as_expression).any(|argument| {
                        context
                            .meaning(file, argument)
                            .is_some_and(|meaning| meaning.root == Root::Request && meaning.members.is_empty())
                    })
            }
            _ => false,
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::tester::{Case, case, handler, test};
    use serde_json::json;

    fn from(provider: &str, case: Case) -> Case {
        case.manifest(&json!({ "provider": provider }))
    }

    #[test]
    fn cases() {
        test(
            &super::MissingHandshake,
            &[
                from("slack", handler("const body = await request.json(); if (body.type === 'url_verification') return { challenge: body.challenge }; return {};")),
                from("slack", handler("const { challenge } = await request.json(); return challenge ? { challenge } : {};")),
                from("slack", case("import { answer } from './handshake';\nexport default { async fetch(request) { return answer(await request.json()); } };"))
                    .file("src/handshake.ts", "const ASKED = 'url_verification';\nexport const answer = (body) => (body.type === ASKED ? new Response(body['challenge']) : {});"),
                // Slash commands and buttons are forms.
                from("slack", handler("const form = await request.formData(); return { text: form.get('text') };")),
                from("slack", handler("const form = new URLSearchParams(await request.text()); return { text: form.get('text') };")),
                from("slack", case("import { SlackApp } from 'slack-cloudflare-workers';\nexport default { fetch: (request, env, ctx) => new SlackApp({ env }).run(request, ctx) };")),
                from("slack", handler("return env.INNER.fetch(request);")),
                from("graph", handler("const token = new URL(request.url).searchParams.get('validationToken'); return token ? new Response(token) : {};")),
                from("github", handler("return request.json();")),
                from("stripe", handler("return request.json();")),
                handler("return request.json();"),
            ],
            &[
                from("slack", handler("const webhook = await request.json(); return { page: webhook.event.text };")),
                from("graph", handler("const { value } = await request.json(); return { count: value.length };")),
                // A type says what there may be, and answers nothing.
                from("slack", case("interface Body { challenge?: string; event: { text: string } }\nexport default { async fetch(request: Request) { const body: Body = await request.json(); return { page: body.event.text }; } };")),
            ],
        );
    }
}
