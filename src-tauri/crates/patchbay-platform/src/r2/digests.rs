//! Checksums of bodies.

use super::refusal::BucketError;
use md5::{Digest, Md5};
use serde_json::{Map, Value};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

/// Which checksum: its name, and its key in the answers of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Md5 => "0",
            Self::Sha1 => "1",
            Self::Sha256 => "2",
            Self::Sha384 => "3",
            Self::Sha512 => "4",
        }
    }
}

/// A checksum that the uploader expects. The binding lets it name one at most.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub(super) algorithm: Algorithm,
    pub(super) digest: Vec<u8>,
}

/// Checksums in the making: MD5 always, because it is the etag, and what the uploader expects.
pub(super) struct Digesting {
    md5: Md5,
    expected: Option<Expected>,
    other: Other,
}

enum Other {
    None,
    Sha1(Sha1),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

/// Checksums of a whole body.
pub(super) struct Digests {
    pub(super) md5: Vec<u8>,
    /// In the shape of the wire.
    pub(super) shown: Value,
}

impl Digesting {
    pub(super) fn new(expected: Option<Expected>) -> Self {
        let other = match expected.as_ref().map(|expected| expected.algorithm) {
            None | Some(Algorithm::Md5) => Other::None,
            Some(Algorithm::Sha1) => Other::Sha1(Sha1::new()),
            Some(Algorithm::Sha256) => Other::Sha256(Sha256::new()),
            Some(Algorithm::Sha384) => Other::Sha384(Sha384::new()),
            Some(Algorithm::Sha512) => Other::Sha512(Sha512::new()),
        };
        Self { md5: Md5::new(), expected, other }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        match &mut self.other {
            Other::None => {}
            Other::Sha1(hash) => hash.update(bytes),
            Other::Sha256(hash) => hash.update(bytes),
            Other::Sha384(hash) => hash.update(bytes),
            Other::Sha512(hash) => hash.update(bytes),
        }
    }

    /// The checksums, refused when the uploader expected another one.
    pub(super) fn finish(self) -> Result<Digests, BucketError> {
        let md5 = self.md5.finalize().to_vec();
        let mut shown = Map::new();
        shown.insert(Algorithm::Md5.key().into(), hex::encode(&md5).into());
        if let Some(Expected { algorithm, digest }) = self.expected {
            let actual = match self.other {
                Other::None => md5.clone(),
                Other::Sha1(hash) => hash.finalize().to_vec(),
                Other::Sha256(hash) => hash.finalize().to_vec(),
                Other::Sha384(hash) => hash.finalize().to_vec(),
                Other::Sha512(hash) => hash.finalize().to_vec(),
            };
            if actual != digest {
                let (given, actual) = (hex::encode(digest), hex::encode(actual));
                return Err(BucketError::BadDigest { algorithm: algorithm.name(), given, actual });
            }
            shown.insert(algorithm.key().into(), hex::encode(actual).into());
        }
        Ok(Digests { md5, shown: Value::Object(shown) })
    }
}

/// Etag of an object of several parts: MD5 over the MD5s of the parts, and how many there are.
pub(super) fn etag_of_parts<'a>(parts: impl ExactSizeIterator<Item = &'a [u8]>) -> String {
    let count = parts.len();
    let mut hash = Md5::new();
    parts.for_each(|md5| hash.update(md5));
    format!("{}-{count}", hex::encode(hash.finalize()))
}
