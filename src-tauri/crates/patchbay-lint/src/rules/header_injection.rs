use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::headers_written::without_await;
use crate::meaning::{Definition, Root, path_to};
use crate::patterns::{as_call, method_call};
use crate::project::File;
use oxc::ast::ast::{Argument, Expression};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::SymbolId;
use oxc::span::{GetSpan as _, Span};
use std::cell::OnceCell;
use std::collections::HashMap;

pub struct HeaderInjection;

static DOCS: Docs = Docs {
    id: "header-injection",
    group: Group::Tenant,
    severity: Severity::Warning,
    what: "Free text of the webhook's body (a title, a name, a message), or a parameter of the URL, copied into a header as it is.",
    why: "A line break in a header ends it, and what follows would be a header of the sender's making. The runtime does not let that happen: it throws `TypeError: Invalid header value`, so the delivery of every text with a line break fails.",
    good: "headers.set('x-title', encodeURIComponent(event.title));",
};

/// Fields in which senders put what people typed. Ids, times and types have no line breaks.
const FREE_TEXT: &[&str] = &[
    "body",
    "caption",
    "comment",
    "content",
    "description",
    "display_name",
    "displayname",
    "filename",
    "first_name",
    "full_name",
    "headline",
    "label",
    "last_name",
    "message",
    "name",
    "note",
    "notes",
    "real_name",
    "reason",
    "subject",
    "summary",
    "text",
    "title",
    "topic",
];

impl Rule for HeaderInjection {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        let looked_at: Vec<OnceCell<LookedAt<'_>>> = context.files.iter().map(|_| OnceCell::new()).collect();
        for write in context.header_writes() {
            let file = &context.files[write.file];
            let Some((span, what)) = user_text(context, file, write.value, 8) else { continue };
            if looked_at[file.id].get_or_init(|| LookedAt::in_file(file)).has(file, span) {
                continue;
            }
            let message =
                format!("{what} is copied into the header `{}`; a line break in it makes this throw", write.name);
            context
                .report(file, span, message)
                .help("Encode it with `encodeURIComponent`, take the line breaks out with `replace(/[\\r\\n]+/g, ' ')`, or send it in the body");
        }
    }
}

