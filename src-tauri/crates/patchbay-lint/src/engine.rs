//! Texts in, diagnostics out.

use crate::context::Context;
use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::error::LintError;
use crate::ignores::KeptBack;
use crate::project::{File, Project};
use crate::recovery;
use crate::rules;
use crate::source;
use oxc::allocator::Allocator;
use oxc::diagnostics::OxcDiagnostic;
use oxc::semantic::SemanticBuilder;
use oxc::span::Span;
use patchbay_core::manifest::DEFAULT_ENTRY;
use patchbay_core::{AdapterManifest, RuleLevel, RuleLevels, SourceText, nesting};
use serde::Serialize;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

/// Code that nests at most this deep is parsed on the caller's thread, whose stack may be as small as 2 MiB.
const SHALLOW: usize = 100;
/// Stack for deeper code, enough for [`nesting::DEEPEST`] levels in an unoptimised build. Only touched pages are used.
const STACK_BYTES: usize = 512 * 1024 * 1024;
/// Bytes a file may have; a larger one is reported and left alone.
const LARGEST: usize = 20 * 1024 * 1024;
/// Syntax errors of one file that are kept. More help nobody.
const MOST_ERRORS: usize = 1_000;

/// What is known of the tenant that owns the adapter.
#[derive(Debug, Clone, Copy)]
pub struct TenantFacts<'a> {
    /// The tenant's id.
    pub id: &'a str,
    /// Hosts its adapters may call, `*.example.com` covering subdomains.
    pub egress: &'a [String],
    /// Where its data may be.
    pub region: &'a str,
    /// Ids of the other tenants of the workspace.
    pub other_tenants: &'a [String],
}

/// What to lint.
#[derive(Debug, Clone, Copy, Default)]
pub struct LintRequest<'a> {
    /// The adapter's files: path relative to its folder, with `/`, and text as it stands in the editor or on disk. Files
    /// that are not code, and code that the entry does not import (tests), are only checked for syntax.
    pub files: &'a [(&'a str, &'a str)],
    /// The entry; without it the manifest's, and without one the file that looks like it.
    pub entry: Option<&'a str>,
    /// What `adapter.toml` says. Rules that compare code with it are silent without it.
    pub manifest: Option<&'a AdapterManifest>,
    /// The tenant. Rules about tenants are silent without it.
    pub tenant: Option<TenantFacts<'a>>,
    /// Rules that have another severity than their own, or are off.
    pub levels: Option<&'a RuleLevels>,
}

impl<'a> LintRequest<'a> {
    /// The path of the entry among the files.
    pub(crate) fn entry_path(&self) -> Option<&'a str> {
        let known = |path: &str| self.files.iter().map(|(file, _)| *file).find(|file| *file == path);
        if let Some(entry) = self.entry.or(self.manifest.map(|manifest| manifest.entry.as_str())) {
            return known(entry.trim_start_matches("./"));
        }
        let code: Vec<&str> =
            self.files.iter().map(|(path, _)| *path).filter(|path| source::source_type(path).is_some()).collect();
        if let [only] = code[..] {
            return Some(only);
        }
        let usual =
            ["src/adapter.js", "src/adapter.mjs", "src/index.ts", "src/index.js", "index.ts", "index.js", "index.mjs"];
        std::iter::once(DEFAULT_ENTRY).chain(usual).find_map(known)
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LintReport {
    /// Findings by file and place, syntax errors first within a file.
    pub diagnostics: Vec<Diagnostic>,
    /// The files that were checked.
    pub files: Vec<String>,
}

impl LintReport {
    /// How many errors there are.
    pub fn error_count(&self) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count()
    }

    /// How many warnings there are.
    pub fn warning_count(&self) -> usize {
        self.diagnostics.len() - self.error_count()
    }
}

/// Lints an adapter.
pub fn lint(request: &LintRequest<'_>) -> Result<LintReport, LintError> {
    with_stack(request.files, |depths| lint_here(request, depths))
}

/// Runs work that parses the files with as much stack as they need, and turns a panic into an error. The work is told how
/// deep each file may nest.
pub(crate) fn with_stack<T: Send>(
    files: &[(&str, &str)],
    work: impl FnOnce(&[usize]) -> T + Send,
) -> Result<T, LintError> {
    let depths: Vec<usize> = files.iter().map(|(_, text)| nesting::depth_bound(text)).collect();
    let depth = depths.iter().copied().max().unwrap_or_default();
    let guarded = || catch_unwind(AssertUnwindSafe(|| work(&depths)));
    let outcome = if depth <= SHALLOW {
        guarded()
    } else {
        thread::scope(|scope| {
            let builder = thread::Builder::new().name("patchbay-lint".into()).stack_size(STACK_BYTES);
            let running = builder.spawn_scoped(scope, guarded).map_err(|source| LintError::Thread { source })?;
            Ok(running.join().unwrap_or_else(Err))
        })?
    };
    outcome.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        LintError::Internal { reason: text.unwrap_or("it panicked").to_owned() }
    })
}

