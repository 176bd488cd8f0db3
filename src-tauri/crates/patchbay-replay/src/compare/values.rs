//! Two JSON values against each other: objects by key, lists in order, leaves by what they are to each other.

use super::varying::{Varying, Verdict};
use super::{Change, ChangeKind, Part};
use crate::align::{Cost, Step, align};
use crate::path;
use serde_json::Value;

/// Where changes go.
pub struct Findings<'a> {
    /// What is known of both sides.
    pub varying: &'a Varying,
    /// Part of the delivery that is looked at.
    pub part: Part,
    /// The outbound call that is looked at.
    pub call: Option<String>,
    /// What differs.
    pub changes: Vec<Change>,
    /// What differs by its nature.
    pub varies: Vec<Change>,
}

impl<'a> Findings<'a> {
    /// None yet.
    pub fn new(varying: &'a Varying) -> Self {
        Self { varying, part: Part::Webhook, call: None, changes: Vec::new(), varies: Vec::new() }
    }

    /// Adds one.
    pub fn add(&mut self, path: &str, kind: ChangeKind, before: &Value, after: &Value) {
        let change = self.change(path, kind, before, after);
        self.changes.push(change);
    }

    /// Adds one that is in the nature of the value.
    pub fn add_varying(&mut self, path: &str, kind: ChangeKind, before: &Value, after: &Value) {
        let change = self.change(path, kind, before, after);
        self.varies.push(change);
    }

    fn change(&self, path: &str, kind: ChangeKind, before: &Value, after: &Value) -> Change {
        let (before, after) = (before.clone(), after.clone());
        Change { part: self.part, path: path.to_owned(), call: self.call.clone(), kind, before, after }
    }

    /// Adds what differs between two values.
    pub fn compare(&mut self, path: &str, before: &Value, after: &Value) {
        match (before, after) {
            (Value::Object(left), Value::Object(right)) => {
                for (key, before) in left {
                    let path = path::of_key(path, key);
                    match right.get(key) {
                        Some(after) => self.compare(&path, before, after),
                        None => self.add(&path, ChangeKind::Removed, before, &Value::Null),
                    }
                }
                for (key, after) in right.iter().filter(|(key, _)| !left.contains_key(*key)) {
                    self.add(&path::of_key(path, key), ChangeKind::Added, &Value::Null, after);
                }
            }
            (Value::Array(left), Value::Array(right)) => {
                let items = Items { varying: self.varying, before: left, after: right };
                for step in align(left.len(), right.len(), &items) {
                    match step {
                        Step::Both(at, with) => self.compare(&path::of_item(path, with), &left[at], &right[with]),
                        Step::Left(at) => {
                            self.add(&path::of_item(path, at), ChangeKind::Removed, &left[at], &Value::Null);
                        }
                        Step::Right(at) => {
                            self.add(&path::of_item(path, at), ChangeKind::Added, &Value::Null, &right[at]);
                        }
                    }
                }
            }
            (before, after) => match self.varying.verdict(last_key(path), before, after) {
                Verdict::Same => {}
                Verdict::Varies => self.add_varying(path, ChangeKind::Changed, before, after),
                Verdict::Differs => self.add(path, ChangeKind::Changed, before, after),
            },
        }
    }
}

fn last_key(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default()
}

struct Items<'a> {
    varying: &'a Varying,
    before: &'a [Value],
    after: &'a [Value],
}

impl Cost for Items<'_> {
    fn both(&self, left: usize, right: usize) -> Option<f64> {
        Some(distance(self.varying, &self.before[left], &self.after[right]))
    }
}

/// The share of leaves of either value that the other one has not, from 0 to 1. Lists inside are taken item by item.
pub fn distance(varying: &Varying, before: &Value, after: &Value) -> f64 {
    let (mut leaves, mut wrong) = (0, 0);
    count(varying, before, after, &mut leaves, &mut wrong);
    if leaves == 0 { 0.0 } else { f64::from(wrong) / f64::from(leaves) }
}

fn count(varying: &Varying, before: &Value, after: &Value, leaves: &mut u32, wrong: &mut u32) {
    let mut alone = |value: &Value| {
        let own = leaves_of(value);
        *leaves = leaves.saturating_add(own);
        *wrong = wrong.saturating_add(own);
    };
    match (before, after) {
        (Value::Object(left), Value::Object(right)) => {
            left.iter().filter(|(key, _)| !right.contains_key(*key)).for_each(|(_, value)| alone(value));
            right.iter().filter(|(key, _)| !left.contains_key(*key)).for_each(|(_, value)| alone(value));
            for (key, before) in left {
                if let Some(after) = right.get(key) {
                    count(varying, before, after, leaves, wrong);
                }
            }
        }
        (Value::Array(left), Value::Array(right)) => {
            let shared = left.len().min(right.len());
            left[shared..].iter().chain(&right[shared..]).for_each(&mut alone);
            for (before, after) in left.iter().zip(right) {
                count(varying, before, after, leaves, wrong);
            }
        }
        (before, after) => {
            let differs = varying.verdict("", before, after) == Verdict::Differs;
            *leaves = leaves.saturating_add(1);
            *wrong = wrong.saturating_add(u32::from(differs));
        }
    }
}

fn leaves_of(value: &Value) -> u32 {
    let sum = |count: u32, value: &Value| count.saturating_add(leaves_of(value));
    match value {
        Value::Object(fields) => fields.values().fold(1, sum),
        Value::Array(items) => items.iter().fold(1, sum),
        _ => 1,
    }
}
