//! Where a publish goes.

use crate::app::App;
use crate::wire::error::{ErrorCode, WireError};
use patchbay_cloudflare::Client;
use patchbay_core::TargetKind;
use std::str::FromStr;
use std::sync::Arc;

/// Cloudflare's own API.
const CLOUDFLARE_API: &str = "https://api.cloudflare.com/client/v4";

/// A target that can be published to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The embedded platform.
    Local,
    /// Cloudflare Workers for Platforms.
    Cloudflare,
}

impl FromStr for Target {
    type Err = WireError;
    fn from_str(word: &str) -> Result<Self, WireError> {
        match word {
            "local" => Ok(Self::Local),
            "cloudflare" => Ok(Self::Cloudflare),
            _ => Err(WireError::new(
                ErrorCode::UsageMalformed,
                format!("`{word}` is not a target; use local or cloudflare"),
            )),
        }
    }
}

impl Target {
    /// As it is recorded.
    pub fn kind(self) -> TargetKind {
        match self {
            Self::Local => TargetKind::Local,
            Self::Cloudflare => TargetKind::Cloudflare,
        }
    }

    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Cloudflare => "cloudflare",
        }
    }

    /// A client that speaks to it. The embedded platform is started, or joined, when it does not run.
    pub(crate) async fn client(self, app: &Arc<App>) -> Result<Client, WireError> {
        match self {
            Self::Local => {
                let link = app.platform.link(app).await?;
                crate::routing::push(app, &link).await?;
                Ok(link.client)
            }
            Self::Cloudflare => {
                let open = app.workspace()?;
                let missing = |what: &str, hint: &str| {
                    WireError::new(ErrorCode::TargetNotConfigured, format!("The target cloudflare has no {what}"))
                        .with_hint(hint)
                };
                let target = open.workspace.settings().targets.cloudflare.as_ref().ok_or_else(|| {
                    missing("account", "Add `[targets.cloudflare]` with `account_id = \"…\"` to patchbay.toml")
                })?;
                let token = app.options().cloudflare_token.clone().ok_or_else(|| {
                    missing(
                        "API token",
                        "Set CLOUDFLARE_API_TOKEN to a token with the permission Workers Scripts Write",
                    )
                })?;
                let url = target.api_url.as_deref().unwrap_or(CLOUDFLARE_API);
                Ok(Client::new(url, &target.account_id, token)?)
            }
        }
    }
}

impl From<TargetKind> for Target {
    fn from(kind: TargetKind) -> Self {
        match kind {
            TargetKind::Local => Self::Local,
            // A Deploy API speaks Cloudflare's protocol; its address stands in `api_url`.
            TargetKind::Cloudflare | TargetKind::Gateway => Self::Cloudflare,
        }
    }
}
