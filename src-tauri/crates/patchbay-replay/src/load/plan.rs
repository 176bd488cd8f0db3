//! How much is sent, and when each delivery is due.

use super::error::LoadError;
use std::time::Duration;

/// Connections of a run that does not say how many.
pub const DEFAULT_CONCURRENCY: u32 = 16;
/// More would meet the limits of ports and open files before they meet the target's.
pub const MOST_CONCURRENCY: u32 = 10_000;
/// Deliveries a second that a schedule may ask for.
pub const MOST_RATE: f64 = 1_000_000.0;
/// How long a run may last, in seconds.
const LONGEST: f64 = 24.0 * 3600.0;
/// A run that names neither a count nor a duration.
const DEFAULT_DURATION: Duration = Duration::from_secs(10);
/// Senders give up long before.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// What a load run sends.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadPlan {
    /// So many deliveries; `None` for as many as the duration allows.
    pub count: Option<u64>,
    /// No delivery begins after this time; `None` for as long as the count needs.
    pub duration: Option<Duration>,
    /// Senders, each with a connection of its own.
    pub concurrency: u32,
    /// Deliveries a second that are due whatever the target does; `None` for a closed loop.
    pub rate: Option<f64>,
    /// Time in which the rate, or the number of senders, grows evenly to its full value.
    pub ramp: Duration,
    /// When a sender gives up.
    pub timeout: Duration,
}

impl LoadPlan {
    /// A plan from what a person gave; seconds as they were written.
    pub fn new(
        count: Option<u64>,
        duration: Option<f64>,
        concurrency: Option<u32>,
        rate: Option<f64>,
        ramp: Option<f64>,
    ) -> Result<Self, LoadError> {
        if count == Some(0) {
            return Err(LoadError::NoDeliveries);
        }
        let concurrency = concurrency.unwrap_or(DEFAULT_CONCURRENCY);
        if !(1..=MOST_CONCURRENCY).contains(&concurrency) {
            return Err(LoadError::Concurrency { given: concurrency });
        }
        if let Some(given) = rate.filter(|rate| !(*rate > 0.0 && *rate <= MOST_RATE)) {
            return Err(LoadError::Rate { given });
        }
        let duration = duration.map(|given| seconds("duration", 0.001, given)).transpose()?;
        let ramp = ramp.map_or(Ok(Duration::ZERO), |given| seconds("ramp", 0.0, given))?;
        let duration = duration.or_else(|| count.is_none().then_some(DEFAULT_DURATION.max(ramp)));
        if let Some(duration) = duration.filter(|duration| *duration < ramp) {
            return Err(LoadError::RampBeyondEnd { ramp: ramp.as_secs_f64(), duration: duration.as_secs_f64() });
        }
        // A sender more than there are deliveries would have nothing to do.
        let concurrency = count.map_or(concurrency, |count| concurrency.min(u32::try_from(count).unwrap_or(u32::MAX)));
        Ok(Self { count, duration, concurrency, rate, ramp, timeout: DEFAULT_TIMEOUT })
    }

    /// When the `index`-th delivery (from 0) is due, counted from the start; `None` in a closed loop.
    ///
    /// While the rate grows from 0 to `rate` in `ramp`, `rate · t² / (2 · ramp)` deliveries are due by `t`.
    #[expect(clippy::cast_precision_loss, reason = "2^53 deliveries are never made")]
    pub fn due(&self, index: u64) -> Option<Duration> {
        let rate = self.rate?;
        let (index, ramp) = (index as f64, self.ramp.as_secs_f64());
        let in_ramp = rate * ramp / 2.0;
        let seconds =
            if index < in_ramp { (2.0 * ramp * index / rate).sqrt() } else { ramp + (index - in_ramp) / rate };
        Some(Duration::from_secs_f64(seconds))
    }

    /// How many deliveries are due before a time, where there is a rate. The first one is due at once.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number far below 2^53")]
    pub fn due_before(&self, time: Duration) -> Option<u64> {
        let rate = self.rate?;
        let (time, ramp) = (time.as_secs_f64(), self.ramp.as_secs_f64());
        let due = if time < ramp { rate * time * time / (2.0 * ramp) } else { rate * (time - ramp / 2.0) };
        let due = due.ceil() as u64;
        Some(self.count.map_or(due, |count| due.min(count)))
    }

