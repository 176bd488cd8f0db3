//! `HubSpot`'s error shape: `{"status":"error","message","correlationId","category"}`.

use crate::upstream::json_response;
use patchbay_core::HttpResponse;
use serde_json::{Value, json};
use uuid::Uuid;

/// A call that is refused.
#[derive(Debug)]
pub struct Refusal {
    status: u16,
    body: Value,
}

impl Refusal {
    pub fn new(status: u16, category: &str, message: &str) -> Self {
        let body = json!({
            "status": "error", "message": message, "correlationId": Uuid::new_v4(), "category": category,
        });
        Self { status, body }
    }

    pub fn unauthenticated() -> Self {
        Self::new(
            401,
            "INVALID_AUTHENTICATION",
            "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
        )
    }

    pub fn expired() -> Self {
        Self::new(401, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired 1 hour(s) ago.")
    }

    pub fn validation(message: &str) -> Self {
        Self::new(400, "VALIDATION_ERROR", message)
    }

    /// A property that the portal does not take, in the sentence that carries JSON.
    pub fn property(name: &str, error: &str, message: &str) -> Self {
        let details = json!([{
            "isValid": false, "message": message, "error": error, "name": name, "localizedErrorMessage": message,
        }]);
        let mut refusal = Self::validation(&format!("Property values were not valid: {details}"));
        refusal.body["errors"] = json!([{ "message": message, "code": error, "context": { "propertyName": [name] } }]);
        refusal
    }

    pub fn unknown_type(kind: &str) -> Self {
        Self::validation(&format!("Unable to infer object type from: {kind}"))
    }

    pub fn missing() -> Self {
        Self::new(404, "OBJECT_NOT_FOUND", "resource not found")
    }

    pub fn conflict(id: u64) -> Self {
        Self::new(409, "CONFLICT", &format!("Contact already exists. Existing ID: {id}"))
    }

    pub fn media_type() -> Self {
        Self::new(415, "VALIDATION_ERROR", "Content-Type must be application/json")
    }

    /// The real API would answer; this simulation must not pretend to.
    pub fn not_simulated(method: &str, path: &str) -> Self {
        let message = format!("The simulated HubSpot does not answer {method} {path}; replay it against the live API");
        Self::new(501, "NOT_SIMULATED", &message)
    }

    /// What is said with a status when a call is broken on purpose.
    pub fn for_status(status: u16) -> Self {
        match status {
            401 => Self::unauthenticated(),
            403 => {
                Self::new(403, "MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call.")
            }
            404 => Self::missing(),
            409 => Self::conflict(151),
            429 => {
                let mut refusal = Self::new(429, "RATE_LIMITS", "You have reached your ten_secondly_rolling limit.");
                refusal.body["errorType"] = "RATE_LIMIT".into();
                refusal.body["policyName"] = "TEN_SECONDLY_ROLLING".into();
                refusal
            }
            400..500 => Self { status, ..Self::validation("The request was refused.") },
            _ => Self::new(status, "INTERNAL_ERROR", "internal error"),
        }
    }

    /// The error as one of a batch.
    pub fn in_batch(self, id: &str) -> Value {
        let mut error = self.body;
        error["context"] = json!({ "ids": [id] });
        error
    }

    pub fn response(&self) -> HttpResponse {
        json_response(self.status, &self.body)
    }
}
