//! Incidents: what events make of them, and the REST API over them.

use super::error::Refusal;
use super::{PagerDuty, ServiceRegion};
use crate::call::{Call, time_text};
use crate::random_id::upper;
use crate::upstream::json_response;
use patchbay_core::HttpResponse;
use serde_json::{Value, json};
use time::OffsetDateTime;

/// How far an incident has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Triggered,
    Acknowledged,
    Resolved,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Triggered => "triggered",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
        }
    }
}

/// One incident.
pub struct Incident {
    id: String,
    number: usize,
    pub region: ServiceRegion,
    /// The routing key of an event, or the id of a service.
    pub service: String,
    /// `dedup_key` of events, `incident_key` of the REST API.
    pub key: String,
    title: String,
    urgency: String,
    status: Status,
    created: OffsetDateTime,
    pub updated: OffsetDateTime,
    pub alerts: u32,
    pub details: Value,
    notes: Vec<Value>,
}

impl Incident {
    pub fn new(
        number: usize,
        region: ServiceRegion,
        service: &str,
        key: &str,
        title: &str,
        urgency: &str,
        now: OffsetDateTime,
    ) -> Self {
        Self {
            id: upper("Q", 13),
            number,
            region,
            service: service.to_owned(),
            key: key.to_owned(),
            title: title.to_owned(),
            urgency: urgency.to_owned(),
            status: Status::Triggered,
            created: now,
            updated: now,
            alerts: 1,
            details: Value::Null,
            notes: Vec::new(),
        }
    }

    pub fn is_open(&self) -> bool {
        self.status != Status::Resolved
    }

    pub fn become_status(&mut self, status: Status, now: OffsetDateTime) {
        self.status = status;
        self.updated = now;
    }

    pub fn object(&self) -> Value {
        // A routing key is a secret; the service behind it is shown under an id of its own.
        let service = if self.service.len() == super::ROUTING_KEY { "PSIMULD" } else { &self.service };
        json!({
            "id": self.id, "type": "incident", "summary": format!("[#{}] {}", self.number, self.title),
            "self": format!("https://api.pagerduty.com/incidents/{}", self.id),
            "html_url": format!("https://simulated.pagerduty.com/incidents/{}", self.id),
            "incident_number": self.number, "title": self.title, "status": self.status.name(),
            "incident_key": self.key, "urgency": self.urgency, "created_at": seconds(self.created),
            "updated_at": seconds(self.updated), "service": { "id": service, "type": "service_reference", "summary": "Simulated service" },
            "alert_counts": { "all": self.alerts, "triggered": self.alerts, "resolved": 0 }, "assignments": [],
            "body": { "type": "incident_body", "details": self.details },
        })
    }
}

/// `2026-11-21T08:30:00Z`.
fn seconds(moment: OffsetDateTime) -> String {
    time_text(moment).split_once('.').map(|(seconds, _)| format!("{seconds}Z")).unwrap_or_default()
}

impl PagerDuty {
    pub(super) fn rest(&mut self, call: &Call<'_>, region: ServiceRegion) -> Result<HttpResponse, Refusal> {
        let header = call.header("authorization").unwrap_or_default();
        let token = header.strip_prefix("Token token=").or_else(|| header.strip_prefix("Bearer "));
        let token = token.filter(|token| self.token.admits(token)).ok_or_else(Refusal::unauthorized)?;
        let left = self.calls.take(token, call.now).map_err(|early| Refusal::throttled(early.seconds()))?;
        let segments = call.segments();
        let route: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (status, body) = match (call.method(), route.as_slice()) {
            ("GET", ["incidents"]) => (200, self.list(call, region)?),
            ("POST", ["incidents"]) => (201, self.create(call, region)?),
            ("GET", ["incidents", id]) => (200, json!({ "incident": self.incident(id, region)?.object() })),
            ("PUT", ["incidents", id]) => (200, self.change(call, id, region)?),
            ("GET", ["incidents", id, "notes"]) => (200, json!({ "notes": self.incident(id, region)?.notes })),
            ("POST", ["incidents", id, "notes"]) => (200, self.note(call, id, region)?),
            (method, ["services" | "users" | "abilities" | "schedules" | "incidents" | "escalation_policies", ..]) => {
                return Err(Refusal::not_simulated(method, call.url.path()));
            }
            _ => return Err(Refusal::missing()),
        };
        let mut response = json_response(status, &body);
        if left != usize::MAX {
            response.headers.set("ratelimit-limit", "960");
            response.headers.set("ratelimit-remaining", left.to_string());
        }
        Ok(response)
    }

    fn incident(&mut self, id: &str, region: ServiceRegion) -> Result<&mut Incident, Refusal> {
        let mine = |incident: &&mut Incident| incident.region == region && incident.id == id;
        self.incidents.iter_mut().find(mine).ok_or_else(Refusal::missing)
    }

