use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;

pub struct UnusedBinding;

static DOCS: Docs = Docs {
    id: "unused-binding",
    group: Group::Tenant,
    severity: Severity::Warning,
    what: "A binding that adapter.toml declares and no code reads.",
    why: "Whoever sets the adapter up is asked for a value that nothing needs, and a secret lies around for nothing.",
    good: "const token = env.NOTION_TOKEN;",
};

impl Rule for UnusedBinding {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        let (Some(manifest), Some(_)) = (context.manifest, context.handlers.fetch()) else { return };
        let environment = context.environment();
        if environment.escapes || !context.is_whole() {
            return;
        }
        for binding in &manifest.bindings {
            let name = binding.name.as_str();
            // A replay signs with the signing secret, whether the code reads it or not.
            let is_read = environment.uses.iter().any(|read| read.name == name);
            if !is_read && manifest.signing_secret.as_deref() != Some(name) {
                context
                    .report_manifest(format!("The binding `{name}` is declared, but no code reads `env.{name}`"))
                    .help("Remove it from [[bindings]], or read it");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{Case, case, handler, test};
    use serde_json::json;

    fn declared(case: Case) -> Case {
        case.manifest(&json!({
            "signing_secret": "SIGNING",
            "bindings": [{ "name": "TOKEN", "kind": "secret_text" }, { "name": "SIGNING", "kind": "secret_text" }],
        }))
    }

    #[test]
    fn cases() {
        test(
            &super::UnusedBinding,
            &[
                declared(handler("const { TOKEN } = env; return { ok: Boolean(TOKEN) };")),
                declared(handler("return someLibrary(env);")),
                declared(handler("const all = { ...env }; return { n: Object.keys(all).length };")),
                declared(handler("return { value: env[request.url] };")),
                declared(handler("const { ...rest } = env; return { n: rest };")),
                declared(case("import app from 'framework';\nexport default app;")),
                declared(case(
                    "import { send } from './send';\nexport default { fetch: (request, env) => send(env) };",
                ))
                .file("src/send.ts", "export const send = (e) => ({ t: e.TOKEN });"),
                handler("return {};"),
            ],
            &[
                declared(handler("return { ok: true };")),
                declared(case(
                    "import { send } from './send';\nexport default { fetch: (request, env) => send(env) };",
                ))
                .file("src/send.ts", "export const send = (e) => ({ t: e.OTHER });"),
            ],
        );
    }
}
