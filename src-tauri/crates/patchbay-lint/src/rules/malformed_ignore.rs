use super::{Docs, Group, Rule, all_rules};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::span::Span;
use patchbay_core::nearest;

pub struct MalformedIgnore;

static DOCS: Docs = Docs {
    id: "malformed-ignore",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "A `patchbay-ignore` comment without a reason, without a rule, or with a rule that there is not.",
    why: "Whoever reads the adapter later must be able to tell a decision from an accident, and a misspelt rule ignores nothing.",
    good: "// patchbay-ignore no-eval -- the template compiler of our vendor needs it\nconst render = eval(source);",
};

const FORM: &str = "Write `// patchbay-ignore rule -- reason` above the line or at its end";

impl Rule for MalformedIgnore {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for ignore in &file.ignores {
                let said = |message: &str| context.report(file, ignore.span, message).help(FORM);
                if !ignore.suffix.is_empty() {
                    said(&format!("`patchbay-ignore{}` is not known, so nothing is ignored", ignore.suffix));
                    continue;
                }
                if ignore.rules.is_empty() {
                    said("The comment names no rule, so nothing is ignored");
                    continue;
                }
                if ignore.reason.is_none() {
                    said("The comment gives no reason, so nothing is ignored");
                    continue;
                }
                for rule in &ignore.rules {
                    unknown(context, file, rule.name, rule.span);
                }
            }
        }
    }
}

fn unknown<'a>(context: &Context<'_, 'a>, file: &crate::project::File<'a>, name: &str, span: Span) {
    if can_be_ignored(name) {
        return;
    }
    if name == crate::engine::SYNTAX {
        context.report(file, span, "Syntax errors cannot be ignored").help("Correct the code");
    } else if all_rules().any(|docs| docs.id == name) {
        context
            .report(file, span, format!("`{name}` cannot be ignored by a comment"))
            .help("Correct the comment that it speaks of, or set its level under [lint.rules] in patchbay.toml");
    } else {
        let report = context.report(file, span, format!("There is no rule `{name}`"));
        match nearest(name, all_rules().map(|docs| docs.id).filter(|id| can_be_ignored(id))) {
            Some(nearest) => {
                let title = format!("Write `{nearest}`");
                report.help(format!("Did you mean `{nearest}`?")).fix(&title, false, span, nearest);
            }
            None => drop(report.help("`patchbay lint --rules` lists the rules")),
        }
    }
}

/// Whether there is such a rule, and it does not speak about these comments themselves.
pub(crate) fn can_be_ignored(rule: &str) -> bool {
    all_rules().any(|docs| docs.id == rule) && !matches!(rule, "malformed-ignore" | "unused-ignore")
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    #[test]
    fn cases() {
        test(
            &super::MalformedIgnore,
            &[
                handler("// patchbay-ignore no-debugger -- stops here on purpose\n    debugger;\n    return {};"),
                handler("debugger; // patchbay-ignore no-debugger -- stops here on purpose\n    return {};"),
                handler("/* patchbay-ignore no-debugger, no-eval -- a demo */ eval('1'); debugger;\n    return {};"),
                case("// patchbay-ignores is a word of its own\nexport default { fetch: () => ({}) };"),
                case("const text = '// patchbay-ignore x';\nexport default { fetch: () => ({ text }) };"),
                case("// see the manual about `// patchbay-ignore`\nexport default { fetch: () => ({}) };"),
            ],
            &[
                handler("// patchbay-ignore no-debugger\n    debugger;\n    return {};"),
                handler("// patchbay-ignore no-debugger --\n    debugger;\n    return {};"),
                handler("// patchbay-ignore -- because\n    debugger;\n    return {};"),
                handler("// patchbay-ignore-next-line no-debugger -- because\n    debugger;\n    return {};"),
                handler("// patchbay-ignore no-debuger -- because\n    debugger;\n    return {};"),
                handler("// patchbay-ignore something-else-entirely -- because\n    debugger;\n    return {};"),
                handler("// patchbay-ignore unused-ignore -- because\n    return {};"),
                handler("// patchbay-ignore syntax -- because\n    return {};"),
            ],
        );
    }
}
