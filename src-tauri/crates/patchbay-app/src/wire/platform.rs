//! The embedded platform, as a person sees it.

use serde::Serialize;
use ts_rs::TS;

/// `platform_status`.
#[derive(Debug, Clone, Serialize, TS)]
pub struct PlatformStatus {
    /// Whether it answers.
    pub running: bool,
    /// Whether this process runs it (`false`: it is shared with another one).
    pub own: bool,
    /// Process that runs it.
    pub pid: Option<u32>,
    /// v4 API, ends in `/client/v4`.
    pub api_url: Option<String>,
    /// Where webhooks go.
    pub dispatcher_url: Option<String>,
}
