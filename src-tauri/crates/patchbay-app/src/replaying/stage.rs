//! Everything that stands while the webhooks of a run are sent: where they go, what they are signed with, which code
//! serves them.

use super::code::{self, Loaded};
use super::desk::Desk;
use super::plan::{ReplayPlace, ReplayPlan, Webhook, WebhookContent};
use super::stacks::map_exceptions;
use crate::app::{App, OpenWorkspace};
use crate::platform_host::Link;
use crate::receiving::{Sealing, is_telling};
use crate::upstreams::{self, Scope};
use crate::wire::error::{ErrorCode, WireError};
use patchbay_core::{AdapterRef, Environment, Secret};
use patchbay_replay::trace::{Against, Origin, Visibility};
use patchbay_replay::{ReplayError, ReplayTarget, Run, Trace, register, run_registered};
use patchbay_webhooks::prepare::Prepared;
use patchbay_webhooks::sender::Event;
use patchbay_webhooks::{Moment, providers};
use patchbay_workspace::VersionModule;
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;

/// A run that is ready to send.
pub(crate) struct Stage {
    open: Arc<OpenWorkspace>,
    run: String,
    adapter: AdapterRef,
    environment: Environment,
    against: Against,
    target: ReplayTarget,
    /// The embedded platform; absent for a dispatcher elsewhere.
    link: Option<Link>,
    desk: Desk,
    /// Headers that every request gets besides its own.
    headers: Vec<(String, String)>,
    /// Values that must not stand in a trace, by name.
    secrets: Vec<(String, Secret)>,
    /// What serves, where it is known already.
    modules: Option<Vec<VersionModule>>,
    /// Holds the code that was loaded for the run.
    _loaded: Option<Loaded>,
}

impl Stage {
    /// Starts or joins the platform, hands it the workspace's routing, loads the code that is to serve and reads the
    /// secrets. For a dispatcher elsewhere it does the last only.
    pub(crate) async fn set(app: &Arc<App>, plan: &ReplayPlan) -> Result<Self, WireError> {
        let open = app.workspace()?;
        let (adapter, environment) = (&plan.adapter, plan.environment);
        // A broken manifest or an unknown tenant is said before anything is started.
        open.workspace.adapter(adapter)?;
        let tenant = open.workspace.tenant(&adapter.tenant)?;
        let region = tenant.settings.region;
        let (mut headers, mut loaded) = (Vec::new(), None);
        let (target, link) = match &plan.target {
            ReplayPlace::Remote { url, headers: given } => {
                headers.clone_from(given);
                (ReplayTarget::new(url, None, environment, region)?, None)
            }
            ReplayPlace::Embedded => {
                let drafted = code::drafted(app, adapter, environment, &plan.against).await?;
                let link = app.platform.link(app).await?;
                crate::routing::push(app, &link).await?;
                let url = link.dispatcher_url(environment)?;
                let mut target = ReplayTarget::new(url, Some(link.local.clone()), environment, region)?;
                if let Some(drafted) = drafted {
                    let code = code::load(&link, adapter, drafted).await?;
                    target = target.served_by_draft(code.draft.id());
                    loaded = Some(code);
                }
                (target, Some(link))
            }
        };
        let desk = Desk::of(app, adapter, environment, plan.webhooks.iter().map(Webhook::provider)).await?;
        if let Some(link) = &link {
            upstreams::tell_secrets(app, link, adapter, environment).await?;
        }
        Ok(Self {
            open,
            run: plan.run.clone(),
            adapter: adapter.clone(),
            environment,
            against: plan.against.clone(),
            target,
            link,
            secrets: desk.secrets().iter().cloned().chain(credentials(&headers)).collect(),
            desk,
            headers,
            modules: loaded.as_ref().map(|code| code.modules.clone()),
            _loaded: loaded,
        })
    }

    /// With the modules of what serves, which bring the source maps; else the kept versions are asked.
    pub(crate) fn served_by(mut self, modules: Option<&[VersionModule]>) -> Self {
        self.modules = modules.map(<[VersionModule]>::to_vec);
        self
    }

    /// Where webhooks go.
    pub(crate) fn target(&self) -> &ReplayTarget {
        &self.target
    }

    /// The embedded platform; `None` for a dispatcher elsewhere.
    pub(crate) fn link(&self) -> Option<&Link> {
        self.link.as_ref()
    }

    /// What signs.
    pub(crate) fn desk(&self) -> &Desk {
        &self.desk
    }

