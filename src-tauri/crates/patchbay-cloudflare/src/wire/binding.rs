//! Bindings: what a script finds in `env`.

use patchbay_core::Secret;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// A binding as it is uploaded and listed: `name`, `type` and whatever the type needs. The body of `PUT …/secrets`
/// and the answers about secrets have the same form.
///
/// It carries secret values on their way to the platform, so `Debug` shows names and types only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Binding {
    /// The name in `env`.
    #[serde(default)]
    pub name: String,
    /// `secret_text`, `plain_text`, `json`, `kv_namespace`, `inherit`, …
    #[serde(rename = "type", default)]
    pub kind: String,
    /// The other keys: `text`, `json`, `namespace_id`, …
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

impl fmt::Debug for Binding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Binding").field("name", &self.name).field("type", &self.kind).finish_non_exhaustive()
    }
}

/// Keys that hold the value of a secret; no answer contains them.
const SECRET_FIELDS: [&str; 3] = ["text", "key_base64", "key_jwk"];

impl Binding {
    /// A binding of only a name and a type.
    pub fn new(name: impl Into<String>, kind: impl Into<String>) -> Self {
        Self { name: name.into(), kind: kind.into(), fields: Map::new() }
    }

    /// A text anyone may read.
    pub fn plain_text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(name, "plain_text").with("text", Value::String(text.into()))
    }

    /// A JSON value.
    pub fn json(name: impl Into<String>, value: Value) -> Self {
        Self::new(name, "json").with("json", value)
    }

    /// A secret text, with its value.
    pub fn secret_text(name: impl Into<String>, value: &Secret) -> Self {
        Self::new(name, "secret_text").with("text", Value::String(value.expose().to_owned()))
    }

    /// A key-value namespace.
    pub fn kv_namespace(name: impl Into<String>, namespace_id: impl Into<String>) -> Self {
        Self::new(name, "kv_namespace").with("namespace_id", Value::String(namespace_id.into()))
    }

    /// A copy of the binding that the previous version had under this name.
    pub fn inherit(name: impl Into<String>) -> Self {
        Self::new(name, "inherit")
    }

    /// Sets a further key.
    #[must_use]
    pub fn with(mut self, key: &str, value: Value) -> Self {
        self.fields.insert(key.to_owned(), value);
        self
    }

    /// A text field.
    pub fn text_field(&self, key: &str) -> Option<&str> {
        self.fields.get(key).and_then(Value::as_str)
    }

    /// Whether its value must never be shown.
    pub fn is_secret(&self) -> bool {
        matches!(self.kind.as_str(), "secret_text" | "secret_key")
    }

    /// As an answer may show it: without the value when it is a secret.
    #[must_use]
    pub fn without_secret_value(mut self) -> Self {
        if self.is_secret() {
            for field in SECRET_FIELDS {
                self.fields.remove(field);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::Binding;
    use patchbay_core::Secret;
    use serde_json::json;

    #[test]
    fn the_wire_form_is_cloudflares() {
        let binding = Binding::secret_text("TOKEN", &Secret::new("canary"));
        assert_eq!(
            serde_json::to_value(&binding).expect("serialises"),
            json!({"name": "TOKEN", "type": "secret_text", "text": "canary"})
        );
        assert!(!format!("{binding:?}").contains("canary"), "Debug must not show the value");
    }

    #[test]
    fn answers_hold_no_secret_value_but_the_rest_of_the_key() {
        let read: Binding = serde_json::from_value(json!({"name": "K", "type": "secret_key", "format": "jwk",
            "key_jwk": {"k": "canary"}, "usages": ["sign"], "algorithm": {"name": "HMAC"}}))
        .expect("parses");
        let shown = serde_json::to_value(read.without_secret_value()).expect("serialises");
        assert_eq!(
            shown,
            json!({"name": "K", "type": "secret_key", "format": "jwk", "usages": ["sign"], "algorithm": {"name": "HMAC"}})
        );
    }
}
