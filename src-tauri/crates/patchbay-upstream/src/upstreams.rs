//! The upstreams of every tenant: finds who answers for a host, counts calls, applies faults, fails closed.

use crate::fault::{Fault, FaultKind};
use crate::notion::Notion;
use crate::upstream::{Outcome, Upstream, covers, json_response};
use patchbay_core::{HttpRequest, HttpResponse, Secret};
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
pub const ALL: [(&str, Begin); 1] = [("notion", || Box::new(Notion::default()))];

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
        ALL.iter().find(|(_, begin)| begin().hosts().iter().any(|pattern| covers(pattern, &host))).map(|(id, _)| *id)
    }

    /// Answers one call of a tenant's adapter. A host that nobody simulates gets a 502 that says so: nothing
    /// ever leaves the machine from here.
    pub fn answer(&self, tenant: &str, request: &HttpRequest) -> Outcome {
        let host = Url::parse(&request.url).ok().and_then(|url| url.host_str().map(str::to_ascii_lowercase));
        let Some(host) = host else {
            return Outcome::Respond(not_simulated(&request.url));
        };
        let mut tenants = self.lock();
        let Tenant { upstreams, faults } = tenants.entry(tenant.to_owned()).or_insert_with(Tenant::new);
        let answers = |slot: &&mut Slot| slot.upstream.hosts().iter().any(|pattern| covers(pattern, &host));
        let Some(slot) = upstreams.iter_mut().find(answers) else {
            return Outcome::Respond(not_simulated(&host));
        };
        slot.calls += 1;
        let fault = faults.iter().find(|fault| fault.applies_to(slot.id, slot.calls));
        break_as_asked(slot.upstream.as_mut(), request, fault)
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

    /// Forgets a tenant's state, faults and tokens.
    pub fn reset(&self, tenant: &str) {
        self.lock().remove(tenant);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Tenant>> {
        // A panic while answering leaves at worst a half-recorded page of a simulation; going on is better than
        // refusing every later call.
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn break_as_asked(upstream: &mut dyn Upstream, request: &HttpRequest, fault: Option<&Fault>) -> Outcome {
    let now = OffsetDateTime::now_utc();
    let Some(fault) = fault else {
        return Outcome::Respond(upstream.answer(request, now));
    };
    match fault.kind {
        FaultKind::Status { status, retry_after_seconds } => {
            let mut response = upstream.error(status);
            if let Some(seconds) = retry_after_seconds {
                response.headers.set("retry-after", seconds.to_string());
            }
            Outcome::Respond(response)
        }
        // The call takes effect and only the answer breaks: the case in which a careless retry writes twice.
        FaultKind::Malformed => {
            let mut response = upstream.answer(request, now);
            let kept = response.body.len() / 2;
            response.body.truncate(kept);
            Outcome::Respond(response)
        }
        FaultKind::Truncated => {
            let response = upstream.answer(request, now);
            let bytes = response.body.len() / 2;
            Outcome::Truncate { response, bytes }
        }
        FaultKind::Slow { delay } => Outcome::RespondAfter(delay, upstream.answer(request, now)),
        FaultKind::Timeout => Outcome::RespondAfter(TIMEOUT_FAULT, upstream.error(504)),
        FaultKind::Reset => Outcome::Reset,
    }
}

fn not_simulated(host: &str) -> HttpResponse {
    let known: Vec<&str> = ALL.iter().flat_map(|(_, begin)| begin().hosts().iter().copied()).collect();
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
