use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::ast::ast::{MethodDefinitionKind, PropertyKind};
use oxc::ast::{AstKind, AstType};

pub struct NoSetterReturn;

static DOCS: Docs = Docs {
    id: "no-setter-return",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "A setter that returns a value. Same as oxlint's `no-setter-return`.",
    why: "Nobody gets the value: an assignment gives what was assigned.",
    good: "set total(value) {\n  this.#total = value;\n}",
};

impl Rule for NoSetterReturn {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::ReturnStatement) {
                let AstKind::ReturnStatement(leave) = node.kind() else { continue };
                let around = leave.argument.as_ref().and_then(|_| file.function_around(node.id()));
                let Some(function) = around else { continue };
                let is_setter = match file.nodes().parent_kind(function.id()) {
                    AstKind::MethodDefinition(method) => method.kind == MethodDefinitionKind::Set,
                    AstKind::ObjectProperty(property) => property.kind == PropertyKind::Set,
                    _ => false,
                };
                if is_setter {
                    context
                        .report(file, leave.span, "A setter cannot give a value")
                        .help("Write `return;`, or make it a method");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, test};

    #[test]
    fn cases() {
        test(
            &super::NoSetterReturn,
            &[
                case(
                    "export default { fetch: () => ({ set a(v) { if (!v) return; this.b = v; }, get a() { return 1; } }) };",
                ),
                case("class T { set a(v) { this.b = () => { return v; }; } } export default { fetch: () => new T() };"),
            ],
            &[
                case("export default { fetch: () => ({ set a(v) { return v; } }) };"),
                case("class T { set a(v) { if (v) { return v; } } } export default { fetch: () => new T() };"),
            ],
        );
    }
}
