//! Batches: up to 100 inputs; those that fail are told apart in a 207.

use super::error::Refusal;
use super::object::{Kind, checked};
use super::{HubSpot, LIMIT};
use crate::call::{Call, time_text};
use crate::upstream::{empty_response, json_response};
use patchbay_core::HttpResponse;
use serde_json::{Value, json};

impl HubSpot {
    pub(super) fn batch(
        &mut self,
        kind: Kind,
        action: &str,
        body: &Value,
        call: &Call<'_>,
    ) -> Result<HttpResponse, Refusal> {
        let inputs = body.get("inputs").and_then(Value::as_array);
        let inputs = inputs.ok_or_else(|| Refusal::validation("Some required fields were not set: [inputs]"))?;
        if inputs.len() > LIMIT {
            return Err(Refusal::validation(&format!("The maximum number of inputs is {LIMIT}")));
        }
        let mut results = Vec::new();
        let mut errors = Vec::new();
        // Creating is all or nothing: every input is checked before the first is written.
        if action == "create" {
            for input in inputs {
                self.refuse_duplicate(kind, &checked(kind, input.get("properties"))?, None)?;
            }
        }
        for input in inputs {
            match self.one(kind, action, body, input, call) {
                Ok(result) => results.push(result),
                Err(refusal) if action == "create" => return Err(refusal),
                Err(refusal) => errors.push(refusal.in_batch(&id_of(input))),
            }
        }
        if action == "archive" {
            return Ok(empty_response(204));
        }
        let mut answer = json!({
            "status": "COMPLETE", "results": results, "startedAt": time_text(call.now), "completedAt": time_text(call.now),
        });
        let mut status = if action == "create" { 201 } else { 200 };
        if !errors.is_empty() {
            status = 207;
            answer["numErrors"] = errors.len().into();
            answer["errors"] = errors.into();
        }
        Ok(json_response(status, &answer))
    }

    fn one(
        &mut self,
        kind: Kind,
        action: &str,
        body: &Value,
        input: &Value,
        call: &Call<'_>,
    ) -> Result<Value, Refusal> {
        let id = id_of(input);
        let own = input.get("idProperty").or_else(|| body.get("idProperty")).and_then(Value::as_str);
        let traced = |mut object: Value| {
            if let Some(trace) = input.get("objectWriteTraceId") {
                object["objectWriteTraceId"] = trace.clone();
            }
            object
        };
        match action {
            "create" => {
                let properties = checked(kind, input.get("properties"))?;
                self.refuse_duplicate(kind, &properties, None)?;
                let index = self.add(kind, properties, call.now);
                Ok(traced(self.records[index].whole()))
            }
            "read" => {
                let index = self.find(kind, &id, own, call.now)?;
                let asked = body.get("properties").and_then(Value::as_array).into_iter().flatten();
                let asked: Vec<String> = asked.filter_map(Value::as_str).map(str::to_owned).collect();
                Ok(self.records[index].object(&asked))
            }
            "update" => {
                let properties = checked(kind, input.get("properties"))?;
                let index = self.find(kind, &id, own, call.now)?;
                self.refuse_duplicate(kind, &properties, Some(index))?;
                self.records[index].change(properties, call.now);
                Ok(traced(self.records[index].whole()))
            }
            "upsert" => {
                let Some(property) = own.map(str::to_owned) else {
                    return Err(Refusal::validation("Some required fields were not set: [idProperty]"));
                };
                let mut properties = checked(kind, input.get("properties"))?;
                properties.insert(property.clone(), id.clone().into());
                let found = self.find(kind, &id, Some(&property), call.now);
                let new = found.is_err();
                let index = match found {
                    Ok(index) => {
                        self.records[index].change(properties, call.now);
                        index
                    }
                    Err(_) => self.add(kind, checked(kind, Some(&properties.into()))?, call.now),
                };
                let mut object = traced(self.records[index].whole());
                object["new"] = new.into();
                Ok(object)
            }
            "archive" => {
                let index = self.find(kind, &id, own, call.now)?;
                self.records[index].archived = true;
                Ok(Value::Null)
            }
            _ => Err(Refusal::not_simulated(call.method(), call.url.path())),
        }
    }
}

fn id_of(input: &Value) -> String {
    match &input["id"] {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => String::new(),
    }
}
