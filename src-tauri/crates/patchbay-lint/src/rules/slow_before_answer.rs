use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::meaning::{FunctionId, Root};
use crate::patterns::{as_call, method_call};
use crate::project::File;
use crate::providers::{Provider, provider};
use oxc::ast::AstKind;
use oxc::ast::ast::{CallExpression, Expression};
use oxc::semantic::NodeId;
use oxc::span::{GetSpan as _, Span};

pub struct SlowBeforeAnswer;

static DOCS: Docs = Docs {
    id: "slow-before-answer",
    group: Group::Webhook,
    severity: Severity::Warning,
    what: "Three or more calls to other hosts, or one for each of a list, that are awaited one after the other before the answer to a provider that waits at most five seconds.",
    why: "One slow upstream is enough to miss the deadline. The provider then counts the delivery as failed and sends the event again while the first is still being worked on.",
    good: "ctx.waitUntil(work(event)); // goes on after the answer\nreturn new Response(null, { status: 200 });",
};

/// Deadlines up to this many seconds are short.
const SHORT_SECONDS: u32 = 5;
/// Calls in a row that are too many. Two are what looking for a record and then making it takes.
const TOO_MANY: usize = 3;
/// Functions that are followed into one another.
const DEEPEST: usize = 4;

/// A place where a function waits for other hosts.
struct Wait<'a> {
    span: Span,
    /// How many calls it certainly waits for, one after the other.
    calls: usize,
    /// The function of the project that makes them, if it is not a `fetch` itself.
    callee: Option<FunctionId>,
    /// The branches that it stands in.
    branches: Vec<NodeId>,
    /// The list of which each element makes one call more.
    list: Option<&'a Expression<'a>>,
}

impl Rule for SlowBeforeAnswer {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        let declared = context.manifest.and_then(|manifest| manifest.provider.as_deref()).and_then(provider);
        let (Some(provider), Some(handler)) = (declared, context.handlers.fetch()) else { return };
        let Some(seconds) = provider.deadline_seconds.filter(|seconds| *seconds <= SHORT_SECONDS) else { return };
        // Who works on after the answer, or gives up in time, has thought of the deadline.
        if context.upstream_calls().is_empty() || context.mentions(&["waitUntil", "signal", "race"]) {
            return;
        }
        look(context, handler, provider, seconds, DEEPEST);
    }
}

/// Reports the first place of a function where too many calls have been waited for. Where they are made in one
/// function that it calls, that one is looked at.
fn look(context: &Context<'_, '_>, function: FunctionId, provider: &Provider, seconds: u32, steps: usize) -> bool {
    let Some(steps) = steps.checked_sub(1) else { return false };
    let file = &context.files[function.file];
    let waits = waits(context, function, steps);
    for (index, wait) in waits.iter().enumerate() {
        if let Some(callee) = wait.callee
            && look(context, callee, provider, seconds, steps)
        {
            return true;
        }
        if wait.list.is_some() {
            let message =
                format!("{} waits {seconds} seconds at most, and here for one call after the other", provider.name);
            report(context, file, wait.span, message);
            return true;
        }
        let passed = |earlier: &&Wait<'_>| earlier.branches.iter().all(|branch| wait.branches.contains(branch));
        let before: usize = waits[..index].iter().filter(passed).map(|earlier| earlier.calls).sum();
        if before < TOO_MANY && before + wait.calls >= TOO_MANY {
            let count = before + wait.calls;
            let message = format!(
                "{} waits {seconds} seconds at most, and up to here for {count} calls one after the other",
                provider.name
            );
            report(context, file, wait.span, message);
            return true;
        }
    }
    false
}

fn report(context: &Context<'_, '_>, file: &File<'_>, span: Span, message: String) {
    context.report(&context.files[file.id], span, message).help(
        "Answer first and hand the work to `ctx.waitUntil(…)`; where the answer needs it, make the calls at once with `Promise.all` and give each `signal: AbortSignal.timeout(…)`",
    );
}

