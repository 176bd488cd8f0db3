//! Samples as signed requests, and the judgement of a provider's scheme on a request.

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
