//! The running platform's own API, `/patchbay/v1`, as a replay needs it.
//!
//! The JSON is defined by the platform (`patchbay-platform`); `platform_link/wire.rs` mirrors what is read here.

mod drafts;
mod wire;

pub use drafts::LoadedDraft;

use crate::error::ReplayError;
use bytes::{Bytes, BytesMut};
use patchbay_core::observation::{OutboundCall, TailEvent};
use patchbay_core::{Environment, HttpRequest, Secret};
use reqwest::{Method, Response, Url};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Answers of the platform come at once; only a wait that we asked for may be added.
const TIMEOUT: Duration = Duration::from_secs(15);
/// A tail line is one request's logs; workerd caps those far below.
const LONGEST_TAIL_LINE: usize = 8 * 1024 * 1024;

/// A running platform.
#[derive(Clone)]
pub struct PlatformLink {
    http: reqwest::Client,
    base_url: Url,
    token: Secret,
}

impl std::fmt::Debug for PlatformLink {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PlatformLink").field("base_url", &self.base_url.as_str()).finish_non_exhaustive()
    }
}

/// A delivery that the platform will watch.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct RegisteredDelivery {
    /// Its id.
    pub delivery: String,
    /// Header that marks the request.
    pub header: String,
    /// The header's value.
    pub value: String,
}

/// What the platform saw of a delivery.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observations {
    /// Whether the delivery has ended and nothing will follow.
    pub complete: bool,
    /// The runtime's reports.
    pub tails: Vec<TailEvent>,
    /// Outbound calls.
    pub outbound: Vec<OutboundCall>,
}

/// The dispatcher's data: route table, tenants' settings, routing keys. Each as the platform defines it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Routing {
    /// The route table.
    pub routes: Value,
    /// Settings by tenant.
    pub tenants: Map<String, Value>,
    /// Targets by routing key.
    pub keys: Map<String, Value>,
}

impl PlatformLink {
    /// A link to the platform at an origin (`http://127.0.0.1:8788`).
    pub fn new(origin: &str, token: Secret) -> Result<Self, ReplayError> {
        let not_a_url = || ReplayError::Url { given: origin.to_owned() };
        let base_url = Url::parse(origin).map_err(|_| not_a_url())?;
        if !matches!(base_url.scheme(), "http" | "https") {
            return Err(not_a_url());
        }
        let http = client_builder(&base_url).build().map_err(|source| ReplayError::Setup { source })?;
        Ok(Self { http, base_url, token })
    }

    /// Replaces the dispatcher's data.
    pub async fn put_routing(&self, routing: &Routing) -> Result<(), ReplayError> {
        let operation = "set the routing";
        let request = self.request(Method::PUT, &["routing"]).json(routing);
        self.checked(operation, request, TIMEOUT).await.map(|_| ())
    }

    /// Announces a delivery, so that the platform records what becomes of it. The draft of that id serves it, where one
    /// is named, else what is live.
    pub async fn register_delivery(&self, draft: Option<&str>) -> Result<RegisteredDelivery, ReplayError> {
        let wanted = draft.map_or_else(|| json!({}), |draft| json!({ "draft": draft }));
        self.json("register the delivery", self.request(Method::POST, &["deliveries"]).json(&wanted)).await
    }

    /// A mark for the many requests of a load run, none of which is recorded or stored.
    pub async fn register_load(&self) -> Result<RegisteredDelivery, ReplayError> {
        let request = self.request(Method::POST, &["deliveries"]).json(&json!({ "load": true }));
        self.json("register the load run", request).await
    }

    /// What was seen of a delivery whose sender has its answer; waits at most `wait` for its end.
    pub async fn observations(&self, delivery: &str, wait: Duration) -> Result<Observations, ReplayError> {
        let request = self
            .request(Method::GET, &["deliveries", delivery, "observations"])
            .query(&[("wait_ms", wait.as_millis().to_string()), ("answered", "true".to_owned())]);
        let seen: wire::Observations = self.json_within("read what was observed", request, TIMEOUT + wait).await?;
        Ok(seen.into())
    }

    /// Follows the requests to a script, or to every script.
    pub async fn tail(&self, script: Option<&str>) -> Result<TailStream, ReplayError> {
        let operation = "follow the logs";
        let mut request = self.request(Method::GET, &["tail"]);
        if let Some(script) = script {
            request = request.query(&[("script", script)]);
        }
        // Only the connection may time out: a tail is silent as long as nothing happens.
        let sending = tokio::time::timeout(TIMEOUT, request.send());
        let response = match sending.await {
            Ok(sent) => sent.map_err(|source| self.unreachable(operation, source))?,
            Err(_elapsed) => {
                let message = format!("no answer within {} s", TIMEOUT.as_secs());
                return Err(ReplayError::PlatformRefused { operation, status: 504, code: None, message });
            }
        };
        let response = refusal(operation, response).await?;
        Ok(TailStream { response, buffer: BytesMut::new(), link: self.clone() })
    }

