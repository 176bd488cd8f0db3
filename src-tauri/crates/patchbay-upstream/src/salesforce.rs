//! Salesforce REST (`*.my.salesforce.com`): records, upserts by external id, SOQL, composite calls, tokens.
//!
//! Facts: developer.salesforce.com (REST API, error codes, limits). Standard objects have their standard fields with
//! their sizes and required ones; custom objects and fields (`…__c`) are taken as they come. A record exists as soon
//! as a call names it by an id of its object; SOQL finds what was written, and the contact `ada@example.com` of an account.
//! The org has 15,000 calls in 24 hours, as a developer's org does, told in `Sforce-Limit-Info`.

mod composite;
mod error;
mod fields;
mod records;
mod soql;

use crate::call::Call;
use crate::pace::Pace;
use crate::random_id::mixed;
use crate::token::ExpectedToken;
use crate::upstream::{Kept, Upstream, empty_response, json_response};
use error::Refusal;
pub(crate) use fields::mapped as mapped_fields;
use patchbay_core::{HttpRequest, HttpResponse, Secret};
use records::Record;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

/// Calls in 24 hours.
const DAILY_CALLS: usize = 15_000;
/// How long a token lasts without use, in seconds.
const TOKEN_SECONDS: i64 = 7_200;
/// Versions that are answered.
const VERSIONS: std::ops::RangeInclusive<u32> = 31..=67;
/// The contact whom every org knows.
const KNOWN_EMAIL: &str = "ada@example.com";
const ORG: &str = "00D000000000SIM";

/// One tenant's simulated org.
pub struct Salesforce {
    token: ExpectedToken,
    pace: Pace,
    records: Vec<Record>,
}

impl Default for Salesforce {
    fn default() -> Self {
        Self { token: ExpectedToken::default(), pace: Pace::new(DAILY_CALLS, Duration::days(1)), records: Vec::new() }
    }
}

impl Upstream for Salesforce {
    fn hosts(&self) -> Vec<&str> {
        vec!["*.my.salesforce.com", "login.salesforce.com", "test.salesforce.com"]
    }

    /// The token is the access token, or the client secret with which one is asked for.
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

    fn kept(&self) -> Vec<Kept> {
        let shown = self.records.iter().filter(|record| !record.deleted);
        let kept = |record: &Record| Kept {
            kind: record.kind.name.clone(),
            id: record.id.clone(),
            content: record.object(None),
        };
        shown.map(kept).collect()
    }

    fn lift_rate_limits(&mut self) {
        self.pace.lift();
    }
}

impl Salesforce {
    fn admitted(&mut self, call: &Call<'_>) -> Result<HttpResponse, Refusal> {
        let segments = call.segments();
        let all: Vec<&str> = segments.iter().map(String::as_str).collect();
        match (call.method(), all.as_slice()) {
            ("POST", ["services", "oauth2", "token"]) => return self.issue_token(call),
            ("GET", ["services", "data"]) => {
                let versions = VERSIONS.map(|number| {
                    json!({ "label": format!("Release {number}"), "url": format!("/services/data/v{number}.0"), "version": format!("{number}.0") })
                });
                return Ok(json_response(200, &versions.collect()));
            }
            _ => {}
        }
        let ["services", "data", version, route @ ..] = all.as_slice() else {
            return Err(Refusal::missing());
        };
        let number = version.strip_prefix('v').and_then(|version| version.strip_suffix(".0"));
        if number.and_then(|number| number.parse().ok()).is_none_or(|number| !VERSIONS.contains(&number)) {
            return Err(Refusal::missing());
        }
        if !call.host().ends_with(".my.salesforce.com") {
            return Err(Refusal::wrong_host());
        }
        let token = call.bearer().ok_or_else(Refusal::invalid_session)?;
        let expired = issued_at(token).is_some_and(|issued| call.now.unix_timestamp() - issued >= TOKEN_SECONDS);
        if expired || (issued_at(token).is_none() && !self.token.admits(token)) {
            return Err(Refusal::invalid_session());
        }
        let left = self.pace.take(ORG, call.now).map_err(|_| Refusal::request_limit())?;
        let body = body(call)?;
        let mut response = self.route(call, call.method(), route, &body)?;
        let used = if left == usize::MAX { 0 } else { DAILY_CALLS - left };
        response.headers.set("sforce-limit-info", format!("api-usage={used}/{DAILY_CALLS}"));
        Ok(response)
    }

