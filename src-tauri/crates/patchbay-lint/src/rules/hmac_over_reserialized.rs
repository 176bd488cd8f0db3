use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::meaning::{Meaning, Root};
use crate::object_fields::Literal;
use crate::outbound::Options;
use crate::patterns::{key_name, method_call};
use crate::project::{File, FileId};
use oxc::ast::ast::{Argument, BinaryOperator, CallExpression, Expression, ObjectPropertyKind};
use oxc::ast::{AstKind, AstType};
use oxc::span::{GetSpan as _, Span};

pub struct HmacOverReserialized;

static DOCS: Docs = Docs {
    id: "hmac-over-reserialized",
    group: Group::Webhook,
    severity: Severity::Error,
    what: "A signature that is checked over `JSON.stringify` of the parsed body (error), or over `await request.text()` made into bytes again (warning).",
    why: "The sender signed the bytes that it sent. Parsing and writing them again changes spaces, escapes and numbers, so true deliveries are refused; `text()` drops a byte order mark and replaces what is not UTF-8.",
    good: "const bytes = await request.arrayBuffer();\nif (!(await crypto.subtle.verify('HMAC', key, signature, bytes))) return new Response(null, { status: 401 });\nconst event = JSON.parse(new TextDecoder().decode(bytes));",
};

/// What stands where the bytes of the body should.
enum Remade {
    /// `JSON.stringify` of what was parsed, there.
    Json(FileId, Span),
    /// `request.text()`, there.
    Text(FileId, Span),
}

impl Rule for HmacOverReserialized {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::CallExpression) {
                let AstKind::CallExpression(call) = node.kind() else { continue };
                let Some((data, is_verify)) = signed_data(context, file, call) else { continue };
                // Who signs may do so for an answer or a call of his own.
                let Some(remade) = remade(context, file.id, data, 12) else { continue };
                if !is_verify && (context.signature_reads().is_empty() || may_sign_calls(context)) {
                    continue;
                }
                report(context, file, data.span(), &remade);
            }
        }
    }
}

fn report(context: &Context<'_, '_>, file: &File<'_>, data: Span, remade: &Remade) {
    let (message, help, severity, made_in, made_at) = match remade {
        Remade::Json(made_in, made_at) => (
            "The signature is checked over the body as it was written anew, not as the sender signed it",
            "Read the bytes once with `await request.arrayBuffer()`, check the signature over them, and parse them then",
            Severity::Error,
            *made_in,
            *made_at,
        ),
        Remade::Text(made_in, made_at) => (
            "The signature is checked over text that was decoded and encoded again, not over the bytes of the body",
            "Check it over `await request.arrayBuffer()`: `text()` drops a byte order mark and replaces what is not UTF-8",
            Severity::Warning,
            *made_in,
            *made_at,
        ),
    };
    let report = context.report(&context.files[file.id], data, message).help(help).severity(severity);
    if made_in == file.id && made_at != data {
        let what = if severity == Severity::Error { "It is written anew here" } else { "It is decoded here" };
        report.and(made_at, what);
    }
}

/// The data of a call that signs or verifies, and whether it verifies.
fn signed_data<'a>(
    context: &Context<'_, 'a>,
    file: &File<'a>,
    call: &'a CallExpression<'a>,
) -> Option<(&'a Expression<'a>, bool)> {
    let (object, method) = method_call(call)?;
    let index = match method {
        "verify" => 3,
        "sign" => 2,
        "update" => {
            let data = call.arguments.first().and_then(Argument::as_expression)?;
            return is_node_hmac(context, file, object).then_some((data, false));
        }
        _ => return None,
    };
    let callee = context.meaning(file, &call.callee)?;
    let is_subtle = callee.is_global("crypto.subtle.verify") || callee.is_global("crypto.subtle.sign");
    let data = call.arguments.get(index).and_then(Argument::as_expression)?;
    is_subtle.then_some((data, method == "verify"))
}

