//! Route tests.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `route_test`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct RouteTestRequest {
    /// Absolute URL.
    pub url: String,
    /// Request headers.
    pub headers: Vec<(String, String)>,
}

/// Which rule matched, and why the others did not. Decided by the dispatcher's own code.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RouteDecision {
    /// Whether a rule matched.
    pub matched: bool,
    /// Script that would serve it.
    pub script: Option<String>,
    /// Tenant, where the rule names one.
    pub tenant: Option<String>,
    /// Adapter, where the rule names one.
    pub adapter: Option<String>,
    /// Namespace binding of the dispatcher.
    pub binding: Option<String>,
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
