//! Scopes: what runs of one tenant see of the upstreams when several go on at the same time.
//!
//! A scope has faults of its own, counted from its own first call, and, where asked for, a state of its own that begins
//! empty. The calls of the deliveries that were admitted to it belong to it; every other call of the tenant is as if there
//! were no scope.

use crate::fault::Fault;
use std::collections::{HashMap, VecDeque};

/// More scopes than anybody opens at a time. A process that was killed leaves its scopes behind; the oldest go first.
const MOST_SCOPES: usize = 256;
/// Deliveries of one scope whose calls are still told apart; a run sends them one after another.
const MOST_DELIVERIES: usize = 10_000;

/// What the calls of a scope work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeState {
    /// What the tenant's upstreams keep, as any other call.
    Shared,
    /// A state that begins empty and ends with the scope.
    Own,
}

/// Which state a call works on, and whose faults break it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Key of the state.
    pub(crate) state: String,
    /// The scope, if the call belongs to one.
    pub(crate) scope: Option<String>,
}

#[derive(Default)]
pub(crate) struct Scopes {
    by_id: HashMap<String, Scope>,
    by_delivery: HashMap<String, String>,
    /// Oldest first.
    order: VecDeque<String>,
}

struct Scope {
    tenant: String,
    state: ScopeState,
    faults: Vec<Fault>,
    /// Calls by upstream since the faults were set.
    calls: HashMap<&'static str, u32>,
    /// Oldest first.
    deliveries: VecDeque<String>,
}

impl Scopes {
    /// Opens a scope; answers the keys of states that are to be forgotten because of it.
    pub(crate) fn open(&mut self, id: &str, tenant: &str, state: ScopeState, faults: Vec<Fault>) -> Vec<String> {
        let mut forgotten: Vec<String> = self.close(id).into_iter().collect();
        while self.order.len() >= MOST_SCOPES {
            let Some(oldest) = self.order.front().cloned() else { break };
            forgotten.extend(self.close(&oldest));
        }
        let scope =
            Scope { tenant: tenant.to_owned(), state, faults, calls: HashMap::new(), deliveries: VecDeque::new() };
        self.by_id.insert(id.to_owned(), scope);
        self.order.push_back(id.to_owned());
        forgotten
    }

    /// Closes a scope; answers the key of its own state, if it had one.
    pub(crate) fn close(&mut self, id: &str) -> Option<String> {
        let scope = self.by_id.remove(id)?;
        self.order.retain(|known| known != id);
        for delivery in &scope.deliveries {
            self.by_delivery.remove(delivery);
        }
        (scope.state == ScopeState::Own).then(|| own_state(id))
    }

    /// From now on the calls of a delivery belong to the scope. `false`: there is no such scope.
    pub(crate) fn admit(&mut self, id: &str, delivery: &str) -> bool {
        let Some(scope) = self.by_id.get_mut(id) else { return false };
        if scope.deliveries.len() >= MOST_DELIVERIES
            && let Some(oldest) = scope.deliveries.pop_front()
        {
            self.by_delivery.remove(&oldest);
        }
        scope.deliveries.push_back(delivery.to_owned());
        self.by_delivery.insert(delivery.to_owned(), id.to_owned());
        true
    }

    /// Other faults; calls count from one again. `false`: there is no such scope.
    pub(crate) fn set_faults(&mut self, id: &str, faults: Vec<Fault>) -> bool {
        let Some(scope) = self.by_id.get_mut(id) else { return false };
        scope.faults = faults;
        scope.calls.clear();
        true
    }

