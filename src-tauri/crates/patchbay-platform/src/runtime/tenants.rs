//! A process per tenant: which scripts share one, and where it listens.

use super::Runtime;
use super::{parent, upstream};
use crate::error::PlatformError;
use crate::workerd::config::{SLOTS, write_tenant};
use crate::workerd::process::{Process, ProcessPlan};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

/// A tenant that has a process.
pub(crate) struct Tenant {
    pub(crate) slot: usize,
    pub(crate) process: Process,
}

/// Who shares a process: the scripts of the tenant that the tag `tenant:…` names, when the script's name begins with
/// that tenant's id. Any other script is alone, so that a wrong tag cannot put it beside somebody else's secrets.
pub(crate) fn owner(namespace: &str, script: &str, tags: &[String]) -> String {
    tags.iter()
        .filter_map(|tag| tag.strip_prefix("tenant:"))
        .find(|tenant| script.strip_prefix(*tenant).is_some_and(|rest| rest.starts_with('-')))
        .map_or_else(|| format!("script:{namespace}/{script}"), |tenant| format!("tenant:{tenant}"))
}

/// Where a tenant's process listens for requests.
pub(crate) fn slot_socket(folder: &Path, slot: usize) -> PathBuf {
    folder.join(format!("slot-{slot}"))
}

impl Runtime {
    /// The slot of a tenant. Its process is started when there is none; requests wait on the socket until it is up.
    pub(crate) fn slot(self: &Arc<Self>, owner: &str) -> Result<usize, PlatformError> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tenant) = tenants.get(owner) {
            return Ok(tenant.slot);
        }
        let slot = tenants.len();
        if slot >= SLOTS {
            return Err(PlatformError::TooManyTenants { slots: SLOTS });
        }
        let tenant = self.start_tenant(owner, slot)?;
        tenants.insert(owner.to_owned(), Arc::new(tenant));
        Ok(slot)
    }

    fn start_tenant(self: &Arc<Self>, owner: &str, slot: usize) -> Result<Tenant, PlatformError> {
        let parent_socket = self.folder().join(format!("parent-{slot}"));
        let upstream_socket = self.folder().join(format!("upstream-{slot}"));
        let config = write_tenant(
            &self.folder().join(format!("tenant-{slot}")),
            &self.mark,
            owner,
            &parent_socket,
            &upstream_socket,
        )?;
        // A socket of its own for each tenant: what a process may ask for does not depend on what it says it is.
        let served = listen(&parent_socket)?;
        parent::serve(self, &parent_socket, served, parent::of_tenant(self, owner))?;
        let served = listen(&upstream_socket)?;
        parent::serve(self, &upstream_socket, served, upstream::of_tenant(self, owner))?;
        let plan = ProcessPlan {
            role: "tenant",
            tenant: Some(owner.to_owned()),
            program: self.program().to_owned(),
            config,
            sockets: vec![("router", OwnedFd::from(listen(&slot_socket(self.folder(), slot))?))],
        };
        let observed = Arc::clone(&self.observed);
        let lost = owner.to_owned();
        let process = Process::supervise(self.spawner(), plan, move || observed.process_ended(&lost));
        Ok(Tenant { slot, process })
    }
}

/// Binds a Unix socket in the private folder.
pub(crate) fn listen(path: &Path) -> Result<UnixListener, PlatformError> {
    UnixListener::bind(path).map_err(|source| PlatformError::file("create", path, source))
}

#[cfg(test)]
mod tests {
    use super::owner;

    #[test]
    fn a_tag_counts_only_for_scripts_that_bear_the_tenants_name() {
        let tags = |tag: &str| vec!["version:1".to_owned(), tag.to_owned()];
        assert_eq!(owner("prod", "customer-a-notion", &tags("tenant:customer-a")), "tenant:customer-a");
        assert_eq!(owner("prod", "customer-b-notion", &tags("tenant:customer-a")), "script:prod/customer-b-notion");
        assert_eq!(owner("prod", "customer-ab", &tags("tenant:customer-a")), "script:prod/customer-ab");
        assert_eq!(owner("prod", "gateway", &[]), "script:prod/gateway");
    }
}
