//! Random 256-bit keys, and what is derived from them.

use crate::error::SecretsError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use patchbay_core::Secret;
use rand::TryRngCore as _;
use sha2::Sha256;
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A key with which another part of Patchbay seals what it keeps, wiped when dropped.
pub type SealingKey = Zeroizing<[u8; 32]>;

/// A tenant's key, or one that wraps such keys. Wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Key([u8; 32]);

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("<redacted>")
    }
}

impl Key {
    pub(crate) fn random() -> Result<Self, SecretsError> {
        let mut key = Self([0; 32]);
        rand::rngs::OsRng
            .try_fill_bytes(&mut key.0)
            .map_err(|source| SecretsError::NoRandomness { source: source.into() })?;
        Ok(key)
    }

    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads the form in which the keychain keeps it.
    pub(crate) fn from_text(text: &[u8]) -> Option<Self> {
        // 43 characters stand for 32 bytes; the decoder wants room for what 44 could hold.
        let mut bytes = Zeroizing::new([0; 33]);
        if text.len() != 43 || URL_SAFE_NO_PAD.decode_slice(text, bytes.as_mut()).ok()? != 32 {
            return None;
        }
        let mut key = Self([0; 32]);
        key.0.copy_from_slice(&bytes[..32]);
        Some(key)
    }

    /// The form in which the keychain keeps it: text, because some keychain tools cannot show bytes.
    pub(crate) fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0))
    }

    pub(crate) fn to_sealing_key(&self) -> SealingKey {
        Zeroizing::new(self.0)
    }

    /// A key for one use, so that no two uses share one.
    pub(crate) fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut derived = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, &self.0)
            .expand(purpose.as_bytes(), derived.as_mut())
            .expect("32 bytes are within HKDF's limit of 255 blocks");
        derived
    }

    /// Tells which key sealed a file, without telling anything about the key.
    pub(crate) fn id(&self) -> [u8; 8] {
        let mut id = [0; 8];
        id.copy_from_slice(&self.derive("patchbay key id v1")[..8]);
        id
    }

    /// 8 hex digits that are equal for equal values and mean nothing without the key.
    pub(crate) fn fingerprint(&self, value: &Secret) -> String {
        let key = self.derive("patchbay fingerprint v1");
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_ref()).expect("HMAC takes keys of any length");
        mac.update(value.expose().as_bytes());
        hex::encode(&mac.finalize().into_bytes()[..4])
    }
}

#[cfg(test)]
mod tests {
    use super::Key;
    use patchbay_core::Secret;

    #[test]
    fn a_key_survives_its_text_form() {
        let key = Key::random().expect("random bytes");
        let again = Key::from_text(key.to_text().as_bytes()).expect("its own text");
        assert_eq!(key.0, again.0);
        for bad in ["", "short", &"A".repeat(42), &"A".repeat(44), &"!".repeat(43)] {
            assert!(Key::from_text(bad.as_bytes()).is_none(), "`{bad}` is no key");
        }
    }

    #[test]
    fn fingerprints_tell_values_apart_and_depend_on_the_key() {
        let (one, other) = (Key::random().expect("random bytes"), Key::random().expect("random bytes"));
        let value = Secret::new("example-value");
        assert_eq!(one.fingerprint(&value), one.fingerprint(&value));
        assert_ne!(one.fingerprint(&value), one.fingerprint(&Secret::new("example-value2")));
        assert_ne!(one.fingerprint(&value), other.fingerprint(&value));
        assert_eq!(one.fingerprint(&value).len(), 8);
    }
}
