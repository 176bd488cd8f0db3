//! Lint over adapters, files and unsaved texts.

use crate::app::App;
use crate::mapping;
use crate::wire::adapter::{AdapterKey, Diagnostic, FileOverlay, Fix, LintReport, Severity, TextEdit, TextRange};
use crate::wire::error::{ErrorCode, WireError};
use patchbay_core::AdapterRef;
use patchbay_lint::{LintRequest, TenantFacts};
use patchbay_workspace::{Expected, Revision};
use rayon::prelude::*;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is linted.
#[derive(Debug, Clone)]
pub enum LintTarget {
    /// An adapter of the open workspace, with its manifest and tenant.
    Adapter(AdapterKey),
    /// A file on its own.
    File(PathBuf),
}

/// Findings of several targets.
pub struct Findings {
    /// All of them.
    pub report: LintReport,
    parts: Vec<Part>,
}

struct Part {
    /// What stands before file names when they are shown.
    prefix: String,
    sources: Sources,
    report: patchbay_lint::LintReport,
}

impl Part {
    /// The report with the names under which a person finds the files.
    fn shown(&self) -> patchbay_lint::LintReport {
        let mut report = self.report.clone();
        for found in &mut report.diagnostics {
            found.file = format!("{}{}", self.prefix, found.file);
        }
        report
    }

    fn shown_sources(&self) -> Vec<(String, String)> {
        self.sources.iter().map(|(name, text)| (format!("{}{name}", self.prefix), text.clone())).collect()
    }
}

impl Findings {
    /// For people: place, code frame, help.
    pub fn text(&self) -> String {
        self.parts
            .iter()
            .map(|part| patchbay_lint::render_text(&part.shown(), &borrowed(&part.shown_sources())))
            .collect()
    }

    /// As SARIF 2.1.0.
    pub fn sarif(&self) -> String {
        let reports: Vec<_> = self.parts.iter().map(|part| (part.prefix.as_str(), &part.report)).collect();
        patchbay_lint::render_sarif(&reports, &mapping::rules())
    }

    /// As GitHub's workflow commands.
    pub fn github(&self) -> String {
        self.parts.iter().map(|part| patchbay_lint::render_github(&part.report, &part.prefix)).collect()
    }
}

/// A rule, as it is listed.
#[derive(Debug, serde::Serialize)]
pub struct RuleSummary {
    /// Its id.
    pub id: &'static str,
    /// `warning` or `error`, where the workspace does not say otherwise.
    pub severity: &'static str,
    /// `runtime`, `webhook`, `tenant`, `correctness` or `mapping`.
    pub group: &'static str,
    /// What it looks for.
    pub what: &'static str,
    /// Why that is bad.
    pub why: &'static str,
    /// Code as it should be.
    pub good: &'static str,
}

/// Every rule.
pub fn rules() -> impl Iterator<Item = RuleSummary> {
    let summary = |docs: &patchbay_lint::Docs| RuleSummary {
        id: docs.id,
        severity: docs.severity.as_str(),
        group: docs.group.as_str(),
        what: docs.what,
        why: docs.why,
        good: docs.good,
    };
    let of_mappings: Vec<RuleSummary> = mapping::rules().iter().map(summary).collect();
    patchbay_lint::all_rules().map(summary).chain(of_mappings)
}

/// Every adapter of the open workspace that can be read.
pub fn every_adapter(app: &Arc<App>) -> Result<Vec<LintTarget>, WireError> {
    let open = app.workspace()?;
    let mut targets = Vec::new();
    for tenant in open.workspace.tenants()? {
        let Ok(tenant) = tenant.tenant else { continue };
        for entry in open.workspace.adapters(&tenant.id)? {
            let adapter = entry.adapter?;
            targets.push(LintTarget::Adapter(AdapterKey::from(&adapter.reference)));
        }
    }
    Ok(targets)
}

/// Lints the targets.
pub fn lint(app: &Arc<App>, targets: &[LintTarget]) -> Result<Findings, WireError> {
    // Files do not know each other, so each core takes some.
    let parts = targets.par_iter().map(|target| lint_target(app, target)).collect::<Result<Vec<Part>, WireError>>()?;
    let diagnostics: Vec<Diagnostic> = parts
        .iter()
        .flat_map(|part| part.report.diagnostics.iter().map(|found| diagnostic(found, &part.prefix)))
        .collect();
    let files = parts.iter().map(|part| part.sources.len()).sum();
    Ok(Findings { report: report_of(diagnostics, files), parts })
}

