//! Faults: what breaks, at which call, and how a person writes it (`notion#2:429:retry-after=1`,
//! `airtable%25:503:seed=7`).

use crate::upstreams::ALL;
use patchbay_core::Hints;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// One thing to break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Id of the upstream.
    pub upstream: &'static str,
    /// Which calls break.
    pub calls: Calls,
    /// How it breaks.
    pub kind: FaultKind,
}

/// Which calls of an upstream break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calls {
    /// All of them.
    Every,
    /// One, counted from 1.
    Number(u32),
    /// A share of them; the same calls again with the same seed.
    Share {
        /// 1 to 100.
        percent: u8,
        /// What the draw starts from.
        seed: u64,
    },
}

impl Calls {
    /// Whether the `call`-th call (from 1) is one of them.
    pub fn includes(self, call: u32) -> bool {
        match self {
            Self::Every => true,
            Self::Number(number) => number == call,
            Self::Share { percent, seed } => draw(seed, call) < u64::from(percent),
        }
    }
}

/// A number from 0 to 99 for a call, by `SplitMix64`, which spreads neighbouring calls and seeds evenly.
fn draw(seed: u64, call: u32) -> u64 {
    let mut mixed = seed.wrapping_add(u64::from(call).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) % 100
}

/// How a call breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The upstream's own error answer.
    Status {
        /// 400 to 599.
        status: u16,
        /// `Retry-After`, in seconds.
        retry_after_seconds: Option<u32>,
        /// Whether the call takes effect all the same, which its caller cannot know.
        applied: bool,
    },
    /// The upstream's own answer to a token that has expired; the call takes no effect.
    ExpiredToken,
    /// 2xx with an empty body that calls itself JSON; the call takes effect.
    Empty,
    /// 502 with a page of HTML, as a proxy in between answers; the call takes no effect.
    Html,
    /// 2xx with half of the JSON; the call takes effect.
    Malformed,
    /// The connection closes in the middle of the body; the call takes effect.
    Truncated,
    /// The right answer, late.
    Slow {
        /// How late.
        delay: Duration,
    },
    /// No answer for so long, a minute where it is not said; then a 504. The call takes no effect.
    Timeout {
        /// How long.
        held: Option<Duration>,
    },
    /// The connection is reset; the call takes no effect.
    Reset,
}

impl Fault {
    /// Whether this fault breaks the `call`-th call (from 1) of an upstream.
    pub fn applies_to(&self, upstream: &str, call: u32) -> bool {
        self.upstream == upstream && self.calls.includes(call)
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
    /// Not a share from 1 to 100.
    #[error("`{given}` is not a share of calls")]
    Share {
        /// What was given after `%`.
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
                "Write UPSTREAM[#CALL|%PERCENT]:KIND, for example `notion:429:retry-after=1`, `notion#2:500` or `notion%25:503:seed=7`".into()
            }
            Self::UnknownUpstream { .. } => format!("Simulated are: {}", known.join(", ")),
            Self::CallNumber { .. } => "Calls count from 1: `notion#2:500` breaks the second call".into(),
            Self::UnknownKind { .. } => {
                "Use a status from 400 to 599, expired-token, malformed, truncated, empty, html, slow, timeout or reset"
                    .into()
            }
            Self::UnknownOption { .. } => {
                "A status takes `retry-after=SECONDS` and `applied`, slow and timeout take `ms=MILLISECONDS`, a share of calls takes `seed=NUMBER`".into()
            }
            Self::Share { .. } => "Write whole percents from 1 to 100: `notion%25:503` breaks a quarter of the calls".into(),
            Self::OptionValue { option: "ms", .. } => {
                "Write whole milliseconds up to 600000, for example `slow:ms=1500`".into()
            }
            Self::OptionValue { option: "seed", .. } => "Write a whole number, for example `notion%25:503:seed=7`".into(),
            Self::OptionValue { .. } => "Write whole seconds, for example `429:retry-after=1`".into(),
            Self::NoDelay => "Write `slow:ms=1500`".into(),
        }]
    }
}

/// A wait that outlives every sender's patience serves no test.
const SLOWEST_MS: u64 = 600_000;

impl fmt::Display for Fault {
    /// As a person writes it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { upstream, calls, kind } = self;
        match calls {
            Calls::Every => write!(formatter, "{upstream}:{kind}"),
            Calls::Number(number) => write!(formatter, "{upstream}#{number}:{kind}"),
            Calls::Share { percent, seed } => write!(formatter, "{upstream}%{percent}:{kind}:seed={seed}"),
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { status, retry_after_seconds, applied } => {
                write!(formatter, "{status}")?;
                if let Some(seconds) = retry_after_seconds {
                    write!(formatter, ":retry-after={seconds}")?;
                }
                if *applied { formatter.write_str(":applied") } else { Ok(()) }
            }
            Self::ExpiredToken => formatter.write_str("expired-token"),
            Self::Empty => formatter.write_str("empty"),
            Self::Html => formatter.write_str("html"),
            Self::Malformed => formatter.write_str("malformed"),
            Self::Truncated => formatter.write_str("truncated"),
            Self::Slow { delay } => write!(formatter, "slow:ms={}", delay.as_millis()),
            Self::Timeout { held: None } => formatter.write_str("timeout"),
            Self::Timeout { held: Some(held) } => write!(formatter, "timeout:ms={}", held.as_millis()),
            Self::Reset => formatter.write_str("reset"),
        }
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(given: &str) -> Result<Self, FaultError> {
        let (place, how) = given.split_once(':').ok_or_else(|| FaultError::NoKind { given: given.into() })?;
        let (id, mut calls) = calls(place)?;
        let upstream = ALL.iter().map(|(known, _)| *known).find(|known| *known == id);
        let upstream = upstream.ok_or_else(|| FaultError::UnknownUpstream { given: id.into() })?;
        let kind = kind(how, &mut calls)?;
        Ok(Self { upstream, calls, kind })
    }
}

