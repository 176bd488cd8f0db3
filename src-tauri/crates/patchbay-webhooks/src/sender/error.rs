//! What keeps a sender from doing what it is told.

use crate::error::WebhookError;
use patchbay_core::Hints;

/// Why a sender cannot do what it is told.
#[derive(Debug, thiserror::Error)]
pub enum SenderError {
    /// Not a word that is known.
    #[error("`{given}` is nothing that a sender does")]
    UnknownBehaviour {
        /// What was given.
        given: String,
    },
    /// `stale` with something else than seconds.
    #[error("`{given}` is not a number of seconds")]
    StaleSeconds {
        /// What was given.
        given: String,
    },
    /// How the provider sends is not known.
    #[error("`{behaviour}` cannot be sent as `{provider}`: how this provider signs is not known")]
    UnknownProvider {
        /// The behaviour.
        behaviour: &'static str,
        /// The provider's id.
        provider: String,
    },
    /// Nothing in the request proves when it was made.
    #[error("Nothing of `{event}` can be stale: {provider} signs no time with it")]
    NothingAges {
        /// The provider's name.
        provider: &'static str,
        /// The sample's event.
        event: String,
    },
    /// The sample itself says when it was made, or has a signature of its own.
    #[error("`{event}` cannot be made stale: its time or its signature stands in the sample itself")]
    FixedTime {
        /// The sample's event.
        event: String,
    },
    /// No wrong signature differs from what is sent anyway.
    #[error(
        "`{event}` cannot have a bad signature: {provider} proves nothing with it, or what it proves stands in the sample itself"
    )]
    NothingProven {
        /// The provider's name.
        provider: &'static str,
        /// The sample's event.
        event: String,
    },
    /// The request cannot be written at all.
    #[error(transparent)]
    Webhook(#[from] WebhookError),
}

impl Hints for SenderError {
    fn hints(&self) -> Vec<String> {
        vec![match self {
            Self::UnknownBehaviour { .. } => {
                "Write duplicate, reordered, stale, stale=SECONDS, bad-signature or retries".into()
            }
            Self::StaleSeconds { .. } => "Write whole seconds from 1, for example `stale=600`".into(),
            Self::UnknownProvider { .. } => {
                "`patchbay sample providers` lists those that are known; `custom` stands for others".into()
            }
            Self::NothingAges { .. } => {
                "A receiver tells a copy from the original by the event's id: try `duplicate`".into()
            }
            Self::FixedTime { .. } => {
                "Write the placeholders {{unix_ts}} and {{signature}} into its headers, or choose another sample".into()
            }
            Self::NothingProven { .. } => {
                "Choose a sample that the provider signs, with {{signature}} in its headers".into()
            }
            Self::Webhook(error) => return error.hints(),
        }]
    }
}