fn lint_target(app: &Arc<App>, target: &LintTarget) -> Result<Part, WireError> {
    Ok(match target {
        LintTarget::Adapter(key) => {
            let adapter = key.parse()?;
            let (sources, report) = lint_sources(app, &adapter, &[])?;
            let folder = app.workspace()?.workspace.adapter_folder(&adapter)?;
            Part { prefix: format!("{}/", from_here(&folder).display()), sources, report }
        }
        LintTarget::File(path) => {
            let text = read_file(path)?;
            let sources = vec![(path.display().to_string(), text)];
            let report = lint_alone(&sources)?;
            Part { prefix: String::new(), sources, report }
        }
    })
}

/// A path as a person in the current folder would write it. Code hosts find files only by such paths.
fn from_here(path: &Path) -> PathBuf {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    here.ok().and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned)).unwrap_or_else(|| path.to_owned())
}

/// Lints one adapter with unsaved texts in place of its files. File names are those of the adapter's folder.
pub fn lint_adapter(app: &Arc<App>, adapter: &AdapterRef, overlays: &[FileOverlay]) -> Result<LintReport, WireError> {
    let (sources, report) = lint_sources(app, adapter, overlays)?;
    Ok(report_of(report.diagnostics.iter().map(|found| diagnostic(found, "")).collect(), sources.len()))
}

/// Applies the fixes that are safe; how many. A fix may make room for another one, so it is done again until none is left.
pub fn fix(app: &Arc<App>, targets: &[LintTarget]) -> Result<usize, WireError> {
    let mut fixed = 0;
    for target in targets {
        if let LintTarget::Adapter(key) = target {
            crate::typings::refresh(&*app.workspace()?, &key.parse()?)?;
        }
        for _ in 0..MOST_ROUNDS {
            match fix_once(app, target)? {
                0 => break,
                count => fixed += count,
            }
        }
    }
    Ok(fixed)
}

/// A bound, should two rules ever undo each other's fixes.
const MOST_ROUNDS: usize = 10;

fn fix_once(app: &Arc<App>, target: &LintTarget) -> Result<usize, WireError> {
    let mut fixed = 0;
    match target {
        LintTarget::File(path) => {
            let sources = vec![(path.display().to_string(), read_file(path)?)];
            let report = lint_alone(&sources)?;
            for change in patchbay_lint::apply_fixes(&report, &borrowed(&sources)) {
                fixed += change.fixes;
                replace_file(path, &change.text).map_err(|error| {
                    WireError::new(
                        ErrorCode::WorkspaceStorage,
                        format!("{} cannot be written: {error}", path.display()),
                    )
                    .with_hint("The file is as it was")
                })?;
            }
        }
        LintTarget::Adapter(key) => {
            let adapter = key.parse()?;
            let open = app.workspace()?;
            let (sources, report) = lint_sources(app, &adapter, &[])?;
            for change in patchbay_lint::apply_fixes(&report, &borrowed(&sources)) {
                fixed += change.fixes;
                // What somebody wrote in between is not overwritten.
                let before = sources.iter().find(|(path, _)| *path == change.file).map_or("", |(_, text)| text);
                let expected = Expected::Revision(Revision::of(before.as_bytes()));
                open.workspace.write_adapter_file(&adapter, &change.file, change.text.as_bytes(), &expected)?;
            }
        }
    }
    Ok(fixed)
}

/// Puts a whole file in the place of another: whoever reads sees the old text or the new one.
fn replace_file(path: &Path, text: &str) -> std::io::Result<()> {
    // A link stays a link; what it leads to is replaced.
    let path = path.canonicalize()?;
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(std::fs::metadata(&path)?.permissions())?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}

type Sources = Vec<(String, String)>;

