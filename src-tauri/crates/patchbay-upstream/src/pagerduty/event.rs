//! Events API v2: `/v2/enqueue` and `/v2/change/enqueue`. 202 means accepted, not processed.

use super::error::Refusal;
use super::incident::{Incident, Status};
use super::{PagerDuty, ROUTING_KEY, ServiceRegion};
use crate::call::Call;
use crate::fields::{holding, text as text_field};
use crate::upstream::json_response;
use patchbay_core::HttpResponse;
use patchbay_core::field::{Holds, KnownField, UpstreamFields};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

/// Largest event, in bytes.
const LARGEST_EVENT: usize = 512 * 1024;
const LONGEST_SUMMARY: usize = 1024;
const LONGEST_DEDUP_KEY: usize = 255;
const SEVERITIES: [&str; 4] = ["critical", "warning", "error", "info"];
const ACTIONS: [&str; 3] = ["trigger", "acknowledge", "resolve"];

/// What a mapping may write: the fields of an event and of its payload. Others are details of the customer's own.
pub fn mapped() -> UpstreamFields {
    let one_of = |name, one_of| KnownField { one_of, ..holding(name, Holds::Text) };
    let texts = ["source", "component", "group", "class", "client", "client_url"];
    let mut fields: Vec<KnownField> = texts.into_iter().map(|name| holding(name, Holds::Text)).collect();
    fields.extend([
        text_field("summary", LONGEST_SUMMARY),
        text_field("dedup_key", LONGEST_DEDUP_KEY),
        one_of("severity", &SEVERITIES),
        one_of("event_action", &ACTIONS),
        holding("timestamp", Holds::Date),
    ]);
    UpstreamFields { fields, ..UpstreamFields::open("pagerduty", "PagerDuty") }
}

impl PagerDuty {
    pub(super) fn event(&mut self, call: &Call<'_>, region: ServiceRegion) -> Result<HttpResponse, Refusal> {
        let segments = call.segments();
        let place: Vec<&str> = segments.iter().map(String::as_str).collect();
        let change = match (call.method(), place.as_slice()) {
            ("POST", ["v2", "enqueue"]) => false,
            ("POST", ["v2", "change", "enqueue"]) => true,
            _ => return Err(Refusal::missing()),
        };
        if call.request.body.len() > LARGEST_EVENT {
            return Err(Refusal::event(&["Event exceeds the maximum size of 512 KB".into()]));
        }
        let event = call.json().ok().filter(Value::is_object);
        let event = event.ok_or_else(|| Refusal::event(&["JSON is not valid".into()]))?;
        let key = self.routing_key(&event)?;
        self.events.take(&key, call.now).map_err(|_| Refusal::event_throttled())?;
        if change {
            let errors = change_errors(&event);
            if !errors.is_empty() {
                return Err(Refusal::event(&errors));
            }
            return Ok(json_response(202, &json!({ "status": "success", "message": "Change event processed" })));
        }
        let errors = event_errors(&event);
        if !errors.is_empty() {
            return Err(Refusal::event(&errors));
        }
        let given = event["dedup_key"].as_str().filter(|key| !key.is_empty());
        let dedup_key = given.map_or_else(|| Uuid::new_v4().simple().to_string(), str::to_owned);
        self.apply(&event, &key, &dedup_key, region, call.now);
        let answer = json!({ "status": "success", "message": "Event processed", "dedup_key": dedup_key });
        Ok(json_response(202, &answer))
    }

    fn routing_key(&self, event: &Value) -> Result<String, Refusal> {
        let refused = |message: &str| Refusal::event(&[message.to_owned()]);
        let key = event["routing_key"].as_str().unwrap_or_default();
        if key.is_empty() {
            return Err(refused("'routing_key' is missing or blank"));
        }
        if key.len() != ROUTING_KEY {
            return Err(refused("Length of 'routing_key' is incorrect (should be 32 characters)"));
        }
        if !key.bytes().all(|byte| byte.is_ascii_alphanumeric()) || !self.routing_key.admits(key) {
            return Err(refused("Invalid routing key"));
        }
        Ok(key.to_owned())
    }

