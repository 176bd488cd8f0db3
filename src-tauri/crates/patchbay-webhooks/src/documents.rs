//! What the field mapping of an adapter reads of a webhook. `templates/modules/MAPPING.md` says the same of the modules
//! that adapters are made of.

use patchbay_core::Hints;
use serde_json::{Map, Value};
use url::form_urlencoded;

/// A body of which a mapping can read nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Not text.
    #[error("The body is not UTF-8 text")]
    NotText,
    /// No JSON.
    #[error("The body is not JSON: {reason}")]
    NotJson {
        /// What the parser says.
        reason: String,
    },
    /// A text, a number, ….
    #[error("The body is neither a JSON object nor a list of them")]
    NotAnObject,
}

impl Hints for DocumentError {
    fn hints(&self) -> Vec<String> {
        vec!["A mapping reads JSON: choose a webhook whose body is JSON, or a form of Slack's".to_owned()]
    }
}

/// The documents of a webhook's body, one for each event in it.
pub fn documents(provider: &str, body: &[u8]) -> Result<Vec<Value>, DocumentError> {
    let text = std::str::from_utf8(body).map_err(|_| DocumentError::NotText)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let body = match provider {
        "slack" if is_form(text) => form(text)?,
        "github" if text.starts_with("payload=") => form(text)?["payload"].take(),
        _ => json(text)?,
    };
    let documents = match body {
        Value::Object(_) => vec![body],
        Value::Array(events) if events.iter().all(Value::is_object) => events,
        _ => return Err(DocumentError::NotAnObject),
    };
    Ok(documents.into_iter().map(|document| as_read(provider, document)).collect())
}

/// What modules change in the body.
fn as_read(provider: &str, mut document: Value) -> Value {
    if provider == "slack"
        && let Some(Value::Object(event)) = document.get_mut("event")
    {
        let text = slack_text(event.get("text").and_then(Value::as_str).unwrap_or_default());
        event.insert("text".into(), text.into());
    }
    if provider == "teams"
        && let Some(text) = document.get("text").and_then(Value::as_str)
    {
        let own = document.pointer("/recipient/name").and_then(Value::as_str).unwrap_or_default();
        let text = teams_text(text, own);
        document["text"] = text.into();
    }
    document
}

fn json(text: &str) -> Result<Value, DocumentError> {
    serde_json::from_str(text).map_err(|error| DocumentError::NotJson { reason: error.to_string() })
}

fn is_form(text: &str) -> bool {
    let name = text.find('=').map(|end| &text[..end]);
    name.is_some_and(|name| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.%+[]".contains(&byte))
    })
}

/// The fields as texts, the last one if a name comes twice; `payload` is JSON.
fn form(text: &str) -> Result<Value, DocumentError> {
    let mut fields = Map::new();
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        let value = if name == "payload" { json(&value)? } else { value.into_owned().into() };
        fields.insert(name.into_owned(), value);
    }
    Ok(Value::Object(fields))
}

/// Slack's message text as a person reads it: `<url|label>` becomes `label (url)`, `&lt;` becomes `<`.
fn slack_text(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        written.push_str(&rest[..start]);
        rest = &rest[start..];
        let (shown, length) = reference(rest).unwrap_or_else(|| ("<".to_owned(), 1));
        written.push_str(&shown);
        rest = &rest[length..];
    }
    written.push_str(rest);
    // `&amp;` last: `&amp;lt;` is the text `&lt;`.
    written.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// What is shown for the `<target|label>` that the text begins with, and how long it is.
fn reference(text: &str) -> Option<(String, usize)> {
    let end = text[1..].find(['<', '>']).map(|end| end + 1).filter(|end| text[*end..].starts_with('>'))?;
    let (target, label) = match text[1..end].split_once('|') {
        Some((target, label)) => (target, Some(label).filter(|label| !label.is_empty())),
        None => (&text[1..end], None),
    };
    if target.is_empty() || target.contains(is_ecmascript_space) {
        return None;
    }
    let shown = match target.chars().next() {
        Some(sign @ ('#' | '@')) => format!("{sign}{}", label.unwrap_or(&target[1..])),
        // Without the mark it cannot call anybody.
        Some('!') => label.map_or_else(|| format!("@{}", &target[1..]), str::to_owned),
        _ => match label.filter(|label| *label != target) {
            Some(label) => format!("{label} ({target})"),
            None => target.to_owned(),
        },
    };
    Some((shown, end + 1))
}

/// The text of a Teams message as a person reads it, without the mention of the webhook itself, whose name is `own`.
fn teams_text(text: &str, own: &str) -> String {
    let mut parts = text.split("<at>");
    let mut written = teams_decoded(parts.next().unwrap_or_default());
    for part in parts {
        let Some((name, rest)) = part.split_once("</at>") else {
            written.push_str("<at>");
            written.push_str(&teams_decoded(part));
            continue;
        };
        let name = teams_decoded(name);
        if name != own {
            written.push('@');
            written.push_str(&name);
        }
        written.push_str(&teams_decoded(rest));
    }
    written.replace("\r\n", "\n").trim_matches(is_ecmascript_space).to_owned()
}

