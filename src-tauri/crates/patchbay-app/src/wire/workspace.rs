//! The workspace that is open.

use super::tenant::TenantSummary;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `workspace_open`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct WorkspaceOpenRequest {
    /// Folder with a `patchbay.toml`.
    pub path: String,
}

/// What is in a workspace.
#[derive(Debug, Clone, Serialize, TS)]
pub struct WorkspaceOverview {
    /// Absolute folder.
    pub path: String,
    /// Name for people.
    pub name: String,
    /// Tenants by id.
    pub tenants: Vec<TenantSummary>,
    /// Unknown keys and the like, found while reading.
    pub warnings: Vec<String>,
}
