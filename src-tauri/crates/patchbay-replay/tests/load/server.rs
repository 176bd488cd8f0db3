//! A server that answers as a test says, also with what no HTTP library would send. What is HTTP is hyper's.

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub struct Seen {
    pub path: String,
    pub body: String,
}

/// What becomes of a request.
pub enum Reply {
    /// Status, content type, further header, body.
    Answer(u16, &'static str, Option<(&'static str, &'static str)>, String),
    /// The same after a time.
    Later(Duration, Box<Reply>),
    /// 200, and the end of the connection.
    AnswerAndClose,
    /// None, ever.
    Silence,
}

pub fn answer(status: u16, content_type: &'static str, body: &str) -> Reply {
    Reply::Answer(status, content_type, None, body.to_owned())
}

/// Listens until dropped.
pub struct Server {
    url: String,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub async fn start(decide: impl Fn(Seen) -> Reply + Send + Sync + 'static) -> Self {
        let decide = Arc::new(decide);
        Self::listening("http", move |stream| serve(stream, Arc::clone(&decide))).await
    }

    /// Takes connections as they are, one after another.
    pub async fn raw<F: Future<Output = ()> + Send + 'static>(
        take: impl Fn(TcpStream) -> F + Send + Sync + 'static,
    ) -> Self {
        Self::listening("http", take).await
    }

    pub async fn listening<F: Future<Output = ()> + Send + 'static>(
        scheme: &str,
        take: impl Fn(TcpStream) -> F + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has ports");
        let url = format!("{scheme}://127.0.0.1:{}", listener.local_addr().expect("bound").port());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream));
            }
        });
        Self { url, task }
    }

    pub fn url(&self) -> &str {
        &self.url
    }
}

pub async fn serve<S>(stream: S, decide: Arc<impl Fn(Seen) -> Reply + Send + Sync + 'static>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let decide = Arc::clone(&decide);
        async move {
            let path = request.uri().path().trim_start_matches('/').to_owned();
            let body = request.into_body().collect().await.expect("a whole request").to_bytes();
            let seen = Seen { path, body: String::from_utf8(body.to_vec()).expect("text") };
            Ok::<_, Infallible>(make(decide(seen)).await)
        }
    });
    // A sender that goes away in the middle is none of the server's business.
    drop(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}

async fn make(reply: Reply) -> Response<Full<Bytes>> {
    let mut reply = reply;
    if let Reply::Later(wait, then) = reply {
        tokio::time::sleep(wait).await;
        reply = *then;
    }
    let builder = match &reply {
        Reply::Answer(status, content_type, header, _) => {
            let builder = Response::builder().status(*status).header("content-type", *content_type);
            header.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value))
        }
        Reply::AnswerAndClose => Response::builder().header("connection", "close"),
        Reply::Silence | Reply::Later(..) => pending().await,
    };
    let body = if let Reply::Answer(.., body) = reply { body } else { String::new() };
    builder.body(Full::new(Bytes::from(body))).expect("an answer")
}

/// Reads one small request off a connection; `false` when there is none.
pub async fn read_request(stream: &mut TcpStream) -> bool {
    let mut buffer = [0; 4096];
    matches!(stream.read(&mut buffer).await, Ok(count) if count > 0)
}

pub async fn write(stream: &mut TcpStream, bytes: &[u8]) {
    drop(stream.write_all(bytes).await);
}
