//! From kept deliveries to the formats of other programs.

use crate::app::OpenWorkspace;
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::export::{ExportFormat, ReplayExported};
use patchbay_replay::export::{Report, har, html, junit, otel};
use patchbay_replay::{HistoryQuery, Trace};

/// What the ids of runs begin with.
const RUN: &str = "run-";
/// Deliveries that a report shows at most; a page with more does not open.
const MOST_REPORTED: usize = 1000;

/// A delivery, or the deliveries of a run, as the text of a file.
pub(crate) fn exported(open: &OpenWorkspace, id: &str, format: ExportFormat) -> Result<ReplayExported, WireError> {
    let (traces, all) = deliveries(open, id)?;
    let (ending, media_type, content) = match format {
        ExportFormat::Otel => ("otel.json", "application/json", json(&otel(&traces))?),
        ExportFormat::Har => ("har", "application/json", json(&har(&traces))?),
        ExportFormat::Junit => ("xml", "application/xml", junit(id, &traces)),
        ExportFormat::Html => {
            let shown = &traces[..traces.len().min(MOST_REPORTED)];
            let report = Report { run: id, traces: shown, left_out: all - shown.len() };
            ("html", "text/html", html(&report))
        }
    };
    Ok(ReplayExported {
        file_name: format!("{id}.{ending}"),
        media_type: media_type.to_owned(),
        content,
        deliveries: u32::try_from(traces.len()).unwrap_or(u32::MAX),
    })
}

/// Those whose contents are kept, and how many there are with the others.
fn deliveries(open: &OpenWorkspace, id: &str) -> Result<(Vec<Trace>, usize), WireError> {
    if !id.starts_with(RUN) {
        return Ok((vec![crate::history::trace(open, id)?], 1));
    }
    let history = open.history()?;
    let all = history.search(&HistoryQuery { run: Some(id.to_owned()), ..HistoryQuery::default() })?.deliveries.len();
    if all == 0 {
        return Err(WireError::new(ErrorCode::ReplayUnknownRun, format!("There is no run `{id}`"))
            .with_hint("`patchbay deliveries list --json` shows the run of every delivery"));
    }
    let traces = history.run(id)?;
    if traces.is_empty() {
        return Err(WireError::new(
            ErrorCode::ReplayContentsDropped,
            format!("Only the heads of the {all} deliveries of `{id}` are kept"),
        )
        .with_hint("To keep more, write `bodies = \"4 GiB\"` under `[history]` in patchbay.toml"));
    }
    Ok((traces, all))
}

fn json(document: &serde_json::Value) -> Result<String, WireError> {
    serde_json::to_string_pretty(document)
        .map_err(|error| WireError::internal("The export could not be encoded", &error))
}
