use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::headers_written::HeaderWrite;
use crate::meaning::Definition;
use crate::patterns::{header_read, method_call};
use crate::project::File;
use oxc::ast::AstKind;
use oxc::ast::ast::{Expression, LogicalOperator};

pub struct CorsWithCredentials;

static DOCS: Docs = Docs {
    id: "cors-with-credentials",
    group: Group::Tenant,
    severity: Severity::Warning,
    what: "An answer that allows credentials to every origin: with `*`, or by sending back whatever `Origin` the request names.",
    why: "Browsers refuse `*` together with credentials, so the call fails. An origin that is sent back unseen lets every web page act with the cookies of whoever looks at it.",
    good: "if (ALLOWED.has(origin)) headers.set('access-control-allow-origin', origin);",
};

impl Rule for CorsWithCredentials {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        let writes = context.header_writes();
        for allowed in writes.iter().filter(|write| write.is("access-control-allow-credentials")) {
            let file = &context.files[allowed.file];
            if context.text_value(file, allowed.value).text != "true" {
                continue;
            }
            let origin = |write: &&HeaderWrite<'_>| write.set == allowed.set && write.is("access-control-allow-origin");
            let Some(origin) = writes.iter().find(origin) else { continue };
            let file = &context.files[origin.file];
            let value = context.text_value(file, origin.value);
            if value.is_complete && value.text == "*" {
                context
                    .report(file, origin.span, "`*` together with credentials is refused by browsers")
                    .help("Name the one origin that may call with credentials, or leave the credentials out");
            } else if is_sent_back_unseen(context, file, origin.value) {
                context
                    .report(file, origin.span, "Every origin is allowed to call with credentials")
                    .help("Compare `Origin` with a list of origins before sending it back");
            }
        }
    }
}

/// Whether a value is the request's `Origin`, and nothing else is done with it than sending it back.
fn is_sent_back_unseen<'a>(context: &Context<'_, 'a>, file: &File<'a>, value: &'a Expression<'a>) -> bool {
    match value.get_inner_expression() {
        Expression::LogicalExpression(logical) if logical.operator != LogicalOperator::And => {
            is_sent_back_unseen(context, file, &logical.left)
        }
        inner @ Expression::CallExpression(_) => reads_origin(inner),
        Expression::Identifier(identifier) => {
            let Some((_, Definition::Expression(made))) = context.definition(file, value) else { return false };
            let made = match made {
                Expression::LogicalExpression(logical) if logical.operator != LogicalOperator::And => &logical.left,
                made => made,
            };
            let symbol = identifier.reference_id.get().and_then(|id| file.scoping().get_reference(id).symbol_id());
            // Any other use, be it `ALLOWED.includes(origin)` or a helper, may be the check.
            let is_unseen = symbol.is_some_and(|symbol| {
                file.scoping().get_resolved_references(symbol).all(|reference| match file.parent(reference.node_id()) {
                    AstKind::ObjectProperty(_) => true,
                    AstKind::LogicalExpression(logical) => logical.operator != LogicalOperator::And,
                    AstKind::CallExpression(call) => matches!(method_call(call), Some((_, "set" | "append"))),
                    _ => false,
                })
            });
            reads_origin(made) && is_unseen
        }
        _ => false,
    }
}

fn reads_origin(value: &Expression<'_>) -> bool {
    header_read(value).is_some_and(|header| header == "origin")
}

#[cfg(test)]
mod tests {
    use crate::tester::{handler, test};

    #[test]
    fn cases() {
        test(
            &super::CorsWithCredentials,
            &[
                handler("return new Response('ok', { headers: { 'access-control-allow-origin': '*' } });"),
                handler(
                    "return new Response('ok', { headers: { 'access-control-allow-origin': 'https://app.example.com', 'access-control-allow-credentials': 'true' } });",
                ),
                handler(
                    "return new Response('ok', { headers: { 'access-control-allow-origin': '*', 'access-control-allow-credentials': 'false' } });",
                ),
                handler(
                    "const origin = request.headers.get('Origin'); if (!['https://a.example'].includes(origin)) return new Response('no', { status: 403 }); return new Response('ok', { headers: { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' } });",
                ),
                handler(
                    "const origin = request.headers.get('Origin'); const headers = new Headers(); if (origin === env.ORIGIN) { headers.set('access-control-allow-origin', origin); headers.set('access-control-allow-credentials', 'true'); } return new Response('ok', { headers });",
                ),
                // Two answers: one open to all, one with credentials for one origin.
                handler(
                    "if (request.method === 'GET') return new Response('ok', { headers: { 'access-control-allow-origin': '*' } }); return new Response('ok', { headers: { 'access-control-allow-credentials': 'true' } });",
                ),
                handler(
                    "return new Response('ok', { headers: { 'access-control-allow-origin': request.headers.get('origin') } });",
                ),
                handler(
                    "const origin = request.headers.get('origin'); allow(origin, env.ORIGINS); return Response.json({}, { headers: { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' } }); function allow() {}",
                ),
                handler(
                    "const doc = { headers: { 'access-control-allow-origin': '*', 'access-control-allow-credentials': 'true' } }; return { doc };",
                ),
            ],
            &[
                handler(
                    "return new Response('ok', { headers: { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Credentials': 'true' } });",
                ),
                handler(
                    "const cors = { 'access-control-allow-origin': request.headers.get('Origin') ?? '*', 'access-control-allow-credentials': 'true' }; return Response.json({}, { headers: cors });",
                ),
                handler(
                    "const origin = request.headers.get('origin'); const headers = new Headers(); headers.set('Access-Control-Allow-Origin', origin); headers.append('Access-Control-Allow-Credentials', 'true'); return new Response('ok', { headers });",
                ),
                handler(
                    "const answer = new Response('ok'); answer.headers.set('Access-Control-Allow-Origin', '*'); answer.headers.set('Access-Control-Allow-Credentials', 'true'); return answer;",
                ),
            ],
        );
    }
}
