//! Objects and fields: which there are, which are required, how long a value may be.

use super::error::Refusal;
use crate::fields::holding;
use patchbay_core::field::{Holds, KnownField, OtherFields, UpstreamFields};
use serde_json::{Map, Value, json};
use time::format_description::well_known::Iso8601;
use time::{Date, OffsetDateTime};

/// Fields of a record by name.
pub type Fields = Map<String, Value>;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    /// At most so many characters.
    Text(usize),
    Email,
    Number,
    Boolean,
    Date,
    DateTime,
    /// Another record.
    Id,
}

/// An object: its name, the prefix of its ids, required fields, all writable fields.
struct Object {
    name: &'static str,
    prefix: &'static str,
    required: &'static [&'static str],
    fields: &'static [(&'static str, Type)],
}

const PERSON: [(&str, Type); 12] = [
    ("FirstName", Type::Text(40)),
    ("LastName", Type::Text(80)),
    ("Salutation", Type::Text(40)),
    ("Title", Type::Text(128)),
    ("Email", Type::Email),
    ("Phone", Type::Text(40)),
    ("MobilePhone", Type::Text(40)),
    ("Fax", Type::Text(40)),
    ("Description", Type::Text(32_000)),
    ("LeadSource", Type::Text(255)),
    ("OwnerId", Type::Id),
    ("RecordTypeId", Type::Id),
];

const OBJECTS: [Object; 6] = [
    Object {
        name: "Account",
        prefix: "001",
        required: &["Name"],
        fields: &[
            ("Name", Type::Text(255)),
            ("AccountNumber", Type::Text(40)),
            ("Type", Type::Text(255)),
            ("Industry", Type::Text(255)),
            ("Phone", Type::Text(40)),
            ("Fax", Type::Text(40)),
            ("Website", Type::Text(255)),
            ("Description", Type::Text(32_000)),
            ("AnnualRevenue", Type::Number),
            ("NumberOfEmployees", Type::Number),
            ("BillingStreet", Type::Text(255)),
            ("BillingCity", Type::Text(40)),
            ("BillingState", Type::Text(80)),
            ("BillingPostalCode", Type::Text(20)),
            ("BillingCountry", Type::Text(80)),
            ("Rating", Type::Text(255)),
            ("Site", Type::Text(80)),
            ("ParentId", Type::Id),
            ("OwnerId", Type::Id),
            ("RecordTypeId", Type::Id),
        ],
    },
    Object {
        name: "Contact",
        prefix: "003",
        required: &["LastName"],
        fields: &[
            ("AccountId", Type::Id),
            ("Department", Type::Text(80)),
            ("Birthdate", Type::Date),
            ("MailingStreet", Type::Text(255)),
            ("MailingCity", Type::Text(40)),
            ("MailingState", Type::Text(80)),
            ("MailingPostalCode", Type::Text(20)),
            ("MailingCountry", Type::Text(80)),
            ("HasOptedOutOfEmail", Type::Boolean),
            ("DoNotCall", Type::Boolean),
        ],
    },
    Object {
        name: "Lead",
        prefix: "00Q",
        required: &["LastName", "Company"],
        fields: &[
            ("Company", Type::Text(255)),
            ("Status", Type::Text(255)),
            ("Industry", Type::Text(255)),
            ("Rating", Type::Text(255)),
            ("Website", Type::Text(255)),
            ("Street", Type::Text(255)),
            ("City", Type::Text(40)),
            ("State", Type::Text(80)),
            ("PostalCode", Type::Text(20)),
            ("Country", Type::Text(80)),
            ("AnnualRevenue", Type::Number),
            ("NumberOfEmployees", Type::Number),
            ("HasOptedOutOfEmail", Type::Boolean),
            ("DoNotCall", Type::Boolean),
        ],
    },
    Object {
        name: "Opportunity",
        prefix: "006",
        required: &["Name", "StageName", "CloseDate"],
        fields: &[
            ("Name", Type::Text(120)),
            ("StageName", Type::Text(255)),
            ("CloseDate", Type::Date),
            ("Amount", Type::Number),
            ("Probability", Type::Number),
            ("Type", Type::Text(255)),
            ("LeadSource", Type::Text(255)),
            ("NextStep", Type::Text(255)),
            ("Description", Type::Text(32_000)),
            ("AccountId", Type::Id),
            ("ContactId", Type::Id),
            ("OwnerId", Type::Id),
            ("RecordTypeId", Type::Id),
        ],
    },
    Object {
        name: "Case",
        prefix: "500",
        required: &[],
        fields: &[
            ("Subject", Type::Text(255)),
            ("Description", Type::Text(32_000)),
            ("Status", Type::Text(255)),
            ("Priority", Type::Text(255)),
            ("Origin", Type::Text(255)),
            ("Reason", Type::Text(255)),
            ("Type", Type::Text(255)),
            ("SuppliedEmail", Type::Email),
            ("SuppliedName", Type::Text(80)),
            ("AccountId", Type::Id),
            ("ContactId", Type::Id),
            ("OwnerId", Type::Id),
        ],
    },
    Object {
        name: "Task",
        prefix: "00T",
        required: &[],
        fields: &[
            ("Subject", Type::Text(255)),
            ("Description", Type::Text(32_000)),
            ("Status", Type::Text(255)),
            ("Priority", Type::Text(255)),
            ("ActivityDate", Type::Date),
            ("ReminderDateTime", Type::DateTime),
            ("IsReminderSet", Type::Boolean),
            ("WhoId", Type::Id),
            ("WhatId", Type::Id),
            ("OwnerId", Type::Id),
        ],
    },
];

