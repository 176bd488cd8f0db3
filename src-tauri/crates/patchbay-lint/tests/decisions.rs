//! What authors and workspaces decide about findings, and what is found beside mistakes.

use patchbay_core::{RuleLevel, RuleLevels};
use patchbay_lint::{LintReport, LintRequest, Severity, apply_fixes, lint};

const ENTRY: &str = "src/adapter.ts";

fn run(text: &str) -> LintReport {
    run_files(&[(ENTRY, text)], None)
}

fn run_files(files: &[(&str, &str)], levels: Option<&RuleLevels>) -> LintReport {
    lint(&LintRequest { files, entry: Some(ENTRY), levels, ..LintRequest::default() }).expect("an answer comes")
}

/// The rules that these tests are about; whatever other rules say of the same texts does not matter.
const RULES: &[&str] = &["syntax", "no-eval", "no-debugger", "no-undef", "malformed-ignore", "unused-ignore"];

/// Rule and place of each finding: `no-eval 3:5`.
fn places(report: &LintReport) -> Vec<String> {
    let place = |found: &patchbay_lint::Diagnostic| {
        let start = found.labels[0].range.start;
        format!("{} {}:{}", found.rule, start.line, start.column)
    };
    report.diagnostics.iter().filter(|found| RULES.contains(&found.rule.as_str())).map(place).collect()
}

fn handler(body: &str) -> String {
    format!("export default {{\n  async fetch(request) {{\n{body}\n    return {{ ok: request.url }};\n  }},\n}};\n")
}

#[test]
fn a_level_makes_a_rule_graver_lighter_or_silent() {
    let text = handler("    debugger;\n    eval('1');");
    let levels: RuleLevels =
        [("no-debugger".to_owned(), RuleLevel::Error), ("no-eval".to_owned(), RuleLevel::Warning)].into();
    let report = run_files(&[(ENTRY, &text)], Some(&levels));
    let ours = report.diagnostics.iter().filter(|found| RULES.contains(&found.rule.as_str()));
    let found: Vec<_> = ours.map(|found| (found.rule.as_str(), found.severity)).collect();
    assert_eq!(found, [("no-debugger", Severity::Error), ("no-eval", Severity::Warning)]);
    let levels: RuleLevels = [("no-debugger".to_owned(), RuleLevel::Off)].into();
    assert_eq!(places(&run_files(&[(ENTRY, &text)], Some(&levels))), ["no-eval 4:5"]);
}

#[test]
fn an_ignore_for_a_rule_that_is_off_is_not_called_unused() {
    let text = handler("    debugger; // patchbay-ignore no-debugger -- on purpose");
    let levels: RuleLevels = [("no-debugger".to_owned(), RuleLevel::Off)].into();
    assert!(places(&run_files(&[(ENTRY, &text)], Some(&levels))).is_empty());
}

#[test]
fn an_ignore_covers_its_line_and_its_rules_only() {
    for (comment, left) in [
        ("// patchbay-ignore no-eval -- why", vec!["no-debugger 4:16", "no-eval 5:5"]),
        ("// patchbay-ignore no-eval, no-debugger -- why", vec!["no-eval 5:5"]),
        ("/* patchbay-ignore no-eval no-debugger -- why */", vec!["no-eval 5:5"]),
        ("/** patchbay-ignore no-eval -- why */", vec!["no-debugger 4:16", "no-eval 5:5"]),
    ] {
        for line_break in ["\n", "\r\n"] {
            let text = handler(&format!("    {comment}\n    eval('1'); debugger;\n    eval('2');"));
            let text = text.replace('\n', line_break);
            assert_eq!(places(&run(&text)), left, "{comment} with {line_break:?}");
        }
    }
}

#[test]
fn an_unused_ignore_is_removed_with_its_line() {
    for line_break in ["\n", "\r\n"] {
        let text = handler(
            "    // patchbay-ignore no-undef -- why 🦊\n    const a = 1; // patchbay-ignore no-undef -- why\n    await request.text(a); /* patchbay-ignore no-undef, no-debugger -- why */ debugger;",
        );
        let expected =
            handler("    const a = 1;\n    await request.text(a); /* patchbay-ignore no-debugger -- why */ debugger;");
        let text = format!("\u{feff}{}", text.replace('\n', line_break));
        let files = [(ENTRY, text.as_str())];
        let report = run_files(&files, None);
        let fixed = apply_fixes(&report, &files);
        assert_eq!(fixed[0].text, format!("\u{feff}{}", expected.replace('\n', line_break)));
        assert_eq!(fixed[0].fixes, 3);
        assert!(places(&run(&fixed[0].text)).is_empty(), "nothing is left to say of comments");
    }
}

