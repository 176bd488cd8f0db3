//! Secret values of tenants: a key per tenant in the operating system's keychain, the values in an encrypted vault file.
//!
//! The keychain alone is not enough: it limits sizes (2.5 KB on Windows) and may prompt per item. So it holds one random
//! 256-bit key per tenant, and [`KeychainStore`] seals all values of the tenant with it. Deleting the key shreds them.
//! Nothing here falls back to plain text: without a keychain every call fails with an error that says what is missing,
//! and [`PassphraseStore`] is used only by a caller who was asked to.
//!
//! Not here: which bindings an adapter needs (its manifest), and sending values to a target (publish).
#![warn(missing_docs)]

mod deadline;
mod envelope;
pub mod error;
mod files;
pub mod keychain;
mod keys;
#[cfg(any(test, feature = "memory-store"))]
pub mod memory;
pub mod name;
pub mod passphrase;
mod sealed;
pub mod store;
mod vault;

pub use envelope::Envelope;
pub use error::SecretsError;
pub use keychain::KeychainStore;
pub use keys::SealingKey;
#[cfg(any(test, feature = "memory-store"))]
pub use memory::MemoryStore;
pub use name::SecretName;
pub use passphrase::PassphraseStore;
pub use store::{SecretInfo, SecretStore};
