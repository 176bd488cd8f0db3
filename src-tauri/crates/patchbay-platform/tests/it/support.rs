//! A platform to test against, and the HTTP to talk to it.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use patchbay_core::observation::AnsweredBy;
use patchbay_core::{Environment, HttpMessageHeaders, HttpRequest, HttpResponse, Module, ModuleKind};
use patchbay_platform::{
    ApiRate, CallContext, Inbox, NamespaceBinding, NotStored, Platform, PlatformError, PlatformOptions,
    PlatformWorkers, Received, Report, RuntimeLimits, UpstreamAnswer, UpstreamGateway,
};
use serde_json::{Value, json};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use zeroize::Zeroizing;

pub(crate) const NAMESPACE: &str = "demo-production";

/// The runtime: `PATCHBAY_WORKERD`, or the npm package in a `node_modules` above this crate.
pub(crate) fn workerd() -> PathBuf {
    if let Some(path) = std::env::var_os("PATCHBAY_WORKERD") {
        return path.into();
    }
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .filter_map(|folder| std::fs::read_dir(folder.join("node_modules/@cloudflare")).ok())
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin/workerd"))
        .find(|path| path.is_file())
        .expect("hint: run `make setup`, which installs workerd, or set PATCHBAY_WORKERD to the program")
}

/// An upstream that notes what reaches it and answers with what it was asked, or redirects when it is asked to.
#[derive(Default)]
pub(crate) struct Gateway {
    pub(crate) calls: Mutex<Vec<(CallContext, HttpRequest)>>,
}

impl UpstreamGateway for Gateway {
    fn call(&self, context: CallContext, request: HttpRequest) -> BoxFuture<'_, UpstreamAnswer> {
        Box::pin(async move {
            if let Some((_, to)) = request.url.split_once("redirect.example/?to=") {
                let headers = HttpMessageHeaders::from_iter([("location", to)]);
                let response = HttpResponse { status: 302, headers, body: Bytes::new() };
                self.calls.lock().expect("not poisoned").push((context, request));
                return UpstreamAnswer::whole(response, AnsweredBy::Simulated);
            }
            let body = json!({ "method": request.method, "url": request.url,
                "body": String::from_utf8_lossy(&request.body), "authorization": request.headers.get("authorization") });
            self.calls.lock().expect("not poisoned").push((context, request));
            let headers = HttpMessageHeaders::from_iter([("content-type", "application/json"), ("x-upstream", "yes")]);
            let response = HttpResponse { status: 201, headers, body: body.to_string().into() };
            UpstreamAnswer::whole(response, AnsweredBy::Simulated)
        })
    }
}

/// An inbox in memory, where whoever looks finds what arrived and what became of it.
#[derive(Default)]
pub(crate) struct Letterbox {
    pub(crate) received: Mutex<Vec<Received>>,
    pub(crate) reports: Mutex<Vec<Report>>,
    /// Nothing can be stored at the moment.
    pub(crate) full: AtomicBool,
}

impl Inbox for Letterbox {
    fn receive(&self, webhook: Received) -> BoxFuture<'_, Result<String, NotStored>> {
        Box::pin(async move {
            if self.full.load(Ordering::Relaxed) {
                return Err(NotStored("no space left on device".into()));
            }
            let mut received = self.received.lock().expect("not poisoned");
            received.push(webhook);
            Ok(received.len().to_string())
        })
    }

    fn report(&self, reports: Vec<Report>) -> BoxFuture<'_, ()> {
        Box::pin(async move { self.reports.lock().expect("not poisoned").extend(reports) })
    }
}

pub(crate) fn module(name: &str, source: &str) -> Module {
    Module { name: name.into(), kind: ModuleKind::EsModule, content: Bytes::copy_from_slice(source.as_bytes()) }
}

