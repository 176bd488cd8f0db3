//! Calls that no HTTP request can carry: methods of another script (RPC), its named entrypoints, and its Durable Objects.
//!
//! The router module of the caller's process speaks to that of the called script by the runtime's own protocol. This
//! process says where: it starts a process of its own for the script when there is none, and keeps it from ending for as
//! long as the caller holds the answer open.

use super::scripts::{Called, Caller, Where};
use crate::error::PlatformError;
use crate::runtime::Runtime;
use crate::runtime::placement::ScriptName;
use crate::runtime::pool::{Awaited, Member};
use crate::workerd::config::header_json;
use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use http::HeaderName;
use serde_json::json;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long a process may take until it can be called. It may be starting, or starting again.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(5);

/// What of a script is called.
pub(super) enum Reached {
    /// An export, or the default one.
    Entrypoint(Option<String>),
    /// Durable Objects of a class.
    Objects(String),
}

/// Where other processes reach the services of a process that has this folder.
pub(super) fn calls_socket(folder: &Path) -> PathBuf {
    folder.join("calls")
}

impl Runtime {
    /// Tells a caller where a script is: `{socket, facts}` in a header, and a body that has no end. The process stays for
    /// as long as the body is read.
    pub(super) async fn connect_script(
        self: &Arc<Self>,
        caller: &Caller<'_>,
        target: &ScriptName,
        reached: Reached,
    ) -> Result<Response, PlatformError> {
        let Some(Called { member, held, mut facts }) = self.called(caller, target, Where::Alone).await? else {
            return Ok(self.missing(target));
        };
        match reached {
            Reached::Entrypoint(entrypoint) => facts["entrypoint"] = json!(entrypoint),
            Reached::Objects(class) if self.has_class(target, &class).await? => facts["class"] = json!(class),
            Reached::Objects(class) => {
                let message = format!("The script '{}' has no Durable Objects of the class '{class}'", target.script);
                return Ok(self.thrown(&message));
            }
        }
        let socket = until_callable(&member).await?;
        let header = HeaderName::try_from(format!("{}-place", self.mark)).map_err(|_| PlatformError::TaskEnded)?;
        let place = json!({ "socket": socket, "facts": facts });
        let open = stream::once(async { Ok(Bytes::from_static(b" ")) }).chain(held_open(held));
        Response::builder()
            .header(header, header_json(&place))
            .body(Body::from_stream(open))
            .map_err(|_| PlatformError::TaskEnded)
    }

    async fn has_class(&self, target: &ScriptName, class: &str) -> Result<bool, PlatformError> {
        let (target, class) = (target.clone(), class.to_owned());
        let found = self.store.change(move |change| change.script(&target.namespace, &target.script)).await?;
        let classes = found.map(|script| script.live.details.durable_classes).unwrap_or_default();
        Ok(classes.iter().any(|known| known.class_name == class))
    }
}

/// Bytes that never come. Whoever stops to read them lets the process go.
fn held_open(held: Awaited) -> impl futures_util::Stream<Item = Result<Bytes, Infallible>> {
    stream::once(async move {
        let _held = held;
        std::future::pending().await
    })
}

/// Waits until a process takes calls.
async fn until_callable(member: &Member) -> Result<PathBuf, PlatformError> {
    let folder = member.state_socket.parent().ok_or(PlatformError::TaskEnded)?;
    let socket = calls_socket(folder);
    let listens = async {
        while tokio::net::UnixStream::connect(&socket).await.is_err() {
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(PATIENCE, listens)
        .await
        .map_err(|_| PlatformError::RuntimeSilent { role: "tenant", seconds: PATIENCE.as_secs() })?;
    Ok(socket)
}
