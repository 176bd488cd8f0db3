//! What an expectation would say of a trace: the author's one with what has changed, or a new one.
//!
//! Matchers stay where they still match, keys that the author left out stay out, `"optional"` stays. A new value that
//! varies by its nature is proposed as a matcher. What was redacted becomes `<any>`.

use super::calls;
use super::matchers::{self, ABSENT};
use super::subset::{EACH, Items, REST, is_same, subset};
use crate::align::{Step, align};
use crate::shapes::{self, Piece, Shape};
use crate::trace::Trace;
use patchbay_core::sample::Sample;
use regex::Regex;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// A time further from the delivery's own belongs to the webhook and not to the clock.
const NEAR_MS: f64 = 2.0 * 24.0 * 3600.0 * 1000.0;
/// Shorter values of placeholders stand in other texts by chance.
const SHORTEST_FILL: usize = 4;
/// What an expectation of a call says where its author has shown no other habit.
const CALL_KEYS: [&str; 4] = ["method", "url", "body", "status"];

/// The expectation that the trace meets, made from the author's one where there is one. `sample` is what was sent, with
/// its placeholders; `constants` are texts that do not vary although they look so, such as ids in the adapter's settings.
pub fn proposed(existing: Option<&Value>, trace: &Trace, sample: Option<&Sample>, constants: &[String]) -> Value {
    let proposer = Proposer::new(trace, sample, constants);
    let actual = super::comparable(trace);
    match existing {
        Some(Value::Object(expected)) => proposer.updated(expected, &actual, trace),
        _ => proposer.new_expectation(&actual, trace),
    }
}

/// Knows what of a delivery varies.
struct Proposer {
    started_ms: f64,
    /// Texts with what stays the same from delivery to delivery.
    constants: Vec<String>,
    /// Values of placeholders, longest first.
    fills: Vec<String>,
}

