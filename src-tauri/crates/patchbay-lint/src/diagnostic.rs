//! What a rule has found, with places for programs (bytes) and for editors (UTF-16 lines and columns).

use patchbay_core::Position;
use serde::Serialize;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth a look; does not stop a publish.
    Warning,
    /// The adapter would fail or leak; stops a publish.
    Error,
}

impl Severity {
    /// `warning` or `error`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// From a place to the place after the last character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Range {
    /// First character.
    pub start: Position,
    /// Behind the last character.
    pub end: Position,
}

/// A marked place in the file of the diagnostic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Label {
    /// First byte, from 0, in the text as it was given.
    pub start: u32,
    /// Byte behind the last one.
    pub end: u32,
    /// The same for editors.
    pub range: Range,
    /// What stands here, if the diagnostic's message does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Text to put in place of other text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// First byte to replace.
    pub start: u32,
    /// Byte behind the last one to replace.
    pub end: u32,
    /// The same for editors.
    pub range: Range,
    /// What to put there.
    pub text: String,
}

/// A change that answers the diagnostic, in its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// What it does, as an imperative.
    pub title: String,
    /// Whether it may be made without asking: it never changes what working code does.
    pub safe: bool,
    /// The edits, which do not overlap.
    pub edits: Vec<Edit>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Rule id, for example `no-eval`; `syntax` for what the parser reports.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// File it is about, relative to the adapter's folder; `adapter.toml` for findings about the manifest.
    pub file: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Places, the most important first. Empty for findings about the manifest.
    pub labels: Vec<Label>,
    /// A change that answers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// The first place holds a secret, so whoever prints its line must cover it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub conceal: bool,
}
