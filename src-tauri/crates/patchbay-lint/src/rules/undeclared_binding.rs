use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;

pub struct UndeclaredBinding;

static DOCS: Docs = Docs {
    id: "undeclared-binding",
    group: Group::Tenant,
    severity: Severity::Error,
    what: "`env.NAME` where adapter.toml declares no binding `NAME`.",
    why: "Only declared bindings are published, so the value is `undefined` at run time.",
    good: "[[bindings]]\nname = \"NOTION_TOKEN\"\nkind = \"secret_text\"",
};

/// Made from `[mapping]` of the manifest, without a declaration.
const MAPPING: &str = "MAPPING";

impl Rule for UndeclaredBinding {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        let Some(manifest) = context.manifest else { return };
        for read in &context.environment().uses {
            let is_declared = manifest.bindings.iter().any(|binding| binding.name.as_str() == read.name);
            if is_declared || read.name == MAPPING {
                continue;
            }
            let near = manifest
                .bindings
                .iter()
                .map(|binding| binding.name.as_str())
                .find(|declared| is_near(declared, read.name));
            let report = context.report(
                &context.files[read.file],
                read.span,
                format!("`{}` is not declared in adapter.toml, so it is undefined at run time", read.name),
            );
            match near {
                Some(declared) => {
                    // The variable keeps its name, so that the rest of the code stays right.
                    let text = if read.is_shorthand { format!("{declared}: {}", read.name) } else { declared.to_owned() };
                    report
                        .help(format!("Did you mean `{declared}`?"))
                        .fix(&format!("Replace it by `{declared}`"), false, read.span, text)
                }
                None => report.help(format!(
                    "Declare it in adapter.toml: [[bindings]] with name = \"{}\" and kind = \"secret_text\" or \"plain_text\"",
                    read.name
                )),
            };
        }
    }
}

/// Whether one name is the other one mistyped: one letter more, less or different, or another case.
fn is_near(one: &str, other: &str) -> bool {
    if one.eq_ignore_ascii_case(other) {
        return true;
    }
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let start = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[start..], &other[start..]);
    let end = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    start + end >= 4 && one.len() - end <= 1 && other.len() - end <= 1
}

#[cfg(test)]
mod tests {
    use crate::tester::{Case, case, handler, test};
    use serde_json::json;

    fn declared(case: Case) -> Case {
        case.manifest(&json!({ "bindings": [{ "name": "NOTION_TOKEN", "kind": "secret_text" }] }))
    }

    #[test]
    fn cases() {
        test(
            &super::UndeclaredBinding,
            &[
                declared(handler("return { token: env.NOTION_TOKEN, mapping: env.MAPPING };")),
                handler("return { token: env.ANYTHING };"),
                declared(handler("const local = { OTHER: 1 }; return { x: local.OTHER };")),
                declared(case(
                    "function f(env) { return env.OTHER; }\nexport default { fetch: () => ({ x: f({ OTHER: 1 }) }) };",
                )),
                declared(case(
                    "export default { fetch(request, _env) { const env = { OTHER: 1 }; return { x: env.OTHER }; } };",
                )),
            ],
            &[
                declared(handler("return { token: env.NOTION_TOKN };")),
                declared(handler("const { NOTION_TOKN } = env; return { t: NOTION_TOKN, u: env['Notion_Token'] };")),
                declared(handler("const { SLACK_TOKEN: token } = env; return { token };")),
                declared(case("export default { async fetch(request, { SLACK_TOKEN }) { return { SLACK_TOKEN }; } };")),
                declared(case(
                    "const handle = async (request, bindings) => ({ t: bindings['OTHER'] });\nexport default { fetch: handle };",
                )),
                declared(case(
                    "import { send } from './send';\nexport default { fetch: (request, env) => send(1, env) };",
                ))
                .file(
                    "src/send.ts",
                    "export async function send(n: number, e: Env) { const all = e; return { a: all.OTHER }; }",
                ),
                declared(case(
                    "import { WorkerEntrypoint } from 'cloudflare:workers';\nexport default class extends WorkerEntrypoint { fetch() { return { a: this.env.OTHER }; } }",
                )),
                declared(case(
                    "import { env } from 'cloudflare:workers';\nexport default { fetch: () => ({ a: env.OTHER }) };",
                )),
            ],
        );
    }
}
