//! The operating system's keychain: Secret Service on Linux, Keychain Services on macOS, Credential Manager on Windows.

#[cfg(target_os = "linux")]
mod session_bus;

use crate::deadline::within;
use crate::error::SecretsError;
use crate::keys::{Key, SealingKey};
use crate::name::SecretName;
use crate::store::{KeyHolder, SecretInfo, SecretStore, VaultStore};
use keyring::Entry;
use patchbay_core::{Secret, TenantId};
use std::path::Path;
use std::time::Duration;
use uuid::Uuid;
use zeroize::Zeroizing;

/// The service under which all of our entries stand.
const SERVICE: &str = "patchbay";

/// Long enough for a person who is looking at the prompt, short enough for one who does not know that there is one.
const DEADLINE: Duration = Duration::from_secs(30);

/// Secrets of one workspace in vault files, with their keys in the keychain under service `patchbay`, user
/// `<workspace id>/tenant/<tenant>`.
#[derive(Debug)]
pub struct KeychainStore(VaultStore<Keychain>);

impl KeychainStore {
    /// The store of a workspace; vaults lie in `<data folder>/vaults/<workspace id>/`. Touches neither the disk nor the
    /// keychain yet.
    pub fn new(data_folder: &Path, workspace: Uuid) -> Self {
        Self(VaultStore::new(data_folder, workspace, Keychain { deadline: DEADLINE }))
    }

    /// Gives up on the keychain after this time instead of 30 seconds.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.0.holder.deadline = deadline;
        self
    }

    /// Writes, reads and deletes an entry. Reading alone proves nothing: a keyring that nobody has unlocked says that
    /// there is no such entry.
    pub fn probe(&self) -> Result<(), SecretsError> {
        self.0.holder.prove_usable()
    }
}

impl SecretStore for KeychainStore {
    fn set(&self, tenant: &TenantId, name: &SecretName, value: &Secret) -> Result<SecretInfo, SecretsError> {
        self.0.set(tenant, name, value)
    }

    fn get(&self, tenant: &TenantId, name: &SecretName) -> Result<Option<Secret>, SecretsError> {
        self.0.get(tenant, name)
    }

    fn delete(&self, tenant: &TenantId, name: &SecretName) -> Result<bool, SecretsError> {
        self.0.delete(tenant, name)
    }

    fn list(&self, tenant: &TenantId) -> Result<Vec<SecretInfo>, SecretsError> {
        self.0.list(tenant)
    }

    fn values(&self, tenant: &TenantId) -> Result<Vec<(SecretName, Secret)>, SecretsError> {
        self.0.values(tenant)
    }

    fn shred(&self, tenant: &TenantId) -> Result<(), SecretsError> {
        self.0.shred(tenant)
    }

    fn sealing_key(&self, purpose: &str) -> Result<SealingKey, SecretsError> {
        self.0.sealing_key(purpose)
    }
}

/// The keychain as a place for keys.
#[derive(Debug)]
pub(crate) struct Keychain {
    deadline: Duration,
}

impl Keychain {
    fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce() -> Result<T, SecretsError> + Send + 'static,
    ) -> Result<T, SecretsError> {
        within(self.deadline, move || {
            // Before the first use of `keyring`, which keeps the outcome of its first connection for good.
            #[cfg(target_os = "linux")]
            session_bus::check()?;
            if let Err(error) = Entry::store_status() {
                let source = keyring::Error::PlatformFailure(error.to_string().into());
                return Err(SecretsError::Keychain { action: "be opened", source });
            }
            call()
        })
    }
}

impl KeyHolder for Keychain {
    fn read(&self, entry: &str) -> Result<Option<Key>, SecretsError> {
        let user = entry.to_owned();
        self.call(move || read(&user))
    }

    fn write(&self, entry: &str, key: &Key) -> Result<(), SecretsError> {
        let (user, key) = (entry.to_owned(), key.clone());
        self.call(move || write(&user, &key))
    }

    fn delete(&self, entry: &str) -> Result<(), SecretsError> {
        let user = entry.to_owned();
        if self.call(move || delete(&user))? {
            return Ok(());
        }
        self.prove_usable()
    }

    fn prove_usable(&self) -> Result<(), SecretsError> {
        self.call(|| {
            // Each probe has an entry of its own, so that two at a time do not delete each other's.
            let user = format!("probe/{}", Uuid::new_v4());
            let key = Key::random()?;
            write(&user, &key)?;
            let kept = read(&user);
            delete(&user)?;
            match kept? {
                Some(kept) if kept.id() == key.id() => Ok(()),
                _ => Err(SecretsError::KeyUnreadable { entry: user }),
            }
        })
    }
}

fn read(user: &str) -> Result<Option<Key>, SecretsError> {
    let failed = |error| failure("be read", user, error);
    match Entry::new(SERVICE, user).map_err(failed)?.get_secret().map(Zeroizing::new) {
        Ok(text) => {
            Key::from_text(&text).map(Some).ok_or_else(|| SecretsError::KeyUnreadable { entry: user.to_owned() })
        }
        Err(keyring::Error::NoEntry) => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

fn write(user: &str, key: &Key) -> Result<(), SecretsError> {
    let failed = |error| failure("be written", user, error);
    Entry::new(SERVICE, user).map_err(failed)?.set_secret(key.to_text().as_bytes()).map_err(failed)
}

fn delete(user: &str) -> Result<bool, SecretsError> {
    let failed = |error| failure("delete an entry", user, error);
    match Entry::new(SERVICE, user).map_err(failed)?.delete_credential() {
        Ok(()) => Ok(true),
        Err(keyring::Error::NoEntry) => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

fn failure(action: &'static str, user: &str, error: keyring::Error) -> SecretsError {
    match error {
        source @ keyring::Error::NoStorageAccess(_) => SecretsError::Locked { source },
        // These carry the bytes that were found, which must not travel on in an error.
        keyring::Error::BadEncoding(_) | keyring::Error::BadDataFormat(..) => {
            SecretsError::KeyUnreadable { entry: user.to_owned() }
        }
        source => SecretsError::Keychain { action, source },
    }
}
