use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::meaning::FunctionId;
use crate::project::File;
use oxc::ast::ast::{BinaryOperator, BindingPattern};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::NodeId;
use oxc::span::{GetSpan as _, Span};

pub struct NoTimestampCheck;

static DOCS: Docs = Docs {
    id: "no-timestamp-check",
    group: Group::Webhook,
    severity: Severity::Warning,
    what: "A signature of Slack, Stripe, HubSpot or Standard Webhooks that is checked without ever comparing the signed time with now.",
    why: "A copied request stays valid for ever: whoever saw one in a log or a proxy can send it again whenever they like.",
    good: "if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return new Response(null, { status: 401 });",
};

impl Rule for NoTimestampCheck {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        let reads = context.signature_reads();
        let read = reads.iter().find_map(|read| {
            // Only this header is signed with the time; older headers of the same provider are not.
            let signed_time = read.provider.signed_time.filter(|_| read.header == read.provider.signature_header)?;
            Some((read, signed_time))
        });
        let Some((read, signed_time)) = read else { return };
        if !context.is_whole() || context.has_packages() || !context.uses_cryptography() || may_compare_time(context) {
            return;
        }
        let message = format!(
            "The signature of {} is checked, but not how old it is, so a copied request can be sent again at any time",
            read.provider.name
        );
        let mut help = signed_time.to_owned();
        help.replace_range(..1, &signed_time[..1].to_ascii_uppercase());
        context.report(&context.files[read.file], read.span, message).help(help);
    }
}

/// Whether anything may be compared with the present time.
fn may_compare_time(context: &Context<'_, '_>) -> bool {
    context.checked_files().any(|file| {
        let calls = file.of_type(AstType::CallExpression).any(|node| match node.kind() {
            AstKind::CallExpression(call) => {
                context
                    .meaning(file, &call.callee)
                    .is_some_and(|callee| callee.is_global("Date.now") || callee.begins_with_global("Temporal"))
                    && may_be_compared(context, file, node.id(), 6)
            }
            _ => false,
        });
        calls
            || file.of_type(AstType::NewExpression).any(|node| match node.kind() {
                AstKind::NewExpression(made) => {
                    made.arguments.is_empty()
                        && context.meaning(file, &made.callee).is_some_and(|callee| callee.is_global("Date"))
                        && may_be_compared(context, file, node.id(), 6)
                }
                _ => false,
            })
            || hands_on_clock(context, file)
    })
}

/// Whether the clock itself is handed on, to be read elsewhere: `verify(bytes, { now: Date.now })`.
fn hands_on_clock<'a>(context: &Context<'_, 'a>, file: &File<'a>) -> bool {
    file.of_type(AstType::StaticMemberExpression).any(|node| match node.kind() {
        AstKind::StaticMemberExpression(member) => {
            member.property.name == "now"
                && !matches!(file.parent(node.id()), AstKind::CallExpression(call) if is_within(call.callee.span(), member.span))
                && context
                    .meaning(file, &member.object)
                    .is_some_and(|meaning| meaning.is_global("Date"))
        }
        _ => false,
    })
}

/// Whether a time may end in a comparison. Only what certainly does not (a log, an answer, a body) is left out.
fn may_be_compared<'a>(context: &Context<'_, 'a>, file: &File<'a>, node: NodeId, steps: usize) -> bool {
    let (Some(steps), Some(())) = (steps.checked_sub(1), context.take_step()) else { return true };
    let mut at = node;
    loop {
        let span = file.nodes().kind(at).span();
        let parent = file.nodes().parent_id(at);
        match file.nodes().kind(parent) {
            AstKind::BinaryExpression(binary) => match binary.operator {
                BinaryOperator::Addition
                | BinaryOperator::Division
                | BinaryOperator::Multiplication
                | BinaryOperator::Remainder => {}
                _ => return true,
            },
            AstKind::CallExpression(call) if !is_within(call.callee.span(), span) => {
                let Some(callee) = context.meaning(file, &call.callee) else { return true };
                let is_sink = ["console", "fetch", "JSON"].into_iter().any(|name| callee.begins_with_global(name));
                let is_conversion =
                    ["Math", "Number", "String", "BigInt"].into_iter().any(|name| callee.begins_with_global(name));
                if is_sink || !is_conversion {
                    return !is_sink;
                }
            }
            AstKind::NewExpression(made) => {
                let callee = context.meaning(file, &made.callee);
                let begins = |name| callee.as_ref().is_some_and(|callee| callee.begins_with_global(name));
                if begins("Response") || begins("Headers") || begins("Request") {
                    return false;
                }
                if !begins("Date") {
                    return true;
                }
            }
            AstKind::TemplateLiteral(_) => return false,
            AstKind::VariableDeclarator(declarator) => {
                let BindingPattern::BindingIdentifier(name) = &declarator.id else { return true };
                let Some(symbol) = name.symbol_id.get() else { return true };
                let mut references = file.scoping().get_resolved_references(symbol);
                return references.any(|reference| may_be_compared(context, file, reference.node_id(), steps));
            }
            AstKind::ReturnStatement(_) => {
                let function = file.function_around(parent).map(|node| FunctionId { file: file.id, node: node.id() });
                return function.is_none() || function != context.handlers.fetch();
            }
            AstKind::CallExpression(_)
            | AstKind::StaticMemberExpression(_)
            | AstKind::ChainExpression(_)
            | AstKind::ParenthesizedExpression(_)
            | AstKind::TSAsExpression(_)
            | AstKind::TSNonNullExpression(_)
            | AstKind::TSSatisfiesExpression(_)
            | AstKind::AwaitExpression(_)
            | AstKind::UnaryExpression(_)
            | AstKind::LogicalExpression(_)
            | AstKind::ConditionalExpression(_)
            | AstKind::ObjectProperty(_)
            | AstKind::ObjectExpression(_)
            | AstKind::ArrayExpression(_) => {}
            _ => return true,
        }
        at = parent;
    }
}

