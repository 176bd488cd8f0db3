use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::flow::constant;
use crate::project::File;
use oxc::ast::ast::{Argument, BinaryOperator, Expression};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::NodeId;
use oxc::span::{GetSpan as _, Span};

pub struct UnboundedPages;

static DOCS: Docs = Docs {
    id: "unbounded-pages",
    group: Group::Runtime,
    severity: Severity::Warning,
    what: "A loop that sends a request each time round and ends only when the other side says so: no count, no clock, no list of its own.",
    why: "A cursor that comes back the same, or more pages than expected, uses up the requests and the time of one webhook; the runtime then cuts it off in the middle of the work.",
    good: "for (let page = 0; cursor && page < MOST_PAGES; page += 1) { … }",
};

impl Rule for UnboundedPages {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for kind in [AstType::WhileStatement, AstType::DoWhileStatement, AstType::ForStatement] {
                for node in file.of_type(kind) {
                    let Some((keyword, test)) = header(node.kind()) else { continue };
                    // A `for` with a test has a bound of its own.
                    if matches!(node.kind(), AstKind::ForStatement(_))
                        && test.is_some_and(|test| constant(test).is_none())
                    {
                        continue;
                    }
                    let Some(request) = request_in(context, file, node.id()) else { continue };
                    if has_bound(context, file, node.id()) {
                        continue;
                    }
                    context
                        .report(file, keyword, "Nothing on this side bounds how often this loop sends a request")
                        .and(request, "It is sent here, each time round")
                        .help(
                            "Count the rounds and stop at a number, or at a time; go on with the rest in a later call",
                        );
                }
            }
        }
    }
}

/// The word that begins the loop, and its test.
fn header(kind: AstKind<'_>) -> Option<(Span, Option<&Expression<'_>>)> {
    match kind {
        AstKind::WhileStatement(each) => Some((Span::sized(each.span.start, 5), Some(&each.test))),
        AstKind::DoWhileStatement(each) => Some((Span::sized(each.span.start, 2), Some(&each.test))),
        AstKind::ForStatement(each) => Some((Span::sized(each.span.start, 3), each.test.as_ref())),
        _ => None,
    }
}

/// A request that is sent in every round. Generators are left out: who asks them for more decides how often.
fn request_in<'a>(context: &Context<'_, 'a>, file: &File<'a>, each: NodeId) -> Option<Span> {
    let around = file.function_around(each)?;
    if matches!(around.kind(), AstKind::Function(function) if function.generator) {
        return None;
    }
    file.of_type_in(AstType::CallExpression, each).find_map(|node| {
        let AstKind::CallExpression(call) = node.kind() else { return None };
        if file.function_around(node.id())?.id() != around.id() {
            return None;
        }
        // A loop inside this one is looked at by itself.
        let nearest = file.nodes().ancestors(node.id()).find(|node| is_loop(node.kind()))?;
        (nearest.id() == each && context.sends_request(file, call)).then_some(call.callee.span())
    })
}

fn is_loop(kind: AstKind<'_>) -> bool {
    matches!(
        kind,
        AstKind::WhileStatement(_)
            | AstKind::DoWhileStatement(_)
            | AstKind::ForStatement(_)
            | AstKind::ForOfStatement(_)
            | AstKind::ForInStatement(_)
    )
}

/// Whether anything in the loop may bound it: a variable that counts, a comparison of sizes, a clock, a signal, a list
/// that is used up, or a way out that does not depend on what came back.
fn has_bound<'a>(context: &Context<'_, 'a>, file: &File<'a>, each: NodeId) -> bool {
    let inside = |kind: AstType| file.of_type_in(kind, each).map(oxc::semantic::AstNode::kind);
    let compares = inside(AstType::BinaryExpression).any(|kind| {
        matches!(kind, AstKind::BinaryExpression(compared) if is_order(compared.operator)
            && !is_status(&compared.left) && !is_status(&compared.right))
    });
    if compares || inside(AstType::UpdateExpression).next().is_some() {
        return true;
    }
    let has_member = inside(AstType::StaticMemberExpression).any(|kind| match kind {
        AstKind::StaticMemberExpression(member) => {
            matches!(
                member.property.name.as_str(),
                "length" | "size" | "aborted" | "throwIfAborted" | "shift" | "pop" | "done"
            )
        }
        _ => false,
    });
    // What another function decides is not known.
    let asks_elsewhere = inside(AstType::CallExpression).any(|kind| match kind {
        AstKind::CallExpression(call) => {
            let callee = context.meaning(file, &call.callee);
            let is_clock = callee
                .as_ref()
                .is_some_and(|callee| callee.is_global("Date.now") || callee.is_global("performance.now"));
            let takes_signal = call.arguments.iter().any(|argument| mentions_signal(context, file, argument));
            is_clock || takes_signal
        }
        _ => false,
    });
    has_member || asks_elsewhere
}

