//! What holds for every mapping and every document.

use patchbay_mapping::check::{CheckRequest, IsMapped, SampleDocument, check};
use patchbay_mapping::{Entry, Expression, evaluate};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Names that documents and expressions share, so that paths lead somewhere.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[a-c]", 1 => "[0-2]", 1 => "[^.|{}\\[\\]\"]{1,6}"]
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "[0-9]{1,18}(\\.[0-9]{1,4})?".prop_map(Value::from),
        "20[0-9]{2}-[01][0-9]-[0-3][0-9](T[0-2][0-9]:[0-5][0-9]Z)?".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    });
    prop::collection::vec((name(), value), 0..4).prop_map(|fields| Value::Object(fields.into_iter().collect()))
}

fn step() -> impl Strategy<Value = String> {
    let text = "([^\"\\\\]|\\\\\"){0,5}".prop_map(|text| format!("\"{text}\""));
    prop_oneof![
        prop::sample::select(vec![
            "number",
            "trim",
            "upper",
            "lower",
            "first",
            "last",
            "count",
            "lookup",
            "join",
            "money",
            "date",
            "date:day",
            "date:minute",
            "date:seconds",
            "money:JPY",
            "money:a.b",
            "money:3",
            "truncate:3",
        ])
        .prop_map(str::to_owned),
        text.clone().prop_map(|text| format!("default:{text}")),
        (text.clone(), text).prop_map(|(from, to)| format!("replace:{from},{to}")),
        prop::sample::select(vec!["(\\d+)", "^.", "a|(b)", "\\w+"]).prop_map(|pattern| format!("regex:\"{pattern}\"")),
    ]
}

fn placeholder() -> impl Strategy<Value = String> {
    let segment =
        (name(), prop::bool::weighted(0.2)).prop_map(|(name, each)| format!("{name}{}", if each { "[]" } else { "" }));
    let path = prop::collection::vec(segment, 1..4).prop_map(|segments| segments.join("."));
    (path, prop::collection::vec(step(), 0..3))
        .prop_map(|(path, steps)| format!("{{{}}}", [vec![path], steps].concat().join(" | ")))
}

fn expression() -> impl Strategy<Value = String> {
    let piece =
        prop_oneof![3 => placeholder(), 1 => "[^{}]{0,6}", 1 => Just("{{".to_owned()), 1 => Just("}}".to_owned())];
    prop_oneof![5 => prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat()), 1 => "[\\PC{}|\":.\\[\\]]{0,30}"]
}

fn entry() -> impl Strategy<Value = Value> {
    let table = (expression(), prop::option::of(any::<bool>()), prop::option::of("\\PC{0,4}"), any::<bool>()).prop_map(
        |(value, required, default, lookup)| {
            let mut entry = json!({ "value": value });
            if let Some(required) = required {
                entry["required"] = required.into();
            }
            if let Some(default) = default {
                entry["default"] = default.into();
            }
            if lookup {
                entry["lookup"] = json!({ "a": 1, "true": "yes", "default": "other" });
            }
            entry
        },
    );
    prop_oneof![4 => expression().prop_map(Value::from), 3 => table, 1 => document()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn evaluation_ends_in_a_value_or_an_error_and_is_the_same_again(entry in entry(), document in document()) {
        let first = evaluate("Field", &entry, &document);
        prop_assert_eq!(&first, &evaluate("Field", &entry, &document));
        if let Err(error) = first {
            prop_assert!(error.to_string().starts_with("The mapping of \"Field\" "));
        }
    }

    #[test]
    fn places_lie_inside_the_expression_and_between_characters(entry in entry(), document in document()) {
        let Err(error) = evaluate("Field", &entry, &document) else { return Ok(()) };
        let place = error.misfit.place;
        let mut text = &entry;
        for key in &place.keys {
            text = &text[key];
        }
        if let Some(range) = place.within {
            let text = text.as_str().expect("a range is of a text");
            prop_assert!(text.get(range.clone()).is_some(), "{range:?} of {text:?}");
        }
    }

    #[test]
    fn an_expression_that_is_written_anew_means_the_same(text in expression(), document in document()) {
        let Ok(read) = Expression::parse(&text) else { return Ok(()) };
        let written = read.to_string();
        let again = Expression::parse(&written);
        prop_assert_eq!(again.as_ref().ok(), Some(&read), "{} was written as {}", text, written);
        // Errors show the author's own words, so only values are compared.
        let value = |text: &str| evaluate("F", &Value::from(text), &document).ok();
        prop_assert_eq!(value(&text), value(&written));
    }

    #[test]
    fn a_text_without_braces_stands_for_itself(text in "[^{}]{0,40}") {
        prop_assert_eq!(evaluate("F", &Value::from(text.as_str()), &json!({})), Ok(Value::from(text)));
    }

    #[test]
    fn checking_never_fails(entries in prop::collection::vec(entry(), 0..3), document in document()) {
        let entries: Vec<(&str, &Value)> = entries.iter().map(|entry| ("F", entry)).collect();
        let samples = [SampleDocument { sample: "s".into(), document, is_mapped: IsMapped::Yes }];
        let request = CheckRequest { entries: &entries, samples: &samples, upstreams: &[] };
        prop_assert_eq!(check(&request), check(&request));
    }

    #[test]
    fn an_entry_without_errors_for_the_only_sample_has_a_value_there(entry in entry(), document in document()) {
        let samples = [SampleDocument { sample: "s".into(), document: document.clone(), is_mapped: IsMapped::Yes }];
        let request = CheckRequest { entries: &[("F", &entry)], samples: &samples, upstreams: &[] };
        let is_clean = check(&request).is_empty();
        let has_value = Entry::read(&entry).is_ok() && evaluate("F", &entry, &document).is_ok();
        prop_assert!(!is_clean || has_value, "{entry} on {document}");
    }
}
