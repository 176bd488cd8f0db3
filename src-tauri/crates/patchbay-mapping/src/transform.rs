//! What steps do with values.

use crate::date;
use crate::error::Unfit;
use crate::money;
use crate::number;
use crate::step::Step;
use crate::text::trim;
use crate::value::{as_text, is_empty, look_up};
use serde_json::{Map, Value};

/// What steps may read besides their value.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    pub document: &'a Value,
    pub lookup: Option<&'a Map<String, Value>>,
}

/// One step. A missing value passes every step but `default`.
pub(crate) fn apply(step: &Step, value: Option<Value>, around: Around<'_>) -> Result<Option<Value>, Unfit> {
    if let Step::Default(text) = step {
        return Ok(if is_empty(value.as_ref()) { Some(text.as_str().into()) } else { value });
    }
    let Some(value) = value else { return Ok(None) };
    match step {
        Step::Join(separator) => {
            let items = list(&value, "join")?.iter().filter(|item| !item.is_null());
            let texts = items.map(as_text).collect::<Result<Vec<_>, _>>()?;
            Ok(Some(texts.join(separator).into()))
        }
        Step::First => Ok(list(&value, "first")?.first().filter(|item| !item.is_null()).cloned()),
        Step::Last => Ok(list(&value, "last")?.last().filter(|item| !item.is_null()).cloned()),
        Step::Count => Ok(Some(list(&value, "count")?.len().into())),
        _ => match value {
            Value::Array(items) => {
                let items = items.into_iter().filter(|item| !item.is_null());
                let results = items.map(|item| of_one(step, item, around)).collect::<Result<Vec<_>, _>>()?;
                Ok(Some(results.into_iter().flatten().collect()))
            }
            value => of_one(step, value, around),
        },
    }
}

/// Steps that work on one value, or on each element of a list.
fn of_one(step: &Step, value: Value, around: Around<'_>) -> Result<Option<Value>, Unfit> {
    let done: Value = match step {
        Step::Truncate(length) => truncated(as_text(&value)?, *length).into(),
        Step::Date(form) => date::rewritten(&as_text(&value)?, *form)?,
        Step::Number => number_of(&as_text(&value)?)?,
        Step::Trim => as_text(&value)?.trim().into(),
        Step::Upper => as_text(&value)?.to_uppercase().into(),
        Step::Lower => as_text(&value)?.to_lowercase().into(),
        Step::Replace(from, to) => as_text(&value)?.replace(from, to).into(),
        Step::Regex(pattern) => return Ok(pattern.first(&as_text(&value)?).map(Value::from)),
        Step::Money(decimals) => money::decimal_text(&value, money::decimals(decimals, around.document)?)?.into(),
        Step::Lookup => return look_up(Some(value), around.lookup.ok_or(Unfit::NoLookup)?),
        // The others work on lists as a whole, or on missing values.
        Step::Default(_) | Step::Join(_) | Step::First | Step::Last | Step::Count => value,
    };
    Ok(Some(done))
}

fn list<'a>(value: &'a Value, step: &'static str) -> Result<&'a Vec<Value>, Unfit> {
    value.as_array().ok_or(Unfit::NotAList(step))
}

/// By code points, so that no character is cut in half.
fn truncated(text: String, length: usize) -> String {
    match text.char_indices().nth(length) {
        None => text,
        Some(_) => text.chars().take(length - 1).chain(['…']).collect(),
    }
}

fn number_of(text: &str) -> Result<Value, Unfit> {
    let trimmed = trim(text);
    let parsed = is_number(trimmed).then(|| trimmed.parse::<f64>().ok()).flatten();
    parsed.filter(|number| number.is_finite()).map(number::value).ok_or(Unfit::NotANumber)
}

/// `-?\d+(\.\d+)?([eE][+-]?\d+)?`
pub(crate) fn is_number(text: &str) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let mantissa = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    is_digits(whole)
        && fraction.is_none_or(is_digits)
        && exponent.is_none_or(|exponent| is_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}
