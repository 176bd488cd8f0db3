use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::patterns::{describes, key_name};
use crate::project::File;
use crate::reachability::exits;
use oxc::allocator::Vec as ArenaVec;
use oxc::ast::ast::{Expression, MethodDefinitionKind, ObjectProperty, PropertyKind, Statement};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::NodeId;
use oxc::span::Span;

pub struct GetterReturn;

static DOCS: Docs = Docs {
    id: "getter-return",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "A getter that can end without a value. Same as oxlint's `getter-return`.",
    why: "Whoever reads the property gets `undefined` without a word.",
    good: "get total() {\n  return this.amount + this.tax;\n}",
};

impl Rule for GetterReturn {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            let methods = file.of_type(AstType::MethodDefinition).filter_map(|node| match node.kind() {
                AstKind::MethodDefinition(method) if method.kind == MethodDefinitionKind::Get => {
                    Some((method.value.span, &method.value.body.as_ref()?.statements))
                }
                _ => None,
            });
            let properties = file.of_type(AstType::ObjectProperty).filter_map(|node| match node.kind() {
                AstKind::ObjectProperty(property) => getter(file, node.id(), property),
                _ => None,
            });
            for (place, statements) in methods.chain(properties) {
                let exits = exits(statements);
                if exits.falls || exits.returns_nothing {
                    context
                        .report(file, place, "This getter can end without a value")
                        .help("Return a value on every way, or throw");
                }
            }
        }
    }
}

/// Place and code of the getter that a property is: `get name() {}`, or `get` of a property descriptor.
fn getter<'p, 'a>(
    file: &File<'a>,
    node: NodeId,
    property: &'p ObjectProperty<'a>,
) -> Option<(Span, &'p ArenaVec<'a, Statement<'a>>)> {
    let is_descriptor = || key_name(&property.key, property.computed) == Some("get") && describes(file, node);
    if property.kind != PropertyKind::Get && !is_descriptor() {
        return None;
    }
    match property.value.get_inner_expression() {
        Expression::FunctionExpression(function) => Some((function.span, &function.body.as_ref()?.statements)),
        Expression::ArrowFunctionExpression(function) => {
            Some((function.span, &function.body.as_function_body()?.statements))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, test};

    #[test]
    fn cases() {
        test(
            &super::GetterReturn,
            &[
                case("export default { fetch: () => ({ get a() { return 1; }, get() {} }) };"),
                case(
                    "class T { get a() { if (this.b) { return 1; } else { throw new Error('x'); } } } export default { fetch: () => new T() };",
                ),
                case(
                    "class T { get a() { switch (this.b) { case 1: return 1; default: return 2; } } } export default { fetch: () => new T() };",
                ),
                case("export abstract class T { abstract get a(): number; } export default { fetch: () => ({}) };"),
                case(
                    "const Object = { defineProperty: (...all) => all }; export default { fetch: () => Object.defineProperty({}, 'a', { get() {} }) };",
                ),
            ],
            &[
                case("export default { fetch: () => ({ get a() {} }) };"),
                case(
                    "class T { get a() { if (this.b) return 1; } static get c() { return; } } export default { fetch: () => new T() };",
                ),
                case(
                    "export default { fetch: () => Object.defineProperty({}, 'a', { get() { console.log('a'); } }) };",
                ),
            ],
        );
    }
}
