//! Incoming webhooks and response URLs: `ok` in plain text, or a word that says why not.
//!
//! The URL is the credential: `/services/T…/B…/…` for an incoming webhook, `/commands/…`, `/actions/…` and
//! `/workflows/…` for the URLs that Slack hands out with an event.

use super::{Slack, methods};
use crate::call::Call;
use crate::upstream::text_response;
use patchbay_core::HttpResponse;
use serde_json::{Map, Value};

/// Why a payload is refused.
struct Unwanted {
    status: u16,
    word: String,
    /// Seconds.
    retry_after: Option<i64>,
}

impl Slack {
    pub(super) fn webhook(&mut self, call: &Call<'_>) -> HttpResponse {
        match self.deliver(call) {
            Ok(()) => text_response(200, "ok"),
            Err(Unwanted { status, word, retry_after }) => {
                let mut response = text_response(status, &word);
                if let Some(seconds) = retry_after {
                    response.headers.set("retry-after", seconds.to_string());
                }
                response
            }
        }
    }

    fn deliver(&mut self, call: &Call<'_>) -> Result<(), Unwanted> {
        let refused = |status, word: &str| Err(Unwanted { status, word: word.to_owned(), retry_after: None });
        let segments = call.segments();
        let place: Vec<&str> = segments.iter().map(String::as_str).collect();
        match place.as_slice() {
            ["services", team, service, secret]
                if team.starts_with('T') && service.starts_with('B') && !secret.is_empty() => {}
            ["services", ..] => return refused(404, "no_service"),
            ["commands" | "actions" | "workflows" | "triggers", _, ..] => {}
            _ => return refused(404, "no_team"),
        }
        if call.method() != "POST" {
            return refused(400, "invalid_payload");
        }
        let Some(payload) = payload(call) else {
            return refused(400, "invalid_payload");
        };
        // One message a second with short bursts, for each URL.
        if let Err(early) = self.posting.take(call.url.path(), call.now) {
            return Err(Unwanted { status: 429, word: "rate_limited".into(), retry_after: Some(early.seconds()) });
        }
        if place[0] == "workflows" || place[0] == "triggers" || is_instruction(&payload) {
            return Ok(());
        }
        match methods::content(&payload) {
            Ok((object, _)) => {
                self.keep(call.url.path(), object, call.now);
                Ok(())
            }
            Err(refusal) => refused(400, refusal.word()),
        }
    }
}

/// A response URL may also be told to remove the message it belongs to.
fn is_instruction(payload: &Map<String, Value>) -> bool {
    payload.get("delete_original") == Some(&Value::Bool(true))
}

/// The payload, as JSON or in the form field of that name.
fn payload(call: &Call<'_>) -> Option<Map<String, Value>> {
    let body = match call.content_type().as_str() {
        "application/x-www-form-urlencoded" => {
            let (_, text) = call.form().into_iter().find(|(name, _)| name == "payload")?;
            serde_json::from_str(&text).ok()?
        }
        _ => call.json().ok()?,
    };
    if let Value::Object(payload) = body { Some(payload) } else { None }
}
