//! Simulated upstreams behind the embedded platform.

mod documents;
mod questions;
mod scope;
mod tokens;

pub(crate) use questions::{ScopeKept, list, reset, set_faults, show, swap_faults};
pub(crate) use scope::Scope;
pub(crate) use tokens::{note_secrets, tell_secrets};

use crate::senders::SimulatedSenders;
use crate::wire::error::WireError;
use documents::Documents;
use futures_util::future::BoxFuture;
use patchbay_core::observation::{AnsweredBy, Interruption};
use patchbay_core::{HttpRequest, HttpResponse};
use patchbay_platform::{CallContext, UpstreamAnswer, UpstreamGateway};
use patchbay_upstream::{Outcome, Upstreams};
use patchbay_webhooks::SenderKeys;
use patchbay_workspace::Workspace;
use serde_json::{Value, json};
use std::sync::Arc;
use tokens::KnownSecrets;

/// Answers every call from the simulation; nothing leaves the machine.
pub(crate) struct SimulatedUpstreams {
    upstreams: Upstreams,
    documents: Documents,
    secrets: KnownSecrets,
}

impl SimulatedUpstreams {
    /// For a workspace: with its documents, and with senders that have these keys.
    pub(crate) fn new(workspace: Workspace, keys: Arc<SenderKeys>) -> Self {
        let upstreams = Upstreams::with_senders(Arc::new(SimulatedSenders(keys)));
        Self { upstreams, documents: Documents::new(workspace), secrets: KnownSecrets::default() }
    }

    fn outcome(&self, context: &CallContext, request: &HttpRequest) -> Outcome {
        let delivery = context.delivery.as_deref();
        if Upstreams::id_for_url(&request.url).is_some() {
            let secrets = self.secrets.of(&context.served_by.version).unwrap_or_default();
            return self.upstreams.answer_delivery(&context.tenant, delivery, request, Some(&secrets));
        }
        // A document that a person dropped into the workspace counts from the next call on.
        let documents = self.documents.refresh(&self.upstreams);
        match self.upstreams.answer_delivery(&context.tenant, delivery, request, None) {
            Outcome::Respond(response) => Outcome::Respond(with_problems(response, &documents.problems())),
            other => other,
        }
    }
}

/// To who calls a host that nobody simulates, a document that cannot be read may be the reason.
fn with_problems(mut response: HttpResponse, problems: &[&WireError]) -> HttpResponse {
    let is_ours = |body: &Value| body["error"] == "Upstream not simulated";
    let body = serde_json::from_slice::<Value>(&response.body).ok().filter(is_ours);
    if let Some(mut body) = body
        && !problems.is_empty()
    {
        body["unreadable_documents"] = problems.iter().map(|problem| problem.message.as_str()).collect();
        response.body = body.to_string().into();
    }
    response
}

impl UpstreamGateway for SimulatedUpstreams {
    fn call(&self, context: CallContext, request: HttpRequest) -> BoxFuture<'_, UpstreamAnswer> {
        Box::pin(async move {
            let by = AnsweredBy::Simulated;
            match self.outcome(&context, &request) {
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

    fn ask(&self, question: Value) -> BoxFuture<'_, Value> {
        Box::pin(async move {
            let answered = self.answer_question(question);
            serde_json::to_value(&answered).unwrap_or_else(|error| {
                json!({ "Err": WireError::internal("The answer of the upstreams could not be encoded", &error) })
            })
        })
    }
}
