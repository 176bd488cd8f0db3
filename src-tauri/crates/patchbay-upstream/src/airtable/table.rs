//! A table: its records, and how they are listed, written and removed.

use super::error::Refusal;
use super::fields::{FieldType, Fields, fitted, is_blank};
use super::formula::Formula;
use crate::call::{Call, time_text};
use crate::random_id::{has_shape, mixed};
use crate::upstream::Kept;
use serde_json::{Map, Value, json};
use std::cmp::Ordering;
use time::OffsetDateTime;

const LARGEST_PAGE: usize = 100;

/// One table. Its fields are those that were written to it.
#[derive(Default)]
pub struct Table {
    types: Vec<(String, FieldType)>,
    records: Vec<Record>,
}

struct Record {
    id: String,
    created: OffsetDateTime,
    fields: Fields,
}

impl Table {
    /// Its records, named as what they are.
    pub fn kept(&self, kind: &str) -> Vec<Kept> {
        self.records.iter().map(|record| Kept::new(kind, record.object())).collect()
    }
}

impl Record {
    fn object(&self) -> Value {
        self.object_with(None)
    }

    fn object_with(&self, names: Option<&[String]>) -> Value {
        let shown = |name: &String| names.is_none_or(|names| names.contains(name));
        let fields = self.fields.iter().filter(|(name, value)| shown(name) && !is_blank(value));
        let fields: Map<String, Value> = fields.map(|(name, value)| (name.clone(), value.clone())).collect();
        json!({ "id": self.id, "createdTime": time_text(self.created), "fields": fields })
    }
}

/// Which records a list shows, and how.
#[derive(Default)]
pub struct Selection {
    formula: Option<Formula>,
    sort: Vec<(String, bool)>,
    fields: Option<Vec<String>>,
    page_size: usize,
    most: Option<usize>,
    offset: Option<String>,
}

impl Selection {
    pub fn from_query(call: &Call<'_>) -> Result<Self, Refusal> {
        let mut body = json!({});
        for name in ["filterByFormula", "offset", "cellFormat", "view", "timeZone", "userLocale"] {
            if let Some(value) = call.query(name) {
                body[name] = value.into();
            }
        }
        for name in ["pageSize", "maxRecords"] {
            if let Some(value) = call.query(name) {
                body[name] = value.parse::<u64>().map_err(|_| Refusal::parameters())?.into();
            }
        }
        let fields = call.query_all("fields[]");
        if !fields.is_empty() {
            body["fields"] = json!(fields);
        }
        let mut sort = Vec::new();
        for index in 0.. {
            let Some(field) = call.query(&format!("sort[{index}][field]")) else {
                break;
            };
            let direction = call.query(&format!("sort[{index}][direction]")).unwrap_or_else(|| "asc".into());
            sort.push(json!({ "field": field, "direction": direction }));
        }
        body["sort"] = sort.into();
        Self::from_body(&body)
    }

    pub fn from_body(body: &Value) -> Result<Self, Refusal> {
        let formula = match body.get("filterByFormula").and_then(Value::as_str).filter(|text| !text.trim().is_empty()) {
            None => None,
            Some(text) => Some(Formula::parse(text).map_err(|reason| Refusal::formula(&reason))?),
        };
        let size = |name: &str| match body.get(name) {
            None => Ok(None),
            Some(given) => {
                let size = given.as_u64().and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0);
                size.map(Some).ok_or_else(Refusal::parameters)
            }
        };
        let page_size = size("pageSize")?.unwrap_or(LARGEST_PAGE);
        if page_size > LARGEST_PAGE {
            return Err(Refusal::parameters());
        }
        let mut sort = Vec::new();
        for one in body.get("sort").and_then(Value::as_array).into_iter().flatten() {
            let field = one.get("field").and_then(Value::as_str).ok_or_else(Refusal::parameters)?;
            let direction = one.get("direction").and_then(Value::as_str).unwrap_or("asc");
            if !["asc", "desc"].contains(&direction) {
                return Err(Refusal::parameters());
            }
            sort.push((field.to_owned(), direction == "desc"));
        }
        let fields = body.get("fields").and_then(Value::as_array);
        Ok(Self {
            formula,
            sort,
            fields: fields.map(|names| names.iter().filter_map(|n| n.as_str().map(str::to_owned)).collect()),
            page_size,
            most: size("maxRecords")?,
            offset: body.get("offset").and_then(Value::as_str).map(str::to_owned),
        })
    }
}