/// The prefix of the ids of custom objects.
const CUSTOM_PREFIX: &str = "a00";
/// Fields that the org fills in.
const SYSTEM: [&str; 6] =
    ["Id", "CreatedDate", "LastModifiedDate", "SystemModstamp", "CreatedById", "LastModifiedById"];

/// What a mapping may write: fields of any standard object, and custom ones. A mapping does not say which object it
/// fills, so a field that objects disagree on takes what any of them takes.
pub fn mapped() -> UpstreamFields {
    let mut fields: Vec<KnownField> = SYSTEM.map(|name| holding(name, Holds::Computed)).into();
    for (name, kind) in OBJECTS.iter().flat_map(|object| object.fields).chain(&PERSON) {
        let (holds, longest) = match kind {
            Type::Text(most) => (Holds::Text, Some(*most)),
            Type::Email | Type::Id => (Holds::Text, None),
            Type::Number => (Holds::Number, None),
            Type::Boolean => (Holds::Boolean, None),
            Type::Date | Type::DateTime => (Holds::Date, None),
        };
        match fields.iter_mut().find(|field| field.name == *name) {
            Some(known) => known.longest = known.longest.max(longest),
            None => fields.push(KnownField { longest, ..holding(name, holds) }),
        }
    }
    UpstreamFields { fields, others: OtherFields::Ending("__c"), ..UpstreamFields::open("salesforce", "Salesforce") }
}

/// A kind of record: a standard object or a custom one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    pub name: String,
    pub prefix: &'static str,
    standard: Option<usize>,
}

/// The object of a name; names compare without regard to case.
pub fn kind(given: &str) -> Result<Kind, Refusal> {
    if let Some(index) = OBJECTS.iter().position(|object| object.name.eq_ignore_ascii_case(given)) {
        let Object { name, prefix, .. } = OBJECTS[index];
        return Ok(Kind { name: name.to_owned(), prefix, standard: Some(index) });
    }
    if is_custom(given) {
        return Ok(Kind { name: given.to_owned(), prefix: CUSTOM_PREFIX, standard: None });
    }
    Err(Refusal::missing())
}

