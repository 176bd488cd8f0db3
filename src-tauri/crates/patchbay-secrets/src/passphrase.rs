//! Keys wrapped by a passphrase, for machines without a keychain. Used only by a caller who was asked to.

use crate::error::SecretsError;
use crate::files;
use crate::keys::{Key, SealingKey};
use crate::name::SecretName;
use crate::sealed::{self, Salt};
use crate::store::{KeyHolder, SecretInfo, SecretStore, VaultStore, vault_folder};
use argon2::{Algorithm, Argon2, Params, Version};
use patchbay_core::{Secret, TenantId};
use rand::TryRngCore as _;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Fewest characters of a new passphrase.
pub const PASSPHRASE_MIN: usize = 12;

/// Argon2id as OWASP recommends it: 19 MiB, 2 passes, 1 lane. Part of format 1 of the key file.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

const PATIENCE: Duration = Duration::from_secs(10);

/// Secrets of one workspace in vault files, with their keys in `wrapped.keys` beside them, sealed by a passphrase.
#[derive(Debug)]
pub struct PassphraseStore(VaultStore<WrappedKeys>);

impl PassphraseStore {
    /// Opens the store of a workspace, and checks the passphrase where keys are already wrapped by it. The first one
    /// that is used becomes the passphrase.
    pub fn open(data_folder: &Path, workspace: Uuid, passphrase: Secret) -> Result<Self, SecretsError> {
        let folder = vault_folder(data_folder, workspace);
        let holder = WrappedKeys {
            path: folder.join("wrapped.keys"),
            lock: folder.join("wrapped.keys.lock"),
            owner: format!("{workspace}/wrapped-keys"),
            passphrase,
            derived: Mutex::default(),
        };
        if holder.load()?.is_none() {
            let length = holder.passphrase.expose().chars().count();
            if length < PASSPHRASE_MIN {
                return Err(SecretsError::PassphraseTooShort { length, min: PASSPHRASE_MIN });
            }
        }
        Ok(Self(VaultStore::new(data_folder, workspace, holder)))
    }
}

impl SecretStore for PassphraseStore {
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

/// The file with the keys.
#[derive(Debug)]
pub(crate) struct WrappedKeys {
    path: PathBuf,
    lock: PathBuf,
    owner: String,
    passphrase: Secret,
    /// The derived key of the salt last seen: deriving takes long on purpose.
    derived: Mutex<Option<(Salt, Key)>>,
}

type Keys = BTreeMap<String, Key>;

impl WrappedKeys {
    fn load(&self) -> Result<Option<(Salt, Keys)>, SecretsError> {
        let Some(file) = files::read(&self.path)? else { return Ok(None) };
        let salt = sealed::salt_of(&self.path, &file)?;
        let content =
            sealed::open(&self.wrapping_key(salt), &self.owner, &self.path, &file).map_err(|error| match error {
                SecretsError::WrongKey { path } => SecretsError::WrongPassphrase { path },
                other => other,
            })?;
        let keys = from_lines(&content).ok_or_else(|| SecretsError::Damaged {
            path: self.path.clone(),
            reason: "its content is not a list of keys",
        })?;
        Ok(Some((salt, keys)))
    }

    /// Reads, changes and writes the keys while no other process does.
    fn change(&self, change: impl FnOnce(&mut Keys)) -> Result<(), SecretsError> {
        files::make_private_folder(self.path.parent().expect("our files lie in a folder"))?;
        let _lock = files::lock(&self.lock, PATIENCE)?;
        let (salt, mut keys) = match self.load()? {
            Some(loaded) => loaded,
            None => (random_salt()?, Keys::new()),
        };
        change(&mut keys);
        let file = sealed::seal(&self.wrapping_key(salt), salt, &self.owner, to_lines(&keys))?;
        files::replace(&self.path, &file)
    }

    fn wrapping_key(&self, salt: Salt) -> Key {
        let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, key)) = derived.as_ref()
            && *known == salt
        {
            return key.clone();
        }
        let mut bytes = Zeroizing::new([0; 32]);
        let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(32)).expect("constants within Argon2's limits");
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(self.passphrase.expose().as_bytes(), &salt, bytes.as_mut())
            .expect("a salt of 16 bytes and an output of 32 are within Argon2's limits");
        let key = Key::from_bytes(*bytes);
        *derived = Some((salt, key.clone()));
        key
    }
}

