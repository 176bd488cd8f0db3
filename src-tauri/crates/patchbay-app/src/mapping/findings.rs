//! What lint says about `[mapping]`, with places in `adapter.toml`.

use super::{samples, upstream_fields};
use crate::app::OpenWorkspace;
use crate::wire::error::WireError;
use patchbay_core::{AdapterManifest, AdapterRef, RuleLevel, RuleLevels, SourceText};
use patchbay_lint::{Diagnostic, Docs, Edit, Fix, Group, Label, Range, SYNTAX, Severity};
use patchbay_mapping::check::{self, CheckRequest, Finding, RULES};
use patchbay_workspace::{MappingTable, WorkspaceError};
use serde_json::Value;

/// The file with the mapping.
const FILE: &str = "adapter.toml";

/// The rules about mappings, as lint lists them.
pub(crate) fn rules() -> Vec<Docs> {
    RULES
        .iter()
        .map(|rule| Docs {
            id: rule.id,
            group: Group::Mapping,
            severity: severity(rule.severity),
            what: rule.what,
            why: rule.why,
            good: rule.good,
        })
        .collect()
}

/// The findings, and the text of `adapter.toml` that they are about. `unsaved` is in the place of the file's text.
pub(crate) fn diagnostics(
    open: &OpenWorkspace,
    adapter: &AdapterRef,
    manifest: &AdapterManifest,
    unsaved: Option<&str>,
    levels: &RuleLevels,
) -> Result<(Vec<Diagnostic>, String), WireError> {
    let table = match unsaved {
        Some(text) => match open.workspace.mapping_in(adapter, text.to_owned()) {
            Ok(table) => table,
            Err(WorkspaceError::Broken { position, problem, fix, .. }) => {
                let source = SourceText::new(text);
                let start = source.offset(position).unwrap_or_default();
                let found = Diagnostic {
                    rule: SYNTAX.into(),
                    severity: Severity::Error,
                    file: FILE.into(),
                    message: problem,
                    help: fix,
                    labels: vec![label(&source, start..start)],
                    fix: None,
                    conceal: false,
                };
                return Ok((vec![found], text.to_owned()));
            }
            Err(error) => return Err(error.into()),
        },
        None => open.workspace.mapping(adapter)?,
    };
    let entries: Vec<(&str, &Value)> =
        table.entries().iter().map(|entry| (entry.column.as_str(), &entry.value)).collect();
    if entries.is_empty() {
        return Ok((Vec::new(), table.text().to_owned()));
    }
    let samples = samples::of_adapter(open, adapter, table.computed())?;
    let upstreams = upstream_fields(manifest);
    let findings = check::check(&CheckRequest { entries: &entries, samples: &samples, upstreams: &upstreams });
    let source = SourceText::new(table.text());
    let found = findings.into_iter().filter_map(|finding| diagnostic(finding, &table, &source, levels)).collect();
    Ok((found, table.text().to_owned()))
}

fn diagnostic(
    finding: Finding,
    table: &MappingTable,
    source: &SourceText<'_>,
    levels: &RuleLevels,
) -> Option<Diagnostic> {
    let severity = match levels.get(finding.rule) {
        Some(RuleLevel::Off) => return None,
        Some(RuleLevel::Error) => Severity::Error,
        Some(RuleLevel::Warning) => Severity::Warning,
        None => severity(finding.severity),
    };
    let label = label(source, place(&finding, table));
    let fix = finding.replacement.as_ref().map(|text| Fix {
        title: format!("Write `{}`", text.trim_matches('"')),
        safe: false,
        edits: vec![Edit { start: label.start, end: label.end, range: label.range, text: text.clone() }],
    });
    Some(Diagnostic {
        rule: finding.rule.to_owned(),
        severity,
        file: FILE.into(),
        message: finding.message,
        help: finding.help,
        labels: vec![label],
        fix,
        conceal: false,
    })
}

/// The bytes of `adapter.toml` that a finding is about.
pub(super) fn place(finding: &Finding, table: &MappingTable) -> std::ops::Range<usize> {
    let keys: Vec<&str> = finding.place.keys.iter().map(String::as_str).collect();
    if finding.is_about_name {
        table.key_place(&finding.field, &keys)
    } else {
        table.place(&finding.field, &keys, finding.place.within.clone())
    }
}

fn label(source: &SourceText<'_>, range: std::ops::Range<usize>) -> Label {
    let offset = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    let positions = Range { start: source.position(range.start), end: source.position(range.end) };
    Label { start: offset(range.start), end: offset(range.end), range: positions, message: None }
}

fn severity(severity: check::Severity) -> Severity {
    match severity {
        check::Severity::Warning => Severity::Warning,
        check::Severity::Error => Severity::Error,
    }
}
