//! Faults of a load run. Its deliveries are not announced one by one, so they cannot be told from others: the faults hold
//! for the whole tenant as long as the run does.

use crate::platform_host::Link;
use crate::upstreams;
use crate::wire::error::WireError;
use patchbay_core::TenantId;

/// Broken upstreams of a tenant.
pub(super) struct Broken {
    link: Link,
    tenant: TenantId,
    /// The faults that held before, until they do again.
    before: Option<Vec<String>>,
}

impl Broken {
    /// Breaks them. [`Broken::mend`] brings back what was before; so does being dropped, a little later.
    pub(super) async fn until_dropped(link: &Link, tenant: &TenantId, faults: &[String]) -> Result<Self, WireError> {
        let before = upstreams::swap_faults(link, tenant, faults.to_vec()).await?;
        Ok(Self { link: link.clone(), tenant: tenant.clone(), before: Some(before) })
    }

    /// Brings back the faults that held before.
    pub(super) async fn mend(mut self) -> Result<(), WireError> {
        match self.before.take() {
            Some(before) => upstreams::swap_faults(&self.link, &self.tenant, before).await.map(drop),
            None => Ok(()),
        }
    }
}

impl Drop for Broken {
    fn drop(&mut self) {
        let Some(before) = self.before.take() else { return };
        let (link, tenant) = (self.link.clone(), self.tenant.clone());
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { drop(upstreams::swap_faults(&link, &tenant, before).await) });
        }
    }
}