/// The part of a value that somebody else wrote, and what it is.
fn user_text<'a>(
    context: &Context<'_, 'a>,
    file: &File<'a>,
    value: &'a Expression<'a>,
    steps: u32,
) -> Option<(Span, String)> {
    let steps = steps.checked_sub(1)?;
    context.take_step()?;
    match value.get_inner_expression() {
        Expression::TemplateLiteral(template) => {
            template.expressions.iter().find_map(|part| user_text(context, file, part, steps))
        }
        Expression::BinaryExpression(sum) if sum.operator.is_arithmetic() => {
            user_text(context, file, &sum.left, steps).or_else(|| user_text(context, file, &sum.right, steps))
        }
        Expression::LogicalExpression(logical) => {
            user_text(context, file, &logical.left, steps).or_else(|| user_text(context, file, &logical.right, steps))
        }
        Expression::CallExpression(call) => {
            if context.meaning(file, &call.callee).is_some_and(|callee| callee.is_global("String")) {
                return user_text(context, file, call.arguments.first()?.as_expression()?, steps);
            }
            let (object, "get") = method_call(call)? else { return None };
            let Argument::StringLiteral(name) = call.arguments.first()? else { return None };
            let member = object.get_inner_expression().as_member_expression()?;
            let is_parameter =
                member.static_property_name() == Some("searchParams") && is_request_url(context, file, member.object());
            is_parameter.then(|| (call.span, format!("The parameter `{}` of the URL", name.value)))
        }
        inner @ (Expression::StaticMemberExpression(_) | Expression::ChainExpression(_)) => {
            let (root, field) = member_path(inner)?;
            is_free_text(field).then_some(())?;
            let (made_in, Definition::Expression(made)) = context.definition(file, root)? else { return None };
            is_body(context, &context.files[made_in], made, 4).then(|| (inner.span(), format!("`{field}` of the body")))
        }
        inner @ Expression::Identifier(identifier) => {
            let symbol = file.scoping().get_reference(identifier.reference_id.get()?).symbol_id()?;
            if let Some(field) = taken_from_body(context, file, symbol) {
                return is_free_text(field).then(|| (inner.span(), format!("`{field}` of the body")));
            }
            match context.definition(file, value)? {
                (made_in, Definition::Expression(made)) if made_in == file.id && !is_tested(file, symbol) => {
                    user_text(context, file, made, steps).map(|(_, what)| (inner.span(), what))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn is_free_text(field: &str) -> bool {
    FREE_TEXT.iter().any(|known| known.eq_ignore_ascii_case(field))
}

/// The name that a property path begins with, and its last property.
fn member_path<'e, 'a>(expression: &'e Expression<'a>) -> Option<(&'e Expression<'a>, &'a str)> {
    let member = match expression {
        Expression::ChainExpression(chain) => chain.expression.member_expression()?,
        expression => expression.as_member_expression()?,
    };
    let field = member.static_property_name()?;
    let mut root = member.object().get_inner_expression();
    while let Some(member) = root.as_member_expression() {
        root = member.object().get_inner_expression();
    }
    matches!(root, Expression::Identifier(_)).then_some((root, field))
}

/// `await request.json()`, `JSON.parse(await request.text())`, and the same by way of a name.
fn is_body<'a>(context: &Context<'_, 'a>, file: &File<'a>, made: &'a Expression<'a>, steps: u32) -> bool {
    let Some(steps) = steps.checked_sub(1) else { return false };
    let inner = without_await(made);
    if let Expression::Identifier(_) = inner {
        return matches!(context.definition(file, inner), Some((made_in, Definition::Expression(made)))
            if is_body(context, &context.files[made_in], made, steps));
    }
    let Some(call) = as_call(inner) else { return false };
    let Some(callee) = context.meaning(file, &call.callee) else { return false };
    if callee.root == Root::Request {
        return matches!(callee.members[..], ["json" | "text"]);
    }
    let first = call.arguments.first().and_then(Argument::as_expression);
    callee.is_global("JSON.parse") && first.is_some_and(|first| is_body(context, file, first, steps))
}

/// The last property of `const { event: { title } } = await request.json()`.
fn taken_from_body<'a>(context: &Context<'_, 'a>, file: &File<'a>, symbol: SymbolId) -> Option<&'a str> {
    if file.scoping().symbol_is_mutated(symbol) || is_tested(file, symbol) {
        return None;
    }
    let declaration = file.scoping().symbol_declaration(symbol);
    let AstKind::VariableDeclarator(declarator) = file.nodes().kind(declaration) else { return None };
    let field = path_to(&declarator.id, symbol)?.pop()?;
    is_body(context, file, declarator.init.as_ref()?, 4).then_some(field)
}

fn is_request_url<'a>(context: &Context<'_, 'a>, file: &File<'a>, url: &'a Expression<'a>) -> bool {
    let Some((made_in, Definition::Expression(Expression::NewExpression(made)))) = context.definition(file, url) else {
        return false;
    };
    let file = &context.files[made_in];
    let given = made.arguments.first().and_then(Argument::as_expression);
    context.meaning(file, &made.callee).is_some_and(|class| class.is_global("URL"))
        && given
            .and_then(|given| context.meaning(file, given))
            .is_some_and(|given| given.root == Root::Request && given.members == ["url"])
}

/// Methods that look at a text, by being called on it or with it.
const LOOKS: &[&str] = &["has", "includes", "indexOf", "match", "search", "test"];

fn looks(call: &oxc::ast::ast::CallExpression<'_>) -> bool {
    !call.callee.is_specific_id("String") && method_call(call).is_none_or(|(_, method)| LOOKS.contains(&method))
}

/// Whether a name is given to a function or to a method that looks at texts: it may be the guard.
fn is_tested(file: &File<'_>, symbol: SymbolId) -> bool {
    file.scoping().get_resolved_references(symbol).any(|reference| match file.parent(reference.node_id()) {
        AstKind::CallExpression(call) => looks(call),
        AstKind::StaticMemberExpression(member) => LOOKS.contains(&member.property.name.as_str()),
        _ => false,
    })
}

/// The texts (`event.title`) that are given to a guard anywhere in a file, each with the first two places.
struct LookedAt<'a>(HashMap<&'a str, (Span, Option<Span>)>);

