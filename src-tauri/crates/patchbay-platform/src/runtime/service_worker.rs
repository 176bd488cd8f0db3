//! Scripts in service-worker syntax: `addEventListener("fetch", …)`, variables and secrets as globals.
//!
//! The runtime's loader takes modules only. A `CommonJS` module has what such a script expects: sloppy mode, and
//! `this` is the global object. The runtime sends an event to the listeners of the global scope when the main module
//! has no default export, so the script gets the runtime's own `FetchEvent`. What is left is a main module that puts the
//! bindings into the global scope and then runs the script.

use patchbay_cloudflare::wire::binding::Binding;
use patchbay_core::{Module, ModuleKind};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// The generated main module.
pub(crate) const MAIN: &str = "__patchbay_service_worker.js";
const GLOBALS: &str = "__patchbay_globals.js";

/// Whether an entry is a script and no module. An upload with `main_module` makes its entry an ES module.
pub(crate) fn is_service_worker(entry: &str, modules: &[Module]) -> bool {
    modules.iter().any(|module| module.name == entry && module.kind == ModuleKind::CommonJs)
}

/// Types of bindings whose value is a part of the upload. Only service workers have them; modules import the part.
pub(crate) fn is_blob(kind: &str) -> bool {
    matches!(kind, "wasm_module" | "text_blob" | "data_blob")
}

/// Adds the generated modules to those of the script.
pub(crate) fn add_modules(modules: &mut Map<String, Value>, entry: &str, bindings: &[Binding]) {
    let mut globals = String::from("import { env } from \"cloudflare:workers\";\n");
    let mut blobs = String::new();
    let parts = bindings.iter().filter(|binding| is_blob(&binding.kind));
    for (number, binding) in parts.enumerate() {
        let part = json!(format!("./{}", binding.text_field("part").unwrap_or_default()));
        let _ = writeln!(globals, "import blob{number} from {part};");
        let _ = write!(blobs, ", {{ {}: blob{number} }}", json!(binding.name));
    }
    let _ = writeln!(globals, "Object.assign(globalThis, env{blobs});");
    let main = format!("import \"./{GLOBALS}\";\nimport {};\n", json!(format!("./{entry}")));
    modules.insert(GLOBALS.into(), json!({ "js": globals }));
    modules.insert(MAIN.into(), json!({ "js": main }));
}

#[cfg(test)]
mod tests {
    use super::{MAIN, add_modules};
    use patchbay_cloudflare::wire::binding::Binding;
    use serde_json::{Map, json};

    #[test]
    fn names_cannot_break_out_of_the_generated_modules() {
        let mut modules = Map::new();
        let blob = Binding::new("a\": x, \"b", "text_blob").with("part", json!("x\"\n;evil()//"));
        add_modules(&mut modules, "worker\".js", &[blob]);
        assert_eq!(modules[MAIN]["js"], "import \"./__patchbay_globals.js\";\nimport \"./worker\\\".js\";\n");
        let globals = modules["__patchbay_globals.js"]["js"].as_str().expect("text");
        assert!(globals.contains(r#"from "./x\"\n;evil()//";"#) && globals.contains(r#"{ "a\": x, \"b": blob0 }"#));
    }
}
