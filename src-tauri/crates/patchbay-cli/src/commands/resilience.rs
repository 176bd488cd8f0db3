//! `patchbay resilience`

use crate::Verdict;
use crate::args::ResilienceArguments;
use crate::session::{Session, adapter_key, interrupted};
use patchbay_app::handlers::resilience::{resilience_report, write_resilience_html};
use patchbay_app::wire::error::WireError;
use patchbay_app::wire::resilience::{ResilienceProgress, ResilienceRequest};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// How often a person is told how far it is.
const TOLD_EVERY: Duration = Duration::from_secs(2);

pub async fn run(session: &Session, arguments: &ResilienceArguments) -> Result<Verdict, WireError> {
    let key = adapter_key(&arguments.adapter)?;
    session.open_workspace()?;
    let printer = session.printer();
    let request = ResilienceRequest {
        tenant: key.tenant,
        adapter: key.adapter,
        environment: arguments.env.clone(),
        samples: arguments.sample.clone(),
    };
    let last_told = Mutex::new(Instant::now());
    let progress = |progress: ResilienceProgress| {
        let Ok(mut last) = last_told.lock() else { return };
        if last.elapsed() >= TOLD_EVERY || progress.done == progress.of {
            *last = Instant::now();
            printer.say(&format!("{}: {} of {} trials", progress.sample, progress.done, progress.of));
        }
    };
    let cancel = CancellationToken::new();
    let running = resilience_report(session.app(), &request, &progress, &cancel);
    tokio::pin!(running);
    let report = tokio::select! {
        report = &mut running => report,
        () = interrupted() => {
            // The trials that are under way come to their end.
            cancel.cancel();
            running.await
        }
    }?;
    printer.answer(&report, &report.text());
    if let Some(file) = &arguments.report {
        write_resilience_html(&report, file)?;
        printer.say(&format!("The report is in {}", file.display()));
    }
    printer.say(&format!("run {0}: `patchbay deliveries list --run {0}` shows every delivery", report.run));
    let fails = report.cancelled || (arguments.require.is_some() && !report.holds());
    Ok(if fails { Verdict::DidNotHold } else { Verdict::Held })
}
