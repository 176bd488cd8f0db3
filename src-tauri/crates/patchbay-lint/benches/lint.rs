//! `make bench`: the lint engine beside oxc alone, and beside the real `oxlint`. Prints one JSON line for each figure.
//!
//! Build it optimised (`cargo bench`); `PATCHBAY` names the program whose process is measured, `OXLINT` the other one.
#![expect(clippy::print_stdout, reason = "the figures are the output")]

use oxc::allocator::Allocator;
use oxc::parser::Parser;
use oxc::semantic::SemanticBuilder;
use oxc::span::SourceType;
use patchbay_core::{RuleLevel, RuleLevels};
use patchbay_lint::{LintReport, LintRequest, all_rules, lint, render_text};
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--peak-of", path] => {
            let text = fs::read_to_string(path).expect("text");
            black_box(checked(&text));
            println!("{}", peak_kib());
        }
        ["--engine"] => {
            engine_beside_oxc(ADAPTER);
            long_file();
        }
        ["--rules"] => each_rule(ADAPTER, 2_000),
        ["--rules-of", path] => each_rule(&fs::read_to_string(path).expect("text"), 8),
        _ => everything(),
    }
}

fn everything() {
    engine_beside_oxc(ADAPTER);
    long_file();
    memory();
    hostile_input();
    match (program("PATCHBAY"), program("OXLINT")) {
        (Some(ours), Some(theirs)) => beside_oxlint(&ours, &theirs, ADAPTER),
        _ => {
            println!(
                "{{\"bench\":\"lint_beside_oxlint\",\"skipped\":\"set PATCHBAY and OXLINT to the two programs\"}}"
            );
        }
    }
}

fn program(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file())
}

/// A real adapter of 178 lines: what the template for Slack and Notion was when the goals were set, in one file. It does
/// not change with the template, so that figures can be compared.
const ADAPTER: &str = include_str!("adapter.ts");

fn checked(text: &str) -> LintReport {
    let files = [("src/adapter.ts", text)];
    lint(&LintRequest { files: &files, ..LintRequest::default() }).expect("linting works")
}

fn oxc_alone(text: &str) -> usize {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, SourceType::ts()).parse();
    let built = SemanticBuilder::new().with_build_nodes(true).with_check_syntax_error(true).build(&parsed.program);
    built.semantic.nodes().len() + parsed.diagnostics.len()
}

fn engine_beside_oxc(text: &str) {
    let report = checked(text);
    let syntax: Vec<_> = report.diagnostics.iter().filter(|found| found.rule == "syntax").collect();
    assert!(syntax.is_empty(), "the adapter parses: {syntax:?}");
    let (ours, oxc) = turn_by_turn(text, 400);
    let lines = text.lines().count();
    println!(
        "{{\"bench\":\"lint_engine\",\"lines\":{lines},\"lint_us\":{ours:.1},\"parse_and_semantic_us\":{oxc:.1},\"ratio\":{:.2},\"goal\":2.0}}",
        ours / oxc
    );
}

/// Microseconds that linting a text takes, and that oxc alone takes: turn by turn, so that whatever slows the machine
/// down slows both.
fn turn_by_turn(text: &str, rounds: usize) -> (f64, f64) {
    let (mut ours, mut oxc) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        ours.push(microseconds(|| drop(black_box(checked(text)))));
        oxc.push(microseconds(|| assert!(black_box(oxc_alone(text)) > 0)));
    }
    (median(ours), median(oxc))
}

/// What each rule costs beside parsing and resolving, dearest first: what to look at when the ratio is too high.
fn each_rule(text: &str, rounds: usize) {
    let off = |kept: Option<&str>| -> RuleLevels {
        let others = all_rules().filter(|docs| Some(docs.id) != kept);
        others.map(|docs| (docs.id.to_owned(), RuleLevel::Off)).collect()
    };
    let files = [("src/adapter.ts", text)];
    let timed = |levels: &RuleLevels| {
        let request = LintRequest { files: &files, levels: Some(levels), ..LintRequest::default() };
        microseconds(|| drop(black_box(lint(&request).expect("linting works"))))
    };
    // Turn by turn, and the least of many, which other programs disturb less than any other figure.
    let least = |levels: &RuleLevels| {
        let turns = (0..rounds).map(|_| (timed(levels), timed(&off(None))));
        turns.fold((f64::MAX, f64::MAX), |least, turn| (least.0.min(turn.0), least.1.min(turn.1)))
    };
    let none = least(&off(None)).1;
    let mut costs: Vec<(f64, &str)> = all_rules()
        .map(|docs| {
            let (with, without) = least(&off(Some(docs.id)));
            (with - without, docs.id)
        })
        .collect();
    costs.sort_by(|one, other| other.0.total_cmp(&one.0));
    println!("{{\"bench\":\"lint_without_rules\",\"us\":{none:.1}}}");
    for (cost, id) in costs {
        println!("{{\"bench\":\"lint_rule\",\"rule\":\"{id}\",\"us\":{cost:.1}}}");
    }
}

