//! Records: created, found by id or external id, updated, upserted.

use super::error::Refusal;
use super::fields::{self, Fields, Kind, is_external_id};
use super::{KNOWN_EMAIL, Salesforce};
use crate::call::time_text;
use crate::random_id::mixed;
use serde_json::{Value, json};
use time::OffsetDateTime;

/// One record.
pub struct Record {
    pub kind: Kind,
    pub id: String,
    fields: Fields,
    created: OffsetDateTime,
    modified: OffsetDateTime,
    pub deleted: bool,
}

impl Record {
    fn new(kind: Kind, id: String, fields: Fields, now: OffsetDateTime) -> Self {
        Self { kind, id, fields, created: now, modified: now, deleted: false }
    }

    /// A field as it is answered.
    pub fn field(&self, name: &str) -> Value {
        match name {
            "Id" => self.id.as_str().into(),
            "CreatedDate" => stamp(self.created).into(),
            "LastModifiedDate" | "SystemModstamp" => stamp(self.modified).into(),
            "Name" if ["Contact", "Lead"].contains(&self.kind.name.as_str()) => {
                let part = |name: &str| self.fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
                format!("{} {}", part("FirstName"), part("LastName")).trim().into()
            }
            name => self.fields.get(name).cloned().unwrap_or_default(),
        }
    }

    pub fn attributes(&self) -> Value {
        let Kind { name, .. } = &self.kind;
        json!({ "type": name, "url": format!("/services/data/v67.0/sobjects/{name}/{}", self.id) })
    }

    /// With some fields, or with all that have a value.
    pub fn object(&self, names: Option<&str>) -> Value {
        let mut object = json!({ "attributes": self.attributes(), "Id": self.id });
        if let Some(names) = names {
            for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                object[name] = self.field(name);
            }
            return object;
        }
        for name in self.fields.keys().map(String::as_str).chain(["CreatedDate", "LastModifiedDate"]) {
            object[name] = self.field(name);
        }
        object
    }
}

/// `2026-11-21T08:30:00.000+0000`.
fn stamp(moment: OffsetDateTime) -> String {
    time_text(moment).replace('Z', "+0000")
}

/// The form of 18 characters: three more tell which of each five are capitals.
fn with_checksum(id: String) -> String {
    let checks = id.as_bytes().chunks(5).map(|five| {
        let capitals = five.iter().enumerate().filter(|(_, byte)| byte.is_ascii_uppercase());
        let index: u8 = capitals.map(|(place, _)| 1 << place).sum();
        char::from(if index < 26 { b'A' + index } else { b'0' + index - 26 })
    });
    let checks: String = checks.collect();
    id + &checks
}

impl Salesforce {
    pub(super) fn create(&mut self, kind: &str, body: &Value, now: OffsetDateTime) -> Result<String, Refusal> {
        let kind = fields::kind(kind)?;
        let fields = kind.checked(object(body)?, true)?;
        Ok(self.add(kind, fields, now))
    }

    fn add(&mut self, kind: Kind, fields: Fields, now: OffsetDateTime) -> String {
        let id = with_checksum(mixed(&format!("{}SIM0", kind.prefix), 8));
        self.records.push(Record::new(kind, id.clone(), fields, now));
        id
    }

