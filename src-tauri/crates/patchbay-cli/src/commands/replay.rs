//! `patchbay replay`

use crate::Verdict;
use crate::args::ReplayArguments;
use crate::session::{Session, adapter_key};
use patchbay_app::handlers::adapter::sample_names;
use patchbay_app::handlers::replay::replay_run;
use patchbay_app::wire::error::{ErrorCode, WireError};
use patchbay_app::wire::replay::ReplayRequest;

pub async fn run(session: &Session, arguments: &ReplayArguments) -> Result<Verdict, WireError> {
    let key = adapter_key(&arguments.adapter)?;
    session.open_workspace()?;
    let samples = if arguments.sample.is_empty() {
        let mut names = sample_names(session.app(), &key)?;
        if names.is_empty() {
            return Err(WireError::new(
                ErrorCode::ReplayUnknownSample,
                format!("{} has no samples", arguments.adapter),
            )
            .with_hint("Put one into its `samples/` folder"));
        }
        if !arguments.all {
            names.truncate(1);
        }
        names
    } else {
        arguments.sample.clone()
    };

    let mut traces = Vec::new();
    for sample in samples {
        let request = ReplayRequest {
            tenant: key.tenant.clone(),
            adapter: key.adapter.clone(),
            sample,
            environment: arguments.env.clone(),
            faults: arguments.faults.clone(),
        };
        traces.push(replay_run(session.app(), request).await?);
    }
    let text: Vec<&str> = traces.iter().map(|trace| trace.text.as_str()).collect();
    let differing = traces.iter().filter(|trace| trace.summary.as_expected == Some(false)).count();
    let printer = session.printer();
    printer.answer(&traces, &text.join("\n"));
    if differing > 0 {
        printer.say(&format!("{differing} of {} replays differ from what was expected", traces.len()));
        return Ok(Verdict::DidNotHold);
    }
    Ok(Verdict::Held)
}
