//! What is there after a trial, beside what two plain runs made.

use super::{Made, Verdict};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// One thing that an upstream keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Id of the upstream.
    pub upstream: String,
    /// `page`, …
    pub kind: String,
    /// As the API would answer it.
    pub content: Value,
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// In a word.
    pub verdict: Verdict,
    /// In numbers, by upstream and kind.
    pub made: Vec<Made>,
}

type Group<'a> = (&'a str, &'a str);

/// Compares what is there with what a plain run made. `plain` and `again` are what two plain runs of two events made, each
/// in a state of its own. Moments about `now` are those of the trial itself, so they are taken for equal.
pub fn judge(plain: &[Kept], again: &[Kept], found: &[Kept], now: OffsetDateTime) -> Judged {
    let (plain, again, found) = (grouped(plain), grouped(again), grouped(found));
    let groups: BTreeSet<Group<'_>> = plain.keys().chain(found.keys()).copied().collect();
    let mut made = Vec::new();
    let mut same = true;
    for group in groups {
        let none = Vec::new();
        let expected = plain.get(&group).unwrap_or(&none);
        let there = found.get(&group).unwrap_or(&none);
        made.push(Made {
            upstream: group.0.to_owned(),
            kind: group.1.to_owned(),
            expected: count(expected),
            found: count(there),
        });
        let volatile = differing(expected, again.get(&group).unwrap_or(&none));
        let prints = |things: &[&Value]| {
            let mut prints: Vec<String> = things.iter().map(|thing| print(thing, &volatile, now)).collect();
            prints.sort();
            prints
        };
        same &= prints(expected) == prints(there);
    }
    Judged { verdict: verdict(&made, same), made }
}

fn verdict(made: &[Made], same: bool) -> Verdict {
    let expected: u32 = made.iter().map(|made| made.expected).sum();
    let more = made.iter().any(|made| made.found > made.expected);
    let less = made.iter().any(|made| made.found < made.expected);
    let none = made.iter().all(|made| made.found == 0);
    match (more, less) {
        _ if none && expected == 0 => Verdict::Nothing,
        _ if none => Verdict::Lost,
        (_, true) => Verdict::Partial,
        (true, false) => Verdict::Twice,
        (false, false) if same => Verdict::Once,
        (false, false) => Verdict::Different,
    }
}

fn count(things: &[&Value]) -> u32 {
    u32::try_from(things.len()).unwrap_or(u32::MAX)
}

fn grouped(kept: &[Kept]) -> BTreeMap<Group<'_>, Vec<&Value>> {
    let mut groups: BTreeMap<Group<'_>, Vec<&Value>> = BTreeMap::new();
    for thing in kept {
        groups.entry((&thing.upstream, &thing.kind)).or_default().push(&thing.content);
    }
    groups
}

/// The places at which two runs of the same differ: ids, times.
fn differing(plain: &[&Value], again: &[&Value]) -> BTreeSet<String> {
    let mut places = BTreeSet::new();
    for (one, other) in plain.iter().zip(again) {
        let (one, other) = (leaves(one), leaves(other));
        for place in one.keys().chain(other.keys()) {
            if one.get(place) != other.get(place) {
                places.insert(place.clone());
            }
        }
    }
    places
}

/// What is the same in every run of the same.
fn print(thing: &Value, volatile: &BTreeSet<String>, now: OffsetDateTime) -> String {
    let mut print = String::new();
    for (place, leaf) in leaves(thing).into_iter().filter(|(place, _)| !volatile.contains(place)) {
        print.push_str(&place);
        print.push('=');
        print.push_str(if is_about(&leaf, now) { "a moment" } else { &leaf });
        print.push('\n');
    }
    print
}

/// Whether a leaf is a time within a day of now: RFC 3339, or seconds or milliseconds since 1970, as a number or a text.
fn is_about(leaf: &str, now: OffsetDateTime) -> bool {
    let text = leaf.trim_matches('"');
    let seconds = if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
        moment.unix_timestamp()
    } else {
        let whole = text.split('.').next().unwrap_or(text);
        let Ok(number) = whole.parse::<i64>() else { return false };
        if number.abs() > 100_000_000_000 { number / 1000 } else { number }
    };
    seconds.abs_diff(now.unix_timestamp()) < 86_400
}