fn teams_decoded(text: &str) -> String {
    // `&amp;` last: `&amp;lt;` is the text `&lt;`.
    let signs = [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    signs.iter().fold(text.to_owned(), |text, (written, sign)| text.replace(written, sign))
}

/// `\s` of a regular expression in the modules.
fn is_ecmascript_space(character: char) -> bool {
    character == '\u{feff}' || (character.is_whitespace() && character != '\u{85}')
}

#[cfg(test)]
mod tests {
    use super::{DocumentError, documents, slack_text, teams_text};
    use serde_json::json;

    #[test]
    fn slack_text_is_as_a_person_reads_it() {
        for (text, expected) in [
            ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
            ("<https://example.com/a>", "https://example.com/a"),
            ("<https://example.com|docs> now", "docs (https://example.com) now"),
            ("<https://example.com|https://example.com>", "https://example.com"),
            ("<https://example.com|>", "https://example.com"),
            ("<#C1|general> <#C2> <@U1|kim> <@U2>", "#general #C2 @kim @U2"),
            ("<!channel> <!subteam^S1|@team> <!here|>", "@channel @team @here"),
            ("1 < 2 > 1, <a b>, <>, <|x>, <<https://x.example>>", "1 < 2 > 1, <a b>, <>, <|x>, <https://x.example>"),
            ("<a|b|c>", "b|c (a)"),
            ("<unclosed", "<unclosed"),
            ("&amp;lt;", "&lt;"),
        ] {
            assert_eq!(slack_text(text), expected, "{text}");
        }
    }

    #[test]
    fn slack_bodies_are_events_or_forms() {
        let event = json!({ "event": { "text": "a &lt; b", "user": "U1" } }).to_string();
        let read = documents("slack", event.as_bytes()).expect("an event");
        assert_eq!(read, [json!({ "event": { "text": "a < b", "user": "U1" } })]);
        let read = documents("slack", b"command=%2Fpage&text=a+%26+b&text=last").expect("a form");
        assert_eq!(read, [json!({ "command": "/page", "text": "last" })]);
        let read = documents("slack", b"payload=%7B%22type%22%3A%22shortcut%22%7D").expect("a form");
        assert_eq!(read, [json!({ "payload": { "type": "shortcut" } })]);
    }

    #[test]
    fn teams_text_is_as_a_person_reads_it() {
        for (text, expected) in [
            ("<at>Logbook</at> close it\n", "close it"),
            ("<at>Logbook</at>\n", ""),
            ("Dear <at>Logbook</at>&nbsp;ask <at>Kim</at>", "Dear  ask @Kim"),
            ("<at>R&amp;D</at> x", "@R&D x"),
            ("a &lt;b&gt; &amp;lt; &quot;c&quot; &#39;d&#39;", "a <b> &lt; \"c\" 'd'"),
            ("one\r\n two", "one\n two"),
            ("<at>open", "<at>open"),
            ("</at> < at>", "</at> < at>"),
            ("<at>a<at>Logbook</at>", "<at>a"),
            ("\u{feff}\u{a0} x \u{85}", "x \u{85}"),
        ] {
            assert_eq!(teams_text(text, "Logbook"), expected, "{text}");
        }
        let body = json!({ "recipient": { "name": "Logbook" }, "text": "<at>Logbook</at> a &lt; b", "id": "1" });
        let read = documents("teams", body.to_string().as_bytes()).expect("a message");
        assert_eq!(read, [json!({ "recipient": { "name": "Logbook" }, "text": "a < b", "id": "1" })]);
    }

    #[test]
    fn teams_text_is_without_the_mention_of_the_webhook_itself() {
        for (text, expected) in [
            ("<at>Bot</at>&nbsp;a &amp;lt; b\r\nc\n", "a &lt; b\nc"),
            ("hi <at>Kim &amp; Co</at>, <at>Bot</at> please", "hi @Kim & Co,  please"),
            ("<at>Bot</at>", ""),
            ("a <at>unclosed", "a <at>unclosed"),
        ] {
            assert_eq!(teams_text(text, "Bot"), expected, "{text}");
        }
        let body = json!({ "text": "<at>Bot</at> severity=high", "recipient": { "name": "Bot" } }).to_string();
        assert_eq!(documents("teams", body.as_bytes()).expect("a message")[0]["text"], "severity=high");
    }

    #[test]
    fn github_sends_json_or_a_form_around_it() {
        let event = json!({ "zen": "a b" });
        assert_eq!(documents("github", event.to_string().as_bytes()), Ok(vec![event.clone()]));
        assert_eq!(documents("github", b"payload=%7B%22zen%22%3A%22a+b%22%7D"), Ok(vec![event]));
    }

    #[test]
    fn a_list_of_events_is_a_document_for_each() {
        let read = documents("hubspot", br#"[{"eventId":1},{"eventId":2}]"#).expect("events");
        assert_eq!(read, [json!({ "eventId": 1 }), json!({ "eventId": 2 })]);
        assert_eq!(documents("stripe", b"\xef\xbb\xbf{}"), Ok(vec![json!({})]));
    }

    #[test]
    fn what_no_mapping_can_read_is_an_error() {
        assert_eq!(documents("stripe", b"\xff"), Err(DocumentError::NotText));
        assert_eq!(documents("stripe", b"[1]"), Err(DocumentError::NotAnObject));
        assert!(matches!(documents("github", b"payload=x"), Err(DocumentError::NotJson { .. })));
        assert!(matches!(documents("slack", b"payload=x"), Err(DocumentError::NotJson { .. })));
    }
}
