//! What people decide about lint rules: how grave one is in a workspace, and which one a publish may break, and why.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How grave the findings of a rule are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleLevel {
    /// The rule is not asked.
    Off,
    /// Shown; a publish goes on.
    Warning,
    /// A publish stops.
    Error,
}

/// Rule id → level, for the rules that are not to have the severity that they come with.
pub type RuleLevels = BTreeMap<String, RuleLevel>;

/// A rule whose errors did not stop a publish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LintAllowance {
    /// The rule's id.
    pub rule: String,
    /// Why the publisher let it pass.
    pub reason: String,
}