fn lint_sources(
    app: &Arc<App>,
    adapter: &AdapterRef,
    overlays: &[FileOverlay],
) -> Result<(Sources, patchbay_lint::LintReport), WireError> {
    let open = app.workspace()?;
    let file = open.workspace.adapter(adapter)?;
    crate::signing::check(&open, adapter, &file.manifest)?;
    let tenant = open.workspace.tenant(&adapter.tenant)?;
    let others: Vec<String> = open
        .workspace
        .tenants()?
        .into_iter()
        .filter_map(|entry| entry.tenant.ok())
        .filter(|other| other.id != adapter.tenant)
        .map(|other| other.id.to_string())
        .collect();
    let mut sources: Sources = Vec::new();
    for listed in open.workspace.adapter_files(adapter)?.files {
        let is_code = listed.path == file.manifest.entry || !listed.path.starts_with("samples/");
        if !is_code || !is_source(&listed.path) {
            continue;
        }
        if let Some(overlay) = overlays.iter().find(|overlay| overlay.path == listed.path) {
            sources.push((listed.path, overlay.text.clone()));
            continue;
        }
        let content = open.workspace.read_adapter_file(adapter, &listed.path)?;
        let text = String::from_utf8(content.bytes).map_err(|_| {
            WireError::new(ErrorCode::WorkspaceBrokenFile, format!("`{}` of {adapter} is not UTF-8 text", listed.path))
                .with_hint("Save it as UTF-8")
        })?;
        sources.push((listed.path, text));
    }
    for overlay in overlays {
        if is_source(&overlay.path) && !sources.iter().any(|(path, _)| *path == overlay.path) {
            sources.push((overlay.path.clone(), overlay.text.clone()));
        }
    }
    let settings = &tenant.settings;
    let facts = TenantFacts {
        id: adapter.tenant.as_str(),
        egress: &settings.egress,
        region: settings.region.as_str(),
        other_tenants: &others,
    };
    let rules: Vec<&str> = rules().map(|rule| rule.id).collect();
    let levels = open.workspace.rule_levels(&rules)?;
    let request = LintRequest {
        files: &borrowed(&sources),
        entry: Some(&file.manifest.entry),
        manifest: Some(&file.manifest),
        tenant: Some(facts),
        levels: Some(&levels),
    };
    let mut report = patchbay_lint::lint(&request)?;
    let unsaved = overlays.iter().find(|overlay| overlay.path == "adapter.toml").map(|overlay| overlay.text.as_str());
    let (found, text) = mapping::diagnostics(&open, adapter, &file.manifest, unsaved, &levels)?;
    report.diagnostics.splice(0..0, found);
    // By file; the order within each stays.
    report.diagnostics.sort_by(|one, other| one.file.cmp(&other.file));
    sources.push(("adapter.toml".into(), text));
    Ok((sources, report))
}

/// Files that belong to no adapter: nothing is known of their bindings and hosts.
fn lint_alone(sources: &Sources) -> Result<patchbay_lint::LintReport, WireError> {
    Ok(patchbay_lint::lint(&LintRequest { files: &borrowed(sources), ..LintRequest::default() })?)
}

fn borrowed(sources: &Sources) -> Vec<(&str, &str)> {
    sources.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
}

fn is_source(path: &str) -> bool {
    [".ts", ".mts", ".js", ".mjs"].iter().any(|extension| path.ends_with(extension)) && !path.ends_with(".d.ts")
}

fn read_file(path: &PathBuf) -> Result<String, WireError> {
    std::fs::read_to_string(path).map_err(|error| {
        WireError::new(ErrorCode::WorkspaceStorage, format!("{} cannot be read: {error}", path.display()))
    })
}

fn report_of(diagnostics: Vec<Diagnostic>, files: usize) -> LintReport {
    let count = |severity| {
        u32::try_from(diagnostics.iter().filter(|found| found.severity == severity).count()).unwrap_or(u32::MAX)
    };
    LintReport {
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        files: u32::try_from(files).unwrap_or(u32::MAX),
        diagnostics,
    }
}

fn diagnostic(found: &patchbay_lint::Diagnostic, prefix: &str) -> Diagnostic {
    Diagnostic {
        rule: found.rule.clone(),
        severity: match found.severity {
            patchbay_lint::Severity::Error => Severity::Error,
            patchbay_lint::Severity::Warning => Severity::Warning,
        },
        message: found.message.clone(),
        help: found.help.clone(),
        file: format!("{prefix}{}", found.file),
        range: found.labels.first().map_or(BEGINNING, |label| text_range(label.range)),
        fix: found.fix.as_ref().map(|fix| Fix {
            title: fix.title.clone(),
            safe: fix.safe,
            edits: fix
                .edits
                .iter()
                .map(|edit| TextEdit { range: text_range(edit.range), text: edit.text.clone() })
                .collect(),
        }),
    }
}

pub(crate) fn text_range(range: patchbay_lint::Range) -> TextRange {
    TextRange {
        start_line: range.start.line,
        start_column: range.start.column,
        end_line: range.end.line,
        end_column: range.end.column,
    }
}

/// Where a finding about a whole file is shown.
const BEGINNING: TextRange = TextRange { start_line: 1, start_column: 1, end_line: 1, end_column: 2 };
