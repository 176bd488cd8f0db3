//! Expectations: what a replay must have done, as a JSON document, compared as a structural subset.
//!
//! The document may have any of the keys `status`, `headers`, `answer`, `outbound` (each with `method`, `url`,
//! `headers`, `body`, `status`, `answer`, `answered_by`, `interruption`), `logs` (`level`, `message`), `exceptions`
//! (`name`, `message`), `outcome` and `in_time`. Keys that it does not have are not compared; lists are compared item
//! by item and must be as long. Inside a string, `<any>`, `<id>`, `<iso-time>` and `<text:REGEX>` stand for what varies.

mod matchers;

use crate::trace::{DeadlineVerdict, Trace, TracedBody};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Something that is not as expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Where, for example `outbound[0].body.properties.Name`.
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
    if let (Value::Object(expected), Value::Object(actual)) = (expectation, &actual) {
        // A misspelt key would otherwise read as "not compared" and the expectation as met.
        for unknown in expected.keys().filter(|key| !actual.contains_key(*key)) {
            differences.push(Difference {
                path: unknown.clone(),
                expected: Value::from("one of status, headers, answer, outbound, logs, exceptions, outcome, in_time"),
                actual: Value::Null,
            });
        }
        for (key, expected) in expected {
            if let Some(actual) = actual.get(key) {
                let outbound = if key == "outbound" { without_remembered(expected, actual) } else { None };
                subset(key, outbound.as_ref().unwrap_or(expected), actual, &mut differences);
            }
        }
    } else {
        subset("", expectation, &actual, &mut differences);
    }
    differences
}

/// The expected calls without those optional ones that were not made.
fn without_remembered(expected: &Value, actual: &Value) -> Option<Value> {
    let mut made = Vec::new();
    for call in expected.as_array()? {
        let mut call = call.clone();
        let optional = call.as_object_mut()?.remove("optional") == Some(Value::Bool(true));
        let address = json!({ "method": call["method"], "url": call["url"] });
        let mut differences = Vec::new();
        subset("", &address, actual.get(made.len()).unwrap_or(&Value::Null), &mut differences);
        if !optional || differences.is_empty() {
            made.push(call);
        }
    }
    Some(Value::Array(made))
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
fn headers(headers: &[(String, String)]) -> Value {
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
fn body(body: &TracedBody) -> Value {
    body.json().unwrap_or_else(|| Value::from(body.text.as_str()))
}

fn subset(path: &str, expected: &Value, actual: &Value, differences: &mut Vec<Difference>) {
    let differ = || Difference { path: path.to_owned(), expected: expected.clone(), actual: actual.clone() };
    match (expected, actual) {
        (Value::Object(wanted), Value::Object(present)) => {
            for (key, wanted) in wanted {
                let path = format!("{path}.{key}");
                match present.get(key) {
                    Some(present) => subset(&path, wanted, present, differences),
                    None => differences.push(Difference { path, expected: wanted.clone(), actual: Value::Null }),
                }
            }
        }
        (Value::Array(wanted), Value::Array(present)) => {
            for (index, pair) in wanted.iter().zip(present).enumerate() {
                subset(&format!("{path}[{index}]"), pair.0, pair.1, differences);
            }
            let shared = wanted.len().min(present.len());
            for (index, missing) in wanted.iter().enumerate().skip(shared) {
                let path = format!("{path}[{index}]");
                differences.push(Difference { path, expected: missing.clone(), actual: Value::Null });
            }
            for (index, surplus) in present.iter().enumerate().skip(shared) {
                let path = format!("{path}[{index}]");
                differences.push(Difference { path, expected: Value::Null, actual: surplus.clone() });
            }
        }
        (Value::String(pattern), actual) => match matchers::matches(pattern, actual) {
            Ok(true) => {}
            Ok(false) => differences.push(differ()),
            Err(_) => {
                let reason = format!("`{pattern}` should hold a valid regular expression");
                differences.push(Difference { expected: Value::from(reason), ..differ() });
            }
        },
        // 1 and 1.0 are the same number to whoever wrote the expectation.
        (Value::Number(wanted), Value::Number(present)) if wanted.as_f64() == present.as_f64() => {}
        _ if expected == actual => {}
        _ => differences.push(differ()),
    }
}
