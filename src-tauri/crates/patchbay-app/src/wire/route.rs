//! Route tests.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// `route_test`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct RouteTestRequest {
    /// Absolute URL.
    pub url: String,
    /// Request headers.
    pub headers: Vec<(String, String)>,
    /// production, staging or development; that of the platform's first dispatcher when absent.
    #[serde(default)]
    #[ts(optional)]
    pub environment: Option<String>,
}

/// Which rule matched, and why the others did not. Decided by the dispatcher's own code.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RouteDecision {
    /// Whether a rule matched.
    pub matched: bool,
    /// Name of the service for people and headers.
    pub service: Option<String>,
    /// Script that would serve it.
    pub script: Option<String>,
    /// Tenant, where the rule names one.
    pub tenant: Option<String>,
    /// Adapter, where the rule names one.
    pub adapter: Option<String>,
    /// Environment that was asked about.
    pub environment: Option<String>,
    /// Namespace binding of the dispatcher.
    pub binding: Option<String>,
    /// Dispatch namespace behind the binding.
    pub namespace: Option<String>,
    /// Path that the script sees.
    pub path: Option<String>,
    /// Why the request would reach no script although a rule matches.
    pub problem: Option<String>,
    /// What is worth knowing about where it goes.
    pub notes: Vec<String>,
    /// Every rule in order.
    pub rules: Vec<RouteRuleVerdict>,
}

/// One rule's verdict.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RouteRuleVerdict {
    /// What the rule is, for people.
    pub rule: String,
    /// Whether it matched.
    pub matched: bool,
    /// Why, or why not.
    pub reason: String,
}

/// A route table that was chosen for a workspace.
#[derive(Debug, Clone, Serialize)]
pub struct RoutePresetChosen {
    /// Its name.
    pub preset: String,
    /// The file that holds it now.
    pub routes: String,
    /// Dispatch namespace by environment and region, as `patchbay.toml` names them now.
    pub namespaces: BTreeMap<String, BTreeMap<String, String>>,
    /// Tenant that was added because the table gives its settings to the services.
    pub added_tenant: Option<String>,
    /// Whether a platform runs that knows the new namespaces only after a restart.
    pub restart: bool,
}
