//! Which differences are in the nature of values: ids that are made up anew, times that go with the clock.
//!
//! Three things tell them apart from changes. What was sent to the adapter and what upstreams answered shows which value
//! stands for which on the other side. Times are compared by their distance from the delivery's start. And an id that
//! several deliveries of one side share is a setting and not made up.

use crate::shapes::{self, Piece, Shape};
use crate::trace::Trace;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Shorter values stand in other texts by chance.
const SHORTEST: usize = 4;
/// Longer texts are no ids.
const LONGEST: usize = 256;
/// How much longer or shorter one delivery may take than the other before a time counts as another one.
const CLOCK_MS: f64 = 10_000.0;
const MINUTE_MS: f64 = 60_000.0;
const DAY_MS: f64 = 86_400_000.0;

/// What two values are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The same.
    Same,
    /// Different, as they are each time.
    Varies,
    /// Different.
    Differs,
}

/// What is known of the two sides.
#[derive(Debug, Default)]
pub struct Varying {
    /// Values of the first side and what stands for them on the second.
    known: HashMap<String, String>,
    /// The same, longest first, and the other way round.
    before: Vec<String>,
    after: Vec<String>,
    constants_before: HashSet<String>,
    constants_after: HashSet<String>,
    started_before: f64,
    started_after: f64,
}

impl Varying {
    /// Of two sides; `witnesses` are more deliveries of the first one.
    pub fn new(before: &[Trace], after: &[Trace], witnesses: &[Trace]) -> Self {
        Self {
            constants_before: constants(before.iter().chain(witnesses)),
            constants_after: constants(after.iter()),
            ..Self::default()
        }
    }

    /// From now on times are compared by their distance from these starts.
    pub fn start(&mut self, before: &Trace, after: &Trace) {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of this century have 13 digits")]
        let milliseconds = |trace: &Trace| (trace.started.unix_timestamp_nanos() / 1_000_000) as f64;
        self.started_before = milliseconds(before);
        self.started_after = milliseconds(after);
    }

    /// Takes from two values that came in at the same place which of their parts stand for each other. What stands in
    /// `sent_before` or `sent_after` came from the adapter itself and tells nothing.
    pub fn learn(&mut self, before: &Value, after: &Value, sent_before: &str, sent_after: &str) {
        match (before, after) {
            (Value::Object(left), Value::Object(right)) => {
                for (key, left) in left {
                    self.learn(left, right.get(key).unwrap_or(&Value::Null), sent_before, sent_after);
                }
            }
            (Value::Array(left), Value::Array(right)) => {
                for (left, right) in left.iter().zip(right) {
                    self.learn(left, right, sent_before, sent_after);
                }
            }
            (Value::String(left), Value::String(right)) => self.learn_text(left, right, sent_before, sent_after),
            (Value::Number(left), Value::Number(right)) => {
                self.note(&left.to_string(), &right.to_string(), sent_before, sent_after);
            }
            _ => {}
        }
    }

    fn learn_text(&mut self, left: &str, right: &str, sent_before: &str, sent_after: &str) {
        if left == right {
            return;
        }
        let (pieces_left, pieces_right) = (shapes::pieces(left), shapes::pieces(right));
        if have_one_form(&pieces_left, &pieces_right) {
            for (left, right) in pieces_left.iter().zip(&pieces_right) {
                self.note(left.text, right.text, sent_before, sent_after);
            }
        }
        if !left.contains(char::is_whitespace) && !right.contains(char::is_whitespace) {
            self.note(left, right, sent_before, sent_after);
        }
    }

    fn note(&mut self, left: &str, right: &str, sent_before: &str, sent_after: &str) {
        let may_be_an_id = |text: &str| {
            (SHORTEST..=LONGEST).contains(&text.len()) && text.contains(|letter: char| letter.is_ascii_digit())
        };
        if left == right || !may_be_an_id(left) || !may_be_an_id(right) {
            return;
        }
        if sent_before.contains(left) || sent_after.contains(right) {
            return;
        }
        // A later delivery knows better: what stood for a value in the one before need not do so any more.
        self.known.insert(left.to_owned(), right.to_owned());
        let place = |list: &mut Vec<String>, text: &str| {
            if !list.iter().any(|known| known == text) {
                let at = list.partition_point(|known| known.len() >= text.len());
                list.insert(at, text.to_owned());
            }
        };
        place(&mut self.before, left);
        place(&mut self.after, right);
    }