impl KeyHolder for WrappedKeys {
    fn read(&self, entry: &str) -> Result<Option<Key>, SecretsError> {
        Ok(self.load()?.and_then(|(_, mut keys)| keys.remove(entry)))
    }

    fn write(&self, entry: &str, key: &Key) -> Result<(), SecretsError> {
        self.change(|keys| {
            keys.insert(entry.to_owned(), key.clone());
        })
    }

    fn delete(&self, entry: &str) -> Result<(), SecretsError> {
        self.change(|keys| {
            keys.remove(entry);
        })
    }

    fn prove_usable(&self) -> Result<(), SecretsError> {
        self.load().map(drop)
    }
}

fn random_salt() -> Result<Salt, SecretsError> {
    let mut salt = Salt::default();
    rand::rngs::OsRng
        .try_fill_bytes(&mut salt)
        .map_err(|source| SecretsError::NoRandomness { source: source.into() })?;
    Ok(salt)
}

/// One line per key: its entry, a space, its text form.
fn to_lines(keys: &Keys) -> Zeroizing<Vec<u8>> {
    let size = keys.keys().map(|entry| entry.len() + 45).sum();
    let mut lines = Zeroizing::new(Vec::with_capacity(size));
    for (entry, key) in keys {
        lines.extend_from_slice(entry.as_bytes());
        lines.push(b' ');
        lines.extend_from_slice(key.to_text().as_bytes());
        lines.push(b'\n');
    }
    lines
}

fn from_lines(lines: &[u8]) -> Option<Keys> {
    let lines = std::str::from_utf8(lines).ok()?;
    lines
        .lines()
        .map(|line| {
            line.split_once(' ').and_then(|(entry, text)| Some((entry.to_owned(), Key::from_text(text.as_bytes())?)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::PassphraseStore;
    use crate::error::SecretsError;
    use crate::store::SecretStore;
    use patchbay_core::{Secret, TenantId};
    use patchbay_testkit::TempWorkspace;
    use uuid::Uuid;

    const WORKSPACE: Uuid = Uuid::from_u128(0x7f1d_1c1e_52f5_4f0e_9a63_0d6c_5f0d_2b11);

    fn open(folder: &TempWorkspace, passphrase: &str) -> Result<PassphraseStore, SecretsError> {
        PassphraseStore::open(folder.path(), WORKSPACE, Secret::new(passphrase))
    }

    #[test]
    fn the_right_passphrase_opens_what_the_first_one_sealed() {
        let folder = TempWorkspace::empty();
        let tenant = TenantId::new("customer-a").expect("valid");
        let name = "slack/NOTION_TOKEN".parse().expect("valid");
        let sealing = {
            let store = open(&folder, "correct horse battery").expect("new");
            store.set(&tenant, &name, &Secret::new("canary-value")).expect("set");
            store.sealing_key("platform").expect("made")
        };
        assert!(folder.files_containing("canary-value").is_empty(), "the vault is encrypted");
        assert!(folder.files_containing("correct horse").is_empty(), "the passphrase is kept nowhere");

        let again = open(&folder, "correct horse battery").expect("opens");
        assert!(again.get(&tenant, &name).expect("readable") == Some(Secret::new("canary-value")));
        assert!(again.sealing_key("platform").expect("kept") == sealing);
        let error = open(&folder, "correct horse staple").expect_err("wrong");
        assert!(matches!(error, SecretsError::WrongPassphrase { .. }), "{error:?}");

        again.shred(&tenant).expect("shredded");
        assert!(again.list(&tenant).expect("readable").is_empty());
        assert!(again.sealing_key("platform").expect("kept") == sealing, "other keys stay");
    }

    #[test]
    fn a_short_passphrase_is_refused_before_anything_is_written() {
        let folder = TempWorkspace::empty();
        let error = open(&folder, "short").expect_err("too short");
        assert!(matches!(error, SecretsError::PassphraseTooShort { length: 5, .. }), "{error:?}");
        assert_eq!(folder.path().read_dir().expect("readable").count(), 0);
    }
}
