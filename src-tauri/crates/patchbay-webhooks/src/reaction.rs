//! What a sender does after an answer.

use crate::provider::{Handshake, RetrySchedule};
use patchbay_core::HttpResponse;
use std::fmt;

/// What the sender makes of an answer that came in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// It is content; the event is delivered.
    Delivered,
    /// It sends the event again by its schedule.
    Retried,
    /// It never sends the event again.
    Dropped,
    /// It stops sending to this endpoint.
    Disabled,
    /// The answer to its question is not the expected one: it does not take the endpoint.
    HandshakeRefused,
}

impl fmt::Display for Reaction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Delivered => "delivered",
            Self::Retried => "the sender tries again",
            Self::Dropped => "the sender drops the event for good",
            Self::Disabled => "the sender disables the endpoint",
            Self::HandshakeRefused => "the sender refuses the endpoint: its challenge was not answered",
        })
    }
}

/// The rule of most senders: 2xx is a delivery, anything else is tried again where the sender retries.
pub fn by_status(handshake: Option<&Handshake>, schedule: RetrySchedule, response: &HttpResponse) -> Reaction {
    let success = (200..300).contains(&response.status);
    match handshake {
        Some(Handshake::Challenge(challenge)) => {
            if success && contains_challenge(response, challenge) {
                Reaction::Delivered
            } else {
                Reaction::HandshakeRefused
            }
        }
        Some(Handshake::Ping) | None if success => Reaction::Delivered,
        None if schedule.retries() => Reaction::Retried,
        Some(Handshake::Ping) | None => Reaction::Dropped,
    }
}

/// The challenge as the whole text, or as the member `challenge` of a JSON object.
fn contains_challenge(response: &HttpResponse, challenge: &str) -> bool {
    if response.body == challenge.as_bytes() {
        return true;
    }
    serde_json::from_slice::<serde_json::Value>(&response.body)
        .is_ok_and(|body| body.get("challenge").and_then(serde_json::Value::as_str) == Some(challenge))
}
