//! For GitHub Actions: workflow commands, which become annotations of the changed lines.

use crate::engine::LintReport;
use std::fmt::Write as _;

/// The report as workflow commands, one line each. `prefix` stands before each path, for example
/// `tenants/customer-a/adapters/slack-to-notion/`.
pub fn render(report: &LintReport, prefix: &str) -> String {
    let mut text = String::new();
    for found in &report.diagnostics {
        let _ = write!(text, "::{} file={}", found.severity.as_str(), property(&format!("{prefix}{}", found.file)));
        if let Some(label) = found.labels.first() {
            let (start, end) = (label.range.start, label.range.end);
            let _ = write!(text, ",line={},endLine={},col={}", start.line, end.line, start.column);
            if start.line == end.line {
                let _ = write!(text, ",endColumn={}", end.column);
            }
        }
        let help = found.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
        let _ = writeln!(text, ",title={}::{}", property(&found.rule), data(&format!("{}{help}", found.message)));
    }
    text
}

/// Escapes as the runner's own toolkit does.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use crate::engine::{LintRequest, lint};

    #[test]
    fn a_finding_becomes_an_annotation() {
        let files = [("src/a,b.js", "debugger;\nexport default { fetch: () => ({}) };\n")];
        let report = lint(&LintRequest { files: &files, ..LintRequest::default() }).expect("linting works");
        assert_eq!(
            super::render(&report, "x/"),
            "::warning file=x/src/a%2Cb.js,line=1,endLine=1,col=1,endColumn=10,title=no-debugger::A `debugger` statement does nothing in production%0ARemove it\n"
        );
    }
}
