//! Where an adapter goes: environment, region, target.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A word that is not one of the known ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not {kind}; use {known}")]
pub struct UnknownWord {
    given: String,
    kind: &'static str,
    known: &'static str,
}

/// Which of the dispatcher's namespace bindings serves a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// What customers' webhooks reach.
    #[default]
    Production,
    /// The rehearsal.
    Staging,
    /// Where adapters are written.
    Development,
}

impl Environment {
    /// Every environment, in the order people list them.
    pub const ALL: [Self; 3] = [Self::Production, Self::Staging, Self::Development];

    /// `production`, `staging` or `development`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Staging => "staging",
            Self::Development => "development",
        }
    }

    /// The dispatcher's binding for this environment: `PRODUCTION`, `STAGING`, `DEVELOPMENT`.
    pub fn binding_name(self) -> &'static str {
        match self {
            Self::Production => "PRODUCTION",
            Self::Staging => "STAGING",
            Self::Development => "DEVELOPMENT",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Environment {
    type Err = UnknownWord;
    fn from_str(given: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|known| known.as_str() == given).ok_or_else(|| UnknownWord {
            given: given.into(),
            kind: "an environment",
            known: "production, staging or development",
        })
    }
}

/// Data residency: `eu`, `us`, and whatever `patchbay.toml` adds. Lower-case letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Region(String);

impl Region {
    /// Wraps a region word; whether the workspace knows it is the workspace's business.
    pub fn new(word: impl Into<String>) -> Self {
        Self(word.into())
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Where a publish goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetKind {
    /// The embedded platform on this machine.
    Local,
    /// Cloudflare Workers for Platforms.
    Cloudflare,
    /// A Deploy API that stands in front of either.
    Gateway,
}
