//! Simulated upstreams behind the embedded platform.

use futures_util::future::BoxFuture;
use patchbay_core::HttpRequest;
use patchbay_core::observation::{AnsweredBy, Interruption};
use patchbay_platform::{CallContext, UpstreamAnswer, UpstreamGateway};
use patchbay_upstream::{Outcome, Upstreams};

/// Answers every call from the simulation; nothing leaves the machine.
#[derive(Default)]
pub(crate) struct SimulatedUpstreams(Upstreams);

impl UpstreamGateway for SimulatedUpstreams {
    fn call(&self, context: CallContext, request: HttpRequest) -> BoxFuture<'_, UpstreamAnswer> {
        Box::pin(async move {
            let by = AnsweredBy::Simulated;
            match self.0.answer(&context.tenant, &request) {
                Outcome::Respond(response) => UpstreamAnswer::whole(response, by),
                Outcome::RespondAfter(delay, response) => {
                    tokio::time::sleep(delay).await;
                    UpstreamAnswer::whole(response, by)
                }
                Outcome::Truncate { mut response, bytes } => {
                    response.headers.set("content-length", response.body.len().to_string());
                    response.body.truncate(bytes);
                    UpstreamAnswer { response, answered_by: by, interruption: Some(Interruption::CutOff) }
                }
                Outcome::Reset => UpstreamAnswer::reset(by),
            }
        })
    }
}
