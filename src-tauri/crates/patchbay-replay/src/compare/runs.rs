//! Which delivery of one set belongs to which of another, and what differs in each pair.

use super::varying::Varying;
use super::{Comparison, Strictness, delivery, timing};
use crate::align::{Cost, Step, align};
use crate::trace::{Origin, Trace};

/// Compares two sets of deliveries, each in the order in which they were sent. `witnesses` are more deliveries of the
/// first set: what they say the same cannot vary.
pub fn compare_runs(before: &[Trace], after: &[Trace], witnesses: &[Trace], strictness: Strictness) -> Comparison {
    let mut varying = Varying::new(before, after, witnesses);
    let (mut together, mut only_before, mut only_after) = (Vec::new(), Vec::new(), Vec::new());
    for step in pairs(before, after) {
        match step {
            Step::Both(at, with) => together.push((&before[at], &after[with])),
            Step::Left(at) => only_before.push((name(&before[at]), before[at].id.clone())),
            Step::Right(at) => only_after.push((name(&after[at]), after[at].id.clone())),
        }
    }
    let timing = timing::compare(&together);
    let compared = together
        .into_iter()
        .map(|(before, after)| delivery::compare(name(after), before, after, &mut varying, strictness));
    Comparison { pairs: compared.collect(), only_before, only_after, timing }
}

/// By what was sent, in order; then those that are left over at other places. Two deliveries alone are meant to be compared.
fn pairs(before: &[Trace], after: &[Trace]) -> Vec<Step> {
    if let ([_], [_]) = (before, after) {
        return vec![Step::Both(0, 0)];
    }
    let names = Names(before.iter().map(name).collect(), after.iter().map(name).collect());
    let mut steps = align(before.len(), after.len(), &names);
    let mut at = 0;
    while at < steps.len() {
        if let Step::Left(lost) = steps[at] {
            let is_it = |step: &Step| matches!(step, Step::Right(found) if names.0[lost] == names.1[*found]);
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

struct Names(Vec<String>, Vec<String>);

impl Cost for Names {
    fn both(&self, left: usize, right: usize) -> Option<f64> {
        (self.0[left] == self.1[right]).then_some(0.0)
    }
}

/// What was sent, for people, the same for the same webhook in every run.
fn name(trace: &Trace) -> String {
    let webhook = match (&trace.sample, &trace.origin) {
        (Some(sample), _) => sample.clone(),
        (None, Origin::Delivery(delivery)) => format!("delivery {delivery}"),
        (None, Origin::File(file)) => file.clone(),
        (None, Origin::Sample | Origin::Stdin | Origin::Inbox) => match &trace.event_id {
            Some(event) => format!("event {event}"),
            None => format!("{} {}", trace.request.method, trace.provider),
        },
    };
    trace.sender.as_ref().map_or_else(|| webhook.clone(), |sender| format!("{webhook}, {sender}"))
}