    /// The record under an id of 15 or 18 characters; one that a message may name begins to exist here.
    pub(super) fn find(&mut self, kind: &str, id: &str, now: OffsetDateTime) -> Result<usize, Refusal> {
        let kind = fields::kind(kind)?;
        if ![15, 18].contains(&id.len()) || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Refusal::malformed_id(id));
        }
        if let Some(index) = self.records.iter().position(|record| record.id.starts_with(&id[..15])) {
            let record = &self.records[index];
            return match record.deleted {
                true => Err(Refusal::deleted()),
                false if record.kind == kind => Ok(index),
                false => Err(Refusal::missing()),
            };
        }
        let own = if kind.prefix == "a00" { id.starts_with('a') } else { id.starts_with(kind.prefix) };
        if !own {
            return Err(Refusal::missing());
        }
        let known = match kind.name.as_str() {
            "Account" => json!({ "Name": "Example GmbH", "Industry": "Technology" }),
            "Contact" => json!({ "FirstName": "Ada", "LastName": "Example", "Email": "ada@example.com" }),
            "Lead" => {
                json!({ "FirstName": "Ada", "LastName": "Example", "Company": "Example GmbH", "Email": "ada@example.com" })
            }
            "Opportunity" => {
                json!({ "Name": "Example deal", "StageName": "Closed Won", "CloseDate": "2026-12-31", "Amount": 1000 })
            }
            _ => json!({}),
        };
        let fields = object(&known)?.clone();
        self.records.push(Record::new(kind, id.to_owned(), fields, now));
        Ok(self.records.len() - 1)
    }

    /// Makes the contact whom every org knows, with an account, unless somebody has written or deleted one.
    pub(super) fn know_contact(&mut self, now: OffsetDateTime) -> Result<(), Refusal> {
        let is_known = |record: &Record| {
            record.kind.name == "Contact" && record.field("Email").as_str().is_some_and(|email| email == KNOWN_EMAIL)
        };
        if self.records.iter().any(is_known) {
            return Ok(());
        }
        let account = json!({ "Name": "Example GmbH", "Industry": "Technology", "NumberOfEmployees": 120 });
        let account = self.create("Account", &account, now)?;
        let contact = json!({ "FirstName": "Ada", "LastName": "Example", "Email": KNOWN_EMAIL, "Title": "Head of Operations", "AccountId": account });
        self.create("Contact", &contact, now)?;
        Ok(())
    }

    pub(super) fn update(&mut self, index: usize, body: &Value, now: OffsetDateTime) -> Result<(), Refusal> {
        let record = &mut self.records[index];
        let changes = record.kind.checked(object(body)?, false)?;
        record.fields.extend(changes);
        record.modified = now;
        Ok(())
    }

    /// The only record with an external id; a 300 if there are several.
    pub(super) fn find_external(&self, kind: &str, field: &str, value: &str) -> Result<Option<usize>, Refusal> {
        let kind = fields::kind(kind)?;
        if !is_external_id(&kind, field) {
            return Err(Refusal::external_id(field));
        }
        let field = kind.field_name(field).ok_or_else(|| Refusal::external_id(field))?;
        let has = |record: &Record| match record.field(&field) {
            Value::String(held) => held.eq_ignore_ascii_case(value),
            Value::Number(held) => held.to_string() == value,
            _ => false,
        };
        let matching =
            self.records.iter().enumerate().filter(|(_, record)| !record.deleted && record.kind == kind && has(record));
        let found: Vec<usize> = matching.map(|(index, _)| index).collect();
        if let [_, _, ..] = found.as_slice() {
            let urls: Vec<String> = found
                .iter()
                .filter_map(|index| self.records[*index].attributes()["url"].as_str().map(str::to_owned))
                .collect();
            return Err(Refusal::several(&urls));
        }
        Ok(found.first().copied())
    }

    /// Updates the record with an external id, or creates it. Answers its id and whether it is new.
    pub(super) fn upsert(
        &mut self,
        kind: &str,
        field: &str,
        value: &str,
        body: &Value,
        now: OffsetDateTime,
    ) -> Result<(String, bool), Refusal> {
        if let Some(index) = self.find_external(kind, field, value)? {
            self.update(index, body, now)?;
            return Ok((self.records[index].id.clone(), false));
        }
        let kind = fields::kind(kind)?;
        let mut given = object(body)?.clone();
        if given.contains_key(field) {
            let message = format!("The {field} field should not be specified in the sobject data.");
            return Err(Refusal::fields("INVALID_FIELD", &message, &[field]));
        }
        given.insert(field.to_owned(), value.into());
        let fields = kind.checked(&given, true)?;
        Ok((self.add(kind, fields, now), true))
    }
}

fn object(body: &Value) -> Result<&Fields, Refusal> {
    body.as_object().ok_or_else(|| Refusal::json_parser("Unexpected input: expected a JSON object"))
}

#[cfg(test)]
mod tests {
    use super::with_checksum;

    #[test]
    fn the_last_three_characters_tell_the_capitals() {
        // `0D5B0` has capitals at 1 and 3, `00001` none, `DVM9t` at 0, 1 and 2: the letters 10, 0 and 7.
        assert_eq!(with_checksum("0D5B000001DVM9t".into()), "0D5B000001DVM9tKAH");
    }
}
