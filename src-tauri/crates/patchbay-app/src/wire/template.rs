//! Templates to start from.

use serde::Serialize;
use ts_rs::TS;

/// The catalogue.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TemplateList {
    /// In the order of the gallery.
    pub templates: Vec<TemplateSummary>,
}

/// One template.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TemplateSummary {
    /// Folder name, `slack-to-notion`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// Who sends the webhooks.
    pub provider: String,
    /// Hosts it calls.
    pub upstreams: Vec<String>,
    /// Bindings that it needs, by name.
    pub needs: Vec<String>,
    /// Markdown.
    pub readme: String,
}
