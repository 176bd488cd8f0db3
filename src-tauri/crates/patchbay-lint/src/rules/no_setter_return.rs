use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::patterns::{describes, key_name};
use crate::project::File;
use oxc::ast::ast::{Expression, MethodDefinitionKind, ObjectProperty, PropertyKind};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::NodeId;
use oxc::span::GetSpan as _;

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
                    AstKind::ObjectProperty(property) => {
                        let holder = file.nodes().parent_id(function.id());
                        property.kind == PropertyKind::Set || is_described(file, holder, property)
                    }
                    _ => false,
                };
                if is_setter {
                    context
                        .report(file, leave.span, "A setter cannot give a value")
                        .help("Write `return;`, or make it a method");
                }
            }
            for node in file.of_type(AstType::ObjectProperty) {
                let AstKind::ObjectProperty(property) = node.kind() else { continue };
                let Expression::ArrowFunctionExpression(arrow) = property.value.get_inner_expression() else {
                    continue;
                };
                if let Some(value) = arrow.body.as_expression()
                    && is_described(file, node.id(), property)
                {
                    context
                        .report(file, value.span(), "A setter cannot give a value")
                        .help("Put braces around it: `(value) => { … }`");
                }
            }
        }
    }
}

/// Whether a property is the `set` of a property descriptor.
fn is_described(file: &File<'_>, node: NodeId, property: &ObjectProperty<'_>) -> bool {
    key_name(&property.key, property.computed) == Some("set") && describes(file, node)
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, test};

    #[test]
    fn cases() {
        test(
            &super::NoSetterReturn,
            &[
                case("export default { fetch: () => ({ set: (v) => v }) };"),
                case(
                    "export default { fetch: () => ({ set a(v) { if (!v) return; this.b = v; }, get a() { return 1; } }) };",
                ),
                case("class T { set a(v) { this.b = () => { return v; }; } } export default { fetch: () => new T() };"),
            ],
            &[
                case("export default { fetch: () => Object.defineProperty({}, 'a', { set: (v) => v }) };"),
                case("export default { fetch: () => ({ set a(v) { return v; } }) };"),
                case("class T { set a(v) { if (v) { return v; } } } export default { fetch: () => new T() };"),
            ],
        );
    }
}
