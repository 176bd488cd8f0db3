//! What a delivery is signed with: the shared secret, the provider's settings, the sender's own keys.

use crate::sender_keys::SenderKeys;
use crate::settings::ProviderSettings;
use patchbay_core::Secret;
use std::fmt;
use std::sync::LazyLock;

static NO_SECRET: LazyLock<Secret> = LazyLock::new(|| Secret::new(""));
static NO_SETTINGS: LazyLock<ProviderSettings> = LazyLock::new(ProviderSettings::default);

/// Who the sender is. An empty secret counts as not set.
#[derive(Debug, Clone, Copy)]
pub struct Credentials<'a> {
    /// The signing secret that sender and receiver share.
    pub secret: &'a Secret,
    /// `[provider_settings]` of the adapter's manifest.
    pub settings: &'a ProviderSettings,
    /// The key pair of a sender that signs with one; without it, that of this process.
    pub sender: Option<&'a SenderKeys>,
}

impl<'a> Credentials<'a> {
    /// With a secret and nothing else.
    pub fn of_secret(secret: Option<&'a Secret>) -> Self {
        Self { secret: secret.unwrap_or(&NO_SECRET), settings: &NO_SETTINGS, sender: None }
    }

    /// The same, with settings.
    #[must_use]
    pub fn with_settings(self, settings: &'a ProviderSettings) -> Self {
        Self { settings, ..self }
    }

    /// The same, with the sender's keys.
    #[must_use]
    pub fn with_sender(self, sender: &'a SenderKeys) -> Self {
        Self { sender: Some(sender), ..self }
    }

    /// The sender's keys.
    pub fn sender_keys(&self) -> &'a SenderKeys {
        self.sender.unwrap_or_else(|| SenderKeys::of_this_process())
    }

    /// A value that people keep either as a setting or as the signing secret.
    pub(crate) fn setting_or_secret(&self, name: &str) -> Option<&'a str> {
        self.settings.text(name).or_else(|| Some(self.secret.expose()).filter(|value| !value.is_empty()))
    }
}

/// What keeps a request from being signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The signing secret.
    Secret,
    /// The setting of this name.
    Setting(&'static str),
}

impl fmt::Display for Missing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret => formatter.write_str("the signing secret is not set"),
            Self::Setting(name) => write!(formatter, "the setting `{name}` is not set"),
        }
    }
}