impl Table {
    pub fn list(&self, selection: &Selection) -> Result<Value, Refusal> {
        let mut found = Vec::new();
        for record in &self.records {
            let holds = match &selection.formula {
                None => true,
                Some(formula) => formula
                    .holds(&record.id, record.created, &record.fields)
                    .map_err(|reason| Refusal::formula(&reason))?,
            };
            if holds {
                found.push(record);
            }
        }
        for (field, descending) in selection.sort.iter().rev() {
            found.sort_by(|left, right| {
                let order = compare(left.fields.get(field), right.fields.get(field));
                if *descending { order.reverse() } else { order }
            });
        }
        found.truncate(selection.most.unwrap_or(usize::MAX));
        let start = match &selection.offset {
            None => 0,
            Some(offset) => {
                let id = offset.rsplit_once('/').map_or("", |(_, id)| id);
                found.iter().position(|record| record.id == id).ok_or_else(Refusal::offset)?
            }
        };
        let page = found.iter().skip(start).take(selection.page_size);
        let records: Vec<Value> = page.map(|record| record.object_with(selection.fields.as_deref())).collect();
        let mut answer = json!({ "records": records });
        if let Some(next) = found.get(start + selection.page_size) {
            answer["offset"] = format!("itr{}/{}", &next.id[3..], next.id).into();
        }
        Ok(answer)
    }

    pub fn get(&self, id: &str) -> Result<Value, Refusal> {
        self.records.iter().find(|record| record.id == id).map(Record::object).ok_or_else(Refusal::not_found)
    }

    /// Creates all of the records or none.
    pub fn create(&mut self, now: OffsetDateTime, given: Vec<Fields>, typecast: bool) -> Result<Vec<Value>, Refusal> {
        let fields = self.fitted(given, typecast)?;
        Ok(fields.into_iter().map(|fields| self.add(now, fields).object()).collect())
    }

    fn add(&mut self, now: OffsetDateTime, fields: Fields) -> &Record {
        self.records.push(Record { id: mixed("rec", 14), created: now, fields });
        &self.records[self.records.len() - 1]
    }

    pub fn update(&mut self, id: &str, given: Fields, typecast: bool, replace: bool) -> Result<Value, Refusal> {
        let index = self.position(id)?;
        let fields = self.fitted(vec![given], typecast)?.remove(0);
        self.change(index, fields, replace);
        Ok(self.records[index].object())
    }

    /// Updates by id, or by the fields to merge on; what is not found by those is created. All or nothing.
    pub fn write(
        &mut self,
        now: OffsetDateTime,
        changes: Vec<(Option<String>, Fields)>,
        merge_on: Option<&[&str]>,
        typecast: bool,
        replace: bool,
    ) -> Result<Value, Refusal> {
        let (ids, given): (Vec<_>, Vec<_>) = changes.into_iter().unzip();
        let types = self.types.clone();
        let fitted = self.fitted(given, typecast)?;
        let found = self.found(&ids, &fitted, merge_on);
        if found.is_err() {
            self.types = types;
        }
        let mut records = Vec::new();
        let (mut created, mut updated) = (Vec::new(), Vec::new());
        for (index, fields) in found?.into_iter().zip(fitted) {
            let record = if let Some(index) = index {
                self.change(index, fields, replace);
                updated.push(self.records[index].id.clone());
                &self.records[index]
            } else {
                let record = self.add(now, fields);
                created.push(record.id.clone());
                record
            };
            records.push(record.object());
        }
        Ok(match merge_on {
            None => json!({ "records": records }),
            Some(_) => json!({ "records": records, "createdRecords": created, "updatedRecords": updated }),
        })
    }

