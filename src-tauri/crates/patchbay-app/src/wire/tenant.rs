//! Tenants.

use super::adapter::AdapterSummary;
use super::error::WireError;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One tenant with its adapters.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TenantSummary {
    /// Tenant id.
    pub id: String,
    /// Name for people; the id when the settings cannot be read.
    pub name: String,
    /// Region; empty when the settings cannot be read.
    pub region: String,
    /// Hosts that its adapters may call.
    pub egress: Vec<String>,
    /// Its adapters by id.
    pub adapters: Vec<AdapterSummary>,
    /// Why this tenant cannot be used, when its files are broken.
    pub problem: Option<WireError>,
}

/// `tenant_add`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct TenantAddRequest {
    /// Id to make.
    pub id: String,
    /// Name for people; the id when absent.
    pub name: Option<String>,
    /// Region word.
    pub region: String,
    /// Hosts that its adapters may call.
    pub egress: Vec<String>,
}
