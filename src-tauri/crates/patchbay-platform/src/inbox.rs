//! Where webhooks are stored before a script gets them.

pub(crate) mod service;

use futures_util::future::BoxFuture;
use patchbay_core::redact::Redactor;
use patchbay_core::{Environment, HttpRequest};
use std::sync::Arc;
use time::OffsetDateTime;

/// A request from outside that arrived at a dispatcher: no GET, HEAD or OPTIONS, and no replay of ours.
#[derive(Debug, Clone)]
pub struct Received {
    /// Whose dispatcher it came to.
    pub environment: Environment,
    /// When it was there with the body that is kept of it.
    pub at: OffsetDateTime,
    /// The request. Names of headers are in lower case, repeated ones joined by a comma as the dispatcher sees them.
    pub request: HttpRequest,
    /// Why the request is here without its body.
    pub unkept: Option<Unkept>,
    /// The first script that the dispatcher sends it to; nothing when it answered by itself.
    pub destination: Option<Destination>,
    /// Knows the secrets of that script's version, where there is one.
    pub redactor: Option<Arc<Redactor>>,
}

/// Why the body of a webhook was passed on without being stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unkept {
    /// It is larger than what is kept.
    TooLarge {
        /// What `content-length` says.
        bytes: u64,
    },
    /// Its length is unknown, and its end did not come soon: a stream.
    Stream {
        /// What had arrived by then, and at least one byte.
        at_least: u64,
    },
}

/// Where a webhook was sent on to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Dispatch namespace.
    pub namespace: String,
    /// Script that the dispatcher asked for.
    pub script: String,
    /// Its version, where there is such a script.
    pub version: Option<String>,
    /// Whose script it is, as in [`crate::local_api::ProcessStatus::tenant`].
    pub owner: Option<String>,
}

/// What became of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The sender got this status.
    Answered(u16),
    /// The dispatcher threw; the sender got 500.
    Thrown(String),
}

/// What became of a webhook that was stored. None comes when the sender left before its answer, or the platform ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// What [`Inbox::receive`] answered.
    pub id: String,
    /// What became of it.
    pub outcome: Outcome,
    /// From its arrival to the head of its answer, in milliseconds.
    pub duration_ms: f64,
}

/// A webhook could not be stored. Its sender is told to send it again.
#[derive(Debug, thiserror::Error)]
#[error("The webhook could not be stored")]
pub struct NotStored(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Stores webhooks.
pub trait Inbox: Send + Sync {
    /// Stores a webhook and answers its id. A script gets it only afterwards.
    fn receive(&self, webhook: Received) -> BoxFuture<'_, Result<String, NotStored>>;

    /// Notes what became of webhooks. No sender waits for it.
    fn report(&self, reports: Vec<Report>) -> BoxFuture<'_, ()>;
}
