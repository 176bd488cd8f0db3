//! Expectations: what a replay must have done, as a JSON document, compared as a structural subset.
//!
//! The document may have any of the keys `status`, `headers`, `answer`, `outbound` (each with `method`, `url`,
//! `headers`, `body`, `status`, `answer`, `answered_by`, `interruption`), `logs` (`level`, `message`), `exceptions`
//! (`name`, `message`), `outcome` and `in_time`. Keys that it does not have are not compared. Lists are compared in order
//! and must be as long: an item that is missing, and one too many, is one difference each. An outbound call with
//! `"optional": true` may be left out.
//!
//! Inside a string stand [`matchers`] for what varies. A list `["<each>", X]` has one item at least, and all are as `X`;
//! `"<rest>"` at the end of a list allows more items.

mod calls;
mod matchers;
mod propose;
mod subset;

pub use propose::proposed;

use crate::trace::{DeadlineVerdict, Trace, TracedBody};
pub(crate) use calls::overlaps_a_neighbour;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
pub(crate) use subset::is_same;
use subset::subset;

/// The keys of an expectation.
const KEYS: &str = "one of status, headers, answer, outbound, logs, exceptions, outcome, in_time";

/// Something that is not as expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Where, for example `outbound[0].body.properties.Name`. A missing item stands under the index at which it was
    /// expected, every other one under its own.
    pub path: String,
    /// What was expected; `null` when nothing was.
    pub expected: Value,
    /// What was there; `null` when nothing was.
    pub actual: Value,
}

/// Compares a trace with an expectation. No difference: it is met.
pub fn compare(expectation: &Value, trace: &Trace) -> Vec<Difference> {
    let mut differences = Vec::new();
    let actual = comparable(trace);
    let (Value::Object(expected), Value::Object(actual)) = (expectation, &actual) else {
        subset("", expectation, &actual, &mut differences);
        return differences;
    };
    // A misspelt key would otherwise read as "not compared" and the expectation as met.
    for unknown in expected.keys().filter(|key| !actual.contains_key(*key)) {
        let path = crate::path::of_key("", unknown);
        differences.push(Difference { path, expected: Value::from(KEYS), actual: Value::Null });
    }
    for (key, expected) in expected {
        match (key.as_str(), expected, actual.get(key)) {
            ("outbound", Value::Array(expected), Some(Value::Array(made))) => {
                calls::compare(expected, made, &trace.outbound, &mut differences);
            }
            (key, expected, Some(actual)) => subset(key, expected, actual, &mut differences),
            (_, _, None) => {}
        }
    }
    differences
}

/// The trace in the words of an expectation.
pub fn comparable(trace: &Trace) -> Value {
    let response = trace.response.as_ref();
    let run = trace.adapter_run.as_ref();
    let outbound: Vec<Value> = trace
        .outbound
        .iter()
        .map(|call| {
            let mut shown = json!({
                "method": call.request.method, "url": call.request.url, "headers": headers(&call.request.headers),
                "body": body(&call.request.body), "status": call.response.status,
                "answer": body(&call.response.body), "answered_by": call.answered_by.as_str(),
            });
            if let Some(interruption) = &call.interruption {
                shown["interruption"] = interruption.as_str().into();
            }
            shown
        })
        .collect();
    let logs: Vec<Value> = run
        .into_iter()
        .flat_map(|run| &run.logs)
        .map(|log| json!({ "level": log.level, "message": log.message }))
        .collect();
    let exceptions: Vec<Value> = run
        .into_iter()
        .flat_map(|run| &run.exceptions)
        .map(|exception| json!({ "name": exception.name, "message": exception.message }))
        .collect();
    json!({
        "status": response.map(|response| response.status),
        "headers": response.map(|response| headers(&response.headers)),
        "answer": response.map(|response| body(&response.body)),
        "outbound": outbound,
        "logs": logs,
        "exceptions": exceptions,
        "outcome": run.map(|run| run.outcome.clone()),
        "in_time": !matches!(trace.deadline, DeadlineVerdict::Late { .. }),
    })
}

/// Headers by lower-case name; several values under one name are joined as HTTP does.
pub(crate) fn headers(headers: &[(String, String)]) -> Value {
    let mut map = Map::new();
    for (name, value) in headers {
        match map.get_mut(&name.to_ascii_lowercase()) {
            Some(Value::String(joined)) => *joined = format!("{joined}, {value}"),
            _ => drop(map.insert(name.to_ascii_lowercase(), Value::from(value.as_str()))),
        }
    }
    Value::Object(map)
}

/// JSON where the body is JSON, its text otherwise.
pub(crate) fn body(body: &TracedBody) -> Value {
    body.json().unwrap_or_else(|| Value::from(body.text.as_str()))
}
