//! HTTP messages as values: what is signed, replayed, simulated and recorded.

use bytes::Bytes;

/// Header names and values in the order of the wire. Names compare without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HttpMessageHeaders(pub Vec<(String, String)>);

impl HttpMessageHeaders {
    /// The first value under a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Replaces every value under the name by this one.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.remove(name);
        self.0.push((name.to_owned(), value.into()));
    }

    /// Adds a value and keeps those that are there.
    pub fn append(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    /// Takes every value under the name out and returns the first.
    pub fn remove(&mut self, name: &str) -> Option<String> {
        let first = self.get(name).map(str::to_owned);
        self.0.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        first
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for HttpMessageHeaders {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// A request with its whole body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// Absolute URL, `https://api.notion.com/v1/pages`.
    pub url: String,
    /// Headers in order.
    pub headers: HttpMessageHeaders,
    /// The exact bytes.
    pub body: Bytes,
}

/// An answer with its whole body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// Status code, 100–599.
    pub status: u16,
    /// Headers in order.
    pub headers: HttpMessageHeaders,
    /// The exact bytes.
    pub body: Bytes,
}
