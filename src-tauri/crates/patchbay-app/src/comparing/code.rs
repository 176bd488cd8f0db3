//! The same webhooks to what is live and to a draft or a kept version.
//!
//! Both sides get the same bytes, one side after the other, and each works on upstreams of its own that begin empty: what
//! the one created is no duplicate to the other, nor to what the tenant's upstreams keep.

use super::{Side, compared};
use crate::app::App;
use crate::replaying::{ReplayPlan, Stage, Webhook, against, selected, this_moment};
use crate::upstreams::Scope;
use crate::wire::compare::{CompareCodeRequest, Comparison};
use crate::wire::error::{ErrorCode, WireError};
use crate::workspaces;
use patchbay_core::{AdapterRef, Environment};
use patchbay_replay::Trace;
use patchbay_replay::trace::Against;
use patchbay_webhooks::Moment;
use std::sync::Arc;

/// Sends the selected webhooks to both and compares what became of them. All deliveries are kept.
pub(crate) async fn compare_code(app: &Arc<App>, request: &CompareCodeRequest) -> Result<Comparison, WireError> {
    let adapter = AdapterRef { tenant: request.tenant.parse()?, adapter: request.adapter.parse()? };
    let environment = workspaces::environment(&request.environment)?;
    let open = app.workspace()?;
    let against = against(&open, &adapter, environment, &request.against)?;
    if open.workspace.newest_version(&adapter, environment)?.is_none() {
        return Err(WireError::new(
            ErrorCode::VersionUnknown,
            format!("{adapter} is not published to {environment}: there is nothing live to compare with"),
        )
        .with_hint(format!(
            "`patchbay publish {adapter}` publishes it; `patchbay replay {adapter} --draft` tries it"
        )));
    }
    let webhooks = selected(app, &open, &adapter, environment, &request.webhooks).await?;

    // The other code first: what is wrong with it is said before anything is sent.
    let mut after = Bench::set(app, &adapter, environment, against, &webhooks).await?;
    let mut before = Bench::set(app, &adapter, environment, Against::Live, &webhooks).await?;
    let mut witness = Vec::new();
    for webhook in &webhooks {
        let moment = this_moment();
        before.send(webhook, &moment, None).await?;
        after.send(webhook, &moment, None).await?;
    }
    // Of a single delivery nobody can tell which ids are settings and which were made up.
    if let [webhook] = &webhooks[..] {
        let mut again = Bench::set(app, &adapter, environment, Against::Live, &webhooks).await?;
        again.send(webhook, &this_moment(), Some("again, to see what varies".into())).await?;
        witness = again.end().await?.traces;
    }
    let (before, after) = (before.end().await?, after.end().await?);
    Ok(compared(&before, &after, &witness, request.strict))
}

/// One side while its webhooks are sent.
struct Bench {
    run: String,
    stage: Stage,
    scope: Option<Scope>,
    traces: Vec<Trace>,
}

impl Bench {
    async fn set(
        app: &Arc<App>,
        adapter: &AdapterRef,
        environment: Environment,
        against: Against,
        webhooks: &[Webhook],
    ) -> Result<Self, WireError> {
        // Whether the one or the other is as expected is not the question.
        let webhooks = webhooks.iter().cloned().map(|webhook| Webhook { expectation: None, ..webhook }).collect();
        let plan = ReplayPlan { against, ..ReplayPlan::new(adapter.clone(), environment, webhooks) };
        let stage = Stage::set(app, &plan).await?;
        let scope = match stage.link() {
            Some(link) => Some(Scope::of_trial(link, &adapter.tenant, &[]).await?),
            None => None,
        };
        Ok(Self { run: plan.run, stage, scope, traces: Vec::new() })
    }

    async fn send(&mut self, webhook: &Webhook, moment: &Moment, sender: Option<String>) -> Result<(), WireError> {
        let prepared = self.stage.prepare(webhook, moment)?;
        let sent = Webhook { expectation: None, ..webhook.clone() };
        self.traces.push(self.stage.send(&sent, prepared, sender, self.scope.as_ref()).await?);
        Ok(())
    }

    async fn end(self) -> Result<Side, WireError> {
        if let Some(scope) = self.scope {
            scope.close().await?;
        }
        Ok(Side { id: self.run, traces: self.traces })
    }
}
