//! Why a load run does not begin. What happens during one is in its report.

use super::plan::{MOST_CONCURRENCY, MOST_RATE};
use patchbay_core::Hints;

/// A load run that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// No delivery at all.
    #[error("A load run of 0 deliveries sends nothing")]
    NoDeliveries,
    /// No connection, or more than a machine has ports and files for.
    #[error("A load run takes 1 to {MOST_CONCURRENCY} connections at once, not {given}")]
    Concurrency {
        /// What was given.
        given: u32,
    },
    /// Not a pace.
    #[error("A rate is a number of deliveries a second, above 0 and at most {MOST_RATE}, not {given}")]
    Rate {
        /// What was given.
        given: f64,
    },
    /// Not a length of time.
    #[error("The {what} of a load run is a number of seconds from {least} to {most}, not {given}")]
    Seconds {
        /// `duration` or `ramp`.
        what: &'static str,
        /// Smallest value.
        least: f64,
        /// Largest value.
        most: f64,
        /// What was given.
        given: f64,
    },
    /// A ramp that would never end.
    #[error("The ramp of {ramp} s is longer than the load run of {duration} s")]
    RampBeyondEnd {
        /// Seconds of the ramp.
        ramp: f64,
        /// Seconds of the run.
        duration: f64,
    },
    /// Nothing to send.
    #[error("A load run needs a webhook to send")]
    NoWebhooks,
    /// A weight of nothing, or a whole that is too fine.
    #[error("The weight of `{name}` is from 1 to {most}, not {given}")]
    Weight {
        /// The webhook.
        name: String,
        /// Largest value.
        most: u32,
        /// What was given.
        given: u32,
    },
    /// A URL that cannot be called.
    #[error("`{given}` is not an `http` or `https` URL")]
    Url {
        /// What was given.
        given: String,
    },
    /// The target's name has no address.
    #[error("`{host}` has no address")]
    Address {
        /// The name.
        host: String,
        /// What the system reports.
        #[source]
        source: std::io::Error,
    },
    /// Nobody answers at the target.
    #[error("Failed to connect to `{url}`; no delivery was sent")]
    Unreachable {
        /// The URL.
        url: String,
        /// What the system or the TLS library reports.
        #[source]
        source: std::io::Error,
    },
    /// The webhook has a part that HTTP/1.1 cannot carry.
    #[error("The webhook `{name}` cannot be sent: {reason}")]
    Unsendable {
        /// The webhook.
        name: String,
        /// What is wrong, without a value.
        reason: String,
    },
    /// The webhook could not be signed.
    #[error("The webhook `{name}` could not be signed")]
    Sign {
        /// The webhook.
        name: String,
        /// What the signer reports.
        #[source]
        source: super::SignFailure,
    },
    /// A thread of the generator did not start.
    #[error("The load generator did not start")]
    Start {
        /// What the system reports.
        #[source]
        source: std::io::Error,
    },
    /// A thread of the generator ended before its work.
    #[error("A thread of the load generator ended early")]
    Ended,
}

impl Hints for LoadError {
    fn hints(&self) -> Vec<String> {
        let hint: &str = match self {
            Self::NoDeliveries => "Give --count a number from 1, or --duration a number of seconds",
            Self::Concurrency { .. } => {
                "Give --concurrency the number of senders that wait for answers at once, for example 16"
            }
            Self::Rate { .. } => {
                "Give --rate the deliveries a second, for example 200; without it each sender sends when it has its answer"
            }
            Self::Seconds { .. } => "Write seconds as a plain number, for example 30 or 0.5",
            Self::RampBeyondEnd { .. } => "Make the ramp shorter or the run longer",
            Self::NoWebhooks => "Name a sample with --sample, or take all of them with --all",
            Self::Weight { .. } => "Write --weight NAME=N, for example --weight message=8",
            Self::Url { .. } => "Write it as http://127.0.0.1:PORT or https://HOST",
            Self::Address { .. } => "Check the spelling of the host, and whether this machine can resolve names",
            Self::Unreachable { .. } => {
                "Check that the target runs and listens there; for the embedded platform, leave the URL out"
            }
            Self::Unsendable { .. } => "Names of headers take letters, digits and hyphens; values take no line breaks",
            Self::Sign { .. } => "Send it once with `patchbay replay` to see how it is signed",
            Self::Start { .. } => "Check how many threads this user may have (`ulimit -u`)",
            Self::Ended => "This is a bug in Patchbay; please report it with the steps that led here",
        };
        vec![hint.to_owned()]
    }
}
