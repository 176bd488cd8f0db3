//! `patchbay lint`

use crate::Verdict;
use crate::args::{LintArguments, LintFormat};
use crate::session::Session;
use patchbay_app::linting::{self, LintTarget};
use patchbay_app::wire::error::WireError;
use std::path::{Path, PathBuf};

pub fn run(session: &Session, arguments: &LintArguments) -> Result<Verdict, WireError> {
    let printer = session.printer();
    if arguments.rules {
        let rules: Vec<_> = linting::rules().collect();
        let lines =
            rules.iter().map(|rule| format!("{:<28} {:<8} {:<12} {}\n", rule.id, rule.severity, rule.group, rule.what));
        printer.answer(&rules, &lines.collect::<String>());
        return Ok(Verdict::Held);
    }
    let targets = targets_of(session, &arguments.targets)?;
    if arguments.fix {
        let fixed = linting::fix(session.app(), &targets)?;
        printer.say(&format!("Fixed {} finding{}", fixed, if fixed == 1 { "" } else { "s" }));
    }
    let findings = linting::lint(session.app(), &targets)?;
    let text = match arguments.format {
        LintFormat::Github => findings.github(),
        LintFormat::Sarif => findings.sarif(),
        LintFormat::Text | LintFormat::Json => findings.text(),
    };
    if matches!(arguments.format, LintFormat::Sarif) {
        // This form is JSON already, with or without `--json`.
        crate::printer::Printer::new(false).answer(&findings.report, &text);
    } else if printer.is_json() || matches!(arguments.format, LintFormat::Json) {
        crate::printer::Printer::new(true).answer(&findings.report, "");
    } else {
        printer.answer(&findings.report, &text);
        printer.say(&format!(
            "{} error{}, {} warning{} in {} file{}",
            findings.report.errors,
            plural(findings.report.errors),
            findings.report.warnings,
            plural(findings.report.warnings),
            findings.report.files,
            plural(findings.report.files),
        ));
    }
    Ok(if findings.report.errors == 0 { Verdict::Held } else { Verdict::DidNotHold })
}

fn plural(count: u32) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// What exists as a file is a file; everything else must be TENANT/ADAPTER. Nothing named means the whole workspace.
fn targets_of(session: &Session, given: &[String]) -> Result<Vec<LintTarget>, WireError> {
    if given.is_empty() {
        session.open_workspace()?;
        return linting::every_adapter(session.app());
    }
    let mut targets = Vec::new();
    for target in given {
        if Path::new(target).is_file() {
            targets.push(LintTarget::File(PathBuf::from(target)));
        } else {
            let key = crate::session::adapter_key(target)
                .map_err(|error| error.with_hint(format!("There is no file `{target}` here either")))?;
            if !session.app().has_workspace() {
                session.open_workspace()?;
            }
            targets.push(LintTarget::Adapter(key));
        }
    }
    Ok(targets)
}
