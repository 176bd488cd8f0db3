//! What an adapter may find in `env`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The kinds of binding an adapter can declare, by their Cloudflare names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BindingKind {
    /// A secret whose value is in the tenant's vault.
    SecretText,
    /// A text anyone may read.
    PlainText,
    /// A JSON value.
    Json,
    /// A key-value namespace.
    KvNamespace,
}

impl BindingKind {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SecretText => "secret_text",
            Self::PlainText => "plain_text",
            Self::Json => "json",
            Self::KvNamespace => "kv_namespace",
        }
    }
}

/// A name in `env`: a JavaScript identifier of at most 255 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BindingName(String);

/// A binding name that is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a binding name: use letters, digits and underscores, not starting with a digit")]
pub struct BindingNameError(String);

impl BindingName {
    /// Checks and wraps a name.
    pub fn new(name: impl Into<String>) -> Result<Self, BindingNameError> {
        let name = name.into();
        let starts_well = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_' || c == '$');
        let rest_is_well = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$');
        if starts_well && rest_is_well && name.len() <= 255 {
            Ok(Self(name))
        } else {
            Err(BindingNameError(name.chars().take(80).collect::<String>().escape_debug().to_string()))
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for BindingName {
    type Error = BindingNameError;
    fn try_from(name: String) -> Result<Self, BindingNameError> {
        Self::new(name)
    }
}

impl From<BindingName> for String {
    fn from(name: BindingName) -> String {
        name.0
    }
}

impl fmt::Display for BindingName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// One `[[bindings]]` entry of an `adapter.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BindingDeclaration {
    /// The name in `env`.
    pub name: BindingName,
    /// What kind of value it holds.
    pub kind: BindingKind,
    /// A publish stops when a required binding has no value.
    #[serde(default = "required_by_default")]
    pub required: bool,
    /// What it is for and where a person finds it.
    #[serde(default)]
    pub description: String,
    /// The value of a `plain_text` (string) or `json` (any) binding. Secrets never stand here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<serde_json::Value>,
}

fn required_by_default() -> bool {
    true
}
