//! The tokens of an upload of assets: JSON Web Tokens (RFC 7519) with HMAC-SHA256, signed with a key of the platform.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use time::{Duration, OffsetDateTime};

/// As long as Cloudflare's.
const GOOD_FOR: Duration = Duration::HOUR;
/// `{"alg":"HS256","typ":"JWT"}`
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

/// Name of the key that signs them among the store's.
pub(super) const KEY: &str = "assets_key";

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// Sending files.
    Upload,
    /// Giving a script the files, which are all there.
    Complete,
}

/// The claims of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AssetsToken {
    pub(super) stage: Stage,
    pub(super) manifest: String,
    pub(super) namespace: String,
    pub(super) script: String,
    /// Seconds since 1970.
    exp: i64,
}

impl AssetsToken {
    pub(super) fn new(stage: Stage, manifest: String, namespace: String, script: String) -> Self {
        Self { stage, manifest, namespace, script, exp: (OffsetDateTime::now_utc() + GOOD_FOR).unix_timestamp() }
    }

    /// The token for the end of the upload.
    pub(super) fn completed(self) -> Self {
        Self::new(Stage::Complete, self.manifest, self.namespace, self.script)
    }

    pub(super) fn signed(&self, key: &[u8]) -> String {
        let claims = serde_json::to_vec(self).unwrap_or_default();
        let signed = format!("{HEADER}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = mac(key, &signed).finalize().into_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The claims of a token that this platform signed for that stage and that is still good; else what is wrong.
    pub(super) fn read(token: &str, key: &[u8], stage: Stage) -> Result<Self, &'static str> {
        let claims =
            Self::verified(token, key).ok_or("The token is not one of an upload of assets to this platform.")?;
        if claims.exp < OffsetDateTime::now_utc().unix_timestamp() {
            return Err("The token of the upload of assets has expired; start another upload.");
        }
        if claims.stage != stage {
            return Err(
                "The token belongs to another stage of the upload of assets: files are sent with the one of the session, and a script claims them with the one that the last file is answered with.",
            );
        }
        Ok(claims)
    }

    fn verified(token: &str, key: &[u8]) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        // The comparison takes the same time wherever they differ.
        mac(key, signed).verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        let (header, claims) = signed.split_once('.')?;
        if header != HEADER {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

fn mac(key: &[u8], text: &str) -> Hmac<Sha256> {
    // Keys of any length are good for HMAC.
    Hmac::<Sha256>::new_from_slice(key).map_or_else(|_| unreachable!(), |mac| mac.chain_update(text))
}

#[cfg(test)]
mod tests {
    use super::{AssetsToken, Stage};

    #[test]
    fn a_token_is_good_for_its_stage_its_hour_and_its_platform() {
        let token = AssetsToken::new(Stage::Upload, "m".into(), "n".into(), "s".into());
        let text = token.signed(b"key");
        assert_eq!(AssetsToken::read(&text, b"key", Stage::Upload).expect("good"), token);
        assert!(AssetsToken::read(&text, b"key", Stage::Complete).is_err());
        assert!(AssetsToken::read(&text, b"other", Stage::Upload).is_err());
        let late = AssetsToken { exp: token.exp - 3602, ..token }.signed(b"key");
        assert!(AssetsToken::read(&late, b"key", Stage::Upload).is_err());
        let (head, _) = text.rsplit_once('.').expect("three parts");
        for forged in [String::new(), head.into(), format!("{head}."), text.replace("eyJhbGci", "eyJhbGcj")] {
            assert!(AssetsToken::read(&forged, b"key", Stage::Upload).is_err(), "{forged}");
        }
    }
}
