//! Calls from one script to another, by `service` and `dispatch_namespace` bindings.
//!
//! On Cloudflare a service binding of a user Worker may name Workers of the account. Here an account has many tenants,
//! who must not reach each other, so both kinds of binding reach scripts of the same owner only, and `service` those of
//! the same namespace. Any other name is a script that does not exist.

use super::forward::{forward, json_header};
use crate::error::PlatformError;
use crate::runtime::Runtime;
use crate::runtime::parent::{Placed, placed, placed_alone};
use crate::runtime::placement::{ScriptName, owner};
use crate::runtime::pool::{Awaited, Member, slot_socket};
use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, Request, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;

/// Who calls.
pub(super) struct Caller<'a> {
    pub(super) owner: &'a str,
    /// Parameters of the outbound worker in JSON; they hold for the called script, too.
    pub(super) outbound: String,
}

/// Which process of a script is meant.
#[derive(Clone, Copy)]
pub(super) enum Where {
    /// The one that serves its requests.
    Usual,
    /// One of its own.
    Alone,
}

/// A script that is called.
pub(super) struct Called {
    pub(super) member: Arc<Member>,
    pub(super) held: Awaited,
    /// What its router module has to know about a request.
    pub(super) facts: Value,
}

impl Runtime {
    /// Sends a request to the live version of a script of the caller's owner.
    pub(super) async fn call_script(
        self: &Arc<Self>,
        caller: &Caller<'_>,
        target: &ScriptName,
        mut request: Request<Body>,
    ) -> Result<Response, PlatformError> {
        let Some(Called { member, held, facts }) = self.called(caller, target, Where::Usual).await? else {
            return Ok(self.missing(target));
        };
        let header = HeaderName::try_from(format!("{}-cf", self.mark)).map_err(|_| PlatformError::TaskEnded)?;
        request.headers_mut().insert(header, json_header(&json!({ "patchbay": facts })));
        let answer = forward("tenant", &slot_socket(self.folder(), member.slot), request).await;
        // From here on the process itself says what goes on in it.
        drop(held);
        answer
    }

    /// A script of the caller's owner, held where it runs; nothing for a script that the caller cannot reach.
    pub(super) async fn called(
        self: &Arc<Self>,
        caller: &Caller<'_>,
        target: &ScriptName,
        place: Where,
    ) -> Result<Option<Called>, PlatformError> {
        // Before a place is looked for, so that nobody starts a process of somebody else.
        if self.owner_of(target).await?.as_deref() != Some(caller.owner) {
            return Ok(None);
        }
        loop {
            let found = match place {
                Where::Usual => placed(self, &target.namespace, &target.script).await?,
                Where::Alone => placed_alone(self, &target.namespace, &target.script).await?,
            };
            let Some((member, live)) = found.filter(|(member, _)| &*member.key.owner == caller.owner) else {
                return Ok(None);
            };
            let held = Awaited::new(&member);
            // A process that began to leave before it was held may be gone by now.
            if self.pool.is_current(&member) {
                let limits = self.limits_of_call(&member.key.owner, target, &live).await?;
                let facts = json!({ "tenant": member.key.owner.as_ref(), "namespace": target.namespace.as_ref(),
                    "script": target.script.as_ref(), "version": live.version, "outbound": caller.outbound,
                    "assets": live.assets, "limits": limits });
                return Ok(Some(Called { member, held, facts }));
            }
        }
    }

    /// The owner of the live version of a script; nothing for a script that does not exist.
    async fn owner_of(&self, target: &ScriptName) -> Result<Option<String>, PlatformError> {
        let ScriptName { namespace, script } = target.clone();
        let live = self.store.change(move |change| change.live_placement(&namespace, &script)).await?;
        Ok(live.map(|live| owner(&target.namespace, &target.script, &live.tags)))
    }

    /// What a called script may use: what the platform allows, less where its tenant's stored settings or its own upload
    /// say less. The dispatcher passes the tenant's with each request, and no dispatcher is in between here.
    async fn limits_of_call(&self, owner: &str, target: &ScriptName, live: &Placed) -> Result<Value, PlatformError> {
        let mut limits = self.limits.of_a_request();
        let stored = self.own_parameters(owner, &target.script).await?;
        let uploaded = live.limits.as_ref().map(|limits| json!(limits)).unwrap_or_default();
        for said in [&stored["limits"], &uploaded] {
            for (name, ours) in [("cpu_ms", "cpuMs"), ("subrequests", "subRequests")] {
                if let Some(less) =
                    said[name].as_u64().filter(|less| limits[ours].as_u64().is_none_or(|all| *less < all))
                {
                    limits[ours] = json!(less);
                }
            }
        }
        Ok(limits)
    }

    /// What the dispatch namespace throws, in the form in which exceptions cross between processes.
    pub(super) fn missing(&self, target: &ScriptName) -> Response {
        self.thrown(&format!("Worker not found: {}", target.script))
    }

    /// An exception for the script that calls.
    pub(super) fn thrown(&self, message: &str) -> Response {
        let thrown = Json(json!({ "name": "Error", "message": message }));
        let mut answer = (StatusCode::INTERNAL_SERVER_ERROR, thrown).into_response();
        if let Ok(name) = HeaderName::try_from(format!("{}-thrown", self.mark)) {
            answer.headers_mut().insert(name, HeaderValue::from_static("1"));
        }
        answer
    }
}
