//! `PayPal`'s error shapes: `{"name","message","debug_id","details","links"}`, and OAuth's for tokens.

use crate::random_id::mixed;
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
    fn new(status: u16, name: &str, message: &str, details: &Value) -> Self {
        let debug_id = mixed("", 13).to_lowercase();
        let issue = details[0]["issue"].as_str().unwrap_or(name);
        let body = json!({
            "name": name, "message": message, "debug_id": debug_id, "details": details,
            "links": [{
                "href": format!("https://developer.paypal.com/docs/api/orders/v2/#error-{issue}"),
                "rel": "information_link", "method": "GET",
            }],
        });
        Self { status, body }
    }

    fn oauth(status: u16, error: &str, description: &str) -> Self {
        Self { status, body: json!({ "error": error, "error_description": description }) }
    }

    pub fn invalid_client() -> Self {
        Self::oauth(401, "invalid_client", "Client Authentication failed")
    }

    pub fn grant(error: &str, description: &str) -> Self {
        Self::oauth(400, error, description)
    }

    pub fn invalid_token() -> Self {
        Self::oauth(401, "invalid_token", "Token signature verification failed")
    }

    pub fn expired() -> Self {
        Self::oauth(401, "invalid_token", "The token has expired")
    }

    pub fn unauthenticated() -> Self {
        Self::new(
            401,
            "AUTHENTICATION_FAILURE",
            "Authentication failed due to missing authorization header, or invalid authentication credentials.",
            &json!([]),
        )
    }

    /// 400: a field is missing or has another form.
    pub fn field(place: &str, given: &Value, issue: &str, description: &str) -> Self {
        Self::new(
            400,
            "INVALID_REQUEST",
            "Request is not well-formed, syntactically incorrect, or violates schema.",
            &json!([{
                "field": place, "value": given.as_str().unwrap_or_default(), "location": "body", "issue": issue,
                "description": description,
            }]),
        )
    }

    pub fn required(place: &str) -> Self {
        Self::field(place, &Value::Null, "MISSING_REQUIRED_PARAMETER", "A required field / parameter is missing.")
    }

    pub fn malformed() -> Self {
        Self::field("/", &Value::Null, "MALFORMED_REQUEST_JSON", "The request JSON is not well formed.")
    }

    pub fn media_type() -> Self {
        Self::new(
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            "The server does not support the request payload's media type.",
            &json!([]),
        )
    }

    /// 422: well formed, and still not possible.
    pub fn unprocessable(issue: &str, description: &str) -> Self {
        Self::new(
            422,
            "UNPROCESSABLE_ENTITY",
            "The requested action could not be performed, semantically incorrect, or failed business validation.",
            &json!([{ "issue": issue, "description": description }]),
        )
    }

    pub fn missing() -> Self {
        Self::new(
            404,
            "RESOURCE_NOT_FOUND",
            "The specified resource does not exist.",
            &json!([{
                "issue": "INVALID_RESOURCE_ID",
                "description": "Specified resource ID does not exist. Please check the resource ID and try again.",
            }]),
        )
    }

    /// The real API would answer; this simulation must not pretend to.
    pub fn not_simulated(method: &str, path: &str) -> Self {
        let message = format!("The simulated PayPal does not answer {method} {path}; replay it against the live API");
        Self::new(501, "NOT_SIMULATED", &message, &json!([]))
    }

    /// What is said with a status when a call is broken on purpose.
    pub fn for_status(status: u16) -> Self {
        match status {
            401 => Self::invalid_token(),
            403 => Self::new(
                403,
                "NOT_AUTHORIZED",
                "Authorization failed due to insufficient permissions.",
                &json!([{ "issue": "PERMISSION_DENIED", "description": "You do not have permission to access or perform operations on this resource." }]),
            ),
            404 => Self::missing(),
            409 => Self::new(
                409,
                "RESOURCE_CONFLICT",
                "The server has detected a conflict while processing this request.",
                &json!([]),
            ),
            422 => Self::unprocessable(
                "PAYER_ACTION_REQUIRED",
                "Payer needs to perform the following action before proceeding with payment.",
            ),
            429 => Self::new(429, "RATE_LIMIT_REACHED", "Too many requests. Blocked due to rate limiting.", &json!([])),
            400..500 => Self { status, ..Self::malformed() },
            503 => Self::new(503, "SERVICE_UNAVAILABLE", "Service Unavailable.", &json!([])),
            _ => Self::new(
                status,
                "INTERNAL_SERVER_ERROR",
                "An internal server error has occurred.",
                &json!([{ "issue": "INTERNAL_SERVER_ERROR", "description": "An internal server error has occurred. Retry the request later." }]),
            ),
        }
    }

    pub fn response(&self) -> HttpResponse {
        json_response(self.status, &self.body)
    }
}
