//! Answers kept under an idempotency key, so that a repeated call gets the first answer again.

use patchbay_core::HttpResponse;
use std::collections::HashMap;
use time::{Duration, OffsetDateTime};

/// Stored answers of one upstream.
pub(crate) struct Replays {
    lifetime: Duration,
    stored: HashMap<String, Stored>,
}

struct Stored {
    /// What the key was first used with.
    call: String,
    response: HttpResponse,
    since: OffsetDateTime,
}

/// What a key says about a call.
pub(crate) enum Seen {
    /// First use.
    Never,
    /// The same call again.
    Before(HttpResponse),
    /// The key belongs to another call.
    Otherwise,
}

impl Replays {
    pub fn new(lifetime: Duration) -> Self {
        Self { lifetime, stored: HashMap::new() }
    }

    pub fn look_up(&mut self, key: &str, call: &str, now: OffsetDateTime) -> Seen {
        self.stored.retain(|_, stored| now - stored.since < self.lifetime);
        match self.stored.get(key) {
            None => Seen::Never,
            Some(stored) if stored.call == call => Seen::Before(stored.response.clone()),
            Some(_) => Seen::Otherwise,
        }
    }

    pub fn keep(&mut self, key: &str, call: String, response: HttpResponse, now: OffsetDateTime) {
        self.stored.insert(key.to_owned(), Stored { call, response, since: now });
    }
}
