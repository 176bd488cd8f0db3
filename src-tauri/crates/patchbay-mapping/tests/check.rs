//! What is found in mappings, by rule.

use patchbay_core::field::{FieldType, Holds, KnownField, OtherFields, UpstreamFields};
use patchbay_mapping::check::{CheckRequest, Finding, IsMapped, RULES, SampleDocument, Severity, check};
use serde_json::{Value, json};

fn upstream() -> UpstreamFields {
    let kind = |name, holds, longest| FieldType { name, holds, longest };
    UpstreamFields {
        upstream: "board",
        name: "Board",
        types: vec![
            kind("title", Holds::Text, Some(12)),
            kind("rich_text", Holds::Text, None),
            kind("number", Holds::Number, None),
            kind("date", Holds::Date, None),
            kind("checkbox", Holds::Boolean, None),
            kind("multi_select", Holds::Texts, None),
            kind("formula", Holds::Computed, None),
        ],
        untyped: |name| Some(if name == "Title" { "title" } else { "rich_text" }),
        fields: vec![KnownField { name: "severity", holds: Holds::Text, longest: None, one_of: &["low", "high"] }],
        others: OtherFields::Own,
    }
}

fn closed() -> UpstreamFields {
    let field = |name, holds| KnownField { name, holds, longest: None, one_of: &[] };
    UpstreamFields {
        name: "People",
        types: Vec::new(),
        untyped: |_| None,
        fields: vec![field("LastName", Holds::Text), field("Id", Holds::Computed), field("Amount", Holds::Number)],
        others: OtherFields::Ending("__c"),
        ..upstream()
    }
}

fn sample(name: &str, is_mapped: IsMapped, document: Value) -> SampleDocument {
    SampleDocument { sample: name.into(), document, is_mapped }
}

fn message() -> SampleDocument {
    let document = json!({ "event": {
        "text": "Deploy finished", "channel": "C1", "ts": "1760000001.000100", "count": 3, "tags": ["x"], "empty": "",
        "files": [{ "name": "a.png" }], "none": [],
    }, "severity": "P2" });
    sample("message", IsMapped::Yes, document)
}

fn found_in(entries: &Value, samples: &[SampleDocument], upstreams: &[UpstreamFields]) -> Vec<Finding> {
    let entries: Vec<(&str, &Value)> =
        entries.as_object().expect("entries").iter().map(|(field, entry)| (field.as_str(), entry)).collect();
    let findings = check(&CheckRequest { entries: &entries, samples, upstreams });
    for finding in &findings {
        assert!(RULES.iter().any(|rule| rule.id == finding.rule), "{finding:?} is of a documented rule");
    }
    findings
}

/// `severity rule place: message [help]` of each.
fn said(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|found| {
            let severity = if found.severity == Severity::Error { "error" } else { "warning" };
            let range = found.place.within.as_ref().map(|range| format!("@{}..{}", range.start, range.end));
            let place = format!("{}{}", found.place.keys.join("."), range.unwrap_or_default());
            let help = found.help.as_ref().map(|help| format!(" [{help}]")).unwrap_or_default();
            format!("{severity} {} {}{place}: {}{help}", found.rule, found.field, found.message)
        })
        .collect()
}

#[track_caller]
fn one(entry: &Value, expected: &str) {
    let findings = found_in(&json!({ "F": entry }), &[message()], &[upstream()]);
    assert_eq!(said(&findings), [expected], "{entry}");
}

#[track_caller]
fn none(entries: &Value) {
    let findings = found_in(entries, &[message()], &[upstream()]);
    assert_eq!(said(&findings), Vec::<String>::new(), "{entries}");
}

#[test]
fn a_good_mapping_has_no_findings() {
    none(&json!({
        "Title": "[{event.channel}]", "Text": "{event.text | truncate:20}", "Count": { "type": "number", "value": "{event.count}" },
        "When": { "type": "date", "value": "{event.ts | date}" }, "Tags": { "type": "multi_select", "value": "{event.tags}" },
        "Files": "{event.files[].name | join}", "None": "{event.none[].x | join}",
        "severity": { "value": "{severity}", "lookup": { "P2": "low", "default": "high" } },
        "Left": { "type": "number", "value": "{event.empty}" },
    }));
}

