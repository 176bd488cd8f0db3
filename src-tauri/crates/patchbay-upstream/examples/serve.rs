//! Serves the simulated upstreams on loopback, one port for each host, so that foreign clients can be pointed at them.
//!
//! Prints one line of JSON: host to base URL (a host of the form `*.example.com` stands under `simulated.example.com`).
//! Ends when its standard input does. `--paced` keeps the rate limits; arguments after it are faults.

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse};
use patchbay_upstream::{Fault, Outcome, Upstreams, upstreams};
use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write as _;
use std::sync::Arc;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

const TENANT: &str = "example";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let served = Arc::new(Upstreams::new());
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if_eq("--paced").is_none() {
        served.lift_rate_limits(TENANT);
    }
    served.set_faults(TENANT, arguments.map(|given| given.parse()).collect::<Result<Vec<Fault>, _>>()?);
    let mut addresses = BTreeMap::new();
    for (_, begin) in upstreams::ALL {
        for pattern in begin().hosts() {
            let host = pattern.replace("*.", "simulated.");
            let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
            addresses.insert(host.clone(), format!("http://{}", listener.local_addr()?));
            tokio::spawn(accept(listener, host, Arc::clone(&served)));
        }
    }
    writeln!(std::io::stdout(), "{}", serde_json::json!(addresses))?;
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    Ok(())
}

async fn accept(listener: TcpListener, host: String, served: Arc<Upstreams>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (host, served) = (host.clone(), Arc::clone(&served));
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(host.clone(), Arc::clone(&served), request));
            Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await
        });
    }
}

async fn answer(
    host: String,
    served: Arc<Upstreams>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Box<dyn Error + Send + Sync>> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let headers = parts.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let request = HttpRequest {
        method: parts.method.to_string(),
        url: format!("https://{host}{path}"),
        headers: headers.collect::<HttpMessageHeaders>(),
        body: body.collect().await?.to_bytes(),
    };
    match served.answer(TENANT, &request) {
        Outcome::Respond(response) => message(response),
        Outcome::RespondAfter(delay, response) => {
            tokio::time::sleep(delay).await;
            message(response)
        }
        // An error of the service closes the connection without an answer.
        Outcome::Truncate { .. } | Outcome::Reset => Err("the connection breaks on purpose".into()),
    }
}

fn message(response: HttpResponse) -> Result<Response<Full<Bytes>>, Box<dyn Error + Send + Sync>> {
    let mut message = Response::builder().status(response.status);
    for (name, value) in response.headers.iter() {
        message = message.header(name, value);
    }
    Ok(message.body(Full::new(response.body))?)
}
