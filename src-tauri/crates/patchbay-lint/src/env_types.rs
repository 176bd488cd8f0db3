//! The TypeScript declarations of an adapter's `Env`, made from its manifest.

use patchbay_core::{AdapterManifest, BindingKind};
use std::fmt::Write as _;

/// The text of `env.d.ts`: one property for each declared binding, with its description.
///
/// A secret is a branded string: it goes wherever a string goes, and naming its type in a signature says what it is.
pub fn env_types(manifest: &AdapterManifest) -> String {
    let mut text = String::from(
        "/** A value from the vault. It must not reach a log, an answer or another host. */\n\
         declare type SecretText = string & { readonly __secret?: never };\n\n\
         /** What the adapter finds in `env`; adapter.toml declares it. */\n\
         declare interface Env {\n",
    );
    for binding in &manifest.bindings {
        if !binding.description.is_empty() {
            // A description must not be able to end the comment that it stands in.
            let _ = writeln!(text, "  /** {} */", binding.description.replace("*/", "* /").replace(['\n', '\r'], " "));
        }
        let optional = if binding.required || binding.value.is_some() { "" } else { "?" };
        let type_name = match binding.kind {
            BindingKind::SecretText => "SecretText",
            BindingKind::PlainText => "string",
            BindingKind::Json => "any",
            BindingKind::KvNamespace => "KVNamespace",
        };
        let _ = writeln!(text, "  readonly {}{optional}: {type_name};", binding.name);
    }
    if !manifest.mapping.is_empty() {
        text.push_str("  /** The `[mapping]` of adapter.toml. */\n  readonly MAPPING: Record<string, unknown>;\n");
    }
    text.push_str("}\n");
    text
}

#[cfg(test)]
mod tests {
    use super::env_types;
    use patchbay_core::{AdapterManifest, BindingDeclaration, BindingKind, BindingName};
    use std::collections::BTreeMap;

    #[test]
    fn every_binding_has_a_typed_property() {
        let binding = |name: &str, kind, required, description: &str| BindingDeclaration {
            name: BindingName::new(name).expect("valid"),
            kind,
            required,
            description: description.into(),
            value: None,
        };
        let manifest = AdapterManifest {
            template: None,
            provider: None,
            signing_secret: None,
            entry: "src/adapter.ts".into(),
            compatibility_date: "2026-06-01".into(),
            compatibility_flags: Vec::new(),
            upstreams: Vec::new(),
            routing_keys: Vec::new(),
            bindings: vec![
                binding("TOKEN", BindingKind::SecretText, true, "Ends */ early"),
                binding("REGION", BindingKind::PlainText, false, ""),
                binding("STORE", BindingKind::KvNamespace, true, ""),
            ],
            mapping: BTreeMap::from([("Title".to_owned(), "{event.text}".into())]),
        };
        let text = env_types(&manifest);
        assert!(text.contains("/** Ends * / early */\n  readonly TOKEN: SecretText;"), "{text}");
        assert!(text.contains("readonly REGION?: string;"), "{text}");
        assert!(text.contains("readonly STORE: KVNamespace;"), "{text}");
        assert!(text.contains("readonly MAPPING: Record<string, unknown>;"), "{text}");
    }
}
