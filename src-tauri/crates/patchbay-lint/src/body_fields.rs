//! Which fields of the webhook's body an adapter reads, so that an import can make a first sample.

use oxc::allocator::Allocator;
use oxc::ast::AstKind;
use oxc::ast::ast::{BindingPattern, Expression};
use oxc::parser::Parser;
use oxc::semantic::{AstNodes, NodeId, Semantic, SemanticBuilder, SymbolId};
use oxc::span::SourceType;
use patchbay_core::nesting;
use std::collections::BTreeSet;

/// Code that nests deeper than people write is not looked at: this is a courtesy, not a check.
const SHALLOW: usize = 100;

/// Paths read from what `await request.json()` (or any `.json()`) gave, for example `["event", "text"]`; sorted, and
/// without those that only lead to a longer one.
pub fn body_fields(files: &[(&str, &str)]) -> Vec<Vec<String>> {
    let mut paths = BTreeSet::new();
    for (path, text) in files {
        let Ok(source_type) = SourceType::from_path(path) else { continue };
        if nesting::depth_bound(text) > SHALLOW {
            continue;
        }
        let allocator = Allocator::default();
        let parsed = Parser::new(&allocator, text, source_type).parse();
        let semantic = SemanticBuilder::new().with_build_nodes(true).build(&parsed.program).semantic;
        collect(&semantic, &mut paths);
    }
    let leads_on = |path: &Vec<String>| paths.iter().any(|other| other.len() > path.len() && other.starts_with(path));
    paths.iter().filter(|path| !leads_on(path)).cloned().collect()
}

fn collect(semantic: &Semantic<'_>, paths: &mut BTreeSet<Vec<String>>) {
    for node in semantic.nodes().iter() {
        let AstKind::VariableDeclarator(declarator) = node.kind() else { continue };
        if !declarator.init.as_ref().is_some_and(is_body) {
            continue;
        }
        match &declarator.id {
            BindingPattern::BindingIdentifier(name) => {
                if let Some(symbol) = name.symbol_id.get() {
                    collect_reads(semantic, symbol, paths);
                }
            }
            BindingPattern::ObjectPattern(pattern) => {
                let names = pattern.properties.iter().filter_map(|property| property.key.static_name());
                paths.extend(names.map(|name| vec![name.into_owned()]));
            }
            _ => {}
        }
    }
}

/// `await x.json()`, in any wrapping that types add.
fn is_body(expression: &Expression<'_>) -> bool {
    let Expression::AwaitExpression(awaited) = expression.get_inner_expression() else { return false };
    let Expression::CallExpression(call) = awaited.argument.get_inner_expression() else { return false };
    call.callee.get_inner_expression().get_member_expr().and_then(oxc::ast::ast::MemberExpression::static_property_name)
        == Some("json")
}

fn collect_reads(semantic: &Semantic<'_>, symbol: SymbolId, paths: &mut BTreeSet<Vec<String>>) {
    for reference in semantic.symbol_references(symbol) {
        let path = member_path(semantic.nodes(), reference.node_id());
        if !path.is_empty() {
            paths.insert(path);
        }
    }
}

/// `.event.text` after an identifier; a method that is called, and `length`, belong to the value and not to its path.
fn member_path(nodes: &AstNodes<'_>, identifier: NodeId) -> Vec<String> {
    let mut path = Vec::new();
    let mut at = identifier;
    loop {
        let parent = nodes.parent_id(at);
        match nodes.kind(parent) {
            AstKind::StaticMemberExpression(member) => {
                path.push(member.property.name.to_string());
                at = parent;
            }
            AstKind::ChainExpression(_) | AstKind::ParenthesizedExpression(_) | AstKind::TSNonNullExpression(_) => {
                at = parent;
            }
            AstKind::CallExpression(call) => {
                let is_callee = matches!(nodes.kind(at), AstKind::StaticMemberExpression(member)
                    if call.callee.get_inner_expression().get_member_expr().is_some_and(|callee| callee.static_property_name() == Some(member.property.name.as_str())));
                if is_callee {
                    path.pop();
                }
                break;
            }
            _ => break,
        }
    }
    if path.last().is_some_and(|last| last == "length") {
        path.pop();
    }
    path
}

#[cfg(test)]
mod tests {
    use super::body_fields;

    fn paths(text: &str) -> Vec<String> {
        body_fields(&[("adapter.ts", text)]).into_iter().map(|path| path.join(".")).collect()
    }

    #[test]
    fn fields_of_the_body_are_found_through_names_and_patterns() {
        let read = "export default { async fetch(request: Request) { const webhook = await request.json(); return { a: webhook.slack_message, b: webhook.event?.text, c: webhook.tags.map(String), d: webhook.tags.length }; } };";
        assert_eq!(paths(read), ["event.text", "slack_message", "tags"]);
        let pattern = "export default { async fetch(request) { const { user, 'team id': team } = (await request.json()) as any; return { user, team }; } };";
        assert_eq!(paths(pattern), ["team id", "user"]);
    }

    #[test]
    fn other_objects_and_broken_code_give_nothing() {
        assert!(paths("const other = { json: 1 }; other.field;").is_empty());
        assert!(paths("export default { async fetch( {").is_empty());
    }
}
