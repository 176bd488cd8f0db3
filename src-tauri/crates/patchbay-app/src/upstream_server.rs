//! The simulated upstreams on a port of this machine, for clients that are not adapters.
//!
//! A client names the upstream by its host: as the first part of the path (`http://127.0.0.1:4782/api.notion.com/v1/pages`),
//! in the `Host` header, or in the request line, as through a proxy. Nothing is passed on: what no upstream answers for
//! is refused in words.

use crate::wire::error::{ErrorCode, WireError};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::{TokioIo, TokioTimer};
use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse};
use patchbay_upstream::{Fault, FaultError, Outcome, Upstreams, upstreams};
use serde::Serialize;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// Clients share one state, as the adapters of one tenant do.
const TENANT: &str = "client";
/// The longest body that any of the real upstreams takes is far below it.
const LONGEST_BODY: usize = 100 << 20;
/// Connections at once; others wait in the backlog.
const MOST_CONNECTIONS: usize = 256;
/// Time for the head of a request, and for the next one on an open connection.
const HEAD_PATIENCE: Duration = Duration::from_secs(30);
/// Wait after a failed accept, which says that descriptors have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Where the simulated upstreams are served.
#[derive(Debug, Clone, Serialize)]
pub struct ServedUpstreams {
    /// `http://127.0.0.1:4782`; the host of an upstream follows as the first part of the path.
    pub url: String,
    /// Upstream → the hosts that it answers for; `*.example.com` covers subdomains.
    pub hosts: BTreeMap<&'static str, Vec<String>>,
    /// Patterns of `OpenAPI` documents that texts are not checked against.
    pub unchecked_patterns: Vec<String>,
}

/// Serves until it is dropped.
#[derive(Debug)]
pub struct UpstreamServer {
    served: ServedUpstreams,
    accepting: JoinHandle<()>,
}

impl UpstreamServer {
    /// Listens on a port of 127.0.0.1; 0 is any free one. The state starts empty and ends with the server. Faults are
    /// given as a person writes them, `notion#2:429:retry-after=1`; documents are `OpenAPI` 3 by name and text, and the
    /// hosts that they name are answered for by `custom`.
    pub async fn start(port: u16, faults: &[String], documents: &[(String, String)]) -> Result<Self, WireError> {
        let faults = faults
            .iter()
            .map(|fault| fault.parse())
            .collect::<Result<Vec<Fault>, FaultError>>()
            .map_err(|error| WireError::from_error(ErrorCode::UsageMalformed, &error))?;
        let unusable = |error: std::io::Error| {
            WireError::new(ErrorCode::PlatformPortInUse, format!("Port {port} cannot be used: {error}"))
                .with_hint("Choose another one with --port, or 0 for any")
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(unusable)?;
        let address = listener.local_addr().map_err(unusable)?;
        let simulated = Arc::new(Upstreams::new());
        simulated.set_faults(TENANT, faults);
        let mut hosts: BTreeMap<&'static str, Vec<String>> = upstreams::ALL
            .iter()
            .map(|(id, begin)| (*id, begin().hosts().into_iter().map(str::to_owned).collect::<Vec<_>>()))
            .filter(|(_, hosts)| !hosts.is_empty())
            .collect();
        let mut unchecked_patterns = Vec::new();
        for (name, text) in documents {
            let described = simulated
                .describe(TENANT, name, text)
                .map_err(|error| WireError::from_error(ErrorCode::UsageMalformed, &error))?;
            hosts.entry("custom").or_default().extend(described.hosts);
            unchecked_patterns.extend(described.unchecked_patterns);
        }
        let served = ServedUpstreams { url: format!("http://{address}"), hosts, unchecked_patterns };
        let accepting = tokio::spawn(accept(listener, address, simulated));
        Ok(Self { served, accepting })
    }

    /// Where it is.
    pub fn served(&self) -> &ServedUpstreams {
        &self.served
    }
}

impl Drop for UpstreamServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, address: SocketAddr, simulated: Arc<Upstreams>) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let simulated = Arc::clone(&simulated);
        tokio::spawn(async move {
            converse(stream, address, simulated).await;
            drop(place);
        });
    }
}

/// Why a connection ends without an answer.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("the fault asks for a reset connection")]
    Reset,
    #[error("the answer has no HTTP form: {0}")]
    Answer(#[from] hyper::http::Error),
}