/// Options for a platform in a folder, on free ports.
pub(crate) fn options(state_dir: &Path) -> PlatformOptions {
    PlatformOptions {
        state_dir: state_dir.to_owned(),
        workerd: workerd(),
        api_address: SocketAddr::from(([127, 0, 0, 1], 0)),
        dispatcher_address: SocketAddr::from(([127, 0, 0, 1], 0)),
        sealing_key: Zeroizing::new([7; 32]),
        environment: Environment::Production,
        other_environments: vec![Environment::Staging],
        namespaces: vec![NamespaceBinding { binding: "PRODUCTION".into(), namespace: NAMESPACE.into() }],
        workers: PlatformWorkers {
            dispatcher: vec![module("dispatcher.js", include_str!("../fixtures/dispatcher.js"))],
            outbound: vec![module("outbound.js", include_str!("../fixtures/outbound.js"))],
            explain: Some(vec![module("explain.js", include_str!("../fixtures/explain.js"))]),
        },
        api_rate: ApiRate::default(),
        limits: RuntimeLimits::default(),
        inbox: Some(Arc::new(Letterbox::default())),
    }
}

/// An answer with its whole body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }

    /// Code and message of a refusal, checked to be a whole envelope.
    pub(crate) fn refusal(&self) -> (u16, u64, String) {
        let body = self.json();
        assert_eq!(body["success"], json!(false), "{body}");
        assert!(body["messages"].is_array() && body["result"].is_null(), "all four keys are always there: {body}");
        let error = &body["errors"][0];
        (self.status, error["code"].as_u64().expect("a code"), error["message"].as_str().expect("a message").into())
    }
}

/// Sends one request on a connection of its own.
pub(crate) async fn send(method: Method, url: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
    try_send(method, url, headers, body).await.expect("an answer")
}

pub(crate) async fn try_send(
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
    let uri: http::Uri = url.parse()?;
    let authority = uri.authority().expect("an absolute URL").as_str().to_owned();
    let stream = tokio::net::TcpStream::connect(&authority).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let mut request =
        Request::builder().method(method).uri(uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str));
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        request = request.header("host", authority);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = sender.send_request(request.body(Full::new(body.into()))?).await?;
    let (parts, body) = answer.into_parts();
    Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body: body.collect().await?.to_bytes() })
}

