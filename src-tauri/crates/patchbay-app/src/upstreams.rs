//! Simulated upstreams behind the embedded platform.

use futures_util::future::BoxFuture;
use patchbay_core::observation::AnsweredBy;
use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse};
use patchbay_platform::{CallContext, UpstreamAnswer, UpstreamGateway};
use patchbay_upstream::{Outcome, Upstreams};

/// Answers every call from the simulation; nothing leaves the machine.
#[derive(Default)]
pub(crate) struct SimulatedUpstreams(Upstreams);

impl UpstreamGateway for SimulatedUpstreams {
    fn call(&self, context: CallContext, request: HttpRequest) -> BoxFuture<'_, UpstreamAnswer> {
        Box::pin(async move {
            let response = match self.0.answer(&context.tenant, &request) {
                Outcome::Respond(response) => response,
                Outcome::RespondAfter(delay, response) => {
                    tokio::time::sleep(delay).await;
                    response
                }
                // A gateway answers whole messages; what breaks a connection is shown as what a proxy would make of it.
                Outcome::Truncate { response, .. } => {
                    bad_gateway(&format!("the answer {} was cut off", response.status))
                }
                Outcome::Reset => bad_gateway("the connection was reset"),
            };
            UpstreamAnswer { response, answered_by: AnsweredBy::Simulated }
        })
    }
}

fn bad_gateway(reason: &str) -> HttpResponse {
    HttpResponse {
        status: 502,
        headers: HttpMessageHeaders::from_iter([("content-type", "application/json")]),
        body: serde_json::json!({ "error": "Upstream failed", "message": reason }).to_string().into(),
    }
}
