//! The lint gate: errors stop a publish, unless the publisher allows their rule and says why.

use crate::linting;
use crate::wire::adapter::{Diagnostic, LintReport, Severity};
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::publish::LintAllowance;
use patchbay_core::{AdapterRef, nearest};

/// Characters that a reason may have.
const LONGEST_REASON: usize = 500;

/// The allowances without which the publish would have stopped, or why it stops.
pub(super) fn pass(
    adapter: &AdapterRef,
    lint: &LintReport,
    allowances: &[LintAllowance],
) -> Result<Vec<patchbay_core::LintAllowance>, WireError> {
    let checked = allowances.iter().map(check).collect::<Result<Vec<_>, _>>()?;
    let errors = || lint.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    let stopping: Vec<&Diagnostic> =
        errors().filter(|found| !checked.iter().any(|allowed| allowed.rule == found.rule)).collect();
    if !stopping.is_empty() {
        return Err(refusal(adapter, &stopping));
    }
    Ok(checked.into_iter().filter(|allowed| errors().any(|found| found.rule == allowed.rule)).collect())
}

fn check(allowance: &LintAllowance) -> Result<patchbay_core::LintAllowance, WireError> {
    let (rule, reason) = (allowance.rule.trim(), allowance.reason.split_whitespace().collect::<Vec<_>>().join(" "));
    let malformed = |message: String| WireError::new(ErrorCode::UsageMalformed, message);
    let known = || linting::rules().map(|rule| rule.id);
    if rule == patchbay_lint::SYNTAX {
        return Err(malformed("Syntax errors cannot be allowed, because such code does not run".into())
            .with_hint("Correct the code"));
    }
    if !known().any(|id| id == rule) {
        let shown: String = rule.chars().take(80).collect();
        let error = malformed(format!("There is no lint rule `{shown}` to allow"));
        return Err(match nearest(rule, known()) {
            Some(nearest) => error.with_hint(format!("Did you mean `{nearest}`?")),
            None => error.with_hint("`patchbay lint --rules` lists the rules"),
        });
    }
    if reason.is_empty() {
        return Err(malformed(format!("`{rule}` is to be allowed without a reason"))
            .with_hint(format!("Say why: `--allow {rule}=\"the reason\"`; it is kept with the version")));
    }
    if reason.chars().count() > LONGEST_REASON {
        return Err(malformed(format!("The reason for `{rule}` has more than {LONGEST_REASON} characters"))
            .with_hint("Say it shorter, and link to the rest"));
    }
    Ok(patchbay_core::LintAllowance { rule: rule.to_owned(), reason })
}

fn refusal(adapter: &AdapterRef, errors: &[&Diagnostic]) -> WireError {
    let mut refusal = WireError::new(
        ErrorCode::LintErrors,
        format!("Lint found {} error{} in {adapter}", errors.len(), if errors.len() == 1 { "" } else { "s" }),
    )
    .with_hint(format!("`patchbay lint {adapter}` shows each with its place; the live version is as it was"));
    if let Some(found) = errors.iter().find(|found| found.rule != patchbay_lint::SYNTAX) {
        refusal = refusal.with_hint(format!(
            "`--allow {}=\"the reason\"` publishes all the same and keeps the reason with the version",
            found.rule
        ));
    }
    refusal.causes = errors
        .iter()
        .take(10)
        .map(|found| {
            format!(
                "{}:{}:{}: {} ({})",
                found.file, found.range.start_line, found.range.start_column, found.message, found.rule
            )
        })
        .collect();
    refusal
}

#[cfg(test)]
mod tests {
    use super::pass;
    use crate::wire::adapter::{Diagnostic, LintReport, Severity, TextRange};
    use crate::wire::error::WireError;
    use crate::wire::publish::LintAllowance;

    fn found(rule: &str, severity: Severity) -> Diagnostic {
        Diagnostic {
            rule: rule.into(),
            severity,
            message: "m".into(),
            help: None,
            file: "src/adapter.ts".into(),
            range: TextRange { start_line: 1, start_column: 2, end_line: 1, end_column: 3 },
            fix: None,
        }
    }

    fn publish(diagnostics: Vec<Diagnostic>, allowed: &[(&str, &str)]) -> Result<Vec<(String, String)>, WireError> {
        let report = LintReport { diagnostics, errors: 0, warnings: 0, files: 1 };
        let allowances: Vec<LintAllowance> = allowed
            .iter()
            .map(|(rule, reason)| LintAllowance { rule: (*rule).into(), reason: (*reason).into() })
            .collect();
        let kept = pass(&"customer-a/notes".parse().expect("valid"), &report, &allowances)?;
        Ok(kept.into_iter().map(|kept| (kept.rule, kept.reason)).collect())
    }

    #[test]
    fn errors_stop_and_warnings_do_not() {
        assert_eq!(publish(vec![found("no-eval", Severity::Warning)], &[]).expect("passes"), []);
        let error = publish(vec![found("no-eval", Severity::Error)], &[]).expect_err("stops");
        assert_eq!(error.causes, ["src/adapter.ts:1:2: m (no-eval)"]);
        assert!(error.hints.iter().any(|hint| hint.contains("--allow no-eval=")), "{:?}", error.hints);
    }

    #[test]
    fn an_allowed_rule_passes_and_its_reason_is_kept() {
        let kept = publish(vec![found("no-eval", Severity::Error)], &[("no-eval", " a vendor's\n compiler ")]);
        assert_eq!(kept.expect("passes"), [("no-eval".to_owned(), "a vendor's compiler".to_owned())]);
        let errors = || vec![found("no-eval", Severity::Error), found("no-undef", Severity::Error)];
        let error = publish(errors(), &[("no-eval", "why")]).expect_err("the other stops");
        assert_eq!(error.causes, ["src/adapter.ts:1:2: m (no-undef)"]);
    }

    #[test]
    fn an_allowance_that_was_not_needed_is_not_kept() {
        assert_eq!(publish(Vec::new(), &[("no-eval", "why")]).expect("passes"), []);
    }

    #[test]
    fn an_allowance_needs_a_rule_and_a_reason() {
        for (rule, reason, says) in [
            ("no-eval", "  ", "without a reason"),
            ("no-evil", "why", "no lint rule `no-evil`"),
            ("syntax", "why", "cannot be allowed"),
            ("no-eval", &"x".repeat(501), "500 characters"),
        ] {
            let error = publish(vec![found("no-eval", Severity::Error)], &[(rule, reason)]).expect_err(says);
            assert!(error.message.contains(says), "{}", error.message);
            assert!(!error.hints.is_empty(), "{says}");
        }
    }
}