    /// When the `sender`-th sender (from 0) begins. With a rate, all of them wait for what is due.
    pub fn joins(&self, sender: u32) -> Duration {
        if self.rate.is_some() { Duration::ZERO } else { self.ramp * sender / self.concurrency }
    }
}

fn seconds(what: &'static str, least: f64, given: f64) -> Result<Duration, LoadError> {
    // Also refuses what is no number.
    if !(given >= least && given <= LONGEST) {
        return Err(LoadError::Seconds { what, least, most: LONGEST, given });
    }
    Ok(Duration::from_secs_f64(given))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(rate: Option<f64>, ramp: f64) -> LoadPlan {
        LoadPlan::new(Some(100_000), None, Some(8), rate, Some(ramp)).expect("a plan")
    }

    #[test]
    fn deliveries_are_due_evenly_once_the_ramp_is_over() {
        let steady = plan(Some(200.0), 0.0);
        assert_eq!(steady.due(0), Some(Duration::ZERO));
        assert_eq!(steady.due(200), Some(Duration::from_secs(1)));
        let ramped = plan(Some(200.0), 10.0);
        // A growing rate makes half of what the full one makes: 1,000 in 10 s.
        assert_eq!(ramped.due(1000), Some(Duration::from_secs(10)));
        assert_eq!(ramped.due(250), Some(Duration::from_secs(5)), "a quarter of the ramp's deliveries by half of it");
        assert_eq!(ramped.due(1200), Some(Duration::from_secs(11)));
        assert_eq!(plan(None, 0.0).due(7), None, "a closed loop has no schedule");
    }

    #[test]
    fn what_is_due_by_a_time_is_the_schedule_read_backwards() {
        for plan in [plan(Some(200.0), 0.0), plan(Some(333.0), 4.0), plan(Some(0.5), 0.0)] {
            for index in [0, 1, 7, 500, 5000] {
                let due = plan.due(index).expect("a rate") + Duration::from_micros(1);
                assert_eq!(plan.due_before(due), Some(index + 1), "{plan:?}");
            }
        }
    }

    #[test]
    fn senders_of_a_closed_loop_join_along_the_ramp() {
        let closed = plan(None, 4.0);
        assert_eq!(closed.joins(0), Duration::ZERO);
        assert_eq!(closed.joins(4), Duration::from_secs(2));
        assert_eq!(plan(Some(10.0), 4.0).joins(4), Duration::ZERO);
    }

    #[test]
    fn values_that_make_no_run_are_refused_with_what_they_were() {
        let refused = |count, duration, concurrency, rate, ramp| {
            LoadPlan::new(count, duration, concurrency, rate, ramp).expect_err("it is refused").to_string()
        };
        for (error, said) in [
            (refused(Some(0), None, None, None, None), "0 deliveries"),
            (refused(None, None, Some(0), None, None), "not 0"),
            (refused(None, None, Some(10_001), None, None), "not 10001"),
            (refused(None, None, None, Some(-5.0), None), "not -5"),
            (refused(None, None, None, Some(0.0), None), "not 0"),
            (refused(None, None, None, Some(f64::NAN), None), "not NaN"),
            (refused(None, Some(-1.0), None, None, None), "duration"),
            (refused(None, Some(f64::INFINITY), None, None, None), "not inf"),
            (refused(None, None, None, None, Some(-0.5)), "ramp"),
            (refused(None, Some(3.0), None, None, Some(4.0)), "longer than"),
        ] {
            assert!(error.contains(said), "`{error}` should say `{said}`");
        }
    }

    #[test]
    fn a_run_without_an_end_gets_one() {
        let plan = LoadPlan::new(None, None, Some(4), None, None).expect("a plan");
        assert_eq!(plan.duration, Some(DEFAULT_DURATION));
        let plan = LoadPlan::new(None, None, None, Some(10.0), Some(60.0)).expect("a plan");
        assert_eq!(plan.duration, Some(Duration::from_mins(1)), "the whole ramp at least");
        assert_eq!(LoadPlan::new(Some(3), None, Some(64), None, None).expect("a plan").concurrency, 3);
    }
}