/// A running platform in a folder of its own.
pub(crate) struct Fixture {
    pub(crate) platform: Platform,
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) folder: TempDir,
    token: String,
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::start_in(folder).await.expect("the platform starts")
    }

    pub(crate) async fn start_in(folder: TempDir) -> Result<Self, PlatformError> {
        let options = options(folder.path());
        Self::start_with(options, folder).await
    }

    pub(crate) async fn start_with(options: PlatformOptions, folder: TempDir) -> Result<Self, PlatformError> {
        let gateway = Arc::new(Gateway::default());
        let upstream: Arc<dyn UpstreamGateway> = Arc::<Gateway>::clone(&gateway);
        let platform = Platform::start(options, upstream).await?;
        let token = std::fs::read_to_string(platform.token_file()).expect("a token");
        Ok(Self { platform, gateway, folder, token })
    }

    /// A platform whose limits differ from the defaults.
    pub(crate) async fn with_limits(change: impl FnOnce(&mut RuntimeLimits)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut options = options(folder.path());
        change(&mut options.limits);
        Self::start_with(options, folder).await.expect("the platform starts")
    }

    /// Stops the platform and gives its folder back.
    pub(crate) async fn stop(self) -> TempDir {
        self.platform.shutdown().await;
        self.folder
    }

    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// A request to the v4 API; the path begins after the account.
    pub(crate) async fn api(&self, method: Method, path: &str, body: impl Into<Bytes>) -> Answer {
        let url = format!("{}/accounts/{}{path}", self.platform.api_url(), self.platform.account_id());
        send(method, &url, &[("authorization", &self.bearer()), ("content-type", "application/json")], body).await
    }

    /// A request about a script in the namespace.
    pub(crate) async fn script(&self, method: Method, path: &str, body: impl Into<Bytes>) -> Answer {
        self.api(method, &format!("/workers/dispatch/namespaces/{NAMESPACE}/scripts/{path}"), body).await
    }

    /// A request to our own routes.
    pub(crate) async fn local(&self, method: Method, path: &str, body: impl Into<Bytes>) -> Answer {
        let base = self.platform.api_url().trim_end_matches("/client/v4").to_owned();
        send(method, &format!("{base}/patchbay/v1{path}"), &[("authorization", &self.bearer())], body).await
    }

    /// A body of another content type than JSON; the path begins after the namespaces.
    pub(crate) async fn send_as(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: impl Into<Bytes>,
    ) -> Answer {
        let url = format!(
            "{}/accounts/{}/workers/dispatch/namespaces/{path}",
            self.platform.api_url(),
            self.platform.account_id()
        );
        send(method, &url, &[("authorization", &self.bearer()), ("content-type", content_type)], body).await
    }

    /// Uploads with any metadata and modules.
    pub(crate) async fn upload_parts(&self, path: &str, metadata: &Value, files: &[(&str, &str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        let boundary = "a-boundary-of-the-tests";
        body.extend_from_slice(
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{metadata}\r\n")
                .as_bytes(),
        );
        for (name, content_type, content) in files {
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\nContent-Type: {content_type}\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        self.send_as(Method::PUT, path, &format!("multipart/form-data; boundary={boundary}"), body).await
    }

    /// Uploads one module.
    pub(crate) async fn upload(&self, script: &str, source: &str, bindings: Value) -> Answer {
        let tenant = script.rsplit_once('-').map_or(script, |(tenant, _)| tenant);
        let metadata = json!({ "main_module": "index.js", "compatibility_date": "2026-06-01", "bindings": bindings,
            "tags": [format!("tenant:{tenant}")], "keep_bindings": ["secret_text"] });
        let path = format!("{NAMESPACE}/scripts/{script}");
        self.upload_parts(&path, &metadata, &[("index.js", "application/javascript+module", source.as_bytes())]).await
    }

    /// Uploads one module and expects that it becomes live.
    pub(crate) async fn publish(&self, script: &str, source: &str, bindings: Value) -> String {
        let answer = self.upload(script, source, bindings).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["result"]["deployment_id"].as_str().expect("a version").to_owned()
    }

    /// A webhook to `tenant`/`adapter`.
    pub(crate) async fn deliver(&self, tenant: &str, adapter: &str, extra: &[(&str, &str)], body: &str) -> Answer {
        let mut headers = vec![("x-customer-id", tenant), ("x-script-id", adapter)];
        headers.extend_from_slice(extra);
        let url = format!("{}/hook?a=1", self.platform.dispatcher_url());
        send(Method::POST, &url, &headers, body.to_owned()).await
    }

    /// The processes that the platform reports.
    pub(crate) async fn processes(&self) -> Vec<patchbay_platform::local_api::ProcessStatus> {
        let status: patchbay_platform::local_api::PlatformStatus =
            serde_json::from_value(self.local(Method::GET, "/status", "").await.json()).expect("a status");
        status.processes
    }

    pub(crate) async fn process(&self, role: &str) -> patchbay_platform::local_api::ProcessStatus {
        let processes = self.processes().await;
        processes.into_iter().find(|process| process.role == role).unwrap_or_else(|| panic!("no {role} runs"))
    }
}

/// Shows what was measured, when the tests run with `--nocapture`.
pub(crate) fn figures(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// An adapter that answers with a constant.
pub(crate) fn answering(text: &str) -> String {
    format!("export default {{ fetch() {{ return new Response({text:?}) }} }}")
}

/// Every file under a folder with its bytes.
pub(crate) fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if let Ok(content) = std::fs::read(&path) {
            found.push((path, content));
        }
    }
    found
}

/// An example of this crate, which Cargo builds beside the tests and beside the other examples.
pub(crate) fn example(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("a path");
    let path = own.ancestors().nth(2).expect("a target folder").join("examples").join(name);
    assert!(path.is_file(), "hint: `cargo build -p patchbay-platform --examples` makes {}", path.display());
    path
}
