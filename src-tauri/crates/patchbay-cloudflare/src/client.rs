//! The client: one base URL, one account, one token. Operations are in the files of their nouns.

use crate::answer::{Answer, result};
use crate::error::CloudflareError;
use crate::multipart::Multipart;
use crate::retry::Retries;
use crate::wire::envelope::Envelope;
use patchbay_core::Secret;
use patchbay_core::redact::Redactor;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::time::Duration;

/// Cloudflare's own base URL.
pub const CLOUDFLARE_BASE_URL: &str = "https://api.cloudflare.com/client/v4";

/// An upload of 10 MiB over a slow line needs this long.
const DEFAULT_TIMEOUT: Duration = Duration::from_mins(2);

/// Talks to Cloudflare's API, or to one that speaks the same.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base_url: Url,
    pub(crate) account_id: String,
    authorization: HeaderValue,
    token: Secret,
    timeout: Duration,
    retries: Retries,
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("base_url", &self.base_url.as_str())
            .field("account_id", &self.account_id)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client for a base URL (`…/client/v4`), an account and a token.
    pub fn new(base_url: &str, account_id: &str, token: Secret) -> Result<Self, CloudflareError> {
        let not_a_base = || CloudflareError::BaseUrl { given: base_url.to_owned() };
        let parsed = Url::parse(base_url.trim_end_matches('/')).map_err(|_| not_a_base())?;
        if !matches!(parsed.scheme(), "http" | "https") || !parsed.username().is_empty() || parsed.password().is_some()
        {
            return Err(not_a_base());
        }
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
            .map_err(|_| CloudflareError::TokenCharacters)?;
        authorization.set_sensitive(true);
        let mut http = reqwest::Client::builder()
            .user_agent(concat!("patchbay/", env!("CARGO_PKG_VERSION")))
            // A redirect would carry the token to a place nobody named.
            .redirect(reqwest::redirect::Policy::none());
        if is_loopback(&parsed) {
            // A system-wide proxy must not see requests to this machine, and usually cannot answer them.
            http = http.no_proxy();
        }
        let http = http.build().map_err(|source| CloudflareError::Setup { source })?;
        Ok(Self {
            http,
            base_url: parsed,
            account_id: account_id.to_owned(),
            authorization,
            token,
            timeout: DEFAULT_TIMEOUT,
            retries: Retries::default(),
        })
    }

    /// With other bounds of trying again.
    #[must_use]
    pub fn with_retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    /// With another limit for one attempt, from connecting to the last byte.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The account that operations act on.
    pub fn account_id(&self) -> &str {
        &self.account_id
    }

    /// Sends a call and reads its result.
    pub(crate) async fn result<T: DeserializeOwned>(&self, call: Call) -> Result<T, CloudflareError> {
        let operation = call.operation;
        result(self.envelope(call).await?, operation)
    }

    /// Sends a call whose result does not matter.
    pub(crate) async fn done(&self, call: Call) -> Result<(), CloudflareError> {
        self.envelope(call).await.map(|_| ())
    }

    /// Sends a call and reads the envelope, again where that is safe and promises something.
    pub(crate) async fn envelope(&self, call: Call) -> Result<Envelope<Value>, CloudflareError> {
        let operation = call.operation;
        self.retrying(&call, |answer, redactor| answer.into_envelope(operation, redactor)).await
    }

    /// Sends a call until `read` accepts its answer or no further attempt makes sense.
    pub(crate) async fn retrying<T>(
        &self,
        call: &Call,
        read: impl Fn(Answer, &Redactor) -> Result<T, CloudflareError>,
    ) -> Result<T, CloudflareError> {
        let own = [("token".to_owned(), self.token.clone())];
        let secrets = own.iter().chain(&call.secrets);
        let redactor = Redactor::new(secrets.map(|(name, value)| (name.as_str(), value)));
        let idempotent = call.method == Method::GET || call.method == Method::PUT;
        let mut attempt = 1;
        loop {
            let error = match self.once(call).await.and_then(|answer| read(answer, &redactor)) {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let Some(wait) = self.retries.wait(&error, attempt, idempotent) else {
                return Err(error);
            };
            tracing::debug!(operation = call.operation, attempt, ?wait, "the API did not answer well, trying again");
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    async fn once(&self, call: &Call) -> Result<Answer, CloudflareError> {
        let mut request = self
            .http
            .request(call.method.clone(), call.url.clone())
            .header(AUTHORIZATION, self.authorization.clone())
            .timeout(self.timeout);
        match &call.body {
            Body::None => {}
            Body::Json(json) => request = request.header(CONTENT_TYPE, "application/json").body(json.clone()),
            Body::Multipart(multipart) => {
                request = request.header(CONTENT_TYPE, &multipart.content_type).body(multipart.body.clone());
            }
        }
        let failed = |source: reqwest::Error| self.transport_error(call.operation, source);
        let answer = request.send().await.map_err(failed)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await.map_err(failed)?;
        Ok(Answer { status, headers, body })
    }

    fn transport_error(&self, operation: &'static str, source: reqwest::Error) -> CloudflareError {
        let port = self.base_url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let host = format!("{}{port}", self.base_url.host_str().unwrap_or_default());
        let source = source.without_url();
        if source.is_timeout() {
            CloudflareError::Timeout { host, operation, limit: self.timeout }
        } else if source.is_connect() {
            CloudflareError::Connect { host, source }
        } else {
            CloudflareError::Interrupted { host, operation, source }
        }
    }

    /// A URL of this API; each segment is percent-encoded on its own.
    pub(crate) fn url<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.base_url.clone();
        // Only URLs without a path, such as `data:`, have no segments; `new` lets none in.
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(segments);
        }
        url
    }
}

/// One request to the API.
pub(crate) struct Call {
    /// What it does, to be read after "Failed to".
    pub operation: &'static str,
    pub method: Method,
    pub url: Url,
    pub body: Body,
    /// Secrets that travel in the body, so that a server that echoes them cannot bring them into an error.
    pub secrets: Vec<(String, Secret)>,
}

/// What a request carries.
pub(crate) enum Body {
    None,
    Json(String),
    Multipart(Multipart),
}

impl Call {
    pub fn new(operation: &'static str, method: Method, url: Url) -> Self {
        Self { operation, method, url, body: Body::None, secrets: Vec::new() }
    }

    pub fn json(mut self, body: &Value) -> Self {
        self.body = Body::Json(body.to_string());
        self
    }

    pub fn multipart(mut self, body: Multipart) -> Self {
        self.body = Body::Multipart(body);
        self
    }

    pub fn secrets(mut self, secrets: Vec<(String, Secret)>) -> Self {
        self.secrets = secrets;
        self
    }
}

/// Refuses names that a URL would lose: empty ones, and dots that mean a folder.
pub(crate) fn check_name<'a>(kind: &'static str, name: &'a str) -> Result<&'a str, CloudflareError> {
    if name.is_empty() || name == "." || name == ".." || name.chars().any(char::is_control) {
        return Err(CloudflareError::Name { kind, given: name.escape_debug().to_string() });
    }
    Ok(name)
}

fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || host.ends_with(".localhost") || address.is_ok_and(|address| address.is_loopback())
}