    /// Answers one call, or one part of a composite call.
    fn route(&mut self, call: &Call<'_>, method: &str, route: &[&str], body: &Value) -> Result<HttpResponse, Refusal> {
        let now = call.now;
        match (method, route) {
            ("GET", ["sobjects", kind, "describe"]) => Ok(json_response(200, &fields::describe(kind)?)),
            ("POST", ["sobjects", kind]) => {
                let id = self.create(kind, body, now)?;
                Ok(json_response(201, &json!({ "id": id, "success": true, "errors": [] })))
            }
            ("GET", ["sobjects", kind, id]) => {
                let index = self.find(kind, id, now)?;
                Ok(json_response(200, &self.records[index].object(call.query("fields").as_deref())))
            }
            ("PATCH", ["sobjects", kind, id]) => {
                let index = self.find(kind, id, now)?;
                self.update(index, body, now)?;
                Ok(empty_response(204))
            }
            ("DELETE", ["sobjects", kind, id]) => {
                let index = self.find(kind, id, now)?;
                self.records[index].deleted = true;
                Ok(empty_response(204))
            }
            ("GET", ["sobjects", kind, field, value]) => {
                let index = self.find_external(kind, field, value)?.ok_or_else(Refusal::missing)?;
                Ok(json_response(200, &self.records[index].object(None)))
            }
            ("PATCH", ["sobjects", kind, field, value]) => {
                let (id, created) = self.upsert(kind, field, value, body, now)?;
                let status = if created { 201 } else { 200 };
                Ok(json_response(status, &json!({ "id": id, "success": true, "errors": [], "created": created })))
            }
            ("GET", ["query" | "queryAll"]) => {
                let text = call.query("q").ok_or_else(|| Refusal::malformed_query("A query is required"))?;
                Ok(json_response(200, &self.query(&text, now)?))
            }
            ("GET", ["limits"]) => {
                Ok(json_response(200, &json!({ "DailyApiRequests": { "Max": DAILY_CALLS, "Remaining": DAILY_CALLS } })))
            }
            ("POST", ["composite"]) => self.composite(call, body),
            ("POST" | "PATCH", ["composite", "sobjects"]) => self.collection(method, body, now),
            // Ids in the body of a POST, for lists that a URL cannot hold.
            ("POST" | "GET", ["composite", "sobjects", kind]) => self.retrieve_collection(kind, call, body),
            ("DELETE", ["composite", "sobjects"]) => self.delete_collection(call),
            ("PATCH", ["composite", "sobjects", kind, field]) => self.upsert_collection(kind, field, body, now),
            (
                method,
                ["sobjects" | "composite" | "query" | "search" | "parameterizedSearch" | "actions" | "jobs", ..],
            ) => Err(Refusal::not_simulated(method, call.url.path())),
            _ => Err(Refusal::missing()),
        }
    }

    fn query(&mut self, text: &str, now: OffsetDateTime) -> Result<Value, Refusal> {
        let query = soql::Query::parse(text).map_err(|reason| Refusal::malformed_query(&reason.to_string()))?;
        let kind = fields::kind(&query.kind)?;
        if kind.name == "Contact" && query.asks_for("Email", KNOWN_EMAIL) {
            self.know_contact(now)?;
        }
        let found = query.run(self.records.iter().filter(|record| !record.deleted));
        Ok(json!({ "totalSize": found.total, "done": true, "records": found.records }))
    }

    fn issue_token(&self, call: &Call<'_>) -> Result<HttpResponse, Refusal> {
        let form = call.form();
        let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let basic = call.basic();
        let secret = field("client_secret").or(basic.as_ref().map(|(_, secret)| secret.as_str()));
        match field("grant_type") {
            Some("client_credentials" | "password" | "refresh_token") => {
                if secret.is_none_or(|secret| !self.token.admits(secret)) {
                    return Err(Refusal::oauth(400, "invalid_client", "invalid client credentials"));
                }
            }
            Some("urn:ietf:params:oauth:grant-type:jwt-bearer") => {
                if field("assertion").is_none_or(|assertion| assertion.split('.').count() != 3) {
                    return Err(Refusal::oauth(400, "invalid_grant", "invalid assertion"));
                }
            }
            _ => return Err(Refusal::oauth(400, "unsupported_grant_type", "grant type not supported")),
        }
        let host =
            if call.host().ends_with(".my.salesforce.com") { call.host() } else { "simulated.my.salesforce.com" };
        let seconds = call.now.unix_timestamp();
        Ok(json_response(
            200,
            &json!({
                "access_token": format!("{ORG}!{seconds:012x}{}", mixed("", 40)), "instance_url": format!("https://{host}"),
                "id": format!("https://login.salesforce.com/id/{ORG}/005000000000SIM"), "token_type": "Bearer",
                "issued_at": (seconds * 1000).to_string(), "signature": mixed("", 43),
            }),
        ))
    }
}

/// The second at which the simulation issued a token; `None` for a token that it did not.
fn issued_at(token: &str) -> Option<i64> {
    let rest = token.strip_prefix(ORG)?.strip_prefix('!')?;
    i64::from_str_radix(rest.get(..12)?, 16).ok()
}

fn body(call: &Call<'_>) -> Result<Value, Refusal> {
    if !["POST", "PATCH", "PUT"].contains(&call.method()) {
        return Ok(Value::Null);
    }
    if call.content_type() != "application/json" {
        return Err(Refusal::media_type(&call.content_type()));
    }
    call.json()
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| Refusal::json_parser("Unexpected character or end of input: expected a JSON object"))
}