async fn converse(stream: TcpStream, address: SocketAddr, simulated: Arc<Upstreams>) {
    // A socket that refuses an option is one whose client has gone.
    drop(stream.set_nodelay(true));
    let service = service_fn(move |request| {
        let simulated = Arc::clone(&simulated);
        Box::pin(async move { answer(&simulated, address, request).await })
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .serve_connection(TokioIo::new(stream), service);
    let ended = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let stream = connection.into_parts().io.into_inner();
    let Err(error) = ended else { return };
    let reason = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<Broken>());
    if matches!(reason, Some(Broken::Reset)) {
        drop(stream.set_zero_linger());
    }
}

async fn answer(
    simulated: &Upstreams,
    address: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Answer>, Broken> {
    let (parts, body) = request.into_parts();
    // A page in a browser must not fill the upstreams behind the back of whoever tests against them.
    if parts.headers.get(ORIGIN).is_some_and(|origin| !is_of_this_machine(origin)) {
        return refusal(StatusCode::FORBIDDEN, "Pages of other machines cannot call the simulated upstreams");
    }
    let Some(url) = url_of(&parts.uri, &parts.headers) else {
        let message = format!(
            "Say which upstream is called: its host is the first part of the path, http://{address}/api.notion.com/v1/pages, or the `Host`"
        );
        return refusal(StatusCode::NOT_FOUND, &message);
    };
    let Ok(body) = Limited::new(body, LONGEST_BODY).collect().await else {
        return refusal(StatusCode::PAYLOAD_TOO_LARGE, "The body broke off, or is larger than 100 MB");
    };
    let headers = parts.headers.iter().map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())));
    let request = HttpRequest {
        method: parts.method.as_str().to_owned(),
        url,
        headers: headers.collect(),
        body: body.to_bytes(),
    };
    match simulated.answer(TENANT, &request) {
        Outcome::Respond(response) => whole(&response),
        Outcome::RespondAfter(delay, response) => {
            tokio::time::sleep(delay).await;
            whole(&response)
        }
        Outcome::Truncate { response, bytes } => {
            let kept = response.body.slice(..bytes.min(response.body.len()));
            respond(&response, Answer::new(kept, response.body.len()))
        }
        Outcome::Reset => Err(Broken::Reset),
    }
}

/// The URL that the client means; `None` when it names no upstream. All real ones are called over TLS.
fn url_of(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let named = uri.host().or_else(|| host_of(headers.get(HOST)?));
    if let Some(host) = named.filter(|host| !is_loopback(host)) {
        return Some(format!("https://{host}{path}"));
    }
    let path = path.strip_prefix('/')?;
    let host = path.split(['/', '?']).next()?;
    host.contains('.').then(|| format!("https://{path}"))
}

fn host_of(header: &HeaderValue) -> Option<&str> {
    let authority = header.to_str().ok()?;
    Some(authority.rsplit_once(':').map_or(authority, |(host, _)| host))
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "127.0.0.1" | "localhost")
}

fn is_of_this_machine(origin: &HeaderValue) -> bool {
    let url = origin.to_str().unwrap_or_default().parse::<Uri>();
    url.is_ok_and(|url| url.host().is_some_and(is_loopback))
}

fn refusal(status: StatusCode, message: &str) -> Result<Response<Answer>, Broken> {
    let body = serde_json::json!({ "error": "Upstream not named", "message": message });
    whole(&HttpResponse {
        status: status.as_u16(),
        headers: HttpMessageHeaders::from_iter([("content-type", "application/json")]),
        body: body.to_string().into(),
    })
}

fn whole(response: &HttpResponse) -> Result<Response<Answer>, Broken> {
    respond(response, Answer::new(response.body.clone(), response.body.len()))
}

fn respond(response: &HttpResponse, body: Answer) -> Result<Response<Answer>, Broken> {
    let mut answer = Response::builder().status(response.status).body(body)?;
    for (name, value) in response.headers.iter() {
        let name = HeaderName::try_from(name).map_err(hyper::http::Error::from)?;
        let value = HeaderValue::try_from(value).map_err(hyper::http::Error::from)?;
        answer.headers_mut().append(name, value);
    }
    Ok(answer)
}

/// A body that may promise more than it has; then the connection closes in its middle.
struct Answer {
    rest: Option<Bytes>,
    promised: usize,
    /// Whether what is left of the promise was held back once.
    waited: bool,
}

impl Answer {
    fn new(bytes: Bytes, promised: usize) -> Self {
        Self { rest: Some(bytes), promised, waited: false }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.rest.take() {
            Some(bytes) => {
                self.promised -= bytes.len();
                Poll::Ready((!bytes.is_empty() || self.promised > 0).then(|| Ok(Frame::data(bytes))))
            }
            None if self.promised > 0 && !self.waited => {
                // What stands before the break is sent only while the body has nothing to say.
                self.waited = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            None if self.promised > 0 => Poll::Ready(Some(Err(std::io::ErrorKind::UnexpectedEof.into()))),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.promised == 0 && self.rest.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised as u64)
    }
}
