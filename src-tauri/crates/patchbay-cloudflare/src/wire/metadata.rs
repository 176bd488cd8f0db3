//! The `metadata` part of an upload.

use super::binding::Binding;
use super::script::Limits;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// The `metadata` part of `PUT …/scripts/{name}` and `PUT …/content`. Keys that are not named here are kept in
/// `other`, because Cloudflare accepts unknown ones.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// File name of the entry, module syntax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub main_module: Option<String>,
    /// Part name of the entry, service-worker syntax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_part: Option<String>,
    /// Bindings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bindings: Option<Vec<Binding>>,
    /// Date of the runtime's behaviour; absent means the oldest one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compatibility_date: Option<String>,
    /// Flags on top of the date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compatibility_flags: Option<Vec<String>>,
    /// Binding *types* that stay as they are on the live version where the upload names no new one. Our client
    /// always sends it, because what its absence means is unproven (CONTRACT section 5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_bindings: Option<Vec<String>>,
    /// Worker tags. The outer `None` is an absent key (old tags stay), `Some(None)` is `null` (no tags).
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub tags: Option<Option<Vec<String>>>,
    /// Plan limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// `workers/message`, `workers/tag`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Map<String, Value>>,
    /// Everything else, as it came.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Tells a key that is there and `null` from one that is absent.
#[expect(clippy::option_option, reason = "absent, null and a value are three different wishes")]
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(value).map(Some)
}

#[cfg(test)]
mod tests {
    use super::Metadata;
    use serde_json::json;

    #[test]
    fn absent_tags_are_not_null_tags() {
        let read = |value| serde_json::from_value::<Metadata>(value).expect("parses").tags;
        assert_eq!(read(json!({})), None);
        assert_eq!(read(json!({"tags": null})), Some(None));
        assert_eq!(read(json!({"tags": ["a"]})), Some(Some(vec!["a".into()])));
    }

    #[test]
    fn unknown_keys_survive() {
        let text = json!({"main_module": "index.js", "observability": {"enabled": true}});
        let read: Metadata = serde_json::from_value(text.clone()).expect("parses");
        assert_eq!(serde_json::to_value(read).expect("serialises"), text);
    }
}
