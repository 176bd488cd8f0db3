//! What a provider must know besides the signing secret, checked before anything is signed.

use crate::header_name::is_header_name;
use crate::providers;
use crate::rsa_keys;
use patchbay_core::Hints;
use serde_json::{Map, Value};

/// One setting that a provider understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The key in `[provider_settings]`.
    pub name: &'static str,
    /// Which values it takes.
    pub kind: SettingKind,
    /// Whether nothing can be signed without it.
    pub required: bool,
    /// What it is and where the provider shows it, for people.
    pub description: &'static str,
}

/// Which values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// Any text that is not empty.
    Text,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A whole number of seconds, 0 or more.
    Seconds,
    /// The name of an HTTP header.
    HeaderName,
    /// `https://host` or `http://host`, with an optional path before that of the sample.
    Url,
    /// An RSA key or a certificate with one, as PEM; of a private key, only the public part is used.
    RsaPublicKey,
}

/// `[provider_settings]` of an adapter, known to have the form that its provider asks for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProviderSettings {
    values: Map<String, Value>,
}

/// Why settings were refused.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// No provider of this id.
    #[error("Patchbay does not know the provider `{provider}`, so it takes no settings")]
    UnknownProvider {
        /// What was given.
        provider: String,
    },
    /// The settings are not a table.
    #[error("The settings of `{provider}` are not a table of names and values")]
    NotATable {
        /// The provider's id.
        provider: &'static str,
    },
    /// No setting of this name.
    #[error("`{provider}` has no setting `{name}`")]
    UnknownSetting {
        /// The provider's id.
        provider: &'static str,
        /// What was given.
        name: String,
        /// What there is.
        known: Vec<&'static str>,
    },
    /// The value does not fit.
    #[error("The setting `{name}` of `{provider}` is not {expected}")]
    Value {
        /// The provider's id.
        provider: &'static str,
        /// The setting.
        name: &'static str,
        /// What fits.
        expected: String,
    },
}

impl Hints for SettingsError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::UnknownProvider { .. } => {
                let ids: Vec<&str> = providers::ALL.iter().map(|provider| provider.id()).collect();
                vec![format!("Known providers: {}; use `custom` for one of your own", ids.join(", "))]
            }
            Self::UnknownSetting { known, .. } if known.is_empty() => vec!["Remove it: there are no settings".into()],
            Self::UnknownSetting { known, .. } => vec![format!("Known settings: {}", known.join(", "))],
            Self::NotATable { .. } | Self::Value { .. } => {
                vec!["Correct `[provider_settings]` in `adapter.toml`".into()]
            }
        }
    }
}

impl ProviderSettings {
    /// Checks the settings of a provider. `value` is `[provider_settings]` with the values of bindings put in, or null.
    pub fn new(provider: &str, value: &Value) -> Result<Self, SettingsError> {
        let values = match value {
            Value::Null => return Ok(Self::default()),
            Value::Object(values) => Some(values),
            _ => None,
        };
        let provider = providers::find(provider)
            .ok_or_else(|| SettingsError::UnknownProvider { provider: provider.to_owned() })?;
        let (id, declared) = (provider.id(), provider.settings());
        let values = values.ok_or(SettingsError::NotATable { provider: id })?;
        for (name, value) in values {
            let Some(setting) = declared.iter().find(|setting| setting.name == name) else {
                let known = declared.iter().map(|setting| setting.name).collect();
                return Err(SettingsError::UnknownSetting { provider: id, name: name.clone(), known });
            };
            if !setting.kind.takes(value) {
                let expected = setting.kind.expected();
                return Err(SettingsError::Value { provider: id, name: setting.name, expected });
            }
        }
        Ok(Self { values: values.clone() })
    }

    /// The text of a setting.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.as_str()
    }

    /// The same settings with another text.
    #[must_use]
    pub(crate) fn with_text(&self, name: &str, text: &str) -> Self {
        let mut values = self.values.clone();
        values.insert(name.to_owned(), text.into());
        Self { values }
    }

    /// The seconds of a setting.
    pub fn seconds(&self, name: &str) -> Option<i64> {
        self.values.get(name)?.as_i64()
    }
}

impl SettingKind {
    fn takes(self, value: &Value) -> bool {
        match self {
            Self::Seconds => value.as_i64().is_some_and(|seconds| seconds >= 0),
            _ => value.as_str().is_some_and(|text| self.takes_text(text)),
        }
    }

    fn takes_text(self, text: &str) -> bool {
        match self {
            Self::Text => !text.is_empty(),
            Self::OneOf(words) => words.contains(&text),
            Self::Seconds => false,
            Self::HeaderName => is_header_name(text),
            Self::Url => url::Url::parse(text).is_ok_and(|url| {
                matches!(url.scheme(), "http" | "https") && url.host().is_some() && url.query().is_none()
            }),
            Self::RsaPublicKey => rsa_keys::public_key_from_pem(text).is_some(),
        }
    }

    fn expected(self) -> String {
        match self {
            Self::Text => "a text".into(),
            Self::OneOf(words) => format!("one of `{}`", words.join("`, `")),
            Self::Seconds => "a whole number of seconds".into(),
            Self::HeaderName => "the name of an HTTP header".into(),
            Self::Url => "a URL such as `https://hooks.example.com`".into(),
            Self::RsaPublicKey => "a PEM certificate or key of RSA".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ProviderSettings;
    use patchbay_core::Hints;
    use serde_json::{Value, json};

    #[test]
    fn settings_that_do_not_fit_are_named() {
        for (provider, value, expected) in [
            ("nobody", json!({ "a": 1 }), "Patchbay does not know the provider `nobody`, so it takes no settings"),
            ("paypal", json!([]), "The settings of `paypal` are not a table of names and values"),
            ("paypal", json!({ "webhook": "x" }), "`paypal` has no setting `webhook`"),
            ("paypal", json!({ "webhook_id": "" }), "The setting `webhook_id` of `paypal` is not a text"),
            (
                "custom",
                json!({ "header": "X Signature" }),
                "The setting `header` of `custom` is not the name of an HTTP header",
            ),
            (
                "custom",
                json!({ "encoding": "hexa" }),
                "The setting `encoding` of `custom` is not one of `hex`, `base64`",
            ),
            (
                "custom",
                json!({ "tolerance_seconds": -1 }),
                "The setting `tolerance_seconds` of `custom` is not a whole number of seconds",
            ),
            (
                "hubspot",
                json!({ "public_url": "hooks.example.com" }),
                "The setting `public_url` of `hubspot` is not a URL such as `https://hooks.example.com`",
            ),
            (
                "graph",
                json!({ "encryption_certificate": "-----BEGIN" }),
                "The setting `encryption_certificate` of `graph` is not a PEM certificate or key of RSA",
            ),
        ] {
            let error = ProviderSettings::new(provider, &value).expect_err(expected);
            assert_eq!(error.to_string(), expected);
            assert!(!error.hints().is_empty(), "{expected}");
        }
    }

    #[test]
    fn settings_that_fit_can_be_read() {
        let settings = ProviderSettings::new("paypal", &json!({ "webhook_id": "EXAMPLE" })).expect("settings");
        assert_eq!(settings.text("webhook_id"), Some("EXAMPLE"));
        assert_eq!(ProviderSettings::new("slack", &Value::Null).expect("no settings"), ProviderSettings::default());
    }
}
