//! Applies the fixes that are safe.

use crate::diagnostic::{Diagnostic, Edit};
use crate::engine::LintReport;

/// A file with its fixes applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedFile {
    /// Its name in the request.
    pub file: String,
    /// The new text.
    pub text: String,
    /// How many findings were fixed.
    pub fixes: usize,
}

/// The files that change when every safe fix is applied. Fixes whose edits overlap with an earlier one are left for
/// the next run.
pub fn apply_fixes(report: &LintReport, files: &[(&str, &str)]) -> Vec<FixedFile> {
    files
        .iter()
        .filter_map(|(file, text)| {
            let found = report.diagnostics.iter().filter(|diagnostic| diagnostic.file == *file);
            let (text, fixes) = apply(text, found);
            (fixes > 0).then(|| FixedFile { file: (*file).to_owned(), text, fixes })
        })
        .collect()
}

fn apply<'a>(text: &str, found: impl Iterator<Item = &'a Diagnostic>) -> (String, usize) {
    let mut accepted: Vec<&Edit> = Vec::new();
    let mut fixes = 0;
    for fix in found.filter_map(|diagnostic| diagnostic.fix.as_ref()).filter(|fix| fix.safe) {
        let overlaps = |edit: &Edit| accepted.iter().any(|other| edit.start < other.end && other.start < edit.end);
        if !fix.edits.iter().any(overlaps) {
            accepted.extend(&fix.edits);
            fixes += 1;
        }
    }
    accepted.sort_by_key(|edit| std::cmp::Reverse(edit.start));
    let mut fixed = text.to_owned();
    for edit in accepted {
        fixed.replace_range(edit.start as usize..edit.end as usize, &edit.text);
    }
    (fixed, fixes)
}
