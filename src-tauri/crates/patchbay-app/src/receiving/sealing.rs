//! What of a webhook must not be shown, and yet is needed to send it again: credentials of its sender, and the secrets of
//! the adapter that gets it. Both are kept sealed with a key of the workspace.

use crate::app::OpenWorkspace;
use crate::wire::error::WireError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_core::HttpMessageHeaders;
use patchbay_core::redact::Redactor;
use patchbay_replay::Trace;
use patchbay_replay::trace::{TracedBody, TracedRequest};
use patchbay_secrets::Envelope;

/// What the inbox's key is for, in the keychain.
const PURPOSE: &str = "inbox";
/// A header or a query parameter whose name has one of these holds a credential.
const TELLTALE: [&str; 11] = [
    "authorization",
    "cookie",
    "token",
    "secret",
    "password",
    "api-key",
    "api_key",
    "apikey",
    "credential",
    "access-key",
    "access_key",
];

/// Seals and opens with the key of a workspace, which is read when there is something to seal.
pub(crate) struct Sealing<'a> {
    open: &'a OpenWorkspace,
}

impl<'a> Sealing<'a> {
    /// With the key of this workspace.
    pub(crate) fn of(open: &'a OpenWorkspace) -> Self {
        Self { open }
    }

    /// The URL with the values of telling parameters sealed, or with path and query sealed where a secret stands in it.
    pub(super) fn url(&self, url: &str, redactor: &Redactor) -> Result<String, WireError> {
        if redactor.finds(url.as_bytes()) {
            let after_host =
                url.find("://").and_then(|scheme| url[scheme + 3..].find('/').map(|path| scheme + 3 + path));
            let (origin, target) = url.split_at(after_host.unwrap_or(0));
            return Ok(format!("{origin}/{}", self.seal(target.strip_prefix('/').unwrap_or(target).as_bytes())?));
        }
        let Some((path, query)) = url.split_once('?') else { return Ok(url.to_owned()) };
        let mut shown = String::from(path);
        for (index, pair) in query.split('&').enumerate() {
            shown.push(if index == 0 { '?' } else { '&' });
            match pair.split_once('=') {
                Some((name, value)) if is_telling(name) && !value.is_empty() => {
                    shown.push_str(name);
                    shown.push('=');
                    shown.push_str(&self.seal(value.as_bytes())?);
                }
                _ => shown.push_str(pair),
            }
        }
        Ok(shown)
    }

    /// The headers with the values of telling ones sealed, and of those with a secret in them.
    pub(super) fn headers(
        &self,
        headers: &HttpMessageHeaders,
        redactor: &Redactor,
    ) -> Result<Vec<(String, String)>, WireError> {
        let sealed = headers.iter().map(|(name, value)| {
            let hidden = !value.is_empty() && (is_telling(name) || redactor.finds(value.as_bytes()));
            let value = if hidden { self.seal(value.as_bytes())? } else { value.to_owned() };
            Ok((name.to_owned(), value))
        });
        sealed.collect()
    }

    /// The bytes of a body as they are, sealed as a whole where a secret stands in them, compressed or not.
    pub(super) fn body(
        &self,
        headers: &HttpMessageHeaders,
        body: &[u8],
        redactor: &Redactor,
    ) -> Result<TracedBody, WireError> {
        let encoding = headers.get("content-encoding");
        if redactor.body(encoding, body, true) == Redactor::default().body(encoding, body, true) {
            return Ok(as_it_is(body));
        }
        Ok(TracedBody { text: self.seal(body)?, base64: false, bytes: body.len() as u64 })
    }

    /// The same for a request that is in a trace already: what was opened to send it again is sealed again.
    pub(crate) fn seal_again(&self, request: &mut TracedRequest) -> Result<(), WireError> {
        let nothing = Redactor::default();
        request.url = self.url(&request.url, &nothing)?;
        request.headers = self.headers(&HttpMessageHeaders(std::mem::take(&mut request.headers)), &nothing)?;
        Ok(())
    }

    /// The delivery with its request as it was received, to be sent again and not to be shown.
    pub(crate) fn opened(&self, mut trace: Trace) -> Result<Trace, WireError> {
        let is_sealed = |text: &str| text.contains(Envelope::BEGIN);
        let request = &mut trace.request;
        let sealed = is_sealed(&request.url)
            || request.headers.iter().any(|(_, value)| is_sealed(value))
            || (!request.body.base64 && is_sealed(&request.body.text));
        if !sealed {
            return Ok(trace);
        }
        let envelope = self.envelope()?;
        request.url = envelope.open_within(&request.url);
        for (_, value) in &mut request.headers {
            *value = envelope.open_within(value);
        }
        if let Some(bytes) = envelope.open(&request.body.text) {
            request.body = as_it_is(&bytes);
        }
        Ok(trace)
    }

    fn seal(&self, value: &[u8]) -> Result<String, WireError> {
        Ok(self.envelope()?.seal(value))
    }

    fn envelope(&self) -> Result<&Envelope, WireError> {
        if let Some(envelope) = self.open.envelope.get() {
            return Ok(envelope);
        }
        let envelope = Envelope::new(&self.open.secrets.sealing_key(PURPOSE)?);
        Ok(self.open.envelope.get_or_init(|| envelope))
    }
}

/// Not as what it says where it is compressed: a webhook is sent again byte by byte.
fn as_it_is(body: &[u8]) -> TracedBody {
    let bytes = body.len() as u64;
    match std::str::from_utf8(body) {
        Ok(text) => TracedBody { text: text.to_owned(), base64: false, bytes },
        Err(_) => TracedBody { text: STANDARD.encode(body), base64: true, bytes },
    }
}

/// Whether a header or a query parameter of that name holds a credential.
pub(crate) fn is_telling(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TELLTALE.iter().any(|word| name.contains(word))
}

/// A URL for a line in which nobody needs the query.
pub(super) fn without_query(url: &str) -> &str {
    url.split_once('?').map_or(url, |(path, _)| path)
}
