use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::handlers::DefaultExport;
use crate::patterns::key_name;
use oxc::ast::ast::{ClassElement, ObjectPropertyKind};

pub struct NoFetchHandler;

static DOCS: Docs = Docs {
    id: "no-fetch-handler",
    group: Group::Runtime,
    severity: Severity::Error,
    what: "A default export that has no `fetch`.",
    why: "Every webhook is a request, and requests go to `fetch`. Without it each of them is answered with an error.",
    good: "export default { async fetch(request, env) { return { ok: true }; } };",
};

impl Rule for NoFetchHandler {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        let Some(entry) = context.entry_file() else { return };
        let (export, message) = match context.handlers.export {
            DefaultExport::Unknown | DefaultExport::Missing => return,
            DefaultExport::Wrong { export, what } => {
                (export, format!("The default export is {what}; it must be an object or a class with `fetch`"))
            }
            DefaultExport::Object { object, export, .. } => {
                let may_have = object.properties.iter().any(|property| match property {
                    // What is spread in or computed is not known.
                    ObjectPropertyKind::SpreadProperty(_) => true,
                    ObjectPropertyKind::ObjectProperty(property) => {
                        key_name(&property.key, property.computed).is_none_or(|name| name == "fetch")
                    }
                });
                if may_have {
                    return;
                }
                (export, "The default export has no `fetch`, so no webhook can reach the adapter".to_owned())
            }
            DefaultExport::Class { file, class, export, .. } => {
                let has_fetch = class.body.body.iter().any(|element| match element {
                    ClassElement::MethodDefinition(method) => {
                        key_name(&method.key, method.computed).is_none_or(|name| name == "fetch")
                    }
                    ClassElement::PropertyDefinition(property) => {
                        key_name(&property.key, property.computed).is_none_or(|name| name == "fetch")
                    }
                    _ => false,
                });
                // A class of the project or of a package may bring `fetch` along; the runtime's own do not.
                let inherits = class.heritage_expression().is_some_and(|base| {
                    context.meaning(&context.files[file], base).is_none_or(|base| {
                        !matches!(base.root, crate::meaning::Root::Import { from: "cloudflare:workers", .. })
                    })
                });
                if has_fetch || inherits {
                    return;
                }
                (export, "The default class has no `fetch`, so no webhook can reach the adapter".to_owned())
            }
        };
        context.report(entry, export, message).help("Add `async fetch(request, env) { … }`");
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, test};

    #[test]
    fn cases() {
        test(
            &super::NoFetchHandler,
            &[
                case("export default { fetch: () => ({}) };"),
                case("export default { 'fetch': () => ({}) };"),
                case("const shared = { fetch: () => ({}) };\nexport default { ...shared };"),
                case("import { Hono } from 'hono';\nconst app = new Hono();\nexport default app;"),
                case("import { Base } from './base';\nexport default class extends Base {}")
                    .file("src/base.ts", "export class Base { fetch() { return {}; } }"),
                case(
                    "import { WorkerEntrypoint } from 'cloudflare:workers';\nexport default class extends WorkerEntrypoint { async fetch() { return {}; } }",
                ),
                case("class Adapter { fetch() { return {}; } }\nexport default new Adapter();"),
                case("const name = 'fetch';\nexport default { [name]: () => ({}) };"),
            ],
            &[
                case("export default { async scheduled() {} };"),
                case("export default async function (request) { return {}; }"),
                case("const handle = async (request) => ({});\nexport default handle;"),
                case(
                    "import { WorkerEntrypoint } from 'cloudflare:workers';\nexport default class extends WorkerEntrypoint { async add() { return 1; } }",
                ),
            ],
        );
    }
}
