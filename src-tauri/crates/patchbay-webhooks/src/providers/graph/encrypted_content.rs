//! `encryptedContent` of a rich notification.
//!
//! A fresh 256-bit key encrypts the resource (AES-256-CBC, PKCS#7, the IV is the key's first 16 bytes) and signs the
//! ciphertext (HMAC-SHA256); the key itself is wrapped with RSA-OAEP (SHA-1) for the subscriber's certificate.

use crate::mac;
use crate::provider::Refusal;
use crate::rsa_keys;
use aes::Aes256;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_core::Secret;
use rsa::pkcs8::DecodePrivateKey;
use rsa::rand_core::{OsRng, RngCore};
use rsa::{Oaep, RsaPrivateKey};
use serde_json::Value;
use sha1::Sha1;
use zeroize::Zeroizing;

const MALFORMED: Refusal = Refusal::BodyMalformed("a notification with readable encrypted content");

/// Replaces `plain` by what Graph would send for it. `None` when nothing can be encrypted to the PEM.
pub(super) fn seal(content: &mut Value, pem: &str) -> Option<()> {
    let public = rsa_keys::public_key_from_pem(pem)?;
    let content = content.as_object_mut()?;
    let plain = content.shift_remove("plain")?.to_string();
    let mut key = Zeroizing::new([0; 32]);
    OsRng.fill_bytes(key.as_mut());
    let wrapped = public.encrypt(&mut OsRng, Oaep::new::<Sha1>(), key.as_ref()).ok()?;
    let (data, signature) = encrypt(&key, plain.as_bytes());
    content.insert("data".into(), STANDARD.encode(data).into());
    content.insert("dataSignature".into(), STANDARD.encode(signature).into());
    content.insert("dataKey".into(), STANDARD.encode(wrapped).into());
    if let Some(thumbprint) = rsa_keys::thumbprint(pem) {
        content.insert("encryptionCertificateThumbprint".into(), thumbprint.into());
    }
    Some(())
}

/// The resource in an `encryptedContent`, opened with the subscriber's private key (PKCS#8 PEM).
pub fn open(content: &Value, private_key: &Secret) -> Result<Vec<u8>, Refusal> {
    let bytes = |name: &str| {
        let text = content.get(name).and_then(Value::as_str).ok_or(MALFORMED)?;
        STANDARD.decode(text).map_err(|_| MALFORMED)
    };
    let private = RsaPrivateKey::from_pkcs8_pem(private_key.expose()).map_err(|_| Refusal::SecretMalformed)?;
    let key = private.decrypt(Oaep::new::<Sha1>(), &bytes("dataKey")?).map_err(|_| Refusal::Mismatch)?;
    let key = Zeroizing::new(key);
    let key = <&[u8; 32]>::try_from(key.as_slice()).map_err(|_| MALFORMED)?;
    decrypt(key, &bytes("data")?, &bytes("dataSignature")?)
}

fn encrypt(key: &[u8; 32], plain: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let data = cbc::Encryptor::<Aes256>::new(key.into(), iv(key).into()).encrypt_padded_vec::<Pkcs7>(plain);
    let signature = mac::hmac_sha256(key, &[&data]);
    (data, signature)
}

/// Checks the signature before it decrypts: the padding of a forged text must tell nothing.
fn decrypt(key: &[u8; 32], data: &[u8], signature: &[u8]) -> Result<Vec<u8>, Refusal> {
    if !mac::equal(&hex::encode(mac::hmac_sha256(key, &[data])), &hex::encode(signature)) {
        return Err(Refusal::Mismatch);
    }
    cbc::Decryptor::<Aes256>::new(key.into(), iv(key).into()).decrypt_padded_vec::<Pkcs7>(data).map_err(|_| MALFORMED)
}

fn iv(key: &[u8; 32]) -> &[u8; 16] {
    key.first_chunk().expect("16 bytes are fewer than 32")
}

#[cfg(test)]
mod tests {
    use super::{decrypt, encrypt, open, seal};
    use crate::provider::Refusal;
    use crate::sender_keys::SenderKeys;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use patchbay_core::Secret;
    use serde_json::{Value, json};

    #[test]
    fn the_computed_vector_holds_both_ways() {
        let vector: Value =
            serde_json::from_str(include_str!("../../../tests/fixtures/graph_vector.json")).expect("a vector");
        let text =
            |name: &str| vector[name].as_array().expect("parts").iter().filter_map(Value::as_str).collect::<String>();
        let key = text("key_parts").into_bytes().try_into().expect("32 bytes");
        let (data, signature) = encrypt(&key, text("body_parts").as_bytes());
        assert_eq!(STANDARD.encode(&data), text("data_parts"));
        assert_eq!(STANDARD.encode(&signature), vector["data_signature"]);
        assert_eq!(decrypt(&key, &data, &signature), Ok(text("body_parts").into_bytes()));
        let mut forged = data;
        forged[0] ^= 1;
        assert_eq!(decrypt(&key, &forged, &signature), Err(Refusal::Mismatch), "one bit of the text changed");
    }

    #[test]
    fn only_the_subscriber_opens_what_was_sealed() {
        let subscriber = SenderKeys::generate();
        for pem in
            [subscriber.public_key_pem(), subscriber.certificate_pem("hooks.example.com").expect("a certificate")]
        {
            let plain = json!({ "id": "1", "body": { "content": "größe 🖨️" } });
            let mut content = json!({ "plain": plain, "encryptionCertificateId": "example" });
            seal(&mut content, &pem).expect("sealed");
            assert_eq!(content.get("plain"), None, "the clear text must not be sent");
            let opened = open(&content, &subscriber.to_pem()).expect("opened");
            assert_eq!(serde_json::from_slice::<Value>(&opened).expect("JSON"), plain);
            let thumbprint = content.get("encryptionCertificateThumbprint").and_then(Value::as_str);
            assert_eq!(thumbprint.map(str::len), pem.contains("CERTIFICATE").then_some(40));
            assert_eq!(open(&content, &SenderKeys::generate().to_pem()), Err(Refusal::Mismatch));
            assert_eq!(open(&content, &Secret::new("no key")), Err(Refusal::SecretMalformed));
        }
    }
}
