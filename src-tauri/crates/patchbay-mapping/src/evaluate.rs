//! The value of an entry for a document, as the adapter works it out.

use crate::entry::Entry;
use crate::error::{MappingError, Misfit, Place, Problem, Unfit};
use crate::expression::{Expression, Piece, Placeholder};
use crate::number::settled;
use crate::transform::{Around, apply};
use crate::value::{as_text, is_empty, look_up};
use serde_json::Value;

/// The value of an entry, `""` when there is none. Numbers are what a double holds of them.
pub fn evaluate(field: &str, entry: &Value, document: &Value) -> Result<Value, MappingError> {
    Entry::read(entry)
        .and_then(|entry| trace(&entry, document))
        .map(|traced| traced.value)
        .map_err(|misfit| MappingError { field: field.to_owned(), misfit: Box::new(misfit) })
}

/// Whether adapters leave a value out: `""` and `[]`, but neither `0` nor `false`.
pub fn is_left_out(value: &Value) -> bool {
    is_empty(Some(value))
}

/// A value, and how it came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Traced {
    /// The value; `""` when there is none.
    pub value: Value,
    /// Whether the entry's own default stands in.
    pub is_default: bool,
}

/// Evaluates an entry that was read.
pub fn trace(entry: &Entry, document: &Value) -> Result<Traced, Misfit> {
    let around = Around { document, lookup: entry.lookup.as_ref() };
    let unfit = |reason: Unfit| Misfit::at(Problem::LookupDoesNotFit(reason), entry.expression_place.clone());
    let mut value = value_of(&entry.expression, around).map_err(|misfit| placed(misfit, entry))?;
    if let Some(lookup) = entry.lookup.as_ref().filter(|_| !entry.looks_up_itself()) {
        value = look_up(value, lookup).map_err(unfit)?;
    }
    let is_default = is_empty(value.as_ref()) && entry.default.is_some();
    if is_default {
        value.clone_from(&entry.default);
    }
    if value.is_none() && entry.required != Some(false) {
        return Err(placed(missing(&entry.expression, around), entry));
    }
    if is_empty(value.as_ref()) && entry.required == Some(true) {
        return Err(Misfit::at(Problem::RequiredIsEmpty, entry.expression_place.clone()));
    }
    Ok(Traced { value: settled(value.unwrap_or_else(|| "".into())), is_default })
}

/// A misfit of the expression, in the entry.
fn placed(mut misfit: Misfit, entry: &Entry) -> Misfit {
    misfit.place.keys.clone_from(&entry.expression_place.keys);
    misfit
}

fn value_of(expression: &Expression, around: Around<'_>) -> Result<Option<Value>, Misfit> {
    let values = expression.pieces.iter().map(|piece| match piece {
        Piece::Text(text) => Ok(Some(text.as_str().into())),
        Piece::Placeholder(placeholder) => value_at(placeholder, around),
    });
    let mut values = values.collect::<Result<Vec<Option<Value>>, Misfit>>()?;
    if values.len() == 1 {
        return Ok(values.pop().flatten());
    }
    let Some(values) = values.into_iter().collect::<Option<Vec<Value>>>() else { return Ok(None) };
    let texts = values.iter().zip(&expression.pieces).map(|(value, piece)| match piece {
        Piece::Text(text) => Ok(text.clone()),
        Piece::Placeholder(placeholder) => as_text(value).map_err(|reason| does_not_fit(placeholder, reason)),
    });
    Ok(Some(texts.collect::<Result<String, Misfit>>()?.into()))
}

/// The value of a placeholder; `None` when it is missing.
fn value_at(placeholder: &Placeholder, around: Around<'_>) -> Result<Option<Value>, Misfit> {
    let found = placeholder.path.read(around.document);
    let done = found
        .and_then(|found| placeholder.steps.iter().try_fold(found, |value, placed| apply(&placed.step, value, around)));
    done.map_err(|reason| does_not_fit(placeholder, reason))
}

/// Names the first placeholder that found nothing.
fn missing(expression: &Expression, around: Around<'_>) -> Misfit {
    let mut placeholders = expression.placeholders();
    let Some(found) = placeholders.find(|placeholder| matches!(value_at(placeholder, around), Ok(None))) else {
        // Only a placeholder can be missing.
        return Misfit::at(Problem::RequiredIsEmpty, Place::default());
    };
    let is_there = matches!(found.path.read(around.document), Ok(Some(_)));
    let place = Place { keys: Vec::new(), within: Some(found.range.clone()) };
    if is_there {
        Misfit::at(Problem::FindsNothing(found.source.clone()), place)
    } else {
        let place = Place { within: Some(found.path_range.clone()), ..place };
        Misfit::at(Problem::MissingField(found.path.source.clone()), place)
    }
}

fn does_not_fit(placeholder: &Placeholder, reason: Unfit) -> Misfit {
    let place = Place { keys: Vec::new(), within: Some(placeholder.range.clone()) };
    Misfit::at(Problem::DoesNotFit { placeholder: placeholder.source.clone(), reason }, place)
}
