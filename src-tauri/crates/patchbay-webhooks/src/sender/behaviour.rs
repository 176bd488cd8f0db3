//! What a sender is told to do, as a person writes it.

use super::error::SenderError;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Nobody needs a request that is older.
const OLDEST_SECONDS: u64 = 10 * 365 * 24 * 3600;

/// What a sender does beyond sending each event once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Sends each event twice.
    Duplicate,
    /// Sends the newest event first.
    Reordered,
    /// Sends requests that are rightly signed for long ago.
    Stale {
        /// How long ago; older than the receiver takes where it is not said.
        age: Option<Duration>,
    },
    /// Sends requests that are not the provider's, one for each way in which they can be wrong.
    BadSignature,
    /// Sends each event until it is taken, as the provider's schedule has it.
    Retries,
}

impl FromStr for Behaviour {
    type Err = SenderError;

    fn from_str(given: &str) -> Result<Self, SenderError> {
        let (word, value) = given.split_once('=').map_or((given, None), |(word, value)| (word, Some(value)));
        let age = match (word, value) {
            ("stale", Some(value)) => {
                let seconds = value.parse().ok().filter(|seconds| (1..=OLDEST_SECONDS).contains(seconds));
                let seconds = seconds.ok_or_else(|| SenderError::StaleSeconds { given: value.to_owned() })?;
                Some(Duration::from_secs(seconds))
            }
            (_, Some(_)) => return Err(SenderError::UnknownBehaviour { given: given.to_owned() }),
            (_, None) => None,
        };
        match word {
            "duplicate" => Ok(Self::Duplicate),
            "reordered" => Ok(Self::Reordered),
            "stale" => Ok(Self::Stale { age }),
            "bad-signature" => Ok(Self::BadSignature),
            "retries" => Ok(Self::Retries),
            _ => Err(SenderError::UnknownBehaviour { given: given.to_owned() }),
        }
    }
}

impl fmt::Display for Behaviour {
    /// As a person writes it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duplicate => formatter.write_str("duplicate"),
            Self::Reordered => formatter.write_str("reordered"),
            Self::Stale { age: None } => formatter.write_str("stale"),
            Self::Stale { age: Some(age) } => write!(formatter, "stale={}", age.as_secs()),
            Self::BadSignature => formatter.write_str("bad-signature"),
            Self::Retries => formatter.write_str("retries"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Behaviour;
    use patchbay_core::Hints;

    #[test]
    fn behaviours_are_read_as_people_write_them() {
        for given in ["duplicate", "reordered", "stale", "stale=600", "bad-signature", "retries"] {
            assert_eq!(given.parse::<Behaviour>().expect(given).to_string(), given);
        }
        for (given, expected) in [
            ("twice", "`twice` is nothing that a sender does"),
            ("retries=3", "`retries=3` is nothing that a sender does"),
            ("stale=old", "`old` is not a number of seconds"),
            ("stale=0", "`0` is not a number of seconds"),
        ] {
            let error = given.parse::<Behaviour>().expect_err(given);
            assert_eq!(error.to_string(), expected);
            assert!(!error.hints().is_empty());
        }
    }
}
