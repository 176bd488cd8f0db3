//! Several calls in one: `/composite` (up to 25 parts, with references between them) and collections of records.

use super::Salesforce;
use super::error::Refusal;
use crate::call::Call;
use crate::upstream::json_response;
use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

const MOST_PARTS: usize = 25;
const MOST_RECORDS: usize = 200;
const MOST_READ: usize = 2000;

impl Salesforce {
    pub(super) fn composite(&mut self, call: &Call<'_>, body: &Value) -> Result<HttpResponse, Refusal> {
        let parts = body["compositeRequest"].as_array();
        let parts = parts.ok_or_else(|| Refusal::json_parser("compositeRequest is required"))?;
        if parts.len() > MOST_PARTS {
            return Err(Refusal::too_many("The request can't contain more than 25 subrequests"));
        }
        let all_or_none = body["allOrNone"] == true;
        let before = self.records.len();
        let mut results: Map<String, Value> = Map::new();
        let mut answers: Vec<Value> = Vec::new();
        let mut failed = false;
        for part in parts {
            let reference = part["referenceId"].as_str().unwrap_or_default().to_owned();
            let (status, answer) =
                if failed && all_or_none { (400, not_processed()) } else { self.part(call, part, &results) };
            failed |= status >= 300;
            results.insert(reference.clone(), answer.clone());
            answers.push(json!({
                "body": answer, "httpHeaders": {}, "httpStatusCode": status, "referenceId": reference,
            }));
        }
        if failed && all_or_none {
            // What the parts before the failure created is taken back.
            self.records.truncate(before);
            for answer in &mut answers {
                if answer["httpStatusCode"].as_u64().is_some_and(|status| status < 300) {
                    answer["httpStatusCode"] = 400.into();
                    answer["body"] = not_processed();
                }
            }
        }
        Ok(json_response(200, &json!({ "compositeResponse": answers })))
    }

    fn part(&mut self, call: &Call<'_>, part: &Value, results: &Map<String, Value>) -> (u16, Value) {
        let url = resolved(&part["url"], results);
        let body = resolved(&part["body"], results);
        let method = part["method"].as_str().unwrap_or_default();
        let request = HttpRequest {
            method: method.to_owned(),
            url: format!("https://{}{}", call.host(), url.as_str().unwrap_or_default()),
            headers: HttpMessageHeaders::default(),
            body: body.to_string().into(),
        };
        let Ok(inner) = Call::read(&request, call.now) else {
            return (404, Refusal::missing().body().clone());
        };
        let segments = inner.segments();
        let all: Vec<&str> = segments.iter().map(String::as_str).collect();
        let answer = match all.as_slice() {
            // A composite call within a composite call is not possible.
            ["services", "data", _, "composite", ..] => Err(Refusal::missing()),
            ["services", "data", _, route @ ..] => self.route(&inner, method, route, &body),
            _ => Err(Refusal::missing()),
        };
        match answer {
            Ok(response) => (response.status, serde_json::from_slice(&response.body).unwrap_or_default()),
            Err(refusal) => (refusal.status(), refusal.body().clone()),
        }
    }

    /// Creates or updates up to 200 records of any object.
    pub(super) fn collection(
        &mut self,
        method: &str,
        body: &Value,
        now: OffsetDateTime,
    ) -> Result<HttpResponse, Refusal> {
        self.each(body, |org, record| {
            let kind = record["attributes"]["type"].as_str().unwrap_or_default().to_owned();
            if method == "POST" {
                let id = org.create(&kind, record, now)?;
                return Ok(json!({ "id": id, "success": true, "errors": [] }));
            }
            let id = ["id", "Id"].into_iter().find_map(|name| record[name].as_str()).unwrap_or_default().to_owned();
            let index = org.find(&kind, &id, now)?;
            let mut fields = record.clone();
            if let Some(fields) = fields.as_object_mut() {
                fields.retain(|name, _| !name.eq_ignore_ascii_case("id"));
            }
            org.update(index, &fields, now)?;
            Ok(json!({ "id": id, "success": true, "errors": [] }))
        })
    }

    /// Upserts up to 200 records of one object.
    pub(super) fn upsert_collection(
        &mut self,
        kind: &str,
        field: &str,
        body: &Value,
        now: OffsetDateTime,
    ) -> Result<HttpResponse, Refusal> {
        self.each(body, |org, record| {
            let value = match &record[field] {
                Value::String(value) => value.clone(),
                Value::Number(value) => value.to_string(),
                _ => {
                    let message = format!("{field} not specified");
                    return Err(Refusal::fields("MISSING_ARGUMENT", &message, &[field]));
                }
            };
            let mut fields = record.clone();
            if let Some(fields) = fields.as_object_mut() {
                fields.shift_remove(field);
            }
            let (id, created) = org.upsert(kind, field, &value, &fields, now)?;
            Ok(json!({ "id": id, "success": true, "errors": [], "created": created }))
        })
    }

