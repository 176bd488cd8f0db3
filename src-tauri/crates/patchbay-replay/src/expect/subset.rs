//! An expected value against a present one: objects by the expected keys, lists in order, texts with matchers.

use super::Difference;
use super::matchers::{self, ABSENT};
use crate::align::{Cost, Step, align};
use crate::path;
use serde_json::{Number, Value};

/// Last item of an expected list: more items may follow.
pub const REST: &str = "<rest>";
/// First of two items of an expected list: every item, of which there is one at least, is as the second one.
pub const EACH: &str = "<each>";

/// Adds what is not as expected.
pub fn subset(path: &str, expected: &Value, actual: &Value, differences: &mut Vec<Difference>) {
    let differ = || Difference { path: path.to_owned(), expected: expected.clone(), actual: actual.clone() };
    match (expected, actual) {
        (Value::Object(wanted), Value::Object(present)) => {
            for (key, wanted) in wanted {
                let path = path::of_key(path, key);
                match present.get(key) {
                    Some(present) => subset(&path, wanted, present, differences),
                    None if wanted == ABSENT => {}
                    None => differences.push(Difference { path, expected: wanted.clone(), actual: Value::Null }),
                }
            }
        }
        (Value::Array(wanted), Value::Array(present)) => list(path, wanted, present, differences),
        (Value::String(pattern), actual) => match matchers::matches(pattern, actual) {
            Ok(true) => {}
            Ok(false) => differences.push(differ()),
            Err(error) => differences.push(Difference { expected: Value::from(error.to_string()), ..differ() }),
        },
        _ if is_same(expected, actual) => {}
        _ => differences.push(differ()),
    }
}

fn list(path: &str, wanted: &[Value], present: &[Value], differences: &mut Vec<Difference>) {
    if let [each, wanted] = wanted
        && each == EACH
    {
        if present.is_empty() {
            differences.push(missing(path, 0, wanted));
        }
        for (index, present) in present.iter().enumerate() {
            subset(&path::of_item(path, index), wanted, present, differences);
        }
        return;
    }
    let (wanted, present) = match wanted.split_last() {
        Some((last, wanted)) if last == REST => (wanted, &present[..wanted.len().min(present.len())]),
        _ => (wanted, present),
    };
    for step in align(wanted.len(), present.len(), &Items(wanted, present)) {
        match step {
            Step::Both(at, with) => subset(&path::of_item(path, with), &wanted[at], &present[with], differences),
            Step::Left(at) => differences.push(missing(path, at, &wanted[at])),
            Step::Right(at) => differences.push(surplus(path, at, &present[at])),
        }
    }
}

/// An item that is not there, under the index at which it was expected.
pub fn missing(path: &str, index: usize, expected: &Value) -> Difference {
    Difference { path: path::of_item(path, index), expected: expected.clone(), actual: Value::Null }
}

/// An item that nobody expected, under its own index.
pub fn surplus(path: &str, index: usize, actual: &Value) -> Difference {
    Difference { path: path::of_item(path, index), expected: Value::Null, actual: actual.clone() }
}

/// Expected and present items of a list.
pub struct Items<'a>(pub &'a [Value], pub &'a [Value]);

impl Cost for Items<'_> {
    fn both(&self, left: usize, right: usize) -> Option<f64> {
        Some(distance(&self.0[left], &self.1[right]))
    }
}

/// How far a value is from what is expected: the share of expected leaves that are not so, from 0 to 1. Lists inside are
/// taken item by item, which is enough to find who belongs to whom.
pub fn distance(expected: &Value, actual: &Value) -> f64 {
    let (mut leaves, mut wrong) = (0_u32, 0_u32);
    count(expected, Some(actual), &mut leaves, &mut wrong);
    if leaves == 0 { 0.0 } else { f64::from(wrong) / f64::from(leaves) }
}

fn count(expected: &Value, actual: Option<&Value>, leaves: &mut u32, wrong: &mut u32) {
    match (expected, actual) {
        (Value::Object(wanted), Some(Value::Object(present))) => {
            for (key, wanted) in wanted {
                count(wanted, present.get(key), leaves, wrong);
            }
        }
        (Value::Array(wanted), Some(Value::Array(present))) => {
            for (index, wanted) in wanted.iter().enumerate() {
                count(wanted, present.get(index), leaves, wrong);
            }
            let surplus = u32::try_from(present.len().saturating_sub(wanted.len())).unwrap_or(u32::MAX);
            *leaves = leaves.saturating_add(surplus);
            *wrong = wrong.saturating_add(surplus);
        }
        _ => {
            let is_so = match (expected, actual) {
                (expected, None) => expected == ABSENT,
                (Value::String(pattern), Some(actual)) => matchers::matches(pattern, actual).unwrap_or(false),
                (expected, Some(actual)) => is_same(expected, actual),
            };
            *leaves = leaves.saturating_add(1);
            *wrong = wrong.saturating_add(u32::from(!is_so));
        }
    }
}

/// 1 and 1.0 are the same number to whoever wrote the expectation; long ids that differ in their last digit are not.
pub fn is_same(left: &Value, right: &Value) -> bool {
    let whole = |number: &Number| number.to_string().parse::<i128>().ok();
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => match (whole(left), whole(right)) {
            (Some(left), Some(right)) => left == right,
            _ => left.as_f64() == right.as_f64(),
        },
        (left, right) => left == right,
    }
}
