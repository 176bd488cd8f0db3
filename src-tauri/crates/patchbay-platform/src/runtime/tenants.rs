//! The process in which a tenant's scripts share one runtime and its loader.

use super::Runtime;
use super::pool::{Berth, MemberPlan};
use crate::error::PlatformError;
use crate::workerd::config::{TenantConfig, write_tenant};
use std::os::unix::net::UnixListener;
use std::path::Path;

impl Runtime {
    /// How to run the scripts of an owner that need nothing but the loader.
    pub(crate) fn loader_plan(&self, owner: &str, berth: &Berth) -> Result<MemberPlan, PlatformError> {
        let config = write_tenant(&TenantConfig {
            folder: &berth.folder,
            mark: &self.mark,
            tenant: owner,
            parent_socket: &berth.parent_socket,
            upstream_socket: &berth.upstream_socket,
            memory: self.limits.memory,
        })?;
        Ok(MemberPlan { config: config.into(), sockets: Vec::new(), kept: Box::new(()) })
    }
}

/// Binds a Unix socket in the private folder.
pub(crate) fn listen(path: &Path) -> Result<UnixListener, PlatformError> {
    UnixListener::bind(path).map_err(|source| PlatformError::file("create", path, source))
}