/// The places where a function waits for other hosts, in the order of the text.
fn waits<'a>(context: &Context<'_, 'a>, function: FunctionId, steps: usize) -> Vec<Wait<'a>> {
    let file = &context.files[function.file];
    let body = file.nodes().kind(function.node).span();
    let mut found = Vec::new();
    for node in file.own_nodes(function.node) {
        let awaited = match node.kind() {
            AstKind::AwaitExpression(awaited) => Some(&awaited.argument),
            AstKind::ReturnStatement(returned) => returned.argument.as_ref(),
            _ => None,
        };
        let Some(call) = awaited.and_then(as_call) else { continue };
        let Some((calls, callee)) = calls(context, file, call, steps) else { continue };
        let (branches, list) = branches(file, node.id(), function.node);
        found.push(Wait { span: call.span, calls, callee, branches, list });
    }
    if let AstKind::ArrowFunctionExpression(arrow) = file.nodes().kind(function.node)
        && let Some((calls, callee)) =
            arrow.get_expression().and_then(as_call).and_then(|call| calls(context, file, call, steps))
    {
        found.push(Wait { span: body, calls, callee, branches: Vec::new(), list: None });
    }
    found.sort_by_key(|wait| wait.span.start);
    found
}

/// How many calls to other hosts a call certainly makes one after the other, and in which function of the project.
fn calls<'a>(
    context: &Context<'_, 'a>,
    file: &File<'a>,
    call: &CallExpression<'a>,
    steps: usize,
) -> Option<(usize, Option<FunctionId>)> {
    // Who waits for `fetch(…).then(…)` waits for the call all the same.
    if let Some((object, "then" | "catch" | "finally")) = method_call(call) {
        return calls(context, file, as_call(object)?, steps);
    }
    context.take_step()?;
    let callee = context.meaning(file, &call.callee)?;
    if callee.is_global("fetch") {
        return Some((1, None));
    }
    let (Root::Function(function), []) = (callee.root, callee.members) else { return None };
    let steps = steps.checked_sub(1)?;
    let within = waits(context, function, steps);
    let always = within.iter().filter(|wait| wait.branches.is_empty()).map(|wait| wait.calls).sum();
    (!within.is_empty()).then_some((always, Some(function)))
}

/// The branches around a place in its function, and the list that is gone through around it.
fn branches<'a>(file: &File<'a>, node: NodeId, function: NodeId) -> (Vec<NodeId>, Option<&'a Expression<'a>>) {
    let (mut branches, mut list) = (Vec::new(), None);
    let mut below = node;
    for (id, kind) in file.nodes().ancestors_enumerated(node).map(|(id, node)| (id, node.kind())) {
        if id == function {
            break;
        }
        let span = file.nodes().kind(below).span();
        let is_branch = match kind {
            AstKind::IfStatement(choice) => !choice.test.span().contains_inclusive(span),
            AstKind::ConditionalExpression(choice) => !choice.test.span().contains_inclusive(span),
            AstKind::LogicalExpression(logical) => !logical.left.span().contains_inclusive(span),
            AstKind::ForOfStatement(looped) => {
                let is_body = looped.body.span().contains_inclusive(span);
                if is_body && !matches!(looped.right.get_inner_expression(), Expression::ArrayExpression(_)) {
                    list = Some(&looped.right);
                }
                is_body
            }
            AstKind::SwitchCase(_)
            | AstKind::CatchClause(_)
            | AstKind::ForStatement(_)
            | AstKind::ForInStatement(_)
            | AstKind::WhileStatement(_)
            | AstKind::DoWhileStatement(_) => true,
            _ => false,
        };
        if is_branch {
            branches.push(below);
        }
        below = id;
    }
    (branches, list)
}

#[cfg(test)]
mod tests {
    use crate::tester::{Case, case, handler, test};
    use serde_json::json;

