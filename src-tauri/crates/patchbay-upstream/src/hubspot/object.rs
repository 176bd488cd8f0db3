//! Records: their properties, which are texts on the wire, and the rules for them.

use super::error::Refusal;
use crate::call::time_text;
use crate::fields::holding;
use patchbay_core::field::{Holds, KnownField, OtherFields, UpstreamFields};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

/// Properties by name, each a text or null.
pub type Properties = Map<String, Value>;

/// Longest value, in characters.
const LONGEST_VALUE: usize = 65_536;

/// The types of objects: name in paths, numeric type, what an answer shows unasked.
const KINDS: [(&str, &str, &[&str]); 9] = [
    ("contacts", "0-1", &["email", "firstname", "lastname"]),
    ("companies", "0-2", &["name", "domain"]),
    ("deals", "0-3", &["dealname", "amount", "closedate", "dealstage", "pipeline"]),
    ("tickets", "0-5", &["subject", "content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_priority"]),
    ("products", "0-7", &["name", "price", "description"]),
    ("line_items", "0-8", &["name", "price", "quantity", "hs_product_id"]),
    ("notes", "0-46", &["hs_note_body", "hs_timestamp"]),
    ("tasks", "0-27", &["hs_task_subject", "hs_task_body", "hs_timestamp"]),
    ("leads", "0-136", &["hs_lead_name"]),
];

/// Properties that `HubSpot` fills in itself.
const READ_ONLY: [&str; 5] = ["hs_object_id", "createdate", "hs_createdate", "lastmodifieddate", "hs_lastmodifieddate"];
/// Properties that hold numbers.
const NUMBERS: [&str; 5] = ["amount", "price", "quantity", "annualrevenue", "numberofemployees"];

/// What a mapping may write: properties by their internal names, `HubSpot`'s own and the customer's.
pub fn mapped() -> UpstreamFields {
    let read_only = READ_ONLY.map(|name| holding(name, Holds::Computed));
    let numbers = NUMBERS.map(|name| holding(name, Holds::Number));
    let fields: Vec<KnownField> = read_only.into_iter().chain(numbers).collect();
    UpstreamFields { fields, others: OtherFields::LowerCase, ..UpstreamFields::open("hubspot", "HubSpot") }
}

/// The type of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind(usize);

impl Kind {
    pub const CONTACTS: Self = Self(0);

    pub fn of(given: &str) -> Option<Self> {
        // A singular name and the numeric type name the same collection.
        let known = |(name, number, _): &(&str, &str, &[&str])| {
            *name == given || *number == given || name.strip_suffix('s') == Some(given)
        };
        KINDS.iter().position(known).map(Self)
    }

    /// The name of the collection.
    pub fn name(self) -> &'static str {
        KINDS[self.0].0
    }

    fn shown_unasked(self) -> &'static [&'static str] {
        KINDS[self.0].2
    }
}

/// One record.
pub struct Record {
    pub kind: Kind,
    pub id: u64,
    properties: Properties,
    created: OffsetDateTime,
    updated: OffsetDateTime,
    pub archived: bool,
}

impl Record {
    pub fn new(kind: Kind, id: u64, properties: Properties, now: OffsetDateTime) -> Self {
        Self { kind, id, properties, created: now, updated: now, archived: false }
    }

    /// The record that a webhook speaks of.
    pub fn named(kind: Kind, id: u64, now: OffsetDateTime) -> Self {
        let properties = match KINDS[kind.0].0 {
            "contacts" => json!({
                "email": format!("contact-{id}@example.com"), "firstname": "Ada", "lastname": "Example",
                "company": "Example GmbH", "phone": null, "lifecyclestage": "lead",
            }),
            "companies" => json!({ "name": "Example GmbH", "domain": "example.com" }),
            "deals" => json!({
                "dealname": format!("Deal {id}"), "amount": "1000", "dealstage": "closedwon", "pipeline": "default",
            }),
            "tickets" => json!({ "subject": format!("Ticket {id}"), "hs_pipeline": "0", "hs_pipeline_stage": "1" }),
            _ => json!({ "name": format!("Object {id}") }),
        };
        let properties = if let Value::Object(properties) = properties { properties } else { Map::new() };
        Self::new(kind, id, properties, now)
    }

