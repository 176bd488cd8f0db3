//! Calls from one script to another, by `service` and `dispatch_namespace` bindings.
//!
//! On Cloudflare a service binding of a user Worker may name Workers of the account. Here an account has many tenants,
//! who must not reach each other, so both kinds of binding reach scripts of the same owner only, and `service` those of
//! the same namespace. Any other name is a script that does not exist.

use super::forward::{forward, json_header};
use crate::error::PlatformError;
use crate::runtime::Runtime;
use crate::runtime::parent::placed;
use crate::runtime::placement::ScriptName;
use crate::runtime::pool::{Awaited, slot_socket};
use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, Request, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;

/// Who calls.
pub(super) struct Caller<'a> {
    pub(super) owner: &'a str,
    /// Parameters of the outbound worker; they hold for the called script, too.
    pub(super) outbound: Value,
}

impl Runtime {
    /// Sends a request to the live version of a script of the caller's owner.
    pub(super) async fn call_script(
        self: &Arc<Self>,
        caller: &Caller<'_>,
        target: &ScriptName,
        mut request: Request<Body>,
    ) -> Result<Response, PlatformError> {
        let (member, held, live) = loop {
            let found = placed(self, &target.namespace, &target.script).await?;
            let Some((member, live)) = found.filter(|(member, _)| &*member.key.owner == caller.owner) else {
                return Ok(self.missing(target));
            };
            let held = Awaited::new(&member);
            // A process that began to leave before it was held may be gone by now.
            if self.pool.is_current(&member) {
                break (member, held, live);
            }
        };
        let facts = json!({ "patchbay": { "tenant": member.key.owner.as_ref(), "namespace": target.namespace.as_ref(),
            "script": target.script.as_ref(), "version": live.version, "outbound": caller.outbound, "assets": live.assets,
            "limits": self.limits.of_a_request() } });
        let header = HeaderName::try_from(format!("{}-cf", self.mark)).map_err(|_| PlatformError::TaskEnded)?;
        request.headers_mut().insert(header, json_header(&facts));
        let answer = forward("tenant", &slot_socket(self.folder(), member.slot), request).await;
        // From here on the process itself says what goes on in it.
        drop(held);
        answer
    }

    /// What the dispatch namespace throws, in the form in which exceptions cross between processes.
    fn missing(&self, target: &ScriptName) -> Response {
        let message = format!("Worker not found: {}", target.script);
        let thrown = Json(json!({ "name": "Error", "message": message }));
        let mut answer = (StatusCode::INTERNAL_SERVER_ERROR, thrown).into_response();
        if let Ok(name) = HeaderName::try_from(format!("{}-thrown", self.mark)) {
            answer.headers_mut().insert(name, HeaderValue::from_static("1"));
        }
        answer
    }
}