    fn from(provider: &str, case: Case) -> Case {
        case.manifest(&json!({ "provider": provider }))
    }

    const CALL: &str = "await fetch('https://a.example/');";

    #[test]
    fn cases() {
        let helpers = "const get = (path) => fetch(`https://a.example/${path}`);\nexport async function work(event) { const user = await get('user'); const team = await get('team'); return get(`${user.id}${team.id}${event.id}`); }";
        let with_helpers = |body: &str| {
            case(&format!("import {{ work }} from './work';\nexport default {{ async fetch(request, env, ctx) {{ const event = await request.json(); {body} return {{}}; }} }};"))
                .file("src/work.ts", helpers)
        };
        test(
            &super::SlowBeforeAnswer,
            &[
                // Looking for a record and making it takes two.
                from("slack", handler(&format!("{CALL} {CALL} return {{}};"))),
                from(
                    "slack",
                    handler(
                        "await Promise.all([fetch('https://a.example/'), fetch('https://b.example/'), fetch('https://c.example/')]); return {};",
                    ),
                ),
                from("slack", with_helpers("ctx.waitUntil(work(event));")),
                from(
                    "slack",
                    handler(&format!(
                        "const late = async () => {{ {CALL} {CALL} {CALL} }}; ctx.waitUntil(late()); return {{}};"
                    )),
                ),
                from(
                    "slack",
                    handler(
                        "const signal = AbortSignal.timeout(2000); await fetch('https://a.example/', { signal }); await fetch('https://b.example/', { signal }); await fetch('https://c.example/', { signal }); return {};",
                    ),
                ),
                // Never more than two on one way.
                from(
                    "slack",
                    handler(&format!(
                        "const event = await request.json(); {CALL} if (event.a) {{ {CALL} }} else {{ {CALL} }} return {{}};"
                    )),
                ),
                from(
                    "slack",
                    handler(&format!(
                        "const event = await request.json(); switch (event.a) {{ case 1: {CALL} break; case 2: {CALL} break; default: {CALL} }} return {{}};"
                    )),
                ),
                from(
                    "slack",
                    handler(&format!("for (const each of [1, 2]) {{ {CALL} console.log(each); }} return {{}};")),
                ),
                from(
                    "slack",
                    handler(
                        "const event = await request.json(); await Promise.all(event.items.map((item) => fetch(`https://a.example/${item}`))); return {};",
                    ),
                ),
                // Waits long enough, or publishes no deadline.
                from("github", handler(&format!("{CALL} {CALL} {CALL} return {{}};"))),
                from("stripe", handler(&format!("{CALL} {CALL} {CALL} return {{}};"))),
                handler(&format!("{CALL} {CALL} {CALL} return {{}};")),
                from(
                    "slack",
                    handler("const fetch = async () => ({}); await fetch(); await fetch(); await fetch(); return {};"),
                ),
                from("slack", with_helpers("const later = work; return { event, later: typeof later };")),
            ],
            &[
                from("slack", handler(&format!("{CALL} {CALL} {CALL} return {{}};"))),
                from(
                    "teams",
                    handler(
                        "const call = () => fetch('https://a.example/').then((r) => r.json()); const a = await call(); const b = await call(); const c = await fetch(a.url).then((r) => r.json()); return { type: 'message', text: `${b.x}${c.y}` };",
                    ),
                ),
                from(
                    "pagerduty",
                    handler(&format!(
                        "const event = await request.json(); {CALL} if (event.a) {{ {CALL} return fetch('https://b.example/'); }} return {{}};"
                    )),
                ),
                from("slack", with_helpers("await work(event);")),
                from(
                    "hubspot",
                    handler(
                        "const events = await request.json(); for (const event of events) { await fetch(`https://a.example/${event.id}`); } return {};",
                    ),
                ),
                from(
                    "slack",
                    with_helpers("const call = fetch; await call('https://a.example/'); return work(event);"),
                ),
            ],
        );
    }
}
