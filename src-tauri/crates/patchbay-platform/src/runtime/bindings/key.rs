//! Keys of `secret_key` bindings, in the form in which a config gives them to the runtime.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_cloudflare::wire::binding::Binding;
use serde_json::Value;
use std::fmt;

/// A key that `env` holds as a `CryptoKey`. It cannot be exported.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct CryptoKey {
    pub(crate) material: Material,
    /// The `algorithm` of `crypto.subtle.importKey`: a name, or an object.
    pub(crate) algorithm: Value,
    /// `sign`, `verify`, …; checked when the binding was uploaded.
    pub(crate) usages: Vec<String>,
}

/// The key itself.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Material {
    /// Base64 of the bytes.
    Raw(String),
    /// PEM.
    Pkcs8(String),
    /// PEM.
    Spki(String),
    /// JSON.
    Jwk(String),
}

impl fmt::Debug for CryptoKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CryptoKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl CryptoKey {
    /// Reads the fields of a `secret_key` binding: `{format, algorithm, usages, key_base64 | key_jwk}`.
    pub(crate) fn read(binding: &Binding) -> Option<Self> {
        let base64 = || binding.text_field("key_base64");
        let material = match binding.text_field("format")? {
            "raw" => Material::Raw(base64()?.to_owned()),
            "pkcs8" => Material::Pkcs8(pem("PRIVATE KEY", base64()?)?),
            "spki" => Material::Spki(pem("PUBLIC KEY", base64()?)?),
            "jwk" => Material::Jwk(binding.fields.get("key_jwk")?.to_string()),
            _ => return None,
        };
        let usages = binding.fields.get("usages")?.as_array()?;
        let usages = usages.iter().map(|usage| usage.as_str().map(str::to_owned)).collect::<Option<_>>()?;
        Some(Self { material, algorithm: binding.fields.get("algorithm")?.clone(), usages })
    }
}

/// The config takes keys in DER only as PEM.
fn pem(label: &str, base64: &str) -> Option<String> {
    let encoded = STANDARD.encode(STANDARD.decode(base64).ok()?);
    let lines: Vec<&str> =
        encoded.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap_or_default()).collect();
    Some(format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::{CryptoKey, Material};
    use patchbay_cloudflare::wire::binding::Binding;
    use serde_json::json;

    #[test]
    fn a_key_in_der_becomes_pem_and_is_never_shown() {
        let binding: Binding = serde_json::from_value(json!({"name": "K", "type": "secret_key", "format": "spki",
            "key_base64": "YWJjZGVm", "algorithm": {"name": "Ed25519"}, "usages": ["verify"]}))
        .expect("a binding");
        let key = CryptoKey::read(&binding).expect("readable");
        let expected = "-----BEGIN PUBLIC KEY-----\nYWJjZGVm\n-----END PUBLIC KEY-----\n";
        assert!(matches!(&key.material, Material::Spki(pem) if pem == expected));
        assert!(!format!("{key:?}").contains("YWJj"), "{key:?}");
    }
}
