//! Changes of what is live: one at a time for a script, and acknowledged only when the dispatcher knows.

use super::Runtime;
use crate::error::PlatformError;
use crate::store::scripts::StoredScript;
use crate::store::versions::NewVersion;
use crate::workerd::ending::Ending;
use crate::workerd::socket::ask;
use http::Method;
use serde_json::json;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// How long the dispatcher may take to forget what it knew. It may be starting at that moment.
const PATIENCE: Duration = Duration::from_secs(20);
/// Tries when the dispatcher's process ends in between.
const TRIES: usize = 3;

/// Locks that keep changes of one script apart. Scripts share them by hash, which only makes some of them wait.
pub(crate) struct ScriptLocks {
    locks: Vec<Arc<Mutex<()>>>,
    hasher: RandomState,
}

impl Default for ScriptLocks {
    fn default() -> Self {
        Self { locks: (0..64).map(|_| Arc::default()).collect(), hasher: RandomState::new() }
    }
}

/// The right to change a script.
pub(crate) struct ScriptLock {
    _guard: OwnedMutexGuard<()>,
}

/// A version to be made live.
pub(crate) struct Publication {
    pub(crate) namespace: String,
    pub(crate) script: String,
    /// `None` keeps the tags.
    pub(crate) tags: Option<Vec<String>>,
    pub(crate) version: NewVersion,
}

impl Runtime {
    /// Waits until nobody else changes the script.
    pub(crate) async fn lock_script(&self, namespace: &str, script: &str) -> ScriptLock {
        let hash = self.changing.hasher.hash_one((namespace, script));
        let index = usize::try_from(hash % 64).unwrap_or_default();
        ScriptLock { _guard: Arc::clone(&self.changing.locks[index]).lock_owned().await }
    }

    /// Makes a version live. Answers nothing when the namespace does not exist.
    pub(crate) async fn publish(
        self: &Arc<Self>,
        lock: ScriptLock,
        publication: Publication,
    ) -> Result<Option<StoredScript>, PlatformError> {
        let Publication { namespace, script, tags, version } = publication;
        self.changed(lock, vec![(namespace.clone(), script.clone())], move |change| {
            change.publish(&namespace, &script, tags.as_deref(), &version)
        })
        .await
    }

    /// Runs a change of scripts and makes the dispatcher forget them. It runs to its end even when the client that
    /// asked for it goes away: a change that is in the store but not known to the dispatcher must not be left behind.
    pub(crate) async fn changed<T: Send + 'static>(
        self: &Arc<Self>,
        lock: ScriptLock,
        scripts: Vec<(String, String)>,
        work: impl FnOnce(&crate::store::Change<'_>) -> Result<T, crate::store::StoreError> + Send + 'static,
    ) -> Result<T, PlatformError> {
        let runtime = Arc::clone(self);
        tokio::spawn(async move {
            let done = runtime.store.change(work).await?;
            runtime.forget(&scripts, &[]).await?;
            runtime.end_deleted(&scripts).await?;
            drop(lock);
            Ok(done)
        })
        .await
        .map_err(|_| PlatformError::TaskEnded)?
    }

    /// Replaces what the dispatcher decides by, and makes it forget what has changed.
    pub(crate) async fn change_routing(&self, values: BTreeMap<String, String>) -> Result<(), PlatformError> {
        // Whoever is told that nothing has changed may rely on it that the dispatcher knows what is there.
        let _turn = self.routing.lock().await;
        let changed = self.store.change(move |change| change.replace_routing(&values)).await?;
        if changed.is_empty() { Ok(()) } else { self.forget(&[], &changed).await }
    }

    /// Makes the dispatcher forget what it knows about scripts and routing keys.
    pub(crate) async fn forget(&self, scripts: &[(String, String)], routing: &[String]) -> Result<(), PlatformError> {
        let body: bytes::Bytes = json!({ "scripts": scripts, "routing": routing }).to_string().into();
        let socket = self.folder().join("control");
        let mut tries = 0;
        loop {
            tries += 1;
            let asked = ask("dispatcher", &socket, Method::POST, "http://control/", body.clone(), PATIENCE).await;
            match asked {
                Ok((status, _)) if status.is_success() => return Ok(()),
                // A new process starts with an empty cache, but the lookup of another request may already have filled
                // it again with the answer from before the change.
                Err(PlatformError::RuntimeLost { .. }) if tries < TRIES => {}
                Ok((_, said)) if tries >= TRIES => {
                    let detail = String::from_utf8_lossy(&said).into_owned();
                    return Err(PlatformError::RuntimeLost { role: "dispatcher", detail });
                }
                Ok(_) => {}
                Err(error) => {
                    // It hangs. The process that takes its place reads what is in the store now.
                    tracing::warn!(%error, "the dispatcher did not forget in time and is replaced");
                    let dispatcher = self.dispatcher.get().ok_or(error)?;
                    dispatcher.replace(dispatcher.generation(), Ending::Hung);
                    return Ok(());
                }
            }
        }
    }
}
