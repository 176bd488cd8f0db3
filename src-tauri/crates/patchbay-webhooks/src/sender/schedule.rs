//! When a sender sends an event again, also where it does not publish its waits.

use crate::provider::{Provider, RetrySchedule};
use std::fmt;
use std::time::Duration;

/// The first wait where none is published.
const FIRST_WAIT: Duration = Duration::from_mins(1);

/// A sender's retries, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPlan {
    /// What the sender says about them, as a sentence without a full stop.
    pub policy: &'static str,
    /// None of them where the sender sends once.
    pub retries: Vec<PlannedRetry>,
}

/// One retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedRetry {
    /// From 1.
    pub number: u32,
    /// How many there are at most.
    pub of: u32,
    /// After the attempt before.
    pub wait: Duration,
    /// After the first attempt.
    pub elapsed: Duration,
    /// Whether the sender publishes the wait; otherwise it is one that fits into what is published.
    pub published: bool,
}

impl RetryPlan {
    /// That of a provider.
    pub fn of(provider: &dyn Provider) -> Self {
        let schedule = provider.retry_schedule();
        let published = !schedule.waits.is_empty();
        let waits = if published { schedule.waits.to_vec() } else { fitting(schedule) };
        let of = u32::try_from(waits.len()).unwrap_or(u32::MAX);
        let mut elapsed = Duration::ZERO;
        let planned = |(number, wait): (u32, Duration)| {
            elapsed += wait;
            PlannedRetry { number, of, wait, elapsed, published }
        };
        Self { policy: provider.retry_policy(), retries: (1..).zip(waits).map(planned).collect() }
    }
}

/// Waits within what the sender publishes. Its number of retries where it names one: doubling waits if the first is a
/// minute or more, even ones otherwise. Else waits that double from a minute until it gives up.
fn fitting(schedule: RetrySchedule) -> Vec<Duration> {
    let Some(total) = schedule.gives_up_after else { return Vec::new() };
    if let Some(count) = schedule.at_most {
        let shares = 2_u32.checked_pow(count).map(|parts| parts - 1);
        let first = shares.map(|shares| total / shares).filter(|first| *first >= FIRST_WAIT);
        return match first {
            Some(first) => (0..count).map(|retry| first * 2_u32.pow(retry)).collect(),
            None => (0..count).map(|_| total / count).collect(),
        };
    }
    let mut waits = Vec::new();
    let (mut wait, mut elapsed) = (FIRST_WAIT, Duration::ZERO);
    while elapsed + wait <= total {
        waits.push(wait);
        elapsed += wait;
        wait = (wait * 2).min(schedule.longest_wait.unwrap_or(total));
    }
    waits
}

impl fmt::Display for PlannedRetry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, of, wait, published, .. } = self;
        write!(formatter, "retry {number} of {of}, ")?;
        match (wait.is_zero(), published) {
            (true, _) => formatter.write_str("at once"),
            (false, true) => write!(formatter, "after {}", in_words(*wait)),
            (false, false) => write!(formatter, "after about {}", in_words(*wait)),
        }
    }
}

/// `5 min`, `2 h 30 min`, `3 d`: the two largest units that are not zero.
pub fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let parts = [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let words: Vec<String> = parts
        .iter()
        .skip_while(|(count, _)| *count == 0)
        .take(2)
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    if words.is_empty() { "0 s".into() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::{RetryPlan, in_words};
    use crate::providers;
    use std::time::Duration;

    /// Retries by provider: how many, the last one of them, and when it comes after the first attempt.
    #[test]
    fn every_provider_retries_as_it_says() {
        for (id, count, last, end) in [
            ("slack", 3, "retry 3 of 3, after 5 min", "6 min"),
            ("teams", 0, "", ""),
            ("graph", 7, "retry 7 of 7, after about 1 h 4 min", "2 h 7 min"),
            ("stripe", 12, "retry 12 of 12, after about 1 d 10 h", "2 d 20 h"),
            ("paypal", 25, "retry 25 of 25, after about 2 h 52 min", "3 d"),
            ("github", 0, "", ""),
            ("pagerduty", 11, "retry 11 of 11, after about 17 h 4 min", "1 d 10 h"),
            ("hubspot", 10, "retry 10 of 10, after about 12 h", "23 h 59 min"),
            ("salesforce", 17, "retry 17 of 17, after about 2 h", "22 h 7 min"),
            ("standard-webhooks", 9, "retry 9 of 9, after 1 d", "3 d 3 h"),
            ("custom", 0, "", ""),
        ] {
            let plan = RetryPlan::of(providers::find(id).expect(id));
            let last_of_them = plan.retries.last();
            assert_eq!(plan.retries.len(), count, "{id}");
            assert_eq!(last_of_them.map(ToString::to_string).unwrap_or_default(), last, "{id}");
            assert_eq!(last_of_them.map(|last| in_words(last.elapsed)).unwrap_or_default(), end, "{id}");
            assert!(!plan.policy.is_empty() && !plan.policy.ends_with('.'), "{id}");
        }
        assert_eq!(providers::ALL.len(), 11, "a new provider should be in this table");
    }

    #[test]
    fn durations_are_said_in_two_units() {
        for (seconds, words) in [(0, "0 s"), (90, "1 min 30 s"), (3600, "1 h"), (3601, "1 h"), (90_000, "1 d 1 h")] {
            assert_eq!(in_words(Duration::from_secs(seconds)), words);
        }
    }
}
