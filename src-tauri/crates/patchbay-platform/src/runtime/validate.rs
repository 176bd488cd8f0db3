//! Starts an uploaded script for real, in a process that serves nobody, before it becomes live.

use super::Runtime;
use super::code::{VersionFacts, script};
use super::redaction::redactor;
use super::tenants::listen;
use crate::error::PlatformError;
use crate::store::versions::NewVersion;
use crate::workerd::config::write_validator;
use crate::workerd::ending::Ending;
use crate::workerd::process::{Process, ProcessPlan};
use crate::workerd::socket::ask;
use http::Method;
use serde::Deserialize;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

/// Cloudflare gives a script one second of CPU time to start; here it is wall time on a machine that may be busy.
const START_PATIENCE: Duration = Duration::from_secs(5);

/// Only uploads need the validator: until then a start of the platform has the processor for its first answer.
const QUIET: Duration = Duration::from_millis(300);

/// What the start of a script showed.
#[derive(Debug, Deserialize)]
pub(crate) struct Started {
    /// Events of the default export.
    pub(crate) handlers: Option<Vec<String>>,
    /// Other exports.
    pub(crate) named: Vec<Export>,
    pub(crate) startup_ms: u64,
}

/// An export beside the default one.
#[derive(Debug, Deserialize)]
pub(crate) struct Export {
    pub(crate) name: String,
    pub(crate) handlers: Vec<String>,
    /// Whether it is a class, so that it may implement Durable Objects.
    pub(crate) class: bool,
}

/// Outcome of a start.
pub(crate) enum Validation {
    Started(Started),
    /// The runtime's own words, in the form Cloudflare gives them.
    Refused(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Refused { error: String },
    Started(Started),
}

impl Runtime {
    /// Starts a version without running it.
    pub(crate) async fn validate(&self, version: &NewVersion) -> Result<Validation, PlatformError> {
        let facts = VersionFacts { id: "", created_on: "" };
        let mut code = script(&version.entry, &version.modules, &version.bindings, &version.details, &facts);
        code["entry"] = code["mainModule"].clone();
        let body: bytes::Bytes = code.to_string().into();
        let validator = self.validator().await?;
        validator.comes_after(0).await;
        let generation = validator.generation();
        if generation == 0 {
            return Err(PlatformError::RuntimeLost { role: "validator", detail: "it does not start".into() });
        }
        let shared = {
            let _together = self.validation.read().await;
            self.probe(body.clone()).await
        };
        let answer = match shared {
            Ok(answer) => answer,
            // This script or one beside it loops or eats the memory. Alone, it cannot be blamed for another.
            Err(PlatformError::RuntimeSilent { .. } | PlatformError::RuntimeLost { .. }) => {
                let _alone = self.validation.write().await;
                let generation = self.fresh_validator(generation).await;
                match self.probe(body).await {
                    Ok(answer) => answer,
                    Err(PlatformError::RuntimeSilent { .. }) => {
                        self.fresh_validator(generation).await;
                        return Ok(Validation::Refused("Script startup exceeded CPU time limit.".into()));
                    }
                    Err(PlatformError::RuntimeLost { .. }) => {
                        return Ok(Validation::Refused("Script startup exceeded memory limit.".into()));
                    }
                    Err(error) => return Err(error),
                }
            }
            Err(error) => return Err(error),
        };
        Ok(match answer {
            Answer::Started(started) => Validation::Started(started),
            // A start-up exception may quote a secret that the script read at its top level.
            Answer::Refused { error } => {
                Validation::Refused(redactor(&version.bindings).text(&cloudflare_form(&error)))
            }
        })
    }

    /// Starts the validator a moment from now, so that the first upload does not wait for it.
    pub(crate) fn start_validator_soon(self: &Arc<Self>) {
        let runtime = Arc::clone(self);
        tokio::spawn(async move {
            tokio::select! {
                () = runtime.stop.cancelled() => return,
                () = tokio::time::sleep(QUIET) => {}
            }
            if let Err(error) = runtime.validator().await {
                tracing::warn!(%error, "the process that starts uploaded scripts cannot be started yet");
            }
        });
    }

    /// The process that starts uploaded scripts, started when it is first asked for.
    async fn validator(&self) -> Result<&Process, PlatformError> {
        let started = self.validator.get_or_try_init(|| async {
            if self.stop.is_cancelled() {
                return Err(PlatformError::TaskEnded);
            }
            let folder = self.folder();
            let plan = ProcessPlan {
                role: "validator",
                tenant: None,
                program: self.program().to_owned(),
                config: write_validator(&folder.join("validator"))?.into(),
                sockets: vec![("probe", OwnedFd::from(listen(&folder.join("probe"))?))],
                beat: None,
            };
            Ok(Process::supervise(self.spawner(), plan, || {}))
        });
        started.await
    }

    async fn probe(&self, body: bytes::Bytes) -> Result<Answer, PlatformError> {
        let socket = self.folder().join("probe");
        let (_, answer) = ask("validator", &socket, Method::POST, "http://probe/", body, START_PATIENCE).await?;
        serde_json::from_slice(&answer).map_err(|_| PlatformError::RuntimeLost {
            role: "validator",
            detail: String::from_utf8_lossy(&answer).into_owned(),
        })
    }

    /// A validator process that came up after that generation, and its own generation.
    async fn fresh_validator(&self, spoiled: u64) -> u64 {
        let Some(validator) = self.validator.get() else { return spoiled };
        validator.replace(spoiled, Ending::Hung);
        validator.comes_after(spoiled).await;
        validator.generation()
    }
}

/// The message without the loader's own first line, ended as Cloudflare ends it.
fn cloudflare_form(message: &str) -> String {
    let message = message.strip_prefix("Failed to start Worker:\n").unwrap_or(message);
    if message.contains("\n  at ") && !message.ends_with('\n') { format!("{message}\n") } else { message.to_owned() }
}
