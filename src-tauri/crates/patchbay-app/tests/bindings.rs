//! The TypeScript in `ui/src/ipc/generated/` is what the wire types say.

use patchbay_app::wire::commands::map::CommandMap;
use patchbay_app::wire::events::AppEvent;
use std::any::TypeId;
use std::collections::HashSet;
use std::path::Path;
use ts_rs::{Config, TS, TypeVisitor};

const HEAD: &str = "// Written by the test `bindings_are_current` in patchbay-app. Do not edit.\n";

/// Declarations of every type that is reached, in the order in which they are reached.
struct Declarations {
    config: Config,
    seen: HashSet<TypeId>,
    texts: Vec<(String, String)>,
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
        if T::output_path().is_some() {
            let docs = T::docs().unwrap_or_default();
            self.texts.push((T::ident(&self.config), format!("{docs}export {}", T::decl(&self.config))));
        }
    }
}

#[test]
fn bindings_are_current() {
    let mut declarations = Declarations { config: Config::default(), seen: HashSet::new(), texts: Vec::new() };
    declarations.visit::<AppEvent>();
    declarations.visit::<CommandMap>();
    declarations.texts.sort();
    // `serde_json::Value` is reached under several Rust types that have one declaration.
    declarations.texts.dedup();
    // `serde_json` has two Rust types that are `JsonValue` in TypeScript.
    declarations.texts.dedup();
    let wanted: String = std::iter::once(HEAD.to_owned())
        .chain(declarations.texts.into_iter().map(|(_, text)| format!("\n{text}\n")))
        .collect();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/ipc/generated/bindings.ts");
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    if found != wanted {
        std::fs::write(&file, wanted).expect("the folder is writable");
        panic!("ui/src/ipc/generated/bindings.ts did not say what the wire types say; it was written anew, commit it");
    }
}
