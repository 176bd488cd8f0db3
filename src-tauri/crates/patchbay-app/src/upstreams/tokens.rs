//! Which tokens the simulated upstreams let in: those that the live version of an adapter was published with.

use super::questions::{Question, ask};
use crate::app::App;
use crate::bindings;
use crate::platform_host::Link;
use crate::wire::error::WireError;
use patchbay_core::{AdapterRef, BindingKind, Environment, Secret};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// More versions than anybody replays at a time.
const MOST_VERSIONS: usize = 1000;

/// The secrets of versions, as far as they are known. A call of another one may have any token of the right shape.
#[derive(Default)]
pub(super) struct KnownSecrets(Mutex<HashMap<String, Arc<[Secret]>>>);

impl KnownSecrets {
    pub(super) fn note(&self, version: String, secrets: Vec<Secret>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_VERSIONS {
            known.clear();
        }
        known.insert(version, secrets.into());
    }

    pub(super) fn of(&self, version: &str) -> Option<Arc<[Secret]>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(version).cloned()
    }
}

/// Tells the upstreams the secrets of an adapter's live version. Where one was changed since the publish the adapter has a
/// value that nobody knows any more, and nothing is told.
pub(crate) async fn tell_secrets(
    app: &Arc<App>,
    link: &Link,
    adapter: &AdapterRef,
    environment: Environment,
) -> Result<(), WireError> {
    let open = app.workspace()?;
    let Some(live) = open.workspace.newest_version(adapter, environment)? else { return Ok(()) };
    let published: Vec<_> = live.bindings.iter().filter(|binding| binding.kind == BindingKind::SecretText).collect();
    if published.is_empty() {
        return Ok(());
    }
    let values = bindings::secret_values(app, adapter, environment).await?;
    let mut secrets = Vec::new();
    for binding in published {
        let now = values.iter().find(|value| value.name == binding.name.as_str());
        match now.filter(|now| binding.fingerprint.as_deref() == Some(now.fingerprint.as_str())) {
            Some(now) => secrets.push(now.value.expose().to_owned()),
            None => return Ok(()),
        }
    }
    note_secrets(link, live.id, secrets).await
}

/// Tells the upstreams the secrets of a version.
pub(crate) async fn note_secrets(link: &Link, version: String, secrets: Vec<String>) -> Result<(), WireError> {
    ask(link, &Question::NoteSecrets { version, secrets }).await
}
