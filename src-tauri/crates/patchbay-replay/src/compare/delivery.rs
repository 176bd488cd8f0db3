//! Two deliveries of one webhook.

use super::values::{Findings, distance};
use super::varying::Varying;
use super::{ChangeKind, Pair, Part, Strictness, parts};
use crate::align::{Cost, Step, align};
use crate::expect::{body, overlaps_a_neighbour};
use crate::path;
use crate::trace::{DeadlineVerdict, Trace, TracedCall, Visibility};
use serde_json::{Value, json};

/// What differs between two deliveries. Learns from them which values stand for each other.
pub fn compare(name: String, before: &Trace, after: &Trace, varying: &mut Varying, strictness: Strictness) -> Pair {
    varying.start(before, after);
    let webhooks = (parts::webhook(&before.request), parts::webhook(&after.request));
    varying.learn(&webhooks.0, &webhooks.1, "", "");
    for ((name, left), (other, right)) in before.request.headers.iter().zip(&after.request.headers) {
        if name == other {
            varying.learn(&Value::from(left.as_str()), &Value::from(right.as_str()), "", "");
        }
    }
    let steps = align_calls(before, after, varying);
    learn_from_answers(before, after, &steps, varying);

    let mut findings = Findings::new(varying);
    findings.compare("webhook", &webhooks.0, &webhooks.1);
    answer(before, after, &mut findings);
    let unseen = unseen(before, after);
    if unseen.is_none() {
        calls(before, after, &steps, strictness, &mut findings);
        inside(before, after, &mut findings);
    }
    findings.part = Part::Outcome;
    let in_time = |trace: &Trace| json!(!matches!(trace.deadline, DeadlineVerdict::Late { .. }));
    findings.compare("in_time", &in_time(before), &in_time(after));

    let Findings { mut changes, mut varies, .. } = findings;
    if strictness.strict {
        changes.append(&mut varies);
        changes.sort_by_key(|change| change.part);
    }
    Pair { name, before: before.id.clone(), after: after.id.clone(), changes, varies, unseen }
}

fn unseen(before: &Trace, after: &Trace) -> Option<String> {
    let sees = |trace: &Trace| trace.visibility == Visibility::Complete;
    let which = match (sees(before), sees(after)) {
        (true, true) => return None,
        (false, false) => "neither delivery",
        (false, true) => "the first delivery",
        (true, false) => "the second delivery",
    };
    Some(format!("outbound calls, logs and exceptions are not compared: of {which} not everything was seen"))
}

fn answer(before: &Trace, after: &Trace, findings: &mut Findings<'_>) {
    findings.part = Part::Answer;
    let none = |trace: &Trace| Value::from(trace.no_answer.as_deref().unwrap_or("the connection ended"));
    match (&before.response, &after.response) {
        (Some(left), Some(right)) => findings.compare("answer", &parts::answer(left), &parts::answer(right)),
        (Some(left), None) => findings.add("answer", ChangeKind::Removed, &parts::answer(left), &none(after)),
        (None, Some(right)) => findings.add("answer", ChangeKind::Added, &none(before), &parts::answer(right)),
        (None, None) => findings.compare("no_answer", &none(before), &none(after)),
    }
}

fn inside(before: &Trace, after: &Trace, findings: &mut Findings<'_>) {
    let (left, right) = (before.adapter_run.as_ref(), after.adapter_run.as_ref());
    findings.part = Part::Logs;
    let logs = |trace: &Trace| -> Value {
        let lines = trace.adapter_run.iter().flat_map(|run| &run.logs);
        lines.map(|line| json!({ "level": line.level, "message": structured(&line.message) })).collect()
    };
    findings.compare("logs", &logs(before), &logs(after));
    findings.part = Part::Exceptions;
    let thrown = |trace: &Trace| -> Value {
        let thrown = trace.adapter_run.iter().flat_map(|run| &run.exceptions);
        thrown.map(|exception| json!({ "name": exception.name, "message": exception.message })).collect()
    };
    findings.compare("exceptions", &thrown(before), &thrown(after));
    findings.part = Part::Outcome;
    let outcome = |run: Option<&crate::trace::AdapterRun>| json!(run.map(|run| run.outcome.as_str()));
    findings.compare("outcome", &outcome(left), &outcome(right));
}

/// Many adapters log JSON; its fields are compared one by one.
fn structured(message: &str) -> Value {
    match serde_json::from_str(message) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => value,
        _ => message.into(),
    }
}

