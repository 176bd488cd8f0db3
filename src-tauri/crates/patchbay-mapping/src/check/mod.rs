//! What is wrong with a mapping before any webhook comes: against the language, the samples, and the upstreams.

mod fields;
mod fit;
mod paths;
mod rules;
mod samples;
mod syntax;

pub use rules::{RULES, RuleDocs};

use crate::entry::Entry;
use crate::error::Place;
use patchbay_core::field::UpstreamFields;
use serde_json::Value;

/// What is checked.
#[derive(Debug, Clone, Copy)]
pub struct CheckRequest<'a> {
    /// Field → entry, in the file's order.
    pub entries: &'a [(&'a str, &'a Value)],
    /// What there is to try it on.
    pub samples: &'a [SampleDocument],
    /// The upstreams that the adapter calls, as far as they are known.
    pub upstreams: &'a [UpstreamFields],
}

/// A document that a mapping may get.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleDocument {
    /// The sample's name.
    pub sample: String,
    /// What the mapping reads.
    pub document: Value,
    /// Whether it comes to the mapping.
    pub is_mapped: IsMapped,
}

/// Whether a sample comes to the mapping: handshakes, edits and the like do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IsMapped {
    /// Its expectation says so.
    Yes,
    /// Nobody says.
    Unknown,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Some webhooks may fail.
    Warning,
    /// Webhooks fail.
    Error,
}

/// Something wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id, for example `mapping-unknown-path`.
    pub rule: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// The entry's name.
    pub field: String,
    /// Where in the entry.
    pub place: Place,
    /// Whether it is about the entry's name and not about what stands there.
    pub is_about_name: bool,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// What to write in the place, where that is known.
    pub replacement: Option<String>,
}

/// An entry that could be read.
struct Read<'a> {
    field: &'a str,
    entry: Entry,
}

/// Checks a mapping. Findings come in the order of the entries.
pub fn check(request: &CheckRequest<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut entries = Vec::new();
    for (field, entry) in request.entries {
        match Entry::read(entry) {
            Ok(entry) => entries.push(Read { field, entry }),
            Err(misfit) => findings.push(syntax::finding(field, &misfit)),
        }
    }
    fields::check(&entries, request.upstreams, &mut findings);
    samples::check(&entries, request, &mut findings);
    let order = |finding: &Finding| request.entries.iter().position(|(field, _)| *field == finding.field);
    findings.sort_by_key(order);
    findings
}

/// Why a value is not one for the entry's field, as the end of a sentence that names the field.
pub fn unsuited(field: &str, entry: &Entry, value: &Value, upstreams: &[UpstreamFields]) -> Option<String> {
    let takes = fields::takes(field, entry, upstreams)?;
    fit::judge(takes, value).err().map(fit::Unsuited::reason)
}

impl Finding {
    fn new(rule: &'static str, severity: Severity, field: &str, place: Place, message: String) -> Self {
        let (field, is_about_name) = (field.to_owned(), false);
        Self { rule, severity, field, place, is_about_name, message, help: None, replacement: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Offers a text for the place, unless it would have to be escaped there.
    fn replace(mut self, text: &str) -> Self {
        self.replacement = (!text.contains(['"', '\\', '\''])).then(|| text.to_owned());
        self
    }
}
