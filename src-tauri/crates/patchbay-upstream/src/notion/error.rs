//! Notion's error shape: `{"object":"error","status","code","message","request_id"}`.

use crate::upstream::json_response;
use patchbay_core::HttpResponse;
use serde_json::{Value, json};
use uuid::Uuid;

/// A call that Notion refuses.
#[derive(Debug)]
pub struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
    /// Seconds to wait, where Notion says so.
    retry_after: Option<i64>,
}

impl Refusal {
    /// 400 `validation_error`.
    pub fn validation(message: impl Into<String>) -> Self {
        Self { status: 400, code: "validation_error", message: message.into(), retry_after: None }
    }

    /// 400 `validation_error` in the sentence that Notion builds for every field.
    pub fn should_be(place: &str, expected: &str, given: Option<&Value>) -> Self {
        let scope = place.split(['.', '[']).next().unwrap_or(place);
        let given = given.map_or_else(|| "undefined".to_owned(), |value| value.to_string().chars().take(120).collect());
        Self::validation(format!("{scope} failed validation: {place} should be {expected}, instead was `{given}`."))
    }

    pub fn invalid_json() -> Self {
        Self { status: 400, code: "invalid_json", message: "Error parsing JSON body.".into(), retry_after: None }
    }

    pub fn invalid_url() -> Self {
        Self { status: 400, code: "invalid_request_url", message: "Invalid request URL.".into(), retry_after: None }
    }

    pub fn missing_version() -> Self {
        Self {
            status: 400,
            code: "missing_version",
            message: "Notion-Version header failed validation: Notion-Version header should be defined, instead was `undefined`.".into(),
            retry_after: None,
        }
    }

    pub fn unauthorized() -> Self {
        Self { status: 401, code: "unauthorized", message: "API token is invalid.".into(), retry_after: None }
    }

    pub fn not_found(message: String) -> Self {
        Self { status: 404, code: "object_not_found", message, retry_after: None }
    }

    /// The real API would answer; this simulation must not pretend to.
    pub fn not_simulated(method: &str, path: &str) -> Self {
        let message = format!("The simulated Notion does not answer {method} {path}; replay it against the live API");
        Self { status: 501, code: "not_simulated", message, retry_after: None }
    }

    /// 429: the connection's budget for this window is spent.
    pub fn rate_limited(seconds: i64) -> Self {
        Self { retry_after: Some(seconds), ..Self::for_status(429) }
    }

    /// What Notion says with a status when a call is broken on purpose.
    pub fn for_status(status: u16) -> Self {
        let (code, message) = match status {
            401 => ("unauthorized", "API token is invalid."),
            403 => ("restricted_resource", "Insufficient permissions for this endpoint."),
            404 => ("object_not_found", "Could not find the object."),
            409 => ("conflict_error", "Conflict occurred while saving. Please try again."),
            429 => ("rate_limited", "You have been rate limited. Please try again in a few minutes."),
            502 => ("bad_gateway", "Bad gateway."),
            503 => ("service_unavailable", "Notion is unavailable, please try again later."),
            504 => ("gateway_timeout", "Notion is unavailable, please try again later."),
            529 => ("service_overload", "Notion is overloaded, please try again later."),
            400..500 => ("validation_error", "The request was refused."),
            _ => ("internal_server_error", "Unexpected error occurred."),
        };
        Self { status, code, message: message.into(), retry_after: None }
    }

    pub fn response(&self, request_id: Uuid) -> HttpResponse {
        let mut body = json!({
            "object": "error", "status": self.status, "code": self.code, "message": self.message,
            "request_id": request_id,
        });
        if self.status == 429 {
            body["additional_data"] = json!({ "rate_limit_reason": "connection" });
        }
        let mut response = json_response(self.status, &body);
        if let Some(seconds) = self.retry_after {
            response.headers.set("retry-after", seconds.to_string());
        }
        response
    }
}

/// A UUID, with or without hyphens, from the path.
pub fn path_uuid(place: &str, given: &str) -> Result<Uuid, Refusal> {
    Uuid::try_parse(given).map_err(|_| Refusal::should_be(place, "a valid uuid", Some(&Value::from(given))))
}

/// A UUID from the body.
pub fn body_uuid(place: &str, given: Option<&Value>) -> Result<Uuid, Refusal> {
    let parsed = given.and_then(Value::as_str).and_then(|text| Uuid::try_parse(text).ok());
    parsed.ok_or_else(|| Refusal::should_be(place, if given.is_some() { "a valid uuid" } else { "defined" }, given))
}