impl Proposer {
    fn new(trace: &Trace, sample: Option<&Sample>, constants: &[String]) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of this century have 13 digits")]
        let started_ms = (trace.started.unix_timestamp_nanos() / 1_000_000) as f64;
        let mut constants = constants.to_vec();
        let mut fills = Vec::new();
        if let Some(sample) = sample {
            constants.extend(sample.body.as_ref().map(Value::to_string));
            constants.extend(sample.body_text.clone());
            constants.extend(sample.path.clone());
            fill_values(sample, trace, &mut fills);
        }
        fills.retain(|fill| fill.len() >= SHORTEST_FILL && !constants.iter().any(|text| text.contains(fill)));
        fills.sort_by(|left, right| right.len().cmp(&left.len()).then_with(|| left.cmp(right)));
        fills.dedup();
        Self { started_ms, constants, fills }
    }

    fn new_expectation(&self, actual: &Value, trace: &Trace) -> Value {
        let mut document = Map::new();
        document.insert("status".into(), actual["status"].clone());
        if trace.response.as_ref().is_some_and(|response| response.body.bytes > 0) {
            document.insert("answer".into(), self.value(&actual["answer"]));
        }
        let made = actual["outbound"].as_array().map(Vec::as_slice).unwrap_or_default();
        document.insert("outbound".into(), made.iter().map(|call| self.call(call, &CALL_KEYS)).collect());
        if actual["exceptions"].as_array().is_some_and(|thrown| !thrown.is_empty()) {
            document.insert("exceptions".into(), self.value(&actual["exceptions"]));
        }
        if actual["outcome"] != "ok" {
            document.insert("outcome".into(), actual["outcome"].clone());
        }
        Value::Object(document)
    }

    fn updated(&self, expected: &Map<String, Value>, actual: &Value, trace: &Trace) -> Value {
        let update = |(key, expected): (&String, &Value)| {
            let value = match (key.as_str(), expected, actual.get(key)) {
                // A misspelt key is the author's to mend; the comparison names it.
                (_, expected, None) => expected.clone(),
                ("outbound", Value::Array(expected), Some(Value::Array(made))) => self.calls(expected, made, trace),
                (_, expected, Some(actual)) => self.merged(expected, actual),
            };
            (key.clone(), value)
        };
        Value::Object(expected.iter().map(update).collect())
    }

    fn calls(&self, expected: &[Value], made: &[Value], trace: &Trace) -> Value {
        let habit: Vec<&str> =
            expected.iter().filter_map(Value::as_object).flat_map(Map::keys).map(String::as_str).collect();
        let habit = if habit.is_empty() { &CALL_KEYS[..] } else { habit.as_slice() };
        let (matched, unexpected) = calls::matched(expected, made, &trace.outbound);
        // Each call with where it belongs: at its own place, or behind the one before it.
        let mut placed: Vec<(f64, Value)> = Vec::new();
        let mut last = -1.0_f64;
        for (at, with) in matched {
            match with {
                Some(with) => {
                    #[expect(clippy::cast_precision_loss, reason = "no delivery makes so many calls")]
                    let own = with as f64;
                    let by_chance = own < last && calls::overlaps_a_neighbour(&trace.outbound, with);
                    last = if by_chance { last } else { own };
                    placed.push((last, self.merged_call(&expected[at], &made[with])));
                }
                None if calls::is_optional(&expected[at]) => placed.push((last, expected[at].clone())),
                None => {}
            }
        }
        for at in unexpected {
            #[expect(clippy::cast_precision_loss, reason = "no delivery makes so many calls")]
            placed.push((at as f64, self.call(&made[at], habit)));
        }
        placed.sort_by(|left, right| left.0.total_cmp(&right.0));
        placed.into_iter().map(|(_, call)| call).collect()
    }

    fn merged_call(&self, expected: &Value, made: &Value) -> Value {
        let mut merged = self.merged(expected, made);
        if let (Some(optional), Some(fields)) = (expected.get("optional"), merged.as_object_mut()) {
            fields.insert("optional".into(), optional.clone());
        }
        merged
    }

    /// A call that the author has not seen, with those keys that calls are described by.
    fn call(&self, made: &Value, keys: &[&str]) -> Value {
        let says = |(key, value): &(&String, &Value)| {
            keys.contains(&key.as_str()) && !(key.as_str() == "body" && *value == "")
        };
        let fields = made.as_object().into_iter().flatten().filter(says);
        Value::Object(fields.map(|(key, value)| (key.clone(), self.value(value))).collect())
    }

    fn merged(&self, expected: &Value, actual: &Value) -> Value {
        let mut differences = Vec::new();
        subset("", expected, actual, &mut differences);
        if differences.is_empty() {
            return expected.clone();
        }
        match (expected, actual) {
            (Value::Object(wanted), Value::Object(present)) => {
                let keep = |(key, wanted): (&String, &Value)| {
                    let value = match present.get(key) {
                        Some(present) => self.merged(wanted, present),
                        None if wanted == ABSENT => wanted.clone(),
                        None => return None,
                    };
                    Some((key.clone(), value))
                };
                Value::Object(wanted.iter().filter_map(keep).collect())
            }
            (Value::Array(wanted), Value::Array(present)) => self.merged_list(wanted, present),
            (expected, actual) if is_same(expected, actual) => expected.clone(),
            (_, actual) => self.value(actual),
        }
    }

    fn merged_list(&self, wanted: &[Value], present: &[Value]) -> Value {
        if wanted.first().is_some_and(|first| first == EACH) {
            return present.iter().map(|item| self.value(item)).collect();
        }
        let (wanted, open) = match wanted.split_last() {
            Some((last, wanted)) if last == REST => (wanted, true),
            _ => (wanted, false),
        };
        let present = if open { &present[..wanted.len().min(present.len())] } else { present };
        let mut items: Vec<Value> = Vec::new();
        for step in align(wanted.len(), present.len(), &Items(wanted, present)) {
            match step {
                Step::Both(at, with) => items.push(self.merged(&wanted[at], &present[with])),
                Step::Left(_) => {}
                Step::Right(at) => items.push(self.value(&present[at])),
            }
        }
        items.extend(open.then(|| Value::from(REST)));
        Value::Array(items)
    }

    /// A value as an expectation would say it.
    fn value(&self, actual: &Value) -> Value {
        match actual {
            Value::Object(fields) => {
                Value::Object(fields.iter().map(|(key, value)| (key.clone(), self.value(value))).collect())
            }
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::String(text) => Value::String(self.text(text)),
            Value::Number(number) => {
                let text = number.to_string();
                let matcher = match shapes::pieces(&text)[..] {
                    [piece] => self.matcher(piece).filter(|matcher| matcher.starts_with("<unix")),
                    _ => None,
                };
                let filled = self.fills.contains(&text).then_some(Cow::Borrowed("<id>"));
                matcher.or(filled).map_or_else(|| actual.clone(), Value::from)
            }
            Value::Bool(_) | Value::Null => actual.clone(),
        }
    }

    fn text(&self, text: &str) -> String {
        let mut pattern = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("<redacted:") {
            let length = rest[start..].find('>').map_or(rest.len() - start, |end| end + 1);
            self.open_text(&rest[..start], &mut pattern);
            pattern.push_str("<any>");
            rest = &rest[start + length..];
        }
        self.open_text(rest, &mut pattern);
        if matchers::matches(&pattern, &Value::from(text)) == Ok(true) { pattern } else { "<any>".into() }
    }

    /// A text in which nothing was redacted.
    fn open_text(&self, text: &str, pattern: &mut String) {
        for piece in shapes::pieces(text) {
            match self.matcher(piece) {
                Some(matcher) => pattern.push_str(&matcher),
                None => self.literal(piece.text, pattern),
            }
        }
    }

    /// What stands for a piece that varies.
    fn matcher(&self, piece: Piece<'_>) -> Option<Cow<'static, str>> {
        let shape = piece.shape?;
        if self.constants.iter().any(|text| text.contains(piece.text)) {
            return None;
        }
        let is_near = || shapes::moment(piece).is_some_and(|at| (at - self.started_ms).abs() < NEAR_MS);
        let matcher = match shape {
            Shape::Uuid => "<uuid>".into(),
            Shape::Opaque => "<id>".into(),
            Shape::Duration => {
                let number = piece.text.trim_end_matches(|c: char| !c.is_ascii_digit());
                format!("<number>{}", &piece.text[number.len()..]).into()
            }
            Shape::IsoTime | Shape::HttpTime | Shape::UnixSeconds | Shape::UnixMilliseconds if !is_near() => {
                return None;
            }
            Shape::IsoTime if matchers::matches("<iso-time>", &Value::from(piece.text)) == Ok(true) => {
                "<iso-time>".into()
            }
            Shape::UnixSeconds => "<unix-time>".into(),
            Shape::UnixMilliseconds => "<unix-ms>".into(),
            Shape::IsoTime | Shape::HttpTime => "<any>".into(),
        };
        Some(matcher)
    }

    /// A text that stays as it is, apart from what a placeholder was filled with.
    fn literal(&self, text: &str, pattern: &mut String) {
        let found = self.fills.iter().find_map(|fill| Some((text.find(fill.as_str())?, fill.len())));
        match found {
            Some((start, length)) => {
                self.literal(&text[..start], pattern);
                pattern.push_str("<id>");
                self.literal(&text[start + length..], pattern);
            }
            None if matchers::is_pattern(text) => {
                let escaped = regex::escape(text).replace('<', r"\x3C").replace('>', r"\x3E");
                pattern.extend(["<text:", &escaped, ">"]);
            }
            None => pattern.push_str(text),
        }
    }
}

