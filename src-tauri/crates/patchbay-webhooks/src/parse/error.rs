//! Why a pasted text is not a request.

use patchbay_core::{Hints, Position};
use std::borrow::Cow;

/// Why no sample could be made of a text.
#[derive(Debug, thiserror::Error)]
pub enum SampleTextError {
    /// Nothing but white space.
    #[error("The text is empty")]
    Empty,
    /// A curl command that cannot be read.
    #[error("The curl command cannot be read at line {}, column {}: {problem}", position.line, position.column)]
    Curl {
        /// Where.
        position: Position,
        /// What is wrong there.
        problem: Cow<'static, str>,
    },
    /// A raw request that cannot be read.
    #[error("The HTTP request cannot be read at line {line}: {problem}")]
    RawHttp {
        /// Where, from 1.
        line: usize,
        /// What is wrong there.
        problem: Cow<'static, str>,
    },
    /// A HAR that is not JSON.
    #[error("The HAR is not JSON")]
    HarJson(#[source] serde_json::Error),
    /// JSON that is not a HAR.
    #[error("The HAR cannot be read at `{path}`: {problem}")]
    Har {
        /// Where, for example `log.entries[0].request.url`.
        path: String,
        /// What is wrong there.
        problem: Cow<'static, str>,
    },
    /// The URL cannot be read.
    #[error("The URL of the request cannot be read")]
    Url(#[source] url::ParseError),
    /// A body that no sample file can hold.
    #[error("The body is not UTF-8 text: byte {offset} does not belong there")]
    NotUtf8 {
        /// Where, from 0.
        offset: usize,
    },
}

impl Hints for SampleTextError {
    fn hints(&self) -> Vec<String> {
        vec![match self {
            Self::Empty => "Paste a curl command, a raw HTTP request or a HAR entry".into(),
            Self::Curl { .. } => {
                "In a browser's network panel, choose Copy as cURL (bash); write data that stands in a file into the command".into()
            }
            Self::RawHttp { .. } => {
                "Write `POST /path HTTP/1.1`, one header a line, an empty line, then the body as it was sent".into()
            }
            Self::HarJson(_) | Self::Har { .. } => {
                "In a browser's network panel, choose Save all as HAR, and paste one of `log.entries`".into()
            }
            Self::Url(_) => "Write the whole URL, for example `https://hooks.example.com/slack`".into(),
            Self::NotUtf8 { .. } => "Samples are text files; a binary body cannot be one".into(),
        }]
    }
}
