//! Samples: an adapter's own, those of the catalogue, signed requests, and the judgement of a provider's scheme.

use crate::wire::adapter::{AdapterKey, SampleSummary};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `sample_sign`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct SampleSignRequest {
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// Sample name.
    pub sample: String,
    /// `production`, …: whose signing secret.
    pub environment: String,
    /// Where the adapter is reached, `https://hooks.example.com`; the sample's path follows. Some schemes sign it.
    pub url: String,
}

/// A request as its provider would send it at this moment.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SignedSample {
    /// The request.
    pub request: WebhookRequest,
    /// Whether a receiver that verifies with the same secret accepts it.
    pub accepted: bool,
    /// Whether and how it is signed, for people.
    pub signing: String,
    /// What a receiver fetches from the provider to verify it; empty where the signing secret says it all.
    pub keys: Vec<SenderKey>,
}

/// A public part of a simulated sender's key.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SenderKey {
    /// Where the receiver would fetch it.
    pub url: String,
    /// The certificate as PEM, or the key set as JSON.
    pub text: String,
}

/// A whole webhook request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct WebhookRequest {
    /// HTTP method.
    pub method: String,
    /// Absolute URL.
    pub url: String,
    /// Names and values in order.
    pub headers: Vec<(String, String)>,
    /// The exact bytes of the body, in base64.
    pub body_base64: String,
}

/// `sample_verify`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct SampleVerifyRequest {
    /// Tenant id.
    pub tenant: String,
    /// Adapter id: its manifest names the provider and the signing secret.
    pub adapter: String,
    /// `production`, …: whose signing secret.
    pub environment: String,
    /// The request to judge.
    pub request: WebhookRequest,
}

/// What a receiver that follows the provider's scheme makes of a request.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SampleVerdict {
    /// The provider whose scheme it was judged by.
    pub provider: String,
    /// Whether it is from whoever knows the secret, and fresh.
    pub accepted: bool,
    /// Why it must not be trusted; `null` when it is accepted.
    pub refusal: Option<String>,
    /// Whether the provider asks with it if the endpoint is the right one.
    pub handshake: bool,
    /// The id that stays the same when the provider delivers the event again.
    pub event_id: Option<String>,
}

/// `sample_search`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct SampleSearchRequest {
    /// Words that must all occur; empty for every sample.
    pub text: String,
    /// Only samples of this provider.
    pub provider: Option<String>,
}

/// Samples that come with Patchbay, best first.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SampleCatalogue {
    /// Best first.
    pub samples: Vec<CatalogueEntry>,
}

/// One sample that comes with Patchbay.
#[derive(Debug, Clone, Serialize, TS)]
pub struct CatalogueEntry {
    /// Provider and name, `slack/message-in-thread`.
    pub id: String,
    /// Provider.
    pub provider: String,
    /// The provider's name of the event.
    pub event: String,
    /// What a person should know about it.
    pub description: String,
}

/// The samples of an adapter.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SampleList {
    /// By name.
    pub samples: Vec<SampleSummary>,
    /// Files that are no samples.
    pub problems: Vec<String>,
}

/// `sample_show`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct SampleShowRequest {
    /// Whose sample; `null` for the catalogue.
    pub adapter: Option<AdapterKey>,
    /// Name, or id in the catalogue.
    pub sample: String,
}

/// A sample as its file says.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SampleContent {
    /// Name, or id in the catalogue.
    pub name: String,
    /// What stands, or would stand, in `samples/<name>.json`.
    pub sample: serde_json::Value,
    /// For the provider `custom` of the catalogue: what belongs into `[provider_settings]`; else `null`.
    pub provider_settings: serde_json::Value,
}

/// `sample_add`: from the catalogue or from a pasted text, one of the two.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct SampleAddRequest {
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// Name of the new sample; `null` for that of the catalogue.
    pub name: Option<String>,
    /// Id in the catalogue.
    pub catalogue: Option<String>,
    /// A curl command, a raw HTTP request, or a HAR or one of its entries.
    pub text: Option<String>,
    /// Whether a sample of that name is replaced.
    pub replace: bool,
}

/// A sample that was added.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SampleAdded {
    /// Its name.
    pub name: String,
    /// Who sends it.
    pub provider: String,
    /// The provider's name of the event.
    pub event: String,
    /// Names of headers and options of the pasted request that were left out, because they carry credentials.
    pub left_out: Vec<String>,
    /// What a person should do or know.
    pub remarks: Vec<String>,
}

/// Every provider that Patchbay can sign as.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ProviderList {
    /// In the order of the documentation.
    pub providers: Vec<ProviderSummary>,
}

/// A sender of webhooks.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ProviderSummary {
    /// The word in `adapter.toml` and in samples.
    pub id: String,
    /// Its own spelling.
    pub name: String,
    /// How long it waits for an answer, in seconds; `null` where it publishes no figure.
    pub deadline_seconds: Option<f64>,
    /// Keys of `[provider_settings]`.
    pub settings: Vec<ProviderSettingSummary>,
    /// For one that signs with keys of its own: where a receiver gets their public part.
    pub own_keys: Option<String>,
    /// The public key to set where it is configured by hand; `null` where it is fetched or there is none.
    pub public_key: Option<String>,
    /// Samples in the catalogue.
    pub samples: u32,
}

/// One key of `[provider_settings]`.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ProviderSettingSummary {
    /// The key.
    pub name: String,
    /// Whether nothing can be signed without it.
    pub required: bool,
    /// What it is and where the provider shows it.
    pub description: String,
}
