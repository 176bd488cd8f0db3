//! The file format: a header in clear, then what XChaCha20-Poly1305 makes of the content.
//!
//! ```text
//! offset  bytes  content
//!      0      7  `PBVAULT`
//!      7      1  format, 1
//!      8      8  id of the key
//!     16     16  salt (only where the key comes from a passphrase, otherwise zero)
//!     32     24  nonce, new for every write
//!     56     16  authentication tag
//!     72      …  ciphertext
//! ```
//! Authenticated with it: the first 32 bytes, and who it belongs to (workspace, tenant), so that a vault cannot be put
//! in another tenant's place.

use crate::error::SecretsError;
use crate::keys::Key;
use chacha20poly1305::{AeadInPlace, KeyInit, XChaCha20Poly1305, XNonce};
use rand::TryRngCore as _;
use std::path::Path;
use zeroize::Zeroizing;

const MAGIC: &[u8; 7] = b"PBVAULT";
const FORMAT: u8 = 1;
const CLEAR: usize = 32;
const HEADER: usize = 72;

/// Salt of a passphrase, or zeros.
pub(crate) type Salt = [u8; 16];

/// Encrypts the content.
pub(crate) fn seal(
    key: &Key,
    salt: Salt,
    owner: &str,
    mut content: Zeroizing<Vec<u8>>,
) -> Result<Vec<u8>, SecretsError> {
    let mut file = Vec::with_capacity(HEADER + content.len());
    file.extend_from_slice(MAGIC);
    file.push(FORMAT);
    file.extend_from_slice(&key.id());
    file.extend_from_slice(&salt);
    let mut nonce = XNonce::default();
    rand::rngs::OsRng
        .try_fill_bytes(&mut nonce)
        .map_err(|source| SecretsError::NoRandomness { source: source.into() })?;
    let tag = cipher(key)
        .encrypt_in_place_detached(&nonce, &associated(&file, owner), &mut content)
        .expect("a vault is far below the 256 GiB that XChaCha20 takes");
    file.extend_from_slice(&nonce);
    file.extend_from_slice(&tag);
    file.extend_from_slice(&content);
    Ok(file)
}

/// The salt of a file, once its header is known to be ours.
pub(crate) fn salt_of(path: &Path, file: &[u8]) -> Result<Salt, SecretsError> {
    let damaged = |reason| SecretsError::Damaged { path: path.to_owned(), reason };
    if !file.starts_with(MAGIC) {
        return Err(damaged("it does not begin like a vault"));
    }
    match file.get(7) {
        None => return Err(damaged("it is cut off")),
        Some(&FORMAT) => {}
        Some(&version) => return Err(SecretsError::NewerFormat { path: path.to_owned(), version, known: FORMAT }),
    }
    if file.len() < HEADER {
        return Err(damaged("it is cut off"));
    }
    let mut salt = Salt::default();
    salt.copy_from_slice(&file[16..32]);
    Ok(salt)
}

/// Decrypts a file. `SecretsError::WrongKey` where another key sealed it.
pub(crate) fn open(key: &Key, owner: &str, path: &Path, file: &[u8]) -> Result<Zeroizing<Vec<u8>>, SecretsError> {
    salt_of(path, file)?;
    if file[8..16] != key.id() {
        return Err(SecretsError::WrongKey { path: path.to_owned() });
    }
    let mut content = Zeroizing::new(file[HEADER..].to_vec());
    cipher(key)
        .decrypt_in_place_detached(
            XNonce::from_slice(&file[32..56]),
            &associated(&file[..CLEAR], owner),
            &mut content,
            file[56..72].into(),
        )
        .map_err(|_| SecretsError::Damaged {
            path: path.to_owned(),
            reason: "its content was changed, or it belongs to another tenant",
        })?;
    Ok(content)
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.derive("patchbay vault v1").as_ref().into())
}

fn associated(clear: &[u8], owner: &str) -> Vec<u8> {
    [clear, owner.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::{open, seal};
    use crate::error::SecretsError;
    use crate::keys::Key;
    use std::path::Path;
    use zeroize::Zeroizing;

    fn sealed(key: &Key) -> Vec<u8> {
        seal(key, [0; 16], "customer-a", Zeroizing::new(b"canary content".to_vec())).expect("sealed")
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_noticed() {
        let key = Key::random().expect("random bytes");
        let file = sealed(&key);
        assert_eq!(*open(&key, "customer-a", Path::new("v"), &file).expect("opens"), b"canary content");
        for at in 0..file.len() {
            let mut changed = file.clone();
            changed[at] ^= 1;
            assert!(open(&key, "customer-a", Path::new("v"), &changed).is_err(), "byte {at} should be protected");
            assert!(open(&key, "customer-a", Path::new("v"), &file[..at]).is_err(), "a cut at {at} should be noticed");
        }
    }

    #[test]
    fn another_owner_or_key_cannot_open_it() {
        let key = Key::random().expect("random bytes");
        let file = sealed(&key);
        let other = Key::random().expect("random bytes");
        assert!(matches!(open(&key, "customer-b", Path::new("v"), &file), Err(SecretsError::Damaged { .. })));
        assert!(matches!(open(&other, "customer-a", Path::new("v"), &file), Err(SecretsError::WrongKey { .. })));
    }

    #[test]
    fn equal_content_is_never_sealed_equally() {
        let key = Key::random().expect("random bytes");
        assert_ne!(sealed(&key), sealed(&key));
    }
}