/// Whether an object is what `createHmac` of node gives, or what its `update` gives.
fn is_node_hmac<'a>(context: &Context<'_, 'a>, file: &File<'a>, object: &Expression<'a>) -> bool {
    match object.get_inner_expression() {
        Expression::CallExpression(call) => match method_call(call) {
            Some((inner, "update")) => is_node_hmac(context, file, inner),
            _ => context.meaning(file, &call.callee).is_some_and(|callee| is_create_hmac(&callee)),
        },
        Expression::Identifier(name) => {
            let symbol = name.reference_id.get().and_then(|id| file.scoping().get_reference(id).symbol_id());
            let made = symbol.and_then(|symbol| context.symbol_definition(file.id, symbol, 8));
            matches!(made, Some((made_in, crate::meaning::Definition::Expression(Expression::CallExpression(call))))
                if context.meaning(&context.files[made_in], &call.callee).is_some_and(|callee| is_create_hmac(&callee)))
        }
        _ => false,
    }
}

fn is_create_hmac(callee: &Meaning<'_>) -> bool {
    match (callee.root, callee.members) {
        (Root::Import { from: "node:crypto" | "crypto", name: "createHmac" }, []) => true,
        (Root::Import { from: "node:crypto" | "crypto", name: "default" }, [method]) => *method == "createHmac",
        _ => false,
    }
}

/// What the data holds in place of the bytes of the body.
fn remade<'a>(context: &Context<'_, 'a>, file: FileId, data: &'a Expression<'a>, steps: usize) -> Option<Remade> {
    let steps = steps.checked_sub(1)?;
    let origins = context.origins(file, data);
    origins.iter().find_map(|origin| {
        let within = &context.files[origin.file];
        let next = |part: &'a Expression<'a>| remade(context, origin.file, part, steps);
        match origin.expression {
            Expression::TemplateLiteral(template) => template.expressions.iter().find_map(next),
            Expression::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition => {
                next(&sum.left).or_else(|| next(&sum.right))
            }
            Expression::NewExpression(made) => {
                let is_bytes = context.meaning(within, &made.callee)?.is_global("Uint8Array");
                let first = made.arguments.first().and_then(Argument::as_expression)?;
                if is_bytes { next(first) } else { None }
            }
            Expression::AwaitExpression(awaited) => {
                let Expression::CallExpression(call) = awaited.argument.get_inner_expression() else { return None };
                let (object, "text") = method_call(call)? else { return None };
                is_request(context, within, object).then_some(Remade::Text(origin.file, origin.expression.span()))
            }
            Expression::CallExpression(call) => {
                let first = call.arguments.first().and_then(Argument::as_expression);
                if let Some(callee) = context.meaning(within, &call.callee) {
                    if callee.is_global("JSON.stringify") {
                        return is_parsed_body(context, origin.file, first?)
                            .then_some(Remade::Json(origin.file, origin.expression.span()));
                    }
                    if callee.is_global("Buffer.from") {
                        return next(first?);
                    }
                }
                match method_call(call)? {
                    (encoder, "encode") if is_encoder(context, origin.file, encoder) => next(first?),
                    (Expression::ArrayExpression(parts), "join") => {
                        parts.elements.iter().filter_map(|part| part.as_expression()).find_map(next)
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    })
}

fn is_encoder<'a>(context: &Context<'_, 'a>, file: FileId, encoder: &'a Expression<'a>) -> bool {
    matches!(context.origins(file, encoder)[..], [origin] if matches!(origin.expression, Expression::NewExpression(made)
        if context.meaning(&context.files[origin.file], &made.callee).is_some_and(|callee| callee.is_global("TextEncoder"))))
}

/// The request of the handler, or a clone of it.
fn is_request<'a>(context: &Context<'_, 'a>, file: &File<'a>, object: &Expression<'a>) -> bool {
    let object = match object.get_inner_expression() {
        Expression::CallExpression(call) => match method_call(call) {
            Some((object, "clone")) => object,
            _ => return false,
        },
        object => object,
    };
    context.meaning(file, object).is_some_and(|meaning| meaning.root == Root::Request && meaning.members.is_empty())
}

/// `await request.json()`, or `JSON.parse(…)`.
fn is_parsed_body<'a>(context: &Context<'_, 'a>, file: FileId, value: &'a Expression<'a>) -> bool {
    let origins = context.origins(file, value);
    origins.iter().any(|origin| {
        let within = &context.files[origin.file];
        match origin.expression {
            Expression::AwaitExpression(awaited) => match awaited.argument.get_inner_expression() {
                Expression::CallExpression(call) => {
                    matches!(method_call(call), Some((object, "json")) if is_request(context, within, object))
                }
                _ => false,
            },
            Expression::CallExpression(call) => {
                context.meaning(within, &call.callee).is_some_and(|callee| callee.is_global("JSON.parse"))
            }
            _ => false,
        }
    })
}

