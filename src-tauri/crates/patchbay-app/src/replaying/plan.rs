//! What a run is to do.

use patchbay_core::sample::Sample;
use patchbay_core::{AdapterRef, Environment};
use patchbay_replay::trace::{Against, Origin};
use patchbay_webhooks::Behaviour;
use serde_json::Value;

/// A run: which webhooks, to whom, served by which code, and what goes wrong meanwhile.
#[derive(Debug, Clone)]
pub(crate) struct ReplayPlan {
    /// The run's id, `run-…`; every trace bears it.
    pub(crate) run: String,
    pub(crate) adapter: AdapterRef,
    pub(crate) environment: Environment,
    /// In the order in which they are sent.
    pub(crate) webhooks: Vec<Webhook>,
    /// Which code serves them.
    pub(crate) against: Against,
    pub(crate) target: ReplayPlace,
    /// What breaks during each webhook, `notion#2:429:retry-after=1`.
    pub(crate) faults: Vec<String>,
    /// What the sender does beyond sending each webhook once.
    pub(crate) sender: Vec<Behaviour>,
    /// Seconds by which the sender's clock is ahead of the receiver's.
    pub(crate) clock_skew: i64,
}

impl ReplayPlan {
    /// Sends webhooks once, to what is live on the embedded platform.
    pub(crate) fn new(adapter: AdapterRef, environment: Environment, webhooks: Vec<Webhook>) -> Self {
        Self {
            run: new_run_id(),
            adapter,
            environment,
            webhooks,
            against: Against::Live,
            target: ReplayPlace::Embedded,
            faults: Vec::new(),
            sender: Vec::new(),
            clock_skew: 0,
        }
    }
}

/// The id of a new run. Ids sort as runs began.
pub(crate) fn new_run_id() -> String {
    format!("run-{}", uuid::Uuid::now_v7().simple())
}

/// Where webhooks go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReplayPlace {
    /// The dispatcher of the embedded platform, which says what it sees.
    Embedded,
    /// A dispatcher elsewhere, which shows its answers only. The headers are added to every request.
    Remote { url: String, headers: Vec<(String, String)> },
}

/// A webhook to send.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Webhook {
    pub(crate) origin: Origin,
    /// The sample's name, where it is one or was made from one.
    pub(crate) sample: Option<String>,
    pub(crate) content: WebhookContent,
    /// What its replay should give, where somebody said so.
    pub(crate) expectation: Option<Value>,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum WebhookContent {
    /// Its placeholders are filled at send time.
    Sample(Box<Sample>),
}

impl Webhook {
    /// Who sends it: `slack`, `stripe`, …
    pub(crate) fn provider(&self) -> &str {
        match &self.content {
            WebhookContent::Sample(sample) => &sample.provider,
        }
    }
}
