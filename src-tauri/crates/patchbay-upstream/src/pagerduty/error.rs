//! Error shapes: `{"status","message","errors"}` of events, `{"error":{"message","code","errors"}}` of the REST API.

use crate::upstream::json_response;
use patchbay_core::HttpResponse;
use serde_json::{Value, json};

/// A call that is refused.
#[derive(Debug)]
pub struct Refusal {
    status: u16,
    body: Value,
    headers: Vec<(&'static str, String)>,
}

impl Refusal {
    fn new(status: u16, body: Value) -> Self {
        Self { status, body, headers: Vec::new() }
    }

    /// 400 of the Events API.
    pub fn event(errors: &[String]) -> Self {
        Self::new(400, json!({ "status": "invalid event", "message": "Event object is invalid", "errors": errors }))
    }

    /// 429 of the Events API.
    pub fn event_throttled() -> Self {
        Self::new(
            429,
            json!({
                "status": "throttle exceeded", "message": "Requests for this service are arriving too quickly.  Please retry later.",
                "errors": ["Enhance your calm."],
            }),
        )
    }

    pub fn rest(status: u16, code: u32, message: &str, errors: &[String]) -> Self {
        let mut error = json!({ "message": message, "code": code });
        if !errors.is_empty() {
            error["errors"] = json!(errors);
        }
        Self::new(status, json!({ "error": error }))
    }

    /// 400 of the REST API.
    pub fn invalid_input(errors: &[String]) -> Self {
        Self::rest(400, 2001, "Invalid Input Provided", errors)
    }

    pub fn unauthorized() -> Self {
        Self::rest(401, 2006, "Unauthorized", &[])
    }

    pub fn missing() -> Self {
        Self::rest(404, 2100, "Not Found", &[])
    }

    /// 429 of the REST API, which says in its own headers when to come back.
    pub fn throttled(seconds: i64) -> Self {
        let mut refusal = Self::rest(429, 2020, "Rate Limit Exceeded", &[]);
        refusal.headers = vec![
            ("ratelimit-limit", "960".into()),
            ("ratelimit-remaining", "0".into()),
            ("ratelimit-reset", seconds.to_string()),
        ];
        refusal
    }

    /// The real API would answer; this simulation must not pretend to.
    pub fn not_simulated(method: &str, path: &str) -> Self {
        let message =
            format!("The simulated PagerDuty does not answer {method} {path}; replay it against the live API");
        Self::rest(501, 0, &message, &[])
    }

    /// What the Events API says with a status when a call is broken on purpose.
    pub fn event_for_status(status: u16) -> Self {
        match status {
            429 => Self::event_throttled(),
            400..500 => Self { status, ..Self::event(&["The event was refused".into()]) },
            _ => {
                let message = "Internal Server Error";
                Self::new(status, json!({ "status": "error", "message": message, "errors": [message] }))
            }
        }
    }

    /// What the REST API says with a status when a call is broken on purpose.
    pub fn rest_for_status(status: u16) -> Self {
        match status {
            401 => Self::unauthorized(),
            403 => Self::rest(403, 2010, "Access Denied", &[]),
            404 => Self::missing(),
            429 => Self::rest(429, 2020, "Rate Limit Exceeded", &[]),
            400..500 => Self { status, ..Self::invalid_input(&[]) },
            _ => Self::rest(status, 2000, "Internal Server Error", &[]),
        }
    }

    pub fn response(&self) -> HttpResponse {
        let mut response = json_response(self.status, &self.body);
        for (name, value) in &self.headers {
            response.headers.set(name, value.clone());
        }
        response
    }
}
