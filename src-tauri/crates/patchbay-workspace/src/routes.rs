//! `routes.json`, the dispatcher's route table, checked before it is handed to a dispatcher.
//!
//! The dispatcher checks it too, and decides (`templates/platform/dispatcher/src/parse.ts`); here every problem has its
//! place in the file. Both read the same list of wrong tables in their tests, so that neither accepts what the other
//! one refuses.

use crate::error::WorkspaceError;
use crate::json_file;
use crate::json_place::{self, Step};
use crate::keys::{FileWarning, nearest};
use crate::toml_file::position_at;
use patchbay_core::position::Position;
use patchbay_core::{AdapterId, TenantId};
use serde_json::{Map, Value};
use std::path::Path;

/// The route table as its file says.
#[derive(Debug, Clone, PartialEq)]
pub struct RoutesFile {
    /// What a dispatcher can follow.
    pub table: Value,
    /// Keys that nothing reads.
    pub warnings: Vec<FileWarning>,
}

/// What may stand under a key.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Anything,
    Text,
    Flag,
    Tenant,
    Adapter,
    Script,
    Header,
    Brand,
    Host,
    Prefix,
    Milliseconds,
    Status,
    Word(&'static [&'static str]),
    List(&'static Shape),
    /// An object with these keys and no others.
    Object(Fields),
    Rules,
}

type Fields = &'static [(&'static str, Shape)];

const TABLE: Fields = &[
    ("$schema", Shape::Text),
    ("brand", Shape::Brand),
    (
        "namespaces",
        Shape::Object(&[("production", Shape::Text), ("staging", Shape::Text), ("development", Shape::Text)]),
    ),
    ("tenant", Shape::Tenant),
    ("available_services", Shape::List(&Shape::Text)),
    ("not_deployed_hint", Shape::Text),
    ("metadata_headers", Shape::Flag),
    ("rules", Shape::Rules),
];

/// Keys that every rule may have.
const OPTIONS: Fields = &[
    ("match", Shape::Word(KINDS)),
    ("name", Shape::Text),
    ("timeout_ms", Shape::Milliseconds),
    ("expects", Shape::Word(&["json"])),
    ("fallback", Shape::Object(&[("status", Shape::Status), ("body", Shape::Anything)])),
];

const KINDS: &[&str] = &["headers", "subdomain", "path_prefix", "routing_key", "default"];

/// Keys of one kind of rule, those that it must have first.
fn fields_of(kind: &str) -> (&'static [&'static str], Fields) {
    match kind {
        "headers" => (&[], &[("tenant_header", Shape::Header), ("adapter_header", Shape::Header)]),
        "subdomain" => (&["domain", "services"], &[("domain", Shape::Host), ("services", Shape::List(&Shape::Script))]),
        "path_prefix" => (
            &["prefix"],
            &[
                ("prefix", Shape::Prefix),
                ("strip", Shape::Flag),
                ("service", Shape::Script),
                ("script", Shape::Script),
                ("tenant", Shape::Tenant),
                ("adapter", Shape::Adapter),
            ],
        ),
        "routing_key" => (
            &["from"],
            &[("from", Shape::Word(&["hostname", "path"])), ("prefix", Shape::Prefix), ("strip", Shape::Flag)],
        ),
        _ => (
            &[],
            &[
                ("hosts", Shape::List(&Shape::Host)),
                ("service", Shape::Script),
                ("script", Shape::Script),
                ("tenant", Shape::Tenant),
                ("adapter", Shape::Adapter),
            ],
        ),
    }
}

/// Reads a route table's text.
pub(crate) fn read(path: &Path, text: &str) -> Result<RoutesFile, WorkspaceError> {
    let table: Value = json_file::parse(path, text)?;
    let mut check = Check { path, text, at: Vec::new(), warnings: Vec::new() };
    check.table(&table)?;
    Ok(RoutesFile { warnings: check.warnings, table })
}

struct Check<'a> {
    path: &'a Path,
    text: &'a str,
    at: Vec<Step>,
    warnings: Vec<FileWarning>,
}

