//! Writes a sample's expectation from a delivery of it.

use crate::app::{App, OpenWorkspace};
use crate::wire::compare::ExpectationProposal;
use crate::wire::error::{ErrorCode, WireError};
use patchbay_core::{AdapterManifest, AdapterRef};
use patchbay_replay::Trace;
use patchbay_replay::expect::proposed;
use patchbay_replay::trace::{Origin, Visibility};
use serde_json::Value;
use similar::TextDiff;
use std::sync::Arc;

/// What the sample's expectation would say. Writes nothing.
pub(crate) fn proposal(app: &Arc<App>, delivery: &str) -> Result<ExpectationProposal, WireError> {
    Ok(propose(&*app.workspace()?, delivery)?.1)
}

/// Writes what [`proposal`] says, where it says anything new.
pub(crate) fn write(app: &Arc<App>, delivery: &str) -> Result<ExpectationProposal, WireError> {
    let open = app.workspace()?;
    let (adapter, proposal) = propose(&open, delivery)?;
    if proposal.changed {
        open.workspace.write_expectation(&adapter, &proposal.sample, &proposal.expectation)?;
    }
    Ok(proposal)
}

fn propose(open: &OpenWorkspace, delivery: &str) -> Result<(AdapterRef, ExpectationProposal), WireError> {
    let trace = crate::history::trace(open, delivery)?;
    let sample = sample_of(&trace)?;
    let adapter = AdapterRef { tenant: trace.tenant.parse()?, adapter: trace.adapter.parse()? };
    let existing = open.workspace.expectation(&adapter, sample)?;
    let manifest = open.workspace.adapter(&adapter)?.manifest;
    let sent = open.workspace.sample(&adapter, sample)?.sample;
    let expectation = proposed(existing.as_ref(), &trace, Some(&sent), &settings(&manifest));
    let changed = existing.as_ref() != Some(&expectation);
    let file = format!("expect/{sample}.json");
    let text = |value: &Value| format!("{value:#}\n");
    let old = existing.as_ref().map(text).unwrap_or_default();
    let diff = if changed { unified(&file, &old, &text(&expectation)) } else { String::new() };
    let proposal = ExpectationProposal {
        tenant: trace.tenant.clone(),
        adapter: trace.adapter.clone(),
        sample: sample.to_owned(),
        file,
        changed,
        diff,
        expectation,
    };
    Ok((adapter, proposal))
}

/// The sample that was sent, where the delivery tells what its replay gives: all of it was seen, and the adapter ran.
fn sample_of(trace: &Trace) -> Result<&str, WireError> {
    let refused = |why: &str| {
        let message = format!("No expectation can be written from delivery `{}`: {why}", trace.id);
        WireError::new(ErrorCode::ReplayNotTelling, message)
    };
    let shown = format!("`patchbay deliveries show {}` shows what happened", trace.id);
    let (Some(sample), Origin::Sample) = (&trace.sample, &trace.origin) else {
        return Err(refused("it was not made from a sample").with_hint("Send the sample with --sample NAME"));
    };
    if trace.visibility == Visibility::AnswerOnly {
        return Err(refused("this dispatcher does not show what the adapter called")
            .with_hint("Leave --dispatcher out to replay on the embedded platform"));
    }
    if trace.response.is_none() || trace.adapter_run.is_none() {
        return Err(refused("it did not reach the adapter, or was not answered").with_hint(shown));
    }
    if trace.visibility == Visibility::Partial {
        return Err(refused("the platform did not report its end, so calls may be missing").with_hint(shown));
    }
    Ok(sample)
}

/// Texts in which ids stand that the adapter is set up with.
fn settings(manifest: &AdapterManifest) -> Vec<String> {
    manifest.bindings.iter().filter_map(|binding| binding.value.as_ref()).map(Value::to_string).collect()
}

fn unified(file: &str, old: &str, new: &str) -> String {
    let before = if old.is_empty() { "/dev/null" } else { file };
    TextDiff::from_lines(old, new).unified_diff().header(before, file).to_string()
}
