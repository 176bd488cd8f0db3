//! An entry of `[mapping]`: an expression, or a table around one.

use crate::error::{Misfit, Place, Problem};
use crate::expression::Expression;
use crate::step::Step;
use serde_json::{Map, Value};

/// What an entry may have.
pub(crate) const KEYS: [&str; 5] = ["value", "type", "required", "default", "lookup"];

/// An entry that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What the value is made of.
    pub expression: Expression,
    /// The kind of field, for the upstream's module.
    pub kind: Option<String>,
    /// `Some(true)`: an empty value is an error. `Some(false)`: a missing one is an empty text.
    pub required: Option<bool>,
    /// Text, number or boolean that stands in for a missing or empty value.
    pub default: Option<Value>,
    /// Text → text, number or boolean.
    pub lookup: Option<Map<String, Value>>,
    /// Keys below the entry under which the expression stands.
    pub(crate) expression_place: Place,
}

impl Entry {
    /// Reads an entry as it stands in `adapter.toml` or in the binding `MAPPING`.
    pub fn read(entry: &Value) -> Result<Self, Misfit> {
        match entry {
            Value::String(text) => Self::of(text, Place::default(), &Map::new()),
            Value::Object(table) => Self::of_table(table),
            _ => Err(Misfit::at(Problem::NeitherTextNorTable, Place::default())),
        }
    }

    fn of_table(table: &Map<String, Value>) -> Result<Self, Misfit> {
        if let Some(key) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(Misfit::at(Problem::UnknownKey(key.clone()), Place::of(&[key])));
        }
        let Some(Value::String(expression)) = table.get("value") else {
            return Err(Misfit::at(Problem::NoExpression, Place::of(&["value"])));
        };
        let wrong = |key: &str, problem: Problem, fits: fn(&Value) -> bool| match table.get(key) {
            Some(value) if !fits(value) => Err(Misfit::at(problem, Place::of(&[key]))),
            _ => Ok(()),
        };
        wrong("type", Problem::TypeNotText, Value::is_string)?;
        wrong("required", Problem::RequiredNotBoolean, Value::is_boolean)?;
        wrong("default", Problem::DefaultNotScalar, is_scalar)?;
        wrong("lookup", Problem::LookupNotScalars, |lookup| {
            lookup.as_object().is_some_and(|lookup| lookup.values().all(is_scalar))
        })?;
        Self::of(expression, Place::of(&["value"]), table)
    }

    fn of(expression: &str, place: Place, table: &Map<String, Value>) -> Result<Self, Misfit> {
        Ok(Self {
            expression: Expression::parse(expression)
                .map_err(|(problem, range)| Misfit::at(problem, place.within(range)))?,
            kind: table.get("type").and_then(Value::as_str).map(str::to_owned),
            required: table.get("required").and_then(Value::as_bool),
            default: table.get("default").cloned(),
            lookup: table.get("lookup").and_then(Value::as_object).cloned(),
            expression_place: place,
        })
    }

    /// Where its expression stands.
    pub fn place(&self) -> &Place {
        &self.expression_place
    }

    /// Whether the expression says itself where the lookup is.
    pub(crate) fn looks_up_itself(&self) -> bool {
        let mut steps = self.expression.placeholders().flat_map(|placeholder| &placeholder.steps);
        steps.any(|placed| matches!(placed.step, Step::Lookup))
    }
}

fn is_scalar(value: &Value) -> bool {
    value.is_string() || value.is_number() || value.is_boolean()
}
