use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::project::File;
use oxc::ast::ast::Expression;
use oxc::ast::{AstKind, AstType};

pub struct NoObjCalls;

static DOCS: Docs = Docs {
    id: "no-obj-calls",
    group: Group::Correctness,
    severity: Severity::Error,
    what: "A call of `Math`, `JSON`, `Reflect`, `Atomics` or `Intl`. Same as oxlint's `no-obj-calls`.",
    why: "They are objects that hold functions: calling one throws a TypeError.",
    good: "const event = JSON.parse(text);",
};

impl Rule for NoObjCalls {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            let has_alias = has_alias(file);
            let calls = file.of_type(AstType::CallExpression).chain(file.of_type(AstType::NewExpression));
            for node in calls {
                let (span, callee) = match node.kind() {
                    AstKind::CallExpression(call) => (call.span, &call.callee),
                    AstKind::NewExpression(made) => (made.span, &made.callee),
                    _ => continue,
                };
                let name = match callee.get_inner_expression() {
                    Expression::Identifier(name) => name.name.as_str(),
                    Expression::StaticMemberExpression(member) => member.property.name.as_str(),
                    _ => continue,
                };
                if !OBJECTS.contains(&name) && !has_alias {
                    continue;
                }
                let Some(meaning) = context.meaning(file, callee) else { continue };
                if let Some(name) = OBJECTS.iter().find(|name| meaning.is_global(name)) {
                    context
                        .report(file, span, format!("`{name}` is an object and cannot be called"))
                        .help(format!("Call one of its functions, as in `{}`", example(name)));
                }
            }
        }
    }
}

/// Objects that hold functions and are none.
const OBJECTS: &[&str] = &["Math", "JSON", "Reflect", "Atomics", "Intl"];

/// Whether one of the objects is given another name, as in `const math = Math`. Where none is, callees of other names
/// need not be looked up.
fn has_alias(file: &File<'_>) -> bool {
    let unresolved = file.scoping().root_unresolved_references();
    let of_objects = unresolved.iter().filter(|(name, _)| OBJECTS.contains(&name.as_str()));
    of_objects.flat_map(|(_, references)| references).any(|reference| {
        let node = file.scoping().get_reference(*reference).node_id();
        matches!(file.nodes().parent_kind(node), AstKind::VariableDeclarator(_))
    })
}

/// What people mean when they call the object.
fn example(object: &str) -> &'static str {
    match object {
        "Math" => "Math.round(…)",
        "JSON" => "JSON.parse(…)",
        "Reflect" => "Reflect.get(…)",
        "Atomics" => "Atomics.load(…)",
        _ => "new Intl.NumberFormat(…)",
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoObjCalls,
            &[
                handler(
                    "return { a: Math.max(1, 2), b: JSON.stringify({}), c: new Intl.NumberFormat('en').format(1) };",
                ),
                case("const Math = () => 1; export default { fetch: () => ({ a: Math() }) };"),
                case("export default { fetch: (JSON) => JSON() };"),
                case("import { JSON } from './json'; export default { fetch: () => JSON() };"),
            ],
            &[
                handler("return { a: Math() };"),
                handler("return JSON(await request.text());"),
                handler("const math = Math; return { a: math() };"),
                handler("return { a: new Intl(), b: globalThis.Reflect() };"),
            ],
        );
    }
}
