use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::ast::ast::{Argument, Expression};
use oxc::ast::{AstKind, AstType};
use oxc::span::GetSpan as _;

pub struct NoEval;

static DOCS: Docs = Docs {
    id: "no-eval",
    group: Group::Runtime,
    severity: Severity::Error,
    what: "Code made from text: `eval`, `new Function`, and timers that are given a text. Wider than oxlint's `no-eval`.",
    why: "The Workers runtime refuses to make code from text, so the adapter throws an EvalError on the first event.",
    good: "const amount = Number(event.amount);",
};

impl Rule for NoEval {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for kind in [AstType::CallExpression, AstType::NewExpression] {
                for node in file.of_type(kind) {
                    let (callee, arguments) = match node.kind() {
                        AstKind::CallExpression(call) => (&call.callee, &call.arguments),
                        AstKind::NewExpression(made) => (&made.callee, &made.arguments),
                        _ => continue,
                    };
                    let Some(meaning) = context.meaning(file, callee) else { continue };
                    let what = if meaning.is_global("eval") && kind == AstType::CallExpression {
                        "`eval`"
                    } else if meaning.is_global("Function") {
                        "`Function`"
                    } else if (meaning.is_global("setTimeout") || meaning.is_global("setInterval"))
                        && arguments.first().and_then(Argument::as_expression).is_some_and(is_text)
                    {
                        "A timer with a text"
                    } else {
                        continue;
                    };
                    context
                        .report(
                            file,
                            callee.span(),
                            format!("{what} makes code from text, which the Workers runtime refuses"),
                        )
                        .help("Write the code itself; to read data use JSON.parse or Number");
                }
            }
        }
    }
}

fn is_text(argument: &Expression<'_>) -> bool {
    matches!(argument.get_inner_expression(), Expression::StringLiteral(_) | Expression::TemplateLiteral(_))
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoEval,
            &[
                handler("const box = { eval: (x) => x }; return box.eval(1);"),
                case("function eval_(x) { return x; }\nexport default { fetch: () => ({ a: eval_('1') }) };"),
                handler("await new Promise((done) => setTimeout(done, 10)); return {};"),
                case("class Function {}\nexport default { fetch: () => ({ f: new Function('x') }) };"),
            ],
            &[
                handler("return { value: eval(await request.text()) };"),
                handler("const run = globalThis.eval; return { value: run('1') };"),
                handler("const f = new Function('return 1'); return { value: f() };"),
                handler("setTimeout('work()', 10); return {};"),
            ],
        );
    }
}
