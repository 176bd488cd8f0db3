//! What a version is besides modules and bindings.

use crate::assets::VersionAssets;
use patchbay_cloudflare::wire::script::Limits;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// What an upload says besides modules and bindings, and what its start showed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Details {
    pub(crate) compatibility_date: Option<String>,
    pub(crate) compatibility_flags: Vec<String>,
    pub(crate) limits: Option<Limits>,
    pub(crate) handlers: Vec<String>,
    #[serde(deserialize_with = "named_handlers")]
    pub(crate) named_handlers: Vec<NamedHandler>,
    pub(crate) startup_time_ms: u64,
    pub(crate) deployed_from: String,
    /// Whether the entry is a script in service-worker syntax.
    #[serde(default)]
    pub(crate) service_worker: bool,
    /// Whether the namespace was trusted when the code was uploaded. A namespace that becomes trusted changes nothing
    /// for scripts that are there until they are uploaded again (CONTRACT section 8).
    #[serde(default)]
    pub(crate) trusted: bool,
    /// The newest Durable Object migration that was applied.
    #[serde(default)]
    pub(crate) migration_tag: Option<String>,
    /// Durable Object classes of the script, as its migrations made them.
    #[serde(default)]
    pub(crate) durable_classes: Vec<DurableClass>,
    /// Static assets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) assets: Option<VersionAssets>,
    /// `observability`, `logpush`, `placement`, …: stored and echoed.
    #[serde(default)]
    pub(crate) other: Map<String, Value>,
}

/// An export beside the default one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NamedHandler {
    pub(crate) name: String,
    pub(crate) handlers: Vec<String>,
}

/// A class whose instances are Durable Objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DurableClass {
    /// Name of the export.
    pub(crate) class_name: String,
    /// 32 hex digits that name the storage of its objects. They outlive versions and renames of the class.
    pub(crate) namespace_id: String,
    /// Whether the objects have SQL storage.
    pub(crate) sqlite: bool,
}

/// Reads also the bare names that earlier versions of this program wrote.
fn named_handlers<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<NamedHandler>, D::Error> {
    let stored = Vec::<Value>::deserialize(value)?;
    stored
        .into_iter()
        .map(|entry| match entry {
            Value::String(name) => Ok(NamedHandler { name, handlers: Vec::new() }),
            other => serde_json::from_value(other).map_err(serde::de::Error::custom),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Details;

    #[test]
    fn details_of_earlier_versions_are_still_read() {
        let text = r#"{"compatibility_date":null,"compatibility_flags":[],"limits":null,"handlers":["fetch"],
            "named_handlers":["Room"],"startup_time_ms":1,"deployed_from":"api"}"#;
        let details: Details = serde_json::from_str(text).expect("reads");
        assert_eq!(details.named_handlers[0].name, "Room");
        assert!(!details.trusted && details.migration_tag.is_none());
        let again: Details = serde_json::from_str(&serde_json::to_string(&details).expect("writes")).expect("reads");
        assert_eq!(again.named_handlers, details.named_handlers);
    }
}
