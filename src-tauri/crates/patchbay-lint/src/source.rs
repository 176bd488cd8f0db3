//! Source files: what they are by their name, and spans as ranges for editors.

use crate::diagnostic::Range;
use oxc::span::{SourceType, Span};
use patchbay_core::SourceText;

/// How a file is parsed; nothing for files that are not code.
pub(crate) fn source_type(path: &str) -> Option<SourceType> {
    let (_, extension) = path.rsplit_once('.')?;
    // Declarations have no code of their own.
    if path.ends_with(".d.ts") || path.ends_with(".d.mts") {
        return None;
    }
    match extension {
        "ts" | "mts" | "cts" => Some(SourceType::ts()),
        "tsx" => Some(SourceType::tsx()),
        // CommonJS is parsed as a module too: the rules then say how to write it as one.
        "js" | "mjs" | "cjs" => Some(SourceType::mjs()),
        "jsx" => Some(SourceType::jsx()),
        _ => None,
    }
}

/// The range of a byte span.
pub(crate) fn range(source: &SourceText<'_>, span: Span) -> Range {
    Range { start: source.position(span.start as usize), end: source.position(span.end as usize) }
}

#[cfg(test)]
mod tests {
    use crate::engine::{LintRequest, lint};
    use patchbay_core::Position;

    /// The range of the first `debugger` or syntax error in a JavaScript file.
    fn first_range(text: &str) -> (Position, Position) {
        let files = [("src/adapter.js", text)];
        let report = lint(&LintRequest { files: &files, ..LintRequest::default() }).expect("linting works");
        let is_meant = |rule: &str| matches!(rule, "no-debugger" | "syntax");
        let found = report.diagnostics.iter().find(|found| is_meant(&found.rule)).expect("something is wrong");
        let range = found.labels[0].range;
        (range.start, range.end)
    }

    fn place(line: u32, column: u32) -> Position {
        Position { line, column }
    }

    const REST: &str = "\nexport default { fetch: () => ({}) };\n";

    #[test]
    fn ranges_count_as_editors_do() {
        for (before, line, column) in [
            ("", 1, 1),
            ("const a = '🦊'; ", 1, 17),
            ("const a = 'größe'; ", 1, 20),
            ("// one\r\n// two\r\n", 3, 1),
            ("\u{feff}", 1, 1),
            ("\u{feff}// one\n", 2, 1),
            ("\t\t", 1, 3),
        ] {
            let text = format!("{before}debugger;{REST}");
            assert_eq!(first_range(&text), (place(line, column), place(line, column + 9)), "{text:?}");
        }
    }

    #[test]
    fn a_syntax_error_after_an_emoji_stands_where_the_editor_shows_it() {
        assert_eq!(first_range("const a = '👩‍👩‍👧', b = ;\n").0, place(1, 27));
    }
}
