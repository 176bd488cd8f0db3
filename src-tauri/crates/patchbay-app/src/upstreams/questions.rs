//! What is asked of the simulated upstreams from outside: by another process over the platform's API, or by this one the
//! same way. Their state lives in the process that runs the platform.

use super::SimulatedUpstreams;
use crate::app::App;
use crate::platform_host::Link;
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::upstream::{KeptObject, UpstreamList, UpstreamState, UpstreamSummary};
use patchbay_core::{Secret, TenantId};
use patchbay_upstream::{Fault, FaultError, ScopeState};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// One question. The tenant is a tenant's id.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Question {
    /// What a tenant's upstreams have seen.
    List { tenant: String },
    /// What one of them keeps.
    Show { tenant: String, upstream: String },
    /// To forget what one, or every one, keeps.
    Reset { tenant: String, upstream: Option<String> },
    /// Other faults in the place of those that a tenant has; answers these.
    SetFaults { tenant: String, faults: Vec<String> },
    /// A scope of a tenant, under an id that the asker made up.
    OpenScope { scope: String, tenant: String, own_state: bool, faults: Vec<String> },
    /// A delivery whose calls belong to a scope.
    Admit { scope: String, delivery: String },
    /// Other faults in the place of those that a scope has.
    SetScopeFaults { scope: String, faults: Vec<String> },
    /// What is kept in a scope's state.
    ShowScope { scope: String },
    /// The end of a scope.
    CloseScope { scope: String },
    /// The secrets of a version, among which are its tokens.
    NoteSecrets { version: String, secrets: Vec<String> },
}

/// One thing that is kept in a scope's state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ScopeKept {
    /// Id of the upstream.
    pub(crate) upstream: String,
    /// What it is, `page`.
    pub(crate) kind: String,
    /// The API's id of it.
    pub(crate) id: String,
    /// As the API would answer it.
    pub(crate) content: Value,
}

impl SimulatedUpstreams {
    pub(super) fn answer_question(&self, question: Value) -> Result<Value, WireError> {
        let question: Question =
            serde_json::from_value(question).map_err(|error| WireError::malformed_request("upstreams", &error))?;
        let encoded = |value: serde_json::Result<Value>| {
            value.map_err(|error| WireError::internal("The answer of the upstreams could not be encoded", &error))
        };
        match question {
            Question::List { tenant } => encoded(serde_json::to_value(self.list(&tenant))),
            Question::Show { tenant, upstream } => {
                self.documents.refresh(&self.upstreams);
                let kept = self.upstreams.kept(&owner(&tenant), &upstream).ok_or_else(|| unknown(&upstream))?;
                let kept =
                    kept.into_iter().map(|kept| KeptObject { kind: kept.kind, id: kept.id, content: kept.content });
                encoded(serde_json::to_value(UpstreamState { upstream, kept: kept.collect() }))
            }
            Question::Reset { tenant, upstream } => {
                match upstream {
                    None => self.upstreams.reset(&owner(&tenant)),
                    Some(upstream) if self.upstreams.reset_one(&owner(&tenant), &upstream) => {}
                    Some(upstream) => return Err(unknown(&upstream)),
                }
                encoded(serde_json::to_value(self.list(&tenant)))
            }
            Question::SetFaults { tenant, faults } => {
                let before: Vec<String> =
                    self.upstreams.faults(&owner(&tenant)).iter().map(ToString::to_string).collect();
                self.upstreams.set_faults(&owner(&tenant), parsed(&faults)?);
                encoded(serde_json::to_value(before))
            }
            Question::OpenScope { scope, tenant, own_state, faults } => {
                let state = if own_state { ScopeState::Own } else { ScopeState::Shared };
                self.upstreams.open_scope(&scope, &owner(&tenant), state, parsed(&faults)?);
                Ok(Value::Null)
            }
            Question::Admit { scope, delivery } => {
                if self.upstreams.admit(&scope, &delivery) {
                    Ok(Value::Null)
                } else {
                    Err(scope_ended())
                }
            }
            Question::SetScopeFaults { scope, faults } => {
                let known = self.upstreams.set_scope_faults(&scope, parsed(&faults)?);
                if known { Ok(Value::Null) } else { Err(scope_ended()) }
            }
            Question::ShowScope { scope } => {
                let kept = self.upstreams.kept_in_scope(&scope).ok_or_else(scope_ended)?;
                let kept = kept.into_iter().map(|(upstream, kept)| ScopeKept {
                    upstream: upstream.to_owned(),
                    kind: kept.kind,
                    id: kept.id,
                    content: kept.content,
                });
                encoded(serde_json::to_value(kept.collect::<Vec<_>>()))
            }
            Question::CloseScope { scope } => {
                self.upstreams.close_scope(&scope);
                Ok(Value::Null)
            }
            Question::NoteSecrets { version, secrets } => {
                self.secrets.note(version, secrets.into_iter().map(Secret::new).collect());
                Ok(Value::Null)
            }
        }
    }

