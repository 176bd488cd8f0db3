//! The TypeScript declarations of an adapter's `Env`, made from its manifest.

use patchbay_core::{AdapterManifest, BindingDeclaration, BindingKind};
use serde_json::Value;
use std::fmt::Write as _;

/// What stands before `Env`. A secret is a symbol for the compiler and a text when it runs: TypeScript then refuses it in
/// template strings, sums, URLs, bodies and answers, and `String(secret)` is the one way to say that it is meant. Only
/// the console takes everything; the rule `secret-in-log` looks at that.
const HEAD: &str = "\
// Made from adapter.toml; changes belong there. `patchbay lint --fix` writes this file again.

declare const secretText: unique symbol;

/**
 * A value from the vault. It must not reach a log, a URL, an answer or another host. Where it belongs, in a header of
 * its own provider or as the key of a signature, write `String(secret)`.
 */
declare type SecretText = symbol & { readonly [secretText]: true };

/** What an adapter may answer with, besides a `Response`: JSON, which no secret is. */
declare type Answer =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Answer[]
  | { readonly [name: string]: Answer };

/** `export default { … } satisfies Adapter;` types the parameters of the handler and checks what it answers with. */
declare interface Adapter {
  fetch(request: Request, env: Env, ctx: ExecutionContext): Response | Answer | Promise<Response | Answer>;
}

/** What the adapter finds in `env`. */
declare interface Env {
";

/// The text of `env.d.ts`: one property for each declared binding, with its description. It needs the types of
/// `@cloudflare/workers-types`.
pub fn env_types(manifest: &AdapterManifest) -> String {
    let mut text = String::from(HEAD);
    for binding in &manifest.bindings {
        if !binding.description.is_empty() {
            // A description must not be able to end the comment that it stands in.
            let _ = writeln!(text, "  /** {} */", binding.description.replace("*/", "* /").replace(['\n', '\r'], " "));
        }
        let optional = if binding.required || binding.value.is_some() { "" } else { "?" };
        let _ = writeln!(text, "  readonly {}{optional}: {};", binding.name, type_of(binding));
    }
    if !manifest.mapping.is_empty() {
        text.push_str("  /** The `[mapping]` of adapter.toml. */\n  readonly MAPPING: Record<string, unknown>;\n");
    }
    text.push_str("}\n");
    text
}

fn type_of(binding: &BindingDeclaration) -> String {
    match binding.kind {
        BindingKind::SecretText => "SecretText".into(),
        BindingKind::PlainText => "string".into(),
        BindingKind::Json => binding.value.as_ref().map_or_else(|| "any".into(), |value| json_type(value, 8)),
        BindingKind::KvNamespace => "KVNamespace".into(),
    }
}

/// The type of a JSON value that stands in adapter.toml, `unknown` where it nests deeper than people read.
fn json_type(value: &Value, steps: usize) -> String {
    let Some(steps) = steps.checked_sub(1) else { return "unknown".into() };
    match value {
        Value::Null => "null".into(),
        Value::Bool(_) => "boolean".into(),
        Value::Number(_) => "number".into(),
        Value::String(_) => "string".into(),
        Value::Array(items) => {
            let mut types: Vec<String> = items.iter().map(|item| json_type(item, steps)).collect();
            types.sort();
            types.dedup();
            match &types[..] {
                [] => "readonly unknown[]".into(),
                types => format!("readonly ({})[]", types.join(" | ")),
            }
        }
        Value::Object(fields) => {
            // JSON's escapes are those of a quoted property name too.
            let field = |(name, value): (&String, &Value)| {
                format!("readonly {}: {}", Value::String(name.clone()), json_type(value, steps))
            };
            format!("{{ {} }}", fields.iter().map(field).collect::<Vec<_>>().join("; "))
        }
    }
}
