//! A run's own view of its tenant's simulated upstreams, which live in the process that runs the platform.

use super::questions::{Question, ScopeKept, ask, parsed};
use crate::platform_host::Link;
use crate::wire::error::WireError;
use patchbay_core::TenantId;
use serde_json::Value;

/// A scope. [`Scope::close`] ends it; one that is dropped instead, because its run was, ends soon after.
pub(crate) struct Scope {
    link: Link,
    id: String,
}

impl Scope {
    /// A run that works on what the tenant's upstreams keep, with faults of its own.
    pub(crate) async fn of_run(link: &Link, tenant: &TenantId, faults: &[String]) -> Result<Self, WireError> {
        Self::open(link, tenant, faults, false).await
    }

    /// A trial with a state of its own, which begins empty.
    pub(crate) async fn of_trial(link: &Link, tenant: &TenantId, faults: &[String]) -> Result<Self, WireError> {
        Self::open(link, tenant, faults, true).await
    }

    async fn open(link: &Link, tenant: &TenantId, faults: &[String], own_state: bool) -> Result<Self, WireError> {
        parsed(faults)?;
        let scope = Self { link: link.clone(), id: uuid::Uuid::now_v7().simple().to_string() };
        let question = Question::OpenScope {
            scope: scope.id.clone(),
            tenant: tenant.to_string(),
            own_state,
            faults: faults.to_vec(),
        };
        let _: Value = ask(&scope.link, &question).await?;
        Ok(scope)
    }

    /// From now on the calls of a delivery belong to the scope.
    pub(crate) async fn admit(&self, delivery: &str) -> Result<(), WireError> {
        let question = Question::Admit { scope: self.id.clone(), delivery: delivery.to_owned() };
        ask::<Value>(&self.link, &question).await.map(|_| ())
    }

    /// Other faults from now on; calls count from one again.
    pub(crate) async fn set_faults(&self, faults: &[String]) -> Result<(), WireError> {
        parsed(faults)?;
        let question = Question::SetScopeFaults { scope: self.id.clone(), faults: faults.to_vec() };
        ask::<Value>(&self.link, &question).await.map(|_| ())
    }

    /// What the upstreams keep in the scope's state, oldest first of each upstream.
    pub(crate) async fn kept(&self) -> Result<Vec<ScopeKept>, WireError> {
        ask(&self.link, &Question::ShowScope { scope: self.id.clone() }).await
    }

    /// Ends the scope, and its own state with it.
    pub(crate) async fn close(mut self) -> Result<(), WireError> {
        let scope = std::mem::take(&mut self.id);
        ask::<Value>(&self.link, &Question::CloseScope { scope }).await.map(|_| ())
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        let (link, scope) = (self.link.clone(), std::mem::take(&mut self.id));
        if scope.is_empty() {
            return;
        }
        // Where the process ends instead, the platform forgets the scope when others need its place.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { drop(ask::<Value>(&link, &Question::CloseScope { scope }).await) });
        }
    }
}