fn calls(before: &Trace, after: &Trace, steps: &[Step], strictness: Strictness, findings: &mut Findings<'_>) {
    findings.part = Part::Outbound;
    let (left, right) = (&before.outbound, &after.outbound);
    let mut last = None;
    for step in steps {
        match *step {
            Step::Both(at, with) => {
                findings.call = Some(parts::name(&right[with]));
                let path = path::of_item("outbound", with);
                if last.is_some_and(|last| with < last) {
                    let path = path::of_key(&path, "position");
                    let (at_before, at_after) = (json!(at), json!(with));
                    if overlaps_a_neighbour(left, at) || overlaps_a_neighbour(right, with) {
                        findings.add_varying(&path, ChangeKind::Moved, &at_before, &at_after);
                    } else {
                        findings.add(&path, ChangeKind::Moved, &at_before, &at_after);
                    }
                }
                last = last.max(Some(with));
                let changes = findings.changes.len();
                findings.compare(&path, &parts::call(&left[at]), &parts::call(&right[with]));
                if strictness.strict && findings.changes.len() == changes {
                    let path = path::of_key(&path, "answer");
                    findings.compare(&path, &body(&left[at].response.body), &body(&right[with].response.body));
                }
            }
            Step::Left(at) => {
                findings.call = Some(parts::name(&left[at]));
                let path = path::of_item("outbound", at);
                findings.add(&path, ChangeKind::Removed, &parts::call(&left[at]), &Value::Null);
            }
            Step::Right(at) => {
                findings.call = Some(parts::name(&right[at]));
                let path = path::of_item("outbound", at);
                findings.add(&path, ChangeKind::Added, &Value::Null, &parts::call(&right[at]));
            }
        }
    }
    findings.call = None;
}

/// Ids and times that upstreams made up in answers to the same calls.
fn learn_from_answers(before: &Trace, after: &Trace, steps: &[Step], varying: &mut Varying) {
    let sent = |call: &TracedCall| format!("{} {}", call.request.url, call.request.body.text);
    for step in steps {
        let Step::Both(at, with) = *step else { continue };
        let (left, right) = (&before.outbound[at], &after.outbound[with]);
        let (sent_before, sent_after) = (sent(left), sent(right));
        varying.learn(&body(&left.response.body), &body(&right.response.body), &sent_before, &sent_after);
    }
}

/// Which call is which: by address in order, then those of the same address that are left over at another place.
fn align_calls(before: &Trace, after: &Trace, varying: &Varying) -> Vec<Step> {
    let said = |calls: &[TracedCall]| calls.iter().map(parts::call).collect::<Vec<Value>>();
    let (left, right) = (said(&before.outbound), said(&after.outbound));
    let cost = Calls { varying, before: &left, after: &right };
    let mut steps = align(left.len(), right.len(), &cost);
    let mut at = 0;
    while at < steps.len() {
        if let Step::Left(lost) = steps[at] {
            let is_it = |step: &Step| matches!(step, Step::Right(found) if cost.is_moved(lost, *found));
            if let Some(found) = steps.iter().position(is_it)
                && let Step::Right(with) = steps[found]
            {
                steps[at] = Step::Both(lost, with);
                steps.remove(found);
                at -= usize::from(found < at);
            }
        }
        at += 1;
    }
    steps
}

struct Calls<'a> {
    varying: &'a Varying,
    before: &'a [Value],
    after: &'a [Value],
}

impl Calls<'_> {
    fn have_one_address(&self, left: usize, right: usize) -> bool {
        let (left, right) = (&self.before[left], &self.after[right]);
        ["method", "url"].iter().all(|key| distance(self.varying, &left[*key], &right[*key]) == 0.0)
    }

    /// A call at another place is the same one only where it says the same.
    fn is_moved(&self, left: usize, right: usize) -> bool {
        self.have_one_address(left, right) && distance(self.varying, &self.before[left], &self.after[right]) == 0.0
    }
}

impl Cost for Calls<'_> {
    fn both(&self, left: usize, right: usize) -> Option<f64> {
        if self.have_one_address(left, right) {
            // Less than a call alone costs: the same address is the same call, whatever it says.
            return Some(distance(self.varying, &self.before[left], &self.after[right]) * 0.9);
        }
        let host = |call: &Value| call["url"].as_str()?.split('/').nth(2).map(str::to_owned);
        // Dearer than one call alone and cheaper than two: one of them is likelier another call, two are one that changed.
        (host(&self.before[left])? == host(&self.after[right])?).then_some(1.2)
    }
}
