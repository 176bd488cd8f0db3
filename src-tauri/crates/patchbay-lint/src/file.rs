//! One parsed file, and quick answers to what rules ask of its tree: which nodes have a type, and what they stand in.

use crate::ignores::{self, Ignore};
use crate::meaning::KnownMeanings;
use crate::nesting::Nesting;
use oxc::allocator::Allocator;
use oxc::ast::AstKind;
use oxc::ast::AstType;
use oxc::ast::ast_kind::AST_TYPE_MAX;
use oxc::semantic::{AstNode, AstNodes, NodeId, Scoping, Semantic};
use oxc::syntax::module_record::ModuleRecord;
use patchbay_core::SourceText;
use std::cell::OnceCell;

/// Number of a file in its project.
pub type FileId = usize;

/// One parsed file.
pub struct File<'a> {
    pub(crate) id: FileId,
    pub(crate) path: &'a str,
    pub(crate) source: SourceText<'a>,
    pub(crate) semantic: Semantic<'a>,
    pub(crate) record: ModuleRecord<'a>,
    /// The parser had nothing to complain about. Where it had, rules must not conclude from what is absent.
    pub(crate) is_whole: bool,
    /// The entry imports it, directly or not. Other files (tests) are none of the rules' business.
    pub(crate) is_reachable: bool,
    /// What stands in its imports, sorted, with the file of the project that each names.
    pub(crate) imports: Vec<(&'a str, Option<FileId>)>,
    /// What its author wants to hear nothing of.
    pub(crate) ignores: Vec<Ignore<'a>>,
    pub(crate) meanings: KnownMeanings<'a>,
    by_type: NodesByType,
    nesting: OnceCell<Nesting>,
}

/// The nodes of a file, sorted by type and then by place. Rules ask for types, so that none of them walks the tree.
struct NodesByType {
    ids: Vec<NodeId>,
    /// Where the nodes of each type begin in `ids`; one more entry than there are types.
    starts: Vec<u32>,
}

impl NodesByType {
    fn new(nodes: &AstNodes<'_>) -> Self {
        let mut starts = vec![0_u32; usize::from(AST_TYPE_MAX) + 2];
        for node in nodes {
            starts[node.kind().ty() as usize + 1] += 1;
        }
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        let mut next = starts.clone();
        let mut ids = vec![NodeId::ROOT; nodes.len()];
        for (id, node) in nodes.iter_enumerated() {
            let slot = &mut next[node.kind().ty() as usize];
            ids[*slot as usize] = id;
            *slot += 1;
        }
        Self { ids, starts }
    }

    fn of(&self, kind: AstType) -> &[NodeId] {
        let kind = kind as usize;
        &self.ids[self.starts[kind] as usize..self.starts[kind + 1] as usize]
    }
}

impl<'a> File<'a> {
    pub(crate) fn new(
        path: &'a str,
        source: SourceText<'a>,
        semantic: Semantic<'a>,
        record: ModuleRecord<'a>,
        is_whole: bool,
        allocator: &'a Allocator,
    ) -> Self {
        let by_type = NodesByType::new(semantic.nodes());
        let meanings = KnownMeanings::new(semantic.scoping().symbols_len(), semantic.nodes().len(), allocator);
        let ignores = ignores::find(&source, semantic.comments());
        Self {
            id: 0,
            path,
            source,
            semantic,
            record,
            is_whole,
            is_reachable: true,
            imports: Vec::new(),
            ignores,
            meanings,
            by_type,
            nesting: OnceCell::new(),
        }
    }

    pub(crate) fn nodes(&self) -> &AstNodes<'a> {
        self.semantic.nodes()
    }

    pub(crate) fn scoping(&self) -> &Scoping {
        self.semantic.scoping()
    }

    /// Nodes of one type, in the order of the text.
    pub(crate) fn of_type(&self, kind: AstType) -> impl Iterator<Item = &AstNode<'a>> {
        self.by_type.of(kind).iter().map(|id| self.nodes().get_node(*id))
    }

    /// The node around a node, parentheses and type assertions left out.
    pub(crate) fn parent(&self, node: NodeId) -> AstKind<'a> {
        let mut at = node;
        loop {
            let parent = self.nodes().parent_kind(at);
            match parent {
                AstKind::ParenthesizedExpression(_)
                | AstKind::TSAsExpression(_)
                | AstKind::TSSatisfiesExpression(_)
                | AstKind::TSNonNullExpression(_)
                | AstKind::TSTypeAssertion(_)
                | AstKind::ChainExpression(_) => at = self.nodes().parent_id(at),
                _ => return parent,
            }
        }
    }

    /// Nodes of one type that stand in a node or are it, in the order of the text.
    pub(crate) fn of_type_in(&self, kind: AstType, node: NodeId) -> impl Iterator<Item = &AstNode<'a>> {
        let all = self.by_type.of(kind);
        let last = self.nesting().last_inside(node);
        let start = all.partition_point(|id| *id < node);
        let end = all.partition_point(|id| *id <= last);
        all[start..end].iter().map(|id| self.nodes().get_node(*id))
    }

    /// Whether a node stands in another one or is it.
    pub(crate) fn is_in(&self, node: NodeId, around: NodeId) -> bool {
        around <= node && node <= self.nesting().last_inside(around)
    }

    /// The function that a node stands in, or nothing at the top of the module.
    pub(crate) fn function_around(&self, node: NodeId) -> Option<&AstNode<'a>> {
        let around = self.nesting().function_around(node)?;
        Some(self.nodes().get_node(around))
    }

    /// The calls, `await`s, `return`s and `throw`s of a function in the order of the text; those of functions inside it are
    /// not its own.
    pub(crate) fn own_nodes(&self, function: NodeId) -> impl Iterator<Item = &AstNode<'a>> {
        self.nesting().own(function).iter().map(|id| self.nodes().get_node(*id))
    }

    fn nesting(&self) -> &Nesting {
        self.nesting.get_or_init(|| Nesting::new(self.nodes()))
    }
}
