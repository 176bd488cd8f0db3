//! Receivers of what the catalogue's samples become.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_core::Secret;
use patchbay_webhooks::catalogue::CatalogueSample;
use patchbay_webhooks::{Credentials, Moment, ProviderSettings, SenderKeys};
use serde_json::json;
use time::macros::datetime;

pub const BASE: &str = "http://127.0.0.1:8787";

pub fn moment() -> Moment {
    Moment { now: datetime!(2026-11-21 08:30:00.250 UTC), uuid: "5f0e3c1a-0000-4000-8000-000000000001".into() }
}

/// A receiver of every provider: its secret and its settings.
pub struct Receivers {
    pub keys: SenderKeys,
    subscriber: SenderKeys,
}

impl Receivers {
    pub fn new() -> Self {
        Self { keys: SenderKeys::generate(), subscriber: SenderKeys::generate() }
    }

    fn secret(entry: &CatalogueSample) -> Secret {
        match entry.sample.provider.as_str() {
            "teams" => Secret::new(STANDARD.encode("example-teams-hmac-key-not-real!")),
            "standard-webhooks" => Secret::new(format!(
                "whsec_{} whsk_{}",
                STANDARD.encode("example-secret-not-real!"),
                STANDARD.encode([7; 32])
            )),
            "paypal" | "salesforce" => Secret::new(""),
            _ => Secret::new("example-signing-secret"),
        }
    }

    fn settings(&self, entry: &CatalogueSample) -> ProviderSettings {
        let provider = entry.sample.provider.as_str();
        let settings = match provider {
            "paypal" => json!({ "webhook_id": "EXAMPLEWEBHOOK" }),
            "salesforce" => json!({ "organization_id": "00D000000000EXAMPL" }),
            "graph" => {
                json!({ "application_id": "example", "encryption_certificate": self.subscriber.public_key_pem() })
            }
            _ => entry.provider_settings.clone(),
        };
        ProviderSettings::new(provider, &settings).unwrap_or_else(|error| panic!("{}: {error}", entry.id))
    }

    /// What a sample is signed with.
    pub fn with_credentials<T>(&self, entry: &CatalogueSample, work: impl FnOnce(&Credentials<'_>) -> T) -> T {
        let (secret, settings) = (Self::secret(entry), self.settings(entry));
        work(&Credentials::of_secret(Some(&secret)).with_settings(&settings).with_sender(&self.keys))
    }
}