/// Whether a call of the adapter's own may carry a signature that it makes.
fn may_sign_calls<'a>(context: &Context<'_, 'a>) -> bool {
    let signs = |literal: Literal<'a>| match context.header_literal(literal) {
        None => !matches!(context.field(literal, "headers"), crate::object_fields::Field::Absent),
        Some(headers) => headers.object.properties.iter().any(|property| match property {
            ObjectPropertyKind::ObjectProperty(property) => {
                let name = key_name(&property.key, property.computed).map(str::to_ascii_lowercase);
                name.is_none_or(|name| name.contains("sign") || name.contains("hmac"))
            }
            ObjectPropertyKind::SpreadProperty(_) => true,
        }),
    };
    context.upstream_calls().iter().any(|fetch| match context.options(fetch) {
        Options::None => false,
        Options::Unknown => true,
        Options::Known(literal) => signs(literal),
    })
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    #[test]
    fn cases() {
        test(
            &super::HmacOverReserialized,
            &[
                handler("const bytes = await request.arrayBuffer(); const ok = await crypto.subtle.verify('HMAC', env.KEY, new Uint8Array(), bytes); return { ok, event: JSON.parse(new TextDecoder().decode(bytes)) };"),
                // A call of its own that it signs.
                handler("const event = await request.json(); const body = JSON.stringify(event); const mac = await crypto.subtle.sign('HMAC', env.KEY, new TextEncoder().encode(body)); return fetch('https://a.example/', { method: 'POST', body, headers: { 'x-signature': String(mac) } });"),
                handler("const given = request.headers.get('x-slack-signature'); const event = await request.json(); const mac = await crypto.subtle.sign('HMAC', env.KEY, new TextEncoder().encode(JSON.stringify(event))); return fetch('https://a.example/', { method: 'POST', headers: { 'x-signature': `${mac}${given}` } });"),
                // What it made itself.
                handler("const state = JSON.stringify({ at: 1 }); const ok = await crypto.subtle.verify('HMAC', env.KEY, new Uint8Array(), new TextEncoder().encode(state)); return { ok };"),
                // Another module that takes the bytes.
                case("import { verify } from './verify';\nexport default { async fetch(request, env) { const bytes = new Uint8Array(await request.arrayBuffer()); await verify(bytes, env.KEY); return JSON.parse(JSON.stringify(bytes)); } };")
                    .file("src/verify.ts", "export async function verify(data, key) { return crypto.subtle.verify('HMAC', key, new Uint8Array(), data); }"),
                handler("const crypto = { subtle: { verify: (...all) => all.length > 0 } }; return { ok: crypto.subtle.verify('HMAC', env.KEY, new Uint8Array(), JSON.stringify(await request.json())) };"),
                handler("const text = await (await fetch('https://a.example/')).text(); const ok = await crypto.subtle.verify('HMAC', env.KEY, new Uint8Array(), new TextEncoder().encode(text)); return { ok };"),
                handler("let data = JSON.stringify(await request.json()); data = env.DATA; return { ok: await crypto.subtle.verify('HMAC', env.KEY, new Uint8Array(), new TextEncoder().encode(data)) };"),
            ],
            &[
                handler("const event = await request.json(); const ok = await crypto.subtle.verify('HMAC', env.KEY, new Uint8Array(), new TextEncoder().encode(JSON.stringify(event))); return { ok };"),
                handler("const { subtle } = crypto; const raw = await request.text(); const event = JSON.parse(raw); const encoder = new TextEncoder(); const data = `v0:${request.headers.get('x-slack-request-timestamp')}:${JSON.stringify(event)}`; const ok = await subtle.verify('HMAC', env.KEY, new Uint8Array(), encoder.encode(data)); return { ok };"),
                case("import { verify } from './verify';\nexport default { async fetch(request, env) { const event = await request.json(); return { ok: await verify(event, env.KEY, request.headers.get('x-hub-signature-256')) }; } };")
                    .file("src/verify.ts", "import { createHmac } from 'node:crypto';\nexport async function verify(body, key, given) { return given === createHmac('sha256', key).update(JSON.stringify(body)).digest('hex'); }"),
                handler("const given = request.headers.get('stripe-signature'); const text = await request.text(); const mac = await crypto.subtle.sign('HMAC', env.KEY, new TextEncoder().encode([given, text].join('.'))); return { mac: String(mac) };"),
            ],
        );
    }
}
