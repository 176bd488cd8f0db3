use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::meaning::Root;
use crate::patterns::as_call;
use crate::project::File;
use oxc::ast::ast::Expression;
use oxc::ast::{AstKind, AstType};
use oxc::semantic::{NodeId, SymbolId};
use oxc::span::{GetSpan as _, Span};
use std::collections::BTreeMap;

pub struct BodyReadTwice;

static DOCS: Docs = Docs {
    id: "body-read-twice",
    group: Group::Runtime,
    severity: Severity::Error,
    what: "Two reads (`json()`, `text()`, `arrayBuffer()`, …) of the body of one request or response, one after the other.",
    why: "A body is a stream that is gone once it is read; the second read throws a TypeError.",
    good: "const bytes = await request.arrayBuffer();\nconst event = JSON.parse(new TextDecoder().decode(bytes));",
};

const READS: &[&str] = &["json", "text", "arrayBuffer", "formData", "blob", "bytes"];

/// Reads of one body that are compared with each other.
const MOST_READS: usize = 100;

/// One read of a body.
struct Read<'a> {
    node: NodeId,
    span: Span,
    method: &'a str,
}

impl Rule for BodyReadTwice {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            let mut reads: BTreeMap<SymbolId, Vec<Read<'_>>> = BTreeMap::new();
            for node in file.of_type(AstType::CallExpression) {
                let AstKind::CallExpression(call) = node.kind() else { continue };
                let Expression::StaticMemberExpression(member) = &call.callee else { continue };
                let method = member.property.name.as_str();
                let Expression::Identifier(object) = member.object.get_inner_expression() else { continue };
                if !READS.contains(&method) || !call.arguments.is_empty() {
                    continue;
                }
                let symbol = object.reference_id.get().and_then(|id| file.scoping().get_reference(id).symbol_id());
                let Some(symbol) = symbol else { continue };
                if is_message(context, file, symbol) {
                    let known = reads.entry(symbol).or_default();
                    if known.len() < MOST_READS {
                        known.push(Read { node: node.id(), span: call.span, method });
                    }
                }
            }
            for (symbol, reads) in reads {
                let second = reads.iter().enumerate().skip(1).find_map(|(index, later)| {
                    let earlier =
                        reads[..index].iter().find(|earlier| always_before(file, earlier.node, later.node))?;
                    Some((earlier, later))
                });
                let Some((first, later)) = second else { continue };
                let name = file.scoping().symbol_name(symbol);
                context
                    .report(
                        file,
                        later.span,
                        format!("The body of `{name}` has already been read, so `{}()` throws", later.method),
                    )
                    .and(first.span, "It is read here")
                    .help(format!("Read it once and keep the value, or read `{name}.clone()` first"));
            }
        }
    }
}

/// Whether a name is a request or response: the handler's request, or made by `fetch` or a constructor.
fn is_message<'a>(context: &Context<'_, 'a>, file: &File<'a>, symbol: SymbolId) -> bool {
    if file.scoping().symbol_is_mutated(symbol) {
        return false;
    }
    if context
        .symbol_meaning(file.id, symbol)
        .is_some_and(|meaning| meaning.root == Root::Request && meaning.members.is_empty())
    {
        return true;
    }
    let AstKind::VariableDeclarator(declarator) = file.nodes().kind(file.scoping().symbol_declaration(symbol)) else {
        return false;
    };
    let (Some(_), Some(init)) = (declarator.id.get_binding_identifier(), &declarator.init) else { return false };
    match init.get_inner_expression() {
        Expression::AwaitExpression(awaited) => as_call(&awaited.argument)
            .and_then(|call| context.meaning(file, &call.callee))
            .is_some_and(|callee| callee.is_global("fetch")),
        Expression::NewExpression(made) => context
            .meaning(file, &made.callee)
            .is_some_and(|callee| callee.is_global("Request") || callee.is_global("Response")),
        _ => false,
    }
}