    /// What the platform says about itself.
    pub async fn status(&self) -> Result<Value, ReplayError> {
        self.json("read the platform's status", self.request(Method::GET, &["status"])).await
    }

    /// Which routing rule matches a request and why the others do not, as the platform words it.
    pub async fn explain(
        &self,
        url: &str,
        headers: &[(String, String)],
        environment: Option<Environment>,
    ) -> Result<Value, ReplayError> {
        let mut question = json!({ "url": url, "headers": headers });
        if let Some(environment) = environment {
            question["environment"] = environment.as_str().into();
        }
        self.json("explain the route", self.request(Method::POST, &["explain"]).json(&question)).await
    }

    /// The rule that the dispatcher follows for a request, in its own words; `None` where none matches or the platform
    /// cannot say.
    pub(crate) async fn rule(&self, request: &HttpRequest, environment: Environment) -> Option<String> {
        let decision = self.explain(&request.url, &request.headers.0, Some(environment)).await.ok()?;
        let rules = decision["rules"].as_array()?;
        let matched = rules.iter().find(|rule| rule["matched"] == Value::Bool(true))?;
        Some(matched["rule"].as_str()?.to_owned())
    }

    /// Asks whoever answers the calls of adapters; question and answer are theirs.
    pub async fn ask_upstreams(&self, question: &Value) -> Result<Value, ReplayError> {
        self.json("ask the upstreams", self.request(Method::POST, &["upstreams"]).json(question)).await
    }

    fn request(&self, method: Method, segments: &[&str]) -> reqwest::RequestBuilder {
        let mut url = self.base_url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["patchbay", "v1"]).extend(segments);
        }
        self.http.request(method, url).bearer_auth(self.token.expose())
    }

    async fn json<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        request: reqwest::RequestBuilder,
    ) -> Result<T, ReplayError> {
        self.json_within(operation, request, TIMEOUT).await
    }

    async fn json_within<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        request: reqwest::RequestBuilder,
        limit: Duration,
    ) -> Result<T, ReplayError> {
        let body = self.checked(operation, request, limit).await?;
        serde_json::from_slice(&body).map_err(|source| ReplayError::PlatformAnswer { operation, source })
    }

    async fn checked(
        &self,
        operation: &'static str,
        request: reqwest::RequestBuilder,
        limit: Duration,
    ) -> Result<Bytes, ReplayError> {
        let sent = request.timeout(limit).send().await;
        let response = sent.map_err(|source| self.unreachable(operation, source))?;
        let response = refusal(operation, response).await?;
        response.bytes().await.map_err(|source| self.unreachable(operation, source))
    }

    fn unreachable(&self, operation: &'static str, source: reqwest::Error) -> ReplayError {
        let url = self.base_url.to_string();
        ReplayError::PlatformUnreachable { operation, url, source: source.without_url() }
    }
}

/// Lets a success through. A refusal's words are in Cloudflare's envelope, in our own `error.message`, or plain text.
async fn refusal(operation: &'static str, response: Response) -> Result<Response, ReplayError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let body = response.bytes().await.unwrap_or_default();
    let value: Value = serde_json::from_slice(&body).unwrap_or_default();
    let words = ["/error/message", "/errors/0/message", "/message", "/error"]
        .iter()
        .find_map(|pointer| value.pointer(pointer)?.as_str())
        .map(str::to_owned);
    let message = words.unwrap_or_else(|| String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned());
    let message = if message.trim().is_empty() { "no reason was given".to_owned() } else { message };
    let code = value.pointer("/errors/0/code").and_then(Value::as_u64).and_then(|code| u32::try_from(code).ok());
    Err(ReplayError::PlatformRefused { operation, status: status.as_u16(), code, message })
}

/// Requests to scripts as they end.
pub struct TailStream {
    response: Response,
    buffer: BytesMut,
    link: PlatformLink,
}

impl TailStream {
    /// The next one; `None` when the platform has stopped.
    pub async fn next(&mut self) -> Option<Result<TailEvent, ReplayError>> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line = self.buffer.split_to(end + 1);
                let line = line.trim_ascii();
                // An empty line keeps the connection open.
                if line.is_empty() {
                    continue;
                }
                let event = serde_json::from_slice::<wire::Tail>(line).map(TailEvent::from);
                return Some(
                    event.map_err(|source| ReplayError::PlatformAnswer { operation: "follow the logs", source }),
                );
            }
            if self.buffer.len() > LONGEST_TAIL_LINE {
                self.buffer.clear();
                return Some(Err(ReplayError::TailLine { limit: LONGEST_TAIL_LINE }));
            }
            match self.response.chunk().await {
                Ok(Some(chunk)) => self.buffer.extend_from_slice(&chunk),
                Ok(None) => return None,
                Err(source) => return Some(Err(self.link.unreachable("follow the logs", source))),
            }
        }
    }
}

/// A client that follows no redirect (the token or the signed webhook would follow it) and keeps requests to this
/// machine away from system-wide proxies.
pub(crate) fn client_builder(url: &Url) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let loopback = host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    if loopback { builder.no_proxy() } else { builder }
}
