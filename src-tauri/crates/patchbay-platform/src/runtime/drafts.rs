//! Drafts: versions that were never published and serve recorded deliveries only, beside what is live.
//!
//! A draft is in memory, in a process of its own, for as long as whoever loaded it holds its connection. Nobody else
//! reaches it: a delivery is sent to it when it was registered for it, and every other request goes to what is live.

use super::Runtime;
use super::bindings::is_native;
use super::code::{VersionFacts, script};
use super::parent::Placed;
use super::placement::{Key, Occupant, ScriptName, owner};
use super::pool::Member;
use super::redaction::redactor;
use super::service_worker::is_service_worker;
use crate::cache::Owner;
use crate::error::PlatformError;
use crate::store::timestamp;
use crate::store::versions::NewVersion;
use patchbay_cloudflare::wire::binding::Binding;
use patchbay_core::redact::Redactor;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Drafts at once. Each has a process.
const MOST: usize = 16;

/// An unpublished version of a script.
pub(crate) struct Draft {
    /// Stands where the id of a version would: `draft-` and 32 hex digits.
    pub(crate) id: Arc<str>,
    /// The script in whose place it serves. It need not exist.
    pub(crate) script: ScriptName,
    owner: Arc<str>,
    version: NewVersion,
    created_on: String,
    redactor: Arc<Redactor>,
}

impl Draft {
    /// The whole of it but for what connects it to the platform.
    pub(super) fn code(&self) -> Value {
        let NewVersion { entry, modules, bindings, details } = &self.version;
        let facts = VersionFacts { id: &self.id, created_on: &self.created_on };
        let mut code = script(entry, modules, bindings, details, &facts);
        code["listens"] = is_service_worker(entry, modules).into();
        code
    }

    /// Whose caches it uses: they are apart from those of what is live.
    fn caches(&self) -> Owner {
        Owner::script(&self.script.namespace, &self.id)
    }

    pub(super) fn bindings(&self) -> &[Binding] {
        &self.version.bindings
    }

    /// Whether a process may have its code.
    pub(super) fn is_of(&self, owner: &str, namespace: &str, script: &str) -> bool {
        *self.owner == *owner && self.is_for(namespace, script)
    }

    /// Whether it serves in the place of that script.
    pub(super) fn is_for(&self, namespace: &str, script: &str) -> bool {
        *self.script.namespace == *namespace && *self.script.script == *script
    }

    /// The process that runs it.
    fn key(&self) -> Key {
        let native = self.version.bindings.iter().any(|binding| is_native(&binding.kind));
        let (script, draft) = (self.script.clone(), Arc::clone(&self.id));
        Key { owner: Arc::clone(&self.owner), occupant: Occupant::Draft { script, draft, native } }
    }
}

/// The drafts that somebody holds.
#[derive(Default)]
pub(crate) struct Drafts(Mutex<HashMap<Arc<str>, Arc<Draft>>>);

impl Drafts {
    fn all(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Draft>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A draft by its id.
    pub(crate) fn get(&self, id: &str) -> Option<Arc<Draft>> {
        self.all().get(id).cloned()
    }

    /// What takes its secrets out of what was observed.
    pub(super) fn redactor(&self, id: &str) -> Option<Arc<Redactor>> {
        self.all().get(id).map(|draft| Arc::clone(&draft.redactor))
    }
}

/// Holds a draft. It is forgotten, and its process ends, when this is dropped.
pub(crate) struct DraftHold {
    runtime: Arc<Runtime>,
    draft: Arc<Draft>,
}

impl DraftHold {
    /// The draft's id.
    pub(crate) fn id(&self) -> &str {
        &self.draft.id
    }
}

impl Drop for DraftHold {
    fn drop(&mut self) {
        self.runtime.drafts.all().remove(&self.draft.id);
        self.runtime.caches.forget(&self.draft.caches());
        let key = self.draft.key();
        self.runtime.retire_where(|other| *other == key);
    }
}

impl Runtime {
    /// Loads a version that was found to start. Nothing when there are too many drafts.
    pub(crate) fn load_draft(
        self: &Arc<Self>,
        script: ScriptName,
        tags: &[String],
        version: NewVersion,
    ) -> Option<DraftHold> {
        let draft = Arc::new(Draft {
            id: format!("draft-{}", crate::store::new_id()).into(),
            owner: owner(&script.namespace, &script.script, tags).into(),
            script,
            redactor: Arc::new(redactor(&version.bindings)),
            version,
            created_on: timestamp(),
        });
        let mut all = self.drafts.all();
        if all.len() >= MOST {
            return None;
        }
        all.insert(Arc::clone(&draft.id), Arc::clone(&draft));
        drop(all);
        Some(DraftHold { runtime: Arc::clone(self), draft })
    }

    /// Starts the process of a draft, so that its first delivery does not wait for it.
    pub(crate) async fn start_draft(self: &Arc<Self>, hold: &DraftHold) -> Result<(), PlatformError> {
        self.placed_draft(&hold.draft).await.map(|_| ())
    }

    /// Where a draft is to be found.
    pub(super) async fn placed_draft(self: &Arc<Self>, draft: &Draft) -> Result<(Arc<Member>, Placed), PlatformError> {
        let member = self.place(&draft.key()).await?;
        let details = &draft.version.details;
        let placed =
            Placed { version: draft.id.to_string(), trusted: details.trusted, assets: None, limits: details.limits };
        Ok((member, placed))
    }
}
