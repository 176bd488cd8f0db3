//! A store that forgets. For tests of the crates above this one; a release build does not contain it.

use crate::error::SecretsError;
use crate::keys::{Key, SealingKey};
use crate::name::SecretName;
use crate::store::{self, SecretInfo, SecretStore};
use crate::vault::{Vault, VaultEntry};
use patchbay_core::{Secret, TenantId};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Secrets that are gone with the process.
#[derive(Debug)]
pub struct MemoryStore {
    key: Key,
    vaults: Mutex<BTreeMap<TenantId, Vault>>,
}

impl MemoryStore {
    /// An empty store with a key of its own.
    pub fn new() -> Result<Self, SecretsError> {
        Ok(Self { key: Key::random()?, vaults: Mutex::default() })
    }

    fn vaults(&self) -> MutexGuard<'_, BTreeMap<TenantId, Vault>> {
        // A map that a panicking test left behind is still a map.
        self.vaults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SecretStore for MemoryStore {
    fn set(&self, tenant: &TenantId, name: &SecretName, value: &Secret) -> Result<SecretInfo, SecretsError> {
        store::check_value(name, value)?;
        let entry = VaultEntry { changed_at: store::now(), value: value.clone() };
        let info = store::info(&self.key, name, &entry);
        self.vaults().entry(tenant.clone()).or_default().insert(name.clone(), entry);
        Ok(info)
    }

    fn get(&self, tenant: &TenantId, name: &SecretName) -> Result<Option<Secret>, SecretsError> {
        Ok(self.vaults().get(tenant).and_then(|vault| vault.get(name)).map(|entry| entry.value.clone()))
    }

    fn delete(&self, tenant: &TenantId, name: &SecretName) -> Result<bool, SecretsError> {
        Ok(self.vaults().get_mut(tenant).is_some_and(|vault| vault.remove(name).is_some()))
    }

    fn list(&self, tenant: &TenantId) -> Result<Vec<SecretInfo>, SecretsError> {
        let vaults = self.vaults();
        let entries = vaults.get(tenant).into_iter().flatten();
        Ok(entries.map(|(name, entry)| store::info(&self.key, name, entry)).collect())
    }

    fn values(&self, tenant: &TenantId) -> Result<Vec<(SecretName, Secret)>, SecretsError> {
        let vaults = self.vaults();
        let entries = vaults.get(tenant).into_iter().flatten();
        Ok(entries.map(|(name, entry)| (name.clone(), entry.value.clone())).collect())
    }

    fn shred(&self, tenant: &TenantId) -> Result<(), SecretsError> {
        self.vaults().remove(tenant);
        Ok(())
    }

    fn sealing_key(&self, purpose: &str) -> Result<SealingKey, SecretsError> {
        store::check_purpose(purpose)?;
        Ok(self.key.derive(purpose))
    }
}

#[cfg(test)]
mod tests {
    use super::MemoryStore;
    use crate::store::SecretStore;
    use patchbay_core::{AdapterId, Environment, Secret, TenantId};

    #[test]
    fn a_value_of_an_environment_wins_over_the_general_one() {
        let store: &dyn SecretStore = &MemoryStore::new().expect("random bytes");
        let (tenant, adapter) = (TenantId::new("a").expect("valid"), AdapterId::new("slack").expect("valid"));
        for (name, value) in
            [("slack/TOKEN@staging", "for staging"), ("slack/TOKEN", "general"), ("teams/TOKEN", "not ours")]
        {
            store.set(&tenant, &name.parse().expect("valid"), &Secret::new(value)).expect("set");
        }
        for (environment, expected) in [(Environment::Staging, "for staging"), (Environment::Production, "general")] {
            let values = store.values_of(&tenant, &adapter, environment).expect("readable");
            let values: Vec<(&str, &str)> =
                values.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
            assert_eq!(values, [("TOKEN", expected)]);
        }
        store.shred(&tenant).expect("shredded");
        assert!(store.list(&tenant).expect("readable").is_empty());
    }
}