#[test]
fn what_cannot_be_read_has_its_place() {
    one(
        &json!("a {event.text"),
        "error mapping-malformed F@2..3: The mapping of `F` has a single { [Write {{ for the sign itself]",
    );
    one(
        &json!({ "value": "{event.text | trunacte:3}" }),
        "error mapping-malformed Fvalue@14..24: The mapping of `F` uses \"trunacte\", which is not a transform [Did you mean `truncate`?]",
    );
    one(
        &json!({ "value": "x", "defualt": 1 }),
        "error mapping-malformed Fdefualt: The mapping of `F` has the key \"defualt\" [Did you mean `default`?]",
    );
}

#[test]
fn a_path_that_no_sample_has_is_found_with_the_one_that_was_meant() {
    one(
        &json!("x {channel}"),
        "error mapping-unknown-path F@3..10: No sample has {channel} [Did you mean {event.channel}?]",
    );
    one(
        &json!("{event.txet}"),
        "error mapping-unknown-path F@1..11: No sample has {event.txet} [Did you mean {event.text}?]",
    );
    one(
        &json!("{event.files[].nmae | join}"),
        "error mapping-unknown-path F@1..19: No sample has {event.files[].nmae} [Did you mean {event.files[].name}?]",
    );
    one(
        &json!("{order.number}"),
        "error mapping-unknown-path F@1..13: No sample has {order.number} [Correct the name, or add a sample that has it]",
    );
    one(
        &json!("{event.count | money:currency}"),
        "error mapping-unknown-path F@15..29: No sample has {currency} [Correct the name, or add a sample that has it]",
    );
}

#[test]
fn a_path_with_something_that_stands_in_is_a_warning_only() {
    for entry in [
        json!("{event.zzz | default:\"\"}"),
        json!({ "value": "{event.zzz}", "default": "x" }),
        json!({ "value": "{event.zzz}", "required": false }),
        json!({ "value": "{event.zzz}", "lookup": { "default": "x" } }),
    ] {
        let findings = found_in(&json!({ "F": entry }), &[message()], &[]);
        assert_eq!(findings.len(), 1, "{entry}: {findings:?}");
        assert_eq!((findings[0].rule, findings[0].severity), ("mapping-unknown-path", Severity::Warning), "{entry}");
    }
}

#[test]
fn a_value_that_one_sample_lacks_is_found() {
    let other = json!({ "event": { "channel": "C2" } });
    let entries = json!({ "F": "{event.text}", "G": { "value": "{event.channel}", "required": true } });
    let mapped = [message(), sample("bare", IsMapped::Yes, other.clone())];
    let text = "error mapping-missing-value F@1..11: {event.text} is missing, and nothing stands in (sample `bare`) [Add `| default:\"\"`, or a `default` to the entry, if only some webhooks have it]";
    assert_eq!(said(&found_in(&entries, &mapped, &[])), [text]);
    let unsure = [message(), sample("bare", IsMapped::Unknown, other)];
    assert_eq!(said(&found_in(&entries, &unsure, &[])), [text.replace("error", "warning")]);
    let handshake = [message(), sample("handshake", IsMapped::Unknown, json!({ "challenge": "x" }))];
    assert_eq!(said(&found_in(&entries, &handshake, &[])), Vec::<String>::new(), "it does not come to the mapping");
    let empty = json!({ "F": { "value": "{event.empty}", "required": true } });
    assert_eq!(found_in(&empty, &[message()], &[])[0].rule, "mapping-missing-value");
}

#[test]
fn a_transform_that_does_not_fit_the_value_is_found() {
    one(
        &json!("{event.text | date}"),
        "error mapping-wrong-value F@0..19: {event.text | date} is not a date (sample `message`)",
    );
    one(
        &json!("tags: {event.tags}"),
        "error mapping-wrong-value F@6..18: {event.tags} is a list (sample `message`) [Join it with | join:\", \"]",
    );
    one(
        &json!({ "value": "{severity}", "lookup": { "P1": "a" } }),
        "error mapping-wrong-value Fvalue: `F` has no entry for \"P2\" in its lookup (sample `message`) [Add it, or a default]",
    );
}

#[test]
fn samples_that_fail_alike_are_counted() {
    let texts = ["one", "two", "three"].map(|text| sample(text, IsMapped::Yes, json!({ "text": text })));
    let findings = found_in(&json!({ "F": "{text | number}" }), &texts, &[]);
    assert_eq!(
        said(&findings),
        ["error mapping-wrong-value F@0..15: {text | number} is not a number (sample `one` and 2 others)"]
    );
}

