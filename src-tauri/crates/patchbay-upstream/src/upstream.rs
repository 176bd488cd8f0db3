//! What a simulated upstream is.

use crate::custom::Document;
use bytes::Bytes;
use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse, Secret};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;

/// One API as one tenant sees it. The instance is the state: what it creates can be read back until it is dropped.
pub trait Upstream: Send {
    /// Host names that it answers for; `*.example.com` covers subdomains.
    fn hosts(&self) -> Vec<&str>;

    /// From now on only these tokens are let in; without one, every token of the right shape is.
    fn expect_tokens(&mut self, tokens: Vec<Secret>);

    /// Answers one call as the real API would.
    fn answer(&mut self, request: &HttpRequest, now: OffsetDateTime) -> HttpResponse;

    /// The API's own error answer to a call with a status, for faults.
    fn error(&self, request: &HttpRequest, status: u16) -> HttpResponse;

    /// The API's answer to a token that was right once, for faults.
    fn expired_token(&self, request: &HttpRequest) -> HttpResponse {
        self.error(request, 401)
    }

    /// From now on no call comes too fast: what a load test of everything else needs.
    fn lift_rate_limits(&mut self);

    /// Takes a description of hosts in. `false`: this upstream is built in and needs none.
    fn describe(&mut self, document: Document) -> bool {
        drop(document);
        false
    }

    /// Forgets the descriptions of these names.
    fn forget_documents(&mut self, names: &[String]) {
        let _ = names;
    }

    /// What it keeps of earlier calls, in the API's own form, oldest first.
    fn kept(&self) -> Vec<Kept>;

    /// What the simulated senders of webhooks say of their keys. `false`: this upstream is not asked about them.
    fn ask_senders(&mut self, senders: Arc<dyn Senders>) -> bool {
        drop(senders);
        false
    }

    /// Whether a text can only be a token of this API, by its prefix.
    fn recognises(&self, token: &Secret) -> bool {
        let _ = token;
        false
    }

    /// What was accepted and would still fail later on, where nobody answers the caller any more.
    fn late_failures(&self) -> Vec<String> {
        Vec::new()
    }
}

/// One thing that an upstream keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// What it is, for example `page`.
    pub kind: String,
    /// The API's id of it.
    pub id: String,
    /// As the API would answer it.
    pub content: Value,
}

impl Kept {
    /// With the id under `id` of the content.
    pub(crate) fn new(kind: &str, content: Value) -> Self {
        let id = content.get("id").map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
        Self { kind: kind.to_owned(), id: id.unwrap_or_default(), content }
    }
}

/// The senders of webhooks whose hosts also answer questions about what they signed.
pub trait Senders: Send + Sync {
    /// The PEM certificate behind a URL that `PAYPAL-CERT-URL` named; `None` where there is none.
    fn paypal_certificate(&self, url: &str) -> Option<String>;

    /// Whether a webhook is `PayPal`'s, by the JSON that a receiver posts to `verify-webhook-signature`; `None` when it
    /// is not such a question.
    fn paypal_verifies(&self, question: &[u8]) -> Option<bool>;

    /// The key set (RFC 7517) that Entra lists.
    fn entra_key_set(&self) -> Value;
}

/// What the caller of an upstream gets to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// This answer.
    Respond(HttpResponse),
    /// This answer, later.
    RespondAfter(Duration, HttpResponse),
    /// Headers that promise the whole body, its first bytes, then a closed connection.
    Truncate {
        /// The answer as it would have been.
        response: HttpResponse,
        /// How many bytes of its body are sent.
        bytes: usize,
    },
    /// No answer: the connection is reset.
    Reset,
}

/// An answer with a JSON body.
pub(crate) fn json_response(status: u16, body: &Value) -> HttpResponse {
    let headers = HttpMessageHeaders::from_iter([("content-type", "application/json; charset=utf-8")]);
    HttpResponse { status, headers, body: body.to_string().into() }
}

/// An answer without a body.
pub(crate) fn empty_response(status: u16) -> HttpResponse {
    HttpResponse { status, headers: HttpMessageHeaders::default(), body: Bytes::new() }
}

/// An answer in plain text.
pub(crate) fn text_response(status: u16, text: &str) -> HttpResponse {
    let headers = HttpMessageHeaders::from_iter([("content-type", "text/plain; charset=utf-8")]);
    HttpResponse { status, headers, body: text.to_owned().into() }
}

/// Whether a host pattern covers a host. Both without a port.
pub(crate) fn covers(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.') && rest.len() > 1),
        None => pattern == host,
    }
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn a_star_covers_subdomains_only() {
        assert!(covers("*.example.com", "a.example.com"));
        assert!(covers("*.example.com", "a.b.example.com"));
        assert!(!covers("*.example.com", "example.com"));
        assert!(!covers("*.example.com", "badexample.com"));
        assert!(covers("api.notion.com", "api.notion.com"));
        assert!(!covers("api.notion.com", "api.notion.com.example.com"));
    }
}
