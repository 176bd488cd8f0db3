use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::ast::ast::{ClassElement, MethodDefinitionKind, PropertyKey};
use oxc::ast::{AstKind, AstType};
use oxc::span::{GetSpan as _, Span};
use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

pub struct NoDupeClassMembers;

static DOCS: Docs = Docs {
    id: "no-dupe-class-members",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "Two members of a class with one name. Same as oxlint's `no-dupe-class-members`.",
    why: "The later one replaces the earlier one without a word.",
    good: "class Client {\n  get(id) { … }\n  getAll() { … }\n}",
};

impl Rule for NoDupeClassMembers {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::ClassBody) {
                let AstKind::ClassBody(body) = node.kind() else { continue };
                let mut known: HashMap<(Cow<'_, str>, bool), (Kind, Span)> = HashMap::new();
                for element in &body.body {
                    let Some(member) = member(element) else { continue };
                    let name = member.key.0.clone();
                    let earlier = match known.entry(member.key) {
                        Entry::Vacant(free) => {
                            free.insert((member.kind, member.place));
                            continue;
                        }
                        Entry::Occupied(mut taken) => {
                            let (kind, place) = *taken.get();
                            if kind != Kind::Any && member.kind != Kind::Any && kind != member.kind {
                                taken.insert((Kind::Both, member.place));
                                continue;
                            }
                            place
                        }
                    };
                    context
                        .report(file, member.place, format!("`{name}` replaces the member of the same name above"))
                        .and(earlier, "It is replaced")
                        .help("Give one of them another name");
                }
            }
        }
    }
}

/// What a member is: a getter and a setter go together, anything else stands alone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Get,
    Set,
    Both,
    Any,
}

struct Member<'a> {
    /// Its name, and whether it is static.
    key: (Cow<'a, str>, bool),
    kind: Kind,
    place: Span,
}

/// The member that an element declares, where its name is written out.
fn member<'a>(element: &ClassElement<'a>) -> Option<Member<'a>> {
    let (key, is_static, kind) = match element {
        // Overloads have no body, and the constructor is not a member.
        ClassElement::MethodDefinition(method) if method.value.body.is_some() => match method.kind {
            MethodDefinitionKind::Constructor => return None,
            MethodDefinitionKind::Get => (&method.key, method.r#static, Kind::Get),
            MethodDefinitionKind::Set => (&method.key, method.r#static, Kind::Set),
            MethodDefinitionKind::Method => (&method.key, method.r#static, Kind::Any),
        },
        ClassElement::PropertyDefinition(field) if !field.declare => (&field.key, field.r#static, Kind::Any),
        ClassElement::AccessorProperty(field) => (&field.key, field.r#static, Kind::Any),
        _ => return None,
    };
    // The parser reports private names that stand twice.
    if matches!(key, PropertyKey::PrivateIdentifier(_)) {
        return None;
    }
    Some(Member { key: (key.static_name()?, is_static), kind, place: key.span() })
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, test};

    #[test]
    fn cases() {
        test(
            &super::NoDupeClassMembers,
            &[
                case(
                    "class T { get a() { return 1; } set a(v) { this.b = v; } static a() {} } export default { fetch: () => new T() };",
                ),
                case(
                    "class T { go(a: string): void; go(a: number): void; go(a: unknown) { console.log(a); } } export default { fetch: () => new T() };",
                ),
                case(
                    "const name = 'a'; class T { [name]() {} a() {} #a = 1; b() { return this.#a; } } export default { fetch: () => new T() };",
                ),
            ],
            &[
                case("class T { go() {} go() {} } export default { fetch: () => new T() };"),
                case("class T { a = 1; 'a' = 2; } export default { fetch: () => new T() };"),
                case("class T { get a() { return 1; } a() {} } export default { fetch: () => new T() };"),
            ],
        );
    }
}
