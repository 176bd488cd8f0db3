//! A tenant's settings, as they stand in `tenant.toml`.

use crate::environment::Region;
use crate::ids::TenantId;
use crate::policy::{PlanLimits, RateLimit, RetryPolicy};
use serde::{Deserialize, Serialize};

/// What `tenants/<tenant>/tenant.toml` says. The id is the folder's name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TenantSettings {
    /// Name for people.
    pub name: String,
    /// Where the tenant's data may be.
    pub region: Region,
    /// Hosts that its adapters may call, for example `api.notion.com`; `*.example.com` covers subdomains.
    #[serde(default)]
    pub egress: Vec<String>,
    /// How deliveries are tried again.
    #[serde(default)]
    pub retry: RetryPolicy,
    /// How fast adapters may call out.
    #[serde(default)]
    pub rate_limit: RateLimit,
    /// Limits of the plan.
    #[serde(default)]
    pub limits: PlanLimits,
}

/// A tenant with its id.
#[derive(Debug, Clone, PartialEq)]
pub struct Tenant {
    /// Folder name and script prefix.
    pub id: TenantId,
    /// Its settings.
    pub settings: TenantSettings,
}
