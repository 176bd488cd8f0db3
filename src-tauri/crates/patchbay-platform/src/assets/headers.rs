//! The file `_headers`: paths, and below each the headers that answers there have.
//!
//! Rules as Cloudflare documents them (Workers, static assets, headers).

use super::lines::{LineError, Wanted, address, check_length, meaningful};
use serde_json::{Map, Value, json};

const MOST_RULES: usize = 100;

/// The rules in the form of the asset worker (`version` 2), or what is wrong, a sentence for each line.
pub(super) fn parsed(text: &str) -> Result<Value, Vec<String>> {
    let mut rules: Map<String, Value> = Map::new();
    let mut wrong = Vec::new();
    // The path of the lines below, when it is understood.
    let mut path: Option<String> = None;
    for (number, line) in meaningful(text) {
        if let Err(error) = check_length(line) {
            wrong.push(format!("Line {number}: {error}"));
        } else if line.starts_with('/') || line.split_whitespace().next().is_some_and(|word| word.contains("://")) {
            path = None;
            match rule_path(line) {
                Ok(_) if rules.len() == MOST_RULES => {
                    wrong.push(format!("Line {number}: more than {MOST_RULES} rules."));
                    break;
                }
                Ok(new) => {
                    rules.entry(new.clone()).or_insert_with(|| json!({}));
                    path = Some(new);
                }
                Err(error) => wrong.push(format!("Line {number}: {error}")),
            }
        } else if let Some(rule) = path.as_ref().and_then(|path| rules.get_mut(path)) {
            if let Err(error) = add(rule, line) {
                wrong.push(format!("Line {number}: {error}"));
            }
        } else if wrong.is_empty() {
            wrong.push(format!("Line {number}: a path, beginning with a forward-slash, should come before a header."));
        }
    }
    for (path, rule) in &rules {
        if rule.as_object().is_none_or(Map::is_empty) && wrong.is_empty() {
            wrong.push(format!("The rule for `{path}` names no headers."));
        }
    }
    if wrong.is_empty() { Ok(json!({ "version": 2, "rules": rules })) } else { Err(wrong) }
}

fn rule_path(line: &str) -> Result<String, LineError> {
    let path = address(line, Wanted { absolute: true, port: false, suffix: false })?;
    let stars = path.matches('*').count();
    let splat = path.match_indices(":splat").any(|(at, found)| {
        !path[at + found.len()..].starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_')
    });
    if stars > 1 {
        return Err(LineError::Wildcards);
    }
    if stars > 0 && splat {
        return Err(LineError::WildcardBesideSplat);
    }
    Ok(path)
}

/// Adds `name: value`, or `! name` for a header to be taken away.
fn add(rule: &mut Value, line: &str) -> Result<(), LineError> {
    if let Some(name) = line.strip_prefix("! ").filter(|name| !name.contains(':')) {
        match rule["unset"].as_array_mut() {
            Some(names) => names.push(name.trim().into()),
            None => rule["unset"] = json!([name.trim()]),
        }
        return Ok(());
    }
    let (name, value) = line.split_once(':').ok_or(LineError::NoHeader)?;
    let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
    if http::HeaderName::try_from(&name).is_err() {
        return Err(LineError::HeaderName);
    }
    if value.is_empty() || http::HeaderValue::try_from(value).is_err() {
        return Err(LineError::HeaderValue(name));
    }
    let value = match rule["set"][&name].as_str() {
        Some(before) => format!("{before}, {value}"),
        None => value.to_owned(),
    };
    rule["set"][&name] = value.into();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::parsed;
    use serde_json::json;

    #[test]
    fn rules_set_join_and_take_away() {
        let text = "# all\n/*\n  X-Frame-Options: DENY\n  link: a\n  Link: b\n\n/static/:name\n  ! cache-control\n  x: a:b\nhttps://a.example/größe\n  y: 1\n";
        let expected = json!({ "version": 2, "rules": {
            "/*": { "set": { "x-frame-options": "DENY", "link": "a, b" } },
            "/static/:name": { "unset": ["cache-control"], "set": { "x": "a:b" } },
            "https://a.example/gr%C3%B6%C3%9Fe": { "set": { "y": "1" } } } });
        assert_eq!(parsed(text), Ok(expected));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, says) in [
            ("x: y", "Line 1: a path"),
            ("/a", "names no headers"),
            ("/a/*/b/*\n x: y", "Line 1: only one wildcard"),
            ("/*/:splat\n x: y", "Line 1: a wildcard"),
            ("/a\n x y: z", "Line 2: the header's name"),
            ("/a\n x:", "Line 2: the header `x` has no value"),
            ("/a\n nothing", "Line 2: expected a colon"),
            ("https://a.example:80/a\n x: y", "Line 1: ports"),
            (&format!("/a\n x: {}", "y".repeat(2000)), "Line 2: the line is longer"),
        ] {
            let wrong = parsed(text).expect_err("refused").join("\n");
            assert!(wrong.contains(says), "{text}: {wrong}");
        }
    }
}
