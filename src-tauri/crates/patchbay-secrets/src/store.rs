//! What every store of secrets offers, and the one that keeps them in vault files.

use crate::error::SecretsError;
use crate::files;
use crate::keys::{Key, SealingKey};
use crate::name::SecretName;
use crate::sealed;
use crate::vault::{self, Vault, VaultEntry};
use patchbay_core::{AdapterId, BindingName, Environment, Secret, TenantId};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

/// Longest value in bytes: what Cloudflare allows for one variable of a Worker.
pub const VALUE_MAX: usize = 5 * 1024;

/// How long a writer waits for another one. Longer than the keychain's deadline, because the other one may be waiting
/// for a person at a prompt.
const PATIENCE: Duration = Duration::from_secs(40);

/// What may be shown of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretInfo {
    /// What it is called.
    pub name: SecretName,
    /// When its value was last set: RFC 3339, UTC.
    pub changed_at: String,
    /// 8 hex digits, keyed with the tenant's key: equal for equal values of one tenant on one machine.
    pub fingerprint: String,
}

/// Keeps the secret values of one workspace. Calls block, and may wait for a person at a keychain prompt: in async code
/// they belong on a blocking thread.
pub trait SecretStore: Send + Sync {
    /// Sets or replaces a value.
    fn set(&self, tenant: &TenantId, name: &SecretName, value: &Secret) -> Result<SecretInfo, SecretsError>;

    /// A value, for a publish, a signature or the runtime.
    fn get(&self, tenant: &TenantId, name: &SecretName) -> Result<Option<Secret>, SecretsError>;

    /// Removes a value; whether there was one.
    fn delete(&self, tenant: &TenantId, name: &SecretName) -> Result<bool, SecretsError>;

    /// What may be shown of a tenant's secrets, ordered by name.
    fn list(&self, tenant: &TenantId) -> Result<Vec<SecretInfo>, SecretsError>;

    /// All values of a tenant, ordered by name.
    fn values(&self, tenant: &TenantId) -> Result<Vec<(SecretName, Secret)>, SecretsError>;

    /// What one adapter finds in `env` in one environment: a value of that environment wins over the general one.
    fn values_of(
        &self,
        tenant: &TenantId,
        adapter: &AdapterId,
        environment: Environment,
    ) -> Result<BTreeMap<BindingName, Secret>, SecretsError> {
        let mut chosen = BTreeMap::new();
        // Ordered by name, so the general value of a binding comes before those of single environments.
        for (name, value) in self.values(tenant)? {
            if name.adapter == *adapter && name.environment.is_none_or(|only| only == environment) {
                chosen.insert(name.binding, value);
            }
        }
        Ok(chosen)
    }

    /// Deletes the tenant's key and with it all values, for good.
    fn shred(&self, tenant: &TenantId) -> Result<(), SecretsError>;

    /// A key of the workspace for another part that keeps sealed data, made on first use. The purpose names the part.
    fn sealing_key(&self, purpose: &str) -> Result<SealingKey, SecretsError>;
}

/// Where the keys are. `entry` is unique within it.
pub(crate) trait KeyHolder: Send + Sync {
    fn read(&self, entry: &str) -> Result<Option<Key>, SecretsError>;
    fn write(&self, entry: &str, key: &Key) -> Result<(), SecretsError>;
    fn delete(&self, entry: &str) -> Result<(), SecretsError>;
    /// Proves that a key which was not found is really not there, and not only out of sight in a closed keychain.
    fn prove_usable(&self) -> Result<(), SecretsError>;
}

/// Vault files of one workspace, with their keys elsewhere.
#[derive(Debug)]
pub(crate) struct VaultStore<H> {
    pub(crate) holder: H,
    folder: PathBuf,
    workspace: Uuid,
}

impl<H: KeyHolder> VaultStore<H> {
    pub(crate) fn new(data_folder: &Path, workspace: Uuid, holder: H) -> Self {
        Self { holder, folder: vault_folder(data_folder, workspace), workspace }
    }

    fn vault_path(&self, tenant: &TenantId) -> PathBuf {
        self.folder.join(format!("{tenant}.vault"))
    }

    fn key_entry(&self, tenant: &TenantId) -> String {
        format!("{}/tenant/{tenant}", self.workspace)
    }

    fn owner(&self, tenant: &TenantId) -> String {
        self.key_entry(tenant)
    }

    fn lock(&self, name: &str) -> Result<files::WriteLock, SecretsError> {
        files::make_private_folder(&self.folder)?;
        files::lock(&self.folder.join(format!("{name}.lock")), PATIENCE)
    }

    /// The tenant's vault with its key; `None` where nothing was ever set.
    fn load(&self, tenant: &TenantId) -> Result<Option<(Key, Vault)>, SecretsError> {
        let path = self.vault_path(tenant);
        let Some(file) = files::read(&path)? else { return Ok(None) };
        let Some(key) = self.holder.read(&self.key_entry(tenant))? else {
            self.holder.prove_usable()?;
            return Err(SecretsError::KeyMissing { path });
        };
        let content = sealed::open(&key, &self.owner(tenant), &path, &file)?;
        let vault = vault::from_bytes(&content)
            .ok_or(SecretsError::Damaged { path, reason: "its content is not a list of secrets" })?;
        Ok(Some((key, vault)))
    }

