//! Publishing, versions, rollback.

use super::adapter::Diagnostic;
use super::error::WireError;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `publish_start`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct PublishRequest {
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// `production`, `staging`, `development`.
    pub environment: String,
    /// What to remember about this version.
    pub note: Option<String>,
    /// Lint rules whose errors are not to stop this publish.
    #[serde(default)]
    #[ts(as = "Option<Vec<LintAllowance>>", optional)]
    pub allowances: Vec<LintAllowance>,
}

/// A lint rule that a publish may break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LintAllowance {
    /// The rule's id.
    pub rule: String,
    /// Why; kept with the version.
    pub reason: String,
}

/// A job that goes on; its steps and its end come as events.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct JobStarted {
    /// Job id.
    pub job: String,
}

/// Where a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// It began.
    Started,
    /// It held.
    Done,
    /// It did not; nothing later ran.
    Failed,
    /// It does not apply here.
    Skipped,
}

/// The steps of a publish, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PublishStep {
    /// Lint gate: errors stop.
    Lint,
    /// TypeScript and packages to modules.
    Bundle,
    /// Size after gzip.
    Size,
    /// Every required binding has a value.
    Bindings,
    /// One multipart `PUT`.
    Upload,
    /// A sample through the dispatcher.
    Smoke,
    /// The version is written down.
    Record,
}

/// One step as it happens.
#[derive(Debug, Clone, Serialize, TS)]
pub struct PublishProgress {
    /// Job id.
    pub job: String,
    /// Which step.
    pub step: PublishStep,
    /// Where it is.
    pub state: StepState,
    /// What to show beside it.
    pub message: String,
    /// Milliseconds that it took, when over.
    pub duration_ms: Option<f64>,
}

/// A publish that is over.
#[derive(Debug, Clone, Serialize, TS)]
pub struct PublishFinished {
    /// Job id.
    pub job: String,
    /// The new version, when it went well.
    pub version: Option<VersionSummary>,
    /// Why not, otherwise. The live version is as it was.
    pub error: Option<WireError>,
    /// What lint found, warnings included.
    pub diagnostics: Vec<Diagnostic>,
}

/// One version that was published from here.
#[derive(Debug, Clone, Serialize, TS)]
pub struct VersionSummary {
    /// Counts from 1 for each adapter and environment.
    pub number: u32,
    /// The upload's id on the target, 32 hex digits.
    pub id: String,
    /// RFC 3339.
    pub created_at: String,
    /// `production`, …
    pub environment: String,
    /// `local`, `cloudflare`.
    pub target: String,
    /// Dispatch namespace.
    pub namespace: String,
    /// What was noted.
    pub note: Option<String>,
    /// Whether it is the newest.
    pub live: bool,
    /// Lint rules that it was allowed to break, with the reasons.
    pub allowances: Vec<LintAllowance>,
    /// Bytes of its modules, source maps included.
    pub bytes: u32,
}

/// `version_list`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct VersionListRequest {
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// `production`, …
    pub environment: String,
}

/// Versions, newest first.
#[derive(Debug, Clone, Serialize, TS)]
pub struct VersionList {
    /// Newest first.
    pub versions: Vec<VersionSummary>,
}

/// `version_rollback`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct RollbackRequest {
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// `production`, …
    pub environment: String,
    /// Version number to publish again.
    pub number: u32,
}

/// A rollback that went well.
#[derive(Debug, Clone, Serialize, TS)]
pub struct RolledBack {
    /// The version that is live now.
    pub version: VersionSummary,
    /// Secrets that changed after the kept version was made; the old code runs with their new values.
    pub secrets_changed_since: Vec<String>,
}
