//! Whatever a file holds, an answer comes, and the process lives.

use patchbay_lint::{LintReport, LintRequest, infer, lint, render_github, render_text};
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// Lints and renders, in every form.
fn run(text: &str) -> LintReport {
    let files = [("src/adapter.ts", text)];
    let report = lint(&LintRequest { files: &files, ..LintRequest::default() }).expect("an answer comes");
    for diagnostic in &report.diagnostics {
        for label in &diagnostic.labels {
            assert!(label.start <= label.end && label.end as usize <= text.len(), "{label:?} should be in the text");
            assert!(text.is_char_boundary(label.start as usize), "{label:?} should begin with a character");
        }
    }
    render_text(&report, &files);
    render_github(&report, "");
    infer(&files, None).expect("an answer comes");
    report
}

#[test]
fn code_that_nests_without_end_is_refused() {
    for unit in
        ["[", "(", "{", "!", "a?", "a=>", "if(1)", "`${", "new ", "a+", "a.", "f(", "A extends B?C:", "<T>", "else "]
    {
        let report = run(&unit.repeat(100_000));
        assert!(report.error_count() > 0, "{unit:?}");
        assert!(
            report.diagnostics[0].message.contains("nests too deep"),
            "{unit:?}: {}",
            report.diagnostics[0].message
        );
    }
}

#[test]
fn code_that_nests_as_deep_as_is_allowed_is_linted() {
    for (open, close) in
        [("[", "]"), ("(", ")"), ("!", ""), ("x?", ":0"), ("f(", ")"), ("()=>", ""), ("x+", ""), ("{a:", "}")]
    {
        for depth in [20, 90, 900] {
            let middle = if close == ")" && open == "(" { "1" } else { "x" };
            let text = format!(
                "const x = 1, f = (y) => y;\nexport default {}{middle}{};\n",
                open.repeat(depth),
                close.repeat(depth)
            );
            let report = run(&text);
            assert!(
                report.diagnostics.iter().all(|found| found.rule != "syntax"),
                "{open} × {depth}: {:?}",
                report.diagnostics[0]
            );
        }
    }
}

#[test]
fn a_line_of_five_megabytes_is_linted() {
    let line = "a.b(1,'x🦊',{c:[d]});".repeat(5_000_000 / 22);
    let text = format!("export default {{ fetch() {{ return {{}}; }} }};{line}");
    let started = Instant::now();
    let report = run(&text);
    assert!(report.error_count() > 0, "`a` and `d` are not declared");
    // An optimised build takes well under a second; this bound is for one without optimisation on a busy machine.
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}

#[test]
fn a_file_beyond_reason_is_left_alone() {
    let report = run(&"x".repeat(21 * 1024 * 1024));
    assert!(report.diagnostics[0].message.contains("bytes"), "{}", report.diagnostics[0].message);
}

#[test]
fn one_typo_does_not_hide_the_rest() {
    let report = run("const a = ;\nexport default { async fetch() { eval('1'); return {}; } };\n");
    assert_eq!(report.diagnostics[0].rule, "syntax");
    let files = [
        ("src/adapter.ts", "import './broken';\nexport default { async fetch() { eval('1'); return {}; } };\n"),
        ("src/broken.ts", "const a = ;\n"),
    ];
    let report = lint(&LintRequest { files: &files, ..LintRequest::default() }).expect("an answer comes");
    let rules: Vec<_> = report.diagnostics.iter().map(|found| found.rule.as_str()).collect();
    assert_eq!(rules, ["no-eval", "syntax"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_text_is_answered(text in "\\PC{0,400}") {
        run(&text);
    }

    #[test]
    fn random_code_is_answered(parts in prop::collection::vec(prop::sample::select(PARTS), 0..60)) {
        run(&parts.join(" "));
    }

    #[test]
    fn random_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        run(&String::from_utf8_lossy(&bytes));
    }
}

const PARTS: &[&str] = &[
    "export default",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "fetch",
    "async",
    "await",
    "env",
    "request",
    ".",
    ",",
    ";",
    "=>",
    "=",
    "const",
    "let",
    "var",
    "if",
    "else",
    "for",
    "of",
    "in",
    "class",
    "extends",
    "this",
    "import",
    "from",
    "'./x'",
    "`${",
    "`",
    "'",
    "\"",
    "/",
    "//",
    "/*",
    "*/",
    "function",
    "return",
    "throw",
    "new",
    "URL",
    "'https://x.example/'",
    "===",
    "headers.get('x-slack-signature')",
    "...",
    "?.",
    "?",
    ":",
    "type",
    "interface",
    "as",
    "<",
    ">",
    "🦊",
    "\u{feff}",
    "\r\n",
    "\u{2028}",
    "0",
    "1n",
    "\\u{61}",
    "#x",
    "@",
    "switch",
    "case",
    "console.log",
    "json()",
    "enum",
    "namespace",
];
