//! For terminals: place, lines of code, help.

use crate::diagnostic::{Diagnostic, Fix};
use crate::engine::LintReport;
use patchbay_core::SourceText;
use std::fmt::Write as _;

/// The report as text, without colour. `files` are the texts that were linted. Secrets that stand in the code are
/// covered. Empty when nothing was found.
pub fn render(report: &LintReport, files: &[(&str, &str)]) -> String {
    let covered: Vec<(&str, String)> = files
        .iter()
        .filter(|(path, _)| report.diagnostics.iter().any(|found| found.file == *path))
        .map(|(path, code)| (*path, cover(path, code, report)))
        .collect();
    let sources: Vec<(&str, SourceText<'_>)> =
        covered.iter().map(|(path, code)| (*path, SourceText::new(code))).collect();
    let mut text = String::new();
    for diagnostic in &report.diagnostics {
        let source = sources.iter().find(|(path, _)| *path == diagnostic.file).map(|(_, source)| source);
        let _ = write_one(&mut text, diagnostic, source);
    }
    if !report.diagnostics.is_empty() {
        let _ = writeln!(
            text,
            "{}, {}",
            counted(report.error_count(), "error"),
            counted(report.warning_count(), "warning")
        );
    }
    text
}

/// The code with every secret that was found replaced by as many bytes of stars, so that no line of it, shown for
/// whatever reason, gives one away.
fn cover(path: &str, code: &str, report: &LintReport) -> String {
    let mut shown = code.to_owned();
    for diagnostic in report.diagnostics.iter().filter(|found| found.conceal && found.file == path) {
        let Some(label) = diagnostic.labels.first() else { continue };
        let range = label.start as usize..label.end as usize;
        if let Some(secret) = shown.get(range.clone()) {
            let stars: String = secret.bytes().map(|byte| if byte == b'\n' { '\n' } else { '*' }).collect();
            shown.replace_range(range, &stars);
        }
    }
    shown
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// A change that a person must decide on, with its text where that is short.
fn suggested(fix: &Fix) -> String {
    match &fix.edits[..] {
        [edit]
            if (1..=80).contains(&edit.text.len()) && !edit.text.contains('\n') && !fix.title.contains(&edit.text) =>
        {
            format!("{}: `{}`", fix.title, edit.text)
        }
        _ => fix.title.clone(),
    }
}

fn write_one(text: &mut String, diagnostic: &Diagnostic, source: Option<&SourceText<'_>>) -> std::fmt::Result {
    let Diagnostic { rule, severity, file, message, .. } = diagnostic;
    let place = diagnostic.labels.first().map(|label| label.range.start);
    let place = place.map(|start| format!(":{}:{}", start.line, start.column)).unwrap_or_default();
    writeln!(text, "{file}{place}: {} {rule}: {message}", severity.as_str())?;
    for label in &diagnostic.labels {
        if let Some(note) = &label.message {
            writeln!(text, "  {}:{}: {note}", label.range.start.line, label.range.start.column)?;
        }
        if let Some(source) = source {
            text.push_str(&source.code_frame(label.start as usize, label.end as usize));
        }
    }
    if let Some(help) = &diagnostic.help {
        writeln!(text, "  help: {help}")?;
    }
    match &diagnostic.fix {
        Some(fix) if fix.safe => writeln!(text, "  fix: {} (`--fix` does it)", fix.title)?,
        Some(suggestion) => writeln!(text, "  suggestion: {}", suggested(suggestion))?,
        None => {}
    }
    text.push('\n');
    Ok(())
}
