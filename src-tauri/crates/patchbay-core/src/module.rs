//! A file of a Worker, as it is uploaded.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// What the runtime does with a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModuleKind {
    /// ES module (`application/javascript+module`).
    EsModule,
    /// `CommonJS` or service-worker script (`application/javascript`).
    CommonJs,
    /// Text (`text/plain`).
    Text,
    /// Bytes (`application/octet-stream`).
    Data,
    /// WebAssembly (`application/wasm`).
    Wasm,
    /// JSON (`application/json`).
    Json,
    /// Source map: never executed, kept for stack traces (`application/source-map`).
    SourceMap,
}

impl ModuleKind {
    /// The content type under which the part is uploaded (CONTRACT.md section 4).
    pub fn content_type(self) -> &'static str {
        match self {
            Self::EsModule => "application/javascript+module",
            Self::CommonJs => "application/javascript",
            Self::Text => "text/plain",
            Self::Data => "application/octet-stream",
            Self::Wasm => "application/wasm",
            Self::Json => "application/json",
            Self::SourceMap => "application/source-map",
        }
    }
}

/// One named file of a Worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// Name as imports resolve it, for example `index.js` or `lib/map.js`.
    pub name: String,
    /// What it is.
    pub kind: ModuleKind,
    /// Its bytes.
    pub content: Bytes,
}
