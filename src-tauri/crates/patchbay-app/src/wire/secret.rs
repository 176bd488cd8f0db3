//! Bindings and secrets. Values go in; only names and states come out.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A declared binding and whether it has a value.
#[derive(Debug, Clone, Serialize, TS)]
pub struct BindingStatus {
    /// Name in `env`.
    pub name: String,
    /// `secret_text`, `plain_text`, `json`, `kv_namespace`.
    pub kind: String,
    /// Whether a publish needs it.
    pub required: bool,
    /// What it is for.
    pub description: String,
    /// Whether it has a value.
    pub set: bool,
    /// When a secret changed, RFC 3339.
    pub changed_at: Option<String>,
    /// Keyed fingerprint of a secret: equal values have equal fingerprints within one tenant.
    pub fingerprint: Option<String>,
    /// The value of a `plain_text` or `json` binding. Never that of a secret.
    pub value: Option<serde_json::Value>,
}

/// `secret_set`. This is the only place where a value crosses, inwards.
#[derive(Clone, Deserialize, TS)]
pub struct SecretSetRequest {
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// Binding name.
    pub name: String,
    /// The value.
    pub value: String,
}

impl std::fmt::Debug for SecretSetRequest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SecretSetRequest").field("name", &self.name).finish_non_exhaustive()
    }
}

/// `secret_delete`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct SecretDeleteRequest {
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// Binding name.
    pub name: String,
}

/// The bindings of one adapter.
#[derive(Debug, Clone, Serialize, TS)]
pub struct BindingList {
    /// Declared bindings, and secrets that are set without being declared.
    pub bindings: Vec<BindingStatus>,
}
