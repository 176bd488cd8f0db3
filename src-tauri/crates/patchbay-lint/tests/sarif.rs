//! The SARIF form: valid by the schema, and with the places that editors show.

use patchbay_lint::{LintRequest, lint, render_sarif};
use serde_json::Value;

fn schema() -> jsonschema::Validator {
    let mut schema: Value = serde_json::from_str(include_str!("data/sarif-2.1.0-rtm.5.json")).expect("JSON");
    // The published pattern of a key that we do not write, `language`, has a bracket too many and is no regular expression.
    for definition in ["run", "toolComponent"] {
        let language = schema["definitions"][definition]["properties"]["language"].as_object_mut().expect("defined");
        language.remove("pattern").expect("has one");
    }
    jsonschema::validator_for(&schema).expect("a schema")
}

/// The log of one file, checked against the schema.
fn log(path: &str, text: &str) -> Value {
    let files = [(path, text)];
    let report = lint(&LintRequest { files: &files, ..LintRequest::default() }).expect("linting works");
    let log: Value = serde_json::from_str(&render_sarif(&[("adapters/a b/", &report)], &[])).expect("JSON");
    let problems: Vec<String> =
        schema().iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(problems.is_empty(), "{problems:#?}");
    log
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    let mut log = log("src/adapter.js", "debugger;\n");
    log["runs"][0]["columnKind"] = "bytes".into();
    assert!(!schema().is_valid(&log));
}

#[test]
fn findings_fixes_and_further_places_are_valid() {
    let text = "const a = 1;\nconst a = 2;\nexport default { async fetch(request) { debugger; await request.json(); return { a, b: await request.text() }; } };\n";
    let log = log("src/adapter.ts", text);
    let results = log["runs"][0]["results"].as_array().expect("a list");
    let of = |rule: &str| {
        results.iter().find(|result| result["ruleId"] == rule).unwrap_or_else(|| panic!("{rule}: {results:#?}"))
    };
    assert_eq!(of("syntax")["relatedLocations"].as_array().expect("the other place").len(), 1);
    assert_eq!(of("syntax")["level"], "error");
    let fix = &of("no-debugger")["fixes"][0];
    assert_eq!(fix["description"]["text"], "Remove `debugger`");
    let change = &fix["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "adapters/a%20b/src/adapter.ts");
    assert_eq!(change["replacements"][0]["deletedRegion"]["startLine"], 3);
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(rules[index]["help"]["text"].as_str().is_some_and(|text| text.len() > 20));
    }
}

#[test]
fn columns_count_utf16_units() {
    for (before, line, column) in [
        ("", 1, 1),
        ("const a = '🦊'; ", 1, 17),
        ("// 🦊\r\n\t\t", 2, 3),
        ("\u{feff}", 1, 1),
        ("\u{feff}// one\r\n", 2, 1),
        ("// one\r", 2, 1),
        // Editors and the language server protocol break no line at these two, although the language does.
        ("const a = '\u{2028}\u{2029}'; ", 1, 17),
    ] {
        let text = format!("{before}debugger;\nexport default {{ fetch: () => ({{}}) }};\n");
        let log = log("src/adapter.js", &text);
        let results = log["runs"][0]["results"].as_array().expect("a list");
        let found = results.iter().find(|result| result["ruleId"] == "no-debugger").expect("found");
        let region = &found["locations"][0]["physicalLocation"]["region"];
        assert_eq!(region["startLine"], line, "{before:?}");
        assert_eq!(region["startColumn"], column, "{before:?}");
        assert_eq!(region["endColumn"], column + 9, "{before:?}");
    }
}

#[test]
fn no_secret_is_quoted() {
    let secret = ["xoxb-", "123456789012-", "1234567890123-", "AbCdEfGhIjKlMnOpQrStUvWx"].concat();
    let log = log(
        "src/adapter.js",
        &format!("const token = '{secret}';\nexport default {{ fetch: () => ({{ n: token.length }}) }};\n"),
    );
    let shown = log.to_string();
    assert!(shown.contains("\"hardcoded-secret\""), "{shown}");
    assert!(!shown.contains(&secret[6..]), "{shown}");
}
