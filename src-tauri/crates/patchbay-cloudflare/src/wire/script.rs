//! Scripts in a dispatch namespace, as answers show them.

use super::binding::Binding;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A script. `startup_time_ms` is the only key that Cloudflare's schema requires; unknown ones are left out, because
/// several of them may not be `null` (CONTRACT section 3.2).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Script {
    /// Its name.
    #[serde(default)]
    pub id: String,
    /// Identifies the script over all its versions, 32 hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Hash of the content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Events of the default export.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handlers: Option<Vec<String>>,
    /// Named entry points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named_handlers: Option<Vec<Value>>,
    /// RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_on: Option<String>,
    /// RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified_on: Option<String>,
    /// `standard`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage_model: Option<String>,
    /// Whether static assets belong to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_assets: Option<bool>,
    /// Whether it consists of ES modules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_modules: Option<bool>,
    /// Date of the runtime's behaviour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compatibility_date: Option<String>,
    /// Flags on top of the date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compatibility_flags: Option<Vec<String>>,
    /// Whether logs are pushed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logpush: Option<bool>,
    /// `wrangler`, `api`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_deployed_from: Option<String>,
    /// Worker tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Durable Object migration that was applied last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migration_tag: Option<String>,
    /// File name of the entry module.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_point: Option<String>,
    /// How long the script took to start when it was validated.
    #[serde(default)]
    pub startup_time_ms: u64,
    /// The version, 32 hex digits. `wrangler` prints it as "Current Version ID".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment_id: Option<String>,
}

/// Answer of `GET …/scripts/{name}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NamespacedScript {
    /// The script; Cloudflare has been seen to answer `null` for one that does not exist.
    pub script: Option<Script>,
    /// The namespace it lives in.
    #[serde(default)]
    pub dispatch_namespace: String,
    /// RFC 3339, UTC.
    #[serde(default)]
    pub created_on: String,
    /// RFC 3339, UTC.
    #[serde(default)]
    pub modified_on: String,
}

/// An entry of `GET …/scripts`. The schema nests the script, Cloudflare's examples read it flat: both are written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value")]
pub struct ListedScript {
    /// The flat form.
    #[serde(flatten)]
    pub flat: Script,
    /// The namespace it lives in.
    #[serde(default)]
    pub dispatch_namespace: String,
    /// The nested form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<Script>,
}

/// Reads both forms from one value. A derived reader of a flattened struct would fail on numbers wherever some crate of
/// the same program turns on `arbitrary_precision` of `serde_json`, as the bundler does.
impl TryFrom<Value> for ListedScript {
    type Error = serde_json::Error;
    fn try_from(value: Value) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Beside {
            #[serde(default)]
            dispatch_namespace: String,
            #[serde(default)]
            script: Option<Script>,
        }
        let Beside { dispatch_namespace, script } = Beside::deserialize(&value)?;
        Ok(Self { flat: Script::deserialize(&value)?, dispatch_namespace, script })
    }
}

impl ListedScript {
    /// The script, from whichever form the server wrote.
    pub fn into_script(self) -> Script {
        match self.script {
            Some(script) if !script.id.is_empty() => script,
            _ => self.flat,
        }
    }
}

/// Answer of `DELETE …/scripts?tags=…`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedScripts {
    /// What was deleted.
    pub deleted: Vec<DeletedScript>,
    /// How many.
    pub deleted_count: u64,
    /// Whether more match than `limit` allowed.
    pub has_more: bool,
}

/// A script that was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedScript {
    /// Its name.
    pub id: String,
}

/// Answer and body of `…/settings`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Bindings; secret values are never in an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bindings: Option<Vec<Binding>>,
    /// Date of the runtime's behaviour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compatibility_date: Option<String>,
    /// Flags on top of the date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compatibility_flags: Option<Vec<String>>,
    /// Plan limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// Worker tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Everything else (`observability`, `logpush`, `placement`, `tail_consumers`, `usage_model`, …), as it came.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Limits of one script.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// CPU milliseconds a request may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_ms: Option<u64>,
    /// Outbound calls a request may make.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subrequests: Option<u64>,
}
