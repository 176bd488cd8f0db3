//! An adapter's manifest, as it stands in `adapter.toml`.

use crate::binding::BindingDeclaration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What `adapter.toml` says. Field order is the file's order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdapterManifest {
    /// Template it started from, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Who sends the webhooks: `slack`, `stripe`, … Decides how a replay signs them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The binding that holds the provider's signing secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_secret: Option<String>,
    /// Entry file relative to the adapter's folder.
    #[serde(default = "default_entry")]
    pub entry: String,
    /// Workers compatibility date, `YYYY-MM-DD`.
    pub compatibility_date: String,
    /// Workers compatibility flags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compatibility_flags: Vec<String>,
    /// Hosts it calls, for example `api.notion.com`. Each must be in the tenant's egress list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub upstreams: Vec<String>,
    /// Keys under which the dispatcher's `routing_key` rules find it: host names, or tokens in a path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routing_keys: Vec<String>,
    /// What the provider must know besides the signing secret, `[provider_settings]`: a text, a whole number, or
    /// `{ binding = "NAME" }` for the value of a declared binding.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub provider_settings: BTreeMap<String, serde_json::Value>,
    /// What it expects in `env`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bindings: Vec<BindingDeclaration>,
    /// Field mapping: target field → expression over the event, for example `Title = "{event.text}"`, in the order of
    /// the file, which is the order of a message's fields. Handed to the adapter as the `json` binding `MAPPING`.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub mapping: serde_json::Map<String, serde_json::Value>,
    /// Fields that the adapter's code adds to what the mapping reads, each with an example. Previews and checks take the
    /// examples for the values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub computed: BTreeMap<String, serde_json::Value>,
}

/// Entry file of an adapter whose manifest names none.
pub const DEFAULT_ENTRY: &str = "src/adapter.ts";

fn default_entry() -> String {
    DEFAULT_ENTRY.into()
}
