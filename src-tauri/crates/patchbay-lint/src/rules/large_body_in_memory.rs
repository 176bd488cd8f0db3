use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::patterns::{as_call, method_call};
use crate::project::File;
use oxc::ast::ast::{Argument, BindingPattern, Expression};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::{NodeId, SymbolId};
use oxc::span::{GetSpan as _, Span};

pub struct LargeBodyInMemory;

static DOCS: Docs = Docs {
    id: "large-body-in-memory",
    group: Group::Runtime,
    severity: Severity::Warning,
    what: "The body of a fetched response that is read to its end only to be passed on in a `new Response(…)`.",
    why: "An isolate has 128 MB for all its webhooks. A body that is passed on as a stream takes none of it, and the receiver gets its first byte sooner.",
    good: "const download = await fetch(url);\nreturn new Response(download.body, download);",
};

impl Rule for LargeBodyInMemory {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::NewExpression) {
                let AstKind::NewExpression(made) = node.kind() else { continue };
                let Some(given) = made.arguments.first().and_then(Argument::as_expression) else { continue };
                if !context.meaning(file, &made.callee).is_some_and(|class| class.is_global("Response")) {
                    continue;
                }
                let Some(read) = whole_read(context, file, given) else { continue };
                if is_failure(file, node.id(), read.response) {
                    continue;
                }
                let report = context
                    .report(file, read.span, "The whole body is held in memory only to be passed on")
                    .help("Hand on the stream: `new Response(download.body, …)`");
                // Where the read has a name of its own there are two places to change.
                if read.span == given.span() {
                    let text = format!("{}.body", read.object.source_text(file.source.text()));
                    report.fix("Pass the stream on", false, read.span, text);
                } else {
                    report.and(given.span(), "It is passed on here");
                }
            }
        }
    }
}

/// `await response.text()`.
struct WholeRead {
    span: Span,
    /// What it is a read of.
    object: Span,
    response: SymbolId,
}

/// The read that a value is, itself or under a name that is used nowhere else.
fn whole_read<'a>(context: &Context<'_, 'a>, file: &File<'a>, value: &Expression<'a>) -> Option<WholeRead> {
    let inner = value.get_inner_expression();
    let Expression::Identifier(name) = inner else {
        let Expression::AwaitExpression(awaited) = inner else { return None };
        let call = as_call(&awaited.argument)?;
        let (object, "text" | "arrayBuffer" | "blob" | "bytes") = method_call(call)? else { return None };
        let Expression::Identifier(response) = object.get_inner_expression() else { return None };
        let response = file.scoping().get_reference(response.reference_id.get()?).symbol_id()?;
        return fetched(context, file, response).then(|| WholeRead {
            span: value.span(),
            object: object.span(),
            response,
        });
    };
    let symbol = file.scoping().get_reference(name.reference_id.get()?).symbol_id()?;
    if file.scoping().get_resolved_references(symbol).count() != 1 {
        return None;
    }
    let AstKind::VariableDeclarator(declarator) = file.nodes().kind(file.scoping().symbol_declaration(symbol)) else {
        return None;
    };
    let (BindingPattern::BindingIdentifier(_), Some(init)) = (&declarator.id, &declarator.init) else { return None };
    // Another name of another name is too rare to follow.
    if matches!(init.get_inner_expression(), Expression::Identifier(_)) {
        return None;
    }
    whole_read(context, file, init)
}

/// Whether a name is what `fetch` answered.
fn fetched<'a>(context: &Context<'_, 'a>, file: &File<'a>, symbol: SymbolId) -> bool {
    if file.scoping().symbol_is_mutated(symbol) {
        return false;
    }
    let AstKind::VariableDeclarator(declarator) = file.nodes().kind(file.scoping().symbol_declaration(symbol)) else {
        return false;
    };
    let (BindingPattern::BindingIdentifier(_), Some(init)) = (&declarator.id, &declarator.init) else { return false };
    let Expression::AwaitExpression(awaited) = init.get_inner_expression() else { return false };
    as_call(&awaited.argument)
        .and_then(|call| context.meaning(file, &call.callee))
        .is_some_and(|callee| callee.is_global("fetch"))
}

/// Whether this is the answer to a failed call, whose body is a short message: an `if` around asks the response.
fn is_failure(file: &File<'_>, node: NodeId, response: SymbolId) -> bool {
    let asked = |test: Span| {
        file.semantic
            .symbol_references(response)
            .any(|reference| test.contains_inclusive(file.nodes().kind(reference.node_id()).span()))
    };
    file.nodes().ancestor_kinds(node).any(|kind| match kind {
        AstKind::IfStatement(choice) => asked(choice.test.span()),
        AstKind::ConditionalExpression(choice) => asked(choice.test.span()),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    #[test]
    fn cases() {
        test(
            &super::LargeBodyInMemory,
            &[
                handler("const r = await fetch('https://a.example'); return new Response(r.body, r);"),
                handler(
                    "const r = await fetch('https://a.example'); const text = await r.text(); console.log(text.length); return new Response(text);",
                ),
                handler("const r = await fetch('https://a.example'); return new Response((await r.text()).trim());"),
                handler(
                    "const r = await fetch('https://a.example'); if (!r.ok) return new Response(await r.text(), { status: 502 }); return new Response(r.body);",
                ),
                handler("const r = await fetch('https://a.example'); return Response.json(await r.json());"),
                // A webhook is small, and there may be reasons to look at all of it.
                handler("return new Response(await request.text());"),
                handler(
                    "class Response { constructor(text) { this.text = text; } } const r = await fetch('https://a.example'); return { r: new Response(await r.text()) };",
                ),
                case(
                    "const fetch = async () => ({ text: async () => 'a' });\nexport default { async fetch() { const r = await fetch(); return new Response(await r.text()); } };",
                ),
                handler(
                    "let r = await fetch('https://a.example'); if (request.url) r = await fetch('https://b.example'); return new Response(await r.text());",
                ),
            ],
            &[
                handler(
                    "const r = await fetch('https://a.example'); return new Response(await r.arrayBuffer(), { headers: { 'content-type': 'application/pdf' } });",
                ),
                handler(
                    "const download = fetch; const r = await download('https://a.example'); if (!r.ok) throw new Error('no'); const file = await r.blob(); return new Response(file);",
                ),
                handler("const r = await fetch('https://a.example'); return new Response(await r.text());"),
            ],
        );
    }
}
