//! When a request goes again, and after which wait.

use crate::error::CloudflareError;
use rand::Rng as _;
use std::time::Duration;

/// Bounds of trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// Attempts in all, the first one included.
    pub attempts: u32,
    /// Wait after the first failure; doubles with each further one.
    pub first_wait: Duration,
    /// Longest wait. A server that asks for more is not asked again: the person decides.
    pub longest_wait: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self { attempts: 3, first_wait: Duration::from_millis(500), longest_wait: Duration::from_mins(1) }
    }
}

impl Retries {
    /// The wait before attempt `attempt + 1`, or `None` when the error stands. Up to a fifth of random time is added
    /// so that many clients do not come back at once; never less than the server asked for.
    pub(crate) fn wait(&self, error: &CloudflareError, attempt: u32, idempotent: bool) -> Option<Duration> {
        let may_go_again = error.is_retryable() && (idempotent || error.was_not_executed());
        if !may_go_again || attempt >= self.attempts {
            return None;
        }
        let wait = match error.retry_after() {
            Some(asked) if asked > self.longest_wait => return None,
            Some(asked) => asked,
            None => self.first_wait.saturating_mul(1 << (attempt - 1).min(16)).min(self.longest_wait),
        };
        Some(wait.mul_f64(1.0 + rand::rng().random_range(0.0..0.2)))
    }
}

/// Reads `Retry-After` in its form of whole seconds. Cloudflare sends no dates; a value that cannot be read counts
/// as absent.
pub(crate) fn retry_after(value: Option<&str>) -> Option<Duration> {
    value?.trim().parse::<u64>().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::{Retries, retry_after};
    use crate::error::CloudflareError;
    use std::time::Duration;

    fn answer(status: u16, retry_after: Option<u64>) -> CloudflareError {
        CloudflareError::Empty { operation: "test", status, retry_after: retry_after.map(Duration::from_secs) }
    }

    #[test]
    fn waits_grow_and_are_bounded() {
        let retries = Retries::default();
        let wait = |error: &CloudflareError, attempt, idempotent| {
            retries.wait(error, attempt, idempotent).map(|wait| wait.as_secs_f64())
        };
        let within =
            |wait: Option<f64>, least: f64| wait.is_some_and(|wait| (least..least * 1.2 + 1e-6).contains(&wait));
        assert!(within(wait(&answer(503, None), 1, true), 0.5));
        assert!(within(wait(&answer(503, None), 2, true), 1.0));
        assert!(within(wait(&answer(429, Some(7)), 1, true), 7.0));
        assert_eq!(wait(&answer(503, None), 3, true), None, "three attempts are enough");
        assert_eq!(wait(&answer(429, Some(300)), 1, true), None, "nobody should sit through five minutes");
        assert_eq!(wait(&answer(503, None), 1, false), None, "a POST may have been executed");
        assert!(within(wait(&answer(429, None), 1, false), 0.5), "a throttled POST was not executed");
        assert_eq!(wait(&answer(404, None), 1, true), None);
    }

    #[test]
    fn retry_after_is_read_as_seconds() {
        assert_eq!(retry_after(Some(" 3 ")), Some(Duration::from_secs(3)));
        for value in [None, Some("-1"), Some("1.5"), Some("soon")] {
            assert_eq!(retry_after(value), None, "{value:?}");
        }
    }
}
