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
    /// The sample that shows best what it does.
    pub preview: String,
    /// What has to be done before it works, in order.
    pub set_up: Vec<TemplateSetUp>,
    /// Markdown.
    pub readme: String,
}

/// What a person does at one provider.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TemplateSetUp {
    /// `Set up Notion (3 minutes)`.
    pub title: String,
    /// Markdown.
    pub steps: String,
}
