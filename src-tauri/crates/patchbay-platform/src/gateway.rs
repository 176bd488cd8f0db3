//! Where the calls of adapters go when they leave the platform.

use futures_util::future::BoxFuture;
use patchbay_core::observation::{AnsweredBy, ServedBy};
use patchbay_core::{HttpRequest, HttpResponse};

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
}

/// Answers the calls that the outbound worker lets through: a simulated upstream, a recording, or the network.
pub trait UpstreamGateway: Send + Sync {
    /// Answers one call. The URL is absolute, `https` included, and nothing of the request was changed.
    fn call(&self, context: CallContext, request: HttpRequest) -> BoxFuture<'_, UpstreamAnswer>;
}
