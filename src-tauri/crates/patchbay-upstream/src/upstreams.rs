//! The upstreams of every tenant: finds who answers for a host, counts calls, applies faults, fails closed.

mod scoped;

use crate::airtable::Airtable;
use crate::custom::{Custom, DescriptionError, Document};
use crate::entra::Entra;
use crate::fault::{Fault, FaultKind};
use crate::hubspot::HubSpot;
use crate::notion::Notion;
use crate::pagerduty::PagerDuty;
use crate::paypal::PayPal;
use crate::salesforce::Salesforce;
use crate::scopes::Scopes;
use crate::slack::Slack;
use crate::stripe::Stripe;
use crate::teams::Teams;
use crate::upstream::{Kept, Outcome, Senders, Upstream, covers, json_response};
use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse, Secret};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use time::OffsetDateTime;
use url::Url;

/// A caller that waits longer than this for an answer is rare; a `timeout` fault holds the answer back as long.
const TIMEOUT_FAULT: Duration = Duration::from_mins(1);

/// Makes one tenant's instance of an upstream, without any state.
pub type Begin = fn() -> Box<dyn Upstream>;

/// Id of an upstream and how one tenant's instance begins.
pub const ALL: [(&str, Begin); 11] = [
    ("airtable", || Box::new(Airtable::default())),
    ("custom", || Box::new(Custom::default())),
    ("entra", || Box::new(Entra::default())),
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
    /// Those that are described to every tenant. Locked after `tenants`, where both are.
    documents: Mutex<Vec<Document>>,
    /// Locked after `tenants`, where both are.
    scopes: Mutex<Scopes>,
    senders: Option<Arc<dyn Senders>>,
}

/// What one upstream of a tenant has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// Its id.
    pub id: &'static str,
    /// The hosts that it answers for.
    pub hosts: Vec<String>,
    /// Calls since it began.
    pub calls: u32,
    /// Things that it keeps.
    pub kept: usize,
    /// Its faults, as a person writes them.
    pub faults: Vec<String>,
    /// What it accepted although it fails later on.
    pub late_failures: Vec<String>,
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
    /// Calls since it began.
    all_calls: u32,
}

impl Upstreams {
    /// No state yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// No state yet; the hosts of these senders answer about what they signed.
    pub fn with_senders(senders: Arc<dyn Senders>) -> Self {
        Self { senders: Some(senders), ..Self::default() }
    }

