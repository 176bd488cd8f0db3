//! `POST /v1/data_sources/{id}/query`: filters, pages of results, order by time.

use super::Call;
use super::error::Refusal;
use super::page::{DataSource, Page};
use super::rich_text;
use serde_json::{Value, json};
use time::OffsetDateTime;

const LARGEST_PAGE: u64 = 100;

/// Answers a query over the pages of a data source, newest last as they were created.
pub fn run<'a>(
    call: &Call<'_>,
    source: Option<&DataSource>,
    pages: impl Iterator<Item = &'a Page>,
) -> Result<Value, Refusal> {
    let size = page_size(&call.body)?;
    let mut found = Vec::new();
    let filter = call.body.get("filter").filter(|filter| !filter.is_null());
    if let Some(filter) = filter {
        check("body.filter", filter, source)?;
    }
    for page in pages {
        if filter.is_none_or(|filter| matches(filter, page, source)) {
            found.push(page);
        }
    }
    sort(&call.body, &mut found)?;
    let start = match call.body.get("start_cursor").filter(|cursor| !cursor.is_null()) {
        None => 0,
        Some(cursor) => {
            let position = found.iter().position(|page| Some(page.id.to_string().as_str()) == cursor.as_str());
            position.ok_or_else(|| Refusal::validation("The start_cursor provided is invalid."))?
        }
    };
    let next = found.get(start + size).map(|page| page.id);
    let results: Vec<Value> = found.iter().skip(start).take(size).map(|page| page.object(call.version)).collect();
    Ok(json!({
        "object": "list", "results": results, "next_cursor": next, "has_more": next.is_some(),
        "type": "page_or_data_source", "page_or_data_source": {},
    }))
}

fn page_size(body: &Value) -> Result<usize, Refusal> {
    let Some(given) = body.get("page_size") else {
        return Ok(100);
    };
    let size = given.as_u64().filter(|size| (1..=LARGEST_PAGE).contains(size));
    let size = size.ok_or_else(|| Refusal::should_be("body.page_size", "a number from `1` to `100`", Some(given)))?;
    Ok(usize::try_from(size).unwrap_or(100))
}

fn sort(body: &Value, pages: &mut [&Page]) -> Result<(), Refusal> {
    let sorts = body.get("sorts").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    // The first criterion decides, so the stable sorts run from the last to the first.
    for (index, sort) in sorts.iter().enumerate().rev() {
        let descending = sort.get("direction").and_then(Value::as_str) == Some("descending");
        match sort.get("timestamp").and_then(Value::as_str) {
            Some("created_time") => sort_by(pages, descending, |page| page.created),
            Some("last_edited_time") => sort_by(pages, descending, |page| page.last_edited),
            _ => {
                return Err(Refusal::validation(format!(
                    "body.sorts[{index}]: the simulated Notion sorts by `created_time` and `last_edited_time` only"
                )));
            }
        }
    }
    Ok(())
}

fn sort_by(pages: &mut [&Page], descending: bool, key: impl Fn(&Page) -> OffsetDateTime) {
    pages.sort_by(|left, right| {
        let order = key(left).cmp(&key(right));
        if descending { order.reverse() } else { order }
    });
}

/// The condition of a filter on one property: its type and the object with the operator.
fn condition(filter: &Value) -> Option<(&str, &Value)> {
    let fields = filter.as_object()?;
    fields
        .iter()
        .find(|(name, value)| *name != "property" && *name != "type" && value.is_object())
        .map(|(k, v)| (k.as_str(), v))
}

const TEXT: [&str; 5] = ["title", "rich_text", "url", "email", "phone_number"];

