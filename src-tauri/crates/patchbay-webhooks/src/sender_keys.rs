//! The key pairs of the simulated senders that prove themselves with one: `PayPal`, Entra for Microsoft Graph, and
//! Standard Webhooks with `v1a`.
//!
//! Both keys follow from one seed, which the caller keeps where secrets are kept, so that every process of a workspace
//! signs with the same keys. Whoever simulates the sender's hosts serves the certificate or the key set to receivers.

use crate::mac;
use crate::rsa_keys;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::SigningKey as EdwardsKey;
use patchbay_core::Secret;
use rand_chacha::ChaCha20Rng;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};
use rsa::rand_core::{OsRng, RngCore, SeedableRng};
use rsa::sha2::{Digest, Sha256};
use rsa::traits::PublicKeyParts;
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde_json::{Value, json};
use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;
use std::time::Duration;
use x509_cert::builder::{Builder, CertificateBuilder, Profile};
use x509_cert::der::EncodePem;
use x509_cert::der::asn1::UtcTime;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::SubjectPublicKeyInfoOwned;
use x509_cert::time::{Time, Validity};
use zeroize::Zeroizing;

/// `PayPal`'s and Entra's keys have this size; shorter ones are not taken.
const BITS: usize = 2048;
/// 2025-01-01 and 2045-01-01. Fixed, so that the certificate depends on the key alone.
const VALID_FROM: u64 = 1_735_689_600;
const VALID_UNTIL: u64 = 2_366_841_600;

/// The key pairs of a simulated sender.
pub struct SenderKeys {
    seed: Zeroizing<[u8; 32]>,
    /// Made on first use: it takes some tenths of a second.
    rsa: OnceLock<RsaPrivateKey>,
}

impl fmt::Debug for SenderKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SenderKeys(<redacted>)")
    }
}

impl SenderKeys {
    /// The keys that follow from a seed of 32 random bytes: the same ones every time.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self { seed: Zeroizing::new(seed), rsa: OnceLock::new() }
    }

    /// New keys from the system's random source.
    pub fn generate() -> Self {
        let mut seed = [0; 32];
        OsRng.fill_bytes(&mut seed);
        Self::from_seed(seed)
    }

    /// The keys of this process, made on first use. Another process has others.
    pub fn of_this_process() -> &'static Self {
        static KEYS: OnceLock<SenderKeys> = OnceLock::new();
        KEYS.get_or_init(Self::generate)
    }

    /// The private RSA key as PKCS#8 PEM, for a receiver that things are encrypted to.
    pub fn to_pem(&self) -> Secret {
        let pem = self.rsa().to_pkcs8_pem(LineEnding::LF).expect("a valid key can be written");
        Secret::new(pem.as_str())
    }

    /// The public RSA key as PEM.
    pub fn public_key_pem(&self) -> String {
        self.public().to_public_key_pem(LineEnding::LF).expect("a valid key can be written")
    }

    /// A certificate of the key for a host, signed by the key itself, valid from 2025 to 2044. The same every time.
    pub fn certificate_pem(&self, host: &str) -> Option<String> {
        let subject = Name::from_str(&format!("CN={host},O=Patchbay simulator")).ok()?;
        let signer = SigningKey::<Sha256>::new(self.rsa().clone());
        let at = |seconds| UtcTime::from_unix_duration(Duration::from_secs(seconds)).map(Time::from);
        let validity = Validity { not_before: at(VALID_FROM).ok()?, not_after: at(VALID_UNTIL).ok()? };
        let profile =
            Profile::Leaf { issuer: subject.clone(), enable_key_agreement: false, enable_key_encipherment: false };
        let key = SubjectPublicKeyInfoOwned::from_key(self.public()).ok()?;
        let builder =
            CertificateBuilder::new(profile, SerialNumber::from(1_u32), validity, subject, key, &signer).ok()?;
        let certificate = builder.build::<rsa::pkcs1v15::Signature>().ok()?;
        certificate.to_pem(LineEnding::LF).ok()
    }

    /// The key set that a receiver of Graph's tokens fetches from Entra (RFC 7517).
    pub fn key_set(&self) -> Value {
        let public = self.public();
        let number = |value: &rsa::BigUint| URL_SAFE_NO_PAD.encode(value.to_bytes_be());
        json!({ "keys": [{
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.key_id(),
            "n": number(public.n()), "e": number(public.e()),
        }] })
    }

    /// Names the key in tokens and key sets: it is derived from the public key.
    pub fn key_id(&self) -> String {
        URL_SAFE_NO_PAD.encode(&Sha256::digest(self.public().n().to_bytes_be())[..15])
    }

    /// The PKCS#1 v1.5 signature with SHA-256 over the bytes.
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        rsa_keys::sign(self.rsa(), bytes)
    }

    /// Whether the signature is this sender's.
    pub fn verifies(&self, bytes: &[u8], signature: &[u8]) -> bool {
        rsa_keys::verifies(&self.public(), bytes, signature)
    }

    /// The public key that receivers of Standard Webhooks verify `v1a` with: `whpk_` and base64.
    pub fn standard_webhooks_public_key(&self) -> String {
        format!("whpk_{}", STANDARD.encode(self.edwards().verifying_key().as_bytes()))
    }

    /// The Ed25519 key of Standard Webhooks.
    pub(crate) fn edwards(&self) -> EdwardsKey {
        EdwardsKey::from_bytes(&self.derived(b"standard-webhooks ed25519"))
    }

    fn public(&self) -> RsaPublicKey {
        self.rsa().to_public_key()
    }

    fn rsa(&self) -> &RsaPrivateKey {
        self.rsa.get_or_init(|| {
            let mut random = ChaCha20Rng::from_seed(*self.derived(b"rsa"));
            RsaPrivateKey::new(&mut random, BITS).expect("2048 bits are enough for an RSA key")
        })
    }

    /// A key of its own for each purpose, none of which tells the seed or another one.
    fn derived(&self, purpose: &[u8]) -> Zeroizing<[u8; 32]> {
        let digest = Zeroizing::new(mac::hmac_sha256(&*self.seed, &[b"patchbay sender ", purpose]));
        let mut key = Zeroizing::new([0; 32]);
        key.copy_from_slice(&digest);
        key
    }
}

#[cfg(test)]
mod tests {
    use super::SenderKeys;
    use crate::rsa_keys;

    #[test]
    fn a_seed_gives_the_same_keys_again_and_they_certify_themselves() {
        let (keys, again) = (SenderKeys::from_seed([7; 32]), SenderKeys::from_seed([7; 32]));
        assert_eq!(again.standard_webhooks_public_key(), keys.standard_webhooks_public_key());
        assert_ne!(SenderKeys::from_seed([8; 32]).key_id(), keys.key_id());
        assert_eq!(again.key_id(), keys.key_id());
        let certificate = keys.certificate_pem("messageverificationcerts.paypal.com").expect("a certificate");
        assert_eq!(again.certificate_pem("messageverificationcerts.paypal.com").as_ref(), Some(&certificate));
        let signature = keys.sign(b"text");
        for pem in [certificate, keys.public_key_pem()] {
            let public = rsa_keys::public_key_from_pem(&pem).expect("the public key");
            assert!(rsa_keys::verifies(&public, b"text", &signature), "{pem}");
            assert!(!rsa_keys::verifies(&public, b"other", &signature), "the signature should cover the text");
        }
        assert_eq!(format!("{keys:?}"), "SenderKeys(<redacted>)");
    }
}
