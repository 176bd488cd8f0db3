//! The field mapping: what each field will hold, and changing an entry.

use super::adapter::TextRange;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

/// `mapping_preview`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct MappingPreviewRequest {
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// A sample's name. Without it and without a body the most telling one.
    pub sample: Option<String>,
    /// The body of a webhook as its sender wrote it, in the place of a sample's.
    pub body: Option<String>,
    /// Unsaved text of `adapter.toml`.
    pub manifest: Option<String>,
}

/// What a mapping makes of a webhook.
#[derive(Debug, Clone, Serialize, TS)]
pub struct MappingPreview {
    /// The sample; `null` for a body of one's own.
    pub sample: Option<String>,
    /// Whether the sample's expectation says that the adapter is done with it before the mapping: a handshake, an edit.
    pub ends_before: bool,
    /// The events of the webhook; most have one.
    pub events: Vec<MappedEvent>,
    /// Fields with a problem, of all events.
    pub problems: u32,
}

/// What a mapping makes of one event.
#[derive(Debug, Clone, Serialize, TS)]
pub struct MappedEvent {
    /// What the mapping reads.
    pub document: Value,
    /// The fields in the order of `adapter.toml`.
    pub fields: Vec<MappedField>,
}

/// One field.
#[derive(Debug, Clone, Serialize, TS)]
pub struct MappedField {
    /// Its name.
    pub field: String,
    /// Its type, where the entry or the upstream says one.
    pub kind: Option<String>,
    /// The entry as it stands in `adapter.toml`.
    pub entry: Value,
    /// What it will hold; `null` when there is a problem with the entry.
    pub value: Option<Value>,
    /// Whether it has no value, so that the adapter leaves it out.
    pub is_empty: bool,
    /// Whether the entry's default stands in.
    pub is_default: bool,
    /// What is wrong.
    pub problem: Option<MappingProblem>,
}

/// What is wrong with an entry or its value.
#[derive(Debug, Clone, Serialize, TS)]
pub struct MappingProblem {
    /// What, and what to do.
    pub message: String,
    /// Where in `adapter.toml`.
    pub range: TextRange,
}

/// `mapping_set`.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct MappingSetRequest {
    /// Tenant id.
    pub tenant: String,
    /// Adapter id.
    pub adapter: String,
    /// The field.
    pub field: String,
    /// A text, or a table with `value` and what else an entry may have; `null` removes the entry.
    pub entry: Option<Value>,
    /// Revision of `adapter.toml` that the change is made from; a different one on disk is a `workspace.conflict`.
    pub revision: String,
}
