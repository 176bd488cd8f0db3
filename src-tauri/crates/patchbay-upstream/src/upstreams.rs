//! The upstreams of every tenant: finds who answers for a host, counts calls, applies faults, fails closed.

use crate::airtable::Airtable;
use crate::custom::{Custom, DescriptionError, Document};
use crate::fault::{Fault, FaultKind};
use crate::hubspot::HubSpot;
use crate::notion::Notion;
use crate::pagerduty::PagerDuty;
use crate::paypal::PayPal;
use crate::salesforce::Salesforce;
use crate::slack::Slack;
use crate::stripe::Stripe;
use crate::teams::Teams;
use crate::upstream::{Outcome, Upstream, covers, json_response};
use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse, Secret};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use time::OffsetDateTime;
use url::Url;

/// A caller that waits longer than this for an answer is rare; a `timeout` fault holds the answer back as long.
const TIMEOUT_FAULT: Duration = Duration::from_mins(1);

/// Makes one tenant's instance of an upstream, without any state.
pub type Begin = fn() -> Box<dyn Upstream>;

/// Id of an upstream and how one tenant's instance begins.
pub const ALL: [(&str, Begin); 10] = [
    ("airtable", || Box::new(Airtable::default())),
    ("custom", || Box::new(Custom::default())),
    ("hubspot", || Box::new(HubSpot::default())),
    ("notion", || Box::new(Notion::default())),
    ("pagerduty", || Box::new(PagerDuty::default())),
    ("paypal", || Box::new(PayPal::default())),
    ("salesforce", || Box::new(Salesforce::default())),
    ("slack", || Box::new(Slack::default())),
    ("stripe", || Box::new(Stripe::default())),
    ("teams", || Box::new(Teams::default())),
];

/// What a document led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The hosts that are answered for now.
    pub hosts: Vec<String>,
    /// Patterns of the document that texts are not checked against (look-around, back references).
    pub unchecked_patterns: Vec<String>,
}

/// Simulated upstreams, each tenant with its own state.
#[derive(Default)]
pub struct Upstreams {
    tenants: Mutex<HashMap<String, Tenant>>,
}

struct Tenant {
    upstreams: Vec<Slot>,
    faults: Vec<Fault>,
}

struct Slot {
    id: &'static str,
    upstream: Box<dyn Upstream>,
    /// Calls since the faults were last set, so that a fault's call number counts within one run.
    calls: u32,
}

impl Tenant {
    fn new() -> Self {
        let upstreams = ALL.iter().map(|(id, begin)| Slot { id, upstream: begin(), calls: 0 }).collect();
        Self { upstreams, faults: Vec::new() }
    }
}

