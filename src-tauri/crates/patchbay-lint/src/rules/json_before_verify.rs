use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::meaning::{FunctionId, Root};
use crate::patterns::key_name;
use crate::project::File;
use oxc::ast::ast::{BindingPattern, ObjectPattern};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::NodeId;
use oxc::span::{GetSpan as _, Span};

pub struct JsonBeforeVerify;

static DOCS: Docs = Docs {
    id: "json-before-verify",
    group: Group::Runtime,
    severity: Severity::Error,
    what: "`request.json()` as the only read of the body in an adapter that checks a signature.",
    why: "The sender signed bytes, and `json()` uses them up. A check that cannot see them refuses true deliveries or accepts forged ones.",
    good: "const bytes = await request.arrayBuffer();\nawait verify(bytes, request.headers, env.SIGNING_SECRET);\nconst event = JSON.parse(new TextDecoder().decode(bytes));",
};

/// What can be asked of a request without its body.
const BODILESS: &[&str] = &["headers", "url", "method", "cf", "signal", "redirect", "bodyUsed"];

impl Rule for JsonBeforeVerify {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        let signatures = context.signature_reads();
        // PayPal offers to check a parsed event that is sent back to it.
        let Some(signature) = signatures.iter().find(|read| read.provider.id != "paypal") else { return };
        // What is written anew as JSON is what `hmac-over-reserialized` looks at.
        if !context.is_whole() || !context.uses_cryptography() || context.mentions(&["stringify"]) {
            return;
        }
        let mut reads = Vec::new();
        for file in context.checked_files() {
            let Some(found) = json_reads(context, file) else { return };
            reads.extend(found.into_iter().map(|span| (file, span)));
        }
        let Some((file, span)) = reads.first() else { return };
        let message = format!(
            "The body is only read as JSON, so `{}` cannot be checked over the bytes that {} signed",
            signature.header, signature.provider.name
        );
        let report = context
            .report(file, *span, message)
            .help("Read it once with `await request.arrayBuffer()`, check the signature over these bytes, and parse them then");
        if signature.file == file.id {
            report.and(signature.span, "The signature is read here");
        }
    }
}

/// The places where the handler's request is read as JSON; nothing at all if its body may be read in another way.
fn json_reads<'a>(context: &Context<'_, 'a>, file: &File<'a>) -> Option<Vec<Span>> {
    let mut found = Vec::new();
    for node in file.of_type(AstType::IdentifierReference) {
        let AstKind::IdentifierReference(name) = node.kind() else { continue };
        let symbol = name.reference_id.get().and_then(|id| file.scoping().get_reference(id).symbol_id());
        let Some(symbol) = symbol else { continue };
        let meaning = context.symbol_meaning(file.id, symbol);
        if !meaning.is_some_and(|meaning| meaning.root == Root::Request && meaning.members.is_empty()) {
            continue;
        }
        if !follow(context, file, node.id(), name.span, &mut found) {
            return None;
        }
    }
    Some(found)
}

/// Looks at what is done with the request at one place. Whether that is known and leaves other reads out.
fn follow<'a>(context: &Context<'_, 'a>, file: &File<'a>, node: NodeId, span: Span, found: &mut Vec<Span>) -> bool {
    match file.parent(node) {
        AstKind::StaticMemberExpression(member) => match member.property.name.as_str() {
            "json" => {
                found.push(member.span);
                matches!(file.parent(member.node_id.get()), AstKind::CallExpression(_))
            }
            name => BODILESS.contains(&name),
        },
        AstKind::VariableDeclarator(declarator) => match &declarator.id {
            // The references of the other name are looked at by themselves.
            BindingPattern::BindingIdentifier(_) => true,
            BindingPattern::ObjectPattern(pattern) => is_bodiless(pattern),
            _ => false,
        },
        AstKind::CallExpression(call) => {
            let index = call.arguments.iter().position(|argument| argument.span().contains_inclusive(span));
            let callee = context.meaning(file, &call.callee);
            match (index, callee.map(|callee| (callee.root, callee.members.is_empty()))) {
                (Some(index), Some((Root::Function(function), true))) => is_followed(context, function, index),
                _ => false,
            }
        }
        AstKind::TSTypeQuery(_) => true,
        _ => false,
    }
}

