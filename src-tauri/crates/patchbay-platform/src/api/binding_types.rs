//! Types of bindings: what each must say, and which of them the platform serves.
//!
//! The account has no API for KV namespaces, buckets, databases and queues: one exists by being named in a binding.

use super::refusal::Refusal;
use crate::runtime::bindings::is_native;
use crate::runtime::service_worker::is_blob;
use patchbay_cloudflare::wire::binding::Binding;
use patchbay_cloudflare::wire::codes::ApiCode;
use serde_json::{Value, json};

/// Bytes of one variable at most, as on a paid plan.
const LARGEST_VARIABLE: usize = 5 * 1024;

/// Types of Cloudflare that this platform knows and does not serve (CONTRACT section 5).
const UNSERVED: [&str; 21] = [
    "ai",
    "ai_search",
    "ai_search_namespace",
    "analytics_engine",
    "artifacts",
    "browser",
    "flagship",
    "hyperdrive",
    "images",
    "k2",
    "media",
    "messaging",
    "mtls_certificate",
    "pipelines",
    "ratelimit",
    "secrets_store_secret",
    "send_email",
    "vectorize",
    "vpc_network",
    "vpc_service",
    "workflow",
];

/// Types whose value the runtime puts into `env`, or into the global scope of a service worker.
pub(super) fn is_served(kind: &str) -> bool {
    matches!(kind, "plain_text" | "json" | "secret_text" | "version_metadata" | "assets")
        || is_blob(kind)
        || is_native(kind)
}

/// Refuses a binding that is not understood or not served, and gives it the form in which it is stored.
pub(super) fn checked(binding: Binding) -> Result<Binding, Refusal> {
    let kind = binding.kind.as_str();
    if kind.is_empty() {
        return Err(refused(&binding, "has no `type`"));
    }
    if UNSERVED.contains(&kind) {
        return Err(refused(&binding, &format!("has the type {kind}, which is not served by the embedded platform")));
    }
    let required: &[&str] = match kind {
        "plain_text" | "secret_text" => &["text"],
        "kv_namespace" => &["namespace_id"],
        "r2_bucket" => &["bucket_name"],
        "queue" => &["queue_name"],
        "service" => &["service"],
        "dispatch_namespace" => &["namespace"],
        "durable_object_namespace" => &["class_name"],
        "wasm_module" | "text_blob" | "data_blob" => &["part"],
        "json" | "d1" | "secret_key" | "assets" | "version_metadata" => &[],
        _ => return Err(refused(&binding, &format!("has the unknown type {kind:?}"))),
    };
    for field in required {
        // An empty text is a value; an empty name is none.
        let missing = match binding.text_field(field) {
            Some(text) => text.is_empty() && *field != "text",
            None => true,
        };
        if missing {
            return Err(refused(&binding, &format!("of type {kind} has no `{field}`")));
        }
    }
    match kind {
        "json" if !binding.fields.contains_key("json") => return Err(refused(&binding, "of type json has no `json`")),
        "secret_key" => check_key(&binding)?,
        "r2_bucket" if !is_bucket_name(binding.text_field("bucket_name").unwrap_or_default()) => {
            return Err(refused(
                &binding,
                "has a `bucket_name` that is none: 3 to 63 lower-case letters, digits and hyphens, no hyphen at an end",
            ));
        }
        _ => {}
    }
    if !is_served(kind) {
        return Err(refused(&binding, &format!("has the type {kind}, which is not served by the embedded platform")));
    }
    check_size(&binding)?;
    normal(binding)
}

/// R2's rule: <https://developers.cloudflare.com/r2/buckets/create-buckets/>
fn is_bucket_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (3..=63).contains(&name.len()) && name.bytes().all(is_plain) && !name.starts_with('-') && !name.ends_with('-')
}

fn check_size(binding: &Binding) -> Result<(), Refusal> {
    let size = match binding.kind.as_str() {
        "plain_text" | "secret_text" => binding.text_field("text").map_or(0, str::len),
        "json" => binding.fields.get("json").map_or(0, |value| value.to_string().len()),
        _ => 0,
    };
    if size > LARGEST_VARIABLE {
        let text = format!("The value of '{}' is {size} bytes long; a variable may have 5 KB.", binding.name);
        return Err(Refusal::with(ApiCode::VariableTooLarge, text));
    }
    Ok(())
}

