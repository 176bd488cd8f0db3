use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::patterns::as_call;
use crate::project::File;
use oxc::ast::ast::{Argument, AssignmentOperator, AssignmentTarget, BinaryOperator, BindingPattern, Expression};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::{NodeId, SymbolId};
use oxc::span::{GetSpan as _, Span};

pub struct MoneyAsFloat;

static DOCS: Docs = Docs {
    id: "money-as-float",
    group: Group::Webhook,
    severity: Severity::Warning,
    what: "An amount of money that is made a floating point number and then calculated with: multiplied by 100 or added up without `Math.round`, cut off with `Math.floor`, or divided by 100 into a text without `toFixed`.",
    why: "`parseFloat('19.99') * 100` is 1998.9999999999998, and 1990 / 100 is written `19.9`. Upstreams refuse such amounts, or book a cent too little.",
    good: "const cents = Math.round(Number.parseFloat(order.amount) * 100);\nconst text = (order.amount / 100).toFixed(2);",
};

/// How an amount becomes a number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Conversion {
    /// `parseFloat`.
    Float,
    /// `Number` or `+`, which also read whole numbers of cents.
    Number,
    /// `parseInt`, which drops what is behind the point.
    Integer,
}

/// What becomes of a calculated amount.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// It is rounded, or goes where that may happen.
    Safe,
    /// It is only compared.
    Neutral,
    /// It is used as it is.
    Raw,
    /// What is behind the point is cut off.
    Cut,
}

impl Rule for MoneyAsFloat {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::BinaryExpression) {
                let AstKind::BinaryExpression(binary) = node.kind() else { continue };
                match binary.operator {
                    BinaryOperator::Multiplication => {
                        let sides = [(&binary.left, &binary.right), (&binary.right, &binary.left)];
                        let found = sides.into_iter().find_map(|(amount, factor)| {
                            let conversion = converted(context, file, amount)?;
                            is_hundred(factor).then_some(conversion)
                        });
                        match found {
                            Some(Conversion::Integer) => report_integer(context, file, binary.span),
                            Some(_) => report_product(context, file, binary.span, use_of(context, file, node.id(), 6)),
                            None => {}
                        }
                    }
                    BinaryOperator::Addition | BinaryOperator::Subtraction => {
                        let is_amount = |side| converted(context, file, side) == Some(Conversion::Float);
                        if (is_amount(&binary.left) || is_amount(&binary.right))
                            && use_of(context, file, node.id(), 6) == Use::Raw
                        {
                            report_sum(context, file, binary.span);
                        }
                    }
                    BinaryOperator::Division if is_hundred(&binary.right) => {
                        let is_text = matches!(file.parent(node.id()), AstKind::TemplateLiteral(_));
                        if is_text && is_money(file, &binary.left) {
                            report_text(context, file, binary.span);
                        }
                    }
                    _ => {}
                }
            }
            for node in file.of_type(AstType::AssignmentExpression) {
                let AstKind::AssignmentExpression(sum) = node.kind() else { continue };
                let AssignmentTarget::AssignmentTargetIdentifier(target) = &sum.left else { continue };
                let is_sum = matches!(sum.operator, AssignmentOperator::Addition | AssignmentOperator::Subtraction);
                if !is_sum || converted(context, file, &sum.right) != Some(Conversion::Float) {
                    continue;
                }
                let symbol = target.reference_id.get().and_then(|id| file.scoping().get_reference(id).symbol_id());
                if symbol.is_some_and(|symbol| use_of_symbol(context, file, symbol, 6) == Use::Raw) {
                    report_sum(context, file, sum.span);
                }
            }
        }
    }
}

fn report_product(context: &Context<'_, '_>, file: &File<'_>, span: Span, used: Use) {
    let message = match used {
        Use::Raw => "An amount times 100 is not always whole: 19.99 becomes 1998.9999999999998",
        Use::Cut => "An amount times 100 is cut off instead of rounded: 19.99 becomes 1998",
        Use::Safe | Use::Neutral => return,
    };
    context
        .report(&context.files[file.id], span, message)
        .help("Write `Math.round(… * 100)`, and remember that currencies such as JPY have no hundredths");
}

fn report_integer(context: &Context<'_, '_>, file: &File<'_>, span: Span) {
    context
        .report(&context.files[file.id], span, "`parseInt` drops the cents before they are counted: 19.99 becomes 1900")
        .help("Write `Math.round(Number.parseFloat(…) * 100)`");
}

fn report_sum(context: &Context<'_, '_>, file: &File<'_>, span: Span) {
    context
        .report(
            &context.files[file.id],
            span,
            "Amounts are added up as floating point numbers: 0.1 + 0.2 is 0.30000000000000004",
        )
        .help("Make each a whole number of cents with `Math.round(… * 100)`, add those, and divide at the end");
}