#[test]
fn a_value_of_another_type_than_the_fields_is_found() {
    for (entry, says) in [
        (
            json!({ "type": "number", "value": "{event.text}" }),
            "`F` holds a number, but its value is \"Deploy finished\" (sample `message`)",
        ),
        (
            json!({ "type": "date", "value": "{event.ts}" }),
            "holds a date such as `2026-11-21`, but its value is \"1760000001.000100\"",
        ),
        (json!({ "type": "checkbox", "value": "{event.count}" }), "holds `true` or `false`, but its value is 3"),
        (json!("{event.tags}"), "holds a text, but its value is a list of 1"),
        (json!("{event}"), "holds a text, but its value is an object"),
    ] {
        let findings = found_in(&json!({ "F": entry }), &[message()], &[upstream()]);
        assert_eq!(findings.len(), 1, "{entry}: {findings:?}");
        assert_eq!(findings[0].rule, "mapping-wrong-type", "{entry}");
        assert!(findings[0].message.contains(says), "{}", findings[0].message);
    }
    let long = found_in(&json!({ "Title": "{event.text}" }), &[message()], &[upstream()]);
    assert_eq!(
        said(&long),
        [
            "error mapping-wrong-value Title: `Title` takes 12 characters at most, but its value has 15 (sample `message`)"
        ]
    );
}

#[test]
fn what_stands_in_the_entry_itself_is_judged_without_samples() {
    let entries = json!({
        "A": { "type": "number", "value": "{n}", "default": "none" },
        "severity": { "value": "{p}", "lookup": { "P1": "high", "P2": "medium", "default": "low" } },
    });
    assert_eq!(
        said(&found_in(&entries, &[], &[upstream()])),
        [
            "error mapping-wrong-type Adefault: `A` holds a number, but its value is \"none\"",
            "error mapping-wrong-value severitylookup.P2: `severity` takes low, high, but its value is \"medium\"",
        ]
    );
}

#[test]
fn types_are_those_of_the_upstream() {
    one(
        &json!({ "type": "nubmer", "value": "{event.count}" }),
        "error mapping-unknown-type Ftype: Board has no type `nubmer` [Did you mean `number`?]",
    );
    one(
        &json!({ "type": "formula", "value": "{event.count}" }),
        "error mapping-unknown-type Ftype: Board computes `formula` fields itself; no request may write one [Remove the entry, or fill another field]",
    );
    let findings = found_in(&json!({ "F": { "type": "anything", "value": "x" } }), &[], &[closed()]);
    assert_eq!(
        said(&findings.into_iter().filter(|f| f.rule == "mapping-unknown-type").collect::<Vec<_>>()),
        Vec::<String>::new()
    );
}

#[test]
fn names_are_those_of_the_upstream() {
    let entries = json!({ "lastname": "x", "LastNmae": "x", "Id": "x", "Plan__c": "x", "Amount": "x", "Plan": "x" });
    let findings = found_in(&entries, &[], &[closed()]);
    let help = |index: usize| findings[index].help.clone().unwrap_or_default();
    assert_eq!(said(&findings).len(), 4, "{:?}", said(&findings));
    assert!(findings.iter().all(|finding| finding.is_about_name && finding.rule == "mapping-unknown-field"));
    assert_eq!([help(0), help(1)], ["Did you mean `LastName`?", "Did you mean `LastName`?"]);
    assert_eq!(findings[2].message, "`Id` is filled in by People; no request may write it");
    assert_eq!(help(3), "The names of custom fields end in `__c`");
    let other = UpstreamFields { name: "Other", fields: Vec::new(), others: OtherFields::LowerCase, ..closed() };
    let both = found_in(&json!({ "Lastname": "x" }), &[], &[other, closed()]);
    assert_eq!(both[0].message, "People has no field `Lastname`", "the one whose field has a name like it");
    assert_eq!(said(&found_in(&entries, &[], &[closed(), upstream()])).len(), 0, "the other upstream takes any name");
}

#[test]
fn without_samples_and_upstreams_only_the_language_speaks() {
    assert!(found_in(&json!({ "F": "{anything.at.all}" }), &[], &[]).is_empty());
    assert_eq!(found_in(&json!({ "F": "{" }), &[], &[]).len(), 1);
}

#[test]
fn when_no_sample_has_anything_the_samples_may_be_the_wrong_ones() {
    let handshake = [sample("handshake", IsMapped::Unknown, json!({ "challenge": "x" }))];
    let findings = found_in(&json!({ "F": "{event.text}" }), &handshake, &[]);
    assert_eq!((findings.len(), findings[0].severity), (1, Severity::Warning), "{findings:?}");
}
