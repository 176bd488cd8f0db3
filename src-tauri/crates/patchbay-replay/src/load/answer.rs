//! One answer off a connection: its head parsed, its body counted and dropped.

use httparse::{ParserConfig, Status};
use std::io;
use std::mem::MaybeUninit;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Bytes that a head, or a line between chunks, may have.
const LONGEST_HEAD: usize = 64 * 1024;
const MOST_HEADERS: usize = 128;
/// Bytes of a body that are kept of an answer that is no success: far more than is shown, because the end of what is cut
/// off cannot be shown where it may be a part of a secret.
pub(super) const EXCERPT: usize = 16 * 1024;

const LONGEST_LOCATION: usize = 300;

/// What a sender looks at.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub status: u16,
    pub is_html: bool,
    /// Where a redirect leads.
    pub location: Option<String>,
    /// The beginning of the body, of an answer that is no success.
    pub excerpt: Vec<u8>,
    /// Bytes of head and body on the wire.
    pub bytes: u64,
    /// Whether the connection takes another request.
    pub stays_open: bool,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Broken {
    /// The connection ended or was reset.
    Ended { in_the_middle: bool, source: Option<io::Error> },
    /// What came is not HTTP.
    NotHttp(&'static str),
}

/// Reads answers; its buffer stays for the next one.
pub(super) struct AnswerReader {
    buffer: Vec<u8>,
    filled: usize,
}

impl AnswerReader {
    pub(super) fn new() -> Self {
        Self { buffer: vec![0; 4096], filled: 0 }
    }

    /// The next answer. `without_body` for the answer to a `HEAD`.
    pub(super) async fn read(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        without_body: bool,
    ) -> Result<Answer, Broken> {
        self.filled = 0;
        let mut dropped = 0;
        let (mut answer, mut body) = loop {
            if let Some(Head { answer, body, length }) = parse(&self.buffer[..self.filled], without_body)? {
                self.drop_first(length, &mut dropped);
                // 100 Continue and the like come before the answer itself.
                if !(100..200).contains(&answer.status) {
                    break (answer, body);
                }
                continue;
            }
            if self.filled >= LONGEST_HEAD {
                return Err(Broken::NotHttp("its head does not end within 64 KiB"));
            }
            self.fill(stream, dropped > 0).await?;
        };
        let mut excerpt = ((300..).contains(&answer.status) || answer.is_html || answer.status < 200).then(Vec::new);
        loop {
            let (used, is_whole) = body.take(&self.buffer[..self.filled], excerpt.as_mut())?;
            self.drop_first(used, &mut dropped);
            if is_whole {
                break;
            }
            match self.fill(stream, true).await {
                Ok(()) => {}
                Err(Broken::Ended { source: None, .. }) if body == Body::UntilEnd => break,
                Err(broken) => return Err(broken),
            }
        }
        // Bytes after the answer belong to nothing that was asked.
        answer.stays_open &= self.filled == 0 && body != Body::UntilEnd;
        answer.excerpt = excerpt.unwrap_or_default();
        answer.bytes = dropped;
        Ok(answer)
    }

    async fn fill(&mut self, stream: &mut (impl AsyncRead + Unpin), in_the_middle: bool) -> Result<(), Broken> {
        if self.filled == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        let in_the_middle = in_the_middle || self.filled > 0;
        match stream.read(&mut self.buffer[self.filled..]).await {
            Ok(0) => Err(Broken::Ended { in_the_middle, source: None }),
            Ok(count) => {
                self.filled += count;
                Ok(())
            }
            Err(source) => Err(Broken::Ended { in_the_middle, source: Some(source) }),
        }
    }

    fn drop_first(&mut self, count: usize, dropped: &mut u64) {
        self.buffer.copy_within(count..self.filled, 0);
        self.filled -= count;
        *dropped += count as u64;
    }
}

/// What a head says.
struct Head {
    answer: Answer,
    body: Body,
    /// Bytes of the head itself.
    length: usize,
}

/// A head, or nothing while it is not whole.
fn parse(bytes: &[u8], without_body: bool) -> Result<Option<Head>, Broken> {
    let mut headers = [const { MaybeUninit::uninit() }; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut []);
    let parsed = ParserConfig::default().parse_response_with_uninit_headers(&mut response, bytes, &mut headers);
    let length = match parsed {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(Broken::NotHttp("its head has more than 128 lines")),
        Err(_) => return Err(Broken::NotHttp("its head is not one of HTTP/1.1")),
    };
    let status = response.code.unwrap_or_default();
    let has_token = |value: &[u8], token: &str| {
        value.split(|byte| *byte == b',').any(|part| part.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
    };
    let mut answer = Answer {
        status,
        is_html: false,
        location: None,
        excerpt: Vec::new(),
        bytes: 0,
        stays_open: response.version == Some(1),
    };
    let (mut content_length, mut is_chunked) = (None, false);
    for header in response.headers.iter() {
        if header.name.eq_ignore_ascii_case("content-length") {
            let given = std::str::from_utf8(header.value).ok().and_then(|text| text.trim().parse::<u64>().ok());
            let given = given.ok_or(Broken::NotHttp("its Content-Length is no number"))?;
            if content_length.is_some_and(|known| known != given) {
                return Err(Broken::NotHttp("it has two lengths"));
            }
            content_length = Some(given);
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            is_chunked = has_token(header.value, "chunked");
        } else if header.name.eq_ignore_ascii_case("connection") {
            if has_token(header.value, "close") {
                answer.stays_open = false;
            } else if has_token(header.value, "keep-alive") {
                answer.stays_open = true;
            }
        } else if header.name.eq_ignore_ascii_case("content-type") {
            answer.is_html = header.value.get(..9).is_some_and(|start| start.eq_ignore_ascii_case(b"text/html"));
        } else if (300..400).contains(&status) && header.name.eq_ignore_ascii_case("location") {
            answer.location =
                Some(String::from_utf8_lossy(&header.value[..header.value.len().min(LONGEST_LOCATION)]).into_owned());
        }
    }
    // RFC 9112, 6.3, in its order.
    let body = if without_body || matches!(status, 100..200 | 204 | 304) {
        Body::Length(0)
    } else if is_chunked {
        Body::Chunked(Chunk::Size)
    } else {
        content_length.map_or(Body::UntilEnd, Body::Length)
    };
    Ok(Some(Head { answer, body, length }))
}

/// What is still to come of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    Length(u64),
    Chunked(Chunk),
    UntilEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chunk {
    Size,
    Data(u64),
    LineEnd,
    Trailers,
}

impl Body {
    /// Takes what is there: how much of it belongs to the body, and whether the body is whole.
    fn take(&mut self, bytes: &[u8], mut excerpt: Option<&mut Vec<u8>>) -> Result<(usize, bool), Broken> {
        let mut keep = |data: &[u8]| {
            if let Some(excerpt) = excerpt.as_deref_mut() {
                excerpt.extend_from_slice(&data[..data.len().min(EXCERPT - excerpt.len())]);
            }
        };
        match self {
            Self::UntilEnd => {
                keep(bytes);
                Ok((bytes.len(), false))
            }
            Self::Length(left) => {
                let used = within(*left, bytes);
                keep(&bytes[..used]);
                *left -= used as u64;
                Ok((used, *left == 0))
            }
            Self::Chunked(chunk) => chunk.take(bytes, &mut keep),
        }
    }
}

impl Chunk {
    fn take(&mut self, bytes: &[u8], keep: &mut impl FnMut(&[u8])) -> Result<(usize, bool), Broken> {
        const BROKEN: Broken = Broken::NotHttp("its chunks are broken");
        let mut used = 0;
        loop {
            let rest = &bytes[used..];
            match self {
                Self::Size => match httparse::parse_chunk_size(rest) {
                    Ok(Status::Complete((length, size))) => {
                        used += length;
                        *self = if size == 0 { Self::Trailers } else { Self::Data(size) };
                    }
                    Ok(Status::Partial) if rest.len() < LONGEST_HEAD => return Ok((used, false)),
                    _ => return Err(BROKEN),
                },
                Self::Data(left) => {
                    let length = within(*left, rest);
                    keep(&rest[..length]);
                    used += length;
                    *left -= length as u64;
                    if *left > 0 {
                        return Ok((used, false));
                    }
                    *self = Self::LineEnd;
                }
                Self::LineEnd => match rest {
                    [b'\r', b'\n', ..] => {
                        used += 2;
                        *self = Self::Size;
                    }
                    [] | [b'\r'] => return Ok((used, false)),
                    _ => return Err(BROKEN),
                },
                Self::Trailers => match rest.windows(2).position(|pair| pair == b"\r\n") {
                    Some(0) => return Ok((used + 2, true)),
                    Some(length) => used += length + 2,
                    None if rest.len() < LONGEST_HEAD => return Ok((used, false)),
                    None => return Err(BROKEN),
                },
            }
        }
    }
}

fn within(left: u64, bytes: &[u8]) -> usize {
    usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads an answer that arrives in pieces of every size.
    async fn read(bytes: &[u8]) -> Result<Answer, Broken> {
        let mut first = None;
        for size in [1, 2, 3, 7, 64, bytes.len().max(1)] {
            let mut mock = tokio_util::io::StreamReader::new(futures_util::stream::iter(
                bytes.chunks(size).map(|piece| Ok::<_, io::Error>(bytes::Bytes::copy_from_slice(piece))),
            ));
            let answer = AnswerReader::new().read(&mut mock, false).await?;
            if let Some(first) = &first {
                assert_eq!(&answer, first, "pieces of {size} bytes");
            }
            first = Some(answer);
        }
        Ok(first.expect("there are sizes"))
    }

    #[tokio::test]
    async fn an_answer_ends_where_its_head_says() {
        for (text, status, stays_open) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, true),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=1\r\n{}\r\n0\r\nX-T: 1\r\n\r\n", 200, true),
            ("HTTP/1.1 204 No Content\r\n\r\n", 204, true),
            ("HTTP/1.1 200 OK\r\n\r\nuntil the end", 200, false),
            ("HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n", 200, false),
            ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", 200, false),
            ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", 200, true),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", 202, true),
        ] {
            let answer = read(text.as_bytes()).await.unwrap_or_else(|broken| panic!("{broken:?}: {text}"));
            assert_eq!((answer.status, answer.stays_open), (status, stays_open), "{text}");
        }
        let mut two = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n".as_bytes();
        let answer = AnswerReader::new().read(&mut two, false).await.expect("an answer");
        assert!(!answer.stays_open, "what nobody asked for would be taken for the next answer");
    }

    #[tokio::test]
    async fn the_beginning_of_a_failure_is_kept_and_that_of_a_success_is_not() {
        let text = "HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        let answer = read(text.as_bytes()).await.expect("an answer");
        assert_eq!(answer.excerpt, b"abcde");
        let long = format!("HTTP/1.1 500 Oh\r\nContent-Length: 90000\r\n\r\n{}", "x".repeat(90000));
        let answer = read(long.as_bytes()).await.expect("an answer");
        assert_eq!((answer.excerpt.len(), answer.bytes), (EXCERPT, long.len() as u64));
        let html = "HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; charset=utf-8\r\nContent-Length: 4\r\n\r\n<p>x";
        let answer = read(html.as_bytes()).await.expect("an answer");
        assert_eq!((answer.is_html, answer.excerpt.as_slice()), (true, b"<p>x".as_slice()));
        let fine = read(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await.expect("an answer");
        assert_eq!(fine.excerpt, b"");
        let moved = read(b"HTTP/1.1 302 Found\r\nLocation: /in\r\nContent-Length: 0\r\n\r\n").await.expect("an answer");
        assert_eq!(moved.location.as_deref(), Some("/in"));
    }

    #[tokio::test]
    async fn what_is_cut_off_or_not_http_is_told_apart() {
        for (text, in_the_middle) in [
            ("", false),
            ("HTTP/1.1 200", true),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", true),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", true),
        ] {
            match read(text.as_bytes()).await {
                Err(Broken::Ended { in_the_middle: found, source: None }) => assert_eq!(found, in_the_middle, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
        for text in [
            "SSH-2.0-OpenSSH_9.9\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
        ] {
            assert!(matches!(read(text.as_bytes()).await, Err(Broken::NotHttp(_))), "{text}");
        }
        let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(2 * LONGEST_HEAD));
        let mut bytes = endless.as_bytes();
        let broken = AnswerReader::new().read(&mut bytes, false).await;
        assert!(matches!(broken, Err(Broken::NotHttp(_))), "{broken:?}");
    }
}