fn report_text(context: &Context<'_, '_>, file: &File<'_>, span: Span) {
    context
        .report(
            &context.files[file.id],
            span,
            "An amount divided by 100 loses its last zeros as text: 1990 is written `19.9`",
        )
        .help("Write `(… / 100).toFixed(2)`, or format it with `Intl.NumberFormat` and the currency");
}

/// How an expression makes an amount of money a number, if it does.
fn converted<'a>(context: &Context<'_, 'a>, file: &File<'a>, value: &'a Expression<'a>) -> Option<Conversion> {
    let [origin] = context.origins(file.id, value)[..] else { return None };
    let within = &context.files[origin.file];
    let (conversion, amount) = match origin.expression {
        Expression::UnaryExpression(plus) if plus.operator == oxc::ast::ast::UnaryOperator::UnaryPlus => {
            (Conversion::Number, &plus.argument)
        }
        other => {
            let call = as_call(other)?;
            let callee = context.meaning(within, &call.callee)?;
            let is = |name: &str| callee.is_global(name);
            let conversion = if is("parseFloat") || is("Number.parseFloat") {
                Conversion::Float
            } else if is("parseInt") || is("Number.parseInt") {
                Conversion::Integer
            } else if is("Number") {
                Conversion::Number
            } else {
                return None;
            };
            (conversion, call.arguments.first().and_then(Argument::as_expression)?)
        }
    };
    is_money(within, amount).then_some(conversion)
}

/// Whether a value is a field that holds an amount of money: `order.total_price`, `capture.amount.value`.
fn is_money<'a>(file: &File<'a>, value: &Expression<'a>) -> bool {
    match file.field_read(value) {
        Some("value") => match value.get_inner_expression() {
            Expression::StaticMemberExpression(member) => file.field_read(&member.object).is_some_and(names_money),
            _ => false,
        },
        Some(name) => names_money(name),
        None => false,
    }
}

/// Names of fields under which senders give amounts: `amount`, `unit_amount`, `amount_due`, `total_price`, `subtotal`.
fn names_money(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "subtotal" || name.starts_with("amount_") || name.ends_with("amount") || name.ends_with("price")
}

fn is_hundred(factor: &Expression<'_>) -> bool {
    matches!(factor.get_inner_expression(), Expression::NumericLiteral(number) if number.value.to_bits() == 100_f64.to_bits())
}

/// What becomes of a value.
fn use_of<'a>(context: &Context<'_, 'a>, file: &File<'a>, node: NodeId, steps: usize) -> Use {
    let (Some(steps), Some(())) = (steps.checked_sub(1), context.take_step()) else { return Use::Safe };
    let mut at = node;
    loop {
        let span = file.nodes().kind(at).span();
        let parent = file.nodes().parent_id(at);
        match file.nodes().kind(parent) {
            AstKind::BinaryExpression(outer) => match outer.operator {
                BinaryOperator::Addition
                | BinaryOperator::Subtraction
                | BinaryOperator::Multiplication
                | BinaryOperator::Division => {}
                operator if operator.is_bitwise() => return Use::Cut,
                _ => return Use::Neutral,
            },
            AstKind::CallExpression(call) if !call.callee.span().contains_inclusive(span) => {
                let Some(callee) = context.meaning(file, &call.callee) else { return Use::Safe };
                let is_one = |names: &[&str]| names.iter().any(|name| callee.is_global(name));
                if is_one(&["Math.floor", "Math.trunc", "Math.ceil", "parseInt", "Number.parseInt"]) {
                    return Use::Cut;
                }
                if is_one(&["Math.abs", "Number"]) {
                    at = parent;
                    continue;
                }
                return if is_one(&["String", "JSON.stringify"]) { Use::Raw } else { Use::Safe };
            }
            AstKind::ObjectProperty(_) | AstKind::TemplateLiteral(_) | AstKind::ArrayExpression(_) => return Use::Raw,
            AstKind::VariableDeclarator(declarator) => {
                let BindingPattern::BindingIdentifier(name) = &declarator.id else { return Use::Safe };
                let Some(symbol) = name.symbol_id.get() else { return Use::Safe };
                return use_of_symbol(context, file, symbol, steps);
            }
            // What the callback of `reduce` gives is what `reduce` gives.
            AstKind::ReturnStatement(_) | AstKind::ArrowFunctionExpression(_) => match reduced(file, at) {
                Some(reduce) => {
                    at = reduce;
                    continue;
                }
                None => return Use::Safe,
            },
            AstKind::ParenthesizedExpression(_)
            | AstKind::TSAsExpression(_)
            | AstKind::TSSatisfiesExpression(_)
            | AstKind::TSNonNullExpression(_)
            | AstKind::UnaryExpression(_)
            | AstKind::ConditionalExpression(_)
            | AstKind::LogicalExpression(_) => {}
            _ => return Use::Safe,
        }
        at = parent;
    }
}

