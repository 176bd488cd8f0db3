//! An adapter's samples and those of the catalogue: listing, searching, showing, adding.

use crate::app::{App, OpenWorkspace};
use crate::senders;
use crate::wire::adapter::SampleSummary;
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::sample::{
    CatalogueEntry, ProviderList, ProviderSettingSummary, ProviderSummary, SampleAddRequest, SampleAdded,
    SampleCatalogue, SampleContent, SampleList, SampleSearchRequest, SampleShowRequest,
};
use patchbay_core::AdapterRef;
use patchbay_core::sample::Sample;
use patchbay_webhooks::catalogue::{self, CatalogueSample};
use patchbay_webhooks::{Pasted, parse, providers};
use patchbay_workspace::WorkspaceError;
use serde_json::Value;
use std::sync::Arc;

/// What a pasted sample is called when nobody says.
const PASTED: &str = "pasted";

/// The samples of an adapter, by name.
pub(crate) fn list(open: &OpenWorkspace, adapter: &AdapterRef) -> Result<SampleList, WireError> {
    let mut list = SampleList { samples: Vec::new(), problems: Vec::new() };
    for entry in open.workspace.samples(adapter)? {
        match entry.sample {
            Ok(file) => list.samples.push(SampleSummary {
                has_expectation: open.workspace.expectation(adapter, &file.name)?.is_some(),
                name: file.name,
                provider: file.sample.provider,
                event: file.sample.event,
                description: file.sample.description,
            }),
            Err(error) => list.problems.push(error.to_string()),
        }
    }
    Ok(list)
}

/// The samples of the catalogue in which every word occurs, best first.
pub(crate) fn search(request: &SampleSearchRequest) -> SampleCatalogue {
    let wanted =
        |entry: &&CatalogueSample| request.provider.as_ref().is_none_or(|provider| *provider == entry.sample.provider);
    let entry = |entry: &CatalogueSample| CatalogueEntry {
        id: entry.id.clone(),
        provider: entry.sample.provider.clone(),
        event: entry.sample.event.clone(),
        description: entry.sample.description.clone(),
    };
    SampleCatalogue { samples: catalogue::search(&request.text).into_iter().filter(wanted).map(entry).collect() }
}

/// One sample as its file says. The catalogue needs no workspace.
pub(crate) fn show(app: &Arc<App>, request: SampleShowRequest) -> Result<SampleContent, WireError> {
    let Some(key) = request.adapter else {
        let entry = of_catalogue(&request.sample)?;
        return Ok(SampleContent {
            name: entry.id.clone(),
            sample: file_of(&entry.sample)?,
            provider_settings: entry.provider_settings.clone(),
        });
    };
    let sample = app.workspace()?.workspace.sample(&key.parse()?, &request.sample)?.sample;
    Ok(SampleContent { sample: file_of(&sample)?, name: request.sample, provider_settings: Value::Null })
}

/// Writes a sample of the catalogue, or of a pasted text, into an adapter's folder.
pub(crate) fn add(open: &OpenWorkspace, request: SampleAddRequest) -> Result<SampleAdded, WireError> {
    let adapter = AdapterRef { tenant: request.tenant.parse()?, adapter: request.adapter.parse()? };
    let manifest = open.workspace.adapter(&adapter)?.manifest;
    let mut remarks = Vec::new();
    let (Pasted { sample, left_out }, default_name) = match (&request.catalogue, &request.text) {
        (Some(id), None) => {
            let entry = of_catalogue(id)?;
            if entry.provider_settings != Value::Null && manifest.provider_settings.is_empty() {
                remarks.push(format!(
                    "This sender signs by `[provider_settings]` in adapter.toml, for example {}",
                    entry.provider_settings
                ));
            }
            (Pasted { sample: entry.sample.clone(), left_out: Vec::new() }, entry.name())
        }
        (None, Some(text)) => {
            let pasted =
                parse::parse(text).map_err(|error| WireError::from_error(ErrorCode::ReplayInvalidSample, &error))?;
            (pasted, PASTED)
        }
        _ => {
            return Err(WireError::new(
                ErrorCode::UsageMalformed,
                "A sample is added from the catalogue or from a text",
            )
            .with_hint("Give one of the two: the id of a sample, or the text of a request"));
        }
    };
    let name = request.name.unwrap_or_else(|| default_name.to_owned());
    if !request.replace {
        refuse_taken(open, &adapter, &name)?;
    }
    open.workspace.write_sample(&adapter, &name, &sample)?;
    if manifest.provider.as_deref().is_some_and(|provider| provider != sample.provider) {
        let own = manifest.provider.as_deref().unwrap_or_default();
        remarks.push(format!("adapter.toml says `provider = \"{own}\"`; this sample is one of {}", sample.provider));
    }
    Ok(SampleAdded { name, provider: sample.provider, event: sample.event, left_out, remarks })
}

fn refuse_taken(open: &OpenWorkspace, adapter: &AdapterRef, name: &str) -> Result<(), WireError> {
    match open.workspace.sample(adapter, name) {
        Err(WorkspaceError::SampleMissing { .. }) => Ok(()),
        // A broken file is somebody's work, too.
        Ok(_) | Err(WorkspaceError::Broken { .. }) => {
            Err(WireError::new(ErrorCode::ReplayInvalidSample, format!("{adapter} has a sample `{name}` already"))
                .with_hint("Choose another name, or replace it with --replace"))
        }
        Err(error) => Err(error.into()),
    }
}

/// Every provider, with what its settings are and where receivers get its keys.
pub(crate) async fn providers(app: &Arc<App>) -> Result<ProviderList, WireError> {
    // Without a workspace there is no simulated sender whose key could be shown.
    let keys = match app.workspace() {
        Ok(open) => Some(senders::keys(&open).await?),
        Err(_) => None,
    };
    let summary = |provider: &&dyn patchbay_webhooks::Provider| ProviderSummary {
        id: provider.id().to_owned(),
        name: provider.name().to_owned(),
        deadline_seconds: provider.deadline().map(|deadline| deadline.as_secs_f64()),
        settings: provider
            .settings()
            .iter()
            .map(|setting| ProviderSettingSummary {
                name: setting.name.to_owned(),
                required: setting.required,
                description: setting.description.to_owned(),
            })
            .collect(),
        own_keys: provider.own_keys().map(str::to_owned),
        public_key: keys
            .as_ref()
            .filter(|_| provider.id() == "standard-webhooks")
            .map(|keys| keys.standard_webhooks_public_key()),
        samples: count(catalogue::all().iter().filter(|entry| entry.sample.provider == provider.id()).count()),
    };
    Ok(ProviderList { providers: providers::ALL.iter().map(summary).collect() })
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn of_catalogue(id: &str) -> Result<&'static CatalogueSample, WireError> {
    catalogue::find(id).ok_or_else(|| {
        WireError::new(ErrorCode::ReplayUnknownSample, format!("The catalogue has no sample `{id}`"))
            .with_hint("`patchbay sample search` lists them; an id is PROVIDER/NAME")
    })
}

fn file_of(sample: &Sample) -> Result<Value, WireError> {
    serde_json::to_value(sample).map_err(|error| WireError::internal("A sample has no JSON form", &error))
}