fn is_order(operator: BinaryOperator) -> bool {
    matches!(
        operator,
        BinaryOperator::LessThan
            | BinaryOperator::LessEqualThan
            | BinaryOperator::GreaterThan
            | BinaryOperator::GreaterEqualThan
    )
}

/// `response.status >= 500` says nothing about how often.
fn is_status(expression: &Expression<'_>) -> bool {
    matches!(expression.get_inner_expression(), Expression::StaticMemberExpression(member) if member.property.name == "status")
}

/// A signal that was made outside of the loop ends it by making the request fail.
fn mentions_signal<'a>(context: &Context<'_, 'a>, file: &File<'a>, argument: &Argument<'a>) -> bool {
    let Some(Expression::ObjectExpression(options)) = argument.as_expression().map(Expression::get_inner_expression)
    else {
        return false;
    };
    options.properties.iter().any(|property| match property {
        oxc::ast::ast::ObjectPropertyKind::ObjectProperty(property) => {
            let is_own_timeout = crate::patterns::as_call(&property.value)
                .and_then(|call| context.meaning(file, &call.callee))
                .is_some_and(|callee| callee.is_global("AbortSignal.timeout"));
            property.key.static_name().is_some_and(|name| name == "signal") && !is_own_timeout
        }
        oxc::ast::ast::ObjectPropertyKind::SpreadProperty(_) => true,
    })
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    #[test]
    fn cases() {
        test(
            &super::UnboundedPages,
            &[
                handler("let cursor = ''; for (let page = 0; page < 10; page += 1) { const r = await fetch(`https://a.example?c=${cursor}`); cursor = (await r.json()).next; } return {};"),
                handler("let cursor = ''; let left = 10; do { const r = await fetch(`https://a.example?c=${cursor}`); cursor = (await r.json()).next; } while (cursor && left-- > 0); return {};"),
                handler("let pages = 0; while (true) { const r = await fetch('https://a.example'); pages += 1; if (r.ok || pages >= 5) break; } return {};"),
                handler("const end = Date.now() + 2000; while (Date.now() < end) { const r = await fetch('https://a.example'); if (r.ok) break; } return {};"),
                handler("const urls = ['https://a.example']; while (urls.length) { await fetch(urls.pop()); } return {};"),
                handler("for (const url of ['https://a.example']) { await fetch(url); } return {};"),
                handler("const signal = AbortSignal.timeout(2000); let next = 'https://a.example'; while (next) { const r = await fetch(next, { signal }); next = r.headers.get('next'); } return {};"),
                handler("const r = await fetch('https://a.example'); const reader = r.body.getReader(); while (true) { const { done } = await reader.read(); if (done) break; } return {};"),
                handler("const fetch = () => 1; while (true) { if (fetch()) break; } return {};"),
                case("async function* pages(url) { let next = url; while (next) { const r = await fetch(next); next = r.headers.get('next'); yield r; } }\nexport default { async fetch() { for await (const page of pages('https://a.example')) { if (page.ok) break; } return {}; } };"),
                handler("while (true) { const later = () => fetch('https://a.example'); return { later: typeof later }; }"),
            ],
            &[
                handler("let cursor = ''; do { const r = await fetch(`https://a.example?c=${cursor}`); cursor = (await r.json()).next_cursor; } while (cursor); return {};"),
                handler("while (true) { const r = await fetch('https://a.example'); if (r.status >= 500) continue; return r; }"),
                handler("let more = true; while (more) { const r = await fetch('https://a.example', { signal: AbortSignal.timeout(500) }); more = (await r.json()).has_more; } return {};"),
                handler("for (;;) { try { return await fetch('https://a.example'); } catch { await scheduler.wait(100); } }"),
                case("import { load } from './load';\nexport default { async fetch() { let next = '/'; while (next) { ({ next } = await load(next)); } return {}; } };")
                    .file("src/load.ts", "const get = async (path) => (await fetch('https://a.example' + path)).json();\nexport async function load(path) { return get(path); }"),
            ],
        );
    }
}
