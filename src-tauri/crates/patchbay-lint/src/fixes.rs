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
            let (text, count) = apply(text, found);
            (count > 0).then(|| FixedFile { file: (*file).to_owned(), text, fixes: count })
        })
        .collect()
}

fn apply<'a>(text: &str, found: impl Iterator<Item = &'a Diagnostic>) -> (String, usize) {
    let mut accepted: Vec<&Edit> = Vec::new();
    let mut count = 0;
    for fix in found.filter_map(|diagnostic| diagnostic.fix.as_ref()).filter(|fix| fix.safe) {
        let overlaps = |edit: &Edit| accepted.iter().any(|other| edit.start < other.end && other.start < edit.end);
        if !fix.edits.iter().any(overlaps) {
            accepted.extend(&fix.edits);
            count += 1;
        }
    }
    accepted.sort_by_key(|edit| std::cmp::Reverse(edit.start));
    let mut result = text.to_owned();
    for edit in accepted {
        result.replace_range(edit.start as usize..edit.end as usize, &edit.text);
    }
    (result, count)
}

#[cfg(test)]
mod tests {
    use super::apply_fixes;
    use crate::engine::{LintRequest, lint};

    #[test]
    fn safe_fixes_are_applied_and_suggestions_are_not() {
        let text = "export default {\n  async fetch() {\n    debugger; fetch('https://a.example');\n    debugger;\n    return { emoji: '🦊' };\n  },\n};\n";
        let files = [("src/adapter.ts", text)];
        let report = lint(&LintRequest { files: &files, ..LintRequest::default() }).expect("linting works");
        let changed = apply_fixes(&report, &files);
        assert_eq!((changed.len(), changed[0].fixes), (1, 2));
        assert_eq!(changed[0].text, text.replace("debugger;", ""));
    }
}