#[test]
fn a_typo_hides_nothing_behind_or_before_it() {
    for (typo, said) in [
        ("const a = ;", "3:15"),
        ("if (request.url {", "3:21"),
        ("const a = 'abc;", "3:15"),
        ("retrun { ok: tru e };", "3:11"),
        ("await fetch('https://a.example/', { method: 'POST', );", "3:57"),
        ("const a = [1, 2;", "3:20"),
        ("x = {{ a: 1 };", "3:10"),
        ("else { debugger }", "3:5"),
    ] {
        let block = if typo.contains("if (") { "    }\n" } else { "" };
        let text = handler(&format!("    {typo}\n{block}    eval('1');")) + "eval('2');\n";
        let found = places(&run(&text));
        let line = if block.is_empty() { 4 } else { 5 };
        let expected = [format!("syntax {said}"), format!("no-eval {line}:5"), format!("no-eval {}:1", line + 4)];
        assert_eq!(found, expected, "{typo}");
    }
}

#[test]
fn several_mistakes_are_told_at_once() {
    let text = "const a = ;\nconst b = 1;\nlet c = [1, 2;\nexport default { fetch() { eval('1'); return { b }; } };\nfunction f( { }\n";
    assert_eq!(places(&run(text)), ["syntax 1:11", "syntax 3:14", "syntax 6:1", "no-eval 4:28"]);
}

#[test]
fn a_mistake_makes_no_rule_say_what_is_not_so() {
    let text = "import { verify } from './verify.ts'\nconst url = 'https://a.example/;\nexport default {\n  async fetch(request, env) {\n    await verify(request, env);\n    return fetch(url);\n  },\n};\n";
    let files = [(ENTRY, text), ("src/verify.ts", "export async function verify() {}\n")];
    let report = run_files(&files, None);
    assert_eq!(places(&report), ["syntax 2:13"], "`url` is declared in the broken line");
    assert_eq!(report.diagnostics.len(), 1, "{:?}", report.diagnostics);
}

#[test]
fn a_block_that_is_never_closed_hides_nothing() {
    let text = "export default {\n  async fetch(request) {\n    if (request.url) {\n    eval('1');\n    return {};\n  },\n};\n";
    let report = run(text);
    assert_eq!(report.diagnostics[0].rule, "syntax");
    assert!(report.diagnostics.iter().any(|found| found.rule == "no-eval"), "{:?}", places(&report));
}

#[test]
fn an_error_has_the_parsers_help_and_labels() {
    let report = run("const a = 1;\nconst a = 2;\nexport default { fetch: () => ({ a }) };\n");
    let found = &report.diagnostics[0];
    assert_eq!((found.rule.as_str(), found.labels.len()), ("syntax", 2), "{found:?}");
    assert!(found.labels.iter().all(|label| label.message.is_some()), "{found:?}");
}

#[test]
fn no_text_is_a_mistake_to_the_end() {
    let report = run("this is no code at all\nneither is that\n");
    assert_eq!(report.diagnostics[0].rule, "syntax");
}

#[test]
fn a_module_on_its_own_is_not_taken_for_the_adapter() {
    let of = |code: &str| {
        let files = [("src/calls.ts", code)];
        let report = lint(&LintRequest { files: &files, ..LintRequest::default() }).expect("linting works");
        report.diagnostics.into_iter().map(|found| found.rule).collect::<Vec<_>>()
    };
    assert_eq!(of("export const retry = (work: () => void) => work();\n"), Vec::<String>::new());
    assert_eq!(of("export interface Env { TOKEN: string }\n"), Vec::<String>::new());
    assert_eq!(of("export const twice = (sum: string) => eval(sum);\n"), ["no-eval"], "other rules look at it");
    assert_eq!(of("export async function fetch() { return {}; }\n"), ["no-default-export"], "a handler is meant");
    assert_eq!(of("console.log('started');\n"), ["no-default-export"]);
    let adapter = "export const limit = 1;\nexport default { async fetch(request: Request, env: object) { return new Response(request.url); } };\n";
    assert_eq!(of(adapter), Vec::<String>::new(), "an adapter that exports more than itself");
}
