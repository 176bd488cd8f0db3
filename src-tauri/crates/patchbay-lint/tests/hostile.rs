//! Whatever a file holds, an answer comes, and the process lives.
//!
//! The random part is short here. A long run: `PROPTEST_CASES=100000 cargo test --release -p patchbay-lint --test hostile random`.

use patchbay_lint::{LintReport, LintRequest, apply_fixes, infer, lint, render_github, render_sarif, render_text};
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;
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
    render_sarif(&[("", &report)], &[]);
    for fixed in apply_fixes(&report, &files) {
        assert_ne!(fixed.text, text, "a fix changes something");
    }
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
fn a_line_of_five_megabytes_is_linted_in_time_that_grows_with_its_length_only() {
    let timed = |bytes: usize| {
        let line = "a.b(1,'x🦊',{c:[d]});".repeat(bytes / 22);
        let text = format!("export default {{ fetch() {{ return {{}}; }} }};{line}");
        let started = Instant::now();
        let report = run(&text);
        assert!(report.error_count() > 0, "`a` and `d` are not declared");
        started.elapsed()
    };
    let (short, long) = (timed(500_000), timed(5_000_000));
    // Beside other tests one of the two may be slowed down; a question that grows with itself costs a hundred times more.
    assert!(long < short * 50, "ten times the length took {long:?}, the rest {short:?}");
}

/// Values that are made of values that are made of values, and questions that a whole file answers, asked of the whole file.
#[test]
fn code_with_more_ways_than_anybody_can_go_ends_soon() {
    let within = |body: &str| format!("export default {{ async fetch(request) {{ {body} return {{}}; }} }};\n");
    let levels = |each: &dyn Fn(usize) -> String| (1..12).map(each).collect::<String>();
    let texts = levels(&|level| format!("const t{level} = `{}`;\n", format!("${{t{}}}", level - 1).repeat(60)));
    let sums = levels(&|level| {
        let before = level - 1;
        format!("const s{level} = s{before} + s{before} + s{before} + s{before};\n")
    });
    let calls = levels(&|level| format!("function f{level}() {{ {} }}\n", format!("f{}();", level - 1).repeat(60)));
    let functions: String =
        (0..1_500).map(|index| format!("async function g{index}(x) {{ await g{index}(x); }}\n")).collect();
    let headers: String = (0..1_500).map(|index| format!("'x-{index}': event.title, ")).collect();
    for (name, text) in [
        ("texts", format!("const t0 = '';\n{texts}{}", within("await fetch(t11);"))),
        (
            "sums",
            within(&format!(
                "const s0 = request.url;\n{sums} globalThis.all = s11; const n = Number.parseFloat(s0.price) * 100; console.log(n);"
            )),
        ),
        (
            "calls",
            format!("function f0() {{}}\n{calls}f11();\n{}", within("while (true) { f11(); } setTimeout(f11, 1);")),
        ),
        ("functions", format!("{functions}{}", within("await g1(1);"))),
        (
            "headers",
            within(&format!(
                "const event = await request.json(); return new Response('', {{ headers: {{ {headers} }} }});"
            )),
        ),
        ("comments in a row", "// patchbay-ignore no-eval -- why\n".repeat(5_000)),
        ("comments in a line", "/* patchbay-ignore no-eval -- why */ eval('1');".repeat(5_000)),
    ] {
        let started = Instant::now();
        run(&text);
        assert!(started.elapsed() < Duration::from_secs(20), "{name} took {:?}", started.elapsed());
    }
}

#[test]
fn what_the_parser_cannot_read_is_marked_by_whole_characters() {
    // A template that never ends is marked at its last byte.
    for text in ["`${ } 🦊", "`🦊", "#🦊", "1🦊", "'\\u{🦊}'", "\\🦊", "class A { #🦊 }", "\u{2028}🦊\u{2028}"]
    {
        run(text);
        run(&format!("const x = {text};\n"));
    }
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

/// How many random texts each test tries, unless `PROPTEST_CASES` says otherwise.
fn cases(number: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(number);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// The code of every template.
fn real_adapters() -> Vec<String> {
    fn gather(folder: &Path, texts: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                gather(&path, texts);
            } else if path.extension().is_some_and(|extension| extension == "ts") {
                texts.push(fs::read_to_string(&path).expect("text"));
            }
        }
    }
    let mut texts = Vec::new();
    gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../templates/adapters"), &mut texts);
    assert!(!texts.is_empty(), "there are templates");
    texts.sort();
    texts
}

/// One change of a text: at a place, so many characters go and this comes.
type Change = (prop::sample::Index, usize, String);

fn changed(text: &str, changes: &[Change]) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for (place, removed, added) in changes {
        let at = place.index(characters.len() + 1);
        let end = (at + removed).min(characters.len());
        characters.splice(at..end, added.chars());
    }
    characters.into_iter().collect()
}

fn change() -> impl Strategy<Value = Change> {
    let added = prop_oneof![
        prop::sample::select(PARTS).prop_map(str::to_owned),
        "\\PC{0,6}",
        Just(String::new()),
        (prop::sample::select(PARTS), 1..200_usize).prop_map(|(part, count)| part.repeat(count)),
    ];
    (any::<prop::sample::Index>(), prop_oneof![Just(0), 1..4_usize, 1..400_usize], added)
}

proptest! {
    #![proptest_config(cases(300))]

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

proptest! {
    #![proptest_config(cases(80))]

    #[test]
    fn random_changes_of_real_adapters_are_answered(
        adapter in any::<prop::sample::Index>(),
        changes in prop::collection::vec(change(), 1..6),
    ) {
        let adapters = ADAPTERS.get_or_init(real_adapters);
        run(&changed(&adapters[adapter.index(adapters.len())], &changes));
    }

    #[test]
    fn random_nesting_is_answered(
        units in prop::collection::vec((prop::sample::select(PARTS), 1..1_500_usize), 1..4),
    ) {
        run(&units.iter().map(|(part, count)| part.repeat(*count)).collect::<String>());
    }
}

static ADAPTERS: OnceLock<Vec<String>> = OnceLock::new();

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
    "// patchbay-ignore no-eval -- why\n",
    "/* patchbay-ignore",
    "debugger;",
    "\n",
];
