//! Entries against the fields of the upstreams, without any sample.

use super::fit::{Takes, Unsuited, judge};
use super::rules::{UNKNOWN_FIELD, UNKNOWN_TYPE, WRONG_TYPE, WRONG_VALUE};
use super::{Finding, Read, Severity};
use crate::entry::Entry;
use crate::error::Place;
use patchbay_core::field::{FieldType, Holds, KnownField, OtherFields, UpstreamFields};
use patchbay_core::nearest;
use serde_json::Value;

pub(super) fn check(entries: &[Read<'_>], upstreams: &[UpstreamFields], findings: &mut Vec<Finding>) {
    for read in entries {
        findings.extend(name(read, upstreams));
        findings.extend(kind(read, upstreams));
        if let Some(takes) = takes(read.field, &read.entry, upstreams) {
            findings.extend(literals(read, takes));
        }
    }
}

/// What an entry's field takes. Nothing is known when upstreams disagree about it.
pub(super) fn takes(field: &str, entry: &Entry, upstreams: &[UpstreamFields]) -> Option<Takes> {
    let mut all = upstreams.iter().filter_map(|upstream| {
        let of_type = type_of(field, entry, upstream).map(|FieldType { holds, longest, .. }| Takes {
            holds: *holds,
            longest: *longest,
            one_of: &[],
        });
        let of_name = upstream
            .fields
            .iter()
            .find(|known| known.name == field)
            .map(|KnownField { holds, longest, one_of, .. }| Takes { holds: *holds, longest: *longest, one_of });
        of_name.or(of_type)
    });
    let first = all.next().filter(|takes| takes.holds != Holds::Computed)?;
    all.all(|other| other == first).then_some(first)
}

fn type_of<'a>(field: &str, entry: &Entry, upstream: &'a UpstreamFields) -> Option<&'a FieldType> {
    let name = entry.kind.as_deref().or_else(|| (upstream.untyped)(field))?;
    upstream.types.iter().find(|kind| kind.name == name)
}

/// A name that no upstream of the adapter takes.
fn name(read: &Read<'_>, upstreams: &[UpstreamFields]) -> Option<Finding> {
    let known = |upstream: &UpstreamFields| upstream.fields.iter().any(|known| known.name == read.field);
    let writable = |upstream: &UpstreamFields| {
        upstream.fields.iter().any(|known| known.name == read.field && known.holds != Holds::Computed)
            || (!known(upstream) && upstream.others.takes(read.field))
    };
    if upstreams.iter().any(writable) {
        return None;
    }
    // The upstream that has a field of a name like this is the one that was meant.
    let likely = upstreams.iter().find(|upstream| known(upstream) || meant(read.field, upstream).is_some());
    let upstream = likely.or(upstreams.first())?;
    let name = upstream.name;
    let finding = |message: String| Finding {
        is_about_name: true,
        ..Finding::new(UNKNOWN_FIELD, Severity::Error, read.field, Place::default(), message)
    };
    if known(upstream) {
        let message = format!("`{}` is filled in by {name}; no request may write it", read.field);
        return Some(finding(message).help("Remove the entry"));
    }
    let found = finding(format!("{name} has no field `{}`", read.field));
    Some(match (meant(read.field, upstream), upstream.others) {
        (Some(meant), _) => found.help(format!("Did you mean `{meant}`?")),
        (None, OtherFields::Ending(end)) => found.help(format!("The names of custom fields end in `{end}`")),
        (None, OtherFields::LowerCase) => {
            found.help(format!("{name}'s internal names are lower-case letters, digits and `_`"))
        }
        (None, OtherFields::Own) => found,
    })
}

/// The field of the upstream that was probably meant.
fn meant(field: &str, upstream: &UpstreamFields) -> Option<String> {
    let writable = || upstream.fields.iter().filter(|known| known.holds != Holds::Computed).map(|known| known.name);
    let same = writable().find(|known| known.eq_ignore_ascii_case(field)).map(str::to_owned);
    same.or_else(|| nearest(field, writable()))
}

/// A type that the upstream's fields do not have.
fn kind(read: &Read<'_>, upstreams: &[UpstreamFields]) -> Option<Finding> {
    let given = read.entry.kind.as_deref()?;
    let upstream = upstreams.first().filter(|_| upstreams.iter().all(|upstream| !upstream.types.is_empty()))?;
    let place = Place::of(&["type"]);
    let finding = |message| Finding::new(UNKNOWN_TYPE, Severity::Error, read.field, place, message);
    let mut all = upstreams.iter().flat_map(|upstream| &upstream.types);
    match all.find(|kind| kind.name == given) {
        Some(kind) if kind.holds == Holds::Computed => Some(
            finding(format!("{} computes `{given}` fields itself; no request may write one", upstream.name))
                .help("Remove the entry, or fill another field"),
        ),
        Some(_) => None,
        None => {
            let writable = || upstream.types.iter().filter(|kind| kind.holds != Holds::Computed).map(|kind| kind.name);
            let found = finding(format!("{} has no type `{given}`", upstream.name));
            Some(match nearest(given, writable()) {
                Some(meant) => found.help(format!("Did you mean `{meant}`?")).replace(&format!("\"{meant}\"")),
                None => found.help(format!("The types are {}", writable().collect::<Vec<_>>().join(", "))),
            })
        }
    }
}

/// What stands in the entry and may become its value: the default, and everything in the lookup.
fn literals(read: &Read<'_>, takes: Takes) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut look = |place: Place, value: &Value| {
        if let Err(unsuited) = judge(takes, value) {
            found.push(unsuited.finding(Severity::Error, read.field, place, ""));
        }
    };
    if let Some(default) = &read.entry.default {
        look(Place::of(&["default"]), default);
    }
    // With a step of its own the lookup is not the last word.
    if !read.entry.looks_up_itself() {
        for (key, value) in read.entry.lookup.iter().flatten() {
            look(Place::of(&["lookup", key]), value);
        }
    }
    found
}

impl Unsuited {
    /// `sample` ends the sentence, ` in the sample …`.
    pub(super) fn finding(self, severity: Severity, field: &str, place: Place, sample: &str) -> Finding {
        let (rule, reason) = match self {
            Self::Type(reason) => (WRONG_TYPE, reason),
            Self::Value(reason) => (WRONG_VALUE, reason),
        };
        Finding::new(rule, severity, field, place, format!("`{field}` {reason}{sample}"))
    }
}
