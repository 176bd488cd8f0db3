//! `patchbay publish`

use crate::Verdict;
use crate::args::PublishArguments;
use crate::session::{Session, adapter_key};
use patchbay_app::publishing::{self, Target};
use patchbay_app::wire::error::WireError;
use patchbay_app::wire::publish::{PublishProgress, PublishRequest, StepState, VersionSummary};

pub async fn run(session: &Session, arguments: &PublishArguments) -> Result<Verdict, WireError> {
    let key = adapter_key(&arguments.adapter)?;
    let target: Target = arguments.target.parse()?;
    session.open_workspace()?;
    let printer = session.printer();
    let request = PublishRequest {
        tenant: key.tenant,
        adapter: key.adapter,
        environment: arguments.env.clone(),
        note: arguments.note.clone(),
        allowances: arguments.allow.clone(),
    };
    let report = |progress: PublishProgress| printer.say(&progress_line(&progress));
    let version = publishing::publish(session.app(), &request, target, &report).await?;
    printer.answer(&version, "");
    printer.say(&published_line(&arguments.adapter, &version));
    Ok(Verdict::Held)
}

/// One step, as it is shown while it happens.
pub fn progress_line(progress: &PublishProgress) -> String {
    let mark = match progress.state {
        StepState::Started => "…",
        StepState::Done => "✓",
        StepState::Failed => "✗",
        StepState::Skipped => "–",
    };
    let step =
        serde_json::to_value(progress.step).ok().and_then(|step| step.as_str().map(str::to_owned)).unwrap_or_default();
    let took = progress.duration_ms.map_or(String::new(), |ms| format!("  {ms:.1} ms"));
    format!("  {mark} {step:<9} {}{took}", progress.message)
}

/// What is live now.
pub fn published_line(adapter: &str, version: &VersionSummary) -> String {
    format!("Published {adapter} version {} to {} ({})", version.number, version.environment, version.namespace)
}
