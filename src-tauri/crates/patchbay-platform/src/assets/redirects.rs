//! The file `_redirects`: `from to [status]` in each line.
//!
//! Rules as Cloudflare documents them (Workers, static assets, redirects).

use super::lines::{LineError, Wanted, address, check_length, is_dynamic, meaningful};
use serde_json::{Map, Value, json};

const MOST_STATIC: usize = 2000;
const MOST_DYNAMIC: usize = 100;
const STATUSES: [u16; 6] = [200, 301, 302, 303, 307, 308];

/// The rules in the form of the asset worker (`version` 1), or what is wrong, a sentence for each line. A second rule
/// for a path is ignored, as on Cloudflare. `html` is whether paths of HTML files are handled: then some rules would
/// lead to themselves.
pub(super) fn parsed(text: &str, html: bool) -> Result<Value, Vec<String>> {
    let (mut fixed, mut dynamic) = (Map::new(), Map::new());
    let mut wrong = Vec::new();
    for (number, line) in meaningful(text) {
        match check_length(line).and_then(|()| rule(line, html)) {
            Err(error) => wrong.push(format!("Line {number}: {error}")),
            Ok(Rule { from, .. }) if fixed.contains_key(&from) || dynamic.contains_key(&from) => {}
            // The order counts: a fixed rule behind a dynamic one is tried after it.
            Ok(Rule { from, to, status }) if dynamic.is_empty() && !is_dynamic(&from) => {
                fixed.insert(from, json!({ "status": status, "to": to, "lineNumber": number }));
            }
            Ok(Rule { from, to, status }) => {
                dynamic.insert(from, json!({ "status": status, "to": to }));
            }
        }
    }
    if fixed.len() > MOST_STATIC {
        wrong.push(format!("There are more than {MOST_STATIC} static rules."));
    }
    if dynamic.len() > MOST_DYNAMIC {
        wrong.push(format!(
            "There are more than {MOST_DYNAMIC} rules with `*` or placeholders, or behind one of these."
        ));
    }
    if wrong.is_empty() { Ok(json!({ "version": 1, "staticRules": fixed, "rules": dynamic })) } else { Err(wrong) }
}

struct Rule {
    from: String,
    to: String,
    status: u16,
}

fn rule(line: &str, html: bool) -> Result<Rule, LineError> {
    // A comment begins with white space and `#`; a fragment has none before it.
    let said: Vec<&str> = line.split_whitespace().take_while(|word| !word.starts_with('#')).collect();
    let (from, to, status) = match said[..] {
        [from, to] => (from, to, "302"),
        [from, to, status] => (from, to, status),
        _ => return Err(LineError::Tokens(said.len())),
    };
    let from = address(from, Wanted { absolute: false, port: false, suffix: false })?;
    let to = address(to, Wanted { absolute: true, port: true, suffix: true })?;
    let status = status.parse().ok().filter(|status| STATUSES.contains(status));
    let status = status.ok_or(LineError::Status)?;
    let leaves = to.starts_with("https://");
    let to_index = to.ends_with("/index") || to.ends_with("/index.html");
    if !leaves && to_index && (from.ends_with("/*") || (from.ends_with('/') && html)) {
        return Err(LineError::Loop);
    }
    if status == 200 && leaves {
        return Err(LineError::Proxy(to));
    }
    Ok(Rule { from, to, status })
}

#[cfg(test)]
mod tests {
    use super::parsed;
    use serde_json::json;

    #[test]
    fn fixed_rules_come_first_until_one_is_dynamic() {
        let text = "# moved\n/a /b\n/a /ignored\n/c https://x.example/d?e=1#f 301 # why\n/blog/* /posts/:splat 308\n/late /there\n/p/:id /q 200\n";
        let expected = json!({ "version": 1,
            "staticRules": { "/a": { "status": 302, "to": "/b", "lineNumber": 2 },
                "/c": { "status": 301, "to": "https://x.example/d?e=1#f", "lineNumber": 4 } },
            "rules": { "/blog/*": { "status": 308, "to": "/posts/:splat" }, "/late": { "status": 302, "to": "/there" },
                "/p/:id": { "status": 200, "to": "/q" } } });
        assert_eq!(parsed(text, true), Ok(expected));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, says) in [
            ("/a", "Line 1: expected exactly 2 or 3"),
            ("\n/a /b 404", "Line 2: valid status codes"),
            ("https://x.example/a /b", "Line 1: only relative"),
            ("/a b", "Line 1: URLs should either"),
            ("/a https://x.example 200", "Line 1: proxy (200)"),
            ("/* /index.html", "Line 1: infinite loop"),
        ] {
            let wrong = parsed(text, true).expect_err("refused").join("\n");
            assert!(wrong.contains(says), "{text}: {wrong}");
        }
        assert!(parsed("/ /index.html", false).is_ok() && parsed("/ /index.html", true).is_err());
    }
}
