//! What a mapping reads: the documents of samples, with what the adapter's code adds.

use crate::app::OpenWorkspace;
use crate::wire::error::WireError;
use patchbay_core::AdapterRef;
use patchbay_core::sample::Sample;
use patchbay_mapping::check::{IsMapped, SampleDocument};
use patchbay_webhooks::documents::documents;
use patchbay_webhooks::{Moment, prepare};
use serde_json::{Map, Value};
use time::OffsetDateTime;

/// Every sample that may come to the mapping. One that cannot be read, or is no JSON, says nothing about it.
pub(super) fn of_adapter(
    open: &OpenWorkspace,
    adapter: &AdapterRef,
    computed: &Map<String, Value>,
) -> Result<Vec<SampleDocument>, WireError> {
    let mut found = Vec::new();
    for entry in open.workspace.samples(adapter)? {
        let Ok(file) = entry.sample else { continue };
        let expectation = open.workspace.expectation(adapter, &file.name).ok().flatten();
        let Some(is_mapped) = is_mapped(expectation.as_ref()) else { continue };
        let Ok(documents) = of_sample(&file.sample, computed) else { continue };
        let named = |document| SampleDocument { sample: file.name.clone(), document, is_mapped };
        found.extend(documents.into_iter().map(named));
    }
    Ok(found)
}

/// Whether a sample's expectation says that it does not come to the mapping.
pub(super) fn ends_before(open: &OpenWorkspace, adapter: &AdapterRef, sample: &str) -> bool {
    let expectation = open.workspace.expectation(adapter, sample).ok().flatten();
    is_mapped(expectation.as_ref()).is_none()
}

/// `None`: the sample is expected to end before the mapping.
fn is_mapped(expectation: Option<&Value>) -> Option<IsMapped> {
    let Some(expected) = expectation else { return Some(IsMapped::Unknown) };
    let is_refused = expected["status"].as_u64().is_some_and(|status| status >= 400);
    match expected["outbound"].as_array() {
        Some(calls) if calls.is_empty() || is_refused => None,
        Some(_) => Some(IsMapped::Yes),
        None if is_refused => None,
        None => Some(IsMapped::Unknown),
    }
}

/// The documents of a sample as it would be sent now.
pub(super) fn of_sample(sample: &Sample, computed: &Map<String, Value>) -> Result<Vec<Value>, WireError> {
    let moment = Moment { now: OffsetDateTime::now_utc(), uuid: uuid::Uuid::new_v4().to_string() };
    // A mapping reads the body alone, which is the same without a signature.
    let prepared = prepare(sample, "http://localhost", None, &moment)?;
    of_body(&sample.provider, &prepared.request.body, computed)
}

/// The documents of a webhook's body.
pub(super) fn of_body(provider: &str, body: &[u8], computed: &Map<String, Value>) -> Result<Vec<Value>, WireError> {
    let mut read = documents(provider, body)?;
    for document in &mut read {
        if let Value::Object(fields) = document {
            add(fields, computed);
        }
    }
    Ok(read)
}

/// Puts tables into tables and everything else in the place of what was there.
fn add(fields: &mut Map<String, Value>, computed: &Map<String, Value>) {
    for (name, example) in computed {
        match (fields.get_mut(name), example) {
            (Some(Value::Object(below)), Value::Object(example)) => add(below, example),
            _ => drop(fields.insert(name.clone(), example.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{is_mapped, of_body};
    use patchbay_mapping::check::IsMapped;
    use serde_json::json;

    #[test]
    fn an_expectation_says_whether_a_sample_comes_to_the_mapping() {
        for (expected, mapped) in [
            (json!({ "status": 200, "outbound": [{}] }), Some(IsMapped::Yes)),
            (json!({ "status": 200, "outbound": [] }), None),
            (json!({ "status": 500, "outbound": [{}] }), None),
            (json!({ "status": 401 }), None),
            (json!({ "status": 200 }), Some(IsMapped::Unknown)),
        ] {
            assert_eq!(is_mapped(Some(&expected)), mapped, "{expected}");
        }
        assert_eq!(is_mapped(None), Some(IsMapped::Unknown));
    }

    #[test]
    fn examples_are_added_to_what_was_sent() {
        let computed = json!({ "priority": "high", "a": { "y": 2 } });
        let computed = computed.as_object().expect("a table");
        let read = of_body("stripe", br#"{"a":{"x":1,"y":1},"priority":1}"#, computed).expect("JSON");
        assert_eq!(read, [json!({ "a": { "x": 1, "y": 2 }, "priority": "high" })]);
        let error = of_body("stripe", b"<xml/>", computed).expect_err("no JSON");
        assert!(error.message.starts_with("The body is not JSON"), "{}", error.message);
    }
}