impl Check<'_> {
    fn table(&mut self, table: &Value) -> Result<(), WorkspaceError> {
        let Value::Object(table) = table else { return Err(self.problem("must be an object")) };
        if !table.contains_key("rules") {
            return self.below("rules", |check| Err(check.problem("must be a list of rules")));
        }
        self.fields(table, &[TABLE])
    }

    fn rule(&mut self, rule: &Value) -> Result<(), WorkspaceError> {
        let Value::Object(rule) = rule else { return Err(self.problem("must be an object")) };
        let kind = rule.get("match").unwrap_or(&Value::Null);
        self.below("match", |check| check.value(kind, Shape::Word(KINDS)))?;
        let (required, fields) = fields_of(kind.as_str().unwrap_or_default());
        if let Some(missing) = required.iter().find(|key| !rule.contains_key(**key)) {
            return Err(self.problem(&format!("needs `{missing}`")));
        }
        self.fields(rule, &[OPTIONS, fields])?;
        if let Some(Value::Object(fallback)) = rule.get("fallback")
            && !fallback.contains_key("body")
        {
            return self.below("fallback", |check| Err(check.problem("needs `body`")));
        }
        if fields.iter().any(|(key, _)| *key == "service") { self.target(rule) } else { Ok(()) }
    }

    /// Who serves what a rule takes.
    fn target(&mut self, rule: &Map<String, Value>) -> Result<(), WorkspaceError> {
        let name = |key: &str| rule.get(key).and_then(Value::as_str);
        let owned = name("tenant").zip(name("adapter")).map(|(tenant, adapter)| format!("{tenant}-{adapter}"));
        if owned.is_none() && name("service").is_none() && name("script").is_none() {
            return Err(self.problem("needs `service`, `script`, or `tenant` and `adapter`"));
        }
        match (owned, name("script")) {
            (Some(owned), Some(script)) if script != owned => {
                self.below("script", |check| Err(check.problem(&format!("must be left out, or be \"{owned}\""))))
            }
            _ => Ok(()),
        }
    }

    fn fields(&mut self, object: &Map<String, Value>, known: &[Fields]) -> Result<(), WorkspaceError> {
        for (key, value) in object {
            if let Some((_, shape)) = known.iter().copied().flatten().find(|(name, _)| name == key) {
                self.below(key, |check| check.value(value, *shape))?;
            } else {
                let words = known.iter().copied().flatten().map(|(name, _)| *name);
                let nearest = nearest(key, words);
                self.below(key, |check| {
                    check.warn(nearest);
                    Ok(())
                })?;
            }
        }
        Ok(())
    }

    fn value(&mut self, value: &Value, shape: Shape) -> Result<(), WorkspaceError> {
        match (shape, value) {
            (Shape::Rules, Value::Array(rules)) => self.each(rules, Self::rule),
            (Shape::List(shape), Value::Array(items)) => self.each(items, |check, item| check.value(item, *shape)),
            (Shape::Object(fields), Value::Object(object)) => self.fields(object, &[fields]),
            _ => problem_of(shape, value).map_or(Ok(()), |problem| Err(self.problem(&problem))),
        }
    }

    fn each(
        &mut self,
        items: &[Value],
        mut check: impl FnMut(&mut Self, &Value) -> Result<(), WorkspaceError>,
    ) -> Result<(), WorkspaceError> {
        for (index, item) in items.iter().enumerate() {
            self.at.push(Step::Index(index));
            check(self, item)?;
            self.at.pop();
        }
        Ok(())
    }

    fn below(
        &mut self,
        key: &str,
        check: impl FnOnce(&mut Self) -> Result<(), WorkspaceError>,
    ) -> Result<(), WorkspaceError> {
        self.at.push(Step::Key(key.to_owned()));
        check(self)?;
        self.at.pop();
        Ok(())
    }

    /// `rules[3].prefix`; empty for the whole table.
    fn dotted(&self) -> String {
        let mut text = String::new();
        for step in &self.at {
            match step {
                Step::Key(key) if text.is_empty() => text.push_str(key),
                Step::Key(key) => text = format!("{text}.{key}"),
                Step::Index(index) => text = format!("{text}[{index}]"),
            }
        }
        text
    }

    /// The nearest place that is there: what is missing is missing from what is around it.
    fn place(&self) -> json_place::Place {
        let find = |length: usize| json_place::find(self.text, &self.at[..length]);
        (0..=self.at.len()).rev().find_map(find).unwrap_or(json_place::Place { key: None, value: 0 })
    }

    fn problem(&self, problem: &str) -> WorkspaceError {
        let position = position_at(self.text, self.place().value);
        let at = self.dotted();
        let what = if at.is_empty() { "the route table".to_owned() } else { format!("`{at}`") };
        let file = self.path.file_name().unwrap_or_default().to_string_lossy();
        WorkspaceError::Broken {
            path: self.path.to_owned(),
            problem: format!("{what} {problem}"),
            fix: Some(format!(
                "Correct line {} of {file}; `patchbay route preset` lists tables to start from",
                position.line
            )),
            position,
        }
    }

    fn warn(&mut self, nearest: Option<String>) {
        let place = self.place();
        let Position { line, column } = position_at(self.text, place.key.unwrap_or(place.value));
        self.warnings.push(FileWarning {
            path: self.path.to_owned(),
            position: Position { line, column },
            key: self.dotted(),
            nearest,
        });
    }
}

