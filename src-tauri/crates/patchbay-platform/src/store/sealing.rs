//! Seals secret values, so that none stands in clear in any file.

use super::{Change, StoreError};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rusqlite::OptionalExtension;

/// XChaCha20-Poly1305 under the platform's key. Its nonces are long enough to be drawn at random.
pub(crate) struct Sealing {
    cipher: XChaCha20Poly1305,
}

const NONCE: usize = 24;

impl Sealing {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self { cipher: XChaCha20Poly1305::new(key.into()) }
    }

    /// Seals a value for one place: it cannot be opened as the value of another.
    pub(crate) fn seal(&self, place: &str, value: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE] = rand::random();
        let mut sealed = nonce.to_vec();
        let payload = Payload { msg: value, aad: place.as_bytes() };
        // The cipher fails only beyond 256 GiB, which no upload reaches.
        sealed.extend(self.cipher.encrypt(XNonce::from_slice(&nonce), payload).unwrap_or_default());
        sealed
    }

    /// The value, or nothing when the key, the place or the bytes are not the sealed ones.
    pub(crate) fn open(&self, place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_at_checked(NONCE)?;
        self.cipher.decrypt(XNonce::from_slice(nonce), Payload { msg: text, aad: place.as_bytes() }).ok()
    }
}

impl Change<'_> {
    /// A random key of the platform's own, drawn on first use and kept sealed among the facts.
    pub(crate) fn sealed_key(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        let mut known = self.transaction.prepare_cached("SELECT value FROM facts WHERE name = ?1")?;
        let known: Option<Vec<u8>> = known.query_row([name], |row| row.get(0)).optional()?;
        if let Some(sealed) = known {
            return self.sealing.open(name, &sealed).ok_or(StoreError::WrongKey);
        }
        let key = rand::random::<[u8; 32]>();
        self.transaction.execute("INSERT INTO facts VALUES (?1, ?2)", (name, self.sealing.seal(name, &key)))?;
        Ok(key.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::Sealing;

    #[test]
    fn a_value_opens_only_in_its_place_and_with_its_key() {
        let sealing = Sealing::new(&[7; 32]);
        let sealed = sealing.seal("script/TOKEN", b"canary");
        assert_eq!(sealing.open("script/TOKEN", &sealed).as_deref(), Some(&b"canary"[..]));
        assert_eq!(sealing.open("script/OTHER", &sealed), None);
        assert_eq!(Sealing::new(&[8; 32]).open("script/TOKEN", &sealed), None);
        assert_ne!(sealing.seal("script/TOKEN", b"canary"), sealed, "a nonce must not come twice");
        assert!(!sealed.windows(6).any(|window| window == b"canary"));
    }
}