/// What the sample's placeholders were filled with.
fn fill_values(sample: &Sample, trace: &Trace, fills: &mut Vec<String>) {
    if let (Some(template), Some(sent)) = (&sample.body, trace.request.body.json()) {
        fills_in(template, &sent, fills);
    }
    if let Some(template) = &sample.body_text {
        captured(template, &trace.request.body.text, fills);
    }
    for (name, template) in sample.header_list().iter() {
        for (_, sent) in trace.request.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)) {
            captured(template, sent, fills);
        }
    }
}

fn fills_in(template: &Value, sent: &Value, fills: &mut Vec<String>) {
    match (template, sent) {
        (Value::Object(template), Value::Object(sent)) => {
            for (key, template) in template {
                fills_in(template, sent.get(key).unwrap_or(&json!(null)), fills);
            }
        }
        (Value::Array(template), Value::Array(sent)) => {
            for (template, sent) in template.iter().zip(sent) {
                fills_in(template, sent, fills);
            }
        }
        (Value::String(template), Value::String(sent)) => captured(template, sent, fills),
        (Value::String(template), Value::Number(sent)) if template.starts_with("{{") => fills.push(sent.to_string()),
        _ => {}
    }
}

/// What stands in a text where its template has `{{…}}`.
fn captured(template: &str, sent: &str, fills: &mut Vec<String>) {
    let mut expression = String::from(r"\A(?s:");
    let mut rest = template;
    while let Some(start) = rest.find("{{") {
        let Some(length) = rest[start..].find("}}") else { break };
        expression.push_str(&regex::escape(&rest[..start]));
        expression.push_str("(.*?)");
        rest = &rest[start + length + 2..];
    }
    expression.push_str(&regex::escape(rest));
    expression.push_str(r")\z");
    let found = Regex::new(&expression).ok().and_then(|expression| {
        let captures = expression.captures(sent)?;
        Some(captures.iter().skip(1).flatten().map(|found| found.as_str().to_owned()).collect::<Vec<_>>())
    });
    fills.extend(found.unwrap_or_default());
}
