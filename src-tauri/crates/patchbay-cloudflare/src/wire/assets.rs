//! The upload of static assets (CONTRACT rows 20 and 21).

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Body of `POST …/assets-upload-session`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetsSessionRequest {
    /// Path, beginning with `/`, → file.
    pub manifest: BTreeMap<String, AssetFile>,
}

/// A file of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetFile {
    /// 32 hex digits that the client chooses; equal ones are one file.
    pub hash: String,
    /// Bytes.
    pub size: u64,
}

/// Result of `POST …/assets-upload-session`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetsSession {
    /// Token for the upload of the files, or already the one for the script when no file is missing.
    pub jwt: String,
    /// Hashes of the missing files, those of a list to be sent at once.
    pub buckets: Vec<Vec<String>>,
}

/// Result of `POST /accounts/{account_id}/workers/assets/upload`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadedAssets {
    /// Token for `assets.jwt` of the script's metadata, once the last file is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwt: Option<String>,
}
