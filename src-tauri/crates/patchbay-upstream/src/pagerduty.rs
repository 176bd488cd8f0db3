//! `PagerDuty`: Events v2 (`events.pagerduty.com`) and incidents of the REST API (`api.pagerduty.com`), each also in
//! the EU service region (`events.eu.…`, `api.eu.…`), where other incidents live.
//!
//! Facts: developer.pagerduty.com and the published schemas. An event opens, acknowledges or resolves the
//! incident of its `dedup_key`; the REST API shows it. 120 events a minute for each routing key and 960 REST calls a
//! minute; neither documents a `Retry-After`.

mod error;
mod event;
mod incident;

use crate::call::Call;
use crate::pace::Pace;
use crate::token::ExpectedToken;
use crate::upstream::{Kept, Upstream};
use error::Refusal;
pub(crate) use event::mapped as mapped_fields;
use incident::Incident;
use patchbay_core::{HttpRequest, HttpResponse, Secret};
use time::{Duration, OffsetDateTime};

/// Length of a routing key.
const ROUTING_KEY: usize = 32;

/// Where an account lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServiceRegion {
    Us,
    Eu,
}

/// One tenant's simulated account in each service region.
pub struct PagerDuty {
    routing_key: ExpectedToken,
    token: ExpectedToken,
    events: Pace,
    calls: Pace,
    incidents: Vec<Incident>,
}

impl Default for PagerDuty {
    fn default() -> Self {
        Self {
            routing_key: ExpectedToken::default(),
            token: ExpectedToken::default(),
            events: Pace::new(120, Duration::minutes(1)),
            calls: Pace::new(960, Duration::minutes(1)),
            incidents: Vec::new(),
        }
    }
}

impl Upstream for PagerDuty {
    fn hosts(&self) -> Vec<&str> {
        vec!["events.pagerduty.com", "events.eu.pagerduty.com", "api.pagerduty.com", "api.eu.pagerduty.com"]
    }

    /// A token of 32 characters is the routing key of events, another one the key of the REST API.
    fn expect_tokens(&mut self, tokens: Vec<Secret>) {
        let (routing_keys, tokens) = tokens.into_iter().partition(|token| token.expose().len() == ROUTING_KEY);
        self.routing_key.expect(routing_keys);
        self.token.expect(tokens);
    }

    fn answer(&mut self, request: &HttpRequest, now: OffsetDateTime) -> HttpResponse {
        let Ok(call) = Call::read(request, now) else {
            return Refusal::missing().response();
        };
        let region = if call.host().contains(".eu.") { ServiceRegion::Eu } else { ServiceRegion::Us };
        let answer =
            if call.host().starts_with("events.") { self.event(&call, region) } else { self.rest(&call, region) };
        answer.unwrap_or_else(|refusal| refusal.response())
    }

    fn error(&self, request: &HttpRequest, status: u16) -> HttpResponse {
        let refusal = if request.url.starts_with("https://events.") {
            Refusal::event_for_status(status)
        } else {
            Refusal::rest_for_status(status)
        };
        refusal.response()
    }

    fn expired_token(&self, request: &HttpRequest) -> HttpResponse {
        if request.url.starts_with("https://events.") {
            return Refusal::event(&["Invalid routing key".into()]).response();
        }
        self.error(request, 401)
    }

    fn kept(&self) -> Vec<Kept> {
        self.incidents.iter().map(|incident| Kept::new("incident", incident.object())).collect()
    }

    fn lift_rate_limits(&mut self) {
        self.events.lift();
        self.calls.lift();
    }
}
