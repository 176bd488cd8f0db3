//! An endpoint that answers every request at once, a thread for each connection.

use std::io::{Read, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Requests that are kept.
const KEPT: usize = 1000;
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
const LENGTH: &[u8] = b"content-length:";

/// Listens until the process ends.
pub struct Endpoint {
    url: String,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    answered: AtomicU64,
    kept: Mutex<Vec<Request>>,
}

/// A request as it came.
#[derive(Clone)]
pub struct Request {
    head: String,
    pub body: String,
}

impl Request {
    /// Names and values in order.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.head.lines().skip(1).filter_map(|line| line.split_once(':')).map(|(name, value)| (name, value.trim()))
    }

    /// The first value under a name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

impl Endpoint {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has ports");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let seen = Arc::new(Seen::default());
        let shared = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let seen = Arc::clone(&shared);
                std::thread::spawn(move || drop(serve(stream, &seen)));
            }
        });
        Self { url, seen }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn answered(&self) -> u64 {
        self.seen.answered.load(Ordering::Relaxed)
    }

    /// The first thousand requests.
    pub fn requests(&self) -> Vec<Request> {
        self.seen.kept.lock().expect("not poisoned").clone()
    }
}

fn serve(mut stream: TcpStream, seen: &Seen) -> Result<()> {
    stream.set_nodelay(true)?;
    let (mut bytes, mut filled) = (vec![0; 64 * 1024], 0);
    loop {
        let count = stream.read(&mut bytes[filled..])?;
        if count == 0 {
            return Ok(());
        }
        filled += count;
        while let Some(head) = bytes[..filled].windows(4).position(|window| window == b"\r\n\r\n") {
            let end = head + 4 + body_length(&bytes[..head]);
            if end > filled {
                break;
            }
            if seen.answered.fetch_add(1, Ordering::Relaxed) < KEPT as u64 {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                let request = Request { head: text(&bytes[..head]), body: text(&bytes[head + 4..end]) };
                seen.kept.lock().expect("not poisoned").push(request);
            }
            bytes.copy_within(end..filled, 0);
            filled -= end;
            stream.write_all(ANSWER)?;
        }
    }
}

fn body_length(head: &[u8]) -> usize {
    let at = head.windows(LENGTH.len()).position(|window| window.eq_ignore_ascii_case(LENGTH));
    let digits = at.map_or(&[][..], |at| head[at + LENGTH.len()..].trim_ascii_start());
    digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .fold(0, |length, digit| length * 10 + usize::from(digit - b'0'))
}
