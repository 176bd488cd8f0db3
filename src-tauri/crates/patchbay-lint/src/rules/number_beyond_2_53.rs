use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::patterns::{key_name, method_call};
use crate::project::File;
use oxc::ast::ast::{Argument, BindingPattern, Expression};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::NodeId;
use oxc::span::{GetSpan as _, Span};

pub struct NumberBeyond253;

static DOCS: Docs = Docs {
    id: "number-beyond-2-53",
    group: Group::Webhook,
    severity: Severity::Warning,
    what: "An id that is made a number although a number cannot hold it: a text of digits beyond 2^53, or Slack's `ts` that is then used as an id again.",
    why: "Beyond 9007199254740991 numbers have gaps, so another id comes out. Slack's `1355517523.000100` becomes 1355517523.0001, which Slack does not find.",
    good: "body: JSON.stringify({ channel: event.channel, thread_ts: event.ts }) // a text, as it came",
};

/// Fields in which Slack gives and takes the id of a message.
const SLACK_IDS: &[&str] = &["ts", "thread_ts", "event_ts", "message_ts"];
/// The largest whole number up to which there are no gaps, 2^53 - 1.
const LARGEST: u128 = (1 << 53) - 1;

impl Rule for NumberBeyond253 {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::CallExpression) {
                let AstKind::CallExpression(call) = node.kind() else { continue };
                let Some(value) = call.arguments.first().and_then(Argument::as_expression) else { continue };
                // Most calls are none of these; what they are given is cheaper to ask than what they mean.
                let is_candidate =
                    matches!(value.get_inner_expression(), Expression::StringLiteral(_) | Expression::Identifier(_))
                        || file.field_read(value).is_some();
                if is_candidate && is_conversion(context, file, &call.callee) {
                    check_conversion(context, file, node.id(), call.span, value);
                }
            }
            for node in file.of_type(AstType::UnaryExpression) {
                let AstKind::UnaryExpression(unary) = node.kind() else { continue };
                if unary.operator == oxc::ast::ast::UnaryOperator::UnaryPlus {
                    check_conversion(context, file, node.id(), unary.span, &unary.argument);
                }
            }
        }
    }
}

fn is_conversion<'a>(context: &Context<'_, 'a>, file: &File<'a>, callee: &Expression<'a>) -> bool {
    context.meaning(file, callee).is_some_and(|callee| {
        ["Number", "parseInt", "parseFloat", "Number.parseInt", "Number.parseFloat"]
            .into_iter()
            .any(|name| callee.is_global(name))
    })
}

fn check_conversion<'a>(
    context: &Context<'_, 'a>,
    file: &File<'a>,
    node: NodeId,
    span: Span,
    value: &'a Expression<'a>,
) {
    let text = context.text_value(file, value);
    if text.is_complete && is_lost(&text.text) {
        context
            .report(
                &context.files[file.id],
                span,
                "A number cannot hold this id: beyond 9007199254740991 another one comes out",
            )
            .help("Keep it as text, or use `BigInt` where it has to be calculated with");
        return;
    }
    let Some(field) = file.field_read(value).filter(|field| SLACK_IDS.contains(field)) else { return };
    if is_slack(context) && becomes_id(context, file, node, 4) {
        context
            .report(
                &context.files[file.id],
                span,
                format!("Slack's `{field}` is an id, and as a number it loses the zeros at its end"),
            )
            .help("Hand it on as the text that Slack sent; make a number of it only to calculate a time");
    }
}

/// Whether a text of digits is another number once it is one.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the loss is what is asked for"
)]
fn is_lost(text: &str) -> bool {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits && text.parse::<u128>().is_ok_and(|number| number > LARGEST && number as f64 as u128 != number)
}

fn is_slack(context: &Context<'_, '_>) -> bool {
    context.manifest.and_then(|manifest| manifest.provider.as_deref()) == Some("slack")
        || context.signature_reads().iter().any(|read| read.provider.id == "slack")
        || context.upstream_calls().iter().any(crate::outbound::Fetch::is_slack_method)
}

