//! Adapters and what the editor needs of them.

use super::error::WireError;
use super::secret::BindingStatus;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Names one adapter.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AdapterKey {
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
}

/// One adapter in a list.
#[derive(Debug, Clone, Serialize, TS)]
pub struct AdapterSummary {
    /// Adapter id.
    pub id: String,
    /// Template it started from.
    pub template: Option<String>,
    /// Who sends its webhooks.
    pub provider: Option<String>,
    /// Number of the newest version published from here to `production`, if any.
    pub live_version: Option<u32>,
    /// Whether the files differ from what that version was built from; `null` when nothing was published.
    pub draft_differs: Option<bool>,
    /// Why this adapter cannot be used, when its files are broken.
    pub problem: Option<WireError>,
}

/// `adapter_new`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct AdapterNewRequest {
    /// Tenant id.
    pub tenant: String,
    /// Adapter id to make.
    pub adapter: String,
    /// Template id.
    pub template: String,
}

/// `adapter_import`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct AdapterImportRequest {
    /// Tenant id.
    pub tenant: String,
    /// Adapter id to make.
    pub adapter: String,
    /// File or folder on this machine.
    pub path: String,
}

/// What an import found in the customer's code.
#[derive(Debug, Clone, Serialize, TS)]
pub struct AdapterImported {
    /// The new adapter.
    pub adapter: AdapterKey,
    /// Entry file in the adapter's folder.
    pub entry: String,
    /// Files copied.
    pub files: Vec<String>,
    /// What was left out, with the reason.
    pub skipped: Vec<String>,
    /// Names read from `env`, each with the kind that was guessed.
    pub bindings: Vec<InferredBinding>,
    /// Hosts that the code fetches.
    pub upstreams: Vec<String>,
    /// Provider guessed from the headers it reads.
    pub provider: Option<String>,
}

/// A binding that the code reads.
#[derive(Debug, Clone, Serialize, TS)]
pub struct InferredBinding {
    /// Name in `env`.
    pub name: String,
    /// `secret_text` or `plain_text`.
    pub kind: String,
}

/// One file of an adapter.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SourceFile {
    /// Path in the adapter's folder, `src/adapter.ts`.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Hash of the text on disk; give it back with a write.
    pub revision: String,
}

/// Everything the editor opens with.
#[derive(Debug, Clone, Serialize, TS)]
pub struct AdapterDetail {
    /// Which adapter.
    pub key: AdapterKey,
    /// Script name in the dispatch namespace.
    pub script: String,
    /// Provider of its webhooks.
    pub provider: Option<String>,
    /// Entry file.
    pub entry: String,
    /// Text files: `adapter.toml`, `README.md` and everything in `src/`.
    pub files: Vec<SourceFile>,
    /// Declared bindings with their state.
    pub bindings: Vec<BindingStatus>,
    /// Samples that can be replayed.
    pub samples: Vec<SampleSummary>,
    /// TypeScript declarations of `Env`, made from the manifest.
    pub env_types: String,
    /// Unknown keys and the like, found while reading.
    pub warnings: Vec<String>,
}

/// One sample in a list.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SampleSummary {
    /// File name without `.json`.
    pub name: String,
    /// Provider that signs it.
    pub provider: String,
    /// The provider's name of the event.
    pub event: String,
    /// What a person should know about it.
    pub description: String,
    /// Whether an expectation stands beside it.
    pub has_expectation: bool,
}

/// `file_write`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct FileWriteRequest {
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// Path in the adapter's folder.
    pub path: String,
    /// New text.
    pub text: String,
    /// Revision that the text was edited from; a different one on disk is a `workspace.conflict`. `null` for a new file.
    pub revision: Option<String>,
}

/// What is on disk after a write.
#[derive(Debug, Clone, Serialize, TS)]
pub struct FileWritten {
    /// Path in the adapter's folder.
    pub path: String,
    /// Revision of the new text.
    pub revision: String,
}

/// `adapter_lint`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct AdapterLintRequest {
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// Unsaved texts that replace the files on disk.
    pub overlays: Vec<FileOverlay>,
}

/// An unsaved text.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct FileOverlay {
    /// Path in the adapter's folder.
    pub path: String,
    /// The text in the editor.
    pub text: String,
}

/// What lint found.
#[derive(Debug, Clone, Serialize, TS)]
pub struct LintReport {
    /// In the order of files and positions.
    pub diagnostics: Vec<Diagnostic>,
    /// Number of errors; a publish stops when it is not 0.
    pub errors: u32,
    /// Number of warnings.
    pub warnings: u32,
    /// Files looked at.
    pub files: u32,
}

/// How grave a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Stops a publish.
    Error,
    /// Does not.
    Warning,
}

/// One finding.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Diagnostic {
    /// Rule id, `undeclared-binding`; `syntax` and `semantic` are the parser's own.
    pub rule: String,
    /// How grave.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// File in the adapter's folder.
    pub file: String,
    /// Where, 1-based, columns in UTF-16 units, end exclusive.
    pub range: TextRange,
    /// A change that answers it, where one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub fix: Option<Fix>,
}

/// A change of one file.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Fix {
    /// What it does, as an imperative.
    pub title: String,
    /// Whether it never changes what working code does; otherwise a person decides.
    pub safe: bool,
    /// The edits, which do not overlap.
    pub edits: Vec<TextEdit>,
}

/// Text in the place of other text.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TextEdit {
    /// What is replaced.
    pub range: TextRange,
    /// What stands there then.
    pub text: String,
}

/// A range as editors count it: from 1, columns in UTF-16 units, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct TextRange {
    /// First line.
    pub start_line: u32,
    /// First column.
    pub start_column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column after the last.
    pub end_column: u32,
}

impl AdapterKey {
    /// The ids, checked.
    pub fn parse(&self) -> Result<patchbay_core::AdapterRef, WireError> {
        Ok(patchbay_core::AdapterRef { tenant: self.tenant.parse()?, adapter: self.adapter.parse()? })
    }
}

impl From<&patchbay_core::AdapterRef> for AdapterKey {
    fn from(reference: &patchbay_core::AdapterRef) -> Self {
        Self { tenant: reference.tenant.to_string(), adapter: reference.adapter.to_string() }
    }
}
