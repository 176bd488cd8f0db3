use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::meaning::Root;
use crate::outbound::{Fetch, covers};
use crate::project::{File, FileId};
use oxc::ast::ast::{BinaryExpression, BinaryOperator, Expression, Statement};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::NodeId;
use oxc::span::{GetSpan as _, Span};

pub struct RetryAfterIgnored;

static DOCS: Docs = Docs {
    id: "retry-after-ignored",
    group: Group::Webhook,
    severity: Severity::Warning,
    what: "A loop that calls again after status 429 in an adapter that never reads `Retry-After`.",
    why: "Who calls again too early is refused again, and some upstreams then refuse for longer. The header says how long to wait.",
    good: "const seconds = Number(response.headers.get('retry-after') ?? 1);\nawait new Promise((resolve) => setTimeout(resolve, seconds * 1000));",
};

/// Hosts that document no `Retry-After` and advise fixed pauses.
const WITHOUT: &[&str] = &[
    "api.airtable.com",
    "events.pagerduty.com",
    "events.eu.pagerduty.com",
    "api.pagerduty.com",
    "api.eu.pagerduty.com",
    "*.salesforce.com",
];

impl Rule for RetryAfterIgnored {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        let mut mentions = None;
        for file in context.checked_files() {
            for node in file.of_type(AstType::NumericLiteral) {
                let AstKind::NumericLiteral(number) = node.kind() else { continue };
                if number.value.to_bits() != 429_f64.to_bits() {
                    continue;
                }
                let AstKind::BinaryExpression(comparison) = file.parent(node.id()) else { continue };
                let Some(around) = retrying_loop(file, comparison) else { continue };
                if !calls_in_loop(context, file, around) || is_to_hosts_without(context, file, around) {
                    continue;
                }
                let words = ["retry-after", "retry_after", "retryAfter", "ratelimit-reset", "x-ratelimit-reset"];
                if *mentions.get_or_insert_with(|| context.mentions(&words) || context.has_packages()) {
                    return;
                }
                context
                    .report(file, comparison.span, "The call is made again after 429 without looking at `Retry-After`")
                    .and(first_word(file, around), "In this loop")
                    .help("Wait as many seconds as `response.headers.get('retry-after')` says, and give up where that is too long");
            }
        }
    }
}

/// The loop that goes on where the status is 429.
fn retrying_loop<'a>(file: &File<'a>, comparison: &BinaryExpression<'a>) -> Option<NodeId> {
    let is_equal = match comparison.operator {
        BinaryOperator::Equality | BinaryOperator::StrictEquality => true,
        BinaryOperator::Inequality | BinaryOperator::StrictInequality => false,
        _ => return None,
    };
    let sides = [&comparison.left, &comparison.right];
    if !sides.into_iter().any(|side| file.field_read(side) == Some("status")) {
        return None;
    }
    let node = comparison.node_id.get();
    let mut goes_on = false;
    for (id, kind) in file.nodes().ancestors_enumerated(node).map(|(id, node)| (id, node.kind())) {
        match kind {
            // Without a branch that is understood, nothing is said.
            AstKind::IfStatement(branch) if branch.test.span().contains_inclusive(comparison.span) => {
                if !is_equal && matches!(branch.test, Expression::LogicalExpression(_)) {
                    return None;
                }
                goes_on = is_equal != leaves(&branch.consequent);
            }
            AstKind::WhileStatement(looped) if looped.test.span().contains_inclusive(comparison.span) => {
                return is_equal.then_some(id);
            }
            AstKind::DoWhileStatement(looped) if looped.test.span().contains_inclusive(comparison.span) => {
                return is_equal.then_some(id);
            }
            AstKind::ForStatement(_) | AstKind::WhileStatement(_) | AstKind::DoWhileStatement(_) => {
                return goes_on.then_some(id);
            }
            AstKind::Function(_) | AstKind::ArrowFunctionExpression(_) => return None,
            _ => {}
        }
    }
    None
}

/// Whether a branch ends by leaving the loop.
fn leaves(statement: &Statement<'_>) -> bool {
    match statement {
        Statement::BlockStatement(block) => block.body.last().is_some_and(leaves),
        Statement::ReturnStatement(_) | Statement::ThrowStatement(_) | Statement::BreakStatement(_) => true,
        _ => false,
    }
}

/// The word that a loop begins with, or a part of it.
fn first_word(file: &File<'_>, each: NodeId) -> Span {
    let span = file.nodes().kind(each).span();
    Span::sized(span.start, 5.min(span.size()))
}

/// The calls of upstreams that stand in a node.
fn fetches_in<'c, 'a>(context: &'c Context<'_, 'a>, file: FileId, node: NodeId) -> impl Iterator<Item = &'c Fetch<'a>> {
    // They are in the order of files and of nodes.
    let all = context.upstream_calls();
    let start = all.partition_point(|fetch| (fetch.file, fetch.node) < (file, node));
    all[start..].iter().take_while(move |fetch| fetch.file == file && context.files[file].is_in(fetch.node, node))
}

