//! Slack's answers: `ok: true` with the result, or `ok: false` with a word, both with status 200.

use crate::upstream::json_response;
use patchbay_core::HttpResponse;
use serde_json::{Value, json};

/// A call that Slack refuses.
#[derive(Debug)]
pub struct Refusal {
    status: u16,
    error: String,
    messages: Vec<String>,
    retry_after: Option<i64>,
}

impl Refusal {
    /// 200 with `ok: false`.
    pub fn because(error: impl Into<String>) -> Self {
        Self { status: 200, error: error.into(), messages: Vec::new(), retry_after: None }
    }

    /// An argument that does not fit, with the place in it.
    pub fn at(error: &str, complaint: &str, pointer: &str) -> Self {
        Self { messages: vec![format!("[ERROR] {complaint} [json-pointer:{pointer}]")], ..Self::because(error) }
    }

    /// 429 with `Retry-After`.
    pub fn rate_limited(seconds: i64) -> Self {
        Self { status: 429, retry_after: Some(seconds), ..Self::because("ratelimited") }
    }

    /// What Slack says with a status when a call is broken on purpose. Slack has no 4xx besides 429: those are
    /// answered as it does, with 200.
    pub fn for_status(status: u16) -> Self {
        let (status, error) = match status {
            401 => (200, "invalid_auth"),
            403 => (200, "not_in_channel"),
            404 => (200, "channel_not_found"),
            429 => (429, "ratelimited"),
            400..500 => (200, "invalid_arguments"),
            503 => (503, "service_unavailable"),
            _ => (status, "internal_error"),
        };
        Self { status, ..Self::because(error) }
    }

    /// The word alone, as incoming webhooks answer it.
    pub fn word(&self) -> &str {
        &self.error
    }

    pub fn response(&self) -> HttpResponse {
        let mut body = json!({ "ok": false, "error": self.error });
        if !self.messages.is_empty() {
            body["errors"] = json!(self.messages);
            body["response_metadata"] = json!({ "messages": self.messages });
        }
        let mut response = json_response(self.status, &body);
        if let Some(seconds) = self.retry_after {
            response.headers.set("retry-after", seconds.to_string());
        }
        response
    }
}

/// 200 with `ok: true`.
pub fn accepted(mut answer: Value) -> HttpResponse {
    answer["ok"] = json!(true);
    if let Some(fields) = answer.as_object_mut() {
        // Slack puts `ok` first, and people look there.
        let ok = fields.remove("ok").unwrap_or_default();
        fields.shift_insert(0, "ok".to_owned(), ok);
    }
    let mut response = json_response(200, &answer);
    response.headers.set("x-oauth-scopes", "chat:write,channels:history,channels:read,reactions:write,users:read");
    response
}
