//! Values that stand sealed inside other data, such as a credential in the headers of a kept request: whoever has the
//! workspace's key can use them again, and nobody else can read them.
//!
//! A sealed value is `<redacted:sealed:BASE64>`: XChaCha20-Poly1305, the nonce of 24 bytes first. It begins like any value
//! that was redacted, so that whoever does not open it takes it for one.

use crate::keys::SealingKey;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

const END: char = '>';
const NONCE: usize = 24;

/// Seals and opens values with one key.
pub struct Envelope {
    cipher: XChaCha20Poly1305,
}

impl Envelope {
    /// How every sealed value begins.
    pub const BEGIN: &str = "<redacted:sealed:";

    /// With a key from [`crate::SecretStore::sealing_key`].
    pub fn new(key: &SealingKey) -> Self {
        Self { cipher: XChaCha20Poly1305::new(key.as_slice().into()) }
    }

    /// The value as text that tells nothing of it but its length.
    pub fn seal(&self, value: &[u8]) -> String {
        let nonce: [u8; NONCE] = rand::random();
        let mut sealed = nonce.to_vec();
        // The cipher fails only beyond 256 GiB; then nothing is kept.
        sealed.extend(self.cipher.encrypt(XNonce::from_slice(&nonce), value).unwrap_or_default());
        format!("{}{}{END}", Self::BEGIN, URL_SAFE_NO_PAD.encode(sealed))
    }

    /// The value of a text that is sealed as a whole; nothing for any other text, or with another key.
    pub fn open(&self, text: &str) -> Option<Vec<u8>> {
        self.opened(text.strip_prefix(Self::BEGIN)?.strip_suffix(END)?)
    }

    /// A text with every sealed value in it opened. What another key sealed stays, and so does what is no text.
    pub fn open_within(&self, text: &str) -> String {
        let mut whole = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(Self::BEGIN) {
            whole.push_str(before);
            let opened = after.split_once(END).and_then(|(sealed, rest)| {
                let value = String::from_utf8(self.opened(sealed)?).ok()?;
                Some((value, rest))
            });
            rest = if let Some((value, after)) = opened {
                whole.push_str(&value);
                after
            } else {
                whole.push_str(Self::BEGIN);
                after
            };
        }
        whole + rest
    }

    fn opened(&self, sealed: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, value) = bytes.split_at_checked(NONCE)?;
        self.cipher.decrypt(XNonce::from_slice(nonce), value).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::Envelope;
    use zeroize::Zeroizing;

    #[test]
    fn a_sealed_value_is_read_by_its_key_only() {
        let (own, other) = (Envelope::new(&Zeroizing::new([7; 32])), Envelope::new(&Zeroizing::new([8; 32])));
        let value = b"Basic canary \xff";
        let sealed = own.seal(value);
        assert!(sealed.starts_with("<redacted:") && !sealed.contains("canary"), "{sealed}");
        assert_ne!(sealed, own.seal(value), "a nonce must not come twice");
        assert_eq!(own.open(&sealed).as_deref(), Some(&value[..]));
        assert_eq!(other.open(&sealed), None);
        assert_eq!(own.open("plain"), None);
        assert_eq!(own.open("<redacted:sealed:>"), None);
    }

    #[test]
    fn sealed_values_are_found_within_a_text() {
        let (own, other) = (Envelope::new(&Zeroizing::new([7; 32])), Envelope::new(&Zeroizing::new([8; 32])));
        let text = format!("/hook?a=1&token={}&key={}#<b>", own.seal(b"one"), own.seal(b"two"));
        assert_eq!(own.open_within(&text), "/hook?a=1&token=one&key=two#<b>");
        assert_eq!(other.open_within(&text), text);
        assert_eq!(own.open_within("<redacted:TOKEN> <redacted:sealed:"), "<redacted:TOKEN> <redacted:sealed:");
    }
}