/// Whether a loop calls an upstream, by itself or by a function of the project.
fn calls_in_loop<'a>(context: &Context<'_, 'a>, file: &File<'a>, around: NodeId) -> bool {
    fetches_in(context, file.id, around).next().is_some()
        || file.of_type_in(AstType::AwaitExpression, around).any(|node| match node.kind() {
            AstKind::AwaitExpression(awaited) => {
                let Some(call) = crate::patterns::as_call(&awaited.argument) else { return false };
                match context.meaning(file, &call.callee).map(|callee| callee.root) {
                    Some(Root::Function(function)) => {
                        fetches_in(context, function.file, function.node).next().is_some()
                    }
                    _ => false,
                }
            }
            _ => false,
        })
}

/// Whether all that the loop (or, where that is not known, the adapter) calls are hosts that send no `Retry-After`.
fn is_to_hosts_without<'a>(context: &Context<'_, 'a>, file: &File<'a>, around: NodeId) -> bool {
    let without: Vec<String> = WITHOUT.iter().map(|host| (*host).to_owned()).collect();
    let fetches = context.upstream_calls();
    let known: Vec<&str> = fetches_in(context, file.id, around).filter_map(|fetch| fetch.host.as_deref()).collect();
    if !known.is_empty() {
        return known.iter().all(|host| covers(&without, host));
    }
    let upstreams = context.manifest.map_or(&[][..], |manifest| &manifest.upstreams);
    let mut all =
        fetches.iter().filter_map(|fetch| fetch.host.as_deref()).chain(upstreams.iter().map(String::as_str)).peekable();
    all.peek().is_some() && all.all(|host| covers(&without, host) || host.ends_with(".salesforce.com"))
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};
    use serde_json::json;

    const WAIT: &str = "await new Promise((resolve) => setTimeout(resolve, 1000));";

    #[test]
    fn cases() {
        let retry = |head: &str, test: &str| {
            handler(&format!(
                "{head} {{ const r = await fetch('https://api.notion.com/v1/pages'); {test} }} return {{}};"
            ))
        };
        let four = "for (let i = 0; i < 4; i += 1)";
        test(
            &super::RetryAfterIgnored,
            &[
                retry(four, &format!("if (r.status !== 429) return r; const seconds = Number(r.headers.get('Retry-After') ?? 1); {WAIT} console.log(seconds);")),
                retry(four, "if (r.status === 429) throw new Error('busy'); return r;"),
                retry(four, "if (r.status === 429) { console.log('busy'); break; }"),
                retry("for (const page of [1, 2])", "if (r.status === 429) console.log('busy', page);"),
                handler("const r = await fetch('https://api.notion.com/v1/pages'); return { busy: r.status === 429 };"),
                handler(&format!("for (let i = 0; i < 4; i += 1) {{ const r = await fetch('https://api.airtable.com/v0/a'); if (r.status !== 429) return r; {WAIT} }} return {{}};")),
                handler(&format!("for (let i = 0; i < 4; i += 1) {{ const r = await fetch(`${{env.HOST}}/v0/a`); if (r.status !== 429) return r; {WAIT} }} return {{}};"))
                    .manifest(&json!({ "upstreams": ["acme.my.salesforce.com"] })),
                handler("for (let i = 0; i < 4; i += 1) { const r = { status: i }; if (r.status === 429) continue; } return {};"),
                handler("for (let i = 0; i < 4; i += 1) { const fetch = async () => ({ status: 429 }); const r = await fetch(); if (r.status === 429) continue; return r; } return {};"),
                // Another module knows how long to wait.
                case("import { pause } from './pause';\nexport default { async fetch() { for (;;) { const r = await fetch('https://api.notion.com/v1/pages'); if (r.status !== 429) return r; await pause(r); } } };")
                    .file("src/pause.ts", "export const pause = ({ headers }) => new Promise((done) => setTimeout(done, 1000 * Number(headers.get('retry-after'))));"),
            ],
            &[
                retry(four, &format!("if (r.status !== 429) return r; {WAIT}")),
                retry(four, &format!("if (r.status === 429 || r.status >= 500) {{ {WAIT} continue; }} return r;")),
                handler("let r = await fetch('https://slack.com/api/x'); while (r.status === 429) { r = await fetch('https://slack.com/api/x'); } return r;"),
                case("import { send } from './send';\nexport default { async fetch(request, env) { let left = 3; do { const { status } = await send(env); if (status !== 429) { return {}; } left -= 1; } while (left > 0); return {}; } };")
                    .file("src/send.ts", "export async function send(env) { const call = fetch; return call(env.URL); }"),
            ],
        );
    }
}