    /// What two leaves are to each other. `key` is the name that they stand under.
    pub fn verdict(&self, key: &str, before: &Value, after: &Value) -> Verdict {
        match (before, after) {
            _ if crate::expect::is_same(before, after) => Verdict::Same,
            (Value::String(left), Value::String(right)) => self.texts(left, right),
            (Value::Number(left), Value::Number(right)) => {
                let (left, right) = (left.to_string(), right.to_string());
                let is_known = self.known.get(&left) == Some(&right);
                if is_known || is_a_duration(key) || self.are_times(&left, &right) {
                    return Verdict::Varies;
                }
                Verdict::Differs
            }
            _ => Verdict::Differs,
        }
    }

    fn texts(&self, left: &str, right: &str) -> Verdict {
        if left == right {
            return Verdict::Same;
        }
        let (neutral_left, neutral_right) =
            (self.neutral(left, &self.before, true), self.neutral(right, &self.after, false));
        let varies = neutral_left == neutral_right
            || self.all_pieces_vary(&neutral_left, &neutral_right)
            || self.all_pieces_vary(left, right);
        if varies { Verdict::Varies } else { Verdict::Differs }
    }

    fn all_pieces_vary(&self, left: &str, right: &str) -> bool {
        let (left, right) = (shapes::pieces(left), shapes::pieces(right));
        let vary = |(left, right): (&Piece<'_>, &Piece<'_>)| left.text == right.text || self.pieces_vary(*left, *right);
        have_one_form(&left, &right) && left.iter().zip(&right).all(vary)
    }

    /// The text with the values of the second side in the place of known ones, between marks, so that a known value and
    /// the text around it are not taken together.
    fn neutral(&self, text: &str, known: &[String], is_before: bool) -> String {
        let known: Vec<&String> = known.iter().filter(|known| text.contains(known.as_str())).collect();
        if known.is_empty() {
            return text.to_owned();
        }
        let mut neutral = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let found = known.iter().find(|known| rest.starts_with(known.as_str()));
            if let Some(found) = found {
                let standing = if is_before { self.known.get(*found).unwrap_or(found) } else { found };
                neutral.extend(["\u{1}", standing, "\u{1}"]);
                rest = &rest[found.len()..];
            } else {
                let mut letters = rest.chars();
                neutral.extend(letters.next());
                rest = letters.as_str();
            }
        }
        neutral
    }

    fn pieces_vary(&self, left: Piece<'_>, right: Piece<'_>) -> bool {
        match left.shape {
            Some(Shape::Duration) => true,
            Some(Shape::Uuid | Shape::Opaque) => {
                !self.constants_before.contains(left.text) && !self.constants_after.contains(right.text)
            }
            Some(_) => self.moved_with_the_clock(left, right),
            None => false,
        }
    }

    fn moved_with_the_clock(&self, left: Piece<'_>, right: Piece<'_>) -> bool {
        let (Some(at_left), Some(at_right)) = (shapes::moment(left), shapes::moment(right)) else { return false };
        // Without a time the day counts, without seconds the minute.
        let exact = match (left.shape, left.text.len()) {
            (Some(Shape::IsoTime), 10) => DAY_MS,
            (Some(Shape::IsoTime), 11..=17) => MINUTE_MS,
            _ => 0.0,
        };
        let (from_left, from_right) = (at_left - self.started_before, at_right - self.started_after);
        (from_left - from_right).abs() <= CLOCK_MS + exact
    }

    fn are_times(&self, left: &str, right: &str) -> bool {
        let whole = |text: &str| text.split('.').next().unwrap_or_default().to_owned();
        let (left, right) = (whole(left), whole(right));
        match (&shapes::pieces(&left)[..], &shapes::pieces(&right)[..]) {
            ([left], [right]) if left.shape == right.shape => self.moved_with_the_clock(*left, *right),
            _ => false,
        }
    }
}

/// Whether two texts differ in pieces of the same shape only.
fn have_one_form(left: &[Piece<'_>], right: &[Piece<'_>]) -> bool {
    let alike = |(left, right): (&Piece<'_>, &Piece<'_>)| {
        left.shape == right.shape && (left.shape.is_some() || left.text == right.text)
    };
    left.len() == right.len() && left.iter().zip(right).all(alike)
}

/// `{"took_ms": 12.5}` in a log line is another number each time.
fn is_a_duration(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["_ms", "duration", "elapsed", "took", "latency"].iter().any(|end| key.ends_with(end)) || key == "ms"
}