fn is_custom(name: &str) -> bool {
    name.strip_suffix("__c").is_some_and(|stem| {
        stem.starts_with(|c: char| c.is_ascii_alphabetic())
            && stem.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

/// Whether records can be found by a field in a path.
pub fn is_external_id(kind: &Kind, field: &str) -> bool {
    is_custom(field) || (field.eq_ignore_ascii_case("Email") && ["Contact", "Lead"].contains(&kind.name.as_str()))
}

impl Kind {
    /// The field of a name as the org writes it.
    pub fn field_name(&self, given: &str) -> Option<String> {
        if let Some(system) = SYSTEM.into_iter().find(|name| name.eq_ignore_ascii_case(given)) {
            return Some(system.to_owned());
        }
        self.field(given).map(|(name, _)| name)
    }

    fn field(&self, given: &str) -> Option<(String, Option<Type>)> {
        let fields = self.standard_fields();
        if let Some((name, kind)) = fields.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(given)) {
            return Some((name.to_owned(), Some(kind)));
        }
        let custom_object_name = self.standard.is_none() && given == "Name";
        (is_custom(given) || custom_object_name).then(|| (given.to_owned(), None))
    }

    fn standard_fields(&self) -> Vec<(&'static str, Type)> {
        let Some(index) = self.standard else {
            return vec![("OwnerId", Type::Id)];
        };
        let person = if ["Contact", "Lead"].contains(&OBJECTS[index].name) { &PERSON[..] } else { &[] };
        OBJECTS[index].fields.iter().chain(person).copied().collect()
    }

    /// Checks fields against the object; `creating` also asks for those that are required.
    pub fn checked(&self, given: &Fields, creating: bool) -> Result<Fields, Refusal> {
        let mut fields = Fields::new();
        for (name, value) in given.iter().filter(|(name, _)| *name != "attributes") {
            if let Some(system) = SYSTEM.into_iter().find(|system| system.eq_ignore_ascii_case(name)) {
                let message = format!(
                    "Unable to create/update fields: {system}. Please check the security settings of this field and verify that it is read/write for your profile or permission set."
                );
                return Err(Refusal::fields("INVALID_FIELD_FOR_INSERT_UPDATE", &message, &[system]));
            }
            let (name, kind) = self.field(name).ok_or_else(|| Refusal::invalid_field(name, &self.name))?;
            if let Some(kind) = kind {
                check(&name, kind, value)?;
            } else if value.is_array() || value.is_object() {
                return Err(Refusal::json_parser(&format!("Cannot deserialize instance of field {name}")));
            }
            fields.insert(name, value.clone());
        }
        let required = self.standard.map_or(&[][..], |index| OBJECTS[index].required);
        let empty = |name: &&&str| {
            fields
                .get(**name)
                .map_or(creating, |value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()))
        };
        let missing: Vec<&str> = required.iter().filter(empty).copied().collect();
        if !missing.is_empty() {
            let message = format!("Required fields are missing: [{}]", missing.join(", "));
            return Err(Refusal::fields("REQUIRED_FIELD_MISSING", &message, &missing));
        }
        Ok(fields)
    }
}

fn check(name: &str, kind: Type, value: &Value) -> Result<(), Refusal> {
    if value.is_null() {
        return Ok(());
    }
    let wrong = |wanted: &str| {
        let form = match value {
            Value::String(_) => "VALUE_STRING",
            Value::Number(_) => "VALUE_NUMBER",
            Value::Bool(_) => "VALUE_BOOLEAN",
            Value::Array(_) => "START_ARRAY",
            Value::Object(_) | Value::Null => "START_OBJECT",
        };
        Err(Refusal::json_parser(&format!("Cannot deserialize instance of {wanted} from {form} value in field {name}")))
    };
    match kind {
        Type::Number => {
            let number = value.is_number() || value.as_str().is_some_and(|text| text.parse::<f64>().is_ok());
            return if number { Ok(()) } else { wrong("double") };
        }
        Type::Boolean => {
            let boolean = value.is_boolean() || value.as_str().is_some_and(|text| ["true", "false"].contains(&text));
            return if boolean { Ok(()) } else { wrong("boolean") };
        }
        _ => {}
    }
    let Some(text) = value.as_str() else {
        return wrong("string");
    };
    match kind {
        Type::Text(most) if text.chars().count() > most => {
            let shown: String = text.chars().take(40).collect();
            let message = format!("{name}: data value too large: {shown} (max length={most})");
            Err(Refusal::fields("STRING_TOO_LONG", &message, &[name]))
        }
        Type::Email if !text.is_empty() => {
            let valid = text.len() <= 80
                && !text.contains(' ')
                && text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'));
            if valid {
                return Ok(());
            }
            let message = format!("{name}: invalid email address: {text}");
            Err(Refusal::fields("INVALID_EMAIL_ADDRESS", &message, &[name]))
        }
        Type::Date if Date::parse(text, &Iso8601::DATE).is_err() => wrong("date"),
        Type::DateTime if OffsetDateTime::parse(text, &Iso8601::DEFAULT).is_err() => wrong("datetime"),
        Type::Id if ![15, 18].contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            let message = format!("{name}: id value of incorrect type: {text}");
            Err(Refusal::fields("MALFORMED_ID", &message, &[name]))
        }
        _ => Ok(()),
    }
}

/// `…/describe` with the fields that are checked here.
pub fn describe(given: &str) -> Result<Value, Refusal> {
    let kind = kind(given)?;
    let required = kind.standard.map_or(&[][..], |index| OBJECTS[index].required);
    let fields: Vec<Value> = kind
        .standard_fields()
        .into_iter()
        .map(|(name, of)| {
            let (word, length) = match of {
                Type::Text(most) => ("string", most),
                Type::Email => ("email", 80),
                Type::Number => ("double", 0),
                Type::Boolean => ("boolean", 0),
                Type::Date => ("date", 0),
                Type::DateTime => ("datetime", 0),
                Type::Id => ("reference", 18),
            };
            json!({ "name": name, "type": word, "length": length, "nillable": !required.contains(&name), "createable": true, "updateable": true })
        })
        .collect();
    Ok(json!({
        "name": kind.name, "keyPrefix": kind.prefix, "custom": kind.standard.is_none(), "createable": true,
        "updateable": true, "queryable": true, "fields": fields,
    }))
}
