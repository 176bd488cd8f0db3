//! What a rule is given: the project, and a way to report.

use crate::diagnostic::{Diagnostic, Edit, Fix, Label, Severity};
use crate::project::{File, Project};
use crate::rules::Docs;
use crate::source;
use oxc::span::Span;
use std::cell::{Cell, RefCell};
use std::ops::Deref;

/// The project as one rule sees it.
pub struct Context<'p, 'a> {
    project: &'p Project<'a>,
    docs: &'static Docs,
    findings: &'p RefCell<Vec<Diagnostic>>,
    /// How many the rule has filed.
    count: Cell<usize>,
}

/// Findings of one rule that are kept. Code that has more of them is machine-made, and more help nobody.
const MOST_FINDINGS: usize = 1_000;

impl<'a> Deref for Context<'_, 'a> {
    type Target = Project<'a>;
    fn deref(&self) -> &Project<'a> {
        self.project
    }
}

impl<'p, 'a> Context<'p, 'a> {
    pub(crate) fn new(project: &'p Project<'a>, docs: &'static Docs, findings: &'p RefCell<Vec<Diagnostic>>) -> Self {
        project.allow_steps();
        Self { project, docs, findings, count: Cell::new(0) }
    }

    /// Whether further findings of this rule are not kept, so that looking for them is of no use.
    pub(crate) fn is_full(&self) -> bool {
        self.count.get() > MOST_FINDINGS
    }

    /// Begins a report about a place; it is filed when the builder is dropped.
    pub(crate) fn report<'r>(&'r self, file: &'r File<'a>, span: Span, message: impl Into<String>) -> Report<'r, 'a> {
        let mut report = self.report_file(file.path, message);
        report.file = Some(file);
        report.label(span, None)
    }

    /// Begins a report about the manifest.
    pub(crate) fn report_manifest(&self, message: impl Into<String>) -> Report<'_, 'a> {
        self.report_file("adapter.toml", message)
    }

    fn report_file(&self, path: &str, message: impl Into<String>) -> Report<'_, 'a> {
        let diagnostic = Diagnostic {
            rule: self.docs.id.to_owned(),
            severity: self.docs.severity,
            file: path.to_owned(),
            message: message.into(),
            help: None,
            labels: Vec::new(),
            fix: None,
            conceal: false,
        };
        self.count.set(self.count.get() + 1);
        let diagnostic = (self.count.get() <= MOST_FINDINGS).then_some(diagnostic);
        Report { file: None, diagnostic, findings: self.findings }
    }
}

/// A finding in the making.
pub(crate) struct Report<'p, 'a> {
    file: Option<&'p File<'a>>,
    diagnostic: Option<Diagnostic>,
    findings: &'p RefCell<Vec<Diagnostic>>,
}

impl Report<'_, '_> {
    fn change(mut self, change: impl FnOnce(&mut Diagnostic)) -> Self {
        if let Some(diagnostic) = &mut self.diagnostic {
            change(diagnostic);
        }
        self
    }

    /// What to do about it.
    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        self.change(|diagnostic| diagnostic.help = Some(help.into()))
    }

    /// Another severity than the rule's own.
    pub(crate) fn severity(self, severity: Severity) -> Self {
        self.change(|diagnostic| diagnostic.severity = severity)
    }

    /// The place holds a secret.
    pub(crate) fn conceal(self) -> Self {
        self.change(|diagnostic| diagnostic.conceal = true)
    }

    /// Another place that matters.
    pub(crate) fn and(self, span: Span, message: &str) -> Self {
        self.label(span, Some(message.to_owned()))
    }

    /// One edit that answers it. `safe` as in [`Fix::safe`].
    pub(crate) fn fix(self, title: &str, safe: bool, span: Span, text: impl Into<String>) -> Self {
        let Some(file) = self.file else { return self };
        let range = source::range(&file.source, span);
        let edit = Edit { start: span.start, end: span.end, range, text: text.into() };
        self.change(|diagnostic| diagnostic.fix = Some(Fix { title: title.to_owned(), safe, edits: vec![edit] }))
    }

    fn label(self, span: Span, message: Option<String>) -> Self {
        let (Some(file), Some(_)) = (self.file, &self.diagnostic) else { return self };
        let range = source::range(&file.source, span);
        self.change(|diagnostic| diagnostic.labels.push(Label { start: span.start, end: span.end, range, message }))
    }
}

impl Drop for Report<'_, '_> {
    fn drop(&mut self) {
        self.findings.borrow_mut().extend(self.diagnostic.take());
    }
}
