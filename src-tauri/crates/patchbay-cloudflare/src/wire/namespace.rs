//! Dispatch namespaces.

use serde::{Deserialize, Serialize};

/// A dispatch namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Namespace {
    /// A UUID.
    #[serde(default)]
    pub namespace_id: String,
    /// The name in URLs.
    pub namespace_name: String,
    /// RFC 3339, UTC.
    #[serde(default)]
    pub created_on: String,
    /// 32 hex digits.
    #[serde(default)]
    pub created_by: String,
    /// RFC 3339, UTC.
    #[serde(default)]
    pub modified_on: String,
    /// 32 hex digits.
    #[serde(default)]
    pub modified_by: String,
    /// Scripts in it.
    #[serde(default)]
    pub script_count: u64,
    /// Whether its scripts see `request.cf` and share a cache.
    #[serde(default)]
    pub trusted_workers: bool,
}

/// Body of `POST …/dispatch/namespaces`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamespaceCreation {
    /// The name.
    pub name: String,
}

/// Body of `PUT` and `PATCH …/dispatch/namespaces/{name}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamespaceChange {
    /// A new name; scripts stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether its scripts are trusted from their next upload on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusted_workers: Option<bool>,
}
