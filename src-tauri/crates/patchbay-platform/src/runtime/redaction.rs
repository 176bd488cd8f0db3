//! Takes secret values out of what was observed, before it is kept.

use bytes::Bytes;
use patchbay_cloudflare::wire::binding::Binding;
use patchbay_core::observation::{OutboundCall, TailEvent};
use patchbay_core::redact::Redactor;
use patchbay_core::{HttpMessageHeaders, Secret};

/// A redactor for the secret values among bindings.
pub(crate) fn redactor(bindings: &[Binding]) -> Redactor {
    let secrets: Vec<(&str, Secret)> = bindings
        .iter()
        .filter(|binding| binding.is_secret())
        .filter_map(|binding| {
            let value = binding.text_field("text").or_else(|| binding.text_field("key_base64"))?;
            Some((binding.name.as_str(), Secret::new(value)))
        })
        .collect();
    Redactor::new(secrets.iter().map(|(name, secret)| (*name, secret)))
}

/// Stands in for what cannot be shown, because nobody knows any more which secrets it may hold.
const WITHHELD: &str = "<withheld: the version is gone>";

fn text(redactor: Option<&Redactor>, text: &str) -> String {
    redactor.map_or_else(|| WITHHELD.to_owned(), |redactor| redactor.text(text))
}

/// A tail event as it may be kept and shown.
pub(super) fn redacted_tail(redactor: Option<&Redactor>, mut event: TailEvent) -> TailEvent {
    if let Some((_, url)) = &mut event.request {
        *url = text(redactor, url);
    }
    for line in &mut event.logs {
        line.message = text(redactor, &line.message);
    }
    for exception in &mut event.exceptions {
        exception.name = text(redactor, &exception.name);
        exception.message = text(redactor, &exception.message);
        exception.stack = text(redactor, &exception.stack);
    }
    event
}

/// A call as it may be kept and shown.
pub(super) fn redacted_call(redactor: Option<&Redactor>, mut call: OutboundCall) -> OutboundCall {
    // What is compressed is kept as what it says; the headers still tell how it came.
    let body = |headers: &HttpMessageHeaders, bytes: &Bytes| -> Bytes {
        let encoding = headers.get("content-encoding");
        redactor.map_or_else(|| Bytes::from(WITHHELD), |redactor| redactor.body(encoding, bytes, true).into())
    };
    let headers = |headers: &HttpMessageHeaders| -> HttpMessageHeaders {
        headers.iter().map(|(name, value)| (text(redactor, name), text(redactor, value))).collect()
    };
    call.request.url = text(redactor, &call.request.url);
    call.request.body = body(&call.request.headers, &call.request.body);
    call.request.headers = headers(&call.request.headers);
    call.response.body = body(&call.response.headers, &call.response.body);
    call.response.headers = headers(&call.response.headers);
    call
}