    /// Opens, acknowledges or resolves; an event for an incident that is not open is accepted and changes nothing.
    fn apply(&mut self, event: &Value, key: &str, dedup_key: &str, region: ServiceRegion, now: OffsetDateTime) {
        let open = self.incidents.iter_mut().find(|incident| {
            incident.region == region && incident.service == key && incident.is_open() && incident.key == dedup_key
        });
        match (event["event_action"].as_str(), open) {
            (Some("trigger"), None) => {
                let summary = event["payload"]["summary"].as_str().unwrap_or_default();
                let urgency = if event["payload"]["severity"] == "info" { "low" } else { "high" };
                let number = self.incidents.len() + 1;
                let mut incident = Incident::new(number, region, key, dedup_key, summary, urgency, now);
                incident.details = event["payload"].clone();
                self.incidents.push(incident);
            }
            (Some("trigger"), Some(incident)) => {
                incident.alerts += 1;
                incident.updated = now;
            }
            (Some("acknowledge"), Some(incident)) => incident.become_status(Status::Acknowledged, now),
            (Some("resolve"), Some(incident)) => incident.become_status(Status::Resolved, now),
            _ => {}
        }
    }
}

fn event_errors(event: &Value) -> Vec<String> {
    let mut errors = Vec::new();
    let action = event["event_action"].as_str().unwrap_or_default();
    if action.is_empty() {
        errors.push("'event_action' is missing or blank".into());
    } else if !ACTIONS.contains(&action) {
        errors.push(
            "'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')".into(),
        );
    }
    match &event["dedup_key"] {
        Value::String(key) if key.chars().count() > LONGEST_DEDUP_KEY => {
            errors.push("'dedup_key' is too long (maximum is 255 characters)".into());
        }
        Value::String(key) if key.is_empty() && action != "trigger" => {
            errors.push("'dedup_key' is missing or blank".into());
        }
        Value::Null if ["acknowledge", "resolve"].contains(&action) => {
            errors.push("'dedup_key' is missing or blank".into());
        }
        Value::Null | Value::String(_) => {}
        _ => errors.push("'dedup_key' is not a string".into()),
    }
    if action != "trigger" {
        return errors;
    }
    let payload = &event["payload"];
    if !payload.is_object() {
        errors.push("'payload' is missing or blank".into());
        return errors;
    }
    summary(payload, &mut errors);
    text(payload, "source", &mut errors);
    match payload["severity"].as_str() {
        None | Some("") => errors.push("'payload.severity' is missing or blank".into()),
        Some(severity) if !SEVERITIES.contains(&severity) => errors.push(
            "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')"
                .into(),
        ),
        Some(_) => {}
    }
    timestamp(payload, &mut errors);
    for (list, needed) in [("links", "href"), ("images", "src")] {
        match &event[list] {
            Value::Null => {}
            Value::Array(items) => {
                if items.iter().any(|item| item[needed].as_str().is_none_or(|url| !url.starts_with("http"))) {
                    errors.push(format!("'{list}' is invalid (each needs '{needed}')"));
                }
            }
            _ => errors.push(format!("'{list}' is not an array")),
        }
    }
    errors
}

fn change_errors(event: &Value) -> Vec<String> {
    let mut errors = Vec::new();
    if event["payload"].is_object() {
        summary(&event["payload"], &mut errors);
        timestamp(&event["payload"], &mut errors);
    } else {
        errors.push("'payload' is missing or blank".into());
    }
    errors
}

fn summary(payload: &Value, errors: &mut Vec<String>) {
    text(payload, "summary", errors);
    if payload["summary"].as_str().is_some_and(|summary| summary.chars().count() > LONGEST_SUMMARY) {
        errors.push("'payload.summary' is too long (maximum is 1024 characters)".into());
    }
}

fn text(payload: &Value, name: &str, errors: &mut Vec<String>) {
    match &payload[name] {
        Value::String(text) if !text.trim().is_empty() => {}
        Value::Null | Value::String(_) => errors.push(format!("'payload.{name}' is missing or blank")),
        _ => errors.push(format!("'payload.{name}' is not a string")),
    }
}

fn timestamp(payload: &Value, errors: &mut Vec<String>) {
    let valid = match &payload["timestamp"] {
        Value::Null => true,
        Value::String(text) => OffsetDateTime::parse(text, &Rfc3339).is_ok(),
        _ => false,
    };
    if !valid {
        errors.push("'payload.timestamp' is not a valid ISO 8601 date-time".into());
    }
}
