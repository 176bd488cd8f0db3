//! Deliveries of the history as webhooks that are sent again.

use super::desk::Desk;
use super::plan::{Webhook, WebhookContent};
use crate::app::OpenWorkspace;
use crate::raw_request::place;
use crate::wire::error::{ErrorCode, WireError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_core::{AdapterRef, Environment, HttpMessageHeaders};
use patchbay_replay::trace::{Origin, TracedBody};
use patchbay_replay::{HistoryQuery, Trace};
use patchbay_webhooks::{RecordedError, RecordedRequest};
use time::OffsetDateTime;

/// How a run's id begins.
const RUN: &str = "run-";
/// Deliveries that are looked at together.
const PAGE: u32 = 200;

/// The deliveries of a run in the order in which they were sent, or the one delivery of that id.
pub(super) fn of_run_or_delivery(
    open: &OpenWorkspace,
    adapter: &AdapterRef,
    id: &str,
) -> Result<Vec<Trace>, WireError> {
    kept(open, id)?.into_iter().map(|trace| refuse_anothers(adapter, trace)).collect()
}

/// The same, whoever's adapter they were sent to.
pub(crate) fn kept(open: &OpenWorkspace, id: &str) -> Result<Vec<Trace>, WireError> {
    if !id.starts_with(RUN) {
        return Ok(vec![crate::history::trace(open, id)?]);
    }
    let kept = open.history()?.run(id)?;
    if kept.is_empty() {
        return Err(WireError::new(ErrorCode::ReplayUnknownRun, format!("There is no run `{id}`"))
            .with_hint("`patchbay deliveries list` shows what is kept, with its runs"));
    }
    Ok(kept)
}

/// The adapter's last deliveries, oldest first. What was sent again by a replay does not count: it is there already.
pub(super) fn last(
    open: &OpenWorkspace,
    adapter: &AdapterRef,
    environment: Environment,
    count: u32,
    since: Option<OffsetDateTime>,
) -> Result<Vec<Trace>, WireError> {
    let history = open.history()?;
    let mut query = HistoryQuery {
        tenant: Some(adapter.tenant.to_string()),
        adapter: Some(adapter.adapter.to_string()),
        since,
        limit: Some(PAGE),
        ..HistoryQuery::default()
    };
    let wanted = usize::try_from(count).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    loop {
        let page = history.search(&query)?;
        let originals = page.deliveries.into_iter().filter(|head| {
            !matches!(head.origin, Origin::Delivery(_)) && head.summary.environment == environment.as_str()
        });
        found.extend(originals.map(|head| head.summary.id));
        if found.len() >= wanted || page.next.is_none() {
            break;
        }
        query.before = page.next;
    }
    found.truncate(wanted);
    found.iter().rev().map(|id| crate::history::trace(open, id)).collect()
}

/// A kept delivery as its provider would send it again.
pub(super) fn webhook(desk: &Desk, trace: Trace) -> Result<Webhook, WireError> {
    let refused = |error: &RecordedError| {
        WireError::new(ErrorCode::ReplayNotRepeatable, format!("Delivery `{}` cannot be sent again: {error}", trace.id))
            .with_hint("Send the sample or the file that it was made from, or the provider's own request again")
    };
    let body = bytes(&trace.request.body).map_err(|error| WireError::internal("A kept body is damaged", &error))?;
    let kept = body.len() as u64;
    let (_, target) = place(&trace.request.url);
    let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
    let request = RecordedRequest {
        provider: trace.provider.clone(),
        method: trace.request.method.clone(),
        target,
        headers: HttpMessageHeaders(trace.request.headers.clone()),
        body: body.into(),
    };
    let credentials = desk.signer(&trace.provider)?.credentials();
    let sample = request.into_sample(&credentials).map_err(|error| refused(&error))?;
    // Only now: a body in which a secret was redacted has another length, too.
    let bytes = trace.request.body.bytes;
    if kept != bytes {
        let encoding = sample.header_list().get("content-encoding").map(str::to_owned);
        return Err(refused(&match encoding {
            Some(encoding) => RecordedError::Compressed { encoding },
            None => RecordedError::Cut { bytes, kept },
        }));
    }
    Ok(Webhook {
        origin: Origin::Delivery(trace.id),
        sample: trace.sample,
        content: WebhookContent::Sample(Box::new(sample)),
        expectation: None,
    })
}

fn bytes(body: &TracedBody) -> Result<Vec<u8>, base64::DecodeError> {
    if body.base64 { STANDARD.decode(&body.text) } else { Ok(body.text.clone().into_bytes()) }
}

fn refuse_anothers(adapter: &AdapterRef, trace: Trace) -> Result<Trace, WireError> {
    // What arrived when nobody took it can be sent to anybody.
    let is_nobodys = trace.origin == Origin::Inbox && trace.tenant.is_empty();
    if is_nobodys || (trace.tenant == adapter.tenant.as_str() && trace.adapter == adapter.adapter.as_str()) {
        return Ok(trace);
    }
    let theirs = format!("{}/{}", trace.tenant, trace.adapter);
    Err(WireError::new(
        ErrorCode::ReplayNotRepeatable,
        format!("Delivery `{}` was one of {theirs}, not of {adapter}", trace.id),
    )
    .with_hint(format!("`patchbay replay {theirs} --from {}` sends it again", trace.id)))
}