/// Made-up looking parts of what an adapter said that several of its deliveries share.
fn constants<'a>(traces: impl Iterator<Item = &'a Trace>) -> HashSet<String> {
    let mut seen = HashSet::new();
    let mut shared = HashSet::new();
    for trace in traces {
        let mut own = HashSet::new();
        let mut take = |text: &str| {
            let ids = shapes::pieces(text).into_iter();
            let ids = ids.filter(|piece| matches!(piece.shape, Some(Shape::Uuid | Shape::Opaque)));
            own.extend(ids.map(|piece| piece.text.to_owned()));
        };
        for call in &trace.outbound {
            take(&call.request.url);
            take(&call.request.body.text);
            call.request.headers.iter().for_each(|(_, value)| take(value));
        }
        trace.response.iter().for_each(|answer| take(&answer.body.text));
        trace.adapter_run.iter().flat_map(|run| &run.logs).for_each(|line| take(&line.message));
        shared.extend(own.iter().filter(|id| seen.contains(*id)).cloned());
        seen.extend(own);
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::{Varying, Verdict};
    use serde_json::{Value, json};

    fn varying() -> Varying {
        let mut varying =
            Varying { started_before: 1_763_713_800_000.0, started_after: 1_763_713_900_000.0, ..Varying::default() };
        let webhook = |id: &str| json!({ "event_id": id, "ts": "1763713800.000100", "number": id.len() });
        varying.learn(&webhook("Ev0PV52K21"), &webhook("Ev8XQ"), "", "");
        varying.learn(
            &json!({ "id": "page-1", "echo": "todo2", "state": "open" }),
            &json!({ "id": "page-2", "echo": "done2", "state": "shut" }),
            "todo2",
            "done2",
        );
        varying.constants_before.insert("11111111-2222-4333-8444-555555555555".into());
        varying
    }

    #[test]
    fn values_that_vary_are_told_from_values_that_changed() {
        let varying = varying();
        let uuid = |digit: char| digit.to_string().repeat(8) + "-2222-4333-8444-555555555555";
        for (before, after, verdict) in [
            (json!("a"), json!("a"), Verdict::Same),
            (json!(1), json!(1.0), Verdict::Same),
            (json!("a"), json!("b"), Verdict::Differs),
            (json!(1), json!(2), Verdict::Differs),
            (json!(1), json!("1"), Verdict::Differs),
            (json!("slack-Ev0PV52K21!"), json!("slack-Ev8XQ!"), Verdict::Varies),
            (json!("slack-Ev0PV52K21!"), json!("slack-C0123!"), Verdict::Differs),
            (json!("slack-Ev0PV52K21!"), json!("Slack-Ev8XQ!"), Verdict::Differs),
            (json!("/pages/page-1"), json!("/pages/page-2"), Verdict::Varies),
            (json!("todo2"), json!("done2"), Verdict::Differs),
            (json!("open"), json!("shut"), Verdict::Differs),
            (json!(uuid('3')), json!(uuid('4')), Verdict::Varies),
            (json!(uuid('1')), json!(uuid('4')), Verdict::Differs),
            (json!(format!("id {}", uuid('3'))), json!(format!("ID {}", uuid('4'))), Verdict::Differs),
            (json!("2025-11-21T08:30:00Z"), json!("2025-11-21T08:31:40Z"), Verdict::Varies),
            (json!("2025-11-21T09:30:00Z"), json!("2025-11-21T09:31:41Z"), Verdict::Varies),
            (json!("2025-11-21T08:30:00Z"), json!("2025-11-21T09:31:40Z"), Verdict::Differs),
            (json!("2025-11-21"), json!("2025-11-22"), Verdict::Varies),
            (json!("2025-11-21"), json!("2026-11-21"), Verdict::Differs),
            (json!(1_763_713_800), json!(1_763_713_900), Verdict::Varies),
            (json!(1_763_713_800), json!(1_763_713_800), Verdict::Same),
            (json!(1_763_713_800), json!(1_763_713_800_000_i64), Verdict::Differs),
            (json!("took 12 ms"), json!("took 9 ms"), Verdict::Varies),
            (json!("took 12 ms"), json!("done in 9 ms"), Verdict::Differs),
            (Value::Null, json!("a"), Verdict::Differs),
        ] {
            assert_eq!(varying.verdict("key", &before, &after), verdict, "{before} and {after}");
        }
        let mut varying = varying;
        let webhook = |ts: &str| json!({ "ts": ts });
        varying.learn(&webhook("1763713800.000100"), &webhook("1763713900.000100"), "", "");
        varying.learn(&webhook("1763713800.000100"), &webhook("1763713901.000100"), "", "");
        for after in ["1763713900.000100", "1763713901.000100"] {
            let verdict = varying.verdict("ts", &json!("1763713800.000100"), &json!(after));
            assert_eq!(verdict, Verdict::Varies, "webhooks of one second were sent in two: {after}");
        }
        assert_eq!(varying.verdict("took_ms", &json!(1), &json!(2)), Verdict::Varies);
    }
}
