use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::handlers::name_of;
use crate::providers::provider;

pub struct SignatureNotVerified;

static DOCS: Docs = Docs {
    id: "signature-not-verified",
    group: Group::Webhook,
    severity: Severity::Warning,
    what: "An adapter whose provider signs its webhooks, in which nothing checks a signature.",
    why: "The adapter's address is no secret. Without the check, whoever finds it can make the adapter write what they like into the customer's tools.",
    good: "const bytes = await request.arrayBuffer();\nif (!(await verify(bytes, request.headers, env.SLACK_SIGNING_SECRET))) return new Response(null, { status: 401 });",
};

impl Rule for SignatureNotVerified {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        let provider = context.manifest.and_then(|manifest| manifest.provider.as_deref()).and_then(provider);
        let (Some(provider), Some(handler)) = (provider, context.handlers.fetch()) else { return };
        // A package of which the code is not here may verify too.
        if !context.is_whole() || context.uses_cryptography() || context.has_packages() {
            return;
        }
        let file = &context.files[handler.file];
        context
            .report(
                file,
                name_of(file, handler),
                format!("Nothing checks that {} has signed the request", provider.name),
            )
            .help(format!("Verify it before using the body: {}", provider.scheme));
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{Case, case, handler, test};
    use serde_json::json;

    fn slack(case: Case) -> Case {
        case.manifest(&json!({ "provider": "slack" }))
    }

    #[test]
    fn cases() {
        test(
            &super::SignatureNotVerified,
            &[
                slack(handler("await crypto.subtle.verify('HMAC', env.KEY, new Uint8Array(), await request.arrayBuffer()); return {};")),
                slack(handler("const { subtle } = crypto; await subtle.verify('HMAC', env.KEY, new Uint8Array(), new Uint8Array()); return {};")),
                slack(case("import { verify } from './verify';\nexport default { async fetch(request, env) { await verify(request, env.S); return {}; } };"))
                    .file("src/verify.ts", "export async function verify(request, secret) { return crypto.subtle.sign('HMAC', secret, await request.arrayBuffer()); }"),
                slack(case("import { createHmac } from 'node:crypto';\nexport default { fetch: (r, env) => ({ h: createHmac('sha256', env.S).digest('hex') }) };")),
                slack(case("import { verifySlackRequest } from '@slack/bolt';\nexport default { fetch: (r) => verifySlackRequest(r) };")),
                handler("return request.json();"),
                handler("return request.json();").manifest(&json!({ "provider": "somebody" })),
            ],
            &[
                slack(handler("const webhook = await request.json(); return { page: webhook.slack_message };")),
                slack(handler("return { id: crypto.randomUUID() };")),
                handler("return request.json();").manifest(&json!({ "provider": "stripe" })),
            ],
        );
    }
}