/// What is wrong with a value, in the dispatcher's words.
fn problem_of(shape: Shape, value: &Value) -> Option<String> {
    let text = value.as_str();
    let whole = |least: f64, most: f64| {
        value.as_f64().filter(|number| number.fract() == 0.0 && (least..=most).contains(number))
    };
    let (fits, problem) = match shape {
        Shape::Anything => (true, ""),
        Shape::Text => (text.is_some(), "must be a text"),
        Shape::Flag => (value.is_boolean(), "must be true or false"),
        Shape::Tenant => {
            (text.is_some_and(|id| TenantId::new(id).is_ok()), "must be a tenant id, for example \"customer-a\"")
        }
        Shape::Adapter => (
            text.is_some_and(|id| AdapterId::new(id).is_ok()),
            "must be an adapter id, for example \"slack-to-notion\"",
        ),
        Shape::Script => (text.is_some_and(is_script), "must be a script name: a-z, 0-9, \"-\" and \"_\", at most 63"),
        Shape::Header => (text.is_some_and(|name| is_made_of(name, 100, |byte| byte == b'_')), "must be a header name"),
        Shape::Brand => {
            (text.is_some_and(|name| is_made_of(name, 40, |_| false)), "must be 1 to 40 letters, digits and hyphens")
        }
        Shape::Host => (text.is_some_and(is_host), "must be a host name without port and path"),
        Shape::Prefix => (
            text.is_some_and(|path| path.starts_with('/') && !path.contains(['*', '?', '#', '\\'])),
            "must begin with \"/\" and cover what is under it without \"*\", as \"/api/db\" does",
        ),
        Shape::Milliseconds => {
            (whole(1.0, 3_600_000.0).is_some(), "must be a whole number of milliseconds from 1 to 3600000")
        }
        Shape::Status => (
            whole(200.0, 599.0).is_some_and(|status| ![204.0, 205.0, 304.0].contains(&status)),
            "must be a status from 200 to 599 that has a body",
        ),
        Shape::Word(words) => {
            if text.is_some_and(|word| words.contains(&word)) {
                return None;
            }
            let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
            return Some(format!("must be {}", quoted.join(" or ")));
        }
        Shape::List(_) => (false, "must be a list"),
        Shape::Object(_) => (false, "must be an object"),
        Shape::Rules => (false, "must be a list of rules"),
    };
    (!fits).then(|| problem.to_owned())
}

fn is_script(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    (1..=63).contains(&name.len()) && !name.starts_with('-') && name.bytes().all(is_allowed)
}

fn is_made_of(name: &str, longest: usize, also: impl Fn(u8) -> bool) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || also(byte);
    (1..=longest).contains(&name.len()) && name.bytes().all(is_allowed)
}

/// A host name or an address in brackets.
fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let is_refused = |character: char| {
        character.is_whitespace()
            || character.is_control()
            || ['/', '@', '?', '#', ':', '%', '\\', '[', ']', '*'].contains(&character)
    };
    !host.is_empty() && !host.contains(is_refused)
}

#[cfg(test)]
mod tests {
    use super::read;
    use patchbay_core::Hints;
    use serde_json::Value;
    use std::path::Path;

    const WRONG: &str = include_str!("../../../../templates/platform/dispatcher/testing/wrong-tables.json");

    #[test]
    fn what_the_dispatcher_refuses_is_refused_with_its_words() {
        let cases: Vec<Value> = serde_json::from_str(WRONG).expect("JSON");
        assert!(cases.len() > 20);
        for case in cases {
            let (at, problem) = (case["at"].as_str().expect("a place"), case["problem"].as_str().expect("words"));
            let error = read(Path::new("routes.json"), &format!("{:#}", case["table"])).expect_err(problem);
            let what = if at.is_empty() { "the route table".into() } else { format!("`{at}`") };
            assert!(error.to_string().ends_with(&format!(": {what} {problem}")), "{error} should say {what} {problem}");
        }
    }

    #[test]
    fn a_problem_has_its_line_and_column_and_a_fix() {
        let text = "{\n  \"rules\": [\n    { \"match\": \"headers\" },\n    { \"match\": \"path_prefix\", \"prefix\": \"/api/db/*\", \"service\": \"db\" }\n  ]\n}\n";
        let error = read(Path::new("routes.json"), text).expect_err("a star");
        assert!(error.to_string().starts_with("routes.json:4:41: `rules[1].prefix` must begin with"), "{error}");
        assert!(error.hints()[0].starts_with("Correct line 4 of routes.json"), "{:?}", error.hints());
        let error =
            read(Path::new("routes.json"), "{\n \"rules\": [\n  { \"service\": \"a\" } ]\n}").expect_err("no kind");
        assert!(error.to_string().starts_with("routes.json:3:3: `rules[0].match` must be"), "{error}");
    }

    #[test]
    fn an_unknown_key_is_warned_about_wherever_it_stands() {
        let text = "{\n \"brnd\": \"A\",\n \"rules\": [\n  { \"match\": \"headers\",\n    \"time_out_ms\": 5, \"fallback\": { \"body\": 1, \"colour\": 2 } }\n ]\n}";
        let routes = read(Path::new("routes.json"), text).expect("can be followed");
        let warnings: Vec<String> = routes.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(
            warnings,
            [
                "routes.json:2:2: the key `brnd` is not known; did you mean `brand`?",
                "routes.json:5:5: the key `rules[0].time_out_ms` is not known; did you mean `timeout_ms`?",
                "routes.json:5:48: the key `rules[0].fallback.colour` is not known",
            ]
        );
    }
}
