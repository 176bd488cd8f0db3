use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::meaning::Definition;
use crate::patterns::method_call;
use crate::project::File;
use oxc::ast::ast::{Argument, Expression, ObjectPropertyKind};
use oxc::ast::{AstKind, AstType};
use oxc::span::{GetSpan as _, Span};
use patchbay_core::BindingKind;

pub struct SecretInLog;

static DOCS: Docs = Docs {
    id: "secret-in-log",
    group: Group::Tenant,
    severity: Severity::Error,
    what: "A secret binding, or `env` as a whole, that is written to the console.",
    why: "Logs are kept, forwarded and read by people who must not have the secret.",
    good: "console.log('NOTION_TOKEN is', env.NOTION_TOKEN ? 'set' : 'missing');",
};

impl Rule for SecretInLog {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::CallExpression) {
                let AstKind::CallExpression(call) = node.kind() else { continue };
                let writes = context.meaning(file, &call.callee).is_some_and(|meaning| {
                    meaning.begins_with_global("console")
                        && matches!(
                            meaning.members[..],
                            ["log" | "info" | "warn" | "error" | "debug" | "trace" | "dir" | "table"]
                        )
                });
                if !writes {
                    continue;
                }
                for argument in call.arguments.iter().filter_map(Argument::as_expression) {
                    let Some((span, what)) = secret_in(context, file, argument, 8) else { continue };
                    // The place may be in a file where the value was made; what is wrong is that it is logged here.
                    let span = if argument.span().contains_inclusive(span) { span } else { argument.span() };
                    context
                        .report(file, span, format!("{what} is written to the log"))
                        .help("Log whether it is set, never what it is");
                }
            }
        }
    }
}

/// The secret that a value shows, and where it stands.
fn secret_in<'a>(
    context: &Context<'_, 'a>,
    file: &File<'a>,
    value: &'a Expression<'a>,
    steps: usize,
) -> Option<(Span, String)> {
    let steps = steps.checked_sub(1)?;
    if let Some(meaning) = context.meaning(file, value) {
        let secrets = || {
            let bindings = context.manifest.map_or(&[][..], |manifest| &manifest.bindings);
            bindings.iter().filter(|binding| binding.kind == BindingKind::SecretText)
        };
        if meaning.is_environment() && secrets().next().is_some() {
            return Some((value.span(), "`env`, with every secret in it,".into()));
        }
        if let Some(name) = meaning.binding() {
            return secrets()
                .any(|binding| binding.name.as_str() == name)
                .then(|| (value.span(), format!("The secret `{name}`")));
        }
    }
    match value.get_inner_expression() {
        Expression::TemplateLiteral(template) => {
            template.expressions.iter().find_map(|part| secret_in(context, file, part, steps))
        }
        Expression::BinaryExpression(sum) if sum.operator.is_arithmetic() => {
            secret_in(context, file, &sum.left, steps).or_else(|| secret_in(context, file, &sum.right, steps))
        }
        Expression::LogicalExpression(logical) => {
            secret_in(context, file, &logical.left, steps).or_else(|| secret_in(context, file, &logical.right, steps))
        }
        Expression::ObjectExpression(object) => object.properties.iter().find_map(|property| match property {
            ObjectPropertyKind::ObjectProperty(property) => secret_in(context, file, &property.value, steps),
            ObjectPropertyKind::SpreadProperty(spread) => secret_in(context, file, &spread.argument, steps),
        }),
        Expression::CallExpression(call) => {
            let callee = context.meaning(file, &call.callee)?;
            let shows = callee.is_global("JSON.stringify") || callee.is_global("String");
            let first = call.arguments.first().and_then(Argument::as_expression);
            if shows {
                return secret_in(context, file, first?, steps);
            }
            // `env.TOKEN.trim()` still is the token; a part of it or its length is not.
            let (object, method) = method_call(call)?;
            matches!(method, "trim" | "toString" | "toLowerCase" | "toUpperCase")
                .then(|| secret_in(context, file, object, steps))
                .flatten()
        }
        Expression::Identifier(_) => match context.definition(file, value)? {
            (defined_in, Definition::Expression(made)) if !matches!(made, Expression::Identifier(_)) => {
                secret_in(context, &context.files[defined_in], made, steps)
            }
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{Case, case, handler, test};
    use serde_json::json;

    fn declared(case: Case) -> Case {
        case.manifest(&json!({
            "bindings": [{ "name": "TOKEN", "kind": "secret_text" }, { "name": "CHANNEL", "kind": "plain_text" }],
        }))
    }

    #[test]
    fn cases() {
        test(
            &super::SecretInLog,
            &[
                declared(handler(
                    "console.log(env.CHANNEL, env.TOKEN ? 'set' : 'missing', env.TOKEN.length); return {};",
                )),
                declared(handler("console.log('TOKEN'); return {};")),
                declared(handler("const console = { log() {} }; console.log(env.TOKEN); return {};")),
                handler("console.log(env.TOKEN); return {};"),
                declared(handler(
                    "console.log(await fetch('https://a.example', { headers: { a: env.TOKEN } })); return {};",
                )),
            ],
            &[
                declared(handler("console.log('token', env.TOKEN); return {};")),
                declared(handler(
                    "const { TOKEN: t } = env; const header = `Bearer ${t}`; console.error(header); return {};",
                )),
                declared(handler("console.log(JSON.stringify({ env })); return {};")),
                declared(case(
                    "const { log } = console;\nconst write = (e) => log(e.TOKEN.trim());\nexport default { fetch(request, env) { write(env); return {}; } };",
                )),
            ],
        );
    }
}