/// `notion`, `notion#2` or `notion%25`.
fn calls(place: &str) -> Result<(&str, Calls), FaultError> {
    if let Some((id, number)) = place.split_once('#') {
        let call = number.parse().ok().filter(|call| *call > 0);
        let call = call.ok_or_else(|| FaultError::CallNumber { given: number.into() })?;
        return Ok((id, Calls::Number(call)));
    }
    if let Some((id, share)) = place.split_once('%') {
        let percent = share.parse().ok().filter(|percent| (1..=100).contains(percent));
        let percent = percent.ok_or_else(|| FaultError::Share { given: share.into() })?;
        return Ok((id, Calls::Share { percent, seed: 0 }));
    }
    Ok((place, Calls::Every))
}

fn kind(how: &str, calls: &mut Calls) -> Result<FaultKind, FaultError> {
    let (word, options) = how.split_once(':').map_or((how, None), |(word, options)| (word, Some(options)));
    let mut retry_after_seconds = None;
    let mut applied = false;
    let mut milliseconds = None;
    let status = word.parse::<u16>().ok().filter(|status| (400..600).contains(status));
    for option in options.into_iter().flat_map(|options| options.split(':')) {
        match (option.split_once('='), &mut *calls) {
            (Some(("retry-after", value)), _) if status.is_some() => {
                let seconds = number("retry-after", value, u64::from(u32::MAX))?;
                retry_after_seconds = u32::try_from(seconds).ok();
            }
            (None, _) if option == "applied" && status.is_some() => applied = true,
            (Some(("ms", value)), _) if matches!(word, "slow" | "timeout") => {
                milliseconds = Some(number("ms", value, SLOWEST_MS)?);
            }
            (Some(("seed", value)), Calls::Share { seed, .. }) => *seed = number("seed", value, u64::MAX)?,
            _ => return Err(FaultError::UnknownOption { kind: word.into(), given: option.into() }),
        }
    }
    match (status, word) {
        (Some(status), _) => Ok(FaultKind::Status { status, retry_after_seconds, applied }),
        (None, "expired-token") => Ok(FaultKind::ExpiredToken),
        (None, "malformed") => Ok(FaultKind::Malformed),
        (None, "truncated") => Ok(FaultKind::Truncated),
        (None, "empty") => Ok(FaultKind::Empty),
        (None, "html") => Ok(FaultKind::Html),
        (None, "timeout") => Ok(FaultKind::Timeout { held: milliseconds.map(Duration::from_millis) }),
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
    use super::{Calls, Fault, FaultKind};
    use patchbay_core::Hints;
    use std::time::Duration;

    #[test]
    fn faults_are_read_as_people_write_them() {
        let status = |status, retry_after_seconds| FaultKind::Status { status, retry_after_seconds, applied: false };
        let applied = FaultKind::Status { status: 500, retry_after_seconds: None, applied: true };
        for (given, calls, kind) in [
            ("notion:429:retry-after=1", Calls::Every, status(429, Some(1))),
            ("notion#2:500", Calls::Number(2), status(500, None)),
            ("notion:malformed", Calls::Every, FaultKind::Malformed),
            ("notion#1:truncated", Calls::Number(1), FaultKind::Truncated),
            ("notion:slow:ms=1500", Calls::Every, FaultKind::Slow { delay: Duration::from_millis(1500) }),
            ("notion:timeout", Calls::Every, FaultKind::Timeout { held: None }),
            ("notion:timeout:ms=3500", Calls::Every, FaultKind::Timeout { held: Some(Duration::from_millis(3500)) }),
            ("notion:reset", Calls::Every, FaultKind::Reset),
            ("notion:500:applied", Calls::Every, applied),
            ("notion%25:503", Calls::Share { percent: 25, seed: 0 }, status(503, None)),
            ("notion%5:429:retry-after=2:seed=7", Calls::Share { percent: 5, seed: 7 }, status(429, Some(2))),
            ("notion#3:expired-token", Calls::Number(3), FaultKind::ExpiredToken),
            ("notion:html", Calls::Every, FaultKind::Html),
            ("notion:empty", Calls::Every, FaultKind::Empty),
        ] {
            let fault = Fault { upstream: "notion", calls, kind };
            assert_eq!(given.parse().as_ref(), Ok(&fault), "{given}");
            assert_eq!(fault.to_string().parse(), Ok(fault), "what is shown can be given again");
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
            ("notion%0:500", "`0` is not a share of calls"),
            ("notion:500:seed=1", "The fault `500` has no option `seed=1`"),
            ("notion%9:500:seed=x", "`x` is not a value for `seed`"),
            ("notion:reset:applied", "The fault `reset` has no option `applied`"),
            ("notion:slow", "The fault `slow` does not say how slow"),
            ("notion:slow:ms=9999999", "`9999999` is not a value for `ms`"),
        ] {
            let error = given.parse::<Fault>().expect_err(given);
            assert_eq!(error.to_string(), expected);
            assert_eq!(error.hints().len(), 1, "{given}");
        }
    }

    #[test]
    fn a_share_of_calls_is_about_as_large_as_asked_and_the_same_again() {
        let broken = |percent, seed| -> Vec<u32> {
            (1..=10_000).filter(|call| Calls::Share { percent, seed }.includes(*call)).collect()
        };
        assert!((2_300..2_700).contains(&broken(25, 7).len()), "{}", broken(25, 7).len());
        assert_eq!(broken(25, 7), broken(25, 7));
        assert_ne!(broken(25, 7), broken(25, 8));
        assert_eq!(broken(100, 1).len(), 10_000);
    }
}
