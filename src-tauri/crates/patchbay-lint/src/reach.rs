//! Calls that wait for the outside: other hosts, stores, clocks.

use crate::meaning::{FunctionId, Meaning, Root};
use crate::project::{File, Project};
use oxc::ast::ast::CallExpression;
use oxc::ast::{AstKind, AstType};
use oxc::semantic::NodeId;
use oxc::span::GetSpan as _;

/// How many functions are followed into one another.
const DEEPEST: usize = 4;

impl<'a> Project<'a> {
    /// The calls that stand in a function's own body, with their nodes; those of functions inside it are not its own.
    pub(crate) fn own_calls(
        &self,
        function: FunctionId,
    ) -> impl Iterator<Item = (NodeId, &'a CallExpression<'a>)> + use<'_, 'a> {
        let file = &self.files[function.file];
        let span = file.nodes().kind(function.node).span();
        let calls = file.of_type(AstType::CallExpression).filter_map(|node| match node.kind() {
            AstKind::CallExpression(call) => Some((node.id(), call)),
            _ => None,
        });
        calls.filter(move |(node, call)| {
            span.contains_inclusive(call.span)
                && file.function_around(*node).is_some_and(|around| around.id() == function.node)
        })
    }

    /// Whether a call sends a request to another host, itself or in functions of the project that it calls.
    pub(crate) fn sends_request(&self, file: &File<'a>, call: &CallExpression<'a>) -> bool {
        self.sends_request_within(file, call, DEEPEST)
    }

    fn sends_request_within(&self, file: &File<'a>, call: &CallExpression<'a>, steps: usize) -> bool {
        let Some(callee) = self.meaning(file, &call.callee) else { return false };
        callee.is_global("fetch")
            || matches!((callee.root, &callee.members[..]), (Root::Function(function), [])
                if self.function_sends_request(function, steps))
    }

    /// Whether a function's own body sends requests to other hosts.
    pub(crate) fn function_sends_request(&self, function: FunctionId, steps: usize) -> bool {
        let Some(steps) = steps.checked_sub(1) else { return false };
        let file = &self.files[function.file];
        self.own_calls(function).any(|(_, call)| self.sends_request_within(file, call, steps))
    }
}

/// The function that an expression means.
pub(crate) fn function_of(meaning: &Meaning<'_>) -> Option<FunctionId> {
    match (meaning.root, &meaning.members[..]) {
        (Root::Function(function), []) => Some(function),
        _ => None,
    }
}

/// Whether a function is what `new Promise(…)` is given.
pub(crate) fn is_promise_executor<'a>(project: &Project<'a>, file: &File<'a>, function: NodeId) -> bool {
    match file.parent(function) {
        AstKind::NewExpression(made) => {
            project.meaning(file, &made.callee).is_some_and(|meaning| meaning.is_global("Promise"))
        }
        _ => false,
    }
}
