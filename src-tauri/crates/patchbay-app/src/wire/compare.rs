//! Deliveries against deliveries, and expectations that are written from what happened.

use super::replay::{ReplayAgainst, ReplaySelection};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `compare_code`: the same webhooks to what is live and to other code.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct CompareCodeRequest {
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// `production`, …
    pub environment: String,
    /// What is sent to both.
    pub webhooks: ReplaySelection,
    /// The other code: `draft`, or a kept version.
    pub against: ReplayAgainst,
    /// Also count values that vary from delivery to delivery by their nature, and what upstreams answered.
    #[serde(default)]
    pub strict: bool,
}

/// `compare_runs`: what is kept of two runs, or of two deliveries.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct CompareRunsRequest {
    /// Run id, `run-…`, or delivery id.
    pub before: String,
    /// Run id or delivery id.
    pub after: String,
    /// Also count values that vary from delivery to delivery by their nature, and what upstreams answered.
    #[serde(default)]
    pub strict: bool,
}

/// Two sets of deliveries against each other.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Comparison {
    /// What stands on the left.
    pub before: ComparedSide,
    /// What stands on the right.
    pub after: ComparedSide,
    /// Whether anything differs.
    pub differs: bool,
    /// Deliveries of the same webhook.
    pub pairs: Vec<ComparedPair>,
    /// Deliveries that only the left side has.
    pub only_before: Vec<LoneDelivery>,
    /// Deliveries that only the right side has.
    pub only_after: Vec<LoneDelivery>,
    /// How long they took.
    pub timing: ComparedTiming,
    /// The same as text, for people: lines that begin with `-` and `+`.
    pub text: String,
}

/// One side.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ComparedSide {
    /// Run id, or the delivery's id where it is one.
    pub id: String,
    /// Which code was to serve it: `live`, `draft`, `version ID`.
    pub against: String,
    /// Version id that served, where it is known.
    pub version: Option<String>,
}

/// Two deliveries of one webhook.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ComparedPair {
    /// What was sent: the sample's name, or where the webhook came from.
    pub name: String,
    /// Delivery id on the left.
    pub before: String,
    /// Delivery id on the right.
    pub after: String,
    /// What differs.
    pub changes: Vec<ComparedChange>,
    /// What differs and varies from delivery to delivery by its nature.
    pub varies: Vec<ComparedChange>,
    /// What could not be compared, for people.
    pub unseen: Option<String>,
}

/// One thing that differs.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ComparedChange {
    /// `webhook`, `answer`, `outbound`, `logs`, `exceptions`, `outcome`.
    pub part: String,
    /// Where, `outbound[1].body.properties.Title`.
    pub path: String,
    /// The outbound call that it belongs to, `POST https://api.notion.com/v1/pages`.
    pub call: Option<String>,
    /// `changed`, `removed`, `added`, `moved`.
    pub kind: String,
    /// Before; `null` where there was nothing.
    pub before: serde_json::Value,
    /// After; `null` where there is nothing.
    pub after: serde_json::Value,
}

/// A delivery without a partner.
#[derive(Debug, Clone, Serialize, TS)]
pub struct LoneDelivery {
    /// What was sent.
    pub name: String,
    /// Delivery id.
    pub delivery: String,
}

/// Medians of the time to the answer, without waits for the tenant's pace.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ComparedTiming {
    /// Milliseconds on the left.
    pub before_ms: f64,
    /// Milliseconds on the right.
    pub after_ms: f64,
    /// Whether the right side is slower than noise explains.
    pub is_slower: bool,
}

/// `expectation_propose` and `expectation_write`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ExpectationRequest {
    /// Id of a delivery that was made from a sample.
    pub delivery: String,
}

/// What the expectation of a sample would say after a delivery.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ExpectationProposal {
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// Sample name.
    pub sample: String,
    /// The expectation's file, relative to the adapter's folder.
    pub file: String,
    /// Whether it says something else than the file does now.
    pub changed: bool,
    /// From the file to what it would say, as a unified diff; empty where nothing changes.
    pub diff: String,
    /// What it would say.
    pub expectation: serde_json::Value,
}
