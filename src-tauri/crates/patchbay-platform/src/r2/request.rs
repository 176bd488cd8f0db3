//! What the binding asks for.

use super::condition::Condition;
use super::digests::{Algorithm, Expected};
use super::range::WantedRange;
use super::refusal::BucketError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Longest key, in bytes.
const LONGEST_KEY: usize = 1024;
/// Custom metadata of an object at most, in bytes.
const LARGEST_METADATA: usize = 8192;
/// Keys of one deletion and entries of one list at most.
pub(super) const MOST_KEYS: u32 = 1000;
const MOST_PARTS: u32 = 10_000;

/// A request that was understood.
pub(super) enum Request {
    Head(String),
    Get(Box<Get>),
    Put(Box<Put>),
    Delete(Vec<String>),
    List(Box<List>),
    CreateUpload(Box<New>),
    UploadPart { upload: Upload, number: u32 },
    CompleteUpload { upload: Upload, parts: Vec<Part> },
    AbortUpload(Upload),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Get {
    #[serde(rename = "object")]
    pub(super) key: String,
    pub(super) range: Option<WantedRange>,
    pub(super) range_header: Option<String>,
    pub(super) only_if: Option<Condition>,
}

/// What is said of an object before its body comes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct New {
    #[serde(rename = "object")]
    pub(super) key: String,
    /// `{contentType, …}`.
    #[serde(default)]
    pub(super) http_fields: Value,
    /// `[{k, v}, …]`.
    #[serde(default)]
    pub(super) custom_fields: Value,
    #[serde(default = "standard")]
    pub(super) storage_class: String,
}

pub(super) struct Put {
    pub(super) new: New,
    pub(super) only_if: Option<Condition>,
    pub(super) expected: Option<Expected>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct List {
    #[serde(default = "most")]
    pub(super) limit: u32,
    #[serde(default)]
    pub(super) prefix: String,
    pub(super) cursor: Option<String>,
    #[serde(default)]
    pub(super) delimiter: String,
    pub(super) start_after: Option<String>,
    /// 0 is HTTP metadata, 1 custom metadata.
    #[serde(default)]
    pub(super) include: Vec<u16>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Upload {
    #[serde(rename = "object")]
    pub(super) key: String,
    #[serde(rename = "uploadId")]
    pub(super) id: String,
}

/// A part of a finished upload, by its number and the etag that its upload was answered with.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Part {
    #[serde(rename = "part")]
    pub(super) number: u32,
    pub(super) etag: String,
}

#[derive(Deserialize)]
struct Checks {
    #[serde(rename = "onlyIf")]
    only_if: Option<Condition>,
    md5: Option<String>,
    sha1: Option<String>,
    sha256: Option<String>,
    sha384: Option<String>,
    sha512: Option<String>,
}

impl Request {
    /// Reads a request; keys and metadata are within their limits afterwards.
    pub(super) fn read(json: &[u8]) -> Result<Self, BucketError> {
        let value: Value = serde_json::from_slice(json).map_err(|_| malformed("it is not JSON"))?;
        if !value["ssec"].is_null() {
            let text = "Encryption with a customer's key (`ssecKey`) is not served by the embedded platform.";
            return Err(BucketError::InvalidArgument(text.into()));
        }
        let request = match value["method"].as_str().unwrap_or_default() {
            "head" => Self::Head(read::<Key>(value)?.object),
            "get" => Self::Get(Box::new(read(value)?)),
            "put" => {
                let checks: Checks = read(value.clone())?;
                let expected = expected(&checks)?;
                Self::Put(Box::new(Put { new: read(value)?, only_if: checks.only_if, expected }))
            }
            "delete" => Self::Delete(match value.get("objects") {
                Some(keys) => read(keys.clone())?,
                None => vec![read::<Key>(value)?.object],
            }),
            "list" => Self::List(Box::new(read(value)?)),
            "createMultipartUpload" => Self::CreateUpload(Box::new(read(value)?)),
            "uploadPart" => {
                let number = read::<PartNumber>(value.clone())?.number;
                if !(1..=MOST_PARTS).contains(&number) {
                    let text = format!("Part number must be between 1 and {MOST_PARTS}, inclusive.");
                    return Err(BucketError::InvalidArgument(text));
                }
                Self::UploadPart { upload: read(value)?, number }
            }
            "completeMultipartUpload" => {
                let parts = read(value["parts"].clone())?;
                Self::CompleteUpload { upload: read(value)?, parts }
            }
            "abortMultipartUpload" => Self::AbortUpload(read(value)?),
            other => return Err(malformed(&format!("`{}` is no method of a bucket", other.escape_debug()))),
        };
        request.check()?;
        Ok(request)
    }

