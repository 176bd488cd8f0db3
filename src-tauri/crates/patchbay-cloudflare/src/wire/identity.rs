//! Who a token is.

use serde::{Deserialize, Serialize};

/// Answer of `GET /user/tokens/verify` and `GET /accounts/{account}/tokens/verify`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenStatus {
    /// 32 hex digits; not the token itself.
    pub id: String,
    /// `active`, `disabled` or `expired`.
    pub status: String,
    /// RFC 3339, for tokens that end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<String>,
}