/// Whether a number is given to Slack as an id, or made a text again.
fn becomes_id(context: &Context<'_, '_>, file: &File<'_>, node: NodeId, steps: usize) -> bool {
    let (Some(steps), Some(())) = (steps.checked_sub(1), context.take_step()) else { return false };
    match file.parent(node) {
        AstKind::ObjectProperty(property) => {
            key_name(&property.key, property.computed).is_some_and(|key| SLACK_IDS.contains(&key))
        }
        AstKind::TemplateLiteral(_) => true,
        AstKind::StaticMemberExpression(member) => {
            matches!(file.parent(member.node_id.get()), AstKind::CallExpression(call)
                if matches!(method_call(call), Some((_, "toString"))) && call.callee.span().contains_inclusive(member.span))
        }
        AstKind::VariableDeclarator(declarator) => {
            let BindingPattern::BindingIdentifier(name) = &declarator.id else { return false };
            let Some(symbol) = name.symbol_id.get() else { return false };
            let mut references = file.scoping().get_resolved_references(symbol);
            references.any(|reference| becomes_id(context, file, reference.node_id(), steps))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_lost;
    use crate::tester::{Case, case, handler, test};
    use serde_json::json;

    fn slack(case: Case) -> Case {
        case.manifest(&json!({ "provider": "slack" }))
    }

    #[test]
    fn an_id_is_lost_where_the_number_is_another() {
        for kept in ["0", "9007199254740991", "9007199254740992", "00012", "", "12.5", "-1", "18014398509481984"] {
            assert!(!is_lost(kept), "{kept} is held exactly");
        }
        for lost in ["9007199254740993", "175928847299117063", "18446744073709551615"] {
            assert!(is_lost(lost), "{lost} is held as another number");
        }
    }

    #[test]
    fn cases() {
        test(
            &super::NumberBeyond253,
            &[
                slack(handler("const { event } = await request.json(); return { thread_ts: event.ts };")),
                // A time, which may be calculated with.
                slack(handler("const { event } = await request.json(); return { at: new Date(Number(event.ts) * 1000).toISOString() };")),
                slack(handler("const { event } = await request.json(); const sent = parseFloat(event.ts); return { age: Date.now() / 1000 - sent };")),
                slack(handler("const { event } = await request.json(); return { old: Number(event.ts) < 1700000000, seconds: parseInt(event.ts, 10) };")),
                // Another sender's field of that name.
                handler("const { event } = await request.json(); return { ts: Number(event.ts) };"),
                slack(handler("const { event } = await request.json(); return { ts: Number(event.count) };")),
                slack(handler("const Number = (text) => text; const { event } = await request.json(); return { ts: Number(event.ts) };")),
                handler("return { id: BigInt('175928847299117063').toString(), largest: Number('9007199254740991') };"),
                handler("return { id: Number('175928847299117063n') };"),
                case("import { threadOf } from './thread';\nexport default { async fetch(request) { const { event } = await request.json(); return { thread_ts: threadOf(event) }; } };")
                    .file("src/thread.ts", "export const threadOf = (event) => event.thread_ts ?? event.ts;"),
            ],
            &[
                slack(handler("const { event } = await request.json(); return fetch('https://slack.com/api/chat.postMessage', { method: 'POST', body: JSON.stringify({ channel: event.channel, thread_ts: Number(event.ts) }) });")),
                slack(handler("const { event: { ts } } = await request.json(); const id = parseFloat(ts); return { key: `${id}` };")),
                handler("const { event } = await request.json(); const read = Number.parseFloat; const id = read(event.thread_ts); return fetch('https://slack.com/api/chat.update', { method: 'POST', body: JSON.stringify({ ts: id }) });"),
                handler("const GUILD = '175928847299117063'; return { guild: Number(GUILD), other: +'18446744073709551615' };"),
            ],
        );
    }
}