/// The texts, numbers and empty things of a document, by JSON pointer.
fn leaves(document: &Value) -> BTreeMap<String, String> {
    fn walk(value: &Value, place: String, leaves: &mut BTreeMap<String, String>) {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                for (name, value) in fields {
                    walk(value, format!("{place}/{}", name.replace('~', "~0").replace('/', "~1")), leaves);
                }
            }
            Value::Array(items) if !items.is_empty() => {
                for (index, value) in items.iter().enumerate() {
                    walk(value, format!("{place}/{index}"), leaves);
                }
            }
            leaf => drop(leaves.insert(place, leaf.to_string())),
        }
    }
    let mut leaves_of = BTreeMap::new();
    walk(document, String::new(), &mut leaves_of);
    leaves_of
}

#[cfg(test)]
mod tests {
    use super::{Kept, judge};
    use crate::resilience::Verdict;
    use serde_json::json;
    use time::macros::datetime;

    fn page(id: &str, title: &str, status: &str) -> Kept {
        let content = json!({ "id": id, "properties": { "Event": title, "Status": status, "Empty": [] } });
        Kept { upstream: "notion".into(), kind: "page".into(), content }
    }

    fn alert(id: &str) -> Kept {
        Kept { upstream: "pagerduty".into(), kind: "alert".into(), content: json!({ "id": id }) }
    }

    #[test]
    fn what_is_there_is_judged_by_what_plain_runs_made() {
        let now = datetime!(2026-11-21 08:30 UTC);
        let plain = [page("p1", "Ev1", "new"), alert("a1")];
        let again = [page("p2", "Ev2", "new"), alert("a2")];
        for (found, expected) in [
            (vec![page("p3", "Ev3", "new"), alert("a3")], Verdict::Once),
            (vec![page("p3", "Ev3", "new"), page("p4", "Ev3", "new"), alert("a3")], Verdict::Twice),
            (vec![], Verdict::Lost),
            (vec![page("p3", "Ev3", "new")], Verdict::Partial),
            (vec![page("p3", "Ev3", "new"), page("p4", "Ev3", "new")], Verdict::Partial),
            (vec![page("p3", "Ev3", "old"), alert("a3")], Verdict::Different),
        ] {
            assert_eq!(judge(&plain, &again, &found, now).verdict, expected, "{found:?}");
        }
        assert_eq!(judge(&[], &[], &[], now).verdict, Verdict::Nothing);
        assert_eq!(judge(&[], &[], &[alert("a")], now).verdict, Verdict::Twice);
        let made = judge(&plain, &again, &[alert("a3")], now).made;
        let counts: Vec<_> = made.iter().map(|made| (made.kind.as_str(), made.expected, made.found)).collect();
        assert_eq!(counts, [("page", 1, 0), ("alert", 1, 1)]);
    }

    #[test]
    fn moments_of_the_trial_are_no_difference_and_others_are() {
        let now = datetime!(2026-11-21 08:30 UTC);
        let at = |created: serde_json::Value| {
            [Kept { upstream: "notion".into(), kind: "page".into(), content: json!({ "created": created }) }]
        };
        for (plain, found, verdict) in [
            (json!("2026-11-21T08:29:00.000Z"), json!("2026-11-21T08:30:00.000Z"), Verdict::Once),
            (json!(1_795_249_790), json!(1_795_249_799), Verdict::Once),
            (json!("1795249790.000100"), json!("1795249799.000100"), Verdict::Once),
            (json!(1_795_249_790_000_i64), json!(1_795_249_799_000_i64), Verdict::Once),
            (json!("2025-10-09T08:53:00Z"), json!("2025-10-09T08:54:00Z"), Verdict::Different),
            (json!(4999), json!(5000), Verdict::Different),
        ] {
            let (plain, found) = (at(plain), at(found));
            assert_eq!(judge(&plain, &plain, &found, now).verdict, verdict, "{found:?}");
        }
    }
}
