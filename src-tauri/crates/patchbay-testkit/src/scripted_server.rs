//! A real HTTP/1.1 server that answers what a test tells it to, also things no HTTP library would send.
//!
//! One request a connection. It keeps every request with its exact bytes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedRequest {
    /// `GET`, `PUT`, …
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    /// Names as sent, values trimmed.
    pub headers: Vec<(String, String)>,
    /// The exact bytes.
    pub body: Vec<u8>,
}

impl RecordedRequest {
    /// The first value under a name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as text, with replacement characters where it is none.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A well-formed answer.
    Answer {
        /// Status code.
        status: u16,
        /// Headers besides `content-length` and `connection`.
        headers: Vec<(String, String)>,
        /// Body.
        body: Vec<u8>,
    },
    /// These bytes and then the end of the connection.
    Raw(Vec<u8>),
    /// Nothing, until the server is dropped.
    Silence,
    /// The end of the connection without an answer.
    Close,
}

impl Reply {
    /// A JSON answer.
    pub fn json(status: u16, body: &str) -> Self {
        Self::Answer {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.as_bytes().to_vec(),
        }
    }

    /// The same answer with one header more. Panics on a reply that has no headers.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        match &mut self {
            Self::Answer { headers, .. } => headers.push((name.into(), value.into())),
            other => panic!("{other:?} has no headers"),
        }
        self
    }
}

/// The server. It stops when it is dropped.
pub struct ScriptedServer {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<RecordedRequest>>>,
    stopping: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl ScriptedServer {
    /// Answers the first request with the first reply, and so on. A request too many gets a 599, which no test expects.
    pub fn replying(replies: Vec<Reply>) -> Self {
        let queue = Mutex::new(replies.into_iter());
        Self::answering(move |_| {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            next.unwrap_or_else(|| Reply::json(599, "\"no reply is left in the script\""))
        })
    }

    /// Answers every request with what the function makes of it.
    pub fn answering(answer: impl Fn(&RecordedRequest) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port on the loopback interface");
        let address = listener.local_addr().expect("a bound socket has an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let stopping = Arc::new(AtomicBool::new(false));
        let (kept, stop, answer) = (Arc::clone(&requests), Arc::clone(&stopping), Arc::new(answer));
        let accepting = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let (Ok(stream), kept, stop, answer) =
                    (stream, Arc::clone(&kept), Arc::clone(&stop), Arc::clone(&answer))
                else {
                    continue;
                };
                std::thread::spawn(move || serve(stream, &kept, &stop, answer.as_ref()));
            }
        });
        Self { address, requests, stopping, accepting: Some(accepting) }
    }

    /// `http://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What has come so far, in the order of arrival.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // One last connection wakes the thread that waits in `accept`.
        drop(TcpStream::connect(self.address));
        if let Some(accepting) = self.accepting.take() {
            drop(accepting.join());
        }
    }
}

fn serve(
    mut stream: TcpStream,
    kept: &Mutex<Vec<RecordedRequest>>,
    stop: &AtomicBool,
    answer: &(dyn Fn(&RecordedRequest) -> Reply + Send + Sync),
) {
    let Some(request) = read(&stream) else {
        return;
    };
    kept.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
    let bytes = match answer(&request) {
        Reply::Close => return,
        Reply::Raw(bytes) => bytes,
        Reply::Silence => {
            while !stop.load(Ordering::SeqCst) {
                std::thread::park_timeout(Duration::from_millis(20));
            }
            return;
        }
        Reply::Answer { status, headers, body } => {
            let mut head =
                format!("HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\nconnection: close\r\n", body.len());
            for (name, value) in headers {
                head.extend([name.as_str(), ": ", value.as_str(), "\r\n"]);
            }
            [head.as_bytes(), b"\r\n", &body].concat()
        }
    };
    // The client may have gone; that is its test's business.
    drop(stream.write_all(&bytes));
}

fn read(stream: &TcpStream) -> Option<RecordedRequest> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut request = RecordedRequest { method, target, headers, body: Vec::new() };
    let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    request.body = vec![0; length];
    reader.read_exact(&mut request.body).ok()?;
    Some(request)
}
