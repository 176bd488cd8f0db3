//! Deliveries in the formats of other programs.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `replay_export`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ReplayExportRequest {
    /// A delivery, or a run, `run-…`.
    pub id: String,
    /// What it becomes.
    pub format: ExportFormat,
}

/// What deliveries can become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// OpenTelemetry: `TracesData` in OTLP's JSON.
    Otel,
    /// HAR 1.2.
    Har,
    /// The XML of `JUnit`.
    Junit,
    /// A report that opens without a network.
    Html,
}

/// An export. Secrets are redacted by value.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ReplayExported {
    /// A name for its file.
    pub file_name: String,
    /// `application/json`, `application/xml`, `text/html`.
    pub media_type: String,
    /// The whole text.
    pub content: String,
    /// Deliveries in it.
    pub deliveries: u32,
}

/// `replay_export_save`: the same, into a file. The window has no files of its own.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ReplayExportSaveRequest {
    /// What becomes what.
    pub export: ReplayExportRequest,
    /// The file, absolute or relative to the workspace's folder. One that is there is replaced when the new one is whole.
    pub output: String,
}

/// An export that was saved.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ReplayExportSaved {
    /// The file.
    pub output: String,
    /// Deliveries in it.
    pub deliveries: u32,
}