    /// The id of the upstream that answers for a host.
    pub fn id_for_host(host: &str) -> Option<&'static str> {
        let host = host.to_ascii_lowercase();
        ALL.iter().find(|(_, begin)| answers_for(begin().as_ref(), &host)).map(|(id, _)| *id)
    }

    /// The id of the upstream that answers calls to a URL for every tenant, without a document.
    pub fn id_for_url(url: &str) -> Option<&'static str> {
        Self::id_for_host(Url::parse(url).ok()?.host_str()?)
    }

    /// Answers one call of a tenant's adapter. A host that nobody simulates gets a 502 that says so: nothing
    /// ever leaves the machine from here.
    pub fn answer(&self, tenant: &str, request: &HttpRequest) -> Outcome {
        self.answer_at(tenant, request, OffsetDateTime::now_utc())
    }

    /// Answers a call that an adapter makes, in the scope that its delivery was admitted to. Where the adapter's secrets are
    /// known, the call has to carry one of those that can only be tokens of the called upstream; where none is such a
    /// token, every one of the right shape is let in.
    pub fn answer_delivery(
        &self,
        tenant: &str,
        delivery: Option<&str>,
        request: &HttpRequest,
        secrets: Option<&[Secret]>,
    ) -> Outcome {
        self.answer_of(tenant, delivery, request, OffsetDateTime::now_utc(), secrets)
    }

    /// Like [`Upstreams::answer`], at a moment: rate limits, expiries and time stamps go by it.
    pub fn answer_at(&self, tenant: &str, request: &HttpRequest, now: OffsetDateTime) -> Outcome {
        self.answer_of(tenant, None, request, now, None)
    }

    fn answer_of(
        &self,
        tenant: &str,
        delivery: Option<&str>,
        request: &HttpRequest,
        now: OffsetDateTime,
        secrets: Option<&[Secret]>,
    ) -> Outcome {
        let host = Url::parse(&request.url).ok().and_then(|url| url.host_str().map(str::to_ascii_lowercase));
        let Some(host) = host else {
            return Outcome::Respond(not_simulated(&request.url));
        };
        let place = self.scopes().place(tenant, delivery);
        self.with(&place.state, |Tenant { upstreams, faults }| {
            let Some(slot) = upstreams.iter_mut().find(|slot| answers_for(slot.upstream.as_ref(), &host)) else {
                return Outcome::Respond(not_simulated(&host));
            };
            if let Some(secrets) = secrets {
                let own = secrets.iter().filter(|secret| slot.upstream.recognises(secret)).cloned().collect();
                slot.upstream.expect_tokens(own);
            }
            slot.all_calls += 1;
            let fault = if let Some(scope) = &place.scope {
                self.scopes().fault(scope, slot.id)
            } else {
                slot.calls += 1;
                faults.iter().find(|fault| fault.applies_to(slot.id, slot.calls)).cloned()
            };
            break_as_asked(slot.upstream.as_mut(), request, fault.as_ref(), now)
        })
    }

    /// Replaces a tenant's faults and counts its calls from one again.
    pub fn set_faults(&self, tenant: &str, faults: Vec<Fault>) {
        self.with(tenant, |tenant| {
            tenant.faults = faults;
            for slot in &mut tenant.upstreams {
                slot.calls = 0;
            }
        });
    }

    /// From now on one upstream lets only these tokens of the tenant in; with none, every one of the right shape. `false`:
    /// no upstream has this id.
    pub fn expect_tokens(&self, tenant: &str, upstream: &str, tokens: Vec<Secret>) -> bool {
        self.with(tenant, |tenant| match tenant.upstreams.iter_mut().find(|slot| slot.id == upstream) {
            Some(slot) => {
                slot.upstream.expect_tokens(tokens);
                true
            }
            None => false,
        })
    }

    /// What the tenant's upstreams have seen and keep, by id. Upstreams that nobody called are among them.
    pub fn overview(&self, tenant: &str) -> Vec<Overview> {
        self.with(tenant, |tenant| {
            let Tenant { upstreams, faults } = tenant;
            let overview = |slot: &Slot| Overview {
                id: slot.id,
                hosts: slot.upstream.hosts().into_iter().map(str::to_owned).collect(),
                calls: slot.all_calls,
                kept: slot.upstream.kept().len(),
                faults: faults.iter().filter(|fault| fault.upstream == slot.id).map(ToString::to_string).collect(),
                late_failures: slot.upstream.late_failures(),
            };
            upstreams.iter().map(overview).collect()
        })
    }

    /// What one upstream keeps for the tenant; `None`: no upstream has this id.
    pub fn kept(&self, tenant: &str, upstream: &str) -> Option<Vec<Kept>> {
        self.with(tenant, |tenant| {
            tenant.upstreams.iter().find(|slot| slot.id == upstream).map(|slot| slot.upstream.kept())
        })
    }

    /// The tenant's faults.
    pub fn faults(&self, tenant: &str) -> Vec<Fault> {
        self.with(tenant, |tenant| tenant.faults.clone())
    }

    /// Forgets what one upstream keeps for the tenant, its calls, its tokens and its faults. `false`: no upstream has
    /// this id.
    pub fn reset_one(&self, tenant: &str, upstream: &str) -> bool {
        let Some((id, begin)) = ALL.iter().find(|(id, _)| *id == upstream) else { return false };
        let fresh = self.prepared(begin());
        self.with(tenant, |tenant| {
            tenant.faults.retain(|fault| fault.upstream != *id);
            if let Some(slot) = tenant.upstreams.iter_mut().find(|slot| slot.id == *id) {
                *slot = Slot { id, upstream: fresh, calls: 0, all_calls: 0 };
            }
        });
        true
    }

    /// Describes the hosts of `OpenAPI` documents (name and text) to every tenant, in the place of those that were
    /// described to every tenant before. Answers for each what came of it.
    pub fn describe_to_all(
        &self,
        documents: &[(String, String)],
    ) -> Vec<(String, Result<Description, DescriptionError>)> {
        let mut read = Vec::new();
        let mut outcomes = Vec::new();
        for (name, text) in documents {
            let outcome = Document::parse(name, text).and_then(checked_hosts).map(|document| {
                let description = described(&document);
                read.push(document);
                description
            });
            outcomes.push((name.clone(), outcome));
        }
        let names_before: Vec<String> = {
            let mut shared = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *shared, read.clone()).iter().map(|document| document.name().to_owned()).collect()
        };
        for tenant in self.lock().values_mut() {
            for slot in &mut tenant.upstreams {
                slot.upstream.forget_documents(&names_before);
                for document in &read {
                    slot.upstream.describe(document.clone());
                }
            }
        }
        outcomes
    }

    /// From now on no call of the tenant comes too fast for any upstream.
    pub fn lift_rate_limits(&self, tenant: &str) {
        self.with(tenant, |tenant| tenant.upstreams.iter_mut().for_each(|slot| slot.upstream.lift_rate_limits()));
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
        let document = checked_hosts(Document::parse(name, text)?)?;
        let description = described(&document);
        self.with(tenant, |tenant| {
            if let Some(slot) = tenant.upstreams.iter_mut().find(|slot| slot.id == "custom") {
                slot.upstream.describe(document);
            }
        });
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

    /// What a tenant has, made when it is asked for first.
    fn with<T>(&self, tenant: &str, work: impl FnOnce(&mut Tenant) -> T) -> T {
        let mut tenants = self.lock();
        if !tenants.contains_key(tenant) {
            let upstreams =
                ALL.iter().map(|(id, begin)| Slot { id, upstream: self.prepared(begin()), calls: 0, all_calls: 0 });
            tenants.insert(tenant.to_owned(), Tenant { upstreams: upstreams.collect(), faults: Vec::new() });
        }
        work(tenants.get_mut(tenant).expect("it was inserted where it was missing"))
    }

    /// With what every tenant shares: senders and documents.
    fn prepared(&self, mut upstream: Box<dyn Upstream>) -> Box<dyn Upstream> {
        if let Some(senders) = &self.senders {
            upstream.ask_senders(Arc::clone(senders));
        }
        for document in self.documents.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            upstream.describe(document.clone());
        }
        upstream
    }

    /// Forgets a tenant's state, faults, tokens and documents of its own.
    pub fn reset(&self, tenant: &str) {
        self.lock().remove(tenant);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Tenant>> {
        // A panic while answering leaves at worst a half-recorded page of a simulation; going on is better than
        // refusing every later call.
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn checked_hosts(document: Document) -> Result<Document, DescriptionError> {
    for host in document.hosts() {
        if let Some(upstream) = Upstreams::id_for_host(host) {
            let name = document.name().to_owned();
            return Err(DescriptionError::HostTaken { name, host: host.to_owned(), upstream });
        }
    }
    Ok(document)
}

fn described(document: &Document) -> Description {
    Description {
        hosts: document.hosts().map(str::to_owned).collect(),
        unchecked_patterns: document.unchecked_patterns(),
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
        FaultKind::Timeout { held } => {
            Outcome::RespondAfter(held.unwrap_or(TIMEOUT_FAULT), upstream.error(request, 504))
        }
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
