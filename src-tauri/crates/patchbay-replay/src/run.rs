//! One replay: register, send, gather.

use crate::error::ReplayError;
use crate::observed;
use crate::platform_link::{Observations, PlatformLink, RegisteredDelivery};
use crate::trace::{Against, DeadlineVerdict, Origin, Trace, TracedBody, TracedResponse, Visibility};
use patchbay_core::redact::Redactor;
use patchbay_core::{AdapterId, Environment, HttpMessageHeaders, HttpRequest, Region, Secret, TenantId};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use std::time::{Duration, Instant};
use time::OffsetDateTime;

/// Bytes of an answer that a trace keeps.
const KEPT_BODY: usize = 1024 * 1024;
/// Nobody waits longer for an answer; senders give up long before.
const LONGEST_WAIT: Duration = Duration::from_secs(90);
/// How long the platform may take to report the end of a delivery after its answer. Tails arrive within
/// milliseconds; `waitUntil` work may follow the answer.
const OBSERVATION_WAIT: Duration = Duration::from_secs(10);
/// Headers that belong to a connection and not to a request.
const HOP_BY_HOP: [&str; 5] = ["content-length", "connection", "transfer-encoding", "keep-alive", "expect"];

/// Where replays go.
#[derive(Debug, Clone)]
pub struct ReplayTarget {
    http: reqwest::Client,
    dispatcher_url: String,
    platform: Option<PlatformLink>,
    draft: Option<String>,
    environment: Environment,
    region: Region,
}

impl ReplayTarget {
    /// A dispatcher, and the platform behind it when that can be asked what it saw.
    pub fn new(
        dispatcher_url: &str,
        platform: Option<PlatformLink>,
        environment: Environment,
        region: Region,
    ) -> Result<Self, ReplayError> {
        let not_a_url = || ReplayError::Url { given: dispatcher_url.to_owned() };
        let url = Url::parse(dispatcher_url).map_err(|_| not_a_url())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(not_a_url());
        }
        let http =
            crate::platform_link::client_builder(&url).build().map_err(|source| ReplayError::Setup { source })?;
        let dispatcher_url = dispatcher_url.trim_end_matches('/').to_owned();
        Ok(Self { http, dispatcher_url, platform, draft: None, environment, region })
    }

    /// The same, served by a draft that the platform has loaded (its id) in the place of what is live.
    #[must_use]
    pub fn served_by_draft(mut self, draft: &str) -> Self {
        self.draft = Some(draft.to_owned());
        self
    }

    /// The dispatcher's URL, without a slash at its end.
    pub fn dispatcher_url(&self) -> &str {
        &self.dispatcher_url
    }

    /// The platform behind the dispatcher.
    pub fn platform(&self) -> Option<&PlatformLink> {
        self.platform.as_ref()
    }
}

/// What is replayed.
#[derive(Debug, Clone)]
pub struct Run {
    /// Tenant.
    pub tenant: TenantId,
    /// Adapter.
    pub adapter: AdapterId,
    /// The run that the delivery belongs to, `run-…`.
    pub run: Option<String>,
    /// Name of the sample, if it is one.
    pub sample: Option<String>,
    /// Where the webhook comes from.
    pub origin: Origin,
    /// Which code is to serve it.
    pub against: Against,
    /// The provider's id of the event, where it gives one.
    pub event_id: Option<String>,
    /// What the sender does beyond sending it once, for people.
    pub sender: Option<String>,
    /// Provider that the request imitates.
    pub provider: String,
    /// The signed request. Its URL is under the dispatcher's; headers for routing are the caller's choice.
    pub request: HttpRequest,
    /// How it was signed, for people.
    pub signing: Option<String>,
    /// The sender's deadline.
    pub deadline: Option<Duration>,
    /// Values that must not stand in the trace, by name.
    pub secrets: Vec<(String, Secret)>,
}

/// Sends a request through the dispatcher and gathers what became of it.
///
/// An adapter that fails, answers late or not at all is a trace; an error means that nothing was replayed.
pub async fn run_once(target: &ReplayTarget, run: Run) -> Result<Trace, ReplayError> {
    let registered = register(target).await?;
    run_registered(target, run, registered).await
}

/// Announces a delivery to the platform behind the dispatcher, where there is one. Its id is known then before anything
/// is sent.
pub async fn register(target: &ReplayTarget) -> Result<Option<RegisteredDelivery>, ReplayError> {
    match &target.platform {
        Some(platform) => platform.register_delivery(target.draft.as_deref()).await.map(Some),
        None => Ok(None),
    }
}

/// [`run_once`] as a delivery that was announced.
pub async fn run_registered(
    target: &ReplayTarget,
    run: Run,
    registered: Option<RegisteredDelivery>,
) -> Result<Trace, ReplayError> {
    let redactor = Redactor::new(run.secrets.iter().map(|(name, value)| (name.as_str(), value)));
    let request = prepared(target, &run.request)?;
    let sent = send(target, request, &run.request, registered.as_ref()).await?;
    let (observations, visibility, rule) = match (&target.platform, &registered) {
        (Some(platform), Some(registered)) => {
            let (seen, rule) = tokio::join!(
                platform.observations(&registered.delivery, OBSERVATION_WAIT),
                platform.rule(&run.request, target.environment),
            );
            let seen = seen?;
            let visibility = if seen.complete { Visibility::Complete } else { Visibility::Partial };
            (seen, visibility, rule)
        }
        _ => (Observations::default(), Visibility::AnswerOnly, None),
    };
    let id = registered.map_or_else(|| format!("{:x}", sent.started.unix_timestamp_nanos()), |known| known.delivery);
    let started_ms = milliseconds(sent.started);
    let (response, no_answer) = match sent.answer {
        Ok(answer) => (Some(answer.traced(&redactor)), None),
        Err(reason) => (None, Some(reason.to_string())),
    };
    Ok(Trace {
        id,
        tenant: run.tenant.to_string(),
        adapter: run.adapter.to_string(),
        run: run.run,
        sample: run.sample,
        origin: run.origin,
        against: run.against,
        event_id: run.event_id.map(|id| redactor.text(&id)),
        sender: run.sender,
        provider: run.provider,
        started: sent.started,
        environment: target.environment.to_string(),
        region: target.region.to_string(),
        signing: run.signing,
        rule,
        request: observed::request(&run.request, &redactor),
        deadline: verdict(run.deadline, sent.total_ms, response.is_some()),
        response,
        no_answer,
        total_ms: sent.total_ms,
        first_byte_ms: sent.first_byte_ms,
        adapter_run: observations.tails.iter().map(|tail| observed::run(tail, started_ms, &redactor)).next(),
        outbound: observed::calls(&observations.outbound, started_ms, &redactor),
        visibility,
        differences: None,
    })
}

