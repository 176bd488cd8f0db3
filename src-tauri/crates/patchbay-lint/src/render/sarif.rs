//! SARIF 2.1.0 (the OASIS Static Analysis Results Interchange Format), which code hosts and editors read.

use crate::diagnostic::{Diagnostic, Range, Severity};
use crate::engine::{LintReport, SYNTAX};
use crate::rules::{Docs, Group, all_rules};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The reports as one run. A prefix stands before the paths of its report, for example
/// `tenants/customer-a/adapters/slack-to-notion/`. Columns count UTF-16 units; no code is quoted, so no secret is. `others` are
/// rules of somebody else whose findings are in the reports, too.
pub fn render(reports: &[(&str, &LintReport)], others: &[Docs]) -> String {
    let mut rules: Vec<&Docs> = all_rules().collect();
    rules.extend(others);
    let mut metadata: Vec<Value> = rules.iter().map(|docs| rule(docs)).collect();
    metadata.push(json!({
        "id": SYNTAX,
        "shortDescription": { "text": "What the parser cannot make sense of." },
        "help": { "text": "Correct the code; a file with such an error cannot be published." },
        "defaultConfiguration": { "level": "error" },
    }));
    let index_of = |id: &str| rules.iter().position(|docs| docs.id == id).unwrap_or(rules.len());
    let results: Vec<Value> = reports
        .iter()
        .flat_map(|(prefix, report)| report.diagnostics.iter().map(move |found| (prefix, found)))
        .map(|(prefix, found)| result(prefix, found, index_of(&found.rule)))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "patchbay",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": metadata,
            } },
            "columnKind": "utf16CodeUnits",
            "newlineSequences": ["\r\n", "\n", "\r"],
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn rule(docs: &Docs) -> Value {
    let language = if docs.group == Group::Mapping { "toml" } else { "ts" };
    json!({
        "id": docs.id,
        "shortDescription": { "text": docs.what },
        "fullDescription": { "text": docs.why },
        "help": {
            "text": format!("{}\n{}\n\n{}", docs.what, docs.why, docs.good),
            "markdown": format!("{}\n\n{}\n\n```{language}\n{}\n```", docs.what, docs.why, docs.good),
        },
        "defaultConfiguration": { "level": level(docs.severity) },
        "properties": { "tags": [docs.group.as_str()] },
    })
}

fn result(prefix: &str, found: &Diagnostic, rule_index: usize) -> Value {
    let file = format!("{prefix}{}", found.file);
    let help = found.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
    let mut places = found.labels.iter().map(|label| place(&file, Some(label.range), label.message.as_deref()));
    let first = places.next().unwrap_or_else(|| place(&file, None, None));
    let mut result = json!({
        "ruleId": found.rule,
        "ruleIndex": rule_index,
        "level": level(found.severity),
        "message": { "text": format!("{}{help}", found.message) },
        "locations": [first],
    });
    let related: Vec<Value> = places.collect();
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    if let Some(fix) = &found.fix {
        let replacements: Vec<Value> = fix
            .edits
            .iter()
            .map(|edit| json!({ "deletedRegion": region(edit.range), "insertedContent": { "text": edit.text } }))
            .collect();
        result["fixes"] = json!([{
            "description": { "text": fix.title },
            "artifactChanges": [{ "artifactLocation": artifact(&file), "replacements": replacements }],
            "properties": { "safe": fix.safe },
        }]);
    }
    result
}

fn level(severity: Severity) -> &'static str {
    severity.as_str()
}

fn place(file: &str, range: Option<Range>, message: Option<&str>) -> Value {
    let mut physical = json!({ "artifactLocation": artifact(file) });
    if let Some(range) = range {
        physical["region"] = region(range);
    }
    let mut place = json!({ "physicalLocation": physical });
    if let Some(message) = message {
        place["message"] = json!({ "text": message });
    }
    place
}

fn region(range: Range) -> Value {
    json!({
        "startLine": range.start.line,
        "startColumn": range.start.column,
        "endLine": range.end.line,
        "endColumn": range.end.column,
    })
}

/// A path as a URI: `file:` for an absolute one, else relative to the root of the sources.
fn artifact(path: &str) -> Value {
    let path = path.replace('\\', "/");
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    let has_drive = matches!(path.as_bytes(), [drive, b':', b'/', ..] if drive.is_ascii_alphabetic());
    if path.starts_with('/') {
        json!({ "uri": format!("file://{uri}") })
    } else if has_drive {
        json!({ "uri": format!("file:///{}", uri.replacen("%3A", ":", 1)) })
    } else {
        json!({ "uri": uri, "uriBaseId": "%SRCROOT%" })
    }
}

#[cfg(test)]
mod tests {
    use super::artifact;

    #[test]
    fn paths_become_uris() {
        for (path, uri) in [
            ("src/größe 1.ts", "src/gr%C3%B6%C3%9Fe%201.ts"),
            ("/a/b#c.ts", "file:///a/b%23c.ts"),
            ("C:\\a\\b.ts", "file:///C:/a/b.ts"),
        ] {
            assert_eq!(artifact(path)["uri"], uri);
        }
    }
}
