//! The resilience report.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `resilience_start`: tries everything that can go wrong with an adapter's samples.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ResilienceRequest {
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// `production`, …
    pub environment: String,
    /// Names of samples; all of them when none is named.
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub samples: Vec<String>,
}

/// A trial was made.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ResilienceProgress {
    /// Job id.
    pub job: String,
    /// Sample that is tried.
    pub sample: String,
    /// Trials of it that were made.
    pub done: u32,
    /// Trials of it in all.
    pub of: u32,
}

/// A report is over.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ResilienceFinished {
    /// Job id.
    pub job: String,
    /// The report; `null` when it could not be made. Its JSON is that of `patchbay resilience --json`.
    pub report: Option<ResilienceAnswer>,
    /// Why it could not be made.
    pub error: Option<super::error::WireError>,
}

/// A report, as data and as text.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ResilienceAnswer {
    /// Whether everything ended as it should.
    pub holds: bool,
    /// Samples, trials, attempts, verdicts.
    pub report: serde_json::Value,
    /// The same for people.
    pub text: String,
}
