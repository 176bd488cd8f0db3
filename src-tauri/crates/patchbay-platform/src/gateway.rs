//! Where the calls of adapters go when they leave the platform.

use futures_util::future::BoxFuture;
use patchbay_core::observation::{AnsweredBy, Interruption, ServedBy};
use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse};
use serde_json::Value;

/// Who makes a call, and for which delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallContext {
    /// The script. Its `script` and `version` are empty where the outbound worker did not pass the adapter's own
    /// request on.
    pub served_by: ServedBy,
    /// The recorded delivery, if it is one.
    pub delivery: Option<String>,
    /// Whose process made the call, as in [`crate::local_api::ProcessStatus::tenant`].
    pub tenant: String,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamAnswer {
    /// The answer.
    pub response: HttpResponse,
    /// Whether a simulated upstream or the real one gave it.
    pub answered_by: AnsweredBy,
    /// Breaks the connection to the adapter after the bytes that `response` holds; its `content-length` may promise
    /// more.
    pub interruption: Option<Interruption>,
}

impl UpstreamAnswer {
    /// A whole answer.
    pub fn whole(response: HttpResponse, answered_by: AnsweredBy) -> Self {
        Self { response, answered_by, interruption: None }
    }

    /// No answer: the connection is closed.
    pub fn reset(answered_by: AnsweredBy) -> Self {
        let response = HttpResponse { status: 0, headers: HttpMessageHeaders::default(), body: bytes::Bytes::new() };
        Self { response, answered_by, interruption: Some(Interruption::Reset) }
    }
}

/// Answers the calls that the outbound worker lets through: a simulated upstream, a recording, or the network.
pub trait UpstreamGateway: Send + Sync {
    /// Answers one call. The URL is absolute, `https` included, and nothing of the request was changed.
    fn call(&self, context: CallContext, request: HttpRequest) -> BoxFuture<'_, UpstreamAnswer>;

    /// Answers what another process asks of it by `POST /patchbay/v1/upstreams`. The platform does not look inside;
    /// the bearer token of its API was checked.
    fn ask(&self, _question: Value) -> BoxFuture<'_, Value> {
        Box::pin(async { Value::Null })
    }
}