    fn list(&self, call: &Call<'_>, region: ServiceRegion) -> Result<Value, Refusal> {
        let whole = |name: &str, otherwise: usize| match call.query(name) {
            None => Ok(otherwise),
            Some(text) => {
                text.parse::<usize>().map_err(|_| Refusal::invalid_input(&[format!("{name} is not a number")]))
            }
        };
        let (limit, offset) = (whole("limit", 25)?.min(100), whole("offset", 0)?);
        let key = call.query("incident_key");
        let statuses = call.query_all("statuses[]");
        let wanted = |incident: &&Incident| {
            incident.region == region
                && key.as_ref().is_none_or(|key| incident.key == *key)
                && (statuses.is_empty() || statuses.iter().any(|status| status == incident.status.name()))
        };
        let found: Vec<Value> = self.incidents.iter().filter(wanted).map(Incident::object).collect();
        let page: Vec<&Value> = found.iter().skip(offset).take(limit).collect();
        Ok(json!({
            "incidents": page, "limit": limit, "offset": offset, "total": null, "more": found.len() > offset + page.len(),
        }))
    }

    fn create(&mut self, call: &Call<'_>, region: ServiceRegion) -> Result<Value, Refusal> {
        let body = written(call, "incident")?;
        let mut errors = Vec::new();
        let title = body["title"].as_str().map(str::trim).unwrap_or_default();
        if title.is_empty() {
            errors.push("Title cannot be empty.".to_owned());
        }
        if body["type"] != "incident" {
            errors.push("Type must be incident.".to_owned());
        }
        let service = body["service"]["id"].as_str().unwrap_or_default();
        if service.is_empty() {
            errors.push("Service cannot be empty.".to_owned());
        }
        let urgency = body["urgency"].as_str().unwrap_or("high");
        if !["high", "low"].contains(&urgency) {
            errors.push("Urgency must be high or low.".to_owned());
        }
        if !errors.is_empty() {
            return Err(Refusal::invalid_input(&errors));
        }
        let key = body["incident_key"].as_str().map_or_else(|| upper("", 32).to_lowercase(), str::to_owned);
        let open = |incident: &Incident| {
            incident.region == region && incident.service == service && incident.is_open() && incident.key == key
        };
        if self.incidents.iter().any(open) {
            let error = "Open incident with matching dedup key already exists on this service";
            return Err(Refusal::rest(400, 2002, "Arguments Caused Error", &[error.into()]));
        }
        let mut incident = Incident::new(self.incidents.len() + 1, region, service, &key, title, urgency, call.now);
        incident.details = body["body"]["details"].clone();
        let object = incident.object();
        self.incidents.push(incident);
        Ok(json!({ "incident": object }))
    }

    fn change(&mut self, call: &Call<'_>, id: &str, region: ServiceRegion) -> Result<Value, Refusal> {
        let body = written(call, "incident")?;
        let status = match body["status"].as_str() {
            None => None,
            Some("acknowledged") => Some(Status::Acknowledged),
            Some("resolved") => Some(Status::Resolved),
            Some(_) => return Err(Refusal::invalid_input(&["Status must be acknowledged or resolved.".into()])),
        };
        let incident = self.incident(id, region)?;
        if !incident.is_open() {
            return Err(Refusal::invalid_input(&["Incident Already Resolved".into()]));
        }
        if let Some(title) = body["title"].as_str() {
            title.clone_into(&mut incident.title);
        }
        if let Some(urgency) = body["urgency"].as_str() {
            urgency.clone_into(&mut incident.urgency);
        }
        incident.become_status(status.unwrap_or(incident.status), call.now);
        Ok(json!({ "incident": incident.object() }))
    }

    fn note(&mut self, call: &Call<'_>, id: &str, region: ServiceRegion) -> Result<Value, Refusal> {
        let note = written(call, "note")?;
        let content = note["content"].as_str().filter(|content| !content.trim().is_empty());
        let content = content.ok_or_else(|| Refusal::invalid_input(&["Content cannot be empty.".into()]))?;
        let note = json!({ "id": upper("P", 6), "content": content, "created_at": seconds(call.now) });
        self.incident(id, region)?.notes.push(note.clone());
        Ok(json!({ "note": note }))
    }
}

/// The object under `name` in the body of a call that writes; such a call says on whose behalf it comes.
fn written(call: &Call<'_>, name: &str) -> Result<Value, Refusal> {
    if call.content_type() != "application/json" {
        return Err(Refusal::invalid_input(&["Content-Type must be application/json".into()]));
    }
    if call.header("from").is_none_or(|from| !from.contains('@')) {
        return Err(Refusal::invalid_input(&["Requester User Not Found".into()]));
    }
    let body = call.json().map_err(|_| Refusal::invalid_input(&["JSON is not valid".into()]))?;
    let inner = body.get(name).filter(|inner| inner.is_object()).cloned();
    inner.ok_or_else(|| Refusal::invalid_input(&[format!("{name} is missing")]))
}