/// Code as people write it, of about so many lines.
fn code_of(lines: usize) -> String {
    let mut text =
        String::from("export default {\n  async fetch(request) {\n    return { ok: request.url };\n  },\n};\n");
    for index in 0..lines / 8 {
        let _ = write!(
            text,
            "export async function step{index}(input: {{ id: string; tags: string[] }}, depth = {index}) {{\n  const found = input.tags.filter((tag) => tag.length > depth).map((tag) => ({{ tag, id: input.id }}));\n  if (found.length === 0) {{\n    throw new Error(`nothing in ${{input.id}}`);\n  }}\n  const answer = await fetch('https://api.example/items', {{ method: 'POST', body: JSON.stringify(found) }});\n  return answer.json();\n}}\n"
        );
    }
    text
}

fn long_file() {
    let text = code_of(10_000);
    let lines = text.lines().count();
    let (ours, oxc) = turn_by_turn(&text, 25);
    println!(
        "{{\"bench\":\"lint_long_file\",\"lines\":{lines},\"bytes\":{},\"median_ms\":{:.2},\"goal_ms\":20,\"parse_and_semantic_ms\":{:.2},\"ratio\":{:.2}}}",
        text.len(),
        ours / 1000.0,
        oxc / 1000.0,
        ours / oxc
    );
}

/// Bytes of memory that the process holds for each byte of code, which must not grow with the file.
fn memory() {
    for lines in [10_000, 40_000, 160_000] {
        let text = code_of(lines);
        let peak = peak_of_a_process(&text);
        let each = peak * 1024 / text.len();
        println!(
            "{{\"bench\":\"lint_memory\",\"lines\":{lines},\"bytes\":{},\"peak_kib\":{peak},\"peak_bytes_for_each_byte\":{each}}}",
            text.len()
        );
    }
}

/// The most memory that a process of its own had while it linted a text, in KiB.
fn peak_of_a_process(text: &str) -> usize {
    let path = std::env::temp_dir().join(format!("patchbay-lint-peak-{}.ts", std::process::id()));
    fs::write(&path, text).expect("written");
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program).arg("--peak-of").arg(&path).output().expect("it runs");
    fs::remove_file(&path).expect("removed");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number")
}

/// `VmHWM` of this process, in KiB; 0 where there is no `/proc`.
fn peak_kib() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or_default()
}

/// The same files to both programs, turn by turn. Exit codes say what was found and do not matter here.
fn beside_oxlint(ours: &Path, theirs: &Path, adapter: &str) {
    let folder = std::env::temp_dir().join(format!("patchbay-lint-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let names: Vec<String> = (0..1_000).map(|index| format!("adapter{index}.ts")).collect();
    for name in &names {
        fs::write(folder.join(name), adapter).expect("written");
    }
    let run = |program: &Path, arguments: &[&str], files: &[String]| {
        let mut command = Command::new(program);
        command.args(arguments).args(files).current_dir(&folder).stdout(Stdio::null()).stderr(Stdio::null());
        microseconds(|| {
            let status = command.status().expect("the program runs");
            assert!(matches!(status.code(), Some(0 | 1)), "{} ended with {status}", program.display());
        }) / 1000.0
    };
    for (bench, files, rounds, goal) in
        [("lint_process_beside_oxlint", &names[..1], 30, 0.2), ("lint_1000_files_beside_oxlint", &names[..], 7, 1.0)]
    {
        let (mut mine, mut other) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            mine.push(run(ours, &["lint"], files));
            other.push(run(theirs, &[], files));
        }
        let (mine, other) = (median(mine), median(other));
        println!(
            "{{\"bench\":\"{bench}\",\"patchbay_ms\":{mine:.1},\"oxlint_ms\":{other:.1},\"ratio\":{:.3},\"goal\":{goal}}}",
            mine / other
        );
    }
    fs::remove_dir_all(&folder).expect("removed");
}

fn microseconds(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_secs_f64() * 1_000_000.0
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn hostile_input() {
    let nested = |unit: &str| unit.repeat(10_000);
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    let noise: Vec<u8> = (0..1_000_000)
        .map(|_| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            (random & 0xFF) as u8
        })
        .collect();
    let line = "a.b(1,'x🦊',{c:[d]});".repeat(5_000_000 / 22);
    for (name, text) in [
        ("nested_brackets", nested("[")),
        ("nested_arrows", nested("a=>")),
        ("nested_allowed", format!("export default {}1{};", "[".repeat(1_400), "]".repeat(1_400))),
        ("line_of_5_megabytes", line),
        ("random_bytes", String::from_utf8_lossy(&noise).into_owned()),
    ] {
        let started = Instant::now();
        let report = checked(&text);
        let shown = render_text(&report, &[("src/adapter.ts", &text)]);
        let took = started.elapsed().as_secs_f64() * 1000.0;
        assert!(!shown.is_empty(), "{name} has a diagnostic");
        println!(
            "{{\"bench\":\"lint_hostile\",\"input\":\"{name}\",\"ms\":{took:.1},\"findings\":{},\"goal_ms\":1000}}",
            report.diagnostics.len()
        );
    }
}