    fn check(&self) -> Result<(), BucketError> {
        match self {
            Self::Head(key) => check_key(key),
            Self::Get(get) => check_key(&get.key),
            Self::Put(put) => put.new.check(),
            Self::CreateUpload(new) => new.check(),
            Self::Delete(keys) if keys.len() > MOST_KEYS as usize => {
                Err(BucketError::InvalidArgument(format!("More than {MOST_KEYS} keys cannot be deleted at once.")))
            }
            Self::Delete(keys) => keys.iter().try_for_each(|key| check_key(key)),
            Self::List(list) if !(1..=MOST_KEYS).contains(&list.limit) => Err(BucketError::InvalidMaxKeys),
            Self::List(_) => Ok(()),
            Self::UploadPart { upload, .. } | Self::CompleteUpload { upload, .. } | Self::AbortUpload(upload) => {
                check_key(&upload.key)
            }
        }
    }
}

#[derive(Deserialize)]
struct Key {
    object: String,
}

#[derive(Deserialize)]
struct PartNumber {
    #[serde(rename = "partNumber")]
    number: u32,
}

impl New {
    fn check(&self) -> Result<(), BucketError> {
        check_key(&self.key)?;
        if !matches!(self.storage_class.as_str(), "Standard" | "InfrequentAccess") {
            let text = "The storage class you specified is not valid.";
            return Err(BucketError::InvalidArgument(text.into()));
        }
        if !(self.http_fields.is_null() || self.http_fields.is_object()) {
            return Err(malformed("`httpFields` is no object"));
        }
        let fields: Option<Vec<Field>> = read(self.custom_fields.clone())?;
        let size: usize = fields.iter().flatten().map(|field| field.k.len() + field.v.len()).sum();
        if size > LARGEST_METADATA { Err(BucketError::MetadataTooLarge) } else { Ok(()) }
    }
}

#[derive(Deserialize)]
struct Field {
    k: String,
    v: String,
}

fn check_key(key: &str) -> Result<(), BucketError> {
    if key.is_empty() || key.len() > LONGEST_KEY { Err(BucketError::InvalidObjectName) } else { Ok(()) }
}

fn expected(checks: &Checks) -> Result<Option<Expected>, BucketError> {
    let given = [
        // The wire has MD5 in base64 and the others in hex.
        (Algorithm::Md5, checks.md5.as_ref().map(|text| STANDARD.decode(text).ok())),
        (Algorithm::Sha1, checks.sha1.as_ref().map(|text| hex::decode(text).ok())),
        (Algorithm::Sha256, checks.sha256.as_ref().map(|text| hex::decode(text).ok())),
        (Algorithm::Sha384, checks.sha384.as_ref().map(|text| hex::decode(text).ok())),
        (Algorithm::Sha512, checks.sha512.as_ref().map(|text| hex::decode(text).ok())),
    ];
    let mut given = given.into_iter().filter_map(|(algorithm, digest)| Some((algorithm, digest?)));
    let Some((algorithm, digest)) = given.next() else { return Ok(None) };
    if given.next().is_some() {
        return Err(malformed("it names several checksums"));
    }
    let digest = digest.ok_or_else(|| malformed("its checksum cannot be decoded"))?;
    Ok(Some(Expected { algorithm, digest }))
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, BucketError> {
    serde_json::from_value(value).map_err(|error| malformed(&error.to_string()))
}

fn malformed(why: &str) -> BucketError {
    BucketError::InvalidArgument(format!("The request of the bucket binding cannot be read: {why}."))
}

fn standard() -> String {
    "Standard".into()
}

fn most() -> u32 {
    MOST_KEYS
}

/// A number that may stand as text, as Cap'n Proto writes those of 64 bits in JSON.
pub(super) fn number<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u64>, D::Error> {
    match Option::<Value>::deserialize(value)? {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => text.parse().map(Some).map_err(D::Error::custom),
        Some(value) => value.as_u64().map(Some).ok_or_else(|| D::Error::custom("not a whole number")),
    }
}