impl Upstreams {
    /// No state yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The id of the upstream that answers for a host.
    pub fn id_for_host(host: &str) -> Option<&'static str> {
        let host = host.to_ascii_lowercase();
        ALL.iter().find(|(_, begin)| answers_for(begin().as_ref(), &host)).map(|(id, _)| *id)
    }

    /// Answers one call of a tenant's adapter. A host that nobody simulates gets a 502 that says so: nothing
    /// ever leaves the machine from here.
    pub fn answer(&self, tenant: &str, request: &HttpRequest) -> Outcome {
        self.answer_at(tenant, request, OffsetDateTime::now_utc())
    }

    /// Like [`Upstreams::answer`], at a moment: rate limits, expiries and time stamps go by it.
    pub fn answer_at(&self, tenant: &str, request: &HttpRequest, now: OffsetDateTime) -> Outcome {
        let host = Url::parse(&request.url).ok().and_then(|url| url.host_str().map(str::to_ascii_lowercase));
        let Some(host) = host else {
            return Outcome::Respond(not_simulated(&request.url));
        };
        let mut tenants = self.lock();
        let Tenant { upstreams, faults } = tenants.entry(tenant.to_owned()).or_insert_with(Tenant::new);
        let Some(slot) = upstreams.iter_mut().find(|slot| answers_for(slot.upstream.as_ref(), &host)) else {
            return Outcome::Respond(not_simulated(&host));
        };
        slot.calls += 1;
        let fault = faults.iter().find(|fault| fault.applies_to(slot.id, slot.calls));
        break_as_asked(slot.upstream.as_mut(), request, fault, now)
    }

    /// Replaces a tenant's faults and counts its calls from one again.
    pub fn set_faults(&self, tenant: &str, faults: Vec<Fault>) {
        let mut tenants = self.lock();
        let tenant = tenants.entry(tenant.to_owned()).or_insert_with(Tenant::new);
        tenant.faults = faults;
        for slot in &mut tenant.upstreams {
            slot.calls = 0;
        }
    }

    /// From now on one upstream lets only this token of the tenant in. `false`: no upstream has this id.
    pub fn expect_token(&self, tenant: &str, upstream: &str, token: Secret) -> bool {
        let mut tenants = self.lock();
        let tenant = tenants.entry(tenant.to_owned()).or_insert_with(Tenant::new);
        match tenant.upstreams.iter_mut().find(|slot| slot.id == upstream) {
            Some(slot) => {
                slot.upstream.expect_token(token);
                true
            }
            None => false,
        }
    }

    /// From now on no call of the tenant comes too fast for any upstream.
    pub fn lift_rate_limits(&self, tenant: &str) {
        let mut tenants = self.lock();
        for slot in &mut tenants.entry(tenant.to_owned()).or_insert_with(Tenant::new).upstreams {
            slot.upstream.lift_rate_limits();
        }
    }

    /// What upstreams accepted from the tenant although it fails later on, with the upstream's id: a card that
    /// Teams cannot show was answered with 202 like a good one.
    pub fn late_failures(&self, tenant: &str) -> Vec<(&'static str, String)> {
        let tenants = self.lock();
        let slots = tenants.get(tenant).into_iter().flat_map(|tenant| &tenant.upstreams);
        slots.flat_map(|slot| slot.upstream.late_failures().into_iter().map(|failure| (slot.id, failure))).collect()
    }

    /// Takes an `OpenAPI` 3 document (JSON) in: from now on `custom` answers the tenant's calls to its hosts. A document
    /// of the same name is replaced; what was created stays.
    pub fn describe(&self, tenant: &str, name: &str, text: &str) -> Result<Description, DescriptionError> {
        let document = Document::parse(name, text)?;
        for host in document.hosts() {
            if let Some(upstream) = Self::id_for_host(host) {
                return Err(DescriptionError::HostTaken { name: name.to_owned(), host: host.to_owned(), upstream });
            }
        }
        let description = Description {
            hosts: document.hosts().map(str::to_owned).collect(),
            unchecked_patterns: document.unchecked_patterns(),
        };
        let mut tenants = self.lock();
        let tenant = tenants.entry(tenant.to_owned()).or_insert_with(Tenant::new);
        if let Some(slot) = tenant.upstreams.iter_mut().find(|slot| slot.id == "custom") {
            slot.upstream.describe(document);
        }
        Ok(description)
    }

    /// The id of the upstream that answers the tenant's calls to a host, described ones included.
    pub fn id_for_tenant_host(&self, tenant: &str, host: &str) -> Option<&'static str> {
        let host = host.to_ascii_lowercase();
        let tenants = self.lock();
        let Some(tenant) = tenants.get(tenant) else {
            return Self::id_for_host(&host);
        };
        tenant.upstreams.iter().find(|slot| answers_for(slot.upstream.as_ref(), &host)).map(|slot| slot.id)
    }

    /// Forgets a tenant's state, faults, tokens and documents.
    pub fn reset(&self, tenant: &str) {
        self.lock().remove(tenant);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Tenant>> {
        // A panic while answering leaves at worst a half-recorded page of a simulation; going on is better than
        // refusing every later call.
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn answers_for(upstream: &dyn Upstream, host: &str) -> bool {
    upstream.hosts().iter().any(|pattern| covers(pattern, host))
}

fn break_as_asked(
    upstream: &mut dyn Upstream,
    request: &HttpRequest,
    fault: Option<&Fault>,
    now: OffsetDateTime,
) -> Outcome {
    let Some(fault) = fault else {
        return Outcome::Respond(upstream.answer(request, now));
    };
    match fault.kind {
        FaultKind::Status { status, retry_after_seconds, applied } => {
            if applied {
                upstream.answer(request, now);
            }
            let mut response = upstream.error(request, status);
            if let Some(seconds) = retry_after_seconds {
                response.headers.set("retry-after", seconds.to_string());
            }
            Outcome::Respond(response)
        }
        FaultKind::ExpiredToken => Outcome::Respond(upstream.expired_token(request)),
        // The call takes effect and only the answer breaks: the case in which a careless retry writes twice.
        FaultKind::Malformed => {
            let mut response = upstream.answer(request, now);
            let kept = response.body.len() / 2;
            response.body.truncate(kept);
            Outcome::Respond(response)
        }
        FaultKind::Empty => {
            let mut response = upstream.answer(request, now);
            response.body.clear();
            Outcome::Respond(response)
        }
        FaultKind::Truncated => {
            let response = upstream.answer(request, now);
            let bytes = response.body.len() / 2;
            Outcome::Truncate { response, bytes }
        }
        FaultKind::Html => Outcome::Respond(html_page()),
        FaultKind::Slow { delay } => Outcome::RespondAfter(delay, upstream.answer(request, now)),
        FaultKind::Timeout => Outcome::RespondAfter(TIMEOUT_FAULT, upstream.error(request, 504)),
        FaultKind::Reset => Outcome::Reset,
    }
}

fn html_page() -> HttpResponse {
    HttpResponse {
        status: 502,
        headers: HttpMessageHeaders::from_iter([("content-type", "text/html; charset=utf-8")]),
        body: "<!doctype html>\n<title>502 Bad Gateway</title>\n<h1>Bad Gateway</h1>\n".into(),
    }
}

fn not_simulated(host: &str) -> HttpResponse {
    let known: Vec<String> =
        ALL.iter().flat_map(|(_, begin)| begin().hosts().into_iter().map(str::to_owned).collect::<Vec<_>>()).collect();
    json_response(
        502,
        &json!({
            "error": "Upstream not simulated",
            "message": format!("No simulated upstream answers for `{host}`"),
            "hint": "Replay against the live upstream, or call one of the simulated hosts",
            "simulated_hosts": known,
        }),
    )
}