    /// The webhook as its provider would send it at that moment.
    pub(crate) fn prepare(&self, webhook: &Webhook, moment: &Moment) -> Result<Prepared, WireError> {
        Ok(self.with_headers(self.desk.prepare(webhook, self.target.dispatcher_url(), moment)?))
    }

    /// The event that a webhook tells of, to be sent as senders do. `skew_seconds` is how far the sender's clock is ahead.
    pub(crate) fn event<'a>(
        &'a self,
        webhook: &'a Webhook,
        moment: Moment,
        skew_seconds: i64,
    ) -> Result<Event<'a>, WireError> {
        let WebhookContent::Sample(sample) = &webhook.content;
        let signer = self.desk.signer(webhook.provider())?;
        // Says which secret is missing.
        signer.prepare_at(sample, self.target.dispatcher_url(), &moment)?;
        let credentials = signer.credentials();
        Ok(Event { sample, base_url: self.target.dispatcher_url(), credentials, moment, skew_seconds })
    }

    /// A signed request on its way to the adapter.
    pub(crate) fn addressed(&self, prepared: Prepared) -> Result<Prepared, WireError> {
        Ok(self.with_headers(self.desk.addressed(prepared)?))
    }

    fn with_headers(&self, mut prepared: Prepared) -> Prepared {
        for (name, value) in &self.headers {
            prepared.request.headers.set(name, value);
        }
        prepared
    }

    /// Sends a prepared webhook and keeps its trace. `sender` says what the sender does beyond sending it once; the
    /// adapter's calls see the upstreams as the scope says.
    pub(crate) async fn send(
        &self,
        webhook: &Webhook,
        prepared: Prepared,
        sender: Option<String>,
        scope: Option<&Scope>,
    ) -> Result<Trace, WireError> {
        let provider = providers::find(webhook.provider());
        let run = Run {
            tenant: self.adapter.tenant.clone(),
            adapter: self.adapter.adapter.clone(),
            run: Some(self.run.clone()),
            sample: webhook.sample.clone(),
            origin: webhook.origin.clone(),
            against: self.against.clone(),
            event_id: provider.and_then(|provider| provider.event_id(&prepared.request)),
            sender,
            provider: webhook.provider().to_owned(),
            request: prepared.request,
            signing: Some(prepared.signing.to_string()),
            deadline: provider.and_then(patchbay_webhooks::Provider::deadline),
            secrets: self.secrets.clone(),
        };
        let registered = register(&self.target).await?;
        if let (Some(scope), Some(registered)) = (scope, &registered) {
            scope.admit(&registered.delivery).await?;
        }
        let sent = run_registered(&self.target, run, registered).await;
        let mut trace = sent.map_err(|error| self.not_sent(error))?;
        map_exceptions(&self.open, &self.adapter, self.environment, self.modules.as_deref(), &mut trace);
        if let Some(expectation) = &webhook.expectation {
            trace.expect(&visible(expectation, trace.visibility));
        }
        if matches!(trace.origin, Origin::Delivery(_)) {
            // What was opened to be sent again.
            Sealing::of(&self.open).seal_again(&mut trace.request)?;
        }
        self.open.history()?.append(&trace)?;
        Ok(trace)
    }

    /// Nobody can start a platform that is elsewhere.
    fn not_sent(&self, error: ReplayError) -> WireError {
        let mut error = WireError::from(error);
        if self.link.is_none() && error.code == ErrorCode::TargetUnreachable {
            error.hints = vec!["Check the URL, and that this machine reaches it".into()];
        }
        error
    }
}

/// What the headers for a dispatcher prove to it: the value, and of `Bearer …` what follows the word.
fn credentials(headers: &[(String, String)]) -> impl Iterator<Item = (String, Secret)> {
    let telling = headers.iter().filter(|(name, _)| is_telling(name));
    telling.flat_map(|(name, value)| {
        let bare = value.split_once(' ').map(|(_, bare)| bare);
        bare.into_iter().chain([value.as_str()]).map(|value| (name.clone(), Secret::new(value)))
    })
}

/// An expectation without what a dispatcher elsewhere does not show: that is not seen, and not missing.
fn visible(expectation: &Value, visibility: Visibility) -> Cow<'_, Value> {
    const INSIDE: [&str; 4] = ["outbound", "logs", "exceptions", "outcome"];
    let mut expectation = Cow::Borrowed(expectation);
    if visibility == Visibility::AnswerOnly
        && let Value::Object(keys) = expectation.to_mut()
    {
        keys.retain(|key, _| !INSIDE.contains(&key.as_str()));
    }
    expectation
}
