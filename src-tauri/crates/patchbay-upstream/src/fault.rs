//! Faults: what breaks, at which call, and how a person writes it (`notion#2:429:retry-after=1`).

use crate::upstreams::ALL;
use patchbay_core::Hints;
use std::str::FromStr;
use std::time::Duration;

/// One thing to break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Id of the upstream.
    pub upstream: &'static str,
    /// Which call breaks, from 1; `None` is every call.
    pub call: Option<u32>,
    /// How it breaks.
    pub kind: FaultKind,
}

/// How a call breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The upstream's own error answer; the call takes no effect.
    Status {
        /// 400 to 599.
        status: u16,
        /// `Retry-After`, in seconds.
        retry_after_seconds: Option<u32>,
    },
    /// 2xx with half of the JSON; the call takes effect.
    Malformed,
    /// The connection closes in the middle of the body; the call takes effect.
    Truncated,
    /// The right answer, late.
    Slow {
        /// How late.
        delay: Duration,
    },
    /// No answer for a minute.
    Timeout,
    /// The connection is reset; the call takes no effect.
    Reset,
}

impl Fault {
    /// Whether this fault breaks the `call`-th call (from 1) of an upstream.
    pub fn applies_to(&self, upstream: &str, call: u32) -> bool {
        self.upstream == upstream && self.call.is_none_or(|wanted| wanted == call)
    }
}

/// Why a fault could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// No colon.
    #[error("The fault `{given}` does not say how the upstream breaks")]
    NoKind {
        /// What was given.
        given: String,
    },
    /// No such upstream.
    #[error("`{given}` is not a simulated upstream")]
    UnknownUpstream {
        /// What was given.
        given: String,
    },
    /// Not a number from 1.
    #[error("`{given}` is not a call number")]
    CallNumber {
        /// What was given after `#`.
        given: String,
    },
    /// Neither a status nor a word.
    #[error("`{given}` is not a kind of fault")]
    UnknownKind {
        /// What was given.
        given: String,
    },
    /// The option does not belong to the kind.
    #[error("The fault `{kind}` has no option `{given}`")]
    UnknownOption {
        /// The kind.
        kind: String,
        /// What was given.
        given: String,
    },
    /// The option's value is not a whole number in range.
    #[error("`{given}` is not a value for `{option}`")]
    OptionValue {
        /// The option.
        option: &'static str,
        /// What was given.
        given: String,
    },
    /// `slow` without `ms`.
    #[error("The fault `slow` does not say how slow")]
    NoDelay,
}

impl Hints for FaultError {
    fn hints(&self) -> Vec<String> {
        let known: Vec<&str> = ALL.iter().map(|(id, _)| *id).collect();
        vec![match self {
            Self::NoKind { .. } => {
                "Write UPSTREAM[#CALL]:KIND, for example `notion:429:retry-after=1` or `notion#2:500`".into()
            }
            Self::UnknownUpstream { .. } => format!("Simulated are: {}", known.join(", ")),
            Self::CallNumber { .. } => "Calls count from 1: `notion#2:500` breaks the second call".into(),
            Self::UnknownKind { .. } => {
                "Use a status from 400 to 599, malformed, truncated, slow, timeout or reset".into()
            }
            Self::UnknownOption { .. } => {
                "A status takes `retry-after=SECONDS`, slow takes `ms=MILLISECONDS`, the others nothing".into()
            }
            Self::OptionValue { option: "ms", .. } => {
                "Write whole milliseconds up to 600000, for example `slow:ms=1500`".into()
            }
            Self::OptionValue { .. } => "Write whole seconds, for example `429:retry-after=1`".into(),
            Self::NoDelay => "Write `slow:ms=1500`".into(),
        }]
    }
}