    pub fn has(&self, property: &str, value: &str) -> bool {
        self.property(property).as_str().is_some_and(|held| held.eq_ignore_ascii_case(value))
    }

    /// A property as it is answered.
    pub fn property(&self, name: &str) -> Value {
        match name {
            "hs_object_id" => self.id.to_string().into(),
            "createdate" | "hs_createdate" => time_text(self.created).into(),
            "lastmodifieddate" | "hs_lastmodifieddate" => time_text(self.updated).into(),
            _ => self.properties.get(name).cloned().unwrap_or_default(),
        }
    }

    pub fn change(&mut self, properties: Properties, now: OffsetDateTime) {
        self.properties.extend(properties);
        self.updated = now;
    }

    /// With the properties that were asked for, or the kind's own.
    pub fn object(&self, asked: &[String]) -> Value {
        let unasked = self.kind.shown_unasked();
        let names: Vec<&str> =
            if asked.is_empty() { unasked.to_vec() } else { asked.iter().map(String::as_str).collect() };
        self.with(&names)
    }

    /// With every property that was ever written.
    pub fn whole(&self) -> Value {
        self.with(&self.properties.keys().map(String::as_str).collect::<Vec<_>>())
    }

    fn with(&self, names: &[&str]) -> Value {
        let modified = if self.kind == Kind::CONTACTS { "lastmodifieddate" } else { "hs_lastmodifieddate" };
        let always = ["createdate", "hs_object_id", modified];
        let shown = names.iter().copied().chain(always);
        let properties: Map<String, Value> = shown.map(|name| (name.to_owned(), self.property(name))).collect();
        json!({
            "id": self.id.to_string(), "properties": properties, "createdAt": time_text(self.created),
            "updatedAt": time_text(self.updated), "archived": self.archived,
        })
    }
}

/// Checks `properties`: names in lower case, values that can be texts, a well-formed address.
pub fn checked(kind: Kind, given: Option<&Value>) -> Result<Properties, Refusal> {
    let given = given.and_then(Value::as_object);
    let given = given.ok_or_else(|| Refusal::validation("Some required fields were not set: [properties]"))?;
    given.iter().map(|(name, value)| Ok((name.clone(), one(kind, name, value)?))).collect()
}

fn one(kind: Kind, name: &str, value: &Value) -> Result<Value, Refusal> {
    let well_formed = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && name.len() <= 100;
    if !well_formed {
        let message = format!("Property \"{name}\" does not exist");
        return Err(Refusal::property(name, "PROPERTY_DOESNT_EXIST", &message));
    }
    if READ_ONLY.contains(&name) {
        let message = format!("\"{name}\" is a read only property; its value cannot be set.");
        return Err(Refusal::property(name, "READ_ONLY_VALUE", &message));
    }
    let text = match value {
        Value::Null => return Ok(Value::Null),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(given) => given.to_string(),
        Value::Array(_) | Value::Object(_) => {
            return Err(Refusal::validation(&format!(
                "Invalid input JSON on line 1, column 1: Cannot deserialize value of type `java.lang.String` from {} value",
                if value.is_array() { "Array" } else { "Object" }
            )));
        }
    };
    if text.chars().count() > LONGEST_VALUE {
        let message = format!("Property \"{name}\" is too long; at most {LONGEST_VALUE} characters are allowed");
        return Err(Refusal::property(name, "INVALID_STRING_LENGTH", &message));
    }
    let broken_email = kind == Kind::CONTACTS
        && name == "email"
        && !text.is_empty()
        && (text.contains(' ')
            || text.split_once('@').is_none_or(|(user, host)| user.is_empty() || !host.contains('.')));
    if broken_email {
        return Err(Refusal::property(name, "INVALID_EMAIL", &format!("Email address {text} is invalid")));
    }
    let number = NUMBERS.contains(&name);
    if number && !text.is_empty() && text.parse::<f64>().is_err() {
        return Err(Refusal::property(name, "INVALID_INTEGER", &format!("{text} was not a valid number.")));
    }
    Ok(text.into())
}
