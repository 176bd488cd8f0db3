//! RSA signatures with SHA-256 and PEM texts, as `PayPal` and Microsoft Graph use them.

use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey};
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding, Signer, Verifier};
use rsa::{RsaPrivateKey, RsaPublicKey};
use sha1::{Digest, Sha1};
use x509_cert::Certificate;
use x509_cert::der::{DecodePem, Encode};

/// The PKCS#1 v1.5 signature of the bytes.
pub fn sign(key: &RsaPrivateKey, bytes: &[u8]) -> Vec<u8> {
    SigningKey::<Sha256>::new(key.clone()).sign(bytes).to_vec()
}

/// Whether the signature is the key's over the bytes.
pub fn verifies(key: &RsaPublicKey, bytes: &[u8], signature: &[u8]) -> bool {
    let Ok(signature) = Signature::try_from(signature) else { return false };
    VerifyingKey::<Sha256>::new(key.clone()).verify(bytes, &signature).is_ok()
}

/// The public key of a PEM certificate, a PEM public key (SPKI) or a PEM private key (PKCS#8).
pub fn public_key_from_pem(pem: &str) -> Option<RsaPublicKey> {
    let pem = pem.trim();
    if let Ok(key) = RsaPublicKey::from_public_key_pem(pem) {
        return Some(key);
    }
    if let Ok(key) = RsaPrivateKey::from_pkcs8_pem(pem) {
        return Some(key.to_public_key());
    }
    let key = Certificate::from_pem(pem).ok()?.tbs_certificate.subject_public_key_info;
    RsaPublicKey::from_public_key_der(&key.to_der().ok()?).ok()
}

/// The SHA-1 of a PEM certificate in capital hexadecimal digits, as Windows shows it; `None` for a bare key.
pub fn thumbprint(pem: &str) -> Option<String> {
    let certificate = Certificate::from_pem(pem.trim()).ok()?.to_der().ok()?;
    Some(hex::encode_upper(Sha1::digest(certificate)))
}