/// A wait that outlives every sender's patience serves no test.
const SLOWEST_MS: u64 = 600_000;

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(given: &str) -> Result<Self, FaultError> {
        let (place, how) = given.split_once(':').ok_or_else(|| FaultError::NoKind { given: given.into() })?;
        let (id, call) = match place.split_once('#') {
            None => (place, None),
            Some((id, number)) => {
                let call = number.parse().ok().filter(|call| *call > 0);
                (id, Some(call.ok_or_else(|| FaultError::CallNumber { given: number.into() })?))
            }
        };
        let upstream = ALL.iter().map(|(known, _)| *known).find(|known| *known == id);
        let upstream = upstream.ok_or_else(|| FaultError::UnknownUpstream { given: id.into() })?;
        Ok(Self { upstream, call, kind: kind(how)? })
    }
}

fn kind(how: &str) -> Result<FaultKind, FaultError> {
    let (word, options) = how.split_once(':').map_or((how, None), |(word, options)| (word, Some(options)));
    let mut seconds = None;
    let mut milliseconds = None;
    let status = word.parse::<u16>().ok().filter(|status| (400..600).contains(status));
    for option in options.into_iter().flat_map(|options| options.split(':')) {
        match option.split_once('=') {
            Some(("retry-after", value)) if status.is_some() => {
                seconds = Some(number("retry-after", value, u64::from(u32::MAX))?);
            }
            Some(("ms", value)) if word == "slow" => milliseconds = Some(number("ms", value, SLOWEST_MS)?),
            _ => return Err(FaultError::UnknownOption { kind: word.into(), given: option.into() }),
        }
    }
    match (status, word) {
        (Some(status), _) => Ok(FaultKind::Status {
            status,
            retry_after_seconds: seconds.map(|value| u32::try_from(value).unwrap_or(u32::MAX)),
        }),
        (None, "malformed") => Ok(FaultKind::Malformed),
        (None, "truncated") => Ok(FaultKind::Truncated),
        (None, "timeout") => Ok(FaultKind::Timeout),
        (None, "reset") => Ok(FaultKind::Reset),
        (None, "slow") => {
            let delay = Duration::from_millis(milliseconds.ok_or(FaultError::NoDelay)?);
            Ok(FaultKind::Slow { delay })
        }
        (None, _) => Err(FaultError::UnknownKind { given: word.into() }),
    }
}

fn number(option: &'static str, given: &str, most: u64) -> Result<u64, FaultError> {
    let value = given.parse().ok().filter(|value| *value <= most);
    value.ok_or_else(|| FaultError::OptionValue { option, given: given.into() })
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultKind};
    use patchbay_core::Hints;
    use std::time::Duration;

    #[test]
    fn faults_are_read_as_people_write_them() {
        let status = |status, retry_after_seconds| FaultKind::Status { status, retry_after_seconds };
        for (given, call, kind) in [
            ("notion:429:retry-after=1", None, status(429, Some(1))),
            ("notion#2:500", Some(2), status(500, None)),
            ("notion:malformed", None, FaultKind::Malformed),
            ("notion#1:truncated", Some(1), FaultKind::Truncated),
            ("notion:slow:ms=1500", None, FaultKind::Slow { delay: Duration::from_millis(1500) }),
            ("notion:timeout", None, FaultKind::Timeout),
            ("notion:reset", None, FaultKind::Reset),
        ] {
            assert_eq!(given.parse(), Ok(Fault { upstream: "notion", call, kind }), "{given}");
        }
    }

    #[test]
    fn a_broken_fault_is_named_and_has_a_hint() {
        for (given, expected) in [
            ("notion", "The fault `notion` does not say how the upstream breaks"),
            ("notoin:500", "`notoin` is not a simulated upstream"),
            ("notion#0:500", "`0` is not a call number"),
            ("notion#x:500", "`x` is not a call number"),
            ("notion:200", "`200` is not a kind of fault"),
            ("notion:broken", "`broken` is not a kind of fault"),
            ("notion:500:ms=1", "The fault `500` has no option `ms=1`"),
            ("notion:429:retry-after=soon", "`soon` is not a value for `retry-after`"),
            ("notion:slow", "The fault `slow` does not say how slow"),
            ("notion:slow:ms=9999999", "`9999999` is not a value for `ms`"),
        ] {
            let error = given.parse::<Fault>().expect_err(given);
            assert_eq!(error.to_string(), expected);
            assert_eq!(error.hints().len(), 1, "{given}");
        }
    }
}
