//! What every answer of the API is wrapped in.

use serde::{Deserialize, Serialize};

/// The envelope. All four keys are always there; `result` is `null` on failure and after a delete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Envelope<T> {
    /// Whether the operation was done.
    pub success: bool,
    /// Why not.
    #[serde(default)]
    pub errors: Vec<ApiMessage>,
    /// Remarks that are not errors.
    #[serde(default)]
    pub messages: Vec<ApiMessage>,
    /// The answer.
    #[serde(default = "Option::default")]
    pub result: Option<T>,
    /// Where the answer is a page of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_info: Option<ResultInfo>,
}

impl<T> Envelope<T> {
    /// A success with a result.
    pub fn of(result: T) -> Self {
        Self { success: true, errors: Vec::new(), messages: Vec::new(), result: Some(result), result_info: None }
    }

    /// A success whose result is `null`.
    pub fn empty() -> Self {
        Self { success: true, errors: Vec::new(), messages: Vec::new(), result: None, result_info: None }
    }

    /// A failure.
    pub fn failed(errors: Vec<ApiMessage>) -> Self {
        Self { success: false, errors, messages: Vec::new(), result: None, result_info: None }
    }
}

/// An entry of `errors` or `messages`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApiMessage {
    /// Cloudflare's code, see [`super::codes::ApiCode`].
    pub code: u32,
    /// Text for people.
    #[serde(default)]
    pub message: String,
    /// Where Cloudflare explains it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation_url: Option<String>,
    /// The part of the request that is at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<ErrorSource>,
    /// What led to it, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub error_chain: Vec<ApiMessage>,
    /// Details for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<serde_json::Value>,
}

impl ApiMessage {
    /// A message of only a code and a text.
    pub fn new(code: u32, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            documentation_url: None,
            source: None,
            error_chain: Vec::new(),
            meta: None,
        }
    }
}

/// Which part of a request body is at fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorSource {
    /// A JSON pointer.
    #[serde(default)]
    pub pointer: String,
}

/// The page that a list answer is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultInfo {
    /// Number of the page, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// Entries a page holds at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u32>,
    /// Entries on this page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// Entries on all pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_count: Option<u32>,
    /// Where the next page starts, for lists that are walked by cursor. Empty or absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::{ApiMessage, Envelope};
    use serde_json::json;

    #[test]
    fn all_four_keys_are_always_written() {
        let failed =
            Envelope::<()>::failed(vec![ApiMessage::new(10007, "This Worker does not exist on your account.")]);
        assert_eq!(
            serde_json::to_value(failed).expect("serialises"),
            json!({"success": false, "errors": [{"code": 10007, "message": "This Worker does not exist on your account."}],
                   "messages": [], "result": null})
        );
    }

    #[test]
    fn unknown_keys_and_missing_lists_are_accepted() {
        let read: Envelope<u8> =
            serde_json::from_value(json!({"success": true, "result": 7, "timing": 1})).expect("parses");
        assert_eq!(read.result, Some(7));
        let null: Envelope<u8> = serde_json::from_value(json!({"success": true, "result": null})).expect("parses");
        assert_eq!(null.result, None);
    }
}
