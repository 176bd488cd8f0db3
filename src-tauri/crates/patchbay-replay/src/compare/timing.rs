//! How long two sets of deliveries took.

use crate::trace::Trace;

/// With fewer pairs a busy machine cannot be told from a slower adapter.
const FEWEST_PAIRS: usize = 5;
/// How many times as long counts,
const SLOWER: f64 = 2.0;
/// and how much longer at least, in milliseconds.
const SLOWER_BY_MS: f64 = 1000.0;

/// Medians of the time until the answer was complete, in milliseconds. Waits for the tenant's pace are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Timing {
    /// Of the first set.
    pub before_ms: f64,
    /// Of the second set.
    pub after_ms: f64,
    /// Whether the second one is slower than a busy machine explains: of five pairs or more, each delivery slower than all
    /// before, in the median more than twice as slow and by more than a second. Only then it counts as a difference.
    pub is_slower: bool,
}

/// Of deliveries of the same webhooks.
pub fn compare(pairs: &[(&Trace, &Trace)]) -> Timing {
    let before: Vec<f64> = pairs.iter().map(|(before, _)| own(before)).collect();
    let after: Vec<f64> = pairs.iter().map(|(_, after)| own(after)).collect();
    let slowest_before = before.iter().copied().fold(0.0, f64::max);
    let each_is_slower = after.iter().all(|after| *after > slowest_before);
    let (before_ms, after_ms) = (median(before), median(after));
    let is_slower = pairs.len() >= FEWEST_PAIRS
        && each_is_slower
        && after_ms > before_ms * SLOWER
        && after_ms - before_ms > SLOWER_BY_MS;
    Timing { before_ms, after_ms, is_slower }
}

fn own(trace: &Trace) -> f64 {
    let paced: f64 = trace.outbound.iter().filter_map(|call| call.pacing_ms).sum();
    (trace.total_ms - paced).max(0.0)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    match (times.len(), times.len() / 2) {
        (0, _) => 0.0,
        (length, middle) if length % 2 == 0 => f64::midpoint(times[middle - 1], times[middle]),
        (_, middle) => times[middle],
    }
}
