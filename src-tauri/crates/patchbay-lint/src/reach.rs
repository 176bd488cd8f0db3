//! Calls that wait for the outside: other hosts, stores, clocks.

use crate::meaning::{FunctionId, Meaning, Root};
use crate::project::{File, Project};
use oxc::ast::ast::CallExpression;
use oxc::ast::{AstKind, AstType};
use oxc::semantic::NodeId;

/// How many functions are followed into one another.
const DEEPEST: usize = 4;

impl<'a> Project<'a> {
    /// The calls that stand in a function's own body, with their nodes; those of functions inside it are not its own.
    pub(crate) fn own_calls(
        &self,
        function: FunctionId,
    ) -> impl Iterator<Item = (NodeId, &'a CallExpression<'a>)> + use<'_, 'a> {
        let file = &self.files[function.file];
        file.own_nodes(function.node).filter_map(|node| match node.kind() {
            AstKind::CallExpression(call) => Some((node.id(), call)),
            _ => None,
        })
    }

    /// Whether a call sends a request to another host, itself or in functions of the project that it calls.
    pub(crate) fn sends_request(&self, file: &File<'a>, call: &CallExpression<'a>) -> bool {
        self.sends_request_within(file, call, DEEPEST)
    }

    fn sends_request_within(&self, file: &File<'a>, call: &CallExpression<'a>, steps: usize) -> bool {
        let Some(callee) = self.meaning(file, &call.callee) else { return false };
        callee.is_global("fetch")
            || matches!((callee.root, callee.members), (Root::Function(function), [])
                if self.function_sends_request(function, steps))
    }

    /// Whether a function's own body sends requests to other hosts.
    pub(crate) fn function_sends_request(&self, function: FunctionId, steps: usize) -> bool {
        let Some(steps) = steps.checked_sub(1) else { return false };
        if let Some(known) = self.sending.borrow().get(&(function, steps)) {
            return *known;
        }
        let file = &self.files[function.file];
        let sends = self.own_calls(function).any(|(_, call)| self.sends_request_within(file, call, steps));
        self.sending.borrow_mut().insert((function, steps), sends);
        sends
    }
}

/// The function that an expression means.
pub(crate) fn function_of(meaning: &Meaning<'_>) -> Option<FunctionId> {
    match (meaning.root, meaning.members) {
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

/// What keeps a request at work after its answer was sent: the body that is still written, the socket that is open.
const LASTING: &[&str] =
    &["FixedLengthStream", "IdentityTransformStream", "ReadableStream", "TransformStream", "WebSocketPair"];

/// Whether a function, or one around it, makes a stream or a socket, which the runtime waits for by itself.
pub(crate) fn makes_stream<'a>(project: &Project<'a>, file: &File<'a>, node: NodeId) -> bool {
    let functions = file.nodes().ancestors(node).filter(|around| is_function(around.kind()));
    let Some(outermost) = functions.last() else { return false };
    file.of_type_in(AstType::NewExpression, outermost.id()).any(|made| match made.kind() {
        AstKind::NewExpression(expression) => {
            let class = project.meaning(file, &expression.callee);
            class.is_some_and(|class| LASTING.iter().any(|name| class.is_global(name)))
                && file
                    .nodes()
                    .ancestors(node)
                    .any(|around| is_function(around.kind()) && file.is_in(made.id(), around.id()))
        }
        _ => false,
    })
}

fn is_function(kind: AstKind<'_>) -> bool {
    matches!(kind, AstKind::Function(_) | AstKind::ArrowFunctionExpression(_))
}

/// Whether a place is inside what `new Promise(…)` is given, so that its end may be told by `resolve`.
pub(crate) fn is_in_promise_executor<'a>(project: &Project<'a>, file: &File<'a>, node: NodeId) -> bool {
    let mut functions = file.nodes().ancestors(node).filter(|node| is_function(node.kind()));
    functions.any(|function| is_promise_executor(project, file, function.id()))
}
