use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::secrets::{Shown, report_secret};
use oxc::ast::ast::Argument;
use oxc::ast::{AstKind, AstType};

pub struct SecretInLog;

static DOCS: Docs = Docs {
    id: "secret-in-log",
    group: Group::Tenant,
    severity: Severity::Error,
    what: "A secret binding, or `env` as a whole, that is written to the console or put into an error that is thrown.",
    why: "Logs are kept, forwarded and read by people who must not have the secret. An error that nobody catches is written to the log with its message.",
    good: "console.log('NOTION_TOKEN is', env.NOTION_TOKEN ? 'set' : 'missing');",
};

/// What the console writes its arguments with.
const WRITERS: &[&str] = &[
    "assert",
    "debug",
    "dir",
    "dirxml",
    "error",
    "group",
    "groupCollapsed",
    "info",
    "log",
    "table",
    "timeLog",
    "trace",
    "warn",
];

impl Rule for SecretInLog {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        if context.secret_bindings().next().is_none() {
            return;
        }
        for file in context.checked_files() {
            for node in file.of_type(AstType::CallExpression) {
                let AstKind::CallExpression(call) = node.kind() else { continue };
                let writes = context.meaning(file, &call.callee).is_some_and(|meaning| {
                    meaning.begins_with_global("console")
                        && matches!(meaning.members[..], [writer] if WRITERS.contains(&writer))
                });
                for argument in call.arguments.iter().filter(|_| writes) {
                    let value = match argument {
                        Argument::SpreadElement(spread) => Some(&spread.argument),
                        argument => argument.as_expression(),
                    };
                    let Some(value) = value else { continue };
                    report_secret(context, file, value, Shown::Whole, IN_LOG);
                }
            }
            for node in file.of_type(AstType::ThrowStatement) {
                let AstKind::ThrowStatement(thrown) = node.kind() else { continue };
                report_secret(context, file, &thrown.argument, Shown::Whole, IN_ERROR);
            }
        }
    }
}

const IN_LOG: (&str, &str) = ("is written to the log", "Log whether it is set, never what it is");
const IN_ERROR: (&str, &str) =
    ("is in an error that is thrown, and so comes into the log", "Name the binding in the message, not its value");

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
                // As text, an object is only `[object Object]`; as JSON, headers and errors are `{}`.
                declared(handler("console.log(`${env}`, 'env: ' + env, String(env)); return {};")),
                declared(handler(
                    "const headers = new Headers({ authorization: env.TOKEN }); console.log(JSON.stringify(headers)); return {};",
                )),
                // A replacer may take the secret out, and an object may be changed before it is shown.
                declared(handler(
                    "console.log(JSON.stringify(env, (key, value) => (key === 'TOKEN' ? '***' : value))); return {};",
                )),
                declared(handler(
                    "const shown = { token: env.TOKEN }; shown.token = '***'; console.log(shown.token); return {};",
                )),
                declared(handler("const both = { token: env.TOKEN, id: 1 }; console.log(both.id); return {};")),
                declared(handler("console.log(Object.keys(env), env.TOKEN && 'set', env.TOKEN === 'x'); return {};")),
                declared(case(
                    "const pick = (env, name) => (name === 'a' ? env.TOKEN : env.CHANNEL);\nexport default { fetch(request, env) { console.log(pick(env, 'b')); return {}; } };",
                )),
                declared(handler("if (!env.TOKEN) throw new Error('TOKEN is not set'); return {};")),
                declared(handler(
                    "try { await fetch('https://a.example', { headers: { a: env.TOKEN } }); } catch (error) { console.error(error.message); } return {};",
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
                declared(handler(
                    "const headers = new Headers({ authorization: `Bearer ${env.TOKEN}` }); console.debug('sending', headers); console.table(Object.fromEntries(headers)); return {};",
                )),
                declared(handler("throw new Error(`Notion refused the token ${env.TOKEN}`);")),
                declared(handler(
                    "const config = { channel: env.CHANNEL, token: env.TOKEN }; console.group(config.token); console.assert(false, ...Object.values(env)); return {};",
                )),
                declared(
                    case(
                        "import { write } from './log';\nexport default { fetch(request, env) { write('start', env.CHANNEL); write('token', env.TOKEN ?? ''); return {}; } };",
                    )
                    .file("src/log.ts", "export function write(what: string, value: string) { console.info(`${what}: ${value}`); }"),
                ),
                declared(
                    case(
                        "import { bearer } from './auth';\nexport default { fetch(request, env) { console.log(bearer(env)); return {}; } };",
                    )
                    .file("src/auth.ts", "export const bearer = (env) => ({ authorization: 'Bearer ' + env.TOKEN });"),
                ),
            ],
        );
    }
}
