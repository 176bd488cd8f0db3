//! What can keep a sample from becoming a request.

use patchbay_core::Hints;

/// Why a sample could not be signed or written.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The signing secret does not have the provider's form. The value is never shown.
    #[error("The signing secret cannot sign as `{provider}`: {reason}")]
    SigningSecret {
        /// The provider's id.
        provider: &'static str,
        /// What is wrong with its form.
        reason: &'static str,
    },
    /// `wire = "raw"` without `body_text`.
    #[error("The sample `{event}` has the wire style `raw` but no `body_text`")]
    RawWithoutText {
        /// The sample's event.
        event: String,
    },
    /// `{{signature}}` stands where the signature itself would cover it.
    #[error("The sample `{event}` has `{{{{signature}}}}` in its {place}, which the signature covers")]
    SignatureInsideSigned {
        /// The sample's event.
        event: String,
        /// `body` or `path`.
        place: &'static str,
    },
    /// The sample's path is not a path.
    #[error("The path `{path}` of the sample `{event}` does not start with `/`")]
    Path {
        /// The sample's event.
        event: String,
        /// What was given.
        path: String,
    },
}

impl Hints for WebhookError {
    fn hints(&self) -> Vec<String> {
        vec![match self {
            Self::SigningSecret { provider, .. } => {
                format!("Copy the signing secret from {provider} again and set it with `patchbay secret set`")
            }
            Self::RawWithoutText { .. } => {
                "Put the exact text into `body_text`, or choose the wire style `compact`".into()
            }
            Self::SignatureInsideSigned { .. } => "Use `{{signature}}` in headers only".into(),
            Self::Path { .. } => "Write it as `/path?query`; the dispatcher's URL is put before it".into(),
        }]
    }
}
