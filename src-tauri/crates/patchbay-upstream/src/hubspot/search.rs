//! `POST …/search`: groups of filters (one group has to hold), sorting, pages, free text.

use super::error::Refusal;
use super::object::Record;
use serde_json::{Value, json};
use std::cmp::Ordering;

const LARGEST_PAGE: usize = 200;
const MOST_GROUPS: usize = 5;
const MOST_FILTERS: usize = 6;

pub fn run<'a>(body: &Value, records: impl Iterator<Item = &'a Record>) -> Result<Value, Refusal> {
    let groups = array(body, "filterGroups")?;
    // Filters beside the groups are one more group.
    let loose = array(body, "filters")?;
    if groups.len() > MOST_GROUPS {
        return Err(Refusal::validation(&format!("too many filter groups: at most {MOST_GROUPS} are allowed")));
    }
    let mut alternatives: Vec<&[Value]> = Vec::new();
    for group in groups {
        alternatives.push(array(group, "filters")?);
    }
    if !loose.is_empty() {
        alternatives.push(loose);
    }
    for filters in &alternatives {
        if filters.len() > MOST_FILTERS {
            return Err(Refusal::validation(&format!(
                "too many filters: at most {MOST_FILTERS} are allowed in a group"
            )));
        }
        filters.iter().try_for_each(check)?;
    }
    let query = body["query"].as_str().map(str::to_lowercase);
    let mut found: Vec<&Record> = records
        .filter(|record| alternatives.is_empty() || alternatives.iter().any(|all| all.iter().all(|f| holds(f, record))))
        .filter(|record| {
            query.as_ref().is_none_or(|query| record.whole()["properties"].to_string().to_lowercase().contains(query))
        })
        .collect();
    for sort in array(body, "sorts")?.iter().rev() {
        let (name, descending) = match sort {
            Value::String(name) => (name.as_str(), false),
            _ => (sort["propertyName"].as_str().unwrap_or_default(), sort["direction"] == "DESCENDING"),
        };
        found.sort_by(|left, right| {
            let order = compare(&left.property(name), &right.property(name));
            if descending { order.reverse() } else { order }
        });
    }
    let limit = match body.get("limit") {
        None => 10,
        Some(limit) => limit
            .as_u64()
            .and_then(|limit| usize::try_from(limit).ok())
            .filter(|limit| *limit <= LARGEST_PAGE)
            .ok_or_else(|| Refusal::validation(&format!("Invalid limit: it must be a number up to {LARGEST_PAGE}")))?,
    };
    let after = match &body["after"] {
        Value::String(text) => text.parse().unwrap_or_default(),
        other => other.as_u64().and_then(|after| usize::try_from(after).ok()).unwrap_or_default(),
    };
    let asked: Vec<String> = array(body, "properties")?.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let results: Vec<Value> = found.iter().skip(after).take(limit).map(|record| record.object(&asked)).collect();
    let mut answer = json!({ "total": found.len(), "results": results });
    if found.len() > after + limit {
        answer["paging"] = json!({ "next": { "after": (after + limit).to_string() } });
    }
    Ok(answer)
}

fn array<'a>(body: &'a Value, name: &str) -> Result<&'a [Value], Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => {
            Err(Refusal::validation(&format!("Invalid input JSON on line 1, column 1: {name} must be an array")))
        }
    }
}

fn check(filter: &Value) -> Result<(), Refusal> {
    if filter["propertyName"].as_str().is_none_or(str::is_empty) {
        return Err(Refusal::validation("Some required fields were not set: [propertyName]"));
    }
    let operator = filter["operator"].as_str().unwrap_or_default();
    let needed = match operator {
        "EQ" | "NEQ" | "LT" | "LTE" | "GT" | "GTE" | "CONTAINS_TOKEN" | "NOT_CONTAINS_TOKEN" => "value",
        "BETWEEN" => "highValue",
        "IN" | "NOT_IN" => "values",
        "HAS_PROPERTY" | "NOT_HAS_PROPERTY" => return Ok(()),
        _ => return Err(Refusal::validation(&format!("Invalid filter operator: {operator}"))),
    };
    if filter[needed].is_null() {
        return Err(Refusal::validation(&format!("operator {operator} requires {needed}")));
    }
    Ok(())
}

fn holds(filter: &Value, record: &Record) -> bool {
    let held = record.property(filter["propertyName"].as_str().unwrap_or_default());
    let present = held.as_str().is_some_and(|text| !text.is_empty());
    let same = |wanted: &Value| present && compare(&held, wanted).is_eq();
    let value = &filter["value"];
    let tokens = || {
        let wanted = text(value).to_lowercase();
        let wanted = wanted.trim_matches('*');
        text(&held).to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|token| token == wanted)
            || (text(value).contains('*') && text(&held).to_lowercase().contains(wanted))
            || text(&held).eq_ignore_ascii_case(wanted)
    };
    match filter["operator"].as_str().unwrap_or_default() {
        "EQ" => same(value),
        "NEQ" => present && !same(value),
        "LT" => present && compare(&held, value).is_lt(),
        "LTE" => present && compare(&held, value).is_le(),
        "GT" => present && compare(&held, value).is_gt(),
        "GTE" => present && compare(&held, value).is_ge(),
        "BETWEEN" => present && compare(&held, value).is_ge() && compare(&held, &filter["highValue"]).is_le(),
        "IN" => filter["values"].as_array().into_iter().flatten().any(same),
        "NOT_IN" => present && !filter["values"].as_array().into_iter().flatten().any(same),
        "HAS_PROPERTY" => present,
        "NOT_HAS_PROPERTY" => !present,
        "CONTAINS_TOKEN" => present && tokens(),
        _ => !(present && tokens()),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned)
}

/// Numbers by value, everything else by its text without regard to case.
fn compare(left: &Value, right: &Value) -> Ordering {
    let (left, right) = (text(left), text(right));
    match (left.parse::<f64>(), right.parse::<f64>()) {
        (Ok(left), Ok(right)) => left.total_cmp(&right),
        _ => left.to_lowercase().cmp(&right.to_lowercase()),
    }
}
