//! `patchbay restore`

use crate::Verdict;
use crate::args::{RestoreArguments, RestoreWhat};
use crate::session::Session;
use patchbay_app::restoring::{From, Restored, restore};
use patchbay_app::wire::error::WireError;

pub async fn run(session: &Session, arguments: RestoreArguments) -> Result<Verdict, WireError> {
    session.open_workspace()?;
    let what = match arguments.what {
        RestoreWhat::Platform => Restored::Platform,
        RestoreWhat::Buckets => Restored::Buckets,
        RestoreWhat::History => Restored::History,
    };
    let from = match (arguments.empty, arguments.from) {
        (true, _) => From::Nothing,
        (false, Some(file)) => From::File(file),
        (false, None) => From::Newest,
    };
    let report = restore(session.app(), what, from).await?;
    let printer = session.printer();
    printer.answer(&report, "");
    match &report.from {
        Some(from) => printer.say(&format!("Restored from {from}")),
        None => printer.say("Started with an empty one"),
    }
    if let Some(aside) = &report.kept_aside {
        printer.say(&format!("What was there before is kept as {aside}"));
    }
    Ok(Verdict::Held)
}
