//! What each field will hold for a webhook, without publishing.

use super::{findings, samples, upstream_fields};
use crate::app::{App, OpenWorkspace};
use crate::linting::text_range;
use crate::wire::adapter::TextRange;
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::mapping::{MappedEvent, MappedField, MappingPreview, MappingPreviewRequest, MappingProblem};
use patchbay_core::field::UpstreamFields;
use patchbay_core::{AdapterManifest, AdapterRef, SourceText};
use patchbay_lint::Range;
use patchbay_mapping::check::{CheckRequest, check, unsuited};
use patchbay_mapping::{Entry, MappingError, Place, is_left_out, trace};
use patchbay_workspace::{MappingEntry, MappingTable};
use serde_json::Value;
use std::sync::Arc;

/// Evaluates the mapping of an adapter on a sample or a body.
pub(crate) fn preview(
    app: &Arc<App>,
    adapter: &AdapterRef,
    request: &MappingPreviewRequest,
) -> Result<MappingPreview, WireError> {
    let open = app.workspace()?;
    let manifest = open.workspace.adapter(adapter)?.manifest;
    let table = match &request.manifest {
        Some(text) => open.workspace.mapping_in(adapter, text.clone())?,
        None => open.workspace.mapping(adapter)?,
    };
    let (sample, documents) = documents(&open, adapter, &manifest, &table, request)?;
    let ends_before = match &sample {
        Some(name) => samples::ends_before(&open, adapter, name),
        None => false,
    };
    let upstreams = upstream_fields(&manifest);
    let entries: Vec<(&str, &Value)> =
        table.entries().iter().map(|entry| (entry.column.as_str(), &entry.value)).collect();
    // What is wrong whatever the webhook holds.
    let standing = check(&CheckRequest { entries: &entries, samples: &[], upstreams: &upstreams });
    let fields = |document: &Value| {
        let mapped = table.entries().iter().map(|entry| field(entry, document, &table, &upstreams));
        let mapped = mapped.map(|mapped| {
            let problem = mapped.problem.clone().or_else(|| {
                let found = standing.iter().find(|finding| finding.field == mapped.field)?;
                let help = found.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
                let bytes = findings::place(found, &table);
                Some(MappingProblem { message: format!("{}{help}", found.message), range: range(bytes, &table) })
            });
            MappedField { problem, ..mapped }
        });
        mapped.collect::<Vec<_>>()
    };
    let events: Vec<MappedEvent> =
        documents.into_iter().map(|document| MappedEvent { fields: fields(&document), document }).collect();
    let problems = events.iter().flat_map(|event| &event.fields).filter(|field| field.problem.is_some()).count();
    Ok(MappingPreview { sample, ends_before, events, problems: u32::try_from(problems).unwrap_or(u32::MAX) })
}

fn documents(
    open: &OpenWorkspace,
    adapter: &AdapterRef,
    manifest: &AdapterManifest,
    table: &MappingTable,
    request: &MappingPreviewRequest,
) -> Result<(Option<String>, Vec<Value>), WireError> {
    if let Some(body) = &request.body {
        let provider = manifest.provider.as_deref().unwrap_or_default();
        return Ok((None, samples::of_body(provider, body.as_bytes(), table.computed())?));
    }
    let name = match &request.sample {
        Some(name) => name.clone(),
        None => crate::replaying::samples_in_telling_order(open, adapter)?.into_iter().next().ok_or_else(|| {
            WireError::new(ErrorCode::ReplayUnknownSample, format!("{adapter} has no sample"))
                .with_hint("Put a webhook into samples/, or give a body")
        })?,
    };
    let sample = open.workspace.sample(adapter, &name)?.sample;
    let documents = samples::of_sample(&sample, table.computed())?;
    Ok((Some(name), documents))
}

fn field(entry: &MappingEntry, document: &Value, table: &MappingTable, upstreams: &[UpstreamFields]) -> MappedField {
    let field = &entry.column;
    let problem = |message: String, place: &Place| {
        let keys: Vec<&str> = place.keys.iter().map(String::as_str).collect();
        MappingProblem { message, range: range(table.place(field, &keys, place.within.clone()), table) }
    };
    let mut mapped = MappedField {
        field: field.clone(),
        kind: None,
        entry: entry.value.clone(),
        value: None,
        is_empty: false,
        is_default: false,
        problem: None,
    };
    let read = Entry::read(&entry.value);
    if let Ok(read) = &read {
        mapped.kind = read
            .kind
            .clone()
            .or_else(|| upstreams.iter().find_map(|fields| (fields.untyped)(field)).map(str::to_owned));
    }
    match read.and_then(|read| Ok((trace(&read, document)?, read))) {
        Ok((traced, read)) => {
            mapped.is_empty = is_left_out(&traced.value);
            mapped.is_default = traced.is_default;
            mapped.problem = unsuited(field, &read, &traced.value, upstreams)
                .map(|reason| problem(format!("`{field}` {reason}"), read.place()));
            mapped.value = Some(traced.value);
        }
        Err(misfit) => {
            let place = misfit.place.clone();
            let error = MappingError { field: field.clone(), misfit: Box::new(misfit) };
            mapped.problem = Some(problem(error.to_string(), &place));
        }
    }
    mapped
}

fn range(bytes: std::ops::Range<usize>, table: &MappingTable) -> TextRange {
    let source = SourceText::new(table.text());
    text_range(Range { start: source.position(bytes.start), end: source.position(bytes.end) })
}
