//! From an adapter's files to a live version, step by step, and back.

mod draft;
mod gate;
mod record;
mod rollback;
mod steps;
mod target;
mod unfinished;

pub(crate) use draft::{Drafted, draft, kept};
pub(crate) use record::{source_digest, summaries};
pub use rollback::{put_live_secret, rollback, version_before_live};
pub use target::Target;

use crate::app::App;
use crate::linting;
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::publish::{PublishProgress, PublishRequest, PublishStep, VersionSummary};
use crate::workspaces;
use patchbay_bundle::Bundle;
use patchbay_core::AdapterRef;
use std::sync::Arc;
use steps::{Prepared, Steps};
use tokio_util::sync::CancellationToken;

/// Told of every step as it happens.
pub type Report<'a> = &'a (dyn Fn(PublishProgress) + Send + Sync);

/// Largest upload after gzip, in bytes: Cloudflare's limit for paid accounts (CONTRACT section 7).
const GZIP_LIMIT: u64 = 10 * 1024 * 1024;

/// Publishes an adapter. A failed step leaves the live version as it was.
pub async fn publish(
    app: &Arc<App>,
    request: &PublishRequest,
    target: Target,
    report: Report<'_>,
) -> Result<VersionSummary, WireError> {
    publish_job(app, request, target, report, "", &CancellationToken::new()).await
}

/// The same as a job that can be cancelled between its steps.
pub(crate) async fn publish_job(
    app: &Arc<App>,
    request: &PublishRequest,
    target: Target,
    report: Report<'_>,
    job: &str,
    cancel: &CancellationToken,
) -> Result<VersionSummary, WireError> {
    let adapter = AdapterRef { tenant: request.tenant.parse()?, adapter: request.adapter.parse()? };
    let environment = workspaces::environment(&request.environment)?;
    let open = app.workspace()?;
    let file = open.workspace.adapter(&adapter)?;
    crate::signing::check(&open, &adapter, &file.manifest)?;
    let tenant = open.workspace.tenant(&adapter.tenant)?;
    let namespace = open.workspace.namespace(environment, &tenant.settings.region)?.to_string();
    let steps = Steps { report, job, cancel };
    let warnings: Vec<String> = file.warnings.iter().chain(&tenant.warnings).map(ToString::to_string).collect();

    let lint_allowances = steps
        .run(PublishStep::Lint, "checking the code", async {
            let lint = linting::lint_adapter(app, &adapter, &[])?;
            let allowed = gate::pass(&adapter, &lint, &request.allowances)?;
            let rules: Vec<&str> = allowed.iter().map(|allowed| allowed.rule.as_str()).collect();
            let errors = match lint.errors {
                0 => "no errors".to_owned(),
                count => format!("{count} errors allowed ({})", rules.join(", ")),
            };
            let odd = if warnings.is_empty() { String::new() } else { format!("; {}", warnings.join("; ")) };
            let message = format!("{errors}, {} warnings{odd}", lint.warnings);
            Ok((allowed, message))
        })
        .await?;

    let bundle = steps
        .run(PublishStep::Bundle, "TypeScript and packages to modules", async {
            let root = open.workspace.adapter_folder(&adapter)?;
            let request = patchbay_bundle::Request { root: &root, entry: &file.manifest.entry, overlay: &[] };
            let bundle = patchbay_bundle::bundle(request).await?;
            let message = format!("{} modules", bundle.modules.len());
            Ok((bundle, message))
        })
        .await?;

    steps
        .run(PublishStep::Size, "size after gzip", async {
            check_size(&bundle)?;
            Ok(((), format!("{:.1} KiB of {} MiB", kib(bundle.gzip_size), GZIP_LIMIT >> 20)))
        })
        .await?;

    let bindings = steps
        .run(PublishStep::Bindings, "every required binding has a value", async {
            let bindings = crate::bindings::for_upload(app, &adapter, &file.manifest, environment).await?;
            let message = format!("{} bindings", bindings.upload.len());
            Ok((bindings, message))
        })
        .await?;

    let prepared = Prepared {
        app,
        open: &open,
        adapter: &adapter,
        environment,
        namespace,
        manifest: &file.manifest,
        limits: tenant.settings.limits,
        bundle,
        bindings,
        note: request.note.clone().unwrap_or_default(),
        lint_allowances,
    };
    prepared.go_live(&steps, target).await
}

/// Refuses what the targets would.
fn check_size(bundle: &Bundle) -> Result<(), WireError> {
    if bundle.gzip_size > GZIP_LIMIT {
        return Err(WireError::new(
            ErrorCode::AdapterTooLarge,
            format!("The bundle has {} bytes after gzip, {GZIP_LIMIT} are allowed", bundle.gzip_size),
        )
        .with_hint("Remove packages that the adapter does not need"));
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a size shown with one decimal")]
fn kib(bytes: u64) -> f64 {
    bytes as f64 / 1024.0
}
