//! `HubSpot`'s CRM (`api.hubapi.com`, `api-eu1.hubapi.com`): objects one by one, in batches and by search.
//!
//! Facts: developers.hubspot.com (CRM objects, error handling, usage guidelines). Objects live under
//! `/crm/v3/objects/<type>` and the date-versioned `/crm/objects/<date>/<type>`. 100 calls in ten seconds for each
//! token. An object exists as soon as a call names it by a numeric id, as a webhook does; by another unique property
//! only what was written is found. Custom properties are taken as they come, if their names have the right form.

mod batch;
mod error;
mod object;
mod search;

use crate::call::Call;
use crate::pace::Pace;
use crate::token::ExpectedToken;
use crate::upstream::{Kept, Upstream, empty_response, json_response};
use error::Refusal;
pub(crate) use object::mapped as mapped_fields;
use object::{Kind, Record};
use patchbay_core::{HttpRequest, HttpResponse, Secret};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

/// Calls in ten seconds.
const LIMIT: usize = 100;

/// One tenant's simulated portal.
pub struct HubSpot {
    token: ExpectedToken,
    pace: Pace,
    records: Vec<Record>,
    next_id: u64,
}

impl Default for HubSpot {
    fn default() -> Self {
        Self {
            token: ExpectedToken::default(),
            pace: Pace::new(LIMIT, Duration::seconds(10)),
            records: Vec::new(),
            next_id: 151,
        }
    }
}

impl Upstream for HubSpot {
    fn hosts(&self) -> Vec<&str> {
        vec!["api.hubapi.com", "api-eu1.hubapi.com", "api.hubspot.com"]
    }

    fn expect_tokens(&mut self, tokens: Vec<Secret>) {
        self.token.expect(tokens);
    }

    fn answer(&mut self, request: &HttpRequest, now: OffsetDateTime) -> HttpResponse {
        let Ok(call) = Call::read(request, now) else {
            return Refusal::missing().response();
        };
        self.admitted(&call).unwrap_or_else(|refusal| refusal.response())
    }

    fn error(&self, _: &HttpRequest, status: u16) -> HttpResponse {
        Refusal::for_status(status).response()
    }

    fn expired_token(&self, _: &HttpRequest) -> HttpResponse {
        Refusal::expired().response()
    }

    fn kept(&self) -> Vec<Kept> {
        let shown = self.records.iter().filter(|record| !record.archived);
        shown.map(|record| Kept::new(record.kind.name(), record.whole())).collect()
    }

    fn recognises(&self, token: &Secret) -> bool {
        token.expose().starts_with("pat-")
    }

    fn lift_rate_limits(&mut self) {
        self.pace.lift();
    }
}

impl HubSpot {
    fn admitted(&mut self, call: &Call<'_>) -> Result<HttpResponse, Refusal> {
        let token = call.bearer().filter(|token| self.token.admits(token)).ok_or_else(Refusal::unauthenticated)?;
        let left = self.pace.take(token, call.now).map_err(|_| Refusal::for_status(429))?;
        let mut response = self.route(call)?;
        if left != usize::MAX {
            for (name, value) in [
                ("x-hubspot-ratelimit-max", LIMIT),
                ("x-hubspot-ratelimit-remaining", left),
                ("x-hubspot-ratelimit-interval-milliseconds", 10_000),
            ] {
                response.headers.set(name, value.to_string());
            }
        }
        Ok(response)
    }