fn is_within(outer: Span, inner: Span) -> bool {
    outer.contains_inclusive(inner)
}

#[cfg(test)]
mod tests {
    use crate::tester::{Case, case, handler, test};

    /// An adapter that checks Slack's signature, with more in its body.
    fn slack(more: &str) -> Case {
        handler(&format!(
            "const given = request.headers.get('x-slack-signature'); const bytes = await request.arrayBuffer(); const ok = await crypto.subtle.verify('HMAC', env.KEY, new TextEncoder().encode(given), bytes); {more}"
        ))
    }

    #[test]
    fn cases() {
        test(
            &super::NoTimestampCheck,
            &[
                slack("const sent = Number(request.headers.get('x-slack-request-timestamp')); if (Math.abs(Date.now() / 1000 - sent) > 300) return {}; return { ok };"),
                slack("const now = Math.floor(Date.now() / 1000); const oldest = now - 300; return { ok: ok && Number(request.headers.get('x-slack-request-timestamp')) >= oldest };"),
                slack("const clock = Date; const now = clock.now(); return { fresh: request.headers.get('x-slack-request-timestamp') > now };"),
                slack("const age = new Date().getTime() - 1; return { age };"),
                slack("return isFresh(request, { now: Date.now() }); function isFresh(r, { now }) { return { fresh: now > r.headers.get('x-slack-request-timestamp') }; }"),
                slack("return isFresh(request, Date.now); function isFresh(r, now) { return { fresh: now() > r.headers.get('x-slack-request-timestamp') }; }"),
                case("import { isFresh } from './fresh';\nexport default { async fetch(request, env) { const ok = await crypto.subtle.verify('HMAC', env.KEY, request.headers.get('stripe-signature'), await request.arrayBuffer()); return { ok, fresh: isFresh(request) }; } };")
                    .file("src/fresh.ts", "const now = () => Date.now();\nexport const isFresh = (request) => now() - Number(request.headers.get('t')) < 300000;"),
                // Signs no time.
                handler("const given = request.headers.get('x-hub-signature-256'); return { ok: await crypto.subtle.verify('HMAC', env.KEY, given, await request.arrayBuffer()) };"),
                handler("const given = request.headers.get('x-hubspot-signature'); return { ok: await crypto.subtle.verify('HMAC', env.KEY, given, await request.arrayBuffer()) };"),
                // A package checks.
                case("import Stripe from 'stripe';\nexport default { async fetch(request, env) { await crypto.subtle.digest('SHA-256', new Uint8Array()); return new Stripe(env.KEY).webhooks.constructEventAsync(await request.text(), request.headers.get('stripe-signature'), env.SECRET); } };"),
                // Nothing is checked, which another rule says.
                handler("return { given: request.headers.get('x-slack-signature') };"),
                handler("const map = new Map(); return { given: map.get('x'), ok: await crypto.subtle.digest('SHA-256', new Uint8Array()) };"),
            ],
            &[
                slack("return { ok };"),
                slack("console.log('at', Date.now()); return { ok, at: new Date().toISOString() };"),
                slack("const received = Date.now(); await fetch('https://a.example/', { method: 'POST', body: JSON.stringify({ received }) }); return { ok };"),
                case("import { verify } from './verify';\nexport default { async fetch(request, env) { return { ok: await verify(request, env.SECRET) }; } };")
                    .file("src/verify.ts", "import { createHmac, timingSafeEqual } from 'node:crypto';\nconst HEADER = 'Stripe-Signature';\nexport async function verify(request, secret) { const { headers } = request; const [t, v1] = headers.get(HEADER).split(','); return timingSafeEqual(v1, createHmac('sha256', secret).update(t).digest()); }"),
            ],
        );
    }
}
