use super::{Docs, Group, Rule, all_rules, can_be_ignored};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::ignores::Ignore;
use crate::project::File;
use oxc::span::Span;
use patchbay_core::RuleLevel;

pub struct UnusedIgnore;

static DOCS: Docs = Docs {
    id: "unused-ignore",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "A `patchbay-ignore` comment for a rule that finds nothing in its line.",
    why: "The code changed and the comment did not: the next real finding in that line would go unseen.",
    good: "const render = compile(source);",
};

impl Rule for UnusedIgnore {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn is_last(&self) -> bool {
        true
    }

    fn check(&self, context: &Context<'_, '_>) {
        // Beside a syntax error the rules say less than they would.
        if !context.is_whole() {
            return;
        }
        for file in context.checked_files() {
            for ignore in file.ignores.iter().filter(|ignore| ignore.is_effective()) {
                check_one(context, file, ignore);
            }
        }
    }
}

fn check_one<'a>(context: &Context<'_, 'a>, file: &File<'a>, ignore: &Ignore<'a>) {
    let is_idle = |name: &str| could_speak(context, name);
    let unused: Vec<_> = ignore.rules.iter().filter(|rule| !rule.is_used.get() && is_idle(rule.name)).collect();
    if unused.is_empty() {
        return;
    }
    if unused.len() == ignore.rules.len() {
        let names: Vec<String> = unused.iter().map(|rule| format!("`{}`", rule.name)).collect();
        let verb = if names.len() == 1 { "finds" } else { "find" };
        context
            .report(file, ignore.span, format!("{} {verb} nothing in line {}", names.join(" and "), ignore.line))
            .help("Remove the comment")
            .fix("Remove the comment", true, whole(file.source.text(), ignore), "");
        return;
    }
    for rule in unused {
        let text = file.source.text();
        let (start, end) = (rule.span.start as usize, rule.span.end as usize);
        let is_first = ignore.rules.first().is_some_and(|first| first.span == rule.span);
        let is_between = |c: char| c == ',' || c.is_ascii_whitespace();
        let from = if is_first { start } else { text[..start].trim_end_matches(is_between).len() };
        let to = if is_first { text.len() - text[end..].trim_start_matches(is_between).len() } else { end };
        let title = format!("Remove `{}` from the comment", rule.name);
        context
            .report(file, rule.span, format!("`{}` finds nothing in line {}", rule.name, ignore.line))
            .help(title.as_str())
            .fix(&title, true, span(from, to), "");
    }
}

/// Whether the rule was asked, with everything that it may want to know. A file that is linted alone has no manifest and
/// no tenant, and rules that need one say nothing about it.
fn could_speak(context: &Context<'_, '_>, rule: &str) -> bool {
    let is_off = context.levels.and_then(|levels| levels.get(rule)) == Some(&RuleLevel::Off);
    let knows_all = context.manifest.is_some() && context.tenant.is_some();
    let needs_nothing = all_rules().any(|docs| docs.id == rule && docs.group == Group::Correctness);
    can_be_ignored(rule) && !is_off && (knows_all || needs_nothing)
}

/// The comment with the line that it stands on, or with the spaces before it.
fn whole(text: &str, ignore: &Ignore<'_>) -> Span {
    let (start, end) = (ignore.span.start as usize, ignore.span.end as usize);
    let is_blank = |c: char| c == ' ' || c == '\t';
    let from = text[..start].trim_end_matches(is_blank).len();
    if !ignore.is_alone {
        let is_last = text[end..].trim_start_matches(is_blank).starts_with(['\n', '\r']);
        return if is_last { span(from, end) } else { span(start, end) };
    }
    let rest = text[end..].trim_start_matches(is_blank);
    let rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\n', '\r'])).unwrap_or(rest);
    span(from, text.len() - rest.len())
}

fn span(start: usize, end: usize) -> Span {
    let place = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    Span::new(place(start), place(end))
}

#[cfg(test)]
mod tests {
    use crate::tester::{Case, case, handler, test};
    use serde_json::json;

    fn known(case: Case) -> Case {
        case.manifest(&json!({ "upstreams": ["api.example"] })).egress(&["api.example"])
    }

    #[test]
    fn cases() {
        test(
            &super::UnusedIgnore,
            &[
                handler("// patchbay-ignore no-debugger -- on purpose\n    debugger;\n    return {};"),
                handler("debugger; // patchbay-ignore no-debugger -- on purpose\n    return {};"),
                handler("/* patchbay-ignore no-debugger -- on purpose */ debugger;\n    return {};"),
                handler(
                    "// patchbay-ignore no-debugger -- on purpose\n    // and more about it\n\n    debugger;\n    return {};",
                ),
                // Alone, nothing is known of the hosts that are allowed.
                handler(
                    "// patchbay-ignore host-not-allowed -- the operator allows it\n    return fetch('https://b.example/');",
                ),
                known(handler(
                    "// patchbay-ignore host-not-allowed -- the operator allows it\n    return fetch('https://b.example/');",
                )),
                // Others speak about these.
                handler("// patchbay-ignore no-debugger\n    return {};"),
                handler("// patchbay-ignore no-debuger -- on purpose\n    return {};"),
                case("import './b';\nexport default { fetch: () => ({}) };")
                    .file("src/b.ts", "debugger; /* patchbay-ignore no-debugger -- why */\n"),
            ],
            &[
                handler("// patchbay-ignore no-debugger -- on purpose\n    return {};"),
                handler("return {}; // patchbay-ignore no-debugger -- on purpose"),
                handler("/* patchbay-ignore no-debugger -- on purpose */ return {};"),
                handler("// patchbay-ignore no-undef, no-debugger -- on purpose\n    debugger; return {};"),
                handler("// patchbay-ignore no-debugger, no-undef -- on purpose\n    debugger; return {};"),
                known(handler(
                    "// patchbay-ignore host-not-allowed -- the operator allows it\n    return fetch('https://api.example/');",
                )),
            ],
        );
    }
}
