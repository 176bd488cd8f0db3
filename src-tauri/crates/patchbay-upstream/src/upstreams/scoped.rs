//! What runs do with scopes.

use super::{Slot, Upstreams};
use crate::fault::Fault;
use crate::scopes::{ScopeState, Scopes};
use crate::upstream::Kept;
use std::sync::{MutexGuard, PoisonError};

impl Upstreams {
    /// Opens a scope of a tenant under an id that the caller makes up. One that was open under it ends.
    pub fn open_scope(&self, id: &str, tenant: &str, state: ScopeState, faults: Vec<Fault>) {
        let forgotten = self.scopes().open(id, tenant, state, faults);
        let mut tenants = self.lock();
        for state in forgotten {
            tenants.remove(&state);
        }
    }

    /// From now on the calls of a delivery belong to a scope. `false`: it is not open.
    pub fn admit(&self, scope: &str, delivery: &str) -> bool {
        self.scopes().admit(scope, delivery)
    }

    /// Replaces the faults of a scope and counts its calls from one again. `false`: it is not open.
    pub fn set_scope_faults(&self, scope: &str, faults: Vec<Fault>) -> bool {
        self.scopes().set_faults(scope, faults)
    }

    /// What every upstream keeps in the state of a scope, with its id; `None`: it is not open.
    pub fn kept_in_scope(&self, scope: &str) -> Option<Vec<(&'static str, Kept)>> {
        let state = self.scopes().state_of(scope)?;
        Some(self.with(&state, |tenant| {
            let kept = |slot: &Slot| slot.upstream.kept().into_iter().map(|kept| (slot.id, kept)).collect::<Vec<_>>();
            tenant.upstreams.iter().flat_map(kept).collect()
        }))
    }

    /// Ends a scope; its own state is forgotten.
    pub fn close_scope(&self, scope: &str) {
        let own = self.scopes().close(scope);
        if let Some(state) = own {
            self.lock().remove(&state);
        }
    }

    pub(super) fn scopes(&self) -> MutexGuard<'_, Scopes> {
        self.scopes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
