//! The HMACs that the schemes share, and a comparison that takes the same time wherever texts differ.

use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;

/// HMAC-SHA256 over the parts, one after another.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    digest::<Hmac<Sha256>>(key, parts)
}

/// HMAC-SHA1, which only GitHub's legacy header still uses.
pub fn hmac_sha1(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    digest::<Hmac<Sha1>>(key, parts)
}

/// HMAC-SHA512, for senders of one's own.
pub fn hmac_sha512(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    digest::<Hmac<Sha512>>(key, parts)
}

/// Whether two signature texts are equal, without telling by its duration where they differ.
pub fn equal(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

fn digest<M: Mac + hmac::digest::KeyInit>(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = <M as Mac>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::hmac_sha256;

    /// Facts from the doc comment of stripe-node `src/crypto/CryptoProvider.ts` (MIT).
    #[test]
    fn hmac_sha256_agrees_with_the_published_primitives() {
        for (body, expected) in [
            ("", "f7f9bd47fb987337b5796fdc1fdb9ba221d0d5396814bfcaf9521f43fd8927fd"),
            ("\u{1F600}", "837da296d05c4fe31f61d5d7ead035099d9585a5bcde87de952012a78f0b0c43"),
        ] {
            assert_eq!(hex::encode(hmac_sha256(b"test_secret", &[body.as_bytes()])), expected, "body {body:?}");
        }
    }
}