    /// Where a call of a tenant belongs. One that is nobody's delivery (a Durable Object makes such) goes by the faults of
    /// the tenant's newest scope that shares its state, as a person who breaks an upstream for one run expects.
    pub(crate) fn place(&self, tenant: &str, delivery: Option<&str>) -> Place {
        let of_tenant = |id: &&String| self.by_id.get(*id).is_some_and(|scope| scope.tenant == tenant);
        let shares = |id: &&String| self.by_id.get(*id).is_some_and(|scope| scope.state == ScopeState::Shared);
        let scope = match delivery {
            Some(delivery) => self.by_delivery.get(delivery).filter(of_tenant),
            None => self.order.iter().rev().find(|id| of_tenant(id) && shares(id)),
        };
        let own = scope.filter(|id| !shares(id)).map(|id| own_state(id));
        Place { state: own.unwrap_or_else(|| tenant.to_owned()), scope: scope.cloned() }
    }

    /// The key of a scope's state.
    pub(crate) fn state_of(&self, id: &str) -> Option<String> {
        let scope = self.by_id.get(id)?;
        Some(if scope.state == ScopeState::Own { own_state(id) } else { scope.tenant.clone() })
    }

    /// Counts a call to an upstream and answers what breaks it.
    pub(crate) fn fault(&mut self, id: &str, upstream: &'static str) -> Option<Fault> {
        let scope = self.by_id.get_mut(id)?;
        let call = scope.calls.entry(upstream).or_default();
        *call += 1;
        scope.faults.iter().find(|fault| fault.applies_to(upstream, *call)).cloned()
    }
}

/// No tenant's key begins so.
fn own_state(id: &str) -> String {
    format!("scope:{id}")
}

#[cfg(test)]
mod tests {
    use super::{MOST_DELIVERIES, MOST_SCOPES, Place, ScopeState, Scopes};
    use crate::fault::Fault;

    fn faults(given: &str) -> Vec<Fault> {
        vec![given.parse().expect("a fault")]
    }

    fn place(state: &str, scope: Option<&str>) -> Place {
        Place { state: state.into(), scope: scope.map(Into::into) }
    }

    #[test]
    fn calls_belong_to_the_scope_of_their_delivery() {
        let mut scopes = Scopes::default();
        scopes.open("own", "acme", ScopeState::Own, Vec::new());
        scopes.open("shared", "acme", ScopeState::Shared, faults("notion#2:503"));
        assert!(scopes.admit("own", "d1") && scopes.admit("shared", "d2") && !scopes.admit("none", "d3"));
        assert_eq!(scopes.place("acme", Some("d1")), place("scope:own", Some("own")));
        assert_eq!(scopes.place("acme", Some("d2")), place("acme", Some("shared")));
        assert_eq!(scopes.place("acme", Some("d9")), place("acme", None));
        assert_eq!(scopes.place("acme", None), place("acme", Some("shared")));
        assert_eq!(scopes.place("globex", Some("d1")), place("globex", None), "another tenant cannot borrow a scope");
        assert_eq!(scopes.place("globex", None), place("globex", None));

        assert!(scopes.fault("shared", "notion").is_none());
        assert!(scopes.fault("shared", "slack").is_none(), "each upstream counts by itself");
        assert!(scopes.fault("shared", "notion").is_some());
        assert!(scopes.set_faults("shared", faults("notion#1:500")));
        assert!(scopes.fault("shared", "notion").is_some(), "calls count from one again");

        assert_eq!(scopes.close("own"), Some("scope:own".into()));
        assert_eq!(scopes.close("shared"), None, "what is the tenant's stays");
        assert_eq!(scopes.place("acme", Some("d1")), place("acme", None));
        assert!(scopes.by_delivery.is_empty());
    }

    #[test]
    fn scopes_and_their_deliveries_are_bounded() {
        let mut scopes = Scopes::default();
        let forgotten: Vec<String> = (0..=MOST_SCOPES)
            .flat_map(|number| scopes.open(&number.to_string(), "acme", ScopeState::Own, Vec::new()))
            .collect();
        assert_eq!(forgotten, ["scope:0"]);
        for delivery in 0..=MOST_DELIVERIES {
            assert!(scopes.admit("1", &delivery.to_string()));
        }
        assert_eq!(scopes.by_delivery.len(), MOST_DELIVERIES);
        assert_eq!(scopes.place("acme", Some("0")), place("acme", None));
    }
}
