//! Rate limits: so many calls of one key within a window that moves with the clock that is handed in.

use std::collections::{HashMap, VecDeque};
use time::{Duration, OffsetDateTime};

/// A rate limit and the calls that count against it.
pub(crate) struct Pace {
    /// Calls per window; `None` once the limit is lifted.
    limit: Option<usize>,
    window: Duration,
    calls: HashMap<String, VecDeque<OffsetDateTime>>,
}

/// A call that comes too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooFast {
    /// Until the window has room again.
    pub wait: Duration,
}

impl TooFast {
    /// The wait in whole seconds, rounded up: what a `Retry-After` header says.
    pub fn seconds(self) -> i64 {
        self.wait.whole_seconds() + i64::from(self.wait.subsec_nanoseconds() > 0)
    }
}

impl Pace {
    pub fn new(limit: usize, window: Duration) -> Self {
        Self { limit: Some(limit), window, calls: HashMap::new() }
    }

    /// Counts a call and answers how many the window still has room for. A refused call is not counted.
    pub fn take(&mut self, key: &str, now: OffsetDateTime) -> Result<usize, TooFast> {
        let Some(limit) = self.limit else {
            return Ok(usize::MAX);
        };
        let calls = self.calls.entry(key.to_owned()).or_default();
        while calls.front().is_some_and(|call| now - *call >= self.window) {
            calls.pop_front();
        }
        if calls.len() >= limit {
            let wait = calls.front().map_or(self.window, |first| self.window - (now - *first));
            return Err(TooFast { wait });
        }
        calls.push_back(now);
        Ok(limit - calls.len())
    }

    /// From now on nothing is refused.
    pub fn lift(&mut self) {
        self.limit = None;
    }
}

#[cfg(test)]
mod tests {
    use super::{Pace, TooFast};
    use time::{Duration, OffsetDateTime};

    #[test]
    fn the_window_moves_and_refused_calls_do_not_count() {
        let start = OffsetDateTime::UNIX_EPOCH;
        let mut pace = Pace::new(2, Duration::seconds(1));
        assert_eq!(pace.take("a", start), Ok(1));
        assert_eq!(pace.take("a", start + Duration::milliseconds(400)), Ok(0));
        let refused = pace.take("a", start + Duration::milliseconds(500));
        assert_eq!(refused, Err(TooFast { wait: Duration::milliseconds(500) }));
        assert_eq!(refused.map_err(TooFast::seconds), Err(1));
        assert_eq!(pace.take("b", start), Ok(1), "another key has its own window");
        assert_eq!(pace.take("a", start + Duration::seconds(1)), Ok(0), "the first call has left the window");
        pace.lift();
        assert!((0..100).all(|_| pace.take("a", start).is_ok()));
    }
}
