use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::meaning::Root;
use crate::providers::provider;
use oxc::ast::{AstKind, AstType};
use oxc::span::{GetSpan as _, Span};

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
        if !context.is_whole() || may_verify(context) {
            return;
        }
        let file = &context.files[handler.file];
        let span = match file.nodes().parent_kind(handler.node) {
            AstKind::ObjectProperty(property) => property.key.span(),
            AstKind::MethodDefinition(method) => method.key.span(),
            _ => Span::sized(file.nodes().kind(handler.node).span().start, 0),
        };
        context
            .report(file, span, format!("Nothing checks that {} has signed the request", provider.name))
            .help(format!("Verify it before using the body: {}", provider.scheme));
    }
}

/// Whether anything in the adapter may check a signature: cryptography of the runtime or of node, or a package of
/// which the code is not here.
fn may_verify(context: &Context<'_, '_>) -> bool {
    context.checked_files().any(|file| {
        let uses_crypto = [AstType::StaticMemberExpression, AstType::IdentifierReference].into_iter().any(|kind| {
            file.of_type(kind).any(|node| match node.kind() {
                AstKind::StaticMemberExpression(member) => {
                    member.property.name == "subtle"
                        && context.meaning(file, &member.object).is_some_and(|meaning| meaning.is_global("crypto"))
                }
                AstKind::IdentifierReference(reference) => {
                    let symbol =
                        reference.reference_id.get().and_then(|id| file.scoping().get_reference(id).symbol_id());
                    symbol.and_then(|symbol| context.symbol_meaning(file.id, symbol)).is_some_and(|meaning| {
                        matches!(meaning.root, Root::Global("crypto")) && !meaning.members.is_empty()
                    })
                }
                _ => false,
            })
        });
        let uses_package = file.record.import_entries.iter().any(|import| {
            let from = import.module_request.name.as_str();
            !import.is_type && context.resolve(file.id, from).is_none() && from != "cloudflare:workers"
        });
        uses_crypto || uses_package || file.of_type(AstType::ImportExpression).next().is_some()
    })
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
