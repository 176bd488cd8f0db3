//! Expected outbound calls against those that were made, by method and URL and in order.
//!
//! A call that is missing is one finding, and so is one too many; the calls behind it stay with their own.

use super::Difference;
use super::subset::{distance, missing, subset, surplus};
use crate::align::{Cost, Step, align};
use crate::path;
use crate::trace::TracedCall;
use serde_json::{Value, json};

/// A call to the same host under another URL is likelier the same call, changed, than one missing and one too many.
const OTHER_ADDRESS: f64 = 1.2;

/// The expected calls, in the order of the expectation, each with the index of the call that it was compared with.
pub type Matched = Vec<(usize, Option<usize>)>;

/// Adds what is not as expected. `made` are the calls in the words of an expectation, `calls` the same as traced.
pub fn compare(expected: &[Value], made: &[Value], calls: &[TracedCall], differences: &mut Vec<Difference>) {
    let (matched, unexpected) = matched(expected, made, calls);
    for (at, with) in &matched {
        let wanted = without_optional(&expected[*at]);
        match with {
            Some(with) => subset(&path::of_item("outbound", *with), &wanted, &made[*with], differences),
            None if is_optional(&expected[*at]) => {}
            None => differences.push(missing("outbound", *at, &wanted)),
        }
    }
    let mut last = None;
    for (at, with) in matched {
        let Some(with) = with else { continue };
        if last.is_some_and(|last| with < last) && !overlaps_a_neighbour(calls, with) {
            let path = path::of_key(&path::of_item("outbound", with), "position");
            differences.push(Difference { path, expected: Value::from(at), actual: Value::from(with) });
        }
        last = last.max(Some(with));
    }
    differences.extend(unexpected.into_iter().map(|at| surplus("outbound", at, &made[at])));
}

/// Which call was which, and the calls that nobody expected.
pub fn matched(expected: &[Value], made: &[Value], calls: &[TracedCall]) -> (Matched, Vec<usize>) {
    let wanted: Vec<Value> = expected.iter().map(without_optional).collect();
    let cost = Calls { expected, wanted: &wanted, made };
    let (mut matched, mut unexpected) = (Vec::new(), Vec::new());
    for step in align(expected.len(), made.len(), &cost) {
        match step {
            Step::Both(at, with) => matched.push((at, Some(with))),
            Step::Left(at) => matched.push((at, None)),
            Step::Right(at) => unexpected.push(at),
        }
    }
    // The same call at another place: made at the same time as others its order is chance, else it was moved.
    for (at, with) in matched.iter_mut().filter(|(_, with)| with.is_none()) {
        let is_it = |made_at: &usize| {
            let together = has_address(&wanted[*at], &made[*made_at]);
            together && (overlaps_a_neighbour(calls, *made_at) || distance(&wanted[*at], &made[*made_at]) == 0.0)
        };
        if let Some(found) = unexpected.iter().position(is_it) {
            *with = Some(unexpected.remove(found));
        }
    }
    (matched, unexpected)
}

struct Calls<'a> {
    expected: &'a [Value],
    wanted: &'a [Value],
    made: &'a [Value],
}

impl Cost for Calls<'_> {
    fn both(&self, left: usize, right: usize) -> Option<f64> {
        let (wanted, made) = (&self.wanted[left], &self.made[right]);
        // Less than what one call alone costs: a call that was made and failed was made.
        if has_address(wanted, made) {
            return Some(distance(wanted, made) * 0.9);
        }
        (host(&wanted["url"])? == host(&made["url"])?).then_some(OTHER_ADDRESS)
    }

    fn left(&self, left: usize) -> f64 {
        if is_optional(&self.expected[left]) { 0.0 } else { 1.0 }
    }
}

/// Whether the call may be left out, because the adapter remembers what it would answer.
pub fn is_optional(call: &Value) -> bool {
    call["optional"] == true
}

fn without_optional(call: &Value) -> Value {
    let mut call = call.clone();
    if let Some(fields) = call.as_object_mut() {
        fields.shift_remove("optional");
    }
    call
}

/// Whether method and URL are as expected, as far as anything is expected of them.
fn has_address(wanted: &Value, made: &Value) -> bool {
    let mut address = json!({});
    for key in ["method", "url"] {
        if let Some(wanted) = wanted.get(key) {
            address[key] = wanted.clone();
        }
    }
    distance(&address, made) == 0.0
}

fn host(url: &Value) -> Option<&str> {
    let (_, rest) = url.as_str()?.split_once("://")?;
    rest.split(['/', '?', '#']).next()
}

/// Whether another call went on at the same time.
pub fn overlaps_a_neighbour(calls: &[TracedCall], index: usize) -> bool {
    let Some(call) = calls.get(index) else { return false };
    let ends = |call: &TracedCall| call.at_ms + call.duration_ms;
    calls.iter().enumerate().any(|(at, other)| at != index && other.at_ms < ends(call) && call.at_ms < ends(other))
}