    fn save(&self, tenant: &TenantId, key: &Key, vault: &Vault) -> Result<(), SecretsError> {
        let file = sealed::seal(key, sealed::Salt::default(), &self.owner(tenant), vault::to_bytes(vault))?;
        files::replace(&self.vault_path(tenant), &file)
    }

    /// The key under an entry, made when there is none. The caller holds the lock.
    fn key_or_new(&self, entry: &str) -> Result<Key, SecretsError> {
        if let Some(key) = self.holder.read(entry)? {
            return Ok(key);
        }
        let key = Key::random()?;
        self.holder.write(entry, &key)?;
        Ok(key)
    }
}

impl<H: KeyHolder> SecretStore for VaultStore<H> {
    fn set(&self, tenant: &TenantId, name: &SecretName, value: &Secret) -> Result<SecretInfo, SecretsError> {
        check_value(name, value)?;
        let _lock = self.lock(tenant.as_str())?;
        let (key, mut vault) = match self.load(tenant)? {
            Some(loaded) => loaded,
            None => (self.key_or_new(&self.key_entry(tenant))?, Vault::new()),
        };
        let entry = VaultEntry { changed_at: now(), value: value.clone() };
        let info = info(&key, name, &entry);
        vault.insert(name.clone(), entry);
        self.save(tenant, &key, &vault)?;
        Ok(info)
    }

    fn get(&self, tenant: &TenantId, name: &SecretName) -> Result<Option<Secret>, SecretsError> {
        Ok(self.load(tenant)?.and_then(|(_, mut vault)| vault.remove(name)).map(|entry| entry.value))
    }

    fn delete(&self, tenant: &TenantId, name: &SecretName) -> Result<bool, SecretsError> {
        if files::read(&self.vault_path(tenant))?.is_none() {
            return Ok(false);
        }
        let _lock = self.lock(tenant.as_str())?;
        let Some((key, mut vault)) = self.load(tenant)? else { return Ok(false) };
        if vault.remove(name).is_none() {
            return Ok(false);
        }
        self.save(tenant, &key, &vault)?;
        Ok(true)
    }

    fn list(&self, tenant: &TenantId) -> Result<Vec<SecretInfo>, SecretsError> {
        let Some((key, vault)) = self.load(tenant)? else { return Ok(Vec::new()) };
        Ok(vault.iter().map(|(name, entry)| info(&key, name, entry)).collect())
    }

    fn values(&self, tenant: &TenantId) -> Result<Vec<(SecretName, Secret)>, SecretsError> {
        let Some((_, vault)) = self.load(tenant)? else { return Ok(Vec::new()) };
        Ok(vault.into_iter().map(|(name, entry)| (name, entry.value)).collect())
    }

    fn shred(&self, tenant: &TenantId) -> Result<(), SecretsError> {
        let _lock = self.lock(tenant.as_str())?;
        // The key first: once it is gone, what is left of the file says nothing to anybody.
        self.holder.delete(&self.key_entry(tenant))?;
        files::remove(&self.vault_path(tenant))?;
        Ok(())
    }

    fn sealing_key(&self, purpose: &str) -> Result<SealingKey, SecretsError> {
        check_purpose(purpose)?;
        let entry = format!("{}/sealing/{purpose}", self.workspace);
        if let Some(key) = self.holder.read(&entry)? {
            return Ok(key.to_sealing_key());
        }
        // A tenant's lock cannot have this name: no tenant id contains a dot.
        let _lock = self.lock(&format!("sealing.{purpose}"))?;
        Ok(self.key_or_new(&entry)?.to_sealing_key())
    }
}

/// Where the vaults of a workspace are.
pub(crate) fn vault_folder(data_folder: &Path, workspace: Uuid) -> PathBuf {
    data_folder.join("vaults").join(workspace.to_string())
}

pub(crate) fn check_value(name: &SecretName, value: &Secret) -> Result<(), SecretsError> {
    let length = value.expose().len();
    if length == 0 {
        return Err(SecretsError::EmptyValue { name: name.to_string() });
    }
    if length > VALUE_MAX {
        return Err(SecretsError::ValueTooLong { name: name.to_string(), length, max: VALUE_MAX });
    }
    Ok(())
}

pub(crate) fn check_purpose(purpose: &str) -> Result<(), SecretsError> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if purpose.is_empty() || purpose.len() > 64 || !purpose.bytes().all(fits) {
        return Err(SecretsError::InvalidPurpose { purpose: purpose.chars().take(80).collect() });
    }
    Ok(())
}

pub(crate) fn info(key: &Key, name: &SecretName, entry: &VaultEntry) -> SecretInfo {
    SecretInfo { name: name.clone(), changed_at: entry.changed_at.clone(), fingerprint: key.fingerprint(&entry.value) }
}

/// Now, to the second.
pub(crate) fn now() -> String {
    OffsetDateTime::now_utc()
        .replace_nanosecond(0)
        .expect("0 is a nanosecond")
        .format(&Rfc3339)
        .expect("a year of four digits")
}