/// A key for `crypto.subtle`: `{format, algorithm, usages, key_base64 | key_jwk}` (CONTRACT section 5).
fn check_key(binding: &Binding) -> Result<(), Refusal> {
    const USAGES: [&str; 8] =
        ["encrypt", "decrypt", "sign", "verify", "deriveKey", "deriveBits", "wrapKey", "unwrapKey"];
    if !matches!(binding.fields.get("algorithm"), Some(Value::String(_) | Value::Object(_))) {
        return Err(refused(binding, "of type secret_key has no `algorithm`"));
    }
    let usages = binding.fields.get("usages").and_then(Value::as_array);
    let known = |usage: &Value| usage.as_str().is_some_and(|usage| USAGES.contains(&usage));
    if !usages.is_some_and(|usages| usages.iter().all(known)) {
        return Err(refused(
            binding,
            &format!("of type secret_key needs `usages`, a list out of {}", USAGES.join(", ")),
        ));
    }
    let (field, is_there) = match binding.text_field("format") {
        Some("raw" | "pkcs8" | "spki") => {
            use base64::Engine as _;
            let decodes = |text: &str| base64::engine::general_purpose::STANDARD.decode(text).is_ok();
            ("key_base64", binding.text_field("key_base64").is_some_and(decodes))
        }
        Some("jwk") => ("key_jwk", binding.fields.get("key_jwk").is_some_and(Value::is_object)),
        _ => return Err(refused(binding, "of type secret_key needs a `format` out of raw, pkcs8, spki, jwk")),
    };
    if is_there { Ok(()) } else { Err(refused(binding, &format!("of type secret_key has no readable `{field}`"))) }
}

/// The form that answers show, whatever of the accepted forms a client sent.
fn normal(mut binding: Binding) -> Result<Binding, Refusal> {
    match binding.kind.as_str() {
        // wrangler sends `id`; the schema's answer has `database_id`.
        "d1" => {
            let id = binding.text_field("database_id").or(binding.text_field("id")).unwrap_or_default().to_owned();
            if id.is_empty() {
                return Err(refused(&binding, "of type d1 has no `id`"));
            }
            binding = binding.with("id", json!(id)).with("database_id", json!(id));
        }
        // Once, the parameters of the outbound worker were bare names.
        "dispatch_namespace" => {
            let params = binding.fields.get_mut("outbound").and_then(|outbound| outbound.get_mut("params"));
            for param in params.and_then(Value::as_array_mut).into_iter().flatten() {
                if let Value::String(name) = param {
                    *param = json!({ "name": name });
                }
            }
        }
        _ => {}
    }
    Ok(binding)
}

fn refused(binding: &Binding, what: &str) -> Refusal {
    Refusal::with(ApiCode::Validation, format!("Binding '{}' {what}.", binding.name))
}

#[cfg(test)]
mod tests {
    use super::{check_key, checked, normal};
    use patchbay_cloudflare::wire::binding::Binding;
    use serde_json::{Value, json};

    fn binding(value: Value) -> Binding {
        serde_json::from_value(value).expect("a binding")
    }

    #[test]
    fn a_refusal_names_the_binding_the_type_and_what_is_missing() {
        for (value, says) in [
            (json!({"name": "A"}), "Binding 'A' has no `type`."),
            (json!({"name": "A", "type": "plain_text"}), "Binding 'A' of type plain_text has no `text`."),
            (json!({"name": "A", "type": "json"}), "Binding 'A' of type json has no `json`."),
            (
                json!({"name": "A", "type": "kv_namespace", "namespace_id": ""}),
                "of type kv_namespace has no `namespace_id`",
            ),
            (json!({"name": "A", "type": "ai"}), "has the type ai, which is not served"),
            (json!({"name": "A", "type": "nonsense"}), "has the unknown type \"nonsense\""),
        ] {
            let refusal = format!("{:?}", checked(binding(value.clone())).expect_err("refused"));
            assert!(refusal.contains(&says.replace('"', "\\\"")), "{value}: {refusal}");
        }
        assert!(checked(binding(json!({"name": "A", "type": "plain_text", "text": ""}))).is_ok(), "empty is a value");
        assert!(checked(binding(json!({"name": "A", "type": "json", "json": null}))).is_ok(), "null is a value");
    }

    #[test]
    fn keys_are_checked_without_showing_them() {
        let key = |format: &str, field: &str, value: Value| {
            binding(json!({"name": "K", "type": "secret_key", "format": format, field: value,
                "algorithm": {"name": "HMAC", "hash": "SHA-256"}, "usages": ["sign"]}))
        };
        assert!(check_key(&key("raw", "key_base64", json!("YWJj"))).is_ok());
        assert!(check_key(&key("jwk", "key_jwk", json!({"kty": "oct"}))).is_ok());
        for bad in [
            key("raw", "key_base64", json!("canary!")),
            key("raw", "key_jwk", json!({})),
            key("der", "key_base64", json!("")),
        ] {
            let refusal = format!("{:?}", check_key(&bad).expect_err("refused"));
            assert!(!refusal.contains("canary"), "{refusal}");
        }
        let usage = key("raw", "key_base64", json!("YWJj")).with("usages", json!(["listen"]));
        assert!(check_key(&usage).is_err());
    }

    #[test]
    fn older_forms_become_the_one_that_answers_show() {
        let d1 = normal(binding(json!({"name": "DB", "type": "d1", "id": "1"}))).expect("normal");
        assert_eq!(d1.text_field("database_id"), Some("1"));
        let dispatch = json!({"name": "D", "type": "dispatch_namespace", "namespace": "n", "outbound": {"params": ["a", {"name": "b"}]}});
        let dispatch = normal(binding(dispatch)).expect("normal");
        assert_eq!(dispatch.fields["outbound"]["params"], json!([{"name": "a"}, {"name": "b"}]));
    }
}
