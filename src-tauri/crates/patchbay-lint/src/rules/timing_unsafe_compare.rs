use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::meaning::Definition;
use crate::patterns::{as_call, header_read, method_call};
use crate::project::File;
use crate::providers::signing_with;
use oxc::ast::ast::{BinaryOperator, Expression};
use oxc::ast::{AstKind, AstType};

pub struct TimingUnsafeCompare;

static DOCS: Docs = Docs {
    id: "timing-unsafe-compare",
    group: Group::Webhook,
    severity: Severity::Warning,
    what: "A signature or shared secret from a header that is compared with `===` or `!==`.",
    why: "Such a comparison ends at the first wrong character, so its duration tells an attacker how much of a guess was right.",
    good: "const ok = await crypto.subtle.verify('HMAC', key, signatureBytes, signedBytes);",
};

impl Rule for TimingUnsafeCompare {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::BinaryExpression) {
                let AstKind::BinaryExpression(comparison) = node.kind() else { continue };
                let is_equality = matches!(
                    comparison.operator,
                    BinaryOperator::Equality
                        | BinaryOperator::Inequality
                        | BinaryOperator::StrictEquality
                        | BinaryOperator::StrictInequality
                );
                if !is_equality {
                    continue;
                }
                let sides = [(&comparison.left, &comparison.right), (&comparison.right, &comparison.left)];
                let found = sides.into_iter().find_map(|(header, other)| {
                    let name = header_of(context, file, header)?;
                    let is_signature = signing_with(&name).is_some() && !is_constant(other);
                    let is_shared_secret = holds_binding(context, file, other, 6);
                    (is_signature || is_shared_secret).then_some(name)
                });
                if let Some(header) = found {
                    context
                        .report(
                            file,
                            comparison.span,
                            format!("The header `{header}` is compared in a time that tells how much of it is right"),
                        )
                        .help(
                            "Use crypto.subtle.verify, which compares in constant time, or XOR over all bytes of both",
                        );
                }
            }
        }
    }
}

/// The header that a value comes from, through names, trimming and case changes.
fn header_of<'a>(context: &Context<'_, 'a>, file: &File<'a>, value: &'a Expression<'a>) -> Option<String> {
    if let Some(header) = header_read(value) {
        return Some(header);
    }
    match value.get_inner_expression() {
        Expression::Identifier(_) => match context.definition(file, value)? {
            (defined_in, Definition::Expression(made)) if !matches!(made, Expression::Identifier(_)) => {
                header_of(context, &context.files[defined_in], made)
            }
            _ => None,
        },
        Expression::LogicalExpression(logical) => header_of(context, file, &logical.left),
        Expression::CallExpression(call) => {
            let (object, method) = method_call(call)?;
            let keeps = matches!(method, "trim" | "toLowerCase" | "slice" | "substring" | "replace");
            if keeps { header_of(context, file, object) } else { None }
        }
        _ => None,
    }
}

/// Whether a value is written out: comparing with it asks whether the header is there, or which kind it is.
fn is_constant(value: &Expression<'_>) -> bool {
    let value = value.get_inner_expression();
    value.is_literal() || value.is_undefined() || value.is_no_substitution_template()
}

/// Whether a value is a binding or contains one.
fn holds_binding<'a>(context: &Context<'_, 'a>, file: &File<'a>, value: &'a Expression<'a>, steps: usize) -> bool {
    let Some(steps) = steps.checked_sub(1) else { return false };
    if context.meaning(file, value).is_some_and(|meaning| meaning.binding().is_some()) {
        return true;
    }
    match value.get_inner_expression() {
        Expression::TemplateLiteral(template) => {
            template.expressions.iter().any(|part| holds_binding(context, file, part, steps))
        }
        Expression::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition => {
            holds_binding(context, file, &sum.left, steps) || holds_binding(context, file, &sum.right, steps)
        }
        Expression::Identifier(_) => match context.definition(file, value) {
            Some((defined_in, Definition::Expression(made))) => {
                as_call(made).is_none() && holds_binding(context, &context.files[defined_in], made, steps)
            }
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{handler, test};

    #[test]
    fn cases() {
        test(
            &super::TimingUnsafeCompare,
            &[
                handler("if (request.headers.get('x-slack-signature') === null) return {}; return {};"),
                handler("if (request.headers.get('content-type') !== 'application/json') return {}; return {};"),
                handler("const kind = request.headers.get('x-github-event'); return { is: kind === 'push' };"),
                handler("const signature = 'a'; return { is: signature === env.KIND };"),
                handler(
                    "const event = request.headers.get('x-github-event'); const wanted = await request.text(); return { is: event === wanted };",
                ),
            ],
            &[
                handler(
                    "const given = request.headers.get('X-Slack-Signature'); const wanted = `v0=${await request.text()}`; if (given !== wanted) return {}; return {};",
                ),
                handler(
                    "const auth = request.headers.get('authorization') ?? ''; if (auth === `Bearer ${env.TOKEN}`) return {}; return {};",
                ),
                handler(
                    "const { headers } = request; const sent = headers.get('x-hub-signature-256').slice(7); return { ok: sent == request.url };",
                ),
            ],
        );
    }
}
