//! An adapter's logs as they come.

use crate::app::App;
use crate::wire::adapter::AdapterKey;
use crate::wire::error::WireError;
use patchbay_core::observation::TailEvent;
use patchbay_replay::TailStream;
use serde::Serialize;
use std::fmt::Write as _;
use std::sync::Arc;

/// One request to the adapter, as it ended.
#[derive(Debug, Clone, Serialize)]
pub struct TailEntry {
    /// Script that served it.
    pub script: String,
    /// Version that served it.
    pub version: String,
    /// `ok`, `exception`, …
    pub outcome: String,
    /// Method and URL.
    pub request: Option<(String, String)>,
    /// Status that it answered.
    pub status: Option<u16>,
    /// Time inside, in milliseconds.
    pub wall_ms: f64,
    /// Console lines, level and text.
    pub logs: Vec<(String, String)>,
    /// Exceptions, name and message.
    pub exceptions: Vec<(String, String)>,
    /// The same for people.
    #[serde(skip)]
    pub text: String,
}

/// Entries as they come.
pub struct TailEntries(TailStream);

impl TailEntries {
    /// The next entry; `None` when the platform has stopped.
    pub async fn next(&mut self) -> Option<Result<TailEntry, WireError>> {
        Some(self.0.next().await?.map(entry).map_err(Into::into))
    }
}

/// Follows an adapter on the running platform, or on one that is started for it.
pub async fn tail(app: &Arc<App>, key: &AdapterKey) -> Result<TailEntries, WireError> {
    let adapter = key.parse()?;
    app.workspace()?.workspace.adapter(&adapter)?;
    let link = app.platform.link(app).await?;
    Ok(TailEntries(link.local.tail(Some(adapter.script_name().as_str())).await?))
}

fn entry(event: TailEvent) -> TailEntry {
    let mut text = String::new();
    let (method, url) = event.request.clone().unwrap_or_default();
    let status = event.status.map_or_else(|| event.outcome.clone(), |status| status.to_string());
    let _ = writeln!(text, "{method} {url} → {status}  {:.1} ms", event.wall_ms);
    for log in &event.logs {
        let _ = writeln!(text, "  {:<5} {}", log.level, log.message);
    }
    for exception in &event.exceptions {
        let _ = writeln!(text, "  {}: {}", exception.name, exception.message);
    }
    TailEntry {
        script: event.served_by.script,
        version: event.served_by.version,
        outcome: event.outcome,
        request: event.request,
        status: event.status,
        wall_ms: event.wall_ms,
        logs: event.logs.into_iter().map(|log| (log.level, log.message)).collect(),
        exceptions: event.exceptions.into_iter().map(|exception| (exception.name, exception.message)).collect(),
        text,
    }
}
