//! When a tenant's next outbound call may go out: what the Durable Object `Pace` of the outbound worker is on
//! Cloudflare. Here rather than in a tenant's process, so that the limit holds over all of them and over their restarts.

use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// A second's worth of calls may go at once; what comes faster takes turns.
const BURST_MS: f64 = 1000.0;

/// Who wants to call, as the outbound worker asks for it.
#[derive(Debug, Deserialize)]
pub(crate) struct Turn {
    tenant: String,
    /// The tenant's limit, more than 0.
    per_second: f64,
    /// A turn further away than so many milliseconds is not taken.
    longest: f64,
    /// The lane of the recorded delivery that wants to call.
    #[serde(default)]
    lane: Option<u32>,
}

impl Turn {
    pub(crate) fn lane(&self) -> Option<u32> {
        self.lane
    }

    /// Whether somebody who is told to wait so long has taken the turn.
    pub(crate) fn is_taken_after(&self, wait: f64) -> bool {
        wait <= self.longest
    }
}

/// A token bucket for each tenant, kept as the one moment at which it is full again.
pub(crate) struct Turns {
    since: Instant,
    full_at: Mutex<HashMap<String, f64>>,
}

impl Turns {
    pub(crate) fn new() -> Self {
        Self { since: Instant::now(), full_at: Mutex::default() }
    }

    /// Takes the next turn and tells how long to wait for it, in milliseconds. Whoever is told to wait longer than they
    /// would has taken none and must not call.
    pub(crate) fn take(&self, turn: &Turn) -> f64 {
        self.take_at(self.since.elapsed().as_secs_f64() * 1000.0, turn)
    }

    fn take_at(&self, now: f64, turn: &Turn) -> f64 {
        let interval = 1000.0 / turn.per_second;
        let mut buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(turn.tenant.clone()).or_default();
        let full_at = bucket.max(now);
        let wait = (full_at - now - (BURST_MS - interval).max(0.0)).max(0.0);
        if turn.is_taken_after(wait) {
            *bucket = full_at + interval;
        }
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::{Turn, Turns};

    fn waits(turns: &Turns, tenant: &str, now: f64, count: usize) -> Vec<f64> {
        let turn = Turn { tenant: tenant.into(), per_second: 5.0, longest: 500.0, lane: None };
        (0..count).map(|_| turns.take_at(now, &turn)).collect()
    }

    #[test]
    fn a_seconds_worth_goes_at_once_and_then_each_waits_for_its_turn() {
        let turns = Turns::new();
        assert_eq!(waits(&turns, "a", 0.0, 9), [0.0, 0.0, 0.0, 0.0, 0.0, 200.0, 400.0, 600.0, 600.0]);
        assert_eq!(waits(&turns, "b", 0.0, 1), [0.0], "another tenant has turns of its own");
        assert_eq!(waits(&turns, "a", 200.0, 1), [400.0], "who was refused has taken none");
        assert_eq!(waits(&turns, "a", 60_000.0, 6), [0.0, 0.0, 0.0, 0.0, 0.0, 200.0], "idle time fills the bucket");
    }
}