struct Sent {
    started: OffsetDateTime,
    first_byte_ms: Option<f64>,
    total_ms: f64,
    answer: Result<Answer, NoAnswer>,
}

struct Answer {
    status: u16,
    headers: HttpMessageHeaders,
    kept: Vec<u8>,
    bytes: u64,
}

impl Answer {
    fn traced(self, redactor: &Redactor) -> TracedResponse {
        TracedResponse {
            status: self.status,
            body: TracedBody::cut(&self.headers, &self.kept, self.bytes, redactor),
            headers: observed::headers(&self.headers, redactor),
        }
    }
}

fn prepared(target: &ReplayTarget, request: &HttpRequest) -> Result<reqwest::RequestBuilder, ReplayError> {
    let url = Url::parse(&request.url).map_err(|_| ReplayError::Url { given: request.url.clone() })?;
    let method = Method::from_bytes(request.method.as_bytes())
        .map_err(|_| ReplayError::Method { given: request.method.clone() })?;
    let mut headers = HeaderMap::new();
    for (name, value) in request.headers.iter() {
        if HOP_BY_HOP.iter().any(|skipped| name.eq_ignore_ascii_case(skipped)) {
            continue;
        }
        let broken = || ReplayError::Header { name: name.to_owned() };
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| broken())?;
        headers.append(header, HeaderValue::from_bytes(value.as_bytes()).map_err(|_| broken())?);
    }
    Ok(target.http.request(method, url).headers(headers).body(request.body.clone()).timeout(LONGEST_WAIT))
}

async fn send(
    target: &ReplayTarget,
    mut builder: reqwest::RequestBuilder,
    request: &HttpRequest,
    registered: Option<&RegisteredDelivery>,
) -> Result<Sent, ReplayError> {
    if let Some(registered) = registered {
        builder = builder.header(registered.header.as_str(), registered.value.as_str());
    }
    debug_assert!(request.url.starts_with(target.dispatcher_url()), "a replay goes through its target's dispatcher");
    let started = OffsetDateTime::now_utc();
    let clock = Instant::now();
    let elapsed = || clock.elapsed().as_secs_f64() * 1000.0;
    let mut response = match builder.send().await {
        Ok(response) => response,
        Err(source) if source.is_connect() => {
            let url = target.dispatcher_url.clone();
            return Err(ReplayError::DispatcherUnreachable { url, source: source.without_url() });
        }
        Err(source) => {
            return Ok(Sent { started, first_byte_ms: None, total_ms: elapsed(), answer: Err(NoAnswer::of(&source)) });
        }
    };
    let first_byte_ms = Some(elapsed());
    let mut answer = Answer {
        status: response.status().as_u16(),
        headers: observed::received(response.headers()),
        kept: Vec::new(),
        bytes: 0,
    };
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                answer.bytes += chunk.len() as u64;
                let room = KEPT_BODY - answer.kept.len();
                answer.kept.extend_from_slice(&chunk[..chunk.len().min(room)]);
            }
            Ok(None) => return Ok(Sent { started, first_byte_ms, total_ms: elapsed(), answer: Ok(answer) }),
            Err(source) => {
                return Ok(Sent { started, first_byte_ms, total_ms: elapsed(), answer: Err(NoAnswer::of(&source)) });
            }
        }
    }
}

/// Why a sender would have been left without an answer.
#[derive(Debug, thiserror::Error)]
enum NoAnswer {
    #[error("no answer within {} s", LONGEST_WAIT.as_secs())]
    TooLate,
    #[error("the connection ended in the middle of the answer")]
    CutOff,
    #[error("the connection ended without an answer")]
    Nothing,
}

impl NoAnswer {
    fn of(source: &reqwest::Error) -> Self {
        if source.is_timeout() {
            Self::TooLate
        } else if source.is_body() || source.is_decode() {
            Self::CutOff
        } else {
            Self::Nothing
        }
    }
}

fn verdict(deadline: Option<Duration>, total_ms: f64, answered: bool) -> DeadlineVerdict {
    match deadline.map(|deadline| deadline.as_secs_f64() * 1000.0) {
        None => DeadlineVerdict::NoDeadline,
        Some(deadline_ms) if answered && total_ms <= deadline_ms => DeadlineVerdict::InTime { deadline_ms },
        Some(deadline_ms) => DeadlineVerdict::Late { deadline_ms },
    }
}

/// Milliseconds since the Unix epoch, as observations count. 2^53 ms are beyond any date, so nothing is lost.
#[expect(clippy::cast_precision_loss, reason = "microseconds of this era fit into 52 bits")]
fn milliseconds(moment: OffsetDateTime) -> f64 {
    (moment.unix_timestamp_nanos() / 1000) as f64 / 1000.0
}