/// What becomes of a value under a name: one safe use makes all of them safe, for there its author thought of it.
fn use_of_symbol<'a>(context: &Context<'_, 'a>, file: &File<'a>, symbol: SymbolId, steps: usize) -> Use {
    let mut worst = Use::Neutral;
    for reference in file.scoping().get_resolved_references(symbol) {
        let is_read = reference.is_read()
            && !matches!(
                file.parent(reference.node_id()),
                AstKind::AssignmentExpression(_) | AstKind::UpdateExpression(_)
            );
        if !is_read {
            continue;
        }
        match use_of(context, file, reference.node_id(), steps) {
            Use::Safe => return Use::Safe,
            Use::Neutral => {}
            used => worst = used,
        }
    }
    worst
}

/// The call of `reduce` whose callback gives a value.
fn reduced(file: &File<'_>, value: NodeId) -> Option<NodeId> {
    let function = file.function_around(value)?.id();
    let AstKind::CallExpression(call) = file.parent(function) else { return None };
    let method = call.callee.get_member_expr()?.static_property_name()?;
    (method == "reduce").then(|| call.node_id.get())
}

#[cfg(test)]
mod tests {
    use crate::tester::{Case, case, handler, test};

    /// A handler with an order, and what it does with that.
    fn order(body: &str) -> Case {
        handler(&format!("const order = await request.json(); {body}"))
    }

    #[test]
    fn cases() {
        test(
            &super::MoneyAsFloat,
            &[
                order("return { cents: Math.round(parseFloat(order.amount) * 100) };"),
                order("const cents = Number(order.total_price) * 100; return { cents: Math.round(cents) };"),
                order("const total = parseFloat(order.amount) + parseFloat(order.tax_amount); return { total: total.toFixed(2) };"),
                order("return { total: (parseFloat(order.amount) + 1).toFixed(2) };"),
                order("let total = 0; for (const item of order.items) total += parseFloat(item.price); return { total: Math.round(total * 100) };"),
                order("return { total: order.items.reduce((sum, item) => sum + Math.round(parseFloat(item.price) * 100), 0) };"),
                order("return { total: Math.round(order.items.reduce((sum, item) => sum + parseFloat(item.price), 0)) };"),
                order("if (parseFloat(order.amount) * 100 > 5000) return {}; return { amount: parseFloat(order.amount) };"),
                // Whole numbers of cents.
                order("return { total: Number(order.amount) + Number(order.tax_amount), half: order.amount / 2 };"),
                order("return { text: `${(order.amount / 100).toFixed(2)} EUR`, number: order.amount / 100 };"),
                // Not money.
                order("return { percent: parseFloat(order.ratio) * 100, width: parseFloat(order.value) * 100, text: `${order.count / 100}` };"),
                // Who is handed it may round it.
                order("return toCents(parseFloat(order.amount) * 100); function toCents(value) { return { cents: Math.round(value) }; }"),
                order("const parseFloat = (text) => ({ text }); return { cents: parseFloat(order.amount) * 100 };"),
                case("import { cents } from './money';\nexport default { async fetch(request) { const order = await request.json(); return { cents: cents(order.amount) }; } };")
                    .file("src/money.ts", "export const cents = (text) => BigInt(text.replace('.', ''));"),
            ],
            &[
                order("return { cents: parseFloat(order.amount) * 100 };"),
                order("const { total_price: price } = order; const value = Number(price); const cents = 100 * value; return fetch('https://a.example/', { method: 'POST', body: JSON.stringify({ cents }) });"),
                order("return { cents: Math.floor(Number.parseFloat(order.resource.amount.value) * 100) };"),
                order("return { cents: parseInt(order.amount, 10) * 100 };"),
                order("let total = 0; for (const item of order.items) { total += parseFloat(item.price); } return { total };"),
                order("const toNumber = parseFloat; return { total: order.items.reduce((sum, item) => sum + toNumber(item.unit_price), 0) };"),
                order("return { text: `Paid: ${order.amount_paid / 100} EUR` };"),
                case("import { cents } from './money';\nexport default { async fetch(request) { const order = await request.json(); return { cents: cents(order) }; } };")
                    .file("src/money.ts", "export const cents = (order) => { const value = +order.amount; return { value: value * 100 }; };"),
            ],
        );
    }
}
