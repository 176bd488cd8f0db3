//! The key pair of the simulated senders that prove themselves with one: `PayPal`, and Entra for Microsoft Graph.
//!
//! Made at run time. Whoever simulates the sender's hosts serves the certificate or the key set to receivers; keeping
//! the key between runs is the caller's part.

use crate::rsa_keys;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use patchbay_core::Secret;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey, LineEnding};
use rsa::rand_core::OsRng;
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

/// `PayPal`'s and Entra's keys have this size; shorter ones are not taken.
const BITS: usize = 2048;
/// 2025-01-01 and 2045-01-01. Fixed, so that the certificate depends on the key alone.
const VALID_FROM: u64 = 1_735_689_600;
const VALID_UNTIL: u64 = 2_366_841_600;

/// An RSA key pair of a simulated sender.
#[derive(Clone)]
pub struct SenderKeys {
    private: RsaPrivateKey,
}

impl fmt::Debug for SenderKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SenderKeys({})", self.key_id())
    }
}

impl SenderKeys {
    /// New keys from the system's random source. Takes some tenths of a second.
    pub fn generate() -> Self {
        Self { private: RsaPrivateKey::new(&mut OsRng, BITS).expect("2048 bits are enough for an RSA key") }
    }

    /// The keys of this process, made on first use. Another process has others.
    pub fn of_this_process() -> &'static Self {
        static KEYS: OnceLock<SenderKeys> = OnceLock::new();
        KEYS.get_or_init(Self::generate)
    }

    /// The keys that [`Self::to_pem`] wrote; `None` when the text is not an RSA key of 2048 bits or more.
    pub fn from_pem(pem: &Secret) -> Option<Self> {
        let private = RsaPrivateKey::from_pkcs8_pem(pem.expose()).ok()?;
        (private.size() * 8 >= BITS).then_some(Self { private })
    }

    /// The private key as PKCS#8 PEM, to be kept where secrets are kept.
    pub fn to_pem(&self) -> Secret {
        let pem = self.private.to_pkcs8_pem(LineEnding::LF).expect("a valid key can be written");
        Secret::new(pem.as_str())
    }

    /// The public key as PEM.
    pub fn public_key_pem(&self) -> String {
        self.public().to_public_key_pem(LineEnding::LF).expect("a valid key can be written")
    }

    /// A certificate of the key for a host, signed by the key itself, valid from 2025 to 2044. The same every time.
    pub fn certificate_pem(&self, host: &str) -> Option<String> {
        let subject = Name::from_str(&format!("CN={host},O=Patchbay simulator")).ok()?;
        let signer = SigningKey::<Sha256>::new(self.private.clone());
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
        rsa_keys::sign(&self.private, bytes)
    }

    /// Whether the signature is this sender's.
    pub fn verifies(&self, bytes: &[u8], signature: &[u8]) -> bool {
        rsa_keys::verifies(&self.public(), bytes, signature)
    }

    fn public(&self) -> RsaPublicKey {
        self.private.to_public_key()
    }
}

#[cfg(test)]
mod tests {
    use super::SenderKeys;
    use crate::rsa_keys;
    use patchbay_core::Secret;

    #[test]
    fn keys_survive_their_text_and_certify_themselves() {
        let keys = SenderKeys::generate();
        let again = SenderKeys::from_pem(&keys.to_pem()).expect("the same keys");
        assert_eq!(again.key_id(), keys.key_id());
        let certificate = keys.certificate_pem("messageverificationcerts.paypal.com").expect("a certificate");
        assert_eq!(again.certificate_pem("messageverificationcerts.paypal.com").as_ref(), Some(&certificate));
        let signature = keys.sign(b"text");
        for pem in [certificate, keys.public_key_pem()] {
            let public = rsa_keys::public_key_from_pem(&pem).expect("the public key");
            assert!(rsa_keys::verifies(&public, b"text", &signature), "{pem}");
            assert!(!rsa_keys::verifies(&public, b"other", &signature), "the signature should cover the text");
        }
        assert!(SenderKeys::from_pem(&Secret::new("no key")).is_none());
        assert!(!format!("{keys:?}").contains("PRIVATE"), "the private key must not be shown");
    }
}
