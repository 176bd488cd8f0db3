//! The ways in which a call breaks.

use std::time::Duration;

/// Longer than adapters wait for an upstream, where the sender does not say how long it waits.
const NO_DEADLINE: Duration = Duration::from_secs(9);
/// Nobody waits longer for a report; a sender that waits longer gets its answer in time.
const LONGEST: Duration = Duration::from_secs(20);

/// One way.
pub(super) struct Kind {
    /// For people.
    pub(super) how: String,
    /// As a fault is written after the upstream.
    pub(super) fault: String,
}

/// Every way, for a sender that waits so long.
pub(super) fn kinds(deadline: Option<Duration>) -> Vec<Kind> {
    let waits = deadline.unwrap_or(NO_DEADLINE).min(LONGEST);
    // The shortest that a sender notices.
    let slow = waits + Duration::from_millis(500);
    let timeout = waits + Duration::from_secs(1);
    let kind = |how: &str, fault: &str| Kind { how: how.to_owned(), fault: fault.to_owned() };
    vec![
        kind("429 with Retry-After", "429:retry-after=1"),
        kind("500", "500"),
        kind("500 although it was done", "500:applied"),
        kind("503", "503"),
        kind("expired token", "expired-token"),
        kind("malformed answer", "malformed"),
        kind("empty answer", "empty"),
        kind("HTML page", "html"),
        kind("cut off answer", "truncated"),
        kind("reset", "reset"),
        kind(&format!("slow by {} s", slow.as_secs_f64()), &format!("slow:ms={}", slow.as_millis())),
        kind("timeout", &format!("timeout:ms={}", timeout.as_millis())),
    ]
}

/// What an outage looks like.
pub(super) fn outage() -> Kind {
    Kind { how: "503".into(), fault: "503".into() }
}

#[cfg(test)]
mod tests {
    use super::kinds;
    use patchbay_upstream::Fault;
    use std::time::Duration;

    #[test]
    fn every_kind_is_a_fault_that_can_be_given_by_hand() {
        for deadline in [None, Some(Duration::from_secs(3)), Some(Duration::from_mins(1))] {
            for kind in kinds(deadline) {
                let given = format!("notion#2:{}", kind.fault);
                let fault = given.parse::<Fault>().unwrap_or_else(|error| panic!("{given}: {error}"));
                assert_eq!(fault.to_string(), given);
            }
        }
    }
}
