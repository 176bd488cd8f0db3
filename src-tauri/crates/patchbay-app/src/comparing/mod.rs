//! Comparing: the same webhooks to two versions of the code, two runs of the history, a delivery and its expectation.

mod code;
mod expectations;
mod kept;

pub(crate) use code::compare_code;
pub(crate) use expectations::{proposal, write};
pub(crate) use kept::compare_kept;

use crate::wire::compare as wire;
use patchbay_replay::Trace;
use patchbay_replay::compare::{self, Change, Comparison, Pair, Strictness};
use patchbay_replay::trace::Against;

/// One side of a comparison.
struct Side {
    /// Run id, or the delivery's id where it is one.
    id: String,
    traces: Vec<Trace>,
}

impl Side {
    fn on_the_wire(&self) -> wire::ComparedSide {
        let first = self.traces.first();
        let served = self.traces.iter().find_map(|trace| trace.adapter_run.as_ref());
        let against = first.map_or(Against::Live, |trace| trace.against.clone()).to_string();
        let version = served.map(|run| run.served_by.version.clone());
        wire::ComparedSide { id: self.id.clone(), against, version }
    }
}

/// Compares two sides; `witnesses` are more deliveries of the first one.
fn compared(before: &Side, after: &Side, witnesses: &[Trace], strict: bool) -> wire::Comparison {
    let comparison = compare::compare_runs(&before.traces, &after.traces, witnesses, Strictness { strict });
    let (left, right) = (before.on_the_wire(), after.on_the_wire());
    let label = |side: &wire::ComparedSide| format!("{} ({})", side.against, side.id);
    let text = compare::text(&comparison, &label(&left), &label(&right));
    let differs = comparison.differs();
    let Comparison { pairs, only_before, only_after, timing } = comparison;
    let lone = |(name, delivery): (String, String)| wire::LoneDelivery { name, delivery };
    wire::Comparison {
        before: left,
        after: right,
        differs,
        pairs: pairs.into_iter().map(Into::into).collect(),
        only_before: only_before.into_iter().map(lone).collect(),
        only_after: only_after.into_iter().map(lone).collect(),
        timing: wire::ComparedTiming {
            before_ms: timing.before_ms,
            after_ms: timing.after_ms,
            is_slower: timing.is_slower,
        },
        text,
    }
}

impl From<Pair> for wire::ComparedPair {
    fn from(pair: Pair) -> Self {
        Self {
            name: pair.name,
            before: pair.before,
            after: pair.after,
            changes: pair.changes.into_iter().map(Into::into).collect(),
            varies: pair.varies.into_iter().map(Into::into).collect(),
            unseen: pair.unseen,
        }
    }
}

impl From<Change> for wire::ComparedChange {
    fn from(change: Change) -> Self {
        Self {
            part: change.part.as_str().to_owned(),
            path: change.path,
            call: change.call,
            kind: change.kind.as_str().to_owned(),
            before: change.before,
            after: change.after,
        }
    }
}
