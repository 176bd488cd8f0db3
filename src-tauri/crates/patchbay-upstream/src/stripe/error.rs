//! Stripe's error shape: `{"error":{"type","code","message","param","doc_url"}}`.

use super::object::Kind;
use crate::upstream::json_response;
use patchbay_core::HttpResponse;
use serde_json::{Map, Value, json};

/// A call that Stripe refuses.
#[derive(Debug)]
pub struct Refusal {
    status: u16,
    error: Map<String, Value>,
}

impl Refusal {
    fn new(status: u16, kind: &str, code: Option<&str>, message: &str) -> Self {
        let mut error = Map::new();
        if let Some(code) = code {
            error.insert("code".into(), code.into());
            error.insert(
                "doc_url".into(),
                format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-")).into(),
            );
        }
        error.insert("message".into(), message.into());
        error.insert("type".into(), kind.into());
        Self { status, error }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.error.insert(name.into(), value.into());
        self
    }

    fn request(code: Option<&str>, message: &str, param: &str) -> Self {
        let refusal = Self::new(400, "invalid_request_error", code, message);
        if param.is_empty() { refusal } else { refusal.with("param", param) }
    }

    pub fn no_key() -> Self {
        Self::new(
            401,
            "invalid_request_error",
            None,
            "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.",
        )
    }

    pub fn wrong_key() -> Self {
        // The real answer shows the key's ends; a simulation has no reason to show any of it.
        Self::new(401, "invalid_request_error", None, "Invalid API Key provided: ****")
    }

    pub fn expired_key() -> Self {
        Self::new(401, "invalid_request_error", Some("api_key_expired"), "Expired API Key provided: ****")
    }

    pub fn unknown_url(method: &str, path: &str) -> Self {
        let message = format!(
            "Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/."
        );
        Self::new(404, "invalid_request_error", None, &message)
    }

    pub fn missing(kind: Kind, id: &str) -> Self {
        let message = format!("No such {}: '{id}'", kind.spoken());
        let refusal = Self::new(404, "invalid_request_error", Some("resource_missing"), &message);
        refusal.with("param", if kind == Kind::PaymentIntent { "intent" } else { "id" })
    }

    pub fn required(param: &str) -> Self {
        Self::request(Some("parameter_missing"), &format!("Missing required param: {param}."), param)
    }

    pub fn unknown(param: &str) -> Self {
        Self::request(Some("parameter_unknown"), &format!("Received unknown parameter: {param}"), param)
    }

    pub fn integer(param: &str, given: &str) -> Self {
        Self::request(Some("parameter_invalid_integer"), &format!("Invalid integer: {given}"), param)
    }

    pub fn invalid(param: &str, message: &str) -> Self {
        Self::request(None, message, param)
    }

    pub fn coded(code: &str, message: &str, param: &str) -> Self {
        Self::request(Some(code), message, param)
    }

    pub fn content_type() -> Self {
        Self::request(
            None,
            "Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have questions, we can help at https://support.stripe.com/.",
            "",
        )
    }

    pub fn long_key() -> Self {
        Self::new(400, "idempotency_error", None, "Idempotency keys may be at most 255 characters long.")
    }

    pub fn reused_key(key: &str) -> Self {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '{key}' if you meant to execute a different request."
        );
        Self::new(400, "idempotency_error", None, &message)
    }

    pub fn declined(decline: &str, charge: &str) -> Self {
        let refusal = Self::new(402, "card_error", Some("card_declined"), "Your card was declined.");
        refusal.with("decline_code", decline).with("charge", charge)
    }

    /// Whether an `Idempotency-Key` keeps this answer.
    pub fn is_kept(&self) -> bool {
        self.status == 402 || self.status >= 500
    }

    /// What Stripe says with a status when a call is broken on purpose.
    pub fn for_status(status: u16) -> Self {
        match status {
            401 => Self::wrong_key(),
            402 => Self::declined("generic_decline", "ch_simulated"),
            403 => Self::new(
                403,
                "invalid_request_error",
                Some("more_permissions_required"),
                "The provided key does not have the required permissions for this endpoint.",
            ),
            404 => Self::new(404, "invalid_request_error", Some("resource_missing"), "No such object"),
            409 => Self::new(
                409,
                "idempotency_error",
                Some("idempotency_key_in_use"),
                "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through). Please try again later.",
            ),
            429 => Self::new(
                429,
                "invalid_request_error",
                Some("rate_limit"),
                "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
            ),
            400..500 => Self::new(status, "invalid_request_error", None, "The request was refused."),
            _ => Self::new(
                status,
                "api_error",
                None,
                "An unknown error occurred. Please try again, or contact us at https://support.stripe.com/.",
            ),
        }
    }

    pub fn response(&self) -> HttpResponse {
        json_response(self.status, &json!({ "error": self.error }))
    }
}
