use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::ast::ast::{ObjectPropertyKind, PropertyKind};
use oxc::ast::{AstKind, AstType};
use oxc::span::{GetSpan as _, Span};
use std::borrow::Cow;
use std::collections::HashMap;

pub struct NoDupeKeys;

static DOCS: Docs = Docs {
    id: "no-dupe-keys",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "An object literal with the same key twice. Same as oxlint's `no-dupe-keys`.",
    why: "Only the last value counts; the field or header that was meant to be sent is lost.",
    good: "{ 'content-type': 'application/json', accept: 'application/json' }",
};

impl Rule for NoDupeKeys {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::ObjectExpression) {
                let AstKind::ObjectExpression(object) = node.kind() else { continue };
                if object.properties.len() < 2 {
                    continue;
                }
                let mut known = Keys::for_at_most(object.properties.len());
                for property in object.properties.iter().filter_map(ObjectPropertyKind::as_property) {
                    let Some(name) = property.key.static_name() else { continue };
                    // `__proto__: value` sets the prototype and is no key.
                    if name == "__proto__" && !property.computed && !property.shorthand && !property.method {
                        continue;
                    }
                    let place = property.key.span();
                    let Some((kind, earlier)) = known.insert(name, property.kind, place) else { continue };
                    // A getter and a setter make one property.
                    if kind == PropertyKind::Init || property.kind == PropertyKind::Init || kind == property.kind {
                        let name = property.key.static_name().unwrap_or_default();
                        context
                            .report(file, place, format!("The key `{name}` stands twice, and this value wins"))
                            .and(earlier, "This value is lost")
                            .help("Remove one of them");
                    }
                }
            }
        }
    }
}

/// The keys that were met. Most objects have few, which are found fastest by looking at each.
enum Keys<'a> {
    Few(Vec<(Cow<'a, str>, PropertyKind, Span)>),
    Many(HashMap<Cow<'a, str>, (PropertyKind, Span)>),
}

/// Keys that count as few.
const FEW: usize = 16;

impl<'a> Keys<'a> {
    fn for_at_most(count: usize) -> Self {
        if count <= FEW { Self::Few(Vec::with_capacity(count)) } else { Self::Many(HashMap::with_capacity(count)) }
    }

    /// Remembers a key; gives what was known under it.
    fn insert(&mut self, name: Cow<'a, str>, kind: PropertyKind, place: Span) -> Option<(PropertyKind, Span)> {
        match self {
            Self::Few(keys) => {
                if let Some((_, known_kind, known_place)) = keys.iter_mut().find(|(known, ..)| *known == name) {
                    return Some((std::mem::replace(known_kind, kind), std::mem::replace(known_place, place)));
                }
                keys.push((name, kind, place));
                None
            }
            Self::Many(keys) => keys.insert(name, (kind, place)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoDupeKeys,
            &[
                handler("return { a: 1, b: 2, get c() { return 1; }, set c(v) { console.log(v); } };"),
                handler("const a = 'b'; return { [a]: 1, b: 2, [a]: 3 };"),
                handler("return { a: { a: 1 }, b: { a: 1 } };"),
                handler("return { __proto__: null, ['__proto__']: 1 };"),
                handler("const more = { a: 1 }; return { ...more, a: 2 };"),
            ],
            &[
                handler("return { 'content-type': 'a', accept: 'b', 'content-type': 'c' };"),
                handler("return { 1: 'a', '1': 'b' };"),
                handler("return { a() {}, ['a']: 1 };"),
            ],
        );
    }
}