    /// Reads records of one object by their ids; null for those that are not there.
    pub(super) fn retrieve_collection(
        &mut self,
        kind: &str,
        call: &Call<'_>,
        body: &Value,
    ) -> Result<HttpResponse, Refusal> {
        let listed = |name: &str| -> Vec<String> {
            match (body[name].as_array(), call.query(name)) {
                (Some(items), _) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                (None, Some(text)) => text.split(',').map(str::to_owned).collect(),
                (None, None) => Vec::new(),
            }
        };
        let ids = listed("ids");
        if ids.len() > MOST_READ {
            return Err(Refusal::too_many("record limit reached. cannot submit more than 2000 records into this call"));
        }
        let fields = listed("fields").join(",");
        let fields = (!fields.is_empty()).then_some(fields);
        let records: Vec<Value> = ids
            .iter()
            .map(|id| match self.find(kind, id, call.now) {
                Ok(index) => self.records[index].object(fields.as_deref()),
                Err(_) => Value::Null,
            })
            .collect();
        Ok(json_response(200, &records.into()))
    }

    /// Deletes up to 200 records by their ids, each for itself.
    pub(super) fn delete_collection(&mut self, call: &Call<'_>) -> Result<HttpResponse, Refusal> {
        let ids = call.query("ids").unwrap_or_default();
        let ids: Vec<&str> = ids.split(',').filter(|id| !id.is_empty()).collect();
        if ids.len() > MOST_RECORDS {
            return Err(Refusal::too_many("record limit reached. cannot submit more than 200 records into this call"));
        }
        let answers: Vec<Value> = ids
            .into_iter()
            .map(|id| {
                let found =
                    self.records.iter_mut().find(|record| id.get(..15).is_some_and(|id| record.id.starts_with(id)));
                match found.filter(|record| !record.deleted) {
                    Some(record) => {
                        record.deleted = true;
                        json!({ "id": id, "success": true, "errors": [] })
                    }
                    None => Refusal::deleted().in_collection(),
                }
            })
            .collect();
        Ok(json_response(200, &answers.into()))
    }

    fn each(
        &mut self,
        body: &Value,
        mut write: impl FnMut(&mut Self, &Value) -> Result<Value, Refusal>,
    ) -> Result<HttpResponse, Refusal> {
        let records = body["records"].as_array().ok_or_else(|| Refusal::json_parser("records is required"))?;
        if records.len() > MOST_RECORDS {
            return Err(Refusal::too_many("record limit reached. cannot submit more than 200 records into this call"));
        }
        let before = self.records.len();
        let answers: Vec<Value> = records
            .iter()
            .map(|record| write(self, record).unwrap_or_else(|refusal| refusal.in_collection()))
            .collect();
        let failed = answers.iter().any(|answer| answer["success"] == false);
        if failed && body["allOrNone"] == true {
            self.records.truncate(before);
            let rolled_back = json!({ "success": false, "errors": [{
                "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK", "fields": [],
                "message": "Record rolled back because not all records were valid and the request was using AllOrNone header",
            }] });
            let kept = |answer: Value| if answer["success"] == true { rolled_back.clone() } else { answer };
            return Ok(json_response(200, &answers.into_iter().map(kept).collect()));
        }
        Ok(json_response(200, &answers.into()))
    }
}

fn not_processed() -> Value {
    json!([{
        "errorCode": "PROCESSING_HALTED",
        "message": "The transaction was rolled back since another operation in the same transaction failed.",
    }])
}

/// Puts results of earlier parts in the place of `@{reference.field}`.
fn resolved(value: &Value, results: &Map<String, Value>) -> Value {
    match value {
        Value::String(text) => {
            let mut whole = String::new();
            let mut rest = text.as_str();
            // What is put in is not read again: a record may hold anything.
            while let Some((before, (path, after))) =
                rest.split_once("@{").and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
            {
                let (reference, field) = path.split_once('.').unwrap_or((path, ""));
                let pointer = format!("/{}", field.replace(['.', '['], "/").replace(']', ""));
                let held =
                    results.get(reference).and_then(|result| result.pointer(&pointer)).cloned().unwrap_or_default();
                whole += before;
                whole += &held.as_str().map_or_else(|| held.to_string(), str::to_owned);
                rest = after;
            }
            (whole + rest).into()
        }
        Value::Array(items) => items.iter().map(|item| resolved(item, results)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), resolved(value, results))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}
