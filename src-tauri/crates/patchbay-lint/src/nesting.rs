//! What stands in what, found in one pass over a file however many rules ask.

use oxc::ast::AstKind;
use oxc::semantic::{AstNodes, NodeId};

/// Nodes are numbered in the order in which they begin, so that what stands in a node has the numbers right behind it.
pub(crate) struct Nesting {
    /// The function around each node; the root where there is none.
    functions: Vec<NodeId>,
    /// The last node that stands in each node.
    last: Vec<NodeId>,
    /// Calls, `await`s, `return`s and `throw`s, by the function that they belong to.
    own: Vec<NodeId>,
}

impl Nesting {
    pub(crate) fn new(nodes: &AstNodes<'_>) -> Self {
        let mut functions = vec![NodeId::ROOT; nodes.len()];
        let mut last: Vec<NodeId> = (0..nodes.len()).map(NodeId::from_usize).collect();
        let mut own = Vec::new();
        for (id, node) in nodes.iter_enumerated().skip(1) {
            let parent = nodes.parent_id(id);
            functions[id.index()] = if is_function(nodes.kind(parent)) { parent } else { functions[parent.index()] };
            if is_step(node.kind()) {
                own.push(id);
            }
        }
        for index in (1..nodes.len()).rev() {
            let parent = nodes.parent_id(NodeId::from_usize(index)).index();
            last[parent] = last[parent].max(last[index]);
        }
        own.sort_by_key(|id| functions[id.index()]);
        Self { functions, last, own }
    }

    pub(crate) fn function_around(&self, node: NodeId) -> Option<NodeId> {
        let around = self.functions[node.index()];
        (around != NodeId::ROOT).then_some(around)
    }

    pub(crate) fn last_inside(&self, node: NodeId) -> NodeId {
        self.last[node.index()]
    }

    pub(crate) fn own(&self, function: NodeId) -> &[NodeId] {
        let start = self.own.partition_point(|id| self.functions[id.index()] < function);
        let end = self.own.partition_point(|id| self.functions[id.index()] <= function);
        &self.own[start..end]
    }
}

fn is_function(kind: AstKind<'_>) -> bool {
    matches!(kind, AstKind::Function(_) | AstKind::ArrowFunctionExpression(_))
}

fn is_step(kind: AstKind<'_>) -> bool {
    matches!(
        kind,
        AstKind::CallExpression(_)
            | AstKind::AwaitExpression(_)
            | AstKind::ReturnStatement(_)
            | AstKind::ThrowStatement(_)
    )
}

#[cfg(test)]
mod tests {
    use super::Nesting;
    use oxc::allocator::Allocator;
    use oxc::parser::Parser;
    use oxc::semantic::SemanticBuilder;
    use oxc::span::{GetSpan as _, SourceType};

    const CODE: &str = "class A extends f() { @g() static x: number = h(); get y() { return (() => i())(); } }
export default { async fetch(a = j(), { b = k() }) { for (const c of await l()) { label: while (m()) { n?.[o()]; } }
  function p() { throw q(); } try { return r`${s()}`; } catch { await t(); } } };
enum U { V = w() } const [x = y()] = z<typeof a>(), el = async () => await b();";

    #[test]
    fn what_is_numbered_behind_a_node_is_what_stands_in_it() {
        let allocator = Allocator::default();
        let parsed = Parser::new(&allocator, CODE, SourceType::ts()).parse();
        assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
        let built = SemanticBuilder::new().with_build_nodes(true).build(&parsed.program);
        let nodes = built.semantic.nodes();
        let nesting = Nesting::new(nodes);
        for (id, node) in nodes.iter_enumerated() {
            let inside = |other| other == id || nodes.ancestor_ids(other).any(|around| around == id);
            for (other, _) in nodes.iter_enumerated() {
                let is_behind = id <= other && other <= nesting.last_inside(id);
                assert_eq!(is_behind, inside(other), "{:?} and {:?}", node.kind().span(), nodes.kind(other).span());
            }
            let around =
                nodes.ancestors(id).find(|node| super::is_function(node.kind())).map(oxc::semantic::AstNode::id);
            assert_eq!(nesting.function_around(id), around);
        }
        let functions = nodes.iter().filter(|node| super::is_function(node.kind()));
        let counts: Vec<usize> = functions.map(|function| nesting.own(function.id()).len()).collect();
        assert!(counts.iter().sum::<usize>() > 12 && counts.contains(&2), "{counts:?}");
    }
}