/// Whether a function's parameter is known to be the request, or takes nothing of its body out of it.
fn is_followed(context: &Context<'_, '_>, function: FunctionId, index: usize) -> bool {
    let file = &context.files[function.file];
    let parameters = match file.nodes().kind(function.node) {
        AstKind::Function(declared) => &declared.params,
        AstKind::ArrowFunctionExpression(arrow) => &arrow.params,
        _ => return false,
    };
    match parameters.items.get(index).map(|parameter| &parameter.pattern) {
        Some(BindingPattern::ObjectPattern(pattern)) => is_bodiless(pattern),
        Some(BindingPattern::BindingIdentifier(_)) => context
            .parameter_meaning(function, index)
            .is_some_and(|meaning| meaning.root == Root::Request && meaning.members.is_empty()),
        _ => false,
    }
}

fn is_bodiless(pattern: &ObjectPattern<'_>) -> bool {
    pattern.rest.is_none()
        && pattern
            .properties
            .iter()
            .all(|property| key_name(&property.key, property.computed).is_some_and(|name| BODILESS.contains(&name)))
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    const VERIFY: &str = "export async function verify(signed, signature, secret) { return crypto.subtle.verify('HMAC', secret, signature, signed); }";

    #[test]
    fn cases() {
        let imported = "import { verify } from './verify';\n";
        test(
            &super::JsonBeforeVerify,
            &[
                handler("const bytes = await request.arrayBuffer(); await crypto.subtle.verify('HMAC', env.S, request.headers.get('stripe-signature'), bytes); return JSON.parse(new TextDecoder().decode(bytes));"),
                handler("const copy = request.clone(); const event = await request.json(); await crypto.subtle.verify('HMAC', env.S, request.headers.get('stripe-signature'), await copy.arrayBuffer()); return event;"),
                // No signature is read, so none is to be checked.
                handler("const event = await request.json(); return { id: event.id, hash: await crypto.subtle.digest('SHA-256', new Uint8Array(1)) };"),
                // Nothing here can check one; `signature-not-verified` says so.
                handler("const event = await request.json(); return { id: event.id, by: request.headers.get('x-slack-signature') };"),
                handler("const event = await request.json(); const ok = await crypto.subtle.verify('HMAC', env.S, request.headers.get('paypal-transmission-sig'), event.id); return { ok };"),
                case("import { check } from 'toolbox';\nexport default { async fetch(request, env) { await check(request, request.headers.get('stripe-signature'), crypto.subtle); return request.json(); } };"),
                handler("const { headers, body } = request; await crypto.subtle.verify('HMAC', env.S, headers.get('stripe-signature'), body); return request.json();"),
                case(&format!("{imported}export default {{ async fetch(request, env) {{ if (request.method === 'PUT') return request.json(); const bytes = await read(request); await verify(bytes, request.headers.get('stripe-signature'), env.S); return {{}}; }} }};\nconst read = (given) => given.arrayBuffer();"))
                    .file("src/verify.ts", VERIFY),
            ],
            &[
                handler("const event = await request.json(); await crypto.subtle.verify('HMAC', env.S, request.headers.get('stripe-signature'), event.raw); return event;"),
                case(&format!("{imported}export default {{ async fetch(request, env) {{ const event = await request.json(); await verify(event, request.headers.get('X-Slack-Signature'), env.S); return event; }} }};"))
                    .file("src/verify.ts", VERIFY),
                case("import { read } from './read';\nexport default { async fetch(request, env) { const { headers } = request; const event = await read(request); await crypto.subtle.verify('HMAC', env.S, headers.get('x-hub-signature-256'), event.id); return event; } };")
                    .file("src/read.ts", "export async function read(given) { return given.json(); }"),
            ],
        );
    }
}