/// Whether the first place has been passed whenever the second is reached, in one function.
fn always_before(file: &File<'_>, first: NodeId, second: NodeId) -> bool {
    let function = |node| file.function_around(node).map(oxc::semantic::AstNode::id);
    if function(first) != function(second) {
        return false;
    }
    let around_second: Vec<NodeId> = file.nodes().ancestor_ids(second).collect();
    let mut below = first;
    for (node, kind) in file.nodes().ancestors_enumerated(first).map(|(id, node)| (id, node.kind())) {
        if around_second.contains(&node) {
            // What differs between the two from here on is which part of this node they stand in.
            let part_of_second =
                std::iter::once(second).chain(around_second.iter().copied()).take_while(|id| *id != node).last();
            return match kind {
                AstKind::IfStatement(_) | AstKind::ConditionalExpression(_) | AstKind::LogicalExpression(_) => {
                    // Only a test is passed on the way to everything else.
                    file.nodes().kind(below).span().start
                        < file.nodes().kind(part_of_second.unwrap_or(second)).span().start
                        && is_test(kind, file.nodes().kind(below).span())
                }
                AstKind::SwitchStatement(_) => false,
                _ => true,
            };
        }
        let is_conditional = match kind {
            AstKind::IfStatement(_) | AstKind::ConditionalExpression(_) | AstKind::LogicalExpression(_) => {
                !is_test(kind, file.nodes().kind(below).span())
            }
            AstKind::SwitchCase(_)
            | AstKind::CatchClause(_)
            | AstKind::ForStatement(_)
            | AstKind::ForOfStatement(_)
            | AstKind::ForInStatement(_)
            | AstKind::WhileStatement(_)
            | AstKind::DoWhileStatement(_)
            | AstKind::ReturnStatement(_)
            | AstKind::ThrowStatement(_) => true,
            _ => false,
        };
        if is_conditional {
            return false;
        }
        below = node;
    }
    false
}

/// Whether a part is what the node asks before it chooses.
fn is_test(kind: AstKind<'_>, part: Span) -> bool {
    match kind {
        AstKind::IfStatement(statement) => statement.test.span().contains_inclusive(part),
        AstKind::ConditionalExpression(choice) => choice.test.span().contains_inclusive(part),
        AstKind::LogicalExpression(logical) => logical.left.span().contains_inclusive(part),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{handler, test};

    #[test]
    fn cases() {
        test(
            &super::BodyReadTwice,
            &[
                handler(
                    "const copy = request.clone(); const a = await copy.json(); const b = await request.text(); return { a, b };",
                ),
                handler("if (request.method === 'PUT') return request.json(); return { t: await request.text() };"),
                handler(
                    "const body = request.method === 'PUT' ? await request.json() : await request.text(); return { body };",
                ),
                handler(
                    "if (env.A) { const a = await request.json(); return a; } else { const b = await request.text(); return { b }; }",
                ),
                handler(
                    "switch (request.method) { case 'A': return { a: await request.json() }; default: return { b: await request.text() }; }",
                ),
                handler("for (const url of []) { const r = await fetch(url); await r.json(); } return request.json();"),
                handler(
                    "const r = await fetch('https://a.example'); if (!r.ok) throw new Error(await r.text()); return r.json();",
                ),
                handler(
                    "const read = () => request.json(); const other = () => request.text(); return { read, other };",
                ),
                handler(
                    "let r = await fetch('https://a.example'); await r.text(); r = await fetch('https://b.example'); return r.json();",
                ),
                handler("const box = { json: () => 1, text: () => 2 }; return { a: box.json(), b: box.text() };"),
            ],
            &[
                handler("const raw = await request.text(); const event = await request.json(); return { raw, event };"),
                handler(
                    "const r = await fetch('https://a.example'); console.log(await r.text()); return { data: await r.json() };",
                ),
                handler(
                    "const event = await request.json(); if (event.x) { return { raw: await request.text() }; } return event;",
                ),
                handler(
                    "const r = await fetch('https://a.example'); try { const a = await r.json(); return a; } catch { return { t: await r.text() }; }",
                ),
                handler("const all = [await request.json(), await request.text()]; return all;"),
            ],
        );
    }
}
