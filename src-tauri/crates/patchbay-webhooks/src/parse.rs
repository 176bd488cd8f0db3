//! From what a person can copy — a curl command, a raw HTTP request, a HAR entry — to a sample.
//!
//! Signatures, timestamps and delivery ids become placeholders, so that the sample can be sent at any time; credentials
//! of the captured request are left out and named. Nothing here reads a file or sends anything.

mod capture;
pub mod curl;
mod error;
pub mod har;
pub mod raw_http;
mod recognise;
mod shell_words;

pub use capture::Pasted;
pub(crate) use capture::{is_of_the_connection, renewed};
pub use error::SampleTextError;
pub use recognise::{event_of as event_of_request, provider_of as provider_of_request};

/// Reads a text of any of the three kinds.
pub fn parse(text: &str) -> Result<Pasted, SampleTextError> {
    let start = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n', '$']);
    if start.is_empty() {
        return Err(SampleTextError::Empty);
    }
    if start.starts_with(['{', '[']) {
        return har::parse(text);
    }
    if start.split_whitespace().next().is_some_and(|word| word == "curl" || word == "curl.exe") {
        return curl::parse(text);
    }
    raw_http::parse(text)
}
