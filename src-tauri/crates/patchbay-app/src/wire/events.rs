//! What the core tells the window without being asked.

use super::inbox::{InboxRefusal, InboxWebhook};
use super::load::{LoadFinished, LoadProgressed};
use super::platform::PlatformStatus;
use super::publish::{PublishFinished, PublishProgress};
use super::replay::{ReplayFinished, ReplayProgress};
use super::resilience::{ResilienceFinished, ResilienceProgress};
use serde::Serialize;
use ts_rs::TS;

/// One event; all of them go over one channel named `app_event`.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AppEvent {
    /// A step of a publish began or ended.
    PublishProgressed(PublishProgress),
    /// A publish is over.
    PublishFinished(Box<PublishFinished>),
    /// A delivery of a run was made.
    ReplayProgressed(Box<ReplayProgress>),
    /// A run is over.
    ReplayFinished(Box<ReplayFinished>),
    /// How far a load run is.
    LoadProgressed(LoadProgressed),
    /// A load run is over.
    LoadFinished(Box<LoadFinished>),
    /// A webhook arrived from outside and is stored.
    WebhookReceived(Box<InboxWebhook>),
    /// A webhook from outside was answered.
    WebhookAnswered(Box<InboxWebhook>),
    /// A webhook from outside could not be stored and was sent back.
    WebhookRefused(InboxRefusal),
    /// A trial of a resilience report was made.
    ResilienceProgressed(ResilienceProgress),
    /// A resilience report is over.
    ResilienceFinished(Box<ResilienceFinished>),
    /// The embedded platform started, stopped or was brought back.
    PlatformChanged(PlatformStatus),
}
