//! Airtable's error shapes: mostly `{"error":{"type","message"}}`, for some a word instead of the object.

use crate::complaint::Complaint;
use crate::upstream::json_response;
use patchbay_core::HttpResponse;
use serde_json::{Value, json};

/// A call that Airtable refuses.
#[derive(Debug)]
pub struct Refusal {
    status: u16,
    body: Value,
}

impl Refusal {
    fn typed(status: u16, kind: &str, message: &str) -> Self {
        Self { status, body: json!({ "error": { "type": kind, "message": message } }) }
    }

    pub fn unauthorized() -> Self {
        Self::typed(401, "AUTHENTICATION_REQUIRED", "Authentication required")
    }

    /// No such base or record.
    pub fn not_found() -> Self {
        Self { status: 404, body: json!({ "error": "NOT_FOUND" }) }
    }

    /// The body is no JSON.
    pub fn unreadable() -> Self {
        Self::typed(400, "INVALID_REQUEST_BODY", "Could not parse request body")
    }

    /// The request's form is wrong.
    pub fn parameters() -> Self {
        Self::typed(
            422,
            "INVALID_REQUEST_UNKNOWN",
            "Invalid request: parameter validation failed. Check your request data.",
        )
    }

    pub fn missing_fields() -> Self {
        Self::typed(422, "INVALID_REQUEST_MISSING_FIELDS", "Could not find field \"fields\" in the request body")
    }

    pub fn record_id(id: &str) -> Self {
        Self::typed(422, "INVALID_RECORD_ID", &format!("Value \"{id}\" is not a valid record ID."))
    }

    pub fn value(field: &str) -> Self {
        Self::typed(422, "INVALID_VALUE_FOR_COLUMN", &format!("Field \"{field}\" cannot accept the provided value"))
    }

    pub fn unknown_field(field: &str) -> Self {
        Self::typed(422, "UNKNOWN_FIELD_NAME", &format!("Unknown field name: \"{field}\""))
    }

    pub fn formula(reason: &Complaint) -> Self {
        Self::typed(
            422,
            "INVALID_FILTER_BY_FORMULA",
            &format!("The formula for filtering records is invalid: {reason}"),
        )
    }

    pub fn offset() -> Self {
        Self::typed(422, "LIST_RECORDS_ITERATOR_NOT_AVAILABLE", "The offset is not valid any more")
    }

    pub fn upsert(message: &str) -> Self {
        Self::typed(422, "INVALID_REQUEST_UNKNOWN", message)
    }

    pub fn rate_limited() -> Self {
        Self {
            status: 429,
            body: json!({ "errors": [{
                "error": "RATE_LIMIT_REACHED", "message": "Rate limit exceeded. Please try again later",
            }] }),
        }
    }

    /// The real API would answer; this simulation must not pretend to.
    pub fn not_simulated(method: &str, path: &str) -> Self {
        let message = format!("The simulated Airtable does not answer {method} {path}; replay it against the live API");
        Self::typed(501, "NOT_SIMULATED", &message)
    }

    /// What Airtable says with a status when a call is broken on purpose.
    pub fn for_status(status: u16) -> Self {
        match status {
            401 => Self::unauthorized(),
            403 => Self::typed(
                403,
                "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND",
                "Invalid permissions, or the requested model was not found. Check that both your user and your token have the required permissions, and that the model names and/or ids are correct.",
            ),
            404 => Self::not_found(),
            413 => Self::typed(413, "REQUEST_TOO_LARGE", "Request body is too large"),
            429 => Self::rate_limited(),
            400..500 => Self { status, ..Self::parameters() },
            503 => Self::typed(
                503,
                "SERVICE_UNAVAILABLE",
                "The server could not process your request in time. The server could be temporarily unavailable, or it could have timed out processing your request. You should retry the request with backoff.",
            ),
            _ => Self::typed(status, "SERVER_ERROR", "Try again. If the problem persists, contact support."),
        }
    }

    pub fn response(&self) -> HttpResponse {
        json_response(self.status, &self.body)
    }
}
