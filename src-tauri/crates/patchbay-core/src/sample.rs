//! A webhook to replay, as it stands in `samples/*.json`.

use crate::message::HttpMessageHeaders;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// How the JSON body is put on the wire. Senders differ, and a signature covers the exact bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WireStyle {
    /// No white space.
    #[default]
    Compact,
    /// Two spaces of indentation (Stripe, the simulator of `PayPal`).
    Pretty2,
    /// Compact with `\/` and `\uXXXX` for everything outside ASCII (Slack).
    SlackEscaped,
    /// `body_text` byte for byte.
    Raw,
}

/// One sample file. `{{unix_ts}}`, `{{unix_ms}}`, `{{iso_ts}}`, `{{iso_ms}}`, `{{iso_seconds}}`, `{{uuid}}`, `{{short_id}}`
/// and `{{signature}}` are filled at send time; a JSON text that is `{{unix_ts:number}}` or `{{unix_ms:number}}` becomes
/// the number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Who sends it: `slack`, `stripe`, … Decides how it is signed. Unknown providers are sent unsigned.
    pub provider: String,
    /// The provider's name of the event, for example `message`.
    pub event: String,
    /// What a person should know about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// HTTP method.
    #[serde(default = "post")]
    pub method: String,
    /// Path and query under the dispatcher's URL; `/` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Headers in the sender's spelling.
    #[serde(default)]
    pub headers: serde_json::Map<String, serde_json::Value>,
    /// JSON body, written to the wire as `wire` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<serde_json::Value>,
    /// Body text as is, for forms, XML and broken JSON. Wins over `body`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_text: Option<String>,
    /// The exact bytes of a request that was recorded. They win over both, and nothing is filled in. No file has them.
    #[serde(skip)]
    pub body_bytes: Option<Bytes>,
    /// Wire style of `body`.
    #[serde(default)]
    pub wire: WireStyle,
}

fn post() -> String {
    "POST".into()
}

impl Sample {
    /// Headers as a list; values that are not strings are written as JSON.
    pub fn header_list(&self) -> HttpMessageHeaders {
        self.headers
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
            .collect()
    }
}
