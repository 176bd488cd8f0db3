//! The gate: by which everything of a dedicated process leaves it that its native bindings do.

use super::Native;
use super::entrypoints::Reached;
use super::forward::{forward, json_header};
use super::scripts::Caller;
use crate::error::PlatformError;
use crate::runtime::Runtime;
use crate::runtime::placement::ScriptName;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderName, StatusCode};
use serde::Deserialize;
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Weak};

/// What the gate of one process knows.
#[derive(Clone)]
struct Gate {
    runtime: Weak<Runtime>,
    owner: Arc<str>,
    script: ScriptName,
    /// By the binding's name in `env`.
    bindings: Arc<HashMap<String, Native>>,
}

/// What our own modules and the config say about a request.
#[derive(Deserialize)]
struct Facts {
    patchbay: Use,
}

/// The use of a binding.
#[derive(Deserialize)]
struct Use {
    binding: String,
    /// The script that is called through a dispatch namespace.
    script: Option<String>,
    /// Parameters of the outbound worker in JSON, as they hold for the caller.
    outbound: Option<String>,
    /// What is called is not the default `fetch`: the answer says where it is.
    #[serde(default)]
    connect: bool,
}

/// The gate of a process that runs one version of a script. It reaches what the version's bindings name, and nothing
/// else.
pub(super) fn router(
    runtime: &Arc<Runtime>,
    owner: &Arc<str>,
    script: &ScriptName,
    bindings: HashMap<String, Native>,
) -> Router {
    let gate = Gate {
        runtime: Arc::downgrade(runtime),
        owner: Arc::clone(owner),
        script: script.clone(),
        bindings: Arc::new(bindings),
    };
    Router::new().fallback(pass).with_state(gate)
}

async fn pass(State(gate): State<Gate>, request: Request) -> Response {
    gate.pass(request).await.unwrap_or_else(|error| {
        tracing::warn!(script = %gate.script.script, %error, "a binding could not be served");
        (StatusCode::BAD_GATEWAY, error.to_string()).into_response()
    })
}

impl Gate {
    async fn pass(&self, mut request: http::Request<Body>) -> Result<Response, PlatformError> {
        let Some(runtime) = self.runtime.upgrade() else { return Err(PlatformError::TaskEnded) };
        let facts_header =
            HeaderName::try_from(format!("{}-cf", runtime.mark)).map_err(|_| PlatformError::TaskEnded)?;
        let facts = request.headers_mut().remove(&facts_header);
        let used = facts.and_then(|facts| serde_json::from_slice::<Facts>(facts.as_bytes()).ok());
        let Some(Facts { patchbay: used }) = used else {
            return Ok((StatusCode::BAD_REQUEST, "the request does not say which binding it uses").into_response());
        };
        let (kind, id) = match self.bindings.get(&used.binding) {
            Some(Native::Kv(id)) => ("kv", id),
            Some(Native::Database(id)) => ("d1", id),
            Some(Native::Queue(name)) => ("queue", name),
            Some(Native::Script { script, entrypoint }) => {
                let target = self.beside(script);
                if used.connect {
                    let reached = Reached::Entrypoint(entrypoint.clone());
                    let caller = self.caller(&runtime, used.outbound).await?;
                    return runtime.connect_script(&caller, &target, reached).await;
                }
                return self.call(&runtime, target, used.outbound, request).await;
            }
            Some(Native::ObjectsOf { script, class }) => {
                // What objects call has the parameters that are stored for their tenant.
                let caller = self.caller(&runtime, None).await?;
                let reached = Reached::Objects(class.clone());
                return runtime.connect_script(&caller, &self.beside(script), reached).await;
            }
            Some(Native::Namespace(namespace)) => {
                let script = used.script.unwrap_or_default().into();
                let target = ScriptName { namespace: namespace.as_str().into(), script };
                return self.call(&runtime, target, used.outbound, request).await;
            }
            Some(Native::Bucket(_) | Native::Objects(_) | Native::Key(_)) | None => {
                return Ok((StatusCode::FORBIDDEN, "the script has no such binding").into_response());
            }
        };
        let facts = json!({ "patchbay": { "kind": kind, "id": id } });
        request.headers_mut().insert(facts_header, json_header(&facts));
        let socket = runtime.storage().await?;
        forward("storage", &socket, request).await
    }

    async fn call(
        &self,
        runtime: &Arc<Runtime>,
        target: ScriptName,
        outbound: Option<String>,
        request: http::Request<Body>,
    ) -> Result<Response, PlatformError> {
        let caller = self.caller(runtime, outbound).await?;
        runtime.call_script(&caller, &target, request).await
    }

    /// A script in the namespace of this one.
    fn beside(&self, script: &str) -> ScriptName {
        ScriptName { script: script.into(), ..self.script.clone() }
    }

    /// This script as a caller. What belongs to no request has the parameters that are stored for the tenant.
    async fn caller(&self, runtime: &Runtime, outbound: Option<String>) -> Result<Caller<'_>, PlatformError> {
        let outbound = match outbound {
            Some(outbound) => outbound,
            None => runtime.own_parameters(&self.owner, &self.script.script).await?.to_string(),
        };
        Ok(Caller { owner: &self.owner, outbound })
    }
}
