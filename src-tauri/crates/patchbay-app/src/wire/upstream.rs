//! The simulated upstreams of a tenant.

use crate::wire::error::WireError;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `upstream_list`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct UpstreamListRequest {
    /// Tenant id.
    pub tenant: String,
}

/// `upstream_show`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct UpstreamShowRequest {
    /// Tenant id.
    pub tenant: String,
    /// Upstream id, `notion`.
    pub upstream: String,
}

/// `upstream_reset`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct UpstreamResetRequest {
    /// Tenant id.
    pub tenant: String,
    /// Only this upstream; `null` for all.
    pub upstream: Option<String>,
}

/// `upstream_fault`: replaces the faults that the tenant has.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct UpstreamFaultRequest {
    /// Tenant id.
    pub tenant: String,
    /// As a person writes them, `notion#2:429:retry-after=1`. None of them: no call breaks any more.
    pub faults: Vec<String>,
}

/// A tenant's upstreams and the documents of the workspace.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct UpstreamList {
    /// By id, those that nobody has called included.
    pub upstreams: Vec<UpstreamSummary>,
    /// `upstreams/*.json` and `*.yaml`, which `custom` answers for.
    pub documents: Vec<UpstreamDocument>,
}

/// What one upstream has seen.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct UpstreamSummary {
    /// `notion`, …
    pub id: String,
    /// Hosts that it answers for; `*.example.com` covers subdomains.
    pub hosts: Vec<String>,
    /// Calls since the platform started, or since it was reset.
    pub calls: u32,
    /// Things that it keeps.
    pub kept: u32,
    /// Its faults, as a person writes them.
    pub faults: Vec<String>,
    /// What it accepted although it would fail later on.
    pub late_failures: Vec<String>,
}

/// One `OpenAPI` document.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct UpstreamDocument {
    /// File name.
    pub name: String,
    /// Hosts that are answered for because of it.
    pub hosts: Vec<String>,
    /// Patterns in it that texts are not checked against (look-around, back references).
    pub unchecked_patterns: Vec<String>,
    /// Why it cannot be used.
    pub problem: Option<WireError>,
}

/// What one upstream keeps.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct UpstreamState {
    /// Upstream id.
    pub upstream: String,
    /// Oldest first.
    pub kept: Vec<KeptObject>,
}

/// One thing that an upstream keeps.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct KeptObject {
    /// What it is, `page`.
    pub kind: String,
    /// The API's id of it.
    pub id: String,
    /// As the API would answer it.
    pub content: serde_json::Value,
}