    fn route(&mut self, call: &Call<'_>) -> Result<HttpResponse, Refusal> {
        let segments = call.segments();
        let all: Vec<&str> = segments.iter().map(String::as_str).collect();
        let route = match all.as_slice() {
            ["crm", "v3", "objects", route @ ..] | ["crm", "objects", "v3", route @ ..] => route,
            ["crm", "objects", date, route @ ..] if date.starts_with("20") => route,
            ["crm" | "oauth" | "account-info" | "automation" | "cms" | "events", ..] => {
                return Err(Refusal::not_simulated(call.method(), call.url.path()));
            }
            _ => return Err(Refusal::missing()),
        };
        let Some((kind, rest)) = route.split_first() else {
            return Err(Refusal::missing());
        };
        let kind = Kind::of(kind).ok_or_else(|| Refusal::unknown_type(kind))?;
        match (call.method(), rest) {
            ("GET", []) => Ok(json_response(200, &self.list(kind, call)?)),
            ("POST", []) => {
                let body = json_body(call)?;
                let properties = object::checked(kind, body.get("properties"))?;
                self.refuse_duplicate(kind, &properties, None)?;
                let index = self.add(kind, properties, call.now);
                Ok(json_response(201, &self.records[index].whole()))
            }
            ("POST", ["search"]) => {
                let body = json_body(call)?;
                let records = self.records.iter().filter(|record| record.kind == kind && !record.archived);
                Ok(json_response(200, &search::run(&body, records)?))
            }
            ("POST", ["batch", action]) => self.batch(kind, action, &json_body(call)?, call),
            ("GET", [id]) => {
                let index = self.find(kind, id, call.query("idProperty").as_deref(), call.now)?;
                Ok(json_response(200, &self.records[index].object(&asked(call))))
            }
            ("PATCH", [id]) => {
                let body = json_body(call)?;
                let properties = object::checked(kind, body.get("properties"))?;
                let index = self.find(kind, id, call.query("idProperty").as_deref(), call.now)?;
                self.refuse_duplicate(kind, &properties, Some(index))?;
                self.records[index].change(properties, call.now);
                Ok(json_response(200, &self.records[index].whole()))
            }
            ("DELETE", [id]) => {
                if let Ok(index) = self.find(kind, id, call.query("idProperty").as_deref(), call.now) {
                    self.records[index].archived = true;
                }
                Ok(empty_response(204))
            }
            (method, _) => Err(Refusal::not_simulated(method, call.url.path())),
        }
    }

    fn list(&self, kind: Kind, call: &Call<'_>) -> Result<Value, Refusal> {
        let limit = match call.query("limit") {
            None => 10,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=100).contains(limit))
                .ok_or_else(|| Refusal::validation("Invalid limit: it must be a number from 1 to 100"))?,
        };
        let after = call.query("after").and_then(|after| after.parse::<u64>().ok()).unwrap_or_default();
        let found: Vec<&Record> =
            self.records.iter().filter(|record| record.kind == kind && !record.archived && record.id > after).collect();
        let asked = asked(call);
        let results: Vec<Value> = found.iter().take(limit).map(|record| record.object(&asked)).collect();
        let mut answer = json!({ "results": results });
        if let Some(last) = found.get(limit - 1).filter(|_| found.len() > limit) {
            answer["paging"] = json!({ "next": { "after": last.id.to_string() } });
        }
        Ok(answer)
    }

    /// The record under an id, or under another property that is unique.
    fn find(&mut self, kind: Kind, given: &str, property: Option<&str>, now: OffsetDateTime) -> Result<usize, Refusal> {
        let named = property.filter(|property| *property != "hs_object_id");
        let position = self.records.iter().position(|record| {
            record.kind == kind
                && match named {
                    Some(property) => record.has(property, given) && !record.archived,
                    None => record.id.to_string() == given,
                }
        });
        match position {
            Some(index) if self.records[index].archived => Err(Refusal::missing()),
            Some(index) => Ok(index),
            None if named.is_some() => Err(Refusal::missing()),
            None => {
                let id = given.parse::<u64>().ok().filter(|id| *id > 0 && given.len() <= 18);
                let id = id.ok_or_else(Refusal::missing)?;
                self.records.push(Record::named(kind, id, now));
                Ok(self.records.len() - 1)
            }
        }
    }

    fn add(&mut self, kind: Kind, properties: object::Properties, now: OffsetDateTime) -> usize {
        while self.records.iter().any(|record| record.id == self.next_id) {
            self.next_id += 1;
        }
        self.records.push(Record::new(kind, self.next_id, properties, now));
        self.records.len() - 1
    }

    /// A contact's e-mail address is unique.
    fn refuse_duplicate(&self, kind: Kind, given: &object::Properties, but: Option<usize>) -> Result<(), Refusal> {
        let Some(email) = given.get("email").and_then(Value::as_str).filter(|_| kind == Kind::CONTACTS) else {
            return Ok(());
        };
        let same = |(index, record): &(usize, &Record)| {
            Some(*index) != but && record.kind == kind && !record.archived && record.has("email", email)
        };
        match self.records.iter().enumerate().find(same) {
            None => Ok(()),
            Some((_, record)) => Err(Refusal::conflict(record.id)),
        }
    }
}

/// The properties that a call asks for; the kind's own without any.
fn asked(call: &Call<'_>) -> Vec<String> {
    let given = call.query_all("properties");
    given.iter().flat_map(|names| names.split(',')).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn json_body(call: &Call<'_>) -> Result<Value, Refusal> {
    if call.content_type() != "application/json" {
        return Err(Refusal::media_type());
    }
    call.json()
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| Refusal::validation("Invalid input JSON on line 1, column 1"))
}
