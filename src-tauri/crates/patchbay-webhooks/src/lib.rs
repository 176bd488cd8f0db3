//! Webhook providers: how each signs what it sends, how a receiver verifies it, how it retries, and how a
//! sample becomes the request that the provider would send at this moment.
//!
//! Nothing here sends anything. One file under `providers/` is one provider; a provider that is not there can
//! still be replayed, unsigned, and the result says so.
#![warn(missing_docs)]

mod body;
pub mod catalogue;
pub mod credentials;
pub mod documents;
mod error;
mod header_name;
mod mac;
pub mod parse;
mod placeholders;
pub mod prepare;
pub mod provider;
pub mod providers;
pub mod reaction;
mod recorded;
mod rsa_keys;
pub mod sender;
pub mod sender_keys;
pub mod settings;

pub use credentials::{Credentials, Missing};
pub use error::WebhookError;
pub use parse::{Pasted, SampleTextError};
pub use prepare::{
    Clocks, Moment, Prepared, Signing, prepare, prepare_as, prepare_at, prepare_retry, prepare_retry_at,
};
pub use provider::{
    Change, Failure, Forgery, Freshness, Handshake, Provider, Refusal, RetrySchedule, Signature, Verdict,
};
pub use reaction::Reaction;
pub use recorded::{RecordedError, RecordedRequest};
pub use sender::{Behaviour, SenderError};
pub use sender_keys::SenderKeys;
pub use settings::{ProviderSettings, Setting, SettingKind, SettingsError};
