//! Salesforce's error shape: an array of `{"message","errorCode","fields"}`, and OAuth's for tokens.

use crate::upstream::json_response;
use patchbay_core::HttpResponse;
use serde_json::{Value, json};

/// A call that is refused.
#[derive(Debug)]
pub struct Refusal {
    status: u16,
    body: Value,
}

impl Refusal {
    fn new(status: u16, code: &str, message: &str) -> Self {
        Self { status, body: json!([{ "message": message, "errorCode": code }]) }
    }

    /// 400 that names fields.
    pub fn fields(code: &str, message: &str, fields: &[&str]) -> Self {
        Self { status: 400, body: json!([{ "message": message, "errorCode": code, "fields": fields }]) }
    }

    pub fn oauth(status: u16, error: &str, description: &str) -> Self {
        Self { status, body: json!({ "error": error, "error_description": description }) }
    }

    pub fn invalid_session() -> Self {
        Self::new(401, "INVALID_SESSION_ID", "Session expired or invalid")
    }

    pub fn missing() -> Self {
        Self::new(404, "NOT_FOUND", "The requested resource does not exist")
    }

    pub fn wrong_host() -> Self {
        Self::new(404, "URL_NOT_RESET", "Destination URL not reset. The URL returned from login must be set")
    }

    pub fn deleted() -> Self {
        Self::new(404, "ENTITY_IS_DELETED", "entity is deleted")
    }

    pub fn external_id(field: &str) -> Self {
        let message = format!("Provided external ID field does not exist or is not accessible: {field}");
        Self::new(404, "NOT_FOUND", &message)
    }

    pub fn malformed_id(given: &str) -> Self {
        Self::new(400, "MALFORMED_ID", &format!("{given}: id value of incorrect type"))
    }

    pub fn invalid_field(field: &str, kind: &str) -> Self {
        Self::new(400, "INVALID_FIELD", &format!("No such column '{field}' on sobject of type {kind}"))
    }

    pub fn json_parser(message: &str) -> Self {
        Self::new(400, "JSON_PARSER_ERROR", message)
    }

    pub fn malformed_query(message: &str) -> Self {
        Self::new(400, "MALFORMED_QUERY", message)
    }

    pub fn media_type(given: &str) -> Self {
        Self::new(415, "UNSUPPORTED_MEDIA_TYPE", &format!("Content type '{given}' is not supported by this resource"))
    }

    pub fn too_many(message: &str) -> Self {
        Self::new(400, "LIMIT_EXCEEDED", message)
    }

    pub fn request_limit() -> Self {
        Self::new(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    }

    /// 300: several records have the external id.
    pub fn several(urls: &[String]) -> Self {
        Self { status: 300, body: json!(urls) }
    }

    /// The real API would answer; this simulation must not pretend to.
    pub fn not_simulated(method: &str, path: &str) -> Self {
        let message =
            format!("The simulated Salesforce does not answer {method} {path}; replay it against the live API");
        Self::new(501, "NOT_SIMULATED", &message)
    }

    /// What is said with a status when a call is broken on purpose.
    pub fn for_status(status: u16) -> Self {
        match status {
            401 => Self::invalid_session(),
            // Salesforce has no 429: an org that spent its calls answers 403.
            403 | 429 => Self { status: 403, ..Self::request_limit() },
            404 => Self::missing(),
            409 => Self::new(409, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"),
            400..500 => Self {
                status,
                ..Self::fields("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", &[])
            },
            503 => Self::new(503, "SERVER_UNAVAILABLE", "The server is unavailable. Try again later."),
            _ => Self::new(
                status,
                "UNKNOWN_EXCEPTION",
                "An unexpected error occurred. Please include this ErrorId if you contact support: 0-0 (0)",
            ),
        }
    }

    pub fn status(&self) -> u16 {
        self.status
    }

    pub fn body(&self) -> &Value {
        &self.body
    }

    /// The errors as one item of a collection shows them.
    pub fn in_collection(&self) -> Value {
        let errors: Vec<Value> = self
            .body
            .as_array()
            .into_iter()
            .flatten()
            .map(|error| {
                json!({
                    "statusCode": error["errorCode"], "message": error["message"],
                    "fields": if error["fields"].is_array() { error["fields"].clone() } else { json!([]) },
                })
            })
            .collect();
        json!({ "success": false, "errors": errors })
    }

    pub fn response(&self) -> HttpResponse {
        json_response(self.status, &self.body)
    }
}