fn lint_here(request: &LintRequest<'_>, depths: &[usize]) -> LintReport {
    let allocators: Vec<Allocator> = request.files.iter().map(|_| Allocator::default()).collect();
    let findings = RefCell::new(Vec::new());
    let project = parse(request, depths, &allocators, &findings);
    let level = |rule: &str| request.levels.and_then(|levels| levels.get(rule)).copied();
    let check = |is_last: bool| {
        for rule in rules::RULES.iter().filter(|rule| rule.is_last() == is_last) {
            if level(rule.docs().id) != Some(RuleLevel::Off) {
                rule.check(&Context::new(&project, rule.docs(), &findings));
            }
        }
    };
    check(false);
    keep_back_ignored(&project, &mut findings.borrow_mut());
    check(true);
    for finding in findings.borrow_mut().iter_mut() {
        match level(&finding.rule) {
            Some(RuleLevel::Error) => finding.severity = Severity::Error,
            Some(RuleLevel::Warning) => finding.severity = Severity::Warning,
            Some(RuleLevel::Off) | None => {}
        }
    }
    let mut diagnostics = findings.into_inner();
    let place = |diagnostic: &Diagnostic| {
        let start = diagnostic.labels.first().map_or(0, |label| label.start);
        (diagnostic.file.clone(), diagnostic.rule != SYNTAX, start, diagnostic.rule.clone())
    };
    diagnostics.sort_by_cached_key(place);
    diagnostics.dedup();
    LintReport { diagnostics, files: request.files.iter().map(|(path, _)| (*path).to_owned()).collect() }
}

/// Takes out the findings that an author's comment speaks for.
fn keep_back_ignored(project: &Project<'_>, findings: &mut Vec<Diagnostic>) {
    for file in project.files.iter().filter(|file| !file.ignores.is_empty()) {
        let kept_back = KeptBack::by(&file.ignores);
        findings.retain(|finding| {
            let Some(label) = finding.labels.first() else { return true };
            let is_ours = finding.file == file.path && finding.rule != SYNTAX;
            !is_ours || !kept_back.covers(&finding.rule, label.range.start.line)
        });
    }
}

/// Rule id of what the parser reports.
pub const SYNTAX: &str = "syntax";

/// Parses the files and resolves their names; what the parser says goes to `findings`.
pub(crate) fn parse<'a>(
    request: &LintRequest<'a>,
    depths: &[usize],
    allocators: &'a [Allocator],
    findings: &RefCell<Vec<Diagnostic>>,
) -> Project<'a> {
    let mut files = Vec::new();
    for (((path, text), allocator), depth) in request.files.iter().zip(allocators).zip(depths) {
        let Some(source_type) = source::source_type(path) else { continue };
        let source = SourceText::new(text);
        if text.len() > LARGEST {
            let message = format!("The file has {} bytes; {LARGEST} are checked at most", text.len());
            findings.borrow_mut().push(whole_file(path, message));
            continue;
        }
        if *depth > nesting::DEEPEST {
            let message = format!("The code nests too deep: {depth} levels, {} are allowed", nesting::DEEPEST);
            findings.borrow_mut().push(whole_file(path, message));
            continue;
        }
        let parsed = recovery::parse(allocator, text, source_type, *depth);
        let program = allocator.alloc(parsed.program);
        let built = SemanticBuilder::new().with_build_nodes(true).with_check_syntax_error(true).build(program);
        // In a file with parts cut out, what depends on other lines may not be wrong at all.
        let resolved = if parsed.is_mended { &[] } else { built.diagnostics.as_slice() };
        let problems: Vec<&OxcDiagnostic> = parsed.problems.iter().chain(resolved).collect();
        let is_whole = problems.is_empty();
        let reported = problems.iter().take(MOST_ERRORS).map(|problem| syntax(problem, path, &source));
        findings.borrow_mut().extend(reported);
        files.push(File::new(path, source, built.semantic, parsed.record, is_whole, allocator));
    }
    Project::new(files, request)
}

fn whole_file(path: &str, message: String) -> Diagnostic {
    Diagnostic {
        rule: SYNTAX.into(),
        severity: Severity::Error,
        file: path.to_owned(),
        message,
        help: Some("Keep data out of the code: store it in a KV namespace or fetch it".into()),
        labels: Vec::new(),
        fix: None,
        conceal: false,
    }
}

fn syntax(problem: &OxcDiagnostic, path: &str, source: &SourceText<'_>) -> Diagnostic {
    let text = source.text();
    let place = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    let labels = problem.labels.iter().map(|label| {
        // What the parser cannot read at all it may mark by the byte.
        let start = text.floor_char_boundary(label.offset() as usize);
        let end = text.ceil_char_boundary(label.offset().saturating_add(label.len()) as usize);
        let span = Span::new(place(start), place(end));
        let message = label.label().map(str::to_owned);
        Label { start: span.start, end: span.end, range: source::range(source, span), message }
    });
    Diagnostic {
        rule: SYNTAX.into(),
        severity: Severity::Error,
        file: path.to_owned(),
        message: problem.message.to_string(),
        help: problem.help.as_ref().map(ToString::to_string),
        labels: labels.collect(),
        fix: None,
        conceal: false,
    }
}