    fn list(&self, tenant: &str) -> UpstreamList {
        let documents = self.documents.refresh(&self.upstreams);
        let summary = |overview: patchbay_upstream::Overview| UpstreamSummary {
            id: overview.id.to_owned(),
            hosts: overview.hosts,
            calls: overview.calls,
            kept: u32::try_from(overview.kept).unwrap_or(u32::MAX),
            faults: overview.faults,
            late_failures: overview.late_failures,
        };
        let upstreams = self.upstreams.overview(&owner(tenant)).into_iter().map(summary).collect();
        UpstreamList { upstreams, documents: documents.0.clone() }
    }
}

/// What a tenant's upstreams have seen.
pub(crate) async fn list(app: &Arc<App>, tenant: &TenantId) -> Result<UpstreamList, WireError> {
    ask(&running(app, tenant).await?, &Question::List { tenant: tenant.to_string() }).await
}

/// What one of a tenant's upstreams keeps.
pub(crate) async fn show(app: &Arc<App>, tenant: &TenantId, upstream: &str) -> Result<UpstreamState, WireError> {
    let question = Question::Show { tenant: tenant.to_string(), upstream: upstream.to_owned() };
    ask(&running(app, tenant).await?, &question).await
}

/// Forgets what one, or every one, of a tenant's upstreams keeps.
pub(crate) async fn reset(
    app: &Arc<App>,
    tenant: &TenantId,
    upstream: Option<String>,
) -> Result<UpstreamList, WireError> {
    ask(&running(app, tenant).await?, &Question::Reset { tenant: tenant.to_string(), upstream }).await
}

/// Breaks calls of a tenant from now on; with none, none any more.
pub(crate) async fn set_faults(
    app: &Arc<App>,
    tenant: &TenantId,
    faults: Vec<String>,
) -> Result<UpstreamList, WireError> {
    parsed(&faults)?;
    let link = running(app, tenant).await?;
    let _: Vec<String> = ask(&link, &Question::SetFaults { tenant: tenant.to_string(), faults }).await?;
    ask(&link, &Question::List { tenant: tenant.to_string() }).await
}

/// Puts other faults in the place of those that a tenant has, and answers these.
pub(crate) async fn swap_faults(link: &Link, tenant: &TenantId, faults: Vec<String>) -> Result<Vec<String>, WireError> {
    parsed(&faults)?;
    ask(link, &Question::SetFaults { tenant: tenant.to_string(), faults }).await
}

/// Asks the process that runs the platform.
pub(super) async fn ask<T: DeserializeOwned>(link: &Link, question: &Question) -> Result<T, WireError> {
    let encoded =
        |error: serde_json::Error| WireError::internal("A question to the upstreams has no JSON form", &error);
    let answer = link.local.ask_upstreams(&serde_json::to_value(question).map_err(encoded)?).await?;
    serde_json::from_value::<Result<T, WireError>>(answer).map_err(|_| {
        WireError::new(ErrorCode::TargetRefused, "The running platform does not know about simulated upstreams")
            .with_hint("Another version of Patchbay may have started it; stop it and start it again")
    })?
}

/// Only what runs has a state: a platform that is started for the question would have none.
async fn running(app: &Arc<App>, tenant: &TenantId) -> Result<Link, WireError> {
    app.workspace()?.workspace.tenant(tenant)?;
    app.platform.running_link(app).await?.ok_or_else(|| {
        WireError::new(ErrorCode::TargetUnreachable, "No embedded platform runs for this workspace")
            .with_hint("`patchbay start` runs one; what simulated upstreams keep lives as long as it does")
    })
}

pub(super) fn parsed(faults: &[String]) -> Result<Vec<Fault>, WireError> {
    let parse = |fault: &String| {
        fault.parse::<Fault>().map_err(|error: FaultError| WireError::from_error(ErrorCode::UsageMalformed, &error))
    };
    faults.iter().map(parse).collect()
}

fn scope_ended() -> WireError {
    WireError::new(ErrorCode::TargetRefused, "The running platform does not know this run any more")
        .with_hint("It was started anew meanwhile, or very many runs were begun since; run the command again")
}

fn unknown(upstream: &str) -> WireError {
    WireError::from_error(ErrorCode::UsageMalformed, &FaultError::UnknownUpstream { given: upstream.to_owned() })
}

/// How the platform names the owner of a tenant's processes.
fn owner(tenant: &str) -> String {
    format!("tenant:{tenant}")
}
