//! Entries against the samples.

use super::fields::takes;
use super::fit::judge;
use super::paths::{has, meant};
use super::rules::{MISSING_VALUE, UNKNOWN_PATH, WRONG_VALUE};
use super::syntax::capitalised;
use super::{CheckRequest, Finding, IsMapped, Read, SampleDocument, Severity};
use crate::entry::Entry;
use crate::error::{Misfit, Place, Problem};
use crate::evaluate::trace;
use crate::path::Path;
use crate::step::{Decimals, Step};
use std::ops::Range;

pub(super) fn check(entries: &[Read<'_>], request: &CheckRequest<'_>, findings: &mut Vec<Finding>) {
    let (samples, is_certain) = telling(entries, request.samples);
    if samples.is_empty() {
        return;
    }
    for read in entries {
        let unknown = unknown_paths(read, &samples, is_certain);
        // Why such an entry has no value is said then.
        if unknown.is_empty() {
            findings.extend(values(read, &samples, request));
        }
        findings.extend(unknown);
    }
}

/// The samples that can say something about the mapping, and whether it is certain that they come to it: those with
/// an expectation that says so, and those that have something which the mapping reads.
fn telling<'a>(entries: &[Read<'_>], samples: &'a [SampleDocument]) -> (Vec<&'a SampleDocument>, bool) {
    let reads_of = |sample: &SampleDocument| {
        entries.iter().flat_map(|read| paths(&read.entry)).any(|(path, _)| has(path, &sample.document))
    };
    let chosen: Vec<&SampleDocument> =
        samples.iter().filter(|sample| sample.is_mapped == IsMapped::Yes || reads_of(sample)).collect();
    let is_certain = !chosen.is_empty();
    // When none has anything of the mapping, either the mapping or the samples are wrong.
    if is_certain { (chosen, true) } else { (samples.iter().collect(), false) }
}

/// Every path of an entry with its place in the expression.
fn paths(entry: &Entry) -> impl Iterator<Item = (&Path, Range<usize>)> {
    entry.expression.placeholders().flat_map(|placeholder| {
        let currencies = placeholder.steps.iter().filter_map(|placed| match &placed.step {
            Step::Money(Decimals::Path(path)) => Some((path, placed.range.clone())),
            _ => None,
        });
        std::iter::once((&placeholder.path, placeholder.path_range.clone())).chain(currencies)
    })
}

/// Paths that no sample has.
fn unknown_paths(read: &Read<'_>, samples: &[&SampleDocument], is_certain: bool) -> Vec<Finding> {
    let documents = || samples.iter().map(|sample| &sample.document);
    let unknown = paths(&read.entry).filter(|(path, _)| !documents().any(|document| has(path, document)));
    unknown
        .map(|(path, range)| {
            let place = read.entry.expression_place.within(range);
            let severity =
                if is_certain && !stands_in(&read.entry, path) { Severity::Error } else { Severity::Warning };
            let message = format!("No sample has {{{}}}", path.source);
            let found = Finding::new(UNKNOWN_PATH, severity, read.field, place, message);
            match meant(path, documents()) {
                Some(meant) => found.help(format!("Did you mean {{{meant}}}?")).replace(&meant),
                None => found.help("Correct the name, or add a sample that has it"),
            }
        })
        .collect()
}

/// Whether the entry has something to say when this path is missing.
fn stands_in(entry: &Entry, path: &Path) -> bool {
    let mut reading = entry.expression.placeholders().filter(|placeholder| placeholder.path == *path).peekable();
    let has_default = reading.peek().is_some()
        && reading.all(|read| read.steps.iter().any(|placed| matches!(placed.step, Step::Default(_))));
    let in_lookup = entry.lookup.as_ref().is_some_and(|lookup| lookup.contains_key("default"));
    entry.default.is_some() || entry.required == Some(false) || in_lookup || has_default
}

/// One finding for each thing that goes wrong with an entry, with the first sample that shows it.
fn values(read: &Read<'_>, samples: &[&SampleDocument], request: &CheckRequest<'_>) -> Vec<Finding> {
    let takes = takes(read.field, &read.entry, request.upstreams);
    let mut found: Vec<(Finding, &str, usize)> = Vec::new();
    for sample in samples {
        let severity = if sample.is_mapped == IsMapped::Yes { Severity::Error } else { Severity::Warning };
        let finding = match trace(&read.entry, &sample.document) {
            Err(misfit) => Some(of_misfit(read, &misfit, severity)),
            // A default was judged by itself.
            Ok(traced) if traced.is_default => None,
            Ok(traced) => takes
                .and_then(|takes| judge(takes, &traced.value).err())
                .map(|unsuited| unsuited.finding(severity, read.field, read.entry.expression_place.clone(), "")),
        };
        let Some(finding) = finding else { continue };
        // Values differ from sample to sample; what is wrong with them is the same.
        let same = found.iter_mut().find(|(known, ..)| known.rule == finding.rule && known.place == finding.place);
        match same {
            Some((known, first, others)) => {
                *others += 1;
                if known.severity < finding.severity {
                    (*known, *first) = (finding, &sample.sample);
                }
            }
            None => found.push((finding, &sample.sample, 0)),
        }
    }
    found
        .into_iter()
        .map(|(finding, sample, others)| {
            let others = match others {
                0 => String::new(),
                1 => " and one other".to_owned(),
                count => format!(" and {count} others"),
            };
            Finding { message: format!("{} (sample `{sample}`{others})", finding.message), ..finding }
        })
        .collect()
}

fn of_misfit(read: &Read<'_>, misfit: &Misfit, severity: Severity) -> Finding {
    let place: Place = misfit.place.clone();
    let finding = |rule, message: String| Finding::new(rule, severity, read.field, place, message);
    let stand_in = "Add `| default:\"\"`, or a `default` to the entry, if only some webhooks have it";
    match &misfit.kind {
        Problem::MissingField(path) => {
            finding(MISSING_VALUE, format!("{{{path}}} is missing, and nothing stands in")).help(stand_in)
        }
        Problem::FindsNothing(source) => {
            finding(MISSING_VALUE, format!("{{{source}}} finds nothing, and nothing stands in")).help(stand_in)
        }
        Problem::RequiredIsEmpty => {
            finding(MISSING_VALUE, format!("`{}` is required, but its value is empty", read.field))
                .help("Correct the expression, or give it a default")
        }
        Problem::DoesNotFit { placeholder, reason } => {
            of_reason(&finding(WRONG_VALUE, String::new()), &format!("{{{placeholder}}}"), &reason.to_string())
        }
        Problem::LookupDoesNotFit(reason) => {
            of_reason(&finding(WRONG_VALUE, String::new()), &format!("`{}`", read.field), &reason.to_string())
        }
        other => finding(WRONG_VALUE, format!("`{}` {other}", read.field)),
    }
}

/// What adapters log is one sentence that says what to do behind the semicolon.
fn of_reason(finding: &Finding, subject: &str, reason: &str) -> Finding {
    let (what, how) = reason.split_once("; ").map_or((reason, None), |(what, how)| (what, Some(capitalised(how))));
    Finding { message: format!("{subject} {what}"), help: how, ..finding.clone() }
}
