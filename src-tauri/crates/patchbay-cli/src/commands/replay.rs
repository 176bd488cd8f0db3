//! `patchbay replay`

mod load;
mod request;
mod update;

use crate::Verdict;
use crate::args::{FileArguments, ReplayArguments};
use crate::session::{Session, interrupted};
use patchbay_app::handlers::export::replay_export_to;
use patchbay_app::handlers::replay::replay;
use patchbay_app::wire::error::WireError;
use patchbay_app::wire::export::{ExportFormat, ReplayExportRequest};
use patchbay_app::wire::replay::{ReplayRun, Trace};
use tokio_util::sync::CancellationToken;

pub async fn run(session: &Session, arguments: &ReplayArguments) -> Result<Verdict, WireError> {
    if arguments.load.is_given() {
        return load::run(session, arguments).await;
    }
    let request = request::of(arguments)?;
    session.open_workspace()?;
    let printer = session.printer();
    let told = |trace: &Trace| {
        if !printer.is_json() {
            printer.line(&(), &format!("{}\n", trace.text));
        }
    };
    let cancel = CancellationToken::new();
    let running = replay(session.app(), &request, &told, &cancel);
    tokio::pin!(running);
    let done = tokio::select! {
        done = &mut running => done,
        () = interrupted() => {
            // What is on its way comes to its end and is kept.
            cancel.cancel();
            running.await
        }
    }?;
    let ReplayRun { run, deliveries } = &done;
    let updates = arguments.update.update && !cancel.is_cancelled();
    if updates {
        let delivered: Vec<String> = deliveries.iter().map(|trace| trace.summary.delivery.clone()).collect();
        update::run(session, &delivered, arguments.update.yes).await?;
    }
    if printer.is_json() {
        printer.answer(deliveries, "");
    }
    if !deliveries.is_empty() {
        write_files(session, &arguments.files, run).await?;
    }
    let sent = deliveries.len();
    // What differed from the expectations of before is what is expected now.
    let differs = |trace: &&Trace| !updates && trace.summary.as_expected == Some(false);
    let differing = deliveries.iter().filter(differs).count();
    if differing > 0 {
        printer.say(&format!("{differing} of {sent} replays differ from what was expected"));
    }
    if cancel.is_cancelled() {
        printer.say(&format!("Interrupted after {sent} webhooks"));
    }
    printer.say(&format!("run {run}: `patchbay deliveries list --run {run}` shows it again"));
    Ok(if differing > 0 || cancel.is_cancelled() { Verdict::DidNotHold } else { Verdict::Held })
}

/// The files that were asked for.
async fn write_files(session: &Session, files: &FileArguments, run: &str) -> Result<(), WireError> {
    for (file, format) in [(&files.junit, ExportFormat::Junit), (&files.report, ExportFormat::Html)] {
        let Some(file) = file else { continue };
        replay_export_to(session.app(), ReplayExportRequest { id: run.to_owned(), format }, file).await?;
        session.printer().say(&format!("Wrote {}", file.display()));
    }
    Ok(())
}