impl<'a> LookedAt<'a> {
    fn in_file(file: &File<'a>) -> Self {
        let mut found: HashMap<&str, (Span, Option<Span>)> = HashMap::new();
        let mut add = |value: &Expression<'a>| {
            let span = value.span();
            let known = found.entry(span.source_text(file.source.text())).or_insert((span, None));
            if known.0 != span {
                known.1.get_or_insert(span);
            }
        };
        for node in file.of_type(AstType::CallExpression) {
            let AstKind::CallExpression(call) = node.kind() else { continue };
            if looks(call) {
                call.arguments.iter().filter_map(Argument::as_expression).for_each(&mut add);
                if let Some((object, _)) = method_call(call) {
                    add(object);
                }
            }
        }
        Self(found)
    }

    /// Whether a guard is given the same text as stands somewhere else.
    fn has(&self, file: &File<'_>, span: Span) -> bool {
        let places = self.0.get(span.source_text(file.source.text()));
        places.is_some_and(|(first, second)| *first != span || second.is_some())
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{handler, test};

    #[test]
    fn cases() {
        test(
            &super::HeaderInjection,
            &[
                handler(
                    "const event = await request.json(); return fetch('https://a.example', { headers: { 'x-title': encodeURIComponent(event.title) } });",
                ),
                handler(
                    "const event = await request.json(); return fetch('https://a.example', { headers: { 'x-title': event.title.replace(/[\\r\\n]/g, ' ') } });",
                ),
                handler(
                    "const event = await request.json(); if (/[\\r\\n]/.test(event.title)) return {}; return fetch('https://a.example', { headers: { 'x-title': event.title } });",
                ),
                handler(
                    "const { title } = await request.json(); if (title.includes('\\n')) return {}; return fetch('https://a.example', { headers: { 'x-title': title } });",
                ),
                // Ids of the sender, which have no line breaks.
                handler(
                    "const event = await request.json(); return fetch('https://a.example', { headers: { 'idempotency-key': event.id, 'x-type': event.type } });",
                ),
                // A header of the request cannot have one.
                handler(
                    "return fetch('https://a.example', { headers: { 'x-title': request.headers.get('x-title') } });",
                ),
                handler(
                    "const config = await (await fetch('https://a.example')).json(); return fetch('https://b.example', { headers: { 'x-title': config.title } });",
                ),
                handler(
                    "const event = await request.json(); return fetch('https://a.example', { body: JSON.stringify({ headers: { title: event.title } }) });",
                ),
                handler(
                    "const event = await request.json(); const seen = new Map(); seen.set('title', event.title); return {};",
                ),
                handler(
                    "const event = { title: 'mine' }; return new Response('', { headers: { 'x-title': event.title } });",
                ),
                handler(
                    "const url = new URL('https://a.example/?x=1'); return new Response('', { headers: { 'x-title': url.searchParams.get('x') } });",
                ),
            ],
            &[
                handler(
                    "const event = await request.json(); return fetch('https://a.example', { headers: { 'x-title': event.issue.title } });",
                ),
                handler(
                    "const { user: { name } } = JSON.parse(await request.text()); const headers = new Headers(); headers.set('x-user', `by ${name}`); return new Response('', { headers });",
                ),
                handler(
                    "const url = new URL(request.url); const answer = new Response(''); answer.headers.append('x-back', url.searchParams.get('back') ?? ''); return answer;",
                ),
                handler(
                    "const text = await request.text(); const event = JSON.parse(text); const subject = event.subject; return Response.json({}, { headers: { subject: 'Re: ' + String(subject) } });",
                ),
            ],
        );
    }
}