fn check(place: &str, filter: &Value, source: Option<&DataSource>) -> Result<(), Refusal> {
    for compound in ["and", "or"] {
        if let Some(parts) = filter.get(compound) {
            let place = format!("{place}.{compound}");
            let parts = rich_text::array(&place, parts)?;
            return parts
                .iter()
                .enumerate()
                .try_for_each(|(index, part)| check(&format!("{place}[{index}]"), part, source));
        }
    }
    let property = rich_text::text(&format!("{place}.property"), filter.get("property"), 2000)?;
    let Some((kind, condition)) = condition(filter) else {
        return Err(Refusal::should_be(&format!("{place}.rich_text"), "defined", None));
    };
    if let Some(known) = source.and_then(|source| source.kind(&source.name_of(property))).filter(|known| *known != kind)
    {
        return Err(Refusal::validation(format!("database property {known} does not match filter {kind}")));
    }
    let operators = operators(kind);
    let well_formed = condition.as_object().is_some_and(|condition| {
        condition.len() == 1 && condition.keys().all(|operator| operators.contains(&operator.as_str()))
    });
    if !well_formed {
        let expected = format!("an object with exactly one of `{}`", operators.join("`, `"));
        return Err(Refusal::should_be(&format!("{place}.{kind}"), &expected, Some(condition)));
    }
    Ok(())
}

fn operators(kind: &str) -> &'static [&'static str] {
    match kind {
        kind if TEXT.contains(&kind) => &[
            "equals",
            "does_not_equal",
            "contains",
            "does_not_contain",
            "starts_with",
            "ends_with",
            "is_empty",
            "is_not_empty",
        ],
        "number" => &[
            "equals",
            "does_not_equal",
            "greater_than",
            "less_than",
            "greater_than_or_equal_to",
            "less_than_or_equal_to",
            "is_empty",
            "is_not_empty",
        ],
        "select" | "status" => &["equals", "does_not_equal", "is_empty", "is_not_empty"],
        "multi_select" => &["contains", "does_not_contain", "is_empty", "is_not_empty"],
        "checkbox" => &["equals", "does_not_equal"],
        _ => &["is_empty", "is_not_empty"],
    }
}

fn matches(filter: &Value, page: &Page, source: Option<&DataSource>) -> bool {
    if let Some(parts) = filter.get("and").and_then(Value::as_array) {
        return parts.iter().all(|part| matches(part, page, source));
    }
    if let Some(parts) = filter.get("or").and_then(Value::as_array) {
        return parts.iter().any(|part| matches(part, page, source));
    }
    let Some((kind, condition)) = condition(filter) else {
        return false;
    };
    let Some((operator, wanted)) = condition.as_object().and_then(|condition| condition.iter().next()) else {
        return false;
    };
    let given = filter["property"].as_str().unwrap_or_default();
    let name = source.map_or_else(|| given.to_owned(), |source| source.name_of(given));
    let held = page.properties.get(&name).map_or(&Value::Null, |property| &property[kind]);
    holds(kind, held, operator, wanted)
}

fn holds(kind: &str, held: &Value, operator: &str, wanted: &Value) -> bool {
    let empty = held.is_null() || held.as_array().is_some_and(Vec::is_empty);
    match operator {
        "is_empty" => return empty,
        "is_not_empty" => return !empty,
        _ => {}
    }
    if kind == "number" {
        let (Some(held), Some(wanted)) = (held.as_f64(), wanted.as_f64()) else {
            return operator == "does_not_equal";
        };
        let order = held.total_cmp(&wanted);
        return match operator {
            "equals" => order.is_eq(),
            "does_not_equal" => order.is_ne(),
            "greater_than" => order.is_gt(),
            "less_than" => order.is_lt(),
            "greater_than_or_equal_to" => order.is_ge(),
            _ => order.is_le(),
        };
    }
    if kind == "checkbox" {
        return (held.as_bool().unwrap_or(false) == wanted.as_bool().unwrap_or(false)) == (operator == "equals");
    }
    if kind == "multi_select" {
        let contains = held.as_array().is_some_and(|options| options.iter().any(|option| option["name"] == *wanted));
        return contains == (operator == "contains");
    }
    let text = match kind {
        "title" | "rich_text" => rich_text::plain(held),
        "select" | "status" => held["name"].as_str().unwrap_or_default().to_owned(),
        _ => held.as_str().unwrap_or_default().to_owned(),
    };
    let wanted = wanted.as_str().unwrap_or_default();
    match operator {
        "equals" => text == wanted,
        "does_not_equal" => text != wanted,
        "contains" => text.contains(wanted),
        "does_not_contain" => !text.contains(wanted),
        "starts_with" => text.starts_with(wanted),
        _ => text.ends_with(wanted),
    }
}
