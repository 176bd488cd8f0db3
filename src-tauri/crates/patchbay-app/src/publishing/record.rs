//! What is kept of a version.

use super::unfinished::settle_unfinished;
use crate::app::App;
use crate::wire::error::WireError;
use crate::wire::publish::{LintAllowance, VersionSummary};
use patchbay_core::{AdapterRef, Environment, TargetKind};
use patchbay_workspace::{VersionRecord, Workspace};
use std::sync::Arc;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Now, RFC 3339 in UTC, to the second.
pub(super) fn now() -> String {
    let now = OffsetDateTime::now_utc();
    now.replace_nanosecond(0).unwrap_or(now).format(&Rfc3339).unwrap_or_default()
}

/// Stands for the exact content of everything that a publish reads of an adapter.
pub(crate) fn source_digest(workspace: &Workspace, adapter: &AdapterRef) -> Result<String, WireError> {
    let mut all = Vec::new();
    for file in workspace.adapter_files(adapter)?.files {
        let is_input = file.path == "adapter.toml" || file.path == "package.json" || file.path.starts_with("src/");
        if is_input {
            let content = workspace.read_adapter_file(adapter, &file.path)?;
            all.extend_from_slice(format!("{}\n{}\n", file.path, content.revision.as_str()).as_bytes());
        }
    }
    Ok(patchbay_workspace::Revision::of(&all).as_str().to_owned())
}

/// Kept versions, newest first. Records that cannot be read are left out; they can do nobody any good.
pub(crate) async fn summaries(
    app: &Arc<App>,
    adapter: &AdapterRef,
    environment: Environment,
) -> Result<Vec<VersionSummary>, WireError> {
    let open = app.workspace()?;
    open.workspace.adapter(adapter)?;
    settle_unfinished(app, adapter, environment).await?;
    let records = open.workspace.versions(adapter, environment)?.into_iter().filter_map(|entry| entry.record.ok());
    Ok(records.enumerate().map(|(index, record)| summary(&record, environment, index == 0)).collect())
}

pub(super) fn summary(record: &VersionRecord, environment: Environment, live: bool) -> VersionSummary {
    VersionSummary {
        number: u32::try_from(record.number).unwrap_or(u32::MAX),
        id: record.id.clone(),
        created_at: record.created_at.clone(),
        environment: environment.to_string(),
        target: match record.target {
            TargetKind::Local => "local",
            TargetKind::Cloudflare => "cloudflare",
            TargetKind::Gateway => "gateway",
        }
        .into(),
        namespace: record.namespace.clone(),
        note: Some(record.note.clone()).filter(|note| !note.is_empty()),
        live,
        allowances: record
            .lint_allowances
            .iter()
            .map(|allowed| LintAllowance { rule: allowed.rule.clone(), reason: allowed.reason.clone() })
            .collect(),
        bytes: record.modules.iter().map(|module| u32::try_from(module.content.len()).unwrap_or(u32::MAX)).sum(),
    }
}
