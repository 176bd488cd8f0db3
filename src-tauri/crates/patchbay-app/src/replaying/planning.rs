//! From what was asked for to the plan of a run.

use super::desk::Desk;
use super::plan::{ReplayPlace, ReplayPlan, Webhook};
use super::{recorded, samples, texts};
use crate::app::{App, OpenWorkspace, blocking};
use crate::receiving::Sealing;
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::replay::{RemoteDispatcher, ReplayAgainst, ReplaySelection, ReplayStartRequest, ReplayText};
use crate::workspaces;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_core::{AdapterRef, Environment};
use patchbay_replay::Trace;
use patchbay_replay::history::since;
use patchbay_replay::trace::{Against, Origin};
use std::sync::Arc;
use time::OffsetDateTime;

/// The plan of a run. Everything that it sends is read here, so that nothing is sent where something cannot be read.
pub(crate) async fn planned(app: &Arc<App>, request: &ReplayStartRequest) -> Result<ReplayPlan, WireError> {
    let adapter = AdapterRef { tenant: request.tenant.parse()?, adapter: request.adapter.parse()? };
    let environment = workspaces::environment(&request.environment)?;
    let target = place(request)?;
    let open = app.workspace()?;
    let against = against(&open, &adapter, environment, &request.against)?;
    let webhooks = selected(app, &open, &adapter, environment, &request.webhooks).await?;
    Ok(ReplayPlan {
        against,
        target,
        faults: request.faults.clone(),
        sender: request.sender.iter().map(|given| given.parse()).collect::<Result<_, _>>()?,
        clock_skew: request.clock_skew.map_or(0, i64::from),
        ..ReplayPlan::new(adapter, environment, webhooks)
    })
}

/// The webhooks of a selection, in the order in which they are to be sent. There is at least one.
pub(crate) async fn selected(
    app: &Arc<App>,
    open: &OpenWorkspace,
    adapter: &AdapterRef,
    environment: Environment,
    selection: &ReplaySelection,
) -> Result<Vec<Webhook>, WireError> {
    let samples_called = |names: &[String]| names.iter().map(|name| samples::sample(open, adapter, name)).collect();
    match selection {
        ReplaySelection::First => samples_called(&samples_of(open, adapter)?[..1]),
        ReplaySelection::All => samples_called(&samples_of(open, adapter)?),
        ReplaySelection::Samples(names) if names.is_empty() => Err(nothing("No sample is named", "Name one")),
        ReplaySelection::Samples(names) => samples_called(names),
        ReplaySelection::From(id) => {
            let traces = recorded::of_run_or_delivery(open, adapter, id)?;
            again(app, adapter, environment, traces).await
        }
        ReplaySelection::Last(last) => {
            let from = last.since.as_deref().map(|given| since(given, OffsetDateTime::now_utc())).transpose()?;
            let traces = recorded::last(open, adapter, environment, last.count, from)?;
            if traces.is_empty() {
                let within = last.since.as_ref().map(|since| format!(" since {since}")).unwrap_or_default();
                return Err(nothing(
                    format!("No delivery of {adapter} is kept for {environment}{within}"),
                    "`patchbay deliveries list` shows what is kept; `patchbay replay --all` sends the samples",
                ));
            }
            again(app, adapter, environment, traces).await
        }
        ReplaySelection::Texts(given) => {
            let manifest = open.workspace.adapter(adapter)?.manifest;
            let mut webhooks = Vec::new();
            for text in given {
                webhooks.extend(texts::webhooks(&origin(text), &content(text)?, &manifest)?);
            }
            if webhooks.is_empty() {
                return Err(nothing("No webhook was given", "Give a file, or a text on standard input"));
            }
            Ok(webhooks)
        }
    }
}

async fn again(
    app: &Arc<App>,
    adapter: &AdapterRef,
    environment: Environment,
    traces: Vec<Trace>,
) -> Result<Vec<Webhook>, WireError> {
    let providers: Vec<&str> = traces.iter().map(|trace| trace.provider.as_str()).collect();
    let desk = Desk::of(app, adapter, environment, providers).await?;
    let open = app.workspace()?;
    let opened = move || traces.into_iter().map(|trace| Sealing::of(&open).opened(trace)).collect();
    let traces: Result<Vec<Trace>, WireError> = blocking(opened).await?;
    traces?.into_iter().map(|trace| recorded::webhook(&desk, trace)).collect()
}

fn samples_of(open: &OpenWorkspace, adapter: &AdapterRef) -> Result<Vec<String>, WireError> {
    let names = samples::samples_in_telling_order(open, adapter)?;
    if names.is_empty() {
        return Err(nothing(
            format!("{adapter} has no samples"),
            format!("`patchbay sample add {adapter}` adds one, or put one into its `samples/` folder"),
        ));
    }
    Ok(names)
}

/// What serves. Versions are named by the id from here on, however they were named.
pub(crate) fn against(
    open: &OpenWorkspace,
    adapter: &AdapterRef,
    environment: Environment,
    asked: &ReplayAgainst,
) -> Result<Against, WireError> {
    Ok(match asked {
        ReplayAgainst::Live => Against::Live,
        ReplayAgainst::Draft => Against::Draft,
        ReplayAgainst::Version(version) => Against::Version(open.workspace.version(adapter, environment, version)?.id),
    })
}

/// Where webhooks go. What only the embedded platform can do is refused for another dispatcher.
fn place(request: &ReplayStartRequest) -> Result<ReplayPlace, WireError> {
    let Some(RemoteDispatcher { url, headers }) = &request.remote else { return Ok(ReplayPlace::Embedded) };
    let asked = match &request.against {
        ReplayAgainst::Draft => Some("An unpublished draft"),
        ReplayAgainst::Version(_) => Some("A kept version"),
        ReplayAgainst::Live if !request.faults.is_empty() => Some("A fault of an upstream"),
        ReplayAgainst::Live => None,
    };
    match asked {
        None => Ok(ReplayPlace::Remote { url: url.clone(), headers: headers.clone() }),
        Some(asked) => Err(WireError::new(
            ErrorCode::ReplayNotRemote,
            format!("{asked} needs the embedded platform; the dispatcher at `{url}` serves what is live there"),
        )
        .with_hint(
            "Leave --dispatcher out to replay on the embedded platform, or leave out --draft, --version and --fault",
        )),
    }
}

fn origin(text: &ReplayText) -> Origin {
    text.name.as_ref().map_or(Origin::Stdin, |name| Origin::File(name.clone()))
}

fn content(text: &ReplayText) -> Result<Vec<u8>, WireError> {
    STANDARD.decode(&text.content_base64).map_err(|error| {
        WireError::new(ErrorCode::UsageMalformed, format!("`content_base64` is not base64: {error}"))
            .with_hint("Encode the exact bytes with the standard alphabet and padding")
    })
}

fn nothing(message: impl Into<String>, hint: impl Into<String>) -> WireError {
    WireError::new(ErrorCode::ReplayNothingSelected, message).with_hint(hint)
}
