//! From a webhook that arrived to a delivery of the history.

use super::sealing::Sealing;
use crate::app::OpenWorkspace;
use crate::wire::error::WireError;
use crate::wire::inbox::InboxWebhook;
use patchbay_core::redact::Redactor;
use patchbay_core::{Environment, HttpRequest, TenantId};
use patchbay_platform::{Destination, Outcome, Received, Report, Unkept};
use patchbay_replay::Trace;
use patchbay_replay::trace::{Against, DeadlineVerdict, Origin, TracedBody, TracedRequest, TracedResponse, Visibility};
use patchbay_webhooks::parse::provider_of_request;
use patchbay_webhooks::providers;
use std::borrow::Cow;
use time::format_description::well_known::Rfc3339;

/// Bytes of a body in which its sender is looked for; longer ones are known by their headers or not at all.
const RECOGNISED: usize = 256 << 10;
/// What a script's owner is called where it is a tenant.
const TENANT: &str = "tenant:";

/// A webhook in the form in which it is kept.
pub(super) struct Delivery(pub(super) Box<Trace>);

impl Delivery {
    /// Everything of it that is known before it is answered. What must not be shown is sealed.
    pub(super) fn of(open: &OpenWorkspace, webhook: &Received) -> Result<Self, WireError> {
        let Received { environment, at, request, unkept, destination, redactor } = webhook;
        let nothing = Redactor::default();
        let redactor = redactor.as_deref().unwrap_or(&nothing);
        let sealing = Sealing::of(open);
        let provider = provider(request);
        let found = providers::find(provider);
        let (tenant, adapter) = destination.as_ref().and_then(|to| owner(open, to)).unwrap_or_default();
        Ok(Self(Box::new(Trace {
            id: uuid::Uuid::now_v7().to_string(),
            tenant,
            adapter,
            run: None,
            sample: None,
            origin: Origin::Inbox,
            against: Against::Live,
            event_id: found.and_then(|provider| provider.event_id(request)),
            sender: unkept.map(|unkept| format!("body not kept: {}", reason(unkept))),
            provider: provider.to_owned(),
            started: *at,
            environment: environment.to_string(),
            region: destination.as_ref().and_then(|to| region(open, *environment, to)).unwrap_or_default(),
            signing: None,
            rule: None,
            request: TracedRequest {
                method: request.method.clone(),
                url: sealing.url(&request.url, redactor)?,
                headers: sealing.headers(&request.headers, redactor)?,
                body: match unkept {
                    Some(unkept) => TracedBody { bytes: size(*unkept), ..TracedBody::default() },
                    None => sealing.body(&request.headers, &request.body, redactor)?,
                },
            },
            response: None,
            no_answer: None,
            total_ms: 0.0,
            first_byte_ms: None,
            adapter_run: None,
            outbound: Vec::new(),
            visibility: Visibility::AnswerOnly,
            deadline: DeadlineVerdict::NoDeadline,
            differences: None,
        })))
    }
}

/// Notes the answer. Of its headers and body nothing is known: they go to the sender and pass nobody who looks.
pub(super) fn complete(trace: &mut Trace, report: &Report) {
    let status = match &report.outcome {
        Outcome::Answered(status) => *status,
        // What the runtime answers for a dispatcher that threw.
        Outcome::Thrown(_) => 500,
    };
    trace.response = Some(TracedResponse { status, headers: Vec::new(), body: TracedBody::default() });
    trace.total_ms = report.duration_ms;
    trace.first_byte_ms = Some(report.duration_ms);
    let deadline = providers::find(&trace.provider).and_then(patchbay_webhooks::Provider::deadline);
    trace.deadline = match deadline.map(|deadline| deadline.as_secs_f64() * 1000.0) {
        None => DeadlineVerdict::NoDeadline,
        Some(deadline_ms) if report.duration_ms <= deadline_ms => DeadlineVerdict::InTime { deadline_ms },
        Some(deadline_ms) => DeadlineVerdict::Late { deadline_ms },
    };
}

fn provider(request: &HttpRequest) -> &'static str {
    let body = if request.body.len() <= RECOGNISED { String::from_utf8_lossy(&request.body) } else { Cow::default() };
    // A URL that cannot be read has no query that would tell.
    request.url.parse().map_or("custom", |url| provider_of_request(&request.headers, &url, &body))
}

/// Tenant and adapter of a script, whose name is made of the two. One that is not published belongs to the tenant of the
/// workspace whose id it begins with; there is at most one.
fn owner(open: &OpenWorkspace, destination: &Destination) -> Option<(String, String)> {
    let Destination { script, owner, .. } = destination;
    let tenant = match owner.as_deref() {
        Some(owner) => owner.strip_prefix(TENANT)?,
        None => script.match_indices('-').map(|(end, _)| &script[..end]).find(|id| {
            let id: Result<TenantId, _> = id.parse();
            id.is_ok_and(|id| open.workspace.tenant(&id).is_ok())
        })?,
    };
    let adapter = script.strip_prefix(tenant)?.strip_prefix('-')?;
    Some((tenant.to_owned(), adapter.to_owned()))
}

fn region(open: &OpenWorkspace, environment: Environment, destination: &Destination) -> Option<String> {
    let regions = open.workspace.settings().environments.get(&environment)?;
    let of_namespace = regions.iter().find(|(_, namespace)| namespace.as_str() == destination.namespace);
    of_namespace.map(|(region, _)| region.to_string())
}

/// How many bytes the body had, or more.
fn size(unkept: Unkept) -> u64 {
    match unkept {
        Unkept::TooLarge { bytes } => bytes,
        Unkept::Stream { at_least } => at_least,
    }
}

fn reason(unkept: Unkept) -> String {
    match unkept {
        Unkept::TooLarge { bytes } => format!("{} MB", bytes / 1_000_000),
        Unkept::Stream { .. } => "a stream".into(),
    }
}

/// For lists and lines.
pub(super) fn wire(trace: &Trace) -> InboxWebhook {
    InboxWebhook {
        delivery: trace.id.clone(),
        environment: trace.environment.clone(),
        tenant: trace.tenant.clone(),
        adapter: trace.adapter.clone(),
        provider: trace.provider.clone(),
        event_id: trace.event_id.clone(),
        method: trace.request.method.clone(),
        url: super::sealing::without_query(&trace.request.url).to_owned(),
        bytes: u32::try_from(trace.request.body.bytes).unwrap_or(u32::MAX),
        note: trace.sender.clone(),
        received_at: trace.started.format(&Rfc3339).unwrap_or_default(),
        status: trace.response.as_ref().map(|response| response.status),
        duration_ms: trace.first_byte_ms,
    }
}