    /// The record that each change is for; `None` for one that is to be created.
    fn found(
        &self,
        ids: &[Option<String>],
        fitted: &[Fields],
        merge_on: Option<&[&str]>,
    ) -> Result<Vec<Option<usize>>, Refusal> {
        let mut keys: Vec<Vec<&Value>> = Vec::new();
        let mut found = Vec::new();
        for (id, fields) in ids.iter().zip(fitted) {
            let Some(names) = merge_on.filter(|_| id.is_none()) else {
                found.push(Some(self.position(id.as_deref().unwrap_or_default())?));
                continue;
            };
            let key: Option<Vec<&Value>> = names.iter().map(|name| fields.get(*name)).collect();
            let key = key.filter(|key| !key.iter().any(|value| is_blank(value)));
            let key = key.ok_or_else(|| Refusal::upsert("Cannot upsert a record without the fields to merge on"))?;
            if keys.contains(&key) {
                return Err(Refusal::upsert("Cannot upsert several records with the same values to merge on"));
            }
            let same =
                |record: &Record| names.iter().zip(&key).all(|(name, value)| record.fields.get(*name) == Some(*value));
            let mut matching =
                self.records.iter().enumerate().filter(|(_, record)| same(record)).map(|(index, _)| index);
            let first = matching.next();
            if matching.next().is_some() {
                return Err(Refusal::upsert("More than one record matches the fields to merge on"));
            }
            keys.push(key);
            found.push(first);
        }
        Ok(found)
    }

    /// Removes all of the records or none.
    pub fn delete(&mut self, ids: &[String]) -> Result<Vec<Value>, Refusal> {
        for id in ids {
            self.position(id)?;
        }
        self.records.retain(|record| !ids.contains(&record.id));
        Ok(ids.iter().map(|id| json!({ "id": id, "deleted": true })).collect())
    }

    fn position(&self, id: &str) -> Result<usize, Refusal> {
        if !has_shape(id, "rec", 14) {
            return Err(Refusal::record_id(id));
        }
        self.records.iter().position(|record| record.id == id).ok_or_else(Refusal::not_found)
    }

    fn change(&mut self, index: usize, fields: Fields, replace: bool) {
        let record = &mut self.records[index];
        if replace {
            record.fields = fields;
        } else {
            record.fields.extend(fields);
        }
    }

    /// Checks values against the types of the fields and learns new ones; a refusal teaches nothing.
    fn fitted(&mut self, given: Vec<Fields>, typecast: bool) -> Result<Vec<Fields>, Refusal> {
        let mut types = self.types.clone();
        let mut fitted_records = Vec::new();
        for fields in given {
            let mut record = Fields::new();
            for (name, value) in fields {
                let known = types.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
                let (kind, value) = fitted(&name, &value, known, typecast)?;
                if let (None, Some(kind)) = (known, kind) {
                    types.push((name.clone(), kind));
                }
                record.insert(name, value);
            }
            fitted_records.push(record);
        }
        self.types = types;
        Ok(fitted_records)
    }

    pub fn schema(&self, name: &str) -> Value {
        let id = |prefix: &str, of: &str| {
            // Ids of tables and fields only have to stay the same within a run.
            let hash = of
                .bytes()
                .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
            format!("{prefix}{:014x}", hash >> 8)
        };
        let fields: Vec<Value> = self
            .types
            .iter()
            .map(|(name, kind)| json!({ "id": id("fld", name), "name": name, "type": kind.name() }))
            .collect();
        json!({
            "id": id("tbl", name), "name": name, "primaryFieldId": fields.first().map(|field| field["id"].clone()),
            "fields": fields, "views": [],
        })
    }
}

fn compare(left: Option<&Value>, right: Option<&Value>) -> Ordering {
    if let (Some(left), Some(right)) = (left.and_then(Value::as_f64), right.and_then(Value::as_f64)) {
        return left.total_cmp(&right);
    }
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    text(left).cmp(&text(right))
}
